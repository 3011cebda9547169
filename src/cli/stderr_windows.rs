//! stderr on Windows, for the log: `stderr.rs` has the same for Unix.
//!
//! A confessed shortcut: a write may block, where a person marks text in the console, or nobody
//! reads a pipe. Read next: [`super::log_sink`], which writes here.

use std::io::{self, Write};

/// stderr.
#[derive(Debug)]
pub struct Stderr;

impl Stderr {
    /// That of this process.
    #[must_use]
    pub fn open() -> Self {
        Self
    }
}

impl Write for Stderr {
    /// All of it: lines come whole, and a console takes no half letter.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::stderr().write_all(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
