//! Makes sockets, with the options that every socket of the program has.
//!
//! On Linux, an accepted connection inherits the options of its listener, so they cost no system
//! call for each connection. Read next: [`super::listener`].

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use mio::net::{TcpListener, TcpStream, UdpSocket};
use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};

use crate::machine::GIVE_UP;

/// How many clients may wait in the kernel to be accepted. With mio's own 128, a burst of 2000
/// clients took two seconds: a client that finds the queue full sends its SYN again later.
pub const BACKLOG: i32 = 4096;

/// Size of the kernel's send buffer of an accepted connection, in bytes. The kernel takes up to
/// twice this. By default, one client that does not read could occupy 4 MB.
pub const SEND_BUFFER_BYTES: usize = 32 * 1024;

/// Longest segment of an accepted connection, in bytes. Over Ethernet, segments are shorter. Over
/// loopback, a single segment would fill the send buffer, and Linux acknowledges a single segment
/// only after 40 ms: a LIST of 9,000 names took 44 ms, and takes 0.1 ms with this bound.
pub const SEGMENT_BYTES_MAX: u32 = 16 * 1024;

/// How many unsent bytes the kernel takes of a stream (tcp(7), `TCP_NOTSENT_LOWAT`). Over loopback
/// it would take megabytes. A machine would then see the progress of a slow reader only after a
/// third of them had been sent.
pub const UNSENT_BYTES: u32 = 64 * 1024;

/// TCP keepalive: the first probe after 30 seconds without received bytes, then one every 10
/// seconds, and their number. With [`GIVE_UP`], Linux goes by the time and not by the number.
const KEEPALIVE: (Duration, Duration, u32) = (Duration::from_secs(30), Duration::from_secs(10), 3);

/// A listening socket for a directory or a peer, ready for an event loop. For port 0 the system
/// chooses a port.
///
/// The IPv6 address `[::]` takes IPv4 callers as well. [`SEND_BUFFER_BYTES`] bounds the kernel's
/// memory for each of thousands of connections.
///
/// # Errors
///
/// Those of the operating system, [`io::ErrorKind::AddrInUse`] among them.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = tcp_socket(address)?;
    set_listener_options(SockRef::from(&socket))?;
    listen_on(&socket, address, BACKLOG)?;
    Ok(TcpListener::from_std(socket.into()))
}

/// A listening socket for long streams, with the kernel's own buffer sizes. `queue_size` clients
/// may wait to be accepted. This is the `socket`, `bind` and `listen` of the textbooks, but the
/// socket is non-blocking, for [`super::EventLoop::listen`].
///
/// # Errors
///
/// Those of the operating system, [`io::ErrorKind::AddrInUse`] among them.
pub fn create_tcp_server_socket(address: SocketAddr, queue_size: i32) -> io::Result<TcpListener> {
    let socket = tcp_socket(address)?;
    set_stream_options(SockRef::from(&socket))?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_notsent_lowat(UNSENT_BYTES)?;
    listen_on(&socket, address, queue_size)?;
    Ok(TcpListener::from_std(socket.into()))
}

/// The local address from which this machine would send to `outside`. `None`: there is no route.
/// The function connects a datagram socket, which sends nothing: it only chooses a route.
#[must_use]
pub fn address_towards(outside: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = match outside {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).ok()?;
    // The port does not matter. This one is "discard".
    socket.connect(SocketAddr::new(outside, 9)).ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_unspecified())
}

/// A socket that has begun to connect, as for [`crate::machine::Action::Dial`]: a non-blocking
/// `connect`. A writable event reports that it has ended.
///
/// # Errors
///
/// Those that the operating system knows at once.
pub fn create_tcp_client_socket(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    set_stream_options(SockRef::from(&stream))?;
    Ok(stream)
}

/// A datagram socket, for [`super::EventLoop::bind`]. It has no queue of connections to accept: one
/// socket receives from all senders, and each datagram has its sender's address.
///
/// # Errors
///
/// Those of the operating system, [`io::ErrorKind::AddrInUse`] among them.
pub fn create_udp_socket(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(UdpSocket::from_std(socket.into()))
}

fn tcp_socket(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    // With SO_REUSEADDR, a restarted server can bind while its old connections are in TIME_WAIT.
    // Windows needs no option for that, and there it would let another program take the port.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn listen_on(socket: &Socket, address: SocketAddr, queue_size: i32) -> io::Result<()> {
    socket.bind(&address.into())?;
    socket.listen(queue_size)
}

/// Gives a listening socket that another program opened the options of [`listen`]. Callers may wait
/// in it already.
///
/// # Errors
///
/// Those of the operating system.
pub fn adopt(listener: std::net::TcpListener) -> io::Result<TcpListener> {
    let socket = SockRef::from(&listener);
    socket.set_nonblocking(true)?;
    // On a listening socket, this changes only how many callers may wait.
    socket.listen(BACKLOG)?;
    set_listener_options(socket)?;
    Ok(TcpListener::from_std(listener))
}

/// Sets TCP keepalive on all connections that a listener will accept, so that the peer notices when
/// the other machine has vanished. A directory does not need it: it expels each client that sends
/// no KEEP, and would have a kernel timer for each of thousands.
///
/// # Errors
///
/// Those of the operating system.
pub fn probe_silent(listener: &TcpListener) -> io::Result<()> {
    set_probes(SockRef::from(listener))
}

fn set_listener_options(socket: SockRef<'_>) -> io::Result<()> {
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    // Other systems return EINVAL for a socket that is not connected.
    #[cfg(target_os = "linux")]
    socket.set_tcp_mss(SEGMENT_BYTES_MAX)?;
    // Without it, a LIST right after a KEEP would wait 40 ms for the acknowledgement of the KEEP.
    socket.set_tcp_nodelay(true)
}

fn set_stream_options(socket: SockRef<'_>) -> io::Result<()> {
    socket.set_tcp_nodelay(true)?;
    set_probes(socket)
}

fn set_probes(socket: SockRef<'_>) -> io::Result<()> {
    let (idle, interval, retries) = KEEPALIVE;
    let probes = TcpKeepalive::new().with_time(idle).with_interval(interval);
    // Windows sends ten probes, and has an option for their number only since version 1703.
    let probes = if cfg!(windows) { probes } else { probes.with_retries(retries) };
    socket.set_tcp_keepalive(&probes)?;
    set_give_up(&socket, GIVE_UP)
}

/// Makes the system close a connection whose sent bytes stay unacknowledged for `give_up`.
///
/// # Errors
///
/// Those of the operating system.
pub(super) fn give_up_after(stream: &TcpStream, give_up: Duration) -> io::Result<()> {
    set_give_up(&SockRef::from(stream), give_up)
}

/// Makes the system reset the connection when it is closed. (A linger time of zero is the only way
/// to ask for that, on Unix and on Windows.)
///
/// # Errors
///
/// Those of the operating system.
pub(super) fn reset_at_close(stream: &TcpStream) -> io::Result<()> {
    SockRef::from(stream).set_linger(Some(Duration::ZERO))
}

fn set_give_up(socket: &SockRef<'_>, give_up: Duration) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(give_up))?;
    #[cfg(not(target_os = "linux"))]
    let _ = (socket, give_up);
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// P34.
    #[test]
    fn an_accepted_connection_inherits_the_options_of_its_listener() {
        let local = SocketAddr::from(([127, 0, 0, 1], 0));
        expect_options(&listen(local).expect("any port"), false);
        let passed = std::net::TcpListener::bind(local).expect("any port");
        expect_options(&adopt(passed).expect("the options are set"), false);
        let of_a_peer = listen(local).expect("any port");
        probe_silent(&of_a_peer).expect("probes");
        expect_options(&of_a_peer, true);
    }

    #[track_caller]
    fn expect_options(listener: &TcpListener, is_probed: bool) {
        let address = listener.local_addr().expect("its address");
        let _client = std::net::TcpStream::connect(address).expect("the queue takes it");
        let accepted = loop {
            if let Ok((stream, _)) = listener.accept() {
                break stream;
            }
        };
        let socket = SockRef::from(&accepted);
        assert!(socket.tcp_nodelay().expect("nodelay"));
        assert_eq!(socket.keepalive().expect("keepalive"), is_probed);
        let user_timeout = socket.tcp_user_timeout().expect("user timeout");
        assert_eq!(user_timeout, is_probed.then_some(GIVE_UP));
        if is_probed {
            assert_eq!(socket.tcp_keepalive_time().expect("idle"), KEEPALIVE.0);
        }
        assert!(socket.tcp_mss().expect("segments") <= SEGMENT_BYTES_MAX);
        let send_buffer = socket.send_buffer_size().expect("send buffer");
        assert!(send_buffer <= 2 * SEND_BUFFER_BYTES, "{send_buffer}");
    }
}
