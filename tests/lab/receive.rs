//! The guide's `receive_all`, on the guide's sockets: `create_tcp_server_socket`, and a client's.

use std::net::SocketAddr;
use std::time::Duration;

use papo::event_loop::{EventLoop, socket};
use papo::lab::Notice;
use papo::lab::receive::ReceiveAll;
use papo::machine::{
    Action, Actions, ConnId, DialId, Framing, GIVE_UP, Input, Machine, Millis, Typed,
};

use super::pieces::{loopback, turn_until};
use super::{recv, recv_all};
use crate::support::Raw;

/// Receives four digits, then as many bytes, and answers with these in brackets: the use of
/// `receive_all(socket, length)` in the guide.
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
                actions.push(Action::Dial {
                    dial: DialId(1),
                    to,
                    framing: Framing::Raw,
                    give_up: GIVE_UP,
                });
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

fn serving() -> (EventLoop<Records>, SocketAddr) {
    let listener = socket::create_tcp_server_socket(loopback(), 1).expect("any port");
    let address = listener.local_addr().expect("an address");
    let mut event_loop = EventLoop::new(Records::default()).expect("a poller");
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
fn an_early_end_of_the_stream_is_no_whole_message() {
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
fn a_client_socket_talks_to_another_server() {
    let listener = std::net::TcpListener::bind(loopback()).expect("any port");
    let machine =
        Records { dials: Some(listener.local_addr().expect("an address")), ..Records::default() };
    let mut event_loop = EventLoop::new(machine).expect("a poller");
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
