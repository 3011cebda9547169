//! A server alone speaks English: `language.rs` is for the builds that speak to people.

use super::options::Choices;
use crate::cli::Failure;
use crate::console::language::Language;

pub(crate) fn language(_: &[String]) -> Language {
    Language::English
}

/// There is no `--lang` here.
pub(crate) fn check_lang(_: &Choices) -> Result<(), Failure> {
    Ok(())
}
