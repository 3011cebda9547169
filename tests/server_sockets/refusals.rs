//! Clients that are turned away. It costs nobody else anything.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use super::{AT_ONCE, member};
use crate::support::Server;

/// Sends these bytes on a new connection, and waits for it to be closed, at once and in silence.
#[track_caller]
fn assert_turned_away(server: &Server, bytes: &[u8]) {
    let shown = bytes[..bytes.len().min(40)].escape_ascii();
    let mut raw = server.connect();
    let start = Instant::now();
    raw.send_bytes(bytes);
    assert_eq!(raw.line_or_end(), None, "a reply to {shown}");
    assert!(start.elapsed() < AT_ONCE, "closed after {:?} only: {shown}", start.elapsed());
}

/// S15, S17: a live name cannot be taken, and a name that was left can.
#[test]
fn a_second_ana_is_turned_away_and_the_first_is_unharmed() {
    let mut server = Server::start();
    let mut ana = member(&server, "Ana", 20000);
    assert_turned_away(&server, b"USER Ana:21500\r\nLIST\r\n");
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

/// S10 to S14, S20, R3: nothing but USER may come first.
#[test]
fn a_caller_without_a_proper_user_is_turned_away() {
    let server = Server::start();
    let long = format!("USER {}:20000\r\n", "x".repeat(256));
    let many_bytes = format!("USER {}:20000\r\n", "李".repeat(86));
    let firsts: [&[u8]; 25] = [
        b"USER Ana\r\n",
        b"USER Ana:\r\n",
        b"USER :20000\r\n",
        b"USER   :20000\r\n",
        b"USER A:B:20000\r\n",
        b"USER Ana:0\r\n",
        b"USER Ana:65536\r\n",
        b"USER Ana:-1\r\n",
        b"USER Ana:+20000\r\n",
        b"USER Ana:20_000\r\n",
        b"USER Ana:2e4\r\n",
        "USER Ana:٢٠٠٠٠\r\n".as_bytes(),
        b"USER Jo\xE3o:20000\r\n",
        b"USER A\x1b[2Jna:20000\r\n",
        "USER A\u{202E}na:20000\r\n".as_bytes(),
        "\u{FEFF}USER Ana:20000\r\n".as_bytes(),
        b"user Ana:20000\r\n",
        b"USER\r\n",
        b"USERAna:20000\r\n",
        b"LIST\r\nUSER Ana:20000\r\n",
        b"KEEP\r\nUSER Ana:20000\r\n",
        b"oi\r\n",
        b"\0\r\n",
        long.as_bytes(),
        many_bytes.as_bytes(),
    ];
    for first in firsts {
        assert_turned_away(&server, first);
    }
    assert!(member(&server, "Bia", 1).list().is_empty(), "nobody has come in");
}

/// S10.
/// Each mistake of a beginner's program has its own reason, and the log shows what was sent.
#[test]
fn the_log_says_what_is_wrong_with_a_first_line() {
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

/// S1.
/// `printf 'USER Maria:20000' | nc`: held open, and then hung up.
#[test]
fn a_line_without_its_end_is_named_and_shown() {
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

/// S45, S36: somebody who is in may mistake itself seven times.
#[test]
fn the_eighth_line_without_a_meaning_closes() {
    let mut server = Server::start();
    let mut ana = member(&server, "Ana", 20000);
    ana.send_bytes(b"KEEPLIST\r\noi\r\nlist\r\nADDR \r\nUSER Eva:1\r\nLIST x\r\n\xFF\r\n");
    assert!(ana.list().is_empty(), "still in after seven");
    ana.send("oi\r\nLIST\r\n");
    assert_eq!(ana.line_or_end(), None);
    server.process.expect_log("reason=bad_lines bytes=2 line=\"oi\"");
}

/// S48: a web browser, and a secure shell.
#[test]
fn another_protocols_first_line_is_hung_up_on() {
    let server = Server::start();
    let get = b"GET / HTTP/1.1\r\nHost: 127.0.0.1:10000\r\nAccept: */*\r\n\r\n";
    assert_turned_away(&server, get);
    assert_turned_away(&server, b"SSH-2.0-OpenSSH_9.6\r\n");
    assert_turned_away(&server, b"EHLO example.org\r\n");
    let upload = [b"POST / HTTP/1.1\r\n\r\n".as_slice(), &[b'x'; 100_000]].concat();
    assert_turned_away(&server, &upload);
}

/// S48: the first thing that TLS says has no line end in it, or has one by chance.
#[test]
fn a_greeting_in_tls_is_hung_up_on() {
    let server = Server::start();
    let mut hello = vec![0x16, 0x03, 0x01, 0x00, 0xC8, 0x01, 0x00, 0x00, 0xC4, 0x03, 0x03];
    hello.extend([0xA5; 194]);
    assert_turned_away(&server, &hello);
}

/// S48: noise. Longer than a line may be, so that it is over whatever is in it.
#[test]
fn random_bytes_are_hung_up_on_and_hurt_nobody() {
    let server = Server::start();
    let mut ana = member(&server, "Ana", 20000);
    let dice = RandomState::new();
    for round in 0..50u64 {
        let noise: Vec<u8> =
            (0..100u64).flat_map(|word| dice.hash_one((round, word)).to_ne_bytes()).collect();
        assert_turned_away(&server, &noise);
    }
    assert!(ana.list().is_empty());
}

/// A connection that says nothing does not keep a place for longer than a client
/// that has stopped, and single bytes do not extend its time.
#[test]
fn a_client_that_never_says_user_is_gone_in_time_however_busy() {
    let mut server = Server::start_with(&["--keepalive", "0.5"]);
    let start = Instant::now();
    let mut silent = server.connect();
    let mut slow = server.connect();
    while slow.is_silent_for(Duration::from_millis(100)) && start.elapsed() < AT_ONCE {
        slow.send("x");
    }
    assert_eq!((slow.line_or_end(), silent.line_or_end()), (None, None));
    let took = start.elapsed().as_secs_f64();
    assert!((1.5..4.0).contains(&took), "gone after {took} s instead of 1.5");
    server.process.expect_log("reason=silent");
}
