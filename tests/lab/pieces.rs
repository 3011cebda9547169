//! The guide's `create_tcp_client_socket`, and datagrams: the parts of the event loop that only the
//! lab uses.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use papo::event_loop::{EventLoop, socket};
use papo::lab::Notice;
use papo::lab::echo::Echo;
use papo::machine::{Actions, Input, Machine, Millis, Typed};

use crate::support::{Raw, eventually};

pub(crate) fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

pub(crate) fn turn_until<M: Machine<Notice = Notice, Command = Typed>>(
    event_loop: &mut EventLoop<M>,
    what: &str,
    mut is_so: impl FnMut(&mut EventLoop<M>) -> bool,
) {
    eventually(what, || {
        event_loop.turn(Some(Duration::from_millis(5))).expect("the poller works");
        is_so(event_loop)
    });
}

#[test]
fn a_client_socket_connects_without_waiting() {
    let listener = std::net::TcpListener::bind(loopback()).expect("any port");
    let address = listener.local_addr().expect("an address");
    let stream = socket::create_tcp_client_socket(address).expect("begins");
    let mut raw = Raw::accept(&listener);
    raw.send("x");
    eventually("it is connected", || stream.peer_addr().is_ok_and(|other| other == address));
}

#[test]
fn a_datagram_that_cannot_leave_is_counted() {
    let bound = socket::create_udp_socket(loopback()).expect("any port");
    let address = bound.local_addr().expect("an address");
    let mut event_loop = EventLoop::new(TooLong).expect("a poller");
    event_loop.bind(bound, false).expect("is watched");
    let client = UdpSocket::bind(loopback()).expect("any port");
    client.set_read_timeout(Some(crate::support::PATIENCE)).expect("a timeout");
    client.send_to(b"hello", address).expect("leaves");
    turn_until(&mut event_loop, "it is lost", |it| it.dropped_datagrams() == 1);
    let mut buffer = [0; 10];
    assert_eq!(client.recv(&mut buffer).expect("the short datagram"), 2);
}

/// Answers with a datagram that is too long for any network, and one that is not.
struct TooLong;

impl Machine for TooLong {
    type Notice = Notice;
    type Command = Typed;

    fn handle(&mut self, _now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Notice>) {
        if let Input::Datagram { from, .. } = input {
            actions.send_to(from, |out| out.extend([b'x'; 70_000]));
            actions.send_to(from, |out| out.extend(b"ok"));
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        None
    }
}

/// More datagrams than one turn takes, and only one edge.
#[test]
fn every_datagram_of_a_burst_is_answered() {
    let bound = socket::create_udp_socket(loopback()).expect("any port");
    let address = bound.local_addr().expect("an address");
    let mut event_loop = EventLoop::new(Echo::default()).expect("a poller");
    event_loop.bind(bound, false).expect("is watched");
    let client = UdpSocket::bind(loopback()).expect("any port");
    client.set_nonblocking(true).expect("non-blocking");
    let burst = 3 * papo::event_loop::datagrams::DATAGRAMS_PER_TURN;
    for number in 0..burst {
        client.send_to(&[number as u8], address).expect("leaves");
    }
    let mut echoes = 0;
    turn_until(&mut event_loop, "all have come back", |_| {
        while client.recv(&mut [0; 10]).is_ok() {
            echoes += 1;
        }
        echoes == burst
    });
}
