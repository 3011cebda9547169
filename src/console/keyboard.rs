//! stdin as a source of events: a terminal, a pipe, a FIFO, a file, `/dev/null`.
//!
//! The usual way is O_NONBLOCK, and to read until WouldBlock. It is wrong here: the flag belongs to
//! the open file description, which stdin shares with stdout and with the shell that started us, so
//! *their* writes would fail in the middle of a line. Instead, this file reads once when the poller
//! reports stdin, and then registers it again. epoll then reports bytes that are left over.
//! `keyboard_windows.rs` has the same for Windows. Read next: [`super::screen`].

use std::io;
use std::os::fd::AsRawFd;

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use rustix::fs::{FileType, fstat};
use rustix::io::Errno;
use rustix::stdio::stdin;
use rustix::termios::isatty;

#[derive(Debug)]
pub(super) struct Keyboard {
    state: KeyboardState,
    token: Token,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum KeyboardState {
    /// Watched by the poller, and not reported since the last read.
    Watched,
    /// Watched, and reported by the poller.
    Ready,
    /// Not watched, because it is always ready: a file, `/dev/null`.
    AlwaysReady,
    /// Read to its end.
    Ended,
}

impl Keyboard {
    pub(super) fn register(registry: &Registry, token: Token) -> io::Result<Self> {
        if is_always_ready() {
            return Ok(Self { state: KeyboardState::AlwaysReady, token });
        }
        let descriptor = stdin().as_raw_fd();
        registry.register(&mut SourceFd(&descriptor), token, Interest::READABLE)?;
        Ok(Self { state: KeyboardState::Watched, token })
    }

    /// Notes whether stdin is among the ready sources.
    pub(super) fn on_turn(&mut self, ready: &[Token]) {
        if self.state == KeyboardState::Watched && ready.contains(&self.token) {
            self.state = KeyboardState::Ready;
        }
    }

    /// Does nothing. Only Windows reads after the output.
    pub(super) fn on_flushed(&mut self) {}

    /// Whether a read would return bytes, or the end.
    pub(super) fn is_ready(&self) -> bool {
        matches!(self.state, KeyboardState::Ready | KeyboardState::AlwaysReady)
    }

    /// Reads once. `None`: no bytes now. `Some(0)`: the end, which is returned once.
    pub(super) fn read(&mut self, scratch: &mut [u8], registry: &Registry) -> Option<usize> {
        match rustix::io::read(stdin(), &mut *scratch) {
            Ok(0) => Some(self.end(registry)),
            Ok(count) => {
                self.watch_again(registry);
                Some(count)
            }
            Err(Errno::INTR | Errno::AGAIN) => {
                self.watch_again(registry);
                None
            }
            // EIO: the terminal is gone. After any other error no bytes come either.
            Err(_) => Some(self.end(registry)),
        }
    }

    fn watch_again(&mut self, registry: &Registry) {
        if self.state == KeyboardState::AlwaysReady {
            return;
        }
        self.state = KeyboardState::Watched;
        let descriptor = stdin().as_raw_fd();
        let interest = Interest::READABLE;
        let mut source = SourceFd(&descriptor);
        if registry.reregister(&mut source, self.token, interest).is_err() {
            self.state = KeyboardState::AlwaysReady;
        }
    }

    fn end(&mut self, registry: &Registry) -> usize {
        if self.state != KeyboardState::AlwaysReady {
            // It was registered, so this cannot fail. If it did, nothing would change.
            let _ = registry.deregister(&mut SourceFd(&stdin().as_raw_fd()));
        }
        self.state = KeyboardState::Ended;
        0
    }
}

/// Whether a read of stdin never waits: stdin is a file, or a device such as `/dev/null`. epoll(7)
/// refuses these. kqueue(2) accepts a file, but never reports its end.
fn is_always_ready() -> bool {
    let Ok(stat) = fstat(stdin()) else { return false };
    let kind = FileType::from_raw_mode(stat.st_mode);
    kind.is_file() || (kind.is_char_device() && !isatty(stdin()))
}
