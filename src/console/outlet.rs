//! stdout or stderr of this process, with writes that never block.
//!
//! O_NONBLOCK belongs to the open file description, which stdout shares with the shell that started
//! us: set there, it would make *its* writes fail. So this file opens the terminal or pipe at
//! stdout once more, which gives us a description of our own. Some cannot be opened again: a
//! socket, a terminal of another user, a pipe on a system without `/proc/self/fd`. For these,
//! poll(2) is asked before each write. `outlet_windows.rs` has the same for Windows. Must not know
//! what is written. Read next: [`super::screen`].

use std::io::{self, IoSlice, Write};
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use mio::unix::pipe::Sender;
use mio::{Interest, Registry, Token};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;

/// Most bytes that a pipe takes whole or not at all: PIPE_BUF of Linux, and elsewhere the least
/// that POSIX allows, which macOS and the BSDs have. A pipe that poll(2) reports as writable has
/// room for this.
pub const PIPE_BYTES: usize = if cfg!(target_os = "linux") { 4096 } else { 512 };

/// A place for text. A write that would block returns [`io::ErrorKind::WouldBlock`].
///
/// mio's [`Sender`] is made for pipes, and writes to any descriptor. It reports a write that would
/// block to mio, whose poller over poll(2) reports the next change only after that.
#[derive(Debug)]
pub enum Outlet {
    /// A regular file. It is not opened again, because the new description would begin at the first
    /// byte. It is always writable.
    File(BorrowedFd<'static>),
    /// A description of our own, with O_NONBLOCK.
    Own(Sender),
    /// A second descriptor of the shared description.
    Shared(Sender),
}

impl Outlet {
    /// The outlet of stdout or stderr, without a poller.
    fn open(shared: BorrowedFd<'static>) -> Self {
        let is_file = rustix::fs::fstat(shared)
            .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode).is_file());
        if is_file {
            return Self::File(shared);
        }
        if let Ok(own) = open_again(shared) {
            return Self::Own(own.into());
        }
        // If the system has no descriptor left, writes may block.
        shared.try_clone_to_owned().map_or(Self::File(shared), |it| Self::Shared(it.into()))
    }

    /// stderr for the log, without a poller.
    #[must_use]
    pub fn unwatched_stderr() -> Self {
        Self::open(rustix::stdio::stderr())
    }

    /// stdout, as a source of the poller.
    pub(super) fn stdout(registry: &Registry, token: Token) -> Self {
        Self::open(rustix::stdio::stdout()).watched(registry, token)
    }

    /// stderr, as a source of the poller.
    pub(super) fn stderr(registry: &Registry, token: Token) -> Self {
        Self::open(rustix::stdio::stderr()).watched(registry, token)
    }

    /// Makes the poller report when a full outlet takes text again. An outlet that cannot be
    /// watched, such as `/dev/null`, is never full.
    fn watched(mut self, registry: &Registry, token: Token) -> Self {
        if let Self::Own(sender) | Self::Shared(sender) = &mut self {
            let _ = registry.register(sender, token, Interest::WRITABLE);
        }
        self
    }

    pub(super) fn is_terminal(&self) -> bool {
        match self {
            Self::File(_) => false,
            Self::Own(sender) | Self::Shared(sender) => rustix::termios::isatty(sender),
        }
    }

    fn poll_fd(&self) -> PollFd<'_> {
        match self {
            Self::File(shared) => PollFd::from_borrowed_fd(*shared, PollFlags::OUT),
            Self::Own(sender) | Self::Shared(sender) => PollFd::new(sender, PollFlags::OUT),
        }
    }
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(shared) => Ok(rustix::io::write(*shared, bytes)?),
            Self::Own(sender) => sender.write(bytes),
            Self::Shared(sender) => sender.try_io(|| write_if_ready(sender, bytes)),
        }
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match (self, slices) {
            (Self::Own(sender), several) => sender.write_vectored(several),
            (other, [first, ..]) => other.write(first),
            (_, []) => Ok(0),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Waits until one outlet takes text, at most `within`. True: a write may succeed now, or a signal
/// has ended the wait.
pub(super) fn wait_for_room<'a>(
    outlets: impl Iterator<Item = &'a Outlet>,
    within: Duration,
) -> bool {
    let Ok(timeout) = Timespec::try_from(within) else { return false };
    let mut waiting: Vec<_> = outlets.map(Outlet::poll_fd).collect();
    match poll(&mut waiting, Some(&timeout)) {
        Ok(count) => count > 0,
        Err(error) => error == Errno::INTR,
    }
}

/// Writes no more bytes than a pipe takes that poll(2) reports as writable.
fn write_if_ready(sender: &Sender, bytes: &[u8]) -> io::Result<usize> {
    let mut asked = [PollFd::new(sender, PollFlags::OUT)];
    if poll(&mut asked, Some(&Timespec::default()))? == 0 {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    Ok(rustix::io::write(sender, &bytes[..bytes.len().min(PIPE_BYTES)])?)
}

/// A description of our own of the same terminal or pipe: on Linux of anything but a socket,
/// elsewhere only of a terminal.
fn open_again(shared: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    if cfg!(target_os = "linux") {
        let path = format!("/proc/self/fd/{}", shared.as_raw_fd());
        return Ok(rustix::fs::open(path, flags, Mode::empty())?);
    }
    let path = rustix::termios::ttyname(shared, Vec::new())?;
    Ok(rustix::fs::open(path, flags, Mode::empty())?)
}
