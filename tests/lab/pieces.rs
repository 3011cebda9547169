//! The guide's functions, `create_tcp_server_socket`, `create_tcp_client_socket` and `receive_all`,
//! and what else of the event loop only the lab's machines use.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use papo::console::lab::Console;
use papo::event_loop::{EventLoop, socket};
use papo::lab::Notice;
use papo::lab::echo::Echo;
use papo::lab::receive::ReceiveAll;
use papo::machine::{Action, Actions, ConnId, DialId, Framing, Input, Machine, Millis, Typed};

use crate::support::{Raw, eventually};
use crate::{recv, recv_all};

fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// Receives four digits, then as many bytes, and answers with them in brackets: exactly what
/// `receive_all(socket, length)` of the guide is for.
struct Records {
    dials: Option<SocketAddr>,
    /// The piece that is being received. It is the digits while `reads_digits`.
    piece: ReceiveAll,
    reads_digits: bool,
    /// Of pieces that ended too early: how many bytes had come, and how many were missing.
    cut_short: Vec<(usize, usize)>,
}

impl Default for Records {
    fn default() -> Self {
        let (dials, cut_short) = (None, Vec::new());
        Self { dials, piece: ReceiveAll::new(4), reads_digits: true, cut_short }
    }
}

impl Machine for Records {
    type Notice = Notice;
    type Command = Typed;

    fn handle(&mut self, _now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Notice>) {
        match input {
            Input::Tick => {
                let Some(to) = self.dials.take() else { return };
                actions.push(Action::Dial { dial: DialId(1), to, framing: Framing::Raw });
            }
            Input::Bytes { conn, mut bytes } => {
                while !bytes.is_empty() {
                    bytes = self.piece.take(bytes);
                    if self.piece.missing() == 0 {
                        self.on_piece(conn, actions);
                    }
                }
            }
            Input::EndOfStream { conn } => {
                let (length, missing) = (self.piece.bytes().len(), self.piece.missing());
                if length > 0 || !self.reads_digits {
                    self.cut_short.push((length, missing));
                }
                actions.push(Action::Close { conn });
            }
            Input::Stop => actions.push(Action::Exit { status: 0 }),
            _ => {}
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        self.dials.map(|_| Millis(0))
    }
}

impl Records {
    fn on_piece(&mut self, conn: ConnId, actions: &mut Actions<Notice>) {
        let bytes = self.piece.bytes();
        let next = if self.reads_digits {
            String::from_utf8_lossy(bytes).parse().expect("four digits")
        } else {
            actions.send(conn, |out| out.extend([b"[", bytes, b"]"].concat()));
            4
        };
        self.piece = ReceiveAll::new(next);
        self.reads_digits = !self.reads_digits;
    }
}

type Loop<M> = EventLoop<M, Console>;

fn turn_until<M: Machine<Notice = Notice, Command = Typed>>(
    event_loop: &mut Loop<M>,
    what: &str,
    mut is_so: impl FnMut(&mut Loop<M>) -> bool,
) {
    eventually(what, || {
        event_loop.turn(Some(Duration::from_millis(5))).expect("the poller works");
        is_so(event_loop)
    });
}

fn serving() -> (Loop<Records>, SocketAddr) {
    let listener = socket::create_tcp_server_socket(loopback(), 1).expect("any port");
    let address = listener.local_addr().expect("an address");
    let mut event_loop = EventLoop::new(Records::default(), Console::new(false)).expect("a poller");
    event_loop.listen(listener, Framing::Raw).expect("is watched");
    (event_loop, address)
}

#[test]
fn exactly_length_bytes_however_they_arrive() {
    let (mut event_loop, address) = serving();
    let mut raw = Raw::connect(address);
    let mut answers = Vec::new();
    for piece in ["00", "05ab\nd", "e0003xyz0002", "\r\n"] {
        raw.send(piece);
        raw.stream.set_nonblocking(true).expect("non-blocking");
        for _ in 0..20 {
            event_loop.turn(Some(Duration::from_millis(2))).expect("the poller works");
            let mut buffer = [0; 100];
            if let Ok(count) = std::io::Read::read(&mut raw.stream, &mut buffer) {
                answers.extend_from_slice(&buffer[..count]);
            }
        }
        raw.stream.set_nonblocking(false).expect("blocking");
    }
    assert_eq!(String::from_utf8_lossy(&answers), "[ab\nde][xyz][\r\n]");
}

#[test]
fn who_closes_early_is_told_from_who_sent_all() {
    let (mut event_loop, address) = serving();
    let mut raw = Raw::connect(address);
    raw.send("0010seven..");
    raw.half_close();
    turn_until(&mut event_loop, "it is cut short", |it| !it.machine().cut_short.is_empty());
    assert_eq!(event_loop.machine().cut_short, [(7, 3)]);
    assert_eq!(recv_all(&mut raw), b"");
}

/// The guide's server, `listen(1)`, and our loop as its client.
#[test]
fn a_client_socket_speaks_to_somebody_elses_server() {
    let listener = std::net::TcpListener::bind(loopback()).expect("any port");
    let machine =
        Records { dials: Some(listener.local_addr().expect("an address")), ..Records::default() };
    let mut event_loop = EventLoop::new(machine, Console::new(false)).expect("a poller");
    turn_until(&mut event_loop, "it dials", |it| it.machine().dials.is_none());
    let mut raw = Raw::accept(&listener);
    raw.send("0002ok");
    let mut turns = 0;
    turn_until(&mut event_loop, "it has answered", |_| {
        turns += 1;
        turns > 20
    });
    assert_eq!(recv(&mut raw, 10), b"[ok]");
}

/// `connect` that does not wait is a socket in its own right, too.
#[test]
fn a_client_socket_connects_without_waiting() {
    let listener = std::net::TcpListener::bind(loopback()).expect("any port");
    let address = listener.local_addr().expect("an address");
    let stream = socket::create_tcp_client_socket(address).expect("begins");
    let mut raw = Raw::accept(&listener);
    raw.send("x");
    eventually("it is connected", || stream.peer_addr().is_ok_and(|other| other == address));
}

/// What the kernel does not take is lost, counted, and harms nothing.
#[test]
fn a_datagram_that_cannot_leave_is_counted() {
    let bound = socket::create_udp_socket(loopback()).expect("any port");
    let address = bound.local_addr().expect("an address");
    let mut event_loop = EventLoop::new(Loud, Console::new(false)).expect("a poller");
    event_loop.bind(bound).expect("is watched");
    let client = UdpSocket::bind(loopback()).expect("any port");
    client.set_read_timeout(Some(crate::support::PATIENCE)).expect("a timeout");
    client.send_to(b"hello", address).expect("leaves");
    turn_until(&mut event_loop, "it is lost", |it| it.dropped_datagrams() == 1);
    let mut buffer = [0; 10];
    assert_eq!(client.recv(&mut buffer).expect("the one that fits"), 2);
}

/// Answers with a datagram that is too long for any network, and one that is not.
struct Loud;

impl Machine for Loud {
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

/// More datagrams than one turn takes: the edge comes once, and none may be forgotten.
#[test]
fn a_burst_of_datagrams_is_answered_to_the_last() {
    let bound = socket::create_udp_socket(loopback()).expect("any port");
    let address = bound.local_addr().expect("an address");
    let mut event_loop = EventLoop::new(Echo::default(), Console::new(false)).expect("a poller");
    event_loop.bind(bound).expect("is watched");
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
