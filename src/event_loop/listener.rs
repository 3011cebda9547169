//! A listening socket: it accepts callers, and handles the errors of accept(2).
//!
//! The machine decides whether a caller may stay. Read next: [`super::connections`].

use std::io;
use std::net::{IpAddr, SocketAddr};

use super::os::{AcceptFault, Os};
use crate::machine::{Framing, ListenerId, Millis};

/// Most connections accepted in one turn. The others wait for the next turn.
pub(super) const ACCEPTS_PER_TURN: usize = 64;

/// How long no connection is accepted after descriptors or memory have run out, in milliseconds.
/// An immediate retry would spin: the system would return the same error again.
pub const ACCEPT_PAUSE_MS: u64 = 100;

/// Shortest time between two log lines about pauses, in milliseconds: ten pauses are one line.
pub const PAUSE_LOG_MS: u64 = 1000;

/// Most waiting callers that are reset at once when descriptors have run out. With the pauses, that
/// is 640 a second.
pub const SHED_MAX: usize = 64;

#[derive(Debug)]
pub(super) struct Listener<O: Os> {
    pub(super) id: ListenerId,
    socket: O::Listener,
    /// The framing of the accepted connections.
    pub(super) framing: Framing,
    /// A caller may wait: the poller has reported one, and accept has not yet returned
    /// [`io::ErrorKind::WouldBlock`].
    pub(super) is_ready: bool,
    paused_until: Option<Millis>,
    /// How many callers were reset so far.
    pub(super) shed_count: u64,
    /// When a pause was last logged, and the value of `shed_count` then.
    last_log: Option<(Millis, u64)>,
}

/// An accepted connection.
#[derive(Debug)]
pub(super) struct Caller<S> {
    pub(super) stream: S,
    pub(super) from: SocketAddr,
    pub(super) reached: IpAddr,
}

impl<O: Os> Listener<O> {
    /// `socket` is registered already.
    pub(super) fn new(id: ListenerId, socket: O::Listener, framing: Framing) -> Self {
        Self {
            id,
            socket,
            framing,
            is_ready: false,
            paused_until: None,
            shed_count: 0,
            last_log: None,
        }
    }

    /// When to accept again: now, if a caller may wait, or at the end of the pause.
    pub(super) fn next_deadline(&self, now: Millis) -> Option<Millis> {
        self.is_ready.then(|| self.paused_until.unwrap_or(now))
    }

    /// The next caller. `None`: no caller waits, or none can be accepted now.
    ///
    /// # Errors
    ///
    /// If this is no listening socket.
    pub(super) fn accept(
        &mut self,
        os: &mut O,
        now: Millis,
    ) -> io::Result<Option<Caller<O::Stream>>> {
        let is_paused = self.paused_until.is_some_and(|until| now < until);
        if !self.is_ready || is_paused {
            return Ok(None);
        }
        self.paused_until = None;
        match os.accept(&self.socket) {
            Ok((stream, from)) => Ok(Some(caller(os, stream, from))),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.is_ready = false;
                Ok(None)
            }
            Err(error) => self.on_error(os, error, now).map(|()| None),
        }
    }

    fn on_error(&mut self, os: &mut O, error: io::Error, now: Millis) -> io::Result<()> {
        match O::accept_fault(&error) {
            AcceptFault::CallerGone => {}
            AcceptFault::Fatal => return Err(error),
            AcceptFault::Exhausted => self.pause(now, &error),
            AcceptFault::NoDescriptor => {
                let shed = self.shed(os);
                self.shed_count += shed as u64;
                // The system looks for a free descriptor before it looks for a caller, so it
                // returns this error even if no caller waits. No pause is needed then.
                if shed > 0 || self.is_ready {
                    self.pause(now, &error);
                }
            }
        }
        Ok(())
    }

    /// Accepts the callers that wait and resets them at once, so that they do not wait for a
    /// timeout. Returns how many they were.
    fn shed(&mut self, os: &mut O) -> usize {
        // The spare is missing if another process took the last descriptor of the system. Then
        // accepting fails again, and the next pause ends with another attempt.
        os.give_up_spare();
        let mut count = 0;
        while count < SHED_MAX {
            match os.accept(&self.socket) {
                Ok((stream, _)) => {
                    os.reset_at_close(&stream);
                    os.close(stream);
                    count += 1;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.is_ready = false;
                    break;
                }
                Err(error) if O::accept_fault(&error) == AcceptFault::CallerGone => count += 1,
                Err(_) => break,
            }
        }
        os.take_spare();
        count
    }

    fn pause(&mut self, now: Millis, error: &io::Error) {
        self.paused_until = Some(now + ACCEPT_PAUSE_MS);
        let (at, before) = self.last_log.unwrap_or_default();
        if self.last_log.is_some() && now.since(at) < PAUSE_LOG_MS {
            return;
        }
        let (shed, kind) = (self.shed_count - before, error.kind());
        log::warn!("event=accept_paused pause_ms={ACCEPT_PAUSE_MS} shed={shed} error={kind:?}");
        self.last_log = Some((now, self.shed_count));
    }
}

fn caller<O: Os>(os: &O, stream: O::Stream, from: SocketAddr) -> Caller<O::Stream> {
    let from = SocketAddr::new(from.ip().to_canonical(), from.port());
    // A caller from loopback has reached loopback, so the system call is not needed.
    let reached = if from.ip().is_loopback() {
        from.ip()
    } else {
        os.local_address(&stream).map_or(from.ip(), |local| local.ip().to_canonical())
    };
    Caller { stream, from, reached }
}

#[cfg(test)]
mod tests {
    use socket2::{Domain, Socket, Type};

    use super::*;
    use crate::event_loop::mio_os::MioOs;

    /// The socket is bound and does not listen: accept(2) returns EINVAL every time.
    #[test]
    fn a_socket_that_does_not_listen_is_an_error_and_not_a_pause() {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("any port");
        socket.set_nonblocking(true).expect("non-blocking");
        let socket = mio::net::TcpListener::from_std(socket.into());
        let mut listener = Listener::<MioOs>::new(ListenerId(0), socket, Framing::Raw);
        listener.is_ready = true;
        let mut os = MioOs::new().expect("a poller");
        let error = listener.accept(&mut os, Millis(0)).expect_err("it does not listen");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}
