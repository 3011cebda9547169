//! A lone peer: its person, its server and its callers do anything.
//!
//! The server answers in order, with any address or with none, and at any time. After a line that
//! nobody asked for, or an answer that comes after more than a minute, its addresses may be
//! anybody's.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};

use papo::machine::{ConnId, Input, ListenerId, Millis, Typed};
use papo::peer::Rules;
use papo::peer::server::STALE_FOR_MS;
use papo::wire::SPEECH_LIMIT;
use papo::wire::name::Name;
use papo::wire::reply::Edition;

use super::super::any_machine::AnyMachine;
use super::super::link::Side;
use super::super::setup::Part;
use super::super::watch::roster::Entry;
use super::super::watch::{Role, Watch};
use super::driver::Lone;
use super::tape::Tape;

/// The peer's number for the watchers. Number 0 would be the server's.
const NODE: usize = 1;

/// How long an exit may take, in milliseconds.
const LEAVING_MS: u64 = 31_000;

const CONNECTIONS_MAX: usize = 10;

const TYPED_MAX: usize = 4;

const NAMES: [&str; 4] = ["Bruno", "Camila", "Davi Luiz", "Ana"];
const CALLERS: [&str; 3] = ["10.0.0.2", "10.0.0.3", "127.0.0.1"];
const ANSWERED: [&str; 8] = [
    "10.0.0.2",
    "10.0.0.3",
    "10.0.0.9",
    "127.0.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "[::]",
];

#[derive(Debug, Default)]
pub(super) struct FakeServer {
    /// The requests without an answer, and their times: a name for ADDR, none for LIST.
    pub(super) questions: VecDeque<(Millis, Option<String>)>,
    answers: u16,
    is_unreliable: bool,
}

impl FakeServer {
    pub(super) fn on_request(&mut self, now: Millis, bytes: &[u8]) {
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            match line.strip_prefix(b"ADDR ") {
                Some(name) => {
                    let name = String::from_utf8_lossy(name.trim_ascii()).into_owned();
                    self.questions.push_back((now, Some(name)));
                }
                None if line == b"LIST\r\n" => self.questions.push_back((now, None)),
                None => {}
            }
        }
    }

    pub(super) fn on_dial(&self, watch: &mut Watch, to: SocketAddr) {
        let ip = to.ip();
        let is_nobody = ip.is_multicast() || ip.is_unspecified() || to.port() == 0;
        assert!(!is_nobody, "nobody can be called at {to}");
        let Role::Peer(peer, _) = &watch.roles[NODE] else { return };
        let wanted = peer.wanted.as_ref().map(|wanted| wanted.name.clone());
        if let Some(name) = wanted.filter(|_| self.is_unreliable) {
            register(watch, &name, to.port());
        }
    }
}

/// For the watchers, somebody of that name was at this port.
fn register(watch: &mut Watch, name: &str, port: u16) {
    let (name, since) = (name.to_string(), watch.now);
    let (conn, address) = (ConnId { slot: 0, generation: 0 }, ([10, 0, 0, 1], port).into());
    watch.directory.online.join(Entry { conn, name, address, since });
}

pub(crate) fn check(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let mut lone = peer(&mut tape);
    while !tape.is_empty() && lone.exit.is_none() {
        step(&mut lone, &mut tape);
    }
    if lone.exit.is_none() {
        lone.feed(Input::Stop);
        lone.wait(LEAVING_MS);
    }
    assert!(lone.exit.is_some(), "a peer can always exit");
}

fn peer(tape: &mut Tape<'_>) -> Lone {
    let server = SocketAddr::from(([10, 0, 0, 1], 10_000));
    let mut rules = Rules::new(server, 20_000);
    rules.name = Name::parse(b"Ana").ok().filter(|_| tape.byte() < 200);
    rules.scripted = tape.byte() > 200;
    rules.verify = tape.byte() < 200;
    rules.edition = Some(if tape.flag() { Edition::Of2026 } else { Edition::Of2024 });
    let mut watch = Watch::new(Default::default(), vec!["srv".into(), "Ana".into()]);
    let name = "Ana".to_string();
    watch.on_start(NODE, &Part::Person { name, rules: Box::new(rules.clone()) });
    let mut lone = Lone::new(NODE, AnyMachine::peer(rules), watch, Millis(0));
    lone.wait(0);
    lone
}

fn step(lone: &mut Lone, tape: &mut Tape<'_>) {
    match tape.below(16) {
        0 => accept(lone, tape),
        1 | 2 => end_dial(lone, tape),
        3..6 => receive(lone, tape),
        6 | 7 => answer(lone, tape),
        8 | 9 => type_command(lone, tape),
        10 => type_text(lone, tape),
        11 => lone.wait(u64::from(tape.byte()) * 8),
        12 => lone.wait(u64::from(tape.wide()) % 12_000),
        13 => end_one(lone, tape),
        14 => lone.stall_or_take(tape),
        _ => match tape.byte() {
            0..8 => lone.typed.push_back(Typed::End),
            8..12 => lone.feed(Input::Stop),
            _ => send_unasked(lone, tape),
        },
    }
    lone.settle();
}

fn accept(lone: &mut Lone, tape: &mut Tape<'_>) {
    if lone.conns.len() == CONNECTIONS_MAX {
        return;
    }
    let ip: IpAddr = CALLERS[tape.below(3)].parse().expect("an address");
    let conn = lone.open(Side::Listener, SPEECH_LIMIT, false);
    let reached = if ip.is_loopback() { ip } else { IpAddr::from([10, 0, 0, 7]) };
    let from = SocketAddr::new(ip, 50_000);
    lone.feed(Input::Accepted { listener: ListenerId(0), conn, from, reached });
}

fn end_dial(lone: &mut Lone, tape: &mut Tape<'_>) {
    if lone.dials.is_empty() {
        return;
    }
    let (dial, to, limit) = lone.dials.remove(tape.below(lone.dials.len()));
    let result = match tape.byte() {
        0..32 => Err(ErrorKind::ConnectionRefused),
        32..40 => Err(ErrorKind::HostUnreachable),
        _ => Ok(lone.open(Side::Dialer, limit, to.port() == 10_000)),
    };
    lone.feed(Input::Dialed { dial, result });
}

/// Another peer sends something.
fn receive(lone: &mut Lone, tape: &mut Tape<'_>) {
    let Some(place) = lone.choose(tape, |conn| !conn.is_server) else { return };
    let bytes = match tape.below(8) {
        0..3 => format!("USER {}\r\n", NAMES[tape.below(4)]).into_bytes(),
        3 => b"DISC\r\n".to_vec(),
        4 => [&b"USER "[..], tape.chunk(), b"\r\n"].concat(),
        5 => [tape.chunk(), b"\r\n"].concat(),
        6 => format!("USER {}:20000\n", NAMES[tape.below(4)]).into_bytes(),
        _ => tape.chunk().to_vec(),
    };
    lone.read(place, &bytes);
}

/// The server answers the oldest request.
fn answer(lone: &mut Lone, tape: &mut Tape<'_>) {
    let Some(place) = lone.choose(tape, |conn| conn.is_server) else { return };
    let server = &mut lone.server;
    let Some((asked, question)) = server.questions.pop_front() else { return };
    // So late an answer may be taken for that to another request.
    server.is_unreliable |= lone.now.since(asked) >= STALE_FOR_MS;
    let line = match question {
        None => format!("LIST {}\r\n", NAMES[..tape.below(4)].join(":")),
        Some(_) if tape.byte() < 80 => return,
        Some(name) => {
            server.answers += 1;
            let port = 20_000 + server.answers % 20_000;
            register(&mut lone.watch, &name, port);
            let (at, is_new) = (ANSWERED[tape.below(8)], tape.flag());
            let whose = if is_new { format!("{name}:") } else { String::new() };
            format!("ADDR {whose}{at}:{port}\r\n")
        }
    };
    lone.read(place, line.as_bytes());
}

/// The server sends a line that nobody asked for.
fn send_unasked(lone: &mut Lone, tape: &mut Tape<'_>) {
    let Some(place) = lone.choose(tape, |conn| conn.is_server) else { return };
    lone.server.is_unreliable = true;
    lone.read(place, tape.chunk());
}

fn type_command(lone: &mut Lone, tape: &mut Tape<'_>) {
    let name = NAMES[tape.below(4)];
    let line = match tape.below(17) {
        0..4 => format!("/chat {name}"),
        4 | 5 => format!("/msg {name} oi {}", tape.byte()),
        6 => "/list".to_string(),
        7 => "/peers".to_string(),
        8 => "/bye".to_string(),
        9 => format!("/bye {name}"),
        10 => format!("/chat {name}@{}", CALLERS[tape.below(3)]),
        11 if tape.byte() < 16 => "/exit".to_string(),
        12 => format!("/reply resposta {}", tape.byte()),
        13 => "/next".to_string(),
        14 => format!("//{name}"),
        15 => format!("/dance {}", tape.byte()),
        _ => "/help".to_string(),
    };
    type_line(lone, line.into_bytes());
}

/// Any bytes that are text and no command.
fn type_text(lone: &mut Lone, tape: &mut Tape<'_>) {
    let text = tape.chunk().iter().copied().filter(|&byte| byte != b'\n');
    type_line(lone, text.skip_while(|&byte| byte == b'/').collect());
}

/// A line end cannot be typed within a line.
fn type_line(lone: &mut Lone, mut line: Vec<u8>) {
    line.retain(|byte| !matches!(byte, b'\r' | b'\n' | 0));
    if lone.typed.len() < TYPED_MAX {
        lone.typed.push_back(Typed::Line(line));
    }
}

/// The stream of one connection ends, or the connection breaks.
fn end_one(lone: &mut Lone, tape: &mut Tape<'_>) {
    let Some(place) = lone.choose(tape, |_| true) else { return };
    if tape.flag() {
        lone.break_one(tape, place);
    } else {
        lone.end_stream(place);
    }
}
