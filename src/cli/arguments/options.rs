//! The values of options, and the options that several commands share.
//!
//! getopts parses the command line. Each option can also come from the environment: `--max-clients
//! 9` is `PAPO_MAX_CLIENTS=9`. The command line wins. See [`Choices`]. Read next:
//! [`mod@super::help`].

use getopts::Matches;

use super::expect_utf8;
use super::help::{self, Opt, option};
use crate::cli::{Failure, print, print_version};
use crate::console::language::{Language, Text, text};
use crate::wire::reply::Edition;

/// The values of a variable whose option takes no value, and whether they switch it on.
const SWITCHES: [(&str, bool); 6] =
    [("1", true), ("yes", true), ("true", true), ("0", false), ("no", false), ("false", false)];

/// `--edition` of the server.
pub const EDITION: Opt = option(
    "--edition 2024|2026  the handout's edition, where they differ (2024)",
    "--edition 2024|2026  a edição do enunciado, onde diferem (2024)",
);

/// The words of `--edition`.
pub const EDITIONS: [(&str, Edition); 2] = [("2024", Edition::Of2024), ("2026", Edition::Of2026)];

/// `--edition` of a command that otherwise uses the edition of the server.
pub const FOLLOWED_EDITION: Opt = option(
    "--edition 2024|2026  the handout's edition (that of the server)",
    "--edition 2024|2026  a edição do enunciado (a do servidor)",
);

/// `--pace` of the commands that send text.
pub const PACE: Opt = option(
    "--pace MS  milliseconds between pieces of text (20)",
    "--pace MS  milissegundos entre pedaços de texto (20)",
);

/// `--trace` of the commands whose stderr is for people.
pub const TRACE: Opt = option(
    "--trace  print every line of the protocol to stderr",
    "--trace  mostra no stderr cada linha do protocolo",
);

/// The failure for a value that an option does not take.
const TAKES: Text =
    text!("{option} takes {words}, not {text}", "{option} aceita {words}, e não {text}");

/// The options and words of a command, from the command line and the environment.
#[derive(Debug)]
pub struct Choices {
    matches: Matches,
    environment: fn(&str) -> Option<String>,
    /// The words that are no options: names, texts, servers.
    pub free: Vec<String>,
}

impl Choices {
    fn new(matches: Matches, environment: fn(&str) -> Option<String>) -> Self {
        let free = matches.free.clone();
        Self { matches, environment, free }
    }

    /// The value of an option. An empty variable counts as none.
    #[must_use]
    pub fn opt_str(&self, name: &str) -> Option<String> {
        self.matches.opt_str(name).or_else(|| self.by_environment(name))
    }

    /// All values of an option that may be given several times.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<String> {
        let written = self.matches.opt_strs(name);
        if written.is_empty() { self.by_environment(name).into_iter().collect() } else { written }
    }

    /// Refuses more than `most` words that are no options.
    pub fn expect_words(&self, most: usize, command: &str) -> Result<(), Failure> {
        self.free.get(most).map_or(Ok(()), |word| Err(takes_no(command, word)))
    }

    /// Whether an option was given that takes a value.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.opt_str(name).is_some()
    }

    /// Whether an option is on that takes no value.
    pub fn is_on(&self, name: &str) -> Result<bool, Failure> {
        if self.matches.opt_present(name) {
            return Ok(true);
        }
        let Some(text) = self.by_environment(name) else { return Ok(false) };
        switch(&text).ok_or_else(|| self.wrong(name, "1|0", &text))
    }

    /// Whether an option is on the command line, with a value or without.
    #[must_use]
    pub fn is_written(&self, name: &str) -> bool {
        self.matches.opt_present(name)
    }

    /// The option as the person wrote it, for messages: `--pace` or `PAPO_PACE`.
    #[must_use]
    pub fn spelled(&self, name: &str) -> String {
        if self.matches.opt_present(name) { format!("--{name}") } else { variable(name) }
    }

    /// The failure for a value that is none of these words.
    #[must_use]
    pub fn wrong(&self, name: &str, words: &str, text: &str) -> Failure {
        let option = self.spelled(name);
        Failure::usage(TAKES, &[("option", &option), ("words", &words), ("text", &text)])
    }

    /// The value of an option in the environment. An empty one counts as none.
    pub(crate) fn by_environment(&self, name: &str) -> Option<String> {
        (self.environment)(&variable(name)).filter(|value| !value.is_empty())
    }
}

/// The failure for a word or an option that a command does not take.
pub(crate) fn takes_no(command: &str, word: &str) -> Failure {
    const TAKES_NO: Text = text!("{command} takes no {word}", "{command} não aceita {word}");
    Failure::usage(TAKES_NO, &[("command", &command), ("word", &word)])
}

/// Whether a word switches an option on or off. `None`: it is no such word.
pub(crate) fn switch(text: &str) -> Option<bool> {
    let is_it = |(word, _): &&(&str, bool)| text.eq_ignore_ascii_case(word);
    SWITCHES.iter().find(is_it).map(|(_, is_on)| *is_on)
}

/// The variable of an option: `PAPO_MAX_CLIENTS` of `max-clients`.
pub(crate) fn variable(name: &str) -> String {
    format!("PAPO_{}", name.replace('-', "_").to_ascii_uppercase())
}

/// Parses the arguments of a subcommand. `None`: help or the version was asked for, and printed.
pub fn parse(
    language: Language,
    brief: &str,
    rows: &[Opt],
    arguments: &[String],
) -> Result<Option<Choices>, Failure> {
    help::expect_values(rows, arguments)?;
    let matches = help::parser(rows).parse(arguments).map_err(|fail| help::misread(&fail, rows))?;
    if matches.opt_present("help") {
        print(&help::help(language, brief, rows))?;
        return Ok(None);
    }
    if matches.opt_present("version") {
        print_version()?;
        return Ok(None);
    }
    rows.iter().try_for_each(|row| expect_utf8(row.name()))?;
    Ok(Some(Choices::new(matches, environment)))
}

/// A variable of the environment, where it is UTF-8.
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The value of an option that is a number of seconds, in milliseconds: `20`, `0.5`, `20s`.
pub fn seconds(matches: &Choices, name: &str, default_ms: u64) -> Result<u64, Failure> {
    const WRONG: Text = text!(
        "{option} takes seconds, from 0.1 to 3600, not {text}",
        "{option} aceita segundos, de 0.1 a 3600, e não {text}",
    );
    let Some(text) = matches.opt_str(name) else { return Ok(default_ms) };
    let value_ms = parse_ms(text.strip_suffix('s').unwrap_or(&text))
        .filter(|ms| (100..=3_600_000).contains(ms));
    let option = matches.spelled(name);
    value_ms.ok_or_else(|| Failure::usage(WRONG, &[("option", &option), ("text", &text)]))
}

/// The value of an option that is a pause in milliseconds: `20`, `20ms`, or `0` for none.
pub fn pause_ms(matches: &Choices, name: &str, default_ms: u64) -> Result<u64, Failure> {
    let Some(text) = matches.opt_str(name) else { return Ok(default_ms) };
    let value_ms = text.strip_suffix("ms").unwrap_or(&text).parse().ok();
    value_ms.filter(|&ms| ms <= 10_000).ok_or_else(|| matches.wrong(name, "0-10000", &text))
}

/// `2`, `0.25` and `.25` seconds in milliseconds; what is finer is cut off. By hand, because the
/// parser for `f64` and its tables would be 18 kB of the program.
fn parse_ms(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut digits = whole.bytes().chain(fraction.bytes()).peekable();
    if digits.peek().is_none() || !digits.all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds: u64 = format!("0{whole}").parse().ok()?;
    let thousandths: u64 = format!("{fraction:0<3.3}").parse().ok()?;
    seconds.checked_mul(1000)?.checked_add(thousandths)
}

/// The value of an option that is one of a few words. `None`: it is not given.
pub fn one_of<T: Copy>(
    matches: &Choices,
    name: &str,
    words: &[(&str, T)],
) -> Result<Option<T>, Failure> {
    let Some(text) = matches.opt_str(name) else { return Ok(None) };
    let found = words.iter().find(|(word, _)| *word == text);
    let wrong = || {
        let mut all = String::new();
        for (word, _) in words {
            all += if all.is_empty() { "" } else { "|" };
            all += word;
        }
        matches.wrong(name, &all, &text).with_suggestion(&text, words.iter().map(|(word, _)| word))
    };
    found.map(|(_, value)| Some(*value)).ok_or_else(wrong)
}

/// The value of an option that is a whole number.
pub fn count(matches: &Choices, name: &str, default: usize) -> Result<usize, Failure> {
    const WRONG: Text = text!(
        "{option} takes a whole number above 0, not {text}",
        "{option} aceita um número inteiro acima de 0, e não {text}",
    );
    let Some(text) = matches.opt_str(name) else { return Ok(default) };
    let option = matches.spelled(name);
    let wrong = || Failure::usage(WRONG, &[("option", &option), ("text", &text)]);
    text.parse().ok().filter(|&number| number > 0).ok_or_else(wrong)
}

/// The same, with a maximum.
pub fn count_up_to(
    matches: &Choices,
    name: &str,
    default: usize,
    most: usize,
) -> Result<usize, Failure> {
    const TOO_MUCH: Text = text!(
        "{option} takes at most {most}, not {text}",
        "{option} aceita no máximo {most}, e não {text}",
    );
    let number = count(matches, name, default)?;
    if number <= most {
        return Ok(number);
    }
    let [most, text] = [most, number].map(|number| number.to_string());
    let option = matches.spelled(name);
    Err(Failure::usage(TOO_MUCH, &[("option", &option), ("most", &most), ("text", &text)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_milliseconds() {
        let cases = [("5", 5000), ("0.1", 100), (".25", 250), ("1.", 1000), ("2.0009", 2000)];
        for (text, expected) in cases {
            assert_eq!(parse_ms(text), Some(expected), "{text}");
        }
        let wrong = ["", ".", "-1", "+1", "1e3", "1.2.3", "1.222.3", "1.+5", "5s", "inf"];
        for text in wrong.into_iter().chain(["99999999999999999999", "18446744073709551615"]) {
            assert_eq!(parse_ms(text), None, "{text}");
        }
    }

    fn choices(arguments: &[&str]) -> Choices {
        let rows = [
            ["--max-clients N  ", "--per-address N  ", "--listen N  "],
            ["--no-verify  ", "--plain  ", "--trace  "],
        ];
        let rows = rows.concat().into_iter().map(|row| option(row, row));
        let options = help::parser(&rows.collect::<Vec<_>>());
        let environment = |name: &str| match name {
            "PAPO_MAX_CLIENTS" => Some("9".to_string()),
            "PAPO_LISTEN" | "PAPO_TRACE" => Some(String::new()),
            "PAPO_NO_VERIFY" => Some("Yes".to_string()),
            "PAPO_PLAIN" => Some("perhaps".to_string()),
            _ => None,
        };
        Choices::new(options.parse(arguments).expect("options"), environment)
    }

    #[test]
    fn the_environment_chooses_where_the_command_line_does_not() {
        let silent = choices(&[]);
        assert_eq!(silent.opt_str("max-clients").as_deref(), Some("9"));
        assert_eq!(silent.spelled("max-clients"), "PAPO_MAX_CLIENTS");
        assert_eq!((silent.opt_str("per-address"), silent.has("listen")), (None, false));
        assert!(matches!(silent.is_on("no-verify"), Ok(true)));
        assert!(matches!(silent.is_on("trace"), Ok(false)), "empty is as good as not set");
        let wrong =
            silent.is_on("plain").expect_err("perhaps is no yes").sentence(Language::English);
        assert_eq!(wrong, "PAPO_PLAIN takes 1|0, not perhaps");
        let said = choices(&["--max-clients", "7", "--plain"]);
        assert_eq!(said.opt_str("max-clients").as_deref(), Some("7"));
        assert_eq!(said.spelled("max-clients"), "--max-clients");
        assert!(matches!(said.is_on("plain"), Ok(true)));
    }
}
