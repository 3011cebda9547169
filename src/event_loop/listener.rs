//! The listening socket: who comes in, and what to do when nobody can.
//!
//! Who may stay is the machine's business. Read next: [`super::connections`].

use std::fs::File;
use std::io;
use std::net::{IpAddr, SocketAddr};

use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Registry};
use rustix::io::Errno;

use super::token::Source;
use crate::machine::{Framing, Millis};

/// Most connections accepted in one turn; the others come in the next.
pub(super) const ACCEPTS_PER_TURN: usize = 64;

/// How long to leave the listener alone when descriptors or memory have run out, in
/// milliseconds. Trying at once would spin: the system gives the same error again.
pub const ACCEPT_PAUSE_MS: u64 = 100;

/// How often that is logged at most, in milliseconds: ten pauses are one line.
pub const PAUSE_TOLD_MS: u64 = 1000;

/// Most of those who wait that are turned away at once when descriptors have run out. With a
/// pause in between, that is 640 a second.
pub const SHED_MAX: usize = 64;

#[derive(Debug)]
pub(super) struct Listener {
    socket: TcpListener,
    /// For the connections that come in here.
    pub(super) framing: Framing,
    /// Somebody may be waiting: the edge has come, and [`io::ErrorKind::WouldBlock`] has not.
    is_ready: bool,
    paused_until: Option<Millis>,
    /// A descriptor held in reserve, so that who waits when all others are in use can be taken
    /// in and sent away, instead of hanging in the kernel's queue without a word.
    spare: Option<File>,
    shed: u64,
    /// When that was last logged, and how many it was then.
    told: Option<(Millis, u64)>,
}

/// Somebody who came in.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) stream: TcpStream,
    pub(super) from: SocketAddr,
    pub(super) reached: IpAddr,
}

/// Whose fault it is that nobody came in: accept(2), "Error handling".
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    /// The caller's, who is gone already: on to the next.
    Callers,
    /// All descriptors are in use. The caller still waits.
    NoDescriptor,
    /// Some other want of the system's, which will last for a while.
    Exhausted,
    /// This is no listening socket any more, and will not become one again.
    Fatal,
}

impl Fault {
    fn of(error: &io::Error) -> Self {
        match Errno::from_io_error(error) {
            Some(Errno::MFILE | Errno::NFILE) => Self::NoDescriptor,
            Some(Errno::BADF | Errno::INVAL | Errno::NOTSOCK | Errno::FAULT) => Self::Fatal,
            Some(
                // Errors that are pending on the new connection: Linux hands them over here.
                Errno::CONNABORTED
                | Errno::INTR
                | Errno::PROTO
                | Errno::NOPROTOOPT
                | Errno::OPNOTSUPP
                | Errno::HOSTDOWN
                | Errno::HOSTUNREACH
                | Errno::NETDOWN
                | Errno::NETUNREACH
                | Errno::NONET
                | Errno::CONNRESET
                | Errno::TIMEDOUT
                // By a rule of the firewall.
                | Errno::PERM,
            ) => Self::Callers,
            // NOBUFS, NOMEM; and with what nobody has heard of yet, rather a pause than a spin.
            _ => Self::Exhausted,
        }
    }
}

impl Listener {
    pub(super) fn register(
        mut socket: TcpListener,
        framing: Framing,
        registry: &Registry,
    ) -> io::Result<Self> {
        registry.register(&mut socket, Source::Listener.into(), Interest::READABLE)?;
        Ok(Self {
            socket,
            framing,
            is_ready: false,
            paused_until: None,
            spare: spare(),
            shed: 0,
            told: None,
        })
    }

    pub(super) fn on_event(&mut self) {
        self.is_ready = true;
    }

    /// When to look again; now, where somebody may be waiting.
    pub(super) fn next_deadline(&self, now: Millis) -> Option<Millis> {
        self.is_ready.then(|| self.paused_until.unwrap_or(now))
    }

    /// How many were sent away at the door so far.
    pub(super) fn shed_count(&self) -> u64 {
        self.shed
    }

    /// The next caller. `None`: nobody waits, or nobody can come in now.
    ///
    /// # Errors
    ///
    /// If this is no listening socket any more.
    pub(super) fn accept(&mut self, now: Millis) -> io::Result<Option<Caller>> {
        let is_paused = self.paused_until.is_some_and(|until| now < until);
        if !self.is_ready || is_paused {
            return Ok(None);
        }
        self.paused_until = None;
        match self.socket.accept() {
            Ok((stream, from)) => Ok(Some(caller(stream, from))),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.is_ready = false;
                Ok(None)
            }
            Err(error) => self.on_error(error, now).map(|()| None),
        }
    }

    fn on_error(&mut self, error: io::Error, now: Millis) -> io::Result<()> {
        match Fault::of(&error) {
            Fault::Callers => {}
            Fault::Fatal => return Err(error),
            Fault::Exhausted => self.pause(now, &error),
            Fault::NoDescriptor => {
                let shed = self.shed();
                self.shed += shed as u64;
                // With a full table the system says so even where nobody waits: it looks for the
                // descriptor first. Then there is no reason to pause, and nothing to be said.
                if shed > 0 || self.is_ready {
                    self.pause(now, &error);
                }
            }
        }
        Ok(())
    }

    /// Takes in who waits, and closes at once, so that they know, and how many those were.
    fn shed(&mut self) -> usize {
        // Where there is none, because somebody else was faster when it was to be opened again,
        // the accepting fails once more, and then there may be one.
        self.spare = None;
        let mut count = 0;
        while count < SHED_MAX {
            match self.socket.accept() {
                Ok(_) => count += 1,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.is_ready = false;
                    break;
                }
                Err(error) if Fault::of(&error) == Fault::Callers => count += 1,
                Err(_) => break,
            }
        }
        self.spare = spare();
        count
    }

    fn pause(&mut self, now: Millis, error: &io::Error) {
        self.paused_until = Some(now + ACCEPT_PAUSE_MS);
        let (at, before) = self.told.unwrap_or_default();
        if self.told.is_some() && now.since(at) < PAUSE_TOLD_MS {
            return;
        }
        let (shed, kind) = (self.shed - before, error.kind());
        log::warn!("event=accept_paused pause_ms={ACCEPT_PAUSE_MS} shed={shed} error={kind:?}");
        self.told = Some((now, self.shed));
    }
}

/// A descriptor of no use but to be given up. `None`: there is not even that one.
fn spare() -> Option<File> {
    File::open("/dev/null").ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_accept_has_its_answer() {
        let cases = [
            (Errno::MFILE, Fault::NoDescriptor),
            (Errno::NFILE, Fault::NoDescriptor),
            (Errno::NOBUFS, Fault::Exhausted),
            (Errno::NOMEM, Fault::Exhausted),
            (Errno::CONNABORTED, Fault::Callers),
            (Errno::PROTO, Fault::Callers),
            (Errno::NETDOWN, Fault::Callers),
            (Errno::HOSTUNREACH, Fault::Callers),
            (Errno::BADF, Fault::Fatal),
            (Errno::INVAL, Fault::Fatal),
            (Errno::NOTSOCK, Fault::Fatal),
        ];
        for (errno, fault) in cases {
            assert_eq!(Fault::of(&errno.into()), fault, "{errno:?}");
        }
    }

    /// A socket that was bound and never listens: the system says EINVAL, for good.
    #[test]
    fn what_does_not_listen_is_an_error_and_not_a_pause() {
        use socket2::{Domain, Socket, Type};
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("any port");
        socket.set_nonblocking(true).expect("non-blocking");
        let socket = TcpListener::from_std(socket.into());
        let mut listener = Listener {
            socket,
            framing: Framing::Raw,
            is_ready: true,
            paused_until: None,
            spare: None,
            shed: 0,
            told: None,
        };
        let error = listener.accept(Millis(0)).expect_err("it does not listen");
        assert_eq!(Errno::from_io_error(&error), Some(Errno::INVAL));
    }
}
