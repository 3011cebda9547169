//! Nobody at all: types one text to one person, says goodbye, and sees what became of it.
//!
//! What a person would type goes through [`Plain`], as a script does; so there is no second way
//! to call somebody. Must never know a clock: how long to wait is for who starts it.

use super::device::Output;
use super::plain::{Answers, Plain};
use super::texts;
use super::words::Language;
use crate::machine::Typed;
use crate::peer::notice::{Ending, Notice};
use crate::wire::name::Name;

/// One text on its way to one person.
#[derive(Debug)]
pub struct Sending {
    plain: Plain,
    language: Language,
    to: Name,
    outcome: Outcome,
    is_end_told: bool,
}

/// What became of the text.
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
        let mut plain = Plain::new(language, Answers::FromScript);
        plain.type_bytes(format!("/chat {to}\n").as_bytes());
        for line in text.lines() {
            let slash = if line.starts_with('/') { "/" } else { "" };
            plain.type_bytes(format!("{slash}{line}\n").as_bytes());
        }
        plain.type_bytes(b"/bye\n");
        plain.end_typing();
        Self { plain, language, to, outcome: Outcome::Pending, is_end_told: false }
    }

    /// What became of it, as far as is known.
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
            let text = texts::text(self.language, notice);
            self.outcome = Outcome::Failed(text.trim_start_matches("papo: ").to_string());
        }
    }
}

impl Sending {
    /// After a failure nothing more is typed: it was meant for this one person.
    pub fn next_typed(&mut self) -> Option<Typed> {
        if matches!(self.outcome, Outcome::Failed(_)) {
            return (!std::mem::replace(&mut self.is_end_told, true)).then_some(Typed::End);
        }
        let typed = self.plain.next_typed();
        self.is_end_told |= typed == Some(Typed::End);
        typed
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
            // What they say in the meantime is not lost.
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
            | Notice::WouldBeProtocol
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
    use crate::peer::notice::Who;

    fn typed(sending: &mut Sending) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(Typed::Line(line)) = sending.next_typed() {
            lines.push(String::from_utf8(line).expect("UTF-8"));
        }
        lines
    }

    fn to_bruno(text: &str) -> Sending {
        Sending::new(Language::English, Name::parse(b"Bruno").expect("a name"), text)
    }

    #[test]
    fn no_line_of_the_text_is_a_command() {
        let mut sending = to_bruno("/exit\n//x\noi");
        assert_eq!(typed(&mut sending), ["/chat Bruno", "//exit", "///x", "oi", "/bye"]);
    }

    #[test]
    fn after_a_failure_nothing_is_typed_and_an_answer_comes_too_late() {
        let mut sending = to_bruno("oi");
        assert!(sending.next_typed().is_some());
        let name = Name::parse(b"Bruno").expect("a name");
        sending.show(Notice::NotOnline { name }, &mut Output::default());
        assert_eq!(sending.next_typed(), Some(Typed::End));
        assert_eq!(sending.next_typed(), None);
        let who = Who { label: "Bruno".to_string(), doubtful: false };
        sending.show(Notice::GoodbyeAnswered { who }, &mut Output::default());
        assert_eq!(sending.outcome(), &Outcome::Failed("Bruno is not online".to_string()));
    }
}
