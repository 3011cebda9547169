//! The terminal of a person who is drawn for: `tty.rs`, which is for Unix. On Windows nobody is.
//!
//! A console gives keys one by one only by calls that are not safe, so a person there types whole
//! lines. WSL has the drawn line. Read next: [`super::plain`].

use std::io;

use mio::{Registry, Token};

/// No terminal can be taken over, so there is no value of this.
pub(super) enum Tty {}

/// A change of the window.
#[allow(dead_code, reason = "the same as on Unix, for those who match it")]
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
