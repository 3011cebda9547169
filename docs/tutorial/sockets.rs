//! The poller and the listener of step 4, in a file of their own. The real ones are
//! src/event_loop/mio_os.rs and src/event_loop/listener.rs.

use std::io::{self, ErrorKind};
use std::net::IpAddr;
use std::time::Duration;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

use crate::directory::say;

/// The key of the listener. The keys of clients count from 1.
pub(crate) const LISTENER: usize = 0;
const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

pub(crate) struct Sockets {
    poll: Poll,
    events: Events,
    listener: TcpListener,
    last_key: usize,
}

impl Sockets {
    /// Listens at the address that the command line gives.
    pub(crate) fn open() -> io::Result<Self> {
        let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:10000".to_string());
        let mut listener = TcpListener::bind(address.parse().expect("ADDRESS:PORT"))?;
        say(&format!("listening on {}", listener.local_addr()?));
        let poll = Poll::new()?;
        poll.registry().register(&mut listener, Token(LISTENER), Interest::READABLE)?;
        Ok(Self { poll, events: Events::with_capacity(64), listener, last_key: LISTENER })
    }

    /// Waits until a socket is ready, for `timeout` at most. Returns the keys of those that are.
    pub(crate) fn wait(&mut self, timeout: Option<Duration>) -> io::Result<Vec<usize>> {
        match self.poll.poll(&mut self.events, timeout) {
            Err(error) if error.kind() != ErrorKind::Interrupted => Err(error),
            _ => Ok(self.events.iter().map(|event| event.token().0).collect()),
        }
    }

    /// The next caller, with its key. `None`: nobody else waits.
    pub(crate) fn accept(&mut self) -> io::Result<Option<(usize, TcpStream, IpAddr)>> {
        let Ok((mut stream, from)) = self.listener.accept() else { return Ok(None) };
        self.last_key += 1;
        self.poll.registry().register(&mut stream, Token(self.last_key), BOTH)?;
        Ok(Some((self.last_key, stream, from.ip())))
    }
}
