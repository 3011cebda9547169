//! stdout or stderr on Windows: `outlet.rs` has the same for Unix.
//!
//! A known limitation: a write may block, while a person selects text in the console, or while
//! nobody reads a pipe. A console or an anonymous pipe of Windows has no non-blocking mode. std's
//! own streams give a console UTF-16, so its code page does not matter. Read next:
//! [`super::screen`].

use std::io::{self, IsTerminal, Write, stderr, stdout};
use std::time::Duration;

use mio::{Registry, Token};

/// Most bytes of a log that one write takes.
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
    /// stderr for the log, without a poller.
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
    /// Writes all bytes. A console refuses a piece that ends within a character; std keeps such a
    /// piece until the rest of the character comes.
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

/// Returns at once, because no text ever waits.
pub(super) fn wait_for_room<'a>(_: impl Iterator<Item = &'a Outlet>, _: Duration) -> bool {
    false
}
