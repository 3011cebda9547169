//! Whole lines in, whole lines out: no escape codes, and no prompt but the one for a name.
//!
//! This view is for pipes and files, and for terminals that do not draw. It never overwrites text,
//! so it suits screen readers. For a person, each line of the program itself begins with a mark
//! with which no name can begin:
//!
//! ```text
//! -- Careful: the server does not confirm the name of Bruno:2, who calls from 10.0.0.66.
//! Careful: oi                    text of a person with the name `Careful`
//! ```
//!
//! A script gets the lines without the mark. Read next: [`super::texts`].

use super::command::ConsoleAnswer;
use super::device::Output;
use super::language::Language;
use super::texts::{self, LEAVE_TWICE_MS};
use super::typed_lines::TypedLines;
use crate::machine::{Millis, Typed};
use crate::peer::notice::{ConversationId, Notice, Partner};

/// The mark of the program's own lines. Further lines of one text begin with as many blanks; no
/// name begins with a blank either.
const REMARK: &str = "-- ";

/// The view in whole lines.
#[derive(Debug)]
pub struct Plain {
    language: Language,
    typist: Typist,
    typed: TypedLines,
    /// The target of typed text that the person last read about.
    target: Option<ConversationId>,
    has_conversations: bool,
    /// The time of the last sentence about a second Ctrl-C.
    asked_at: Option<Millis>,
}

/// The kind of input. Only a terminal shows what is typed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Typist {
    /// A person at a terminal.
    Person,
    /// A pipe or a file.
    Script,
}

impl Plain {
    /// A view in this language.
    #[must_use]
    pub fn new(language: Language, typist: Typist) -> Self {
        Self {
            language,
            typist,
            typed: TypedLines::default(),
            target: None,
            has_conversations: false,
            asked_at: None,
        }
    }

    /// No prompt shows the target of typed text, so a line reports each new one.
    fn show_target(&mut self, target: Option<Partner>, output: &mut Output) {
        let before = std::mem::replace(&mut self.target, target.as_ref().map(|who| who.id));
        let is_new = |who: &Partner| before != Some(who.id) && !self.is_script();
        if let Some(who) = target.filter(is_new) {
            self.remark(&texts::now_to(self.language, &who), output);
        }
    }

    fn remark(&self, text: &str, output: &mut Output) {
        let text = match self.typist {
            Typist::Script => text.to_string(),
            Typist::Person => format!("{REMARK}{}", text.replace('\n', "\n   ")),
        };
        output.screen.extend_from_slice(text.as_bytes());
        output.screen.push(b'\n');
    }

    /// Whether a script types.
    #[must_use]
    pub fn is_script(&self) -> bool {
        self.typist == Typist::Script
    }

    /// Whether a line is begun. Never: an unfinished line is in the terminal, and not here.
    #[must_use]
    pub fn is_typing(&self) -> bool {
        false
    }

    /// Whether it takes typed bytes while the machine takes no commands. Never: they wait in the
    /// kernel.
    #[must_use]
    pub fn reads_ahead(&self) -> bool {
        false
    }

    /// Whether Ctrl-C leaves now. While conversations are open, a person must press it twice.
    pub fn leaves(&mut self, now: Millis, output: &mut Output) -> bool {
        let is_second = self.asked_at.take().is_some_and(|at| now.since(at) < LEAVE_TWICE_MS);
        if is_second || self.is_script() || !self.has_conversations {
            return true;
        }
        self.asked_at = Some(now);
        // The terminal has shown `^C`.
        output.screen.push(b'\n');
        self.remark(&texts::leave_twice(self.language), output);
        false
    }

    /// Answers a typed line.
    pub fn answer(&self, answer: &ConsoleAnswer, output: &mut Output) {
        self.remark(&texts::answer(self.language, answer), output);
    }

    /// Adds typed bytes.
    pub fn type_bytes(&mut self, bytes: &[u8]) {
        self.typed.push(bytes);
    }

    /// Notes the end of the input.
    pub fn end_typing(&mut self) {
        self.typed.end();
    }

    /// The next line. After the last line, the end, which is returned once.
    pub fn next_typed(&mut self) -> Option<Typed> {
        self.typed.next_typed()
    }

    /// Writes a notice as a line.
    pub fn show(&mut self, notice: Notice, output: &mut Output) {
        if let Notice::Standing(standing) = notice {
            self.has_conversations = !standing.open.is_empty();
            self.show_target(standing.target, output);
            return;
        }
        if let Notice::Target { who } = &notice {
            self.target = Some(who.id);
        }
        let text = texts::sentence(self.language, &notice);
        if text.is_empty() {
            return;
        }
        let stream = if matches!(notice, Notice::Fatal(_)) {
            &mut output.errors
        } else if matches!(notice, Notice::Text { .. } | Notice::AskName) {
            &mut output.screen
        } else {
            return self.remark(&text, output);
        };
        stream.extend_from_slice(text.as_bytes());
        // A person ends the line of the question with Enter. A script does not.
        if notice != Notice::AskName || self.is_script() {
            stream.push(b'\n');
        }
    }

    /// Reports that `lines` lines were not shown.
    pub fn show_skipped(&mut self, lines: usize, output: &mut Output) {
        let text = texts::skipped(self.language, lines);
        output.screen.extend_from_slice(text.as_bytes());
        output.screen.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::notice::{Standing, Trust};
    use crate::wire::name::Name;

    fn shown(plain: &mut Plain, notice: Notice) -> String {
        let mut output = Output::default();
        plain.show(notice, &mut output);
        String::from_utf8(output.screen).expect("text")
    }

    fn standing(target: Option<&Partner>) -> Notice {
        let open = target.into_iter().cloned().collect();
        Notice::Standing(Standing { me: None, target: target.cloned(), open })
    }

    /// A3: no prompt shows where text goes.
    #[test]
    fn a_person_reads_about_a_new_target_and_a_script_does_not() {
        let who =
            Partner { id: ConversationId(1), label: "Bruno".to_string(), trust: Trust::Confirmed };
        let mut plain = Plain::new(Language::English, Typist::Person);
        let told = "-- What you type now goes to Bruno.\n";
        assert_eq!(shown(&mut plain, standing(Some(&who))), told);
        assert_eq!(shown(&mut plain, standing(Some(&who))), "", "once");
        assert_eq!(shown(&mut plain, standing(None)), "");
        let chosen = Notice::Target { who: who.clone() };
        assert_eq!(shown(&mut plain, chosen), "-- Talking to Bruno\n");
        assert_eq!(shown(&mut plain, standing(Some(&who))), "", "that has been said");
        let mut script = Plain::new(Language::English, Typist::Script);
        assert_eq!(shown(&mut script, standing(Some(&who))), "");
    }

    /// A9: the program's own warning, and a person with its first word as a name.
    #[test]
    fn no_message_imitates_a_line_of_ours() {
        let from = Partner {
            id: ConversationId(1),
            label: "Careful".to_string(),
            trust: Trust::Confirmed,
        };
        let said = |text: &[u8]| Notice::Text { from: from.clone(), text: text.into(), cut: false };
        let name = Name::parse(b"Ana").expect("a name");
        let mut person = Plain::new(Language::English, Typist::Person);
        assert_eq!(shown(&mut person, said(b"oi")), "Careful: oi\n");
        let welcome = shown(&mut person, Notice::Welcome { name: name.clone() });
        assert!(
            welcome.starts_with("-- Hello, Ana!") && welcome.contains("\n   /list"),
            "{welcome}"
        );
        assert_eq!(shown(&mut person, Notice::AskName), "User name: ");
        let mut script = Plain::new(Language::English, Typist::Script);
        assert_eq!(shown(&mut script, Notice::NameFirst).find("First a name"), Some(0));
        assert_eq!(shown(&mut script, Notice::AskName), "User name: \n");
    }

    #[test]
    fn an_unended_last_line_counts_and_the_end_comes_once() {
        let mut plain = Plain::new(Language::English, Typist::Script);
        plain.type_bytes(b"/list\r\nTch");
        assert_eq!(plain.next_typed(), Some(Typed::Line(b"/list".to_vec())));
        assert_eq!(plain.next_typed(), None);
        plain.type_bytes(b"au");
        plain.end_typing();
        assert_eq!(plain.next_typed(), Some(Typed::Line(b"Tchau".to_vec())));
        assert_eq!(plain.next_typed(), Some(Typed::End));
        assert_eq!(plain.next_typed(), None);
    }
}
