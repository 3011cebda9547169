//! The view of `papo send`: it sends one text to one person, ends the conversation, and judges
//! whether the text arrived.
//!
//! The peer gets the same commands as from a person, so there is no second way to call somebody.
//! Must never know a clock: `cli/send.rs` decides how long to wait.

use std::collections::VecDeque;

use super::device::Output;
use super::language::Language;
use super::nearest::nearest_name;
use super::plain::{Plain, Typist};
use super::texts;
use crate::peer::command::Command;
use crate::peer::notice::{Ending, Notice};
use crate::wire::name::Name;

/// One text on its way to one person.
#[derive(Debug)]
pub struct Sending {
    plain: Plain,
    language: Language,
    to: Name,
    commands: VecDeque<Command>,
    outcome: Outcome,
}

/// Whether the text arrived.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// Not known yet.
    Pending,
    /// The other side has read the goodbye, and nothing shows that text was lost before it.
    Delivered,
    /// It did not arrive, or perhaps not. The reason, for a person.
    Failed(String),
}

impl Sending {
    /// `text` for `to`. Each line is a message, and a slash at its beginning makes no command.
    #[must_use]
    pub fn new(language: Language, to: Name, text: &str) -> Self {
        let commands = VecDeque::from([
            Command::Chat(to.as_bytes().to_vec()),
            Command::Say(text.as_bytes().to_vec()),
            Command::Bye(None),
            Command::InputEnded,
        ]);
        let plain = Plain::new(language, Typist::Script);
        Self { plain, language, to, commands, outcome: Outcome::Pending }
    }

    /// Whether the text arrived.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// The reason if the other side did not answer the goodbye.
    #[must_use]
    pub fn no_answer(&self) -> String {
        texts::no_answer(self.language, &self.to)
    }

    fn fail(&mut self, notice: &Notice) {
        if !matches!(self.outcome, Outcome::Failed(_)) {
            let mut text = texts::sentence(self.language, notice);
            if let Notice::NotOnline { name, online } = notice
                && let Some(near) = nearest_name(name.as_bytes(), online.iter().map(Vec::as_slice))
            {
                text = format!("{text}. {}", texts::did_you_mean(self.language, near));
            }
            self.outcome = Outcome::Failed(text.trim_start_matches("papo: ").to_string());
        }
    }

    /// The next command. After a failure only the end is left, so that no other person gets the
    /// text.
    pub fn next_command(&mut self) -> Option<Command> {
        if matches!(self.outcome, Outcome::Failed(_)) {
            self.commands.retain(|command| *command == Command::InputEnded);
        }
        self.commands.pop_front()
    }

    /// Judges a notice. Text of the other side goes to `output`.
    #[allow(clippy::wildcard_enum_match_arm, reason = "all other notices are no failures")]
    pub fn show(&mut self, notice: Notice, output: &mut Output) {
        match &notice {
            Notice::GoodbyeAnswered { .. } | Notice::GoodbyeTaken { .. }
                if self.outcome == Outcome::Pending =>
            {
                self.outcome = Outcome::Delivered;
            }
            Notice::Text { .. } => self.plain.show(notice, output),
            Notice::Ended { how: Ending::ByUs, .. } => {}
            Notice::Fatal(_)
            | Notice::NotAName(_)
            | Notice::ServerSilent
            | Notice::Unended { .. }
            | Notice::NeedsServer
            | Notice::NotOnline { .. }
            | Notice::BadAddress { .. }
            | Notice::Unreachable { .. }
            | Notice::Yourself
            | Notice::WouldBeProtocol { .. }
            | Notice::NotReading { .. }
            | Notice::Undelivered { .. }
            | Notice::Ended { .. }
            | Notice::NoConversation
            | Notice::NoTarget => self.fail(&notice),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::notice::{ConversationId, Partner, Trust};

    fn to_bruno(text: &str) -> Sending {
        Sending::new(Language::English, Name::parse(b"Bruno").expect("a name"), text)
    }

    #[test]
    fn a_slash_in_the_text_makes_no_command() {
        let mut sending = to_bruno("/exit\n//x\noi");
        let commands: Vec<_> = std::iter::from_fn(|| sending.next_command()).collect();
        let expected = [
            Command::Chat(b"Bruno".to_vec()),
            Command::Say(b"/exit\n//x\noi".to_vec()),
            Command::Bye(None),
            Command::InputEnded,
        ];
        assert_eq!(commands, expected);
    }

    #[test]
    fn a_failure_is_final_and_leaves_only_the_end() {
        let mut sending = to_bruno("oi");
        assert!(sending.next_command().is_some());
        let name = Name::parse(b"Bruno").expect("a name");
        let online = Vec::new();
        sending.show(Notice::NotOnline { name, online }, &mut Output::default());
        assert_eq!(sending.next_command(), Some(Command::InputEnded));
        assert_eq!(sending.next_command(), None);
        let who =
            Partner { id: ConversationId(1), label: "Bruno".to_string(), trust: Trust::Confirmed };
        sending.show(Notice::GoodbyeAnswered { who }, &mut Output::default());
        assert_eq!(sending.outcome(), &Outcome::Failed("Bruno is not online".to_string()));
    }
}
