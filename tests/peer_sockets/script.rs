//! A script on stdin: its lines take effect in their order, and all its texts arrive.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::process::Stdio;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use super::{AT_ONCE, ana, call, call_narrow, listen};
use crate::support::{Folder, Process, Raw, Server, proc};

/// The texts of a script for Bruno: 2000 lines, and one without an end.
fn long_speech() -> String {
    let lines: String = (0..2000).map(|number| format!("{number:>1000}\n")).collect();
    format!("/chat Bruno\n{lines}the end")
}

/// Waits for all of it, with a pause after each of the lines.
#[track_caller]
fn assert_heard(bruno: &mut Raw, pause: Duration) {
    assert_eq!(bruno.line(), "USER Ana");
    for number in 0..2000 {
        assert!(bruno.line() == format!("{number:>1000}"), "line no. {number}");
        std::thread::park_timeout(pause);
    }
    assert_eq!(bruno.line(), "the end");
    assert_eq!(bruno.line(), "DISC");
}

/// Runs a script against a Bruno at this listener, who reads with these pauses.
#[track_caller]
fn let_script_speak(listener: &TcpListener, pause: Duration) {
    let mut server = Server::start();
    let _registered = server.join("Bruno", super::address_of(listener).port());
    server.process.expect_log("event=join");
    let mut peer = server.peer("Ana", &["--pace", "0"]);
    peer.type_all(long_speech());
    let mut bruno = Raw::accept(listener);
    assert_heard(&mut bruno, pause);
    drop(bruno);
    assert_eq!(peer.wait(), 0);
}

/// All lines arrive in order, the last one without an end, too, and then the goodbye.
#[test]
fn all_that_a_script_says_arrives_before_its_goodbye() {
    let_script_speak(&listen(), Duration::ZERO);
}

/// P30: also if the other side reads so slowly that most of the text waits.
#[test]
fn all_that_a_script_says_arrives_at_a_slow_reader_too() {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("any port");
    socket.listen(8).expect("listens");
    let_script_speak(&socket.into(), Duration::from_micros(500));
}

/// Standard input may be a file, which the poller refuses because it is always ready.
#[test]
fn a_script_may_be_a_file() {
    let listener = listen();
    let mut server = Server::start();
    let _registered = server.join("Bruno", super::address_of(&listener).port());
    server.process.expect_log("event=join");
    let address = server.address.to_string();
    let script = file_with("/chat Bruno\nOi\n/bye\n/chat Nobody\n/list\nTchau");
    let peer = Process::start_with(
        &["peer", "Ana", "--server", &address, "--lang", "en"],
        Stdio::from(script),
    );
    let mut bruno = Raw::accept(&listener);
    let heard = [bruno.line(), bruno.line(), bruno.line()];
    assert_eq!(heard, ["USER Ana", "Oi", "DISC"]);
    drop(bruno);
    let (status, screen, _) = peer.finish();
    let expected = [
        "Connected to Bruno",
        "Conversation with Bruno ended",
        "Nobody is not online",
        "Online (besides you): Bruno",
        "No active P2P connection",
    ];
    assert_eq!((status, screen), (1, expected.map(String::from).to_vec()));
}

/// A file with this text, at its beginning. It has no name any more.
fn file_with(text: &str) -> File {
    File::open(Folder::new("script").write("script", text)).expect("opens")
}

/// The input ends at once.
#[test]
fn an_empty_script_registers_and_leaves() {
    let mut server = Server::start();
    let address = server.address.to_string();
    let arguments = ["peer", "Ana", "--server", &address, "--lang", "en"];
    let (status, screen, log) = Process::start_with(&arguments, Stdio::null()).finish();
    assert_eq!((status, screen.len(), log.len()), (0, 0, 0), "{screen:?} {log:?}");
    server.process.expect_log("event=join name=\"Ana\"");
    server.process.expect_log("event=leave name=\"Ana\"");
}

/// P30: Bruno does not read for a while. The script waits, its peer stays small and goes on sending
/// KEEP, and no line is missing afterwards.
#[test]
fn with_a_partner_that_does_not_read_a_script_waits() {
    let (mut peer, mut server, address) = ana(&["--keepalive", "0.5", "--pace", "0"]);
    let mut bruno = call_narrow(address, "Bruno");
    peer.expect_screen("Connected to Bruno");
    let before = proc::resident_kib(peer.id());
    peer.type_all((0..4000).map(|number| format!("{number:>1000}\n")).collect());
    for _ in 0..4 {
        let start = Instant::now();
        assert_eq!(server.line(), "KEEP");
        assert!(start.elapsed() < AT_ONCE, "a KEEP is late");
    }
    let grown = proc::resident_kib(peer.id()).saturating_sub(before);
    assert!(grown < 1024, "grown by {grown} KiB");
    for number in 0..4000 {
        assert!(bruno.line() == format!("{number:>1000}"), "line no. {number}");
    }
    assert_eq!(bruno.line(), "DISC");
}

/// P30: the script also sends to another partner, so it cannot wait, and the peer reports the texts that
/// it does not send. Each text either arrives or is reported.
#[test]
fn text_that_is_not_sent_to_a_partner_that_does_not_read_is_reported() {
    let (mut peer, _server, address) = ana(&["--pace", "0"]);
    let mut camila = call(address, "Camila");
    peer.expect_screen("Connected to Camila");
    let mut bruno = call_narrow(address, "Bruno");
    peer.expect_screen("Connected to Bruno");
    let before = proc::resident_kib(peer.id());
    let text: String = (0..500).map(|number| format!("/msg \"Bruno\" {number:0>3000}\n")).collect();
    peer.type_text(&text);
    peer.type_text("done\n");
    assert_eq!(camila.line(), "done");
    // All lines before this one are on the screen then.
    camila.send("all of it?\r\n");
    peer.expect_screen("Camila: all of it?");
    let grown = proc::resident_kib(peer.id()).saturating_sub(before);
    assert!(grown < 2048, "grown by {grown} KiB");

    let is_refusal = |line: &String| line.contains("Bruno is not reading");
    let refused = peer.screen().iter().filter(|line| is_refusal(line)).count();
    assert!((1..500).contains(&refused), "{refused} of 500 refused");
    peer.end_input();
    let mut numbers: Vec<usize> = Vec::new();
    loop {
        match bruno.line() {
            goodbye if goodbye == "DISC" => break,
            line => numbers.push(line.parse().expect("a number")),
        }
    }
    assert_eq!(numbers.len() + refused, 500);
    assert!(numbers.is_sorted(), "in order");
}
