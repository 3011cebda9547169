//! stdin as a source of events, whatever it is: terminal, pipe, FIFO, file, `/dev/null`.
//!
//! The textbook way is O_NONBLOCK and reading until WouldBlock. It is wrong here: that flag
//! lives in the open file description, which stdin shares with stdout and with the shell that
//! started us, so *their* writes would fail in the middle of a line. Instead: read once when
//! the poller says that there is something, then register again. Registering again makes epoll
//! look again, so nothing that is left over is forgotten. `keyboard_windows.rs` has the same for
//! Windows. Read next: [`super::screen`].

use std::io;
use std::os::fd::AsRawFd;

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use rustix::io::Errno;
use rustix::stdio::stdin;

#[derive(Debug)]
pub(super) struct Keyboard {
    state: State,
    token: Token,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    /// Watched by the poller; nothing to read that we know of.
    Watched,
    /// Watched, and the poller said that there is something.
    Ready,
    /// Cannot be watched: epoll refuses files and `/dev/null` with EPERM, because they are
    /// always ready.
    AlwaysReady,
    /// Read to its end.
    Ended,
}

impl Keyboard {
    pub(super) fn register(registry: &Registry, token: Token) -> io::Result<Self> {
        let descriptor = stdin().as_raw_fd();
        match registry.register(&mut SourceFd(&descriptor), token, Interest::READABLE) {
            Ok(()) => Ok(Self { state: State::Watched, token }),
            Err(error) if error.raw_os_error() == Some(Errno::PERM.raw_os_error()) => {
                Ok(Self { state: State::AlwaysReady, token })
            }
            Err(error) => Err(error),
        }
    }

    /// Takes note of whether it is among the sources that are ready.
    pub(super) fn on_turn(&mut self, ready: &[Token]) {
        if self.state == State::Watched && ready.contains(&self.token) {
            self.state = State::Ready;
        }
    }

    /// All output has gone out. That is of no matter here.
    pub(super) fn on_flushed(&mut self) {}

    /// Whether a read would bring something, the end included.
    pub(super) fn is_ready(&self) -> bool {
        matches!(self.state, State::Ready | State::AlwaysReady)
    }

    /// Reads once. `None`: nothing now. `Some(0)`: the end, once.
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
            // EIO: the terminal is gone. After any other error nothing more will come.
            Err(_) => Some(self.end(registry)),
        }
    }

    fn watch_again(&mut self, registry: &Registry) {
        if self.state == State::AlwaysReady {
            return;
        }
        self.state = State::Watched;
        let descriptor = stdin().as_raw_fd();
        let interest = Interest::READABLE;
        let mut source = SourceFd(&descriptor);
        if registry.reregister(&mut source, self.token, interest).is_err() {
            self.state = State::AlwaysReady;
        }
    }

    fn end(&mut self, registry: &Registry) -> usize {
        if self.state != State::AlwaysReady {
            // It was registered above; that it cannot be taken out would change nothing.
            let _ = registry.deregister(&mut SourceFd(&stdin().as_raw_fd()));
        }
        self.state = State::Ended;
        0
    }
}
