//! A lone directory, and clients that do anything.

use std::net::{IpAddr, SocketAddr};

use papo::directory::{Directory, Rules};
use papo::machine::{Actions, Input, LineEnd, ListenerId, Machine, Millis};
use papo::wire::REQUEST_LIMIT;
use papo::wire::reply::Edition;

use super::super::any_machine::AnyMachine;
use super::super::link::Side;
use super::super::setup::Part;
use super::super::watch::Watch;
use super::super::world::SERVER;
use super::driver::Lone;
use super::tape::Tape;

const CONNECTIONS_MAX: usize = 12;

const ADDRESSES: [&str; 5] = ["10.0.0.2", "10.0.0.3", "127.0.0.1", "fd00::5", "::1"];
const NAMES: [&str; 6] = ["Ana", "Bruno", "ana", "Érica", "Davi Luiz", "x"];

pub(crate) fn check(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let mut lone = directory(&mut tape);
    let mut is_stopped = false;
    while !tape.is_empty() && lone.exit.is_none() {
        is_stopped |= step(&mut lone, &mut tape);
        assert!(is_stopped || lone.exit.is_none(), "it exits only when it is asked to");
    }
    if lone.exit.is_none() {
        lone.feed(Input::Stop);
        lone.settle();
    }
    assert_eq!(lone.exit, Some(0), "it exits when it is asked to");
    let AnyMachine::Directory(directory) = lone.machine.machine() else { panic!("a directory") };
    assert!(directory.roster().is_empty() && lone.conns.is_empty(), "nobody is left");
}

fn directory(tape: &mut Tape<'_>) -> Lone {
    let mut rules = Rules::default();
    if tape.flag() {
        rules.edition = Edition::Of2026;
    }
    if tape.flag() {
        (rules.clients_max, rules.per_address_max) = (1 + tape.below(8), 1 + tape.below(4));
    }
    let now = Millis(u64::from(tape.byte()));
    let mut watch = Watch::new(rules, vec!["srv".into()]);
    watch.on_start(SERVER, &Part::Server);
    Lone::new(SERVER, AnyMachine::Directory(Box::new(Directory::new(rules))), watch, now)
}

/// Whether the directory was asked to stop.
fn step(lone: &mut Lone, tape: &mut Tape<'_>) -> bool {
    let mut is_stopped = false;
    match tape.below(16) {
        0 | 1 => accept(lone, tape),
        2..9 => send_line(lone, tape),
        9 => send(lone, tape),
        10 => {
            if let Some(place) = lone.choose(tape, |_| true) {
                lone.end_stream(place);
            }
        }
        11 => {
            if !lone.conns.is_empty() {
                let place = tape.below(lone.conns.len());
                lone.break_one(tape, place);
            }
        }
        12 => lone.wait(u64::from(tape.wide()) % 20_000),
        13 => freeze(lone, tape),
        14 => lone.stall_or_take(tape),
        _ if tape.byte() > 250 => {
            is_stopped = true;
            lone.feed(Input::Stop);
        }
        _ => send_from_closed(lone, tape),
    }
    lone.settle();
    is_stopped
}

fn accept(lone: &mut Lone, tape: &mut Tape<'_>) {
    if lone.conns.len() == CONNECTIONS_MAX {
        return;
    }
    let ip = |tape: &mut Tape<'_>, count| -> IpAddr {
        ADDRESSES[tape.below(count)].parse().expect("an address")
    };
    let from = SocketAddr::new(ip(tape, 5), 50_000);
    let reached = if from.ip().is_loopback() { from.ip() } else { ip(tape, 4) };
    let conn = lone.open(Side::Listener, REQUEST_LIMIT, false);
    lone.feed(Input::Accepted { listener: ListenerId(0), conn, from, reached });
}

/// A client sends one line, which may be too long, or the last before the end of its stream.
fn send_line(lone: &mut Lone, tape: &mut Tape<'_>) {
    let name = |tape: &mut Tape<'_>| NAMES[tape.below(6)];
    let mut line = match tape.below(16) {
        0..5 => format!("USER {}:{}", name(tape), tape.wide()).into_bytes(),
        5 | 6 => b"LIST".to_vec(),
        7 | 8 => b"KEEP".to_vec(),
        9..12 => format!("ADDR {}", name(tape)).into_bytes(),
        12 => [b"USER ", tape.chunk()].concat(),
        13 => b"DISC".to_vec(),
        14 => Vec::new(),
        _ => tape.chunk().to_vec(),
    };
    line.retain(|&byte| byte != b'\n');
    let end = tape.byte();
    if end == 254 {
        line.resize(REQUEST_LIMIT.keep + 1, b'x');
    }
    let Some(place) = lone.choose(tape, |_| true) else { return };
    if end != 255 {
        line.push(b'\n');
    }
    let id = lone.conns[place].id;
    lone.read(place, &line);
    if end == 255 && lone.conn(id).is_read() {
        lone.end_stream(place);
    }
}

/// A client sends bytes, and perhaps no line.
fn send(lone: &mut Lone, tape: &mut Tape<'_>) {
    let bytes = tape.chunk().to_vec();
    if let Some(place) = lone.choose(tape, |_| true) {
        lone.read(place, &bytes);
    }
}

/// The process is stopped for a while. What waits to be read is read before the tick.
fn freeze(lone: &mut Lone, tape: &mut Tape<'_>) {
    lone.now = lone.now + u64::from(tape.wide()) % 20_000;
    for _ in 0..tape.below(4) {
        send_line(lone, tape);
    }
    lone.settle();
    if lone.machine.next_deadline().is_some_and(|at| at <= lone.now) {
        lone.tick();
        lone.check_time();
    }
}

/// The directory ignores input from a connection that is closed.
fn send_from_closed(lone: &mut Lone, tape: &mut Tape<'_>) {
    let Some(conn) = lone.closed else { return };
    let end = LineEnd::Terminator;
    let input = match tape.below(4) {
        0 => Input::Line { conn, line: b"LIST", end },
        1 => Input::Line { conn, line: b"USER Ana:1", end },
        2 => Input::EndOfStream { conn },
        _ => Input::Backlog { conn, bytes: 1 },
    };
    let mut actions = Actions::default();
    lone.machine.handle(lone.now, input, &mut actions);
    assert!(actions.pop().is_none(), "nothing follows from a closed connection");
}
