//! What a person sees, and how keys become commands: drawn, or in whole lines.
//!
//! Chosen once, at the start. Nothing is decided here. Read next: `live`, or [`super::plain`].

use super::device::Output;
#[cfg(feature = "editor")]
use super::live::Live;
use super::plain::Plain;
use crate::machine::Typed;
use crate::peer::notice::Notice;

/// A person's view of the chat.
#[derive(Debug)]
pub enum View {
    /// Messages above the line being typed, on a terminal.
    #[cfg(feature = "editor")]
    Live(Box<Live>),
    /// Whole lines: any other terminal, a pipe, a file.
    Plain(Plain),
}

impl View {
    /// The view that draws, if this is it.
    #[cfg(feature = "editor")]
    pub(super) fn live(&mut self) -> Option<&mut Live> {
        if let Self::Live(live) = self { Some(live) } else { None }
    }

    pub(super) fn type_bytes(&mut self, bytes: &[u8]) {
        match self {
            #[cfg(feature = "editor")]
            Self::Live(live) => live.type_bytes(bytes),
            Self::Plain(plain) => plain.type_bytes(bytes),
        }
    }

    pub(super) fn end_typing(&mut self) {
        match self {
            #[cfg(feature = "editor")]
            Self::Live(live) => live.end_typing(),
            Self::Plain(plain) => plain.end_typing(),
        }
    }

    pub(super) fn next_typed(&mut self) -> Option<Typed> {
        match self {
            #[cfg(feature = "editor")]
            Self::Live(live) => live.next_typed(),
            Self::Plain(plain) => plain.next_typed(),
        }
    }

    pub(super) fn show(&mut self, notice: Notice, output: &mut Output) {
        match self {
            #[cfg(feature = "editor")]
            Self::Live(live) => live.show(notice, output),
            Self::Plain(plain) => plain.show(notice, output),
        }
    }

    pub(super) fn show_skipped(&mut self, lines: usize, output: &mut Output) {
        match self {
            #[cfg(feature = "editor")]
            Self::Live(live) => live.show_skipped(lines, output),
            Self::Plain(plain) => plain.show_skipped(lines, output),
        }
    }

    /// Whether it takes typed bytes while the machine takes no commands. They wait here then, and
    /// the person sees what is typed.
    pub(super) fn reads_ahead(&self) -> bool {
        match self {
            #[cfg(feature = "editor")]
            Self::Live(live) => live.reads_ahead(),
            Self::Plain(_) => false,
        }
    }
}
