//! stdout or stderr on Unix, where a write never blocks if the system lets us have that.
//!
//! The same description problem as in [`super::keyboard`], and another way out: `/proc/self/fd/1`
//! opened once more is a description of our own, where O_NONBLOCK disturbs nobody. A regular
//! file is not opened again, because the new description would begin at its first byte.
//! `outlet_windows.rs` has the same for Windows. Read next: [`super::screen`].

use std::fs::File;
use std::io::{self, IoSlice, Write};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::reopen::open_again;

#[derive(Debug)]
pub(super) struct Outlet {
    /// The descriptor that everybody shares.
    shared: BorrowedFd<'static>,
    /// Our own description of it. `None`: what it leads to cannot be full, or cannot be watched;
    /// then writes go to the shared one, and may block.
    own: Option<File>,
}

impl Outlet {
    pub(super) fn stdout(registry: &Registry, token: Token) -> Self {
        Self::register(rustix::stdio::stdout(), registry, token)
    }

    pub(super) fn stderr(registry: &Registry, token: Token) -> Self {
        Self::register(rustix::stdio::stderr(), registry, token)
    }

    /// `shared` is stdout or stderr.
    fn register(shared: BorrowedFd<'static>, registry: &Registry, token: Token) -> Self {
        let own = open_again(shared).ok().filter(|own| watch(own, registry, token).is_ok());
        Self { shared, own }
    }

    pub(super) fn is_terminal(&self) -> bool {
        rustix::termios::isatty(self.shared)
    }

    fn poll_fd(&self) -> PollFd<'_> {
        match &self.own {
            Some(own) => PollFd::new(own, PollFlags::OUT),
            None => PollFd::from_borrowed_fd(self.shared, PollFlags::OUT),
        }
    }
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.own {
            Some(own) => own.write(bytes),
            None => Ok(rustix::io::write(self.shared, bytes)?),
        }
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match &mut self.own {
            Some(own) => own.write_vectored(slices),
            None => Ok(rustix::io::writev(self.shared, slices)?),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Waits until one of them takes text, but not longer than this. Whether to try once more: one
/// does, or a signal has ended the wait.
pub(super) fn wait_for_room<'a>(
    outlets: impl Iterator<Item = &'a Outlet>,
    within: Duration,
) -> bool {
    let Ok(timeout) = Timespec::try_from(within) else { return false };
    let mut waiting: Vec<_> = outlets.map(Outlet::poll_fd).collect();
    match poll(&mut waiting, Some(&timeout)) {
        Ok(count) => count > 0,
        Err(error) => error == rustix::io::Errno::INTR,
    }
}

fn watch(own: &File, registry: &Registry, token: Token) -> io::Result<()> {
    let descriptor = own.as_raw_fd();
    registry.register(&mut SourceFd(&descriptor), token, Interest::WRITABLE)
}
