//! The person's view of the chat, and the way from typed lines to commands.
//!
//! The program chooses the view once, at the start. Read next: [`super::live`], [`super::plain`].

use super::command::{CommandReader, ConsoleAnswer, LineOutcome};
use super::device::Output;
use super::live::Live;
use super::plain::Plain;
use crate::machine::{Millis, Typed};
use crate::peer::command::Command;
use crate::peer::notice::Notice;

/// A person's view of the chat.
#[derive(Debug)]
pub enum View {
    /// Messages above the line being typed, on a terminal.
    Live(Box<Live>),
    /// Whole lines: any other terminal, a pipe, a file.
    Plain(Plain),
}

/// Calls the same method of either view.
macro_rules! ask {
    ($self:expr, $view:ident => $question:expr) => {
        match $self {
            Self::Live($view) => $question,
            Self::Plain($view) => $question,
        }
    };
}

impl View {
    /// The view that draws, if this is it.
    pub(super) fn live(&mut self) -> Option<&mut Live> {
        if let Self::Live(live) = self { Some(live) } else { None }
    }

    pub(super) fn type_bytes(&mut self, bytes: &[u8]) {
        ask!(self, view => view.type_bytes(bytes))
    }

    pub(super) fn end_typing(&mut self) {
        ask!(self, view => view.end_typing())
    }

    fn is_typing(&self) -> bool {
        ask!(self, view => view.is_typing())
    }

    fn is_script(&self) -> bool {
        ask!(self, view => view.is_script())
    }

    /// Whether Ctrl-C as a signal leaves now. To a view that draws it comes as a key.
    pub(super) fn leaves(&mut self, now: Millis, output: &mut Output) -> bool {
        if let Self::Plain(plain) = self { plain.leaves(now, output) } else { true }
    }

    fn answer(&mut self, answer: &ConsoleAnswer, output: &mut Output) {
        ask!(self, view => view.answer(answer, output))
    }

    fn next_typed(&mut self) -> Option<Typed> {
        ask!(self, view => view.next_typed())
    }

    pub(super) fn show(&mut self, notice: Notice, output: &mut Output) {
        ask!(self, view => view.show(notice, output))
    }

    pub(super) fn show_skipped(&mut self, lines: usize, output: &mut Output) {
        ask!(self, view => view.show_skipped(lines, output))
    }

    pub(super) fn reads_ahead(&self) -> bool {
        ask!(self, view => view.reads_ahead())
    }
}

/// Typed lines on their way to the peer.
#[derive(Debug)]
pub(super) struct Commands {
    reader: CommandReader,
    /// The last [`Command::Typing`].
    has_told_typing: bool,
    /// The typed lines, if a recorder wants them.
    lines: Option<Vec<Vec<u8>>>,
}

impl Commands {
    /// No line was typed yet.
    pub(super) fn new(view: &View) -> Self {
        Self { reader: CommandReader::new(view.is_script()), has_told_typing: false, lines: None }
    }

    /// Keeps the lines that were typed, for [`Commands::take_lines`].
    pub(super) fn keep_lines(&mut self) {
        self.lines = Some(Vec::new());
    }

    /// The lines that were typed since the last call.
    pub(super) fn take_lines(&mut self) -> Vec<Vec<u8>> {
        self.lines.as_mut().map(std::mem::take).unwrap_or_default()
    }

    fn read(&mut self, line: &[u8]) -> LineOutcome {
        if let Some(lines) = &mut self.lines {
            lines.push(line.to_vec());
        }
        self.reader.read(line)
    }

    /// Notes a notice: what the peer shows decides what a line means.
    pub(super) fn hear(&mut self, notice: &Notice) {
        self.reader.hear(notice);
    }

    /// The next command. A line that the console answers is no command; then the next line counts.
    pub(super) fn next(&mut self, view: &mut View, output: &mut Output) -> Option<Command> {
        // Before the lines: a message that comes now must not change the target of what is typed.
        if view.is_typing() && !self.has_told_typing {
            return self.tell_typing(true);
        }
        let mut outcome = self.reader.take_message();
        if outcome == LineOutcome::default() {
            outcome = self.reader.look_again();
        }
        loop {
            if let Some(answer) = &outcome.answer {
                view.answer(answer, output);
            }
            if outcome.command.is_some() {
                return outcome.command;
            }
            outcome = match view.next_typed() {
                Some(Typed::Line(line)) => self.read(&line),
                Some(Typed::End) => return Some(Command::InputEnded),
                None if self.has_told_typing && !view.is_typing() => {
                    return self.tell_typing(false);
                }
                None => return None,
            };
        }
    }

    fn tell_typing(&mut self, is_typing: bool) -> Option<Command> {
        self.has_told_typing = is_typing;
        Some(Command::Typing(is_typing))
    }
}

#[cfg(all(test, feature = "editor"))]
mod tests {
    use super::super::language::Language;
    use super::super::live::Style;
    use super::super::plain::Typist;
    use super::*;

    /// The commands that these bytes come to, and what is answered to them.
    fn type_bytes(
        commands: &mut Commands,
        view: &mut View,
        bytes: &[u8],
    ) -> (Vec<Command>, String) {
        view.type_bytes(bytes);
        let mut output = Output::default();
        let typed = std::iter::from_fn(|| commands.next(view, &mut output)).collect();
        (typed, String::from_utf8(output.screen).expect("text"))
    }

    /// A7: the peer learns that a line has begun before it learns the line.
    #[test]
    fn the_peer_is_told_while_a_line_is_being_typed() {
        let mut view = View::Live(Box::new(Live::new(Style::default())));
        let mut commands = Commands::new(&view);
        let mut typed = |bytes: &[u8]| type_bytes(&mut commands, &mut view, bytes).0;
        assert_eq!(typed(b"o"), [Command::Typing(true)]);
        assert_eq!(typed(b"i\r"), [Command::Say(b"oi".to_vec()), Command::Typing(false)]);
        let expected = [
            Command::Typing(true),
            Command::Say(b"a".to_vec()),
            Command::Say(b"b".to_vec()),
            Command::Typing(false),
        ];
        assert_eq!(typed(b"a\rb\r"), expected);
        assert_eq!(typed(b"x"), [Command::Typing(true)]);
        assert_eq!(typed(b"\x03"), [Command::Typing(false)], "the line was wiped");
    }

    /// Help is the console's own; of a mistake the peer learns that there was one.
    #[test]
    fn entries_that_the_console_answers_are_no_commands() {
        let mut view = View::Plain(Plain::new(Language::English, Typist::Script));
        let mut commands = Commands::new(&view);
        let lines = b"/help list\n/dance\noi\n";
        let (typed, shown) = type_bytes(&mut commands, &mut view, lines);
        assert_eq!(typed, [Command::Mistake, Command::Say(b"oi".to_vec())]);
        assert!(shown.starts_with("/list: shows who is online\nUnknown command: /dance."));
    }
}
