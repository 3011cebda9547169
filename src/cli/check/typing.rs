//! The lines to type into a program: each program has its own commands.
//!
//! Read next: [`super::turning`].

use super::recipe::filled;
use crate::cli::Failure;
use crate::console::language::{Text, text};

/// The lines to type by default: the commands of the handout.
const DEFAULTS: [(&str, &str); 5] = [
    ("list", "/list"),
    ("chat", "/chat {name}"),
    ("text", "{text}"),
    ("bye", "/bye"),
    ("exit", "/exit"),
];

/// The commands of a program.
#[derive(Clone, Debug)]
pub(super) struct Commands {
    typed: Vec<(&'static str, String)>,
    /// The lines of its login.
    pub(super) logins: Vec<String>,
}

impl Commands {
    /// The handout's commands, except those in `chosen`, such as `list=/users`.
    pub(super) fn new(chosen: &[String], logins: Vec<String>) -> Result<Self, Failure> {
        const WRONG: Text = text!(
            "--type takes list=, chat=, text=, bye= or exit= with what is typed for it, not \
             {word}",
            "--type aceita list=, chat=, text=, bye= ou exit= com o que se digita, e não {word}",
        );
        let mut typed = DEFAULTS.map(|(what, line)| (what, line.to_string())).to_vec();
        for word in chosen {
            let (what, line) = word.split_once('=').unwrap_or((word, ""));
            let place = typed.iter_mut().find(|(name, _)| *name == what);
            let wrong = || Failure::usage(WRONG, &[("word", word)]);
            let names = DEFAULTS.map(|(name, _)| name);
            let place = place.ok_or_else(|| wrong().with_suggestion(what, names))?;
            place.1 = line.replace("\\n", "\n");
        }
        Ok(Self { typed, logins })
    }

    /// The line to type for an action, without its line end.
    pub(super) fn line(&self, what: &str, text: &str, to: &str) -> String {
        let found = self.typed.iter().find(|(name, _)| *name == what);
        let line = found.map_or("", |(_, line)| line);
        filled(line, &[("to", to), ("name", text), ("text", text)])
    }

    /// The line of the login with this number.
    pub(super) fn login(&self, line: usize, name: &str, port: &str) -> String {
        let line = self.logins.get(line).map(String::as_str).unwrap_or_default();
        filled(line, &[("name", name), ("port", port)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_the_handout_and_of_a_program() {
        let chosen = ["chat=2\\n{name}".to_string(), "bye=q".to_string()];
        let commands = Commands::new(&chosen, vec!["{name}".to_string()]).expect("good words");
        assert_eq!(commands.line("list", "", "Ana"), "/list");
        assert_eq!(commands.line("chat", "Ana", "Ana"), "2\nAna");
        assert_eq!(commands.line("text", "Oi", "Ana"), "Oi");
        assert_eq!(commands.line("bye", "", "Ana"), "q");
        assert_eq!(commands.login(0, "Zeca", "10000"), "Zeca");
        assert!(Commands::new(&["leave=x".to_string()], Vec::new()).is_err());
    }
}
