//! Who speaks with a peer: a person at a terminal that is drawn on, a person or a script with
//! whole lines, or nobody, with one text to deliver.
//!
//! One type for all, because an event loop is compiled once for each type of terminal, and one
//! more would be a twentieth of the program. Here typed lines become commands. Read next: `live`,
//! [`super::plain`], [`super::sending`], [`super::command`].

use super::command::{Answer, Reader};
#[cfg(feature = "editor")]
use super::live::Live;
use super::plain::Plain;
use super::sending::Sending;
use crate::machine::{Output, Terminal, Typed, WallTime, Wish};
use crate::peer::command::Command;
use crate::peer::notice::Notice;

/// A terminal, and the reader of what is typed there.
pub struct Seat {
    place: Place,
    reader: Reader,
    /// What was typed, and is not answered yet.
    answers: Vec<Answer>,
    /// What the peer was told of a line that is being typed.
    has_told_typing: bool,
}

/// A terminal, chosen at the start.
enum Place {
    /// A terminal on which the line being typed is drawn.
    #[cfg(feature = "editor")]
    Drawn(Box<Live>),
    /// Any other terminal, a pipe, a file.
    Lines(Plain),
    /// `papo send`.
    Sending(Sending),
}

/// Asks whichever it is.
macro_rules! ask {
    ($place:expr, $it:ident => $question:expr) => {
        match $place {
            #[cfg(feature = "editor")]
            Place::Drawn($it) => $question,
            Place::Lines($it) => $question,
            Place::Sending($it) => $question,
        }
    };
}

impl Seat {
    /// A terminal on which the line being typed is drawn.
    #[cfg(feature = "editor")]
    #[must_use]
    pub fn drawn(live: Live) -> Self {
        Self::new(Place::Drawn(Box::new(live)), false)
    }

    /// Any other terminal, a pipe, a file.
    #[must_use]
    pub fn lines(plain: Plain) -> Self {
        let is_script = plain.is_script();
        Self::new(Place::Lines(plain), is_script)
    }

    /// `papo send`.
    #[must_use]
    pub fn sends(sending: Sending) -> Self {
        Self::new(Place::Sending(sending), true)
    }

    fn new(place: Place, is_script: bool) -> Self {
        Self { place, reader: Reader::new(is_script), answers: Vec::new(), has_told_typing: false }
    }

    /// Whether it is one that is drawn on.
    #[cfg(feature = "editor")]
    #[must_use]
    pub fn is_drawn(&self) -> bool {
        matches!(self.place, Place::Drawn(_))
    }

    /// The one text, where it is nobody.
    #[must_use]
    pub fn sending(&self) -> Option<&Sending> {
        if let Place::Sending(sending) = &self.place { Some(sending) } else { None }
    }

    /// Only where lines are edited here is it known that one has begun.
    fn is_typing(&self) -> bool {
        match &self.place {
            #[cfg(feature = "editor")]
            Place::Drawn(live) => live.is_typing(),
            Place::Lines(_) | Place::Sending(_) => false,
        }
    }

    fn tell_typing(&mut self, is_typing: bool) -> Option<Command> {
        self.has_told_typing = is_typing;
        Some(Command::Typing(is_typing))
    }

    fn next_line(&mut self) -> Option<Typed> {
        match &mut self.place {
            #[cfg(feature = "editor")]
            Place::Drawn(live) => live.next_typed(),
            Place::Lines(plain) => plain.next_typed(),
            Place::Sending(_) => None,
        }
    }
}

impl Terminal<Command> for Seat {
    type Notice = Notice;

    /// Only who draws has anything to restore.
    #[cfg(feature = "editor")]
    const RESTORE: &str = Live::RESTORE;

    fn type_bytes(&mut self, bytes: &[u8]) {
        ask!(&mut self.place, it => it.type_bytes(bytes));
    }

    fn end_typing(&mut self) {
        ask!(&mut self.place, it => it.end_typing());
    }

    /// Lines that are answered here are no commands: the next one is looked at.
    fn next_typed(&mut self) -> Option<Command> {
        if let Place::Sending(sending) = &mut self.place {
            return sending.next_typed();
        }
        // Before the lines: what comes in now must not change where they go.
        if self.is_typing() && !self.has_told_typing {
            return self.tell_typing(true);
        }
        loop {
            let outcome = match self.next_line() {
                Some(Typed::Line(line)) => self.reader.read(&line),
                Some(Typed::End) => return Some(Command::InputEnded),
                None if self.has_told_typing && !self.is_typing() => {
                    return self.tell_typing(false);
                }
                None => return None,
            };
            self.answers.extend(outcome.answer);
            if let Some(command) = outcome.command {
                return Some(command);
            }
        }
    }

    fn answer_typed(&mut self, output: &mut Output) {
        for answer in self.answers.drain(..) {
            match &mut self.place {
                #[cfg(feature = "editor")]
                Place::Drawn(live) => live.answer(&answer, output),
                Place::Lines(plain) => plain.answer(&answer, output),
                Place::Sending(_) => {}
            }
        }
    }

    fn show(&mut self, notice: Notice, output: &mut Output) {
        self.reader.hear(&notice);
        ask!(&mut self.place, it => it.show(notice, output));
    }

    fn show_skipped(&mut self, lines: usize, output: &mut Output) {
        ask!(&mut self.place, it => it.show_skipped(lines, output));
    }

    fn take_screen(&mut self, output: &mut Output) {
        ask!(&mut self.place, it => it.take_screen(output));
    }

    fn release_screen(&mut self, output: &mut Output) {
        ask!(&mut self.place, it => it.release_screen(output));
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        ask!(&mut self.place, it => it.resize(columns, rows));
    }

    fn tell_time(&mut self, now: WallTime) {
        ask!(&mut self.place, it => it.tell_time(now));
    }

    fn show_log(&mut self, lines: &[u8], output: &mut Output) {
        ask!(&mut self.place, it => it.show_log(lines, output));
    }

    fn draw(&mut self, output: &mut Output) {
        ask!(&mut self.place, it => it.draw(output));
    }

    fn reads_ahead(&self) -> bool {
        ask!(&self.place, it => it.reads_ahead())
    }

    fn next_wish(&mut self) -> Option<Wish> {
        ask!(&mut self.place, it => it.next_wish())
    }

    fn typing_settles_in(&self) -> Option<u64> {
        ask!(&self.place, it => it.typing_settles_in())
    }

    fn settle_typing(&mut self) {
        ask!(&mut self.place, it => it.settle_typing());
    }
}

#[cfg(all(test, feature = "editor"))]
mod tests {
    use super::super::live::Style;
    use super::super::plain::Answers;
    use super::super::words::Language;
    use super::*;

    fn commands(seat: &mut Seat) -> Vec<Command> {
        std::iter::from_fn(|| seat.next_typed()).collect()
    }

    /// A7: the peer learns that a line has begun before it learns the line.
    #[test]
    fn the_peer_is_told_while_a_line_is_being_typed() {
        let mut seat = Seat::drawn(Live::new(Style::default()));
        seat.type_bytes(b"o");
        assert_eq!(commands(&mut seat), [Command::Typing(true)]);
        seat.type_bytes(b"i\r");
        assert_eq!(commands(&mut seat), [Command::Say(b"oi".to_vec()), Command::Typing(false)]);
        seat.type_bytes(b"a\rb\r");
        let expected = [
            Command::Typing(true),
            Command::Say(b"a".to_vec()),
            Command::Say(b"b".to_vec()),
            Command::Typing(false),
        ];
        assert_eq!(commands(&mut seat), expected);
        seat.type_bytes(b"x");
        assert_eq!(commands(&mut seat), [Command::Typing(true)]);
        seat.type_bytes(b"\x03");
        assert_eq!(commands(&mut seat), [Command::Typing(false)], "the line was wiped");
    }

    /// Help is the console's own; of a mistake the peer learns that there was one.
    #[test]
    fn what_the_console_answers_is_no_command() {
        let mut seat = Seat::lines(Plain::new(Language::English, Answers::FromScript));
        seat.type_bytes(b"/help list\n/dance\noi\n");
        seat.end_typing();
        let expected = [Command::Mistake, Command::Say(b"oi".to_vec()), Command::InputEnded];
        assert_eq!(commands(&mut seat), expected);
        let mut output = Output::default();
        seat.answer_typed(&mut output);
        let shown = String::from_utf8(output.screen).expect("text");
        assert!(shown.starts_with("/list: shows who is online\nUnknown command: /dance."));
    }
}
