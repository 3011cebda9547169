//! The real operating system, by way of mio: epoll(7) on Linux, kqueue(2) on BSD and
//! macOS, completion ports on Windows.
//!
//! System calls and nothing else. The options of the sockets are in [`super::socket`]. Read next:
//! [`super`], the loop itself.

use std::fs::File;
use std::io::{self, IoSlice, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream, UdpSocket};
use mio::{Events, Interest, Poll, Registry, Token};

use super::accept_errors;
use super::os::{AcceptFault, EVENTS_PER_TURN, Os, Readiness};
use super::socket;
use crate::machine::Millis;

/// Both directions of a stream, and word of urgent bytes where the system has it.
#[cfg(any(target_os = "linux", target_os = "android"))]
const STREAM_INTEREST: Interest =
    Interest::READABLE.add(Interest::WRITABLE).add(Interest::PRIORITY);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const STREAM_INTEREST: Interest = Interest::READABLE.add(Interest::WRITABLE);

/// Longest sleep. The poller's own timeout is a 32-bit number of milliseconds; a minute keeps far
/// away from its end, and waking up once a minute costs nothing.
const SLEEP_MAX: Duration = Duration::from_secs(60);

/// Mio's poller, and the monotonic clock.
#[derive(Debug)]
pub struct MioOs {
    poll: Poll,
    events: Events,
    start: Instant,
    /// A descriptor of no use but to be given up: see [`Os::give_up_spare`].
    spare: Option<File>,
}

impl MioOs {
    /// A poller with nothing to watch yet. The clock begins at 0.
    ///
    /// # Errors
    ///
    /// If the system has no poller for us.
    #[allow(clippy::disallowed_methods, reason = "the one clock that anything is decided by")]
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            poll: Poll::new()?,
            events: Events::with_capacity(EVENTS_PER_TURN),
            start: Instant::now(),
            spare: None,
        })
    }

    pub(super) fn registry(&self) -> &Registry {
        self.poll.registry()
    }

    #[cfg(all(unix, not(mio_unsupported_force_poll_poll)))]
    pub(super) fn poll_descriptor(&self) -> &Poll {
        &self.poll
    }
}

impl Os for MioOs {
    type Stream = TcpStream;
    type Listener = TcpListener;
    type Datagrams = UdpSocket;

    /// Mio is epoll(7) or kqueue(2) on every Unix that papo runs on, unless it was built to use
    /// poll(2) instead.
    const SHORT_READ_EMPTIES: bool = cfg!(unix) && !cfg!(mio_unsupported_force_poll_poll);

    fn now(&self) -> Millis {
        Millis(u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    fn poll(&mut self, ready: &mut Vec<Readiness>, timeout: Option<Duration>) -> io::Result<()> {
        self.poll.poll(&mut self.events, timeout.map(|timeout| timeout.min(SLEEP_MAX)))?;
        ready.extend(self.events.iter().map(|event| Readiness {
            token: event.token().0,
            readable: event.is_readable(),
            writable: event.is_writable(),
            read_closed: event.is_read_closed(),
            write_closed: event.is_write_closed(),
            error: event.is_error(),
            priority: event.is_priority(),
        }));
        Ok(())
    }

    fn watch_listener(&mut self, listener: &mut TcpListener, token: usize) -> io::Result<()> {
        self.take_spare();
        self.registry().register(listener, Token(token), Interest::READABLE)
    }

    fn watch_stream(&mut self, stream: &mut TcpStream, token: usize) -> io::Result<()> {
        self.registry().register(stream, Token(token), STREAM_INTEREST)
    }

    fn watch_datagrams(&mut self, socket: &mut UdpSocket, token: usize) -> io::Result<()> {
        self.registry().register(socket, Token(token), Interest::READABLE)
    }

    fn accept(&mut self, listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
        listener.accept()
    }

    fn accept_fault(error: &io::Error) -> AcceptFault {
        accept_errors::fault(error)
    }

    fn give_up_spare(&mut self) {
        self.spare = None;
    }

    fn take_spare(&mut self) {
        if self.spare.is_none() {
            self.spare = accept_errors::spare();
        }
    }

    fn dial(&mut self, to: SocketAddr, give_up: Duration) -> io::Result<TcpStream> {
        let stream = socket::create_tcp_client_socket(to)?;
        socket::give_up_after(&stream, give_up)?;
        Ok(stream)
    }

    /// The six steps of mio's documentation of [`TcpStream::connect`]: a writable event alone
    /// proves nothing.
    fn dial_result(&mut self, stream: &TcpStream) -> Option<Result<(), io::ErrorKind>> {
        if let Ok(Some(error)) | Err(error) = stream.take_error() {
            return Some(Err(error.kind()));
        }
        match stream.peer_addr() {
            // A dial to a port of this machine where nobody listens may be given that very port
            // for its own end, and then connects to itself.
            Ok(other) if stream.local_addr().is_ok_and(|local| local == other) => {
                Some(Err(io::ErrorKind::ConnectionRefused))
            }
            Ok(_) => Some(Ok(())),
            Err(error) if error.kind() == io::ErrorKind::NotConnected => None,
            Err(error) => Some(Err(error.kind())),
        }
    }

    fn local_address(&self, stream: &TcpStream) -> io::Result<SocketAddr> {
        stream.local_addr()
    }

    fn peer_address(&self, stream: &TcpStream) -> io::Result<SocketAddr> {
        stream.peer_addr()
    }

    fn read(&mut self, mut stream: &TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
        stream.read(buffer)
    }

    fn write(&mut self, mut stream: &TcpStream, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        // One slice is the usual case, and write(2) is cheaper than writev(2).
        match slices {
            [one] => stream.write(one),
            several => stream.write_vectored(several),
        }
    }

    fn shutdown(&mut self, stream: &TcpStream, how: Shutdown) {
        let _ = stream.shutdown(how);
    }

    fn reset_at_close(&mut self, stream: &TcpStream) {
        // It fails where the other side has reset the connection already.
        let _ = socket::reset_at_close(stream);
    }

    fn close(&mut self, stream: TcpStream) {
        // Closing takes it out of the poller, too.
        drop(stream);
    }

    fn receive(
        &mut self,
        socket: &UdpSocket,
        buffer: &mut [u8],
    ) -> io::Result<(usize, SocketAddr)> {
        socket.recv_from(buffer)
    }

    fn send(&mut self, socket: &UdpSocket, bytes: &[u8], to: SocketAddr) -> io::Result<()> {
        socket.send_to(bytes, to).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use socket2::{Domain, Socket, Type};

    /// P32.
    /// A socket that was bound first and dials its own address: TCP's simultaneous open with one
    /// end. Without `bind` the kernel's choice of a port leads there by chance, once in thousands.
    #[test]
    fn a_connection_to_itself_is_a_refused_one() {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("any port");
        let own = socket.local_addr().expect("its address");
        socket.connect(&own).expect("Linux connects it");
        socket.set_nonblocking(true).expect("non-blocking");
        let stream = TcpStream::from_std(socket.into());
        let mut os = MioOs::new().expect("a poller");
        assert_eq!(os.dial_result(&stream), Some(Err(io::ErrorKind::ConnectionRefused)));
    }
}
