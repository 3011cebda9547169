//! stdout or stderr on Windows: `outlet.rs` has the same for Unix.
//!
//! A confessed shortcut: a write may block, where a person marks text in the console, or nobody
//! reads a pipe. Windows has no console and no anonymous pipe that says "not now". std's own
//! streams are used because they write UTF-8 to a console whatever its code page is: they hand it
//! over as UTF-16. Read next: [`super::screen`].

use std::io::{self, IsTerminal, Write, stderr, stdout};
use std::time::Duration;

use mio::{Registry, Token};

/// Most bytes of a log that are written at once.
pub const PIPE_BYTES: usize = 4096;

/// A place for text.
#[derive(Debug)]
pub enum Outlet {
    /// stdout.
    Stdout,
    /// stderr.
    Stderr,
}

impl Outlet {
    /// stderr, which nobody watches: for the log.
    #[must_use]
    pub fn unwatched_stderr() -> Self {
        Self::Stderr
    }

    pub(super) fn stdout(_: &Registry, _: Token) -> Self {
        Self::Stdout
    }

    pub(super) fn stderr(_: &Registry, _: Token) -> Self {
        Self::Stderr
    }

    pub(super) fn is_terminal(&self) -> bool {
        match self {
            Self::Stdout => stdout().is_terminal(),
            Self::Stderr => stderr().is_terminal(),
        }
    }
}

impl Write for Outlet {
    /// All of it. A console refuses a piece that ends within a letter, and std keeps such a piece
    /// until the rest of the letter comes.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout => stdout().write_all(bytes).and_then(|()| stdout().flush())?,
            Self::Stderr => stderr().write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Nothing ever waits here.
pub(super) fn wait_for_room<'a>(_: impl Iterator<Item = &'a Outlet>, _: Duration) -> bool {
    false
}
