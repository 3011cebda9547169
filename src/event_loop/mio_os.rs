//! The real operating system, by way of mio: epoll(7) on Linux, kqueue(2) on BSD and
//! macOS, completion ports on Windows.
//!
//! Only system calls are here. The options of the sockets are in [`super::socket`]. Read next:
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

/// Both directions of a stream, and urgent bytes if the system reports them.
#[cfg(any(target_os = "linux", target_os = "android"))]
const STREAM_INTEREST: Interest =
    Interest::READABLE.add(Interest::WRITABLE).add(Interest::PRIORITY);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const STREAM_INTEREST: Interest = Interest::READABLE.add(Interest::WRITABLE);

/// Longest sleep. The poller's own timeout is a 32-bit number of milliseconds, which a long sleep
/// could exceed. One wake-up a minute costs almost nothing.
const SLEEP_MAX: Duration = Duration::from_secs(60);

/// Mio's poller, and the monotonic clock.
#[derive(Debug)]
pub struct MioOs {
    poll: Poll,
    events: Events,
    start: Instant,
    /// The spare descriptor: see [`Os::give_up_spare`].
    spare: Option<File>,
}

impl MioOs {
    /// A poller without a source. The clock begins at 0.
    ///
    /// # Errors
    ///
    /// If the system gives no poller.
    #[allow(clippy::disallowed_methods, reason = "the only clock of the loop and its machine")]
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

    /// Mio uses epoll(7) or kqueue(2) on every Unix that papo runs on, unless it was built for
    /// poll(2).
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

    /// Follows the six steps in mio's documentation of [`TcpStream::connect`]. A writable event
    /// alone does not mean that the dial succeeded.
    fn dial_result(&mut self, stream: &TcpStream) -> Option<Result<(), io::ErrorKind>> {
        if let Ok(Some(error)) | Err(error) = stream.take_error() {
            return Some(Err(error.kind()));
        }
        match stream.peer_addr() {
            // The kernel may choose, as the local port of a dial, the very port that is dialed on
            // this machine. The socket is then connected to itself, and no program listens there.
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
        // It fails if the other side has reset the connection already.
        let _ = socket::reset_at_close(stream);
    }

    fn close(&mut self, stream: TcpStream) {
        // The kernel removes a closed descriptor from the poller.
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
    /// A socket is bound and then dials its own address: TCP's simultaneous open with one socket.
    /// Without `bind` the kernel chooses that port only once in thousands of dials.
    #[test]
    fn a_connection_to_itself_is_a_refused_one() {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("any port");
        let own = socket.local_addr().expect("its address");
        socket.connect(&own).expect("Linux connects a socket to itself");
        socket.set_nonblocking(true).expect("non-blocking");
        let stream = TcpStream::from_std(socket.into());
        let mut os = MioOs::new().expect("a poller");
        assert_eq!(os.dial_result(&stream), Some(Err(io::ErrorKind::ConnectionRefused)));
    }
}
