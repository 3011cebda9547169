//! stderr on Unix, for the log: never a write that blocks.
//!
//! `stderr_windows.rs` has the same for Windows. Read next: [`super::log_sink`], which writes here.

use std::fs::File;
use std::io::{self, Write};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::stdio::stderr;

use crate::console::reopen::open_again;

/// stderr, and never a write that blocks.
#[derive(Debug)]
pub struct Stderr {
    /// A description of our own, with O_NONBLOCK. On the one that we share with the shell that
    /// flag would make *its* writes fail. `None` for a file, and for a socket such as the
    /// journal's, which cannot be opened: there [`poll`] is asked before each write.
    own: Option<File>,
}

impl Stderr {
    /// That of this process.
    #[must_use]
    pub fn open() -> Self {
        Self { own: open_again(stderr()).ok() }
    }
}

impl Write for Stderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(own) = &mut self.own {
            return own.write(bytes);
        }
        let mut asked = [PollFd::from_borrowed_fd(stderr(), PollFlags::OUT)];
        if poll(&mut asked, Some(&Timespec::default()))? == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(rustix::io::write(stderr(), bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
