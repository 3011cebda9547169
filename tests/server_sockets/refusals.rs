//! Clients that the server refuses.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use super::{AT_ONCE, member};
use crate::support::{PATIENCE, Server};

/// Sends these bytes on a new connection, which must be closed at once and without an answer.
#[track_caller]
fn assert_refused(server: &Server, bytes: &[u8]) {
    let shown = bytes[..bytes.len().min(40)].escape_ascii();
    let mut raw = server.connect();
    let start = Instant::now();
    raw.send_bytes(bytes);
    assert_eq!(raw.line_or_end(), None, "a reply to {shown}");
    assert!(start.elapsed() < AT_ONCE, "closed after {:?} only: {shown}", start.elapsed());
}

/// S15, S17: a live name cannot be taken, and a name that was left can.
#[test]
fn a_second_ana_is_refused_and_the_first_one_stays() {
    let mut server = Server::start();
    let mut ana = member(&server, "Ana", 20000);
    assert_refused(&server, b"USER Ana:21500\r\nLIST\r\n");
    let line = server.process.expect_log("event=refuse");
    assert!(line.contains("reason=name_taken ") && line.ends_with(" name=\"Ana\""), "{line}");

    let mut bia = member(&server, "Bia", 1);
    assert_eq!(ana.list(), ["Bia"]);
    assert_eq!(bia.list(), ["Ana"]);
    assert_eq!(server.address_of("Ana").port(), 20000, "the first one's");

    drop(ana);
    server.process.expect_log("event=leave name=\"Ana\"");
    let _second = member(&server, "Ana", 21500);
    assert_eq!(bia.list(), ["Ana"]);
}

/// S10. Each mistake of a beginner's program has its own reason, and the log shows the line.
#[test]
fn the_log_has_the_mistake_of_a_first_line() {
    let mut server = Server::start();
    let mistakes: [(&[u8], &str); 7] = [
        (b"USER Pedro 20002\r\n", r#"reason=no_port from=FROM bytes=16 line="USER Pedro 20002""#),
        (b"user Lia:1\r\n", r#"reason=lower_case_user from=FROM bytes=10 line="user Lia:1""#),
        (b"USER Jo\xE3o:1\r\n", r#"reason=not_utf8 from=FROM bytes=11 line="USER Jo\xe3o:1""#),
        (b"USER Ana:70000\r\n", r#"reason=bad_port from=FROM bytes=14 line="USER Ana:70000""#),
        (b"LIST\r\n", r#"reason=list_before_user from=FROM bytes=4 line="LIST""#),
        (b"USER :20000\r\n", r#"reason=no_name from=FROM bytes=11 line="USER :20000""#),
        (b"USER A:B:20000\r\n", r#"reason=bad_name from=FROM bytes=14 line="USER A:B:20000""#),
    ];
    for (bytes, expected) in mistakes {
        let mut raw = server.connect();
        let from = raw.stream.local_addr().expect("an address").to_string();
        raw.send_bytes(bytes);
        assert_eq!(raw.line_or_end(), None);
        let line = server.process.expect_log("event=refuse");
        let expected = expected.replace("FROM", &from);
        assert!(line.ends_with(&expected), "{line} is not {expected}");
    }
}

/// S1: `printf 'USER Maria:20000' | nc`, held open, and then ended.
#[test]
fn the_log_shows_a_line_without_an_end() {
    let mut server = Server::start_with(&["--keepalive", "0.5"]);
    let expected = r#" bytes=16 line="USER Maria:20000""#;
    let mut waits = server.connect();
    waits.send_bytes(b"USER Maria");
    waits.send_bytes(b":20000");
    assert_eq!(waits.line_or_end(), None);
    let line = server.process.expect_log("reason=unended_line");
    assert!(line.ends_with(expected), "{line}");
    let mut hangs_up = server.connect();
    hangs_up.send_bytes(b"USER Maria:20000");
    hangs_up.half_close();
    assert_eq!(hangs_up.line_or_end(), None);
    let line = server.process.expect_log("reason=unended_line");
    assert!(line.ends_with(expected), "{line}");
}

/// S45, S36.
#[test]
fn the_eighth_bad_line_of_a_registered_client_closes() {
    let mut server = Server::start();
    let mut ana = member(&server, "Ana", 20000);
    ana.send_bytes(b"KEEPLIST\r\noi\r\nlist\r\nADDR \r\nUSER Eva:1\r\nLIST x\r\n\xFF\r\n");
    assert!(ana.list().is_empty(), "still in after seven");
    ana.send("oi\r\nLIST\r\n");
    assert_eq!(ana.line_or_end(), None);
    server.process.expect_log("reason=bad_lines bytes=2 line=\"oi\"");
}

/// S48: longer than a line may be, so the server closes whatever the bytes are. D19 of the drills has
/// other protocols.
#[test]
fn random_bytes_close_only_their_own_connection() {
    let server = Server::start();
    let mut ana = member(&server, "Ana", 20000);
    let dice = RandomState::new();
    for round in 0..50u64 {
        let noise: Vec<u8> =
            (0..100u64).flat_map(|word| dice.hash_one((round, word)).to_ne_bytes()).collect();
        assert_refused(&server, &noise);
    }
    assert!(ana.list().is_empty());
}

/// A connection without USER expires like a silent client, and single bytes do not extend its time.
#[test]
fn a_client_that_never_sends_user_is_closed_in_time() {
    let mut server = Server::start_with(&["--keepalive", "0.5"]);
    let start = Instant::now();
    let mut silent = server.connect();
    let mut slow = server.connect();
    while slow.is_silent_for(Duration::from_millis(100)) && start.elapsed() < PATIENCE {
        slow.send("x");
    }
    assert_eq!((slow.line_or_end(), silent.line_or_end()), (None, None));
    let took = start.elapsed();
    let range = Duration::from_millis(1_500)..PATIENCE;
    assert!(range.contains(&took), "closed after {took:?} instead of 1.5 s");
    server.process.expect_log("reason=silent");
}
