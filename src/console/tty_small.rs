//! The terminal in raw mode, where there is none: on Windows, and in a build without the line
//! editor. `tty.rs` has it. No value of it exists, so the compiler leaves out each call.
//!
//! A console of Windows delivers single keys only to calls that are not safe, so a person there
//! types whole lines. WSL has the drawn line. Read next: [`super::plain`].

use std::io;

use mio::{Registry, Token};

/// A terminal that cannot be made.
#[derive(Debug)]
pub(super) enum Tty {}

/// A change of the window.
#[allow(dead_code, reason = "the same variants as in `tty.rs`")]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum WindowChange {
    Nothing,
    Resized,
    Continued,
}

impl Tty {
    pub(super) fn take_over(_: &Registry, _: Token, _: &'static str) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn window_change(&mut self) -> WindowChange {
        match *self {}
    }

    pub(super) fn watch_again(&mut self, _: &Registry, _: Token) {
        match *self {}
    }

    pub(super) fn suspend(&self) -> io::Result<()> {
        match *self {}
    }
}

/// Columns and rows: not known.
pub(super) fn size() -> Option<(u16, u16)> {
    None
}
