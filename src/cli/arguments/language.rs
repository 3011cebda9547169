//! The language that the program speaks to its person.
//!
//! `language_small.rs` is for a server alone, which speaks English.

use super::help::{Opt, option};
use super::options::{Choices, environment, one_of};
use crate::cli::Failure;
use crate::cli::system::account;
use crate::console::language::Language;

/// `--lang`, which [`language`] reads before all other options.
pub(crate) const LANG: Opt = option(
    "--lang pt|en  the language of all texts (that of the locale)",
    "--lang pt|en  o idioma dos textos (o do sistema)",
);

/// The language of `--lang`, of `PAPO_LANG`, or of the locale. It is read before anything is
/// parsed, so that errors of the command line are in it too.
pub(crate) fn language(arguments: &[String]) -> Language {
    let behind = arguments.iter().skip_while(|word| *word != "--lang").nth(1);
    let joined = || arguments.iter().find_map(|word| word.strip_prefix("--lang="));
    let written = behind.map(String::as_str).or_else(joined).and_then(|text| text.parse().ok());
    let by_variable = || environment("PAPO_LANG")?.parse().ok();
    let by_locale = || {
        let mut locales = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(environment);
        let locale = locales.find(|value| !value.is_empty()).or_else(account::locale);
        Language::of_locale(&locale.unwrap_or_default())
    };
    written.or_else(by_variable).unwrap_or_else(by_locale)
}

/// Refuses a value of `--lang` that is no language: [`language`] ignores it.
pub(crate) fn check_lang(matches: &Choices) -> Result<(), Failure> {
    let words = [("pt", Language::Portuguese), ("en", Language::English)];
    one_of(matches, "lang", &words).map(drop)
}
