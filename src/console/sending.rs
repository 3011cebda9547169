//! Nobody at all: types one text to one person, says goodbye, and sees what became of it.
//!
//! The peer hears the commands that a person's lines become; so there is no second way to call
//! somebody. Must never know a clock: how long to wait is for who starts it.

use std::collections::VecDeque;

use super::device::Output;
use super::language::Language;
use super::plain::{Answers, Plain};
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

/// The fate of the text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// Nothing is known yet.
    Pending,
    /// The other side took all of it, and nothing shows that any of it is lost.
    Delivered,
    /// It did not, or may not have: why, for a person.
    Failed(String),
}

impl Sending {
    /// `text` for `to`. Each of its lines is a message; what begins with a slash is no command.
    #[must_use]
    pub fn new(language: Language, to: Name, text: &str) -> Self {
        let commands = VecDeque::from([
            Command::Chat(to.as_bytes().to_vec()),
            Command::Say(text.as_bytes().to_vec()),
            Command::Bye(None),
            Command::InputEnded,
        ]);
        let plain = Plain::new(language, Answers::FromScript);
        Self { plain, language, to, commands, outcome: Outcome::Pending }
    }

    /// The fate of the text, as far as is known.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// Why there is no more to wait for, where nothing better is known.
    #[must_use]
    pub fn no_answer(&self) -> String {
        texts::no_answer(self.language, &self.to)
    }

    fn fail(&mut self, notice: &Notice) {
        if !matches!(self.outcome, Outcome::Failed(_)) {
            let text = texts::sentence(self.language, notice);
            self.outcome = Outcome::Failed(text.trim_start_matches("papo: ").to_string());
        }
    }

    /// After a failure only the end is left: the rest was meant for this one person.
    pub fn next_command(&mut self) -> Option<Command> {
        if matches!(self.outcome, Outcome::Failed(_)) {
            self.commands.retain(|command| *command == Command::InputEnded);
        }
        self.commands.pop_front()
    }

    /// Takes note of a notice. Text that the other side says meanwhile goes to `output`.
    #[allow(clippy::wildcard_enum_match_arm, reason = "whatever else is said is no failure")]
    pub fn show(&mut self, notice: Notice, output: &mut Output) {
        match &notice {
            Notice::GoodbyeAnswered { .. } | Notice::GoodbyeTaken { .. }
                if self.outcome == Outcome::Pending =>
            {
                self.outcome = Outcome::Delivered;
            }
            // Their texts in the meantime are not lost.
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
    fn no_line_of_the_text_is_a_command() {
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
    fn after_a_failure_nothing_is_typed_and_an_answer_comes_too_late() {
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
