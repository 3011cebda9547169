//! The listening socket: who comes in, and what to do when nobody can.

use std::io;
use std::net::{IpAddr, SocketAddr};

use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Registry};

use super::token::Source;
use crate::machine::{LineLimit, Millis};

/// Most connections accepted in one turn; the others come in the next.
pub(super) const ACCEPTS_PER_TURN: usize = 64;

/// How long to leave the listener alone when descriptors or memory have run out, in
/// milliseconds. Trying at once would spin: the system gives the same error again.
pub const ACCEPT_PAUSE_MS: u64 = 100;

#[derive(Debug)]
pub(super) struct Listener {
    socket: TcpListener,
    /// For the connections that come in here.
    pub(super) limit: LineLimit,
    /// Somebody may be waiting: the edge has come, and [`io::ErrorKind::WouldBlock`] has not.
    is_ready: bool,
    paused_until: Option<Millis>,
}

/// Somebody who came in.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) stream: TcpStream,
    pub(super) from: SocketAddr,
    pub(super) reached: IpAddr,
}

impl Listener {
    pub(super) fn register(
        mut socket: TcpListener,
        limit: LineLimit,
        registry: &Registry,
    ) -> io::Result<Self> {
        registry.register(&mut socket, Source::Listener.into(), Interest::READABLE)?;
        Ok(Self { socket, limit, is_ready: false, paused_until: None })
    }

    pub(super) fn on_event(&mut self) {
        self.is_ready = true;
    }

    /// When to look again; now, where somebody may be waiting.
    pub(super) fn next_deadline(&self, now: Millis) -> Option<Millis> {
        self.is_ready.then(|| self.paused_until.unwrap_or(now))
    }

    /// The next caller. `None`: nobody waits, or nobody can come in now.
    pub(super) fn accept(&mut self, now: Millis) -> Option<Caller> {
        let is_paused = self.paused_until.is_some_and(|until| now < until);
        if !self.is_ready || is_paused {
            return None;
        }
        self.paused_until = None;
        match self.socket.accept() {
            Ok((stream, from)) => Some(caller(stream, from)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.is_ready = false;
                None
            }
            Err(error) => {
                self.on_error(&error, now);
                None
            }
        }
    }

    /// Some errors are the caller's, who is gone already: on to the next. All others are ours
    /// and will last for a while, such as having no descriptors left.
    fn on_error(&mut self, error: &io::Error, now: Millis) {
        let callers = [io::ErrorKind::ConnectionAborted, io::ErrorKind::Interrupted];
        if !callers.contains(&error.kind()) {
            log::warn!("event=accept_paused pause_ms={ACCEPT_PAUSE_MS} error={error:?}");
            self.paused_until = Some(now + ACCEPT_PAUSE_MS);
        }
    }
}

fn caller(stream: TcpStream, from: SocketAddr) -> Caller {
    let from = SocketAddr::new(from.ip().to_canonical(), from.port());
    // Who comes from loopback has reached loopback: that saves a system call.
    let reached = if from.ip().is_loopback() {
        from.ip()
    } else {
        stream.local_addr().map_or(from.ip(), |local| local.ip().to_canonical())
    };
    Caller { stream, from, reached }
}
