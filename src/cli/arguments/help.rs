//! Options as rows of a table, in both languages side by side, and the help made of them.
//!
//! getopts does not lay the help out: it is built without tables of Unicode and would count bytes
//! as columns, and its headings are English. Read next: [`super::options`].

use getopts::{Fail, Options};

use crate::cli::failure::Failure;
use crate::console::language::{Language, Text, text};

/// The column of the explanations, counted from the names of the options.
const COLUMN: usize = 27;

/// The separator between an option with its value and its explanation.
const GAP: &str = "  ";

/// The row of `--help` itself.
const HELP: Opt = option("-h, --help  show this help", "-h, --help  mostra esta ajuda");

/// An option of a subcommand: `--listen ADDR:PORT  where to await clients`, in both languages.
#[derive(Clone, Copy, Debug)]
pub struct Opt(Text);

/// A row of a table of options.
///
/// # Panics
///
/// If the names differ, or an explanation is missing. In a constant, the program does not compile.
#[must_use]
pub const fn option(english: &'static str, portuguese: &'static str) -> Opt {
    let (en, pt) = (english.as_bytes(), portuguese.as_bytes());
    let mut at = 0;
    // Up to the second blank behind a flag, or to the first character of a value.
    while at == 0 || en[at - 1] != b' ' {
        assert!(en[at] == pt[at], "an option has one name");
        at += 1;
    }
    assert!((en[at] == b' ') == (pt[at] == b' '), "it takes a value, or it does not");
    assert!(has_gap(en) && has_gap(pt), "two blanks, and what it is for");
    Opt(Text::new(english, portuguese))
}

const fn has_gap(row: &[u8]) -> bool {
    let mut at = 1;
    while at < row.len() && (row[at - 1] != b' ' || row[at] != b' ') {
        at += 1;
    }
    at < row.len()
}

impl Opt {
    /// The name without its dashes.
    #[must_use]
    pub fn name(self) -> &'static str {
        let (shown, _) = self.shown(Language::English);
        shown.split(' ').next().unwrap_or_default().trim_start_matches('-')
    }

    fn takes_value(self) -> bool {
        self.shown(Language::English).0.contains(' ')
    }

    /// Whether it may be given several times: its value ends in three dots.
    fn repeats(self) -> bool {
        self.shown(Language::English).0.ends_with("...")
    }

    /// Its name with its value, and its explanation.
    fn shown(self, language: Language) -> (&'static str, &'static str) {
        self.0.of(language).split_once(GAP).unwrap_or_default()
    }
}

/// The options for getopts, without their texts.
pub(super) fn parser(rows: &[Opt]) -> Options {
    let mut options = Options::new();
    for row in rows {
        if row.repeats() {
            options.optmulti("", row.name(), "", "");
        } else if row.takes_value() {
            options.optopt("", row.name(), "", "");
        } else {
            options.optflag("", row.name(), "");
        }
    }
    options.optflag("h", "help", "");
    options.optflag("V", "version", "");
    options
}

/// Refuses an option in the place of another one's value: getopts would take it as the value. A
/// value that looks like an option can be written behind `=`.
pub(super) fn expect_values(rows: &[Opt], arguments: &[String]) -> Result<(), Failure> {
    const LACKS: Text = text!(
        "{option} wants a value, and {next} is an option",
        "falta o valor de {option}: {next} é uma opção",
    );
    let named = |word: &str| rows.iter().find(|row| word.strip_prefix("--") == Some(row.name()));
    let pairs = arguments.windows(2).take_while(|pair| pair[0] != "--");
    for pair in pairs {
        let lacks = named(&pair[0]).is_some_and(|row| row.takes_value());
        if lacks && named(&pair[1]).is_some() {
            return Err(Failure::usage(LACKS, &[("option", &pair[0]), ("next", &pair[1])]));
        }
    }
    Ok(())
}

/// The text that `--help` prints: the purpose of the subcommand, and a row for each option.
pub(crate) fn help(language: Language, brief: &str, rows: &[Opt]) -> String {
    const OPTIONS: Text = text!("Options:", "Opções:");
    let mut help = format!("{brief}\n\n{}\n", OPTIONS.of(language));
    for row in rows.iter().chain([&HELP]) {
        let (shown, purpose) = row.shown(language);
        // Padded by characters: "ENDEREÇO" has more bytes than columns.
        help.push_str(&format!("    {shown:<COLUMN$}{purpose}\n"));
    }
    help
}

/// The failure for words that the parser does not understand.
pub(super) fn misread(fail: &Fail, rows: &[Opt]) -> Failure {
    const UNKNOWN: Text = text!("no such option: {option}", "opção desconhecida: {option}");
    const LACKS: Text = text!("{option} wants a value", "falta o valor de {option}");
    const TWICE: Text = text!("{option} is given twice", "{option} aparece duas vezes");
    const TAKES_NONE: Text = text!("{option} takes no value", "{option} não aceita valor");
    let dashed = |name: &str| {
        let dashes = if name.chars().count() == 1 { "-" } else { "--" };
        format!("{dashes}{name}")
    };
    let (text, name) = match fail {
        Fail::UnrecognizedOption(name) => {
            let names = rows.iter().map(|row| row.name()).chain(["help", "version"]);
            let names = names.map(|name| format!("--{name}"));
            return Failure::unknown_word(UNKNOWN, ("option", &dashed(name)), names);
        }
        Fail::ArgumentMissing(name) | Fail::OptionMissing(name) => (LACKS, name),
        Fail::OptionDuplicated(name) => (TWICE, name),
        Fail::UnexpectedArgument(name) => (TAKES_NONE, name),
    };
    Failure::usage(text, &[("option", &dashed(name))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "an option has one name")]
    fn an_option_has_the_same_name_in_both_languages() {
        let _ = option("--listen N  here", "--listne N  aqui");
    }

    #[test]
    #[should_panic(expected = "it takes a value, or it does not")]
    fn an_option_takes_a_value_in_both_languages_or_in_none() {
        let _ = option("--listen N  here", "--listen  aqui");
    }

    #[test]
    #[should_panic(expected = "two blanks, and what it is for")]
    fn an_option_is_told_in_both_languages() {
        let _ = option("--listen N  here", "--listen N aqui");
    }

    #[test]
    fn the_parser_knows_names_and_values() {
        let rows = [option("--at N  here", "--at N  aqui"), option("--on  yes", "--on  sim")];
        let parse = |words: &[&str]| parser(&rows).parse(words);
        assert_eq!(
            parse(&["--at", "--on"]).expect("a value").opt_str("at").as_deref(),
            Some("--on")
        );
        assert!(parse(&["--on", "-h"]).expect("flags").opts_present(&["help".to_string()]));
        let told = |words: &[&str]| {
            misread(&parse(words).expect_err("wrong"), &rows).sentence(Language::English)
        };
        assert_eq!(told(&["--at"]), "--at wants a value");
        assert_eq!(told(&["--dance"]), "no such option: --dance");
        let near = if cfg!(feature = "tools") { ". Did you mean --version?" } else { "" };
        assert_eq!(told(&["--versio"]), format!("no such option: --versio{near}"));
        assert_eq!(told(&["-x"]), "no such option: -x");
    }

    #[test]
    fn an_option_is_no_value_of_another() {
        let rows = [option("--at N  here", "--at N  aqui"), option("--on  yes", "--on  sim")];
        let expect = |line: &str| {
            let words: Vec<_> = line.split(' ').map(String::from).collect();
            expect_values(&rows, &words).map_err(|failure| failure.sentence(Language::English))
        };
        let lacks = |next: &str| Err(format!("--at wants a value, and {next} is an option"));
        assert_eq!(expect("--at --on"), lacks("--on"));
        assert_eq!(expect("--on --at --at 7"), lacks("--at"));
        for good in ["--at -1", "--at --else", "--at=--on --on", "--on --at", "-- --at --on"] {
            assert_eq!(expect(good), Ok(()), "{good}");
        }
    }
}
