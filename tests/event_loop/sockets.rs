//! The options of real sockets, and what they do.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use papo::event_loop::mio_os::MioOs;
use papo::event_loop::os::Os;
use papo::event_loop::{EventLoop, socket};
use papo::machine::{Framing, GIVE_UP};
use socket2::{Domain, SockRef, Socket, Type};

use super::{Heard, LIMIT, Obedient};

/// Longer than any sleep in these tests that an event ends.
pub(super) const LONG: Duration = Duration::from_secs(5);

fn any_port() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

pub(super) fn listening() -> (EventLoop<Obedient>, SocketAddr) {
    let listener = socket::listen(any_port()).expect("any port");
    let address = listener.local_addr().expect("bound");
    let mut event_loop = EventLoop::new(Obedient::default()).expect("a poller");
    event_loop.listen(listener, Framing::Lines(LIMIT)).expect("registered");
    (event_loop, address)
}

/// A client whose kernel takes only a few kilobytes as long as the client does not read.
fn narrow_client(address: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    socket.connect(&address.into()).expect("the queue takes it");
    socket.into()
}

/// Most of the answer still waits in our kernel when the client sends more. After a close the kernel
/// would answer with a reset, and drop the rest of the answer.
#[test]
fn bytes_written_before_a_half_close_arrive_although_the_client_sends_more() {
    const ANSWER: usize = 20_000;
    let (mut event_loop, address) = listening();
    let mut client = narrow_client(address);
    client.write_all(format!("send {ANSWER}\nhalf-close\n").as_bytes()).expect("few bytes");
    let is_half_close = |heard| matches!(heard, Heard::Line(_, line) if line == "half-close");
    let mut is_asked_for = false;
    while !is_asked_for {
        event_loop.turn(Some(LONG)).expect("the poller works");
        is_asked_for = event_loop.notices().any(is_half_close);
    }
    client.write_all(b"and another thing\n").expect("few bytes");
    client.set_nonblocking(true).expect("non-blocking");
    let (mut received, mut buffer) = (0, [0; 4096]);
    loop {
        match client.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => received += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                event_loop.turn(Some(Duration::from_millis(10))).expect("the poller works");
            }
            Err(error) => panic!("{error} after {received} bytes of {ANSWER}"),
        }
    }
    assert_eq!(received, ANSWER);
}

/// A host that loses power sends no reset, and by default the kernel tries for a quarter of an hour.
#[cfg(target_os = "linux")]
#[test]
fn a_connection_is_given_up_when_bytes_stay_unacknowledged() {
    let mut os = MioOs::new().expect("a poller");
    let listener = socket::listen(any_port()).expect("any port");
    socket::probe_silent(&listener).expect("probes");
    let address = listener.local_addr().expect("bound");
    let give_up = Duration::from_secs(20);
    let dialed = os.dial(address, give_up).expect("it begins");
    let (accepted, _) = loop {
        match os.accept(&listener) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            other => break other.expect("the dialed one"),
        }
    };
    let timeout = |stream| SockRef::from(stream).tcp_user_timeout().expect("the option");
    assert_eq!(timeout(&dialed), Some(give_up), "what the machine wants");
    assert_eq!(timeout(&accepted), Some(GIVE_UP), "inherited from the listener");
    for stream in [&dialed, &accepted] {
        assert!(SockRef::from(stream).keepalive().expect("the option"), "silence is probed");
    }
}
