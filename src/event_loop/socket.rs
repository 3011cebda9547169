//! Sockets with the options that every socket of the program has.
//!
//! The connections that a listener accepts inherit its options on Linux: options that
//! cost no system call a connection. Read next: [`super::listener`].

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use mio::net::{TcpListener, TcpStream, UdpSocket};
use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};

use crate::machine::GIVE_UP;

/// How many clients the kernel keeps waiting while the loop is busy. With mio's own 128, a burst
/// of 2000 took two seconds to get in: a client that finds the queue full tries again later.
pub const BACKLOG: i32 = 4096;

/// How much output the kernel keeps for a reader that does not read, in bytes; it keeps up to
/// twice this. By default it lets one such reader pin 4 MB.
pub const SEND_BUFFER_BYTES: usize = 32 * 1024;

/// Longest segment on the connections that a listener accepts, in bytes. Over a cable they are
/// shorter anyway. Over loopback one alone would fill the send buffer, and Linux acknowledges a
/// lone segment only after 40 ms: a LIST of 9,000 names took 44 ms, and with this 0.1 ms.
pub const SEGMENT_BYTES_MAX: u32 = 16 * 1024;

/// How many bytes the kernel takes of a stream beyond those that the other side has room for
/// (tcp(7), `TCP_NOTSENT_LOWAT`). Over loopback it would take megabytes, and a machine would see a
/// slow reader's progress only when a third of them had gone.
pub const UNSENT_BYTES: u32 = 64 * 1024;

/// A connection on which nothing arrives is probed after 30 seconds, and then every 10.
/// With [`GIVE_UP`] the system counts the time, and not the probes.
const KEEPALIVE: (Duration, Duration, u32) = (Duration::from_secs(30), Duration::from_secs(10), 3);

/// A listening socket for a chat's directory or peer, ready for an event loop. Port 0 lets the
/// system choose.
///
/// An IPv6 address that means "any" takes IPv4 callers as well. What the kernel keeps for each
/// connection is bounded by [`SEND_BUFFER_BYTES`], because there may be thousands.
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

/// A listening socket where `queue_size` clients may wait to be accepted, with the kernel's own
/// buffers: for streams. What the textbooks write as `socket`, `bind` and `listen`, but for one
/// thing: it never blocks, and so belongs into [`super::EventLoop::listen`].
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

/// The address from which this machine would send to that one. To connect a datagram socket sends
/// nothing: it only chooses a route. `None`: there is no route.
#[must_use]
pub fn address_towards(outside: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = match outside {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).ok()?;
    // Any port would do; this one is called "discard".
    socket.connect(SocketAddr::new(outside, 9)).ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_unspecified())
}

/// A socket that has begun to connect, as [`crate::machine::Action::Dial`] makes them: `connect`
/// that does not wait. Whether it came to anything is said by a writable event.
///
/// # Errors
///
/// Those of the operating system that are known at once.
pub fn create_tcp_client_socket(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    set_stream_options(SockRef::from(&stream))?;
    Ok(stream)
}

/// A datagram socket, for [`super::EventLoop::bind`]. It needs no queue size and no accepting:
/// one socket receives from everybody, and each datagram says where it comes from.
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
    // A restarted server may bind while its old connections are still in TIME_WAIT. Windows lets it
    // anyway, and there the option would let another program take the port over.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn listen_on(socket: &Socket, address: SocketAddr, queue_size: i32) -> io::Result<()> {
    socket.bind(&address.into())?;
    socket.listen(queue_size)
}

/// A socket that somebody else has opened, made like one of [`listen`]: callers may wait in it
/// already.
///
/// # Errors
///
/// Those of the operating system.
pub fn adopt(listener: std::net::TcpListener) -> io::Result<TcpListener> {
    let socket = SockRef::from(&listener);
    socket.set_nonblocking(true)?;
    // On a socket that listens this changes only how many may wait.
    socket.listen(BACKLOG)?;
    set_listener_options(socket)?;
    Ok(TcpListener::from_std(listener))
}

/// Has the kernel probe the other ends of all that a listener will accept, so that a machine that
/// has vanished is noticed. For peers: a directory hears a KEEP from everybody or expels them, and
/// needs no timer of the kernel's for each of thousands.
///
/// # Errors
///
/// Those of the operating system.
pub fn probe_silent(listener: &TcpListener) -> io::Result<()> {
    set_probes(SockRef::from(listener))
}

fn set_listener_options(socket: SockRef<'_>) -> io::Result<()> {
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    // Elsewhere a socket that is not connected refuses it, with EINVAL.
    #[cfg(target_os = "linux")]
    socket.set_tcp_mss(SEGMENT_BYTES_MAX)?;
    // A KEEP and a LIST right behind it would wait 40 ms for each other's acknowledgement.
    socket.set_tcp_nodelay(true)
}

fn set_stream_options(socket: SockRef<'_>) -> io::Result<()> {
    socket.set_tcp_nodelay(true)?;
    set_probes(socket)
}

fn set_probes(socket: SockRef<'_>) -> io::Result<()> {
    let (idle, interval, retries) = KEEPALIVE;
    let probes = TcpKeepalive::new().with_time(idle).with_interval(interval);
    // Windows has a number of its own, ten, and lets it be changed only since the version 1703.
    let probes = if cfg!(windows) { probes } else { probes.with_retries(retries) };
    socket.set_tcp_keepalive(&probes)?;
    set_give_up(&socket, GIVE_UP)
}

/// Has the system give a connection up when bytes stay unacknowledged for so long.
///
/// # Errors
///
/// Those of the operating system.
pub(super) fn give_up_after(stream: &TcpStream, give_up: Duration) -> io::Result<()> {
    set_give_up(&SockRef::from(stream), give_up)
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
        expect_options(&adopt(passed).expect("it is taken as it is"), false);
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
