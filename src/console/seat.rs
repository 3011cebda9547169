//! Who speaks with a peer: a person at a terminal that is drawn on, a person or a script with
//! whole lines, or nobody, with one text to deliver.
//!
//! One type for all, because an event loop is compiled once for each type of terminal, and one
//! more would be a twentieth of the program. Knows nothing itself. Read next: `live`,
//! [`super::plain`], [`super::sending`].

#[cfg(feature = "editor")]
use super::live::Live;
use super::plain::Plain;
use super::sending::Sending;
use crate::machine::{Output, Terminal, Typed, WallTime, Wish};
use crate::peer::notice::Notice;

/// A terminal, chosen at the start.
pub enum Seat {
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
    ($seat:expr, $it:ident => $question:expr) => {
        match $seat {
            #[cfg(feature = "editor")]
            Self::Drawn($it) => $question,
            Self::Lines($it) => $question,
            Self::Sending($it) => $question,
        }
    };
}

impl Seat {
    /// Whether it is one that is drawn on.
    #[cfg(feature = "editor")]
    #[must_use]
    pub fn is_drawn(&self) -> bool {
        matches!(self, Self::Drawn(_))
    }

    /// The one text, where it is nobody.
    #[must_use]
    pub fn sending(&self) -> Option<&Sending> {
        if let Self::Sending(sending) = self { Some(sending) } else { None }
    }
}

impl Terminal for Seat {
    type Notice = Notice;

    /// Only who draws has anything to restore.
    #[cfg(feature = "editor")]
    const RESTORE: &str = Live::RESTORE;

    fn type_bytes(&mut self, bytes: &[u8]) {
        ask!(self, it => it.type_bytes(bytes));
    }

    fn end_typing(&mut self) {
        ask!(self, it => it.end_typing());
    }

    fn next_typed(&mut self) -> Option<Typed> {
        ask!(self, it => it.next_typed())
    }

    fn show(&mut self, notice: Notice, output: &mut Output) {
        ask!(self, it => it.show(notice, output));
    }

    fn show_skipped(&mut self, lines: usize, output: &mut Output) {
        ask!(self, it => it.show_skipped(lines, output));
    }

    fn take_screen(&mut self, output: &mut Output) {
        ask!(self, it => it.take_screen(output));
    }

    fn release_screen(&mut self, output: &mut Output) {
        ask!(self, it => it.release_screen(output));
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        ask!(self, it => it.resize(columns, rows));
    }

    fn tell_time(&mut self, now: WallTime) {
        ask!(self, it => it.tell_time(now));
    }

    fn show_log(&mut self, lines: &[u8], output: &mut Output) {
        ask!(self, it => it.show_log(lines, output));
    }

    fn draw(&mut self, output: &mut Output) {
        ask!(self, it => it.draw(output));
    }

    fn reads_ahead(&self) -> bool {
        ask!(self, it => it.reads_ahead())
    }

    fn next_wish(&mut self) -> Option<Wish> {
        ask!(self, it => it.next_wish())
    }

    fn typing_settles_in(&self) -> Option<u64> {
        ask!(self, it => it.typing_settles_in())
    }

    fn settle_typing(&mut self) {
        ask!(self, it => it.settle_typing());
    }
}
