//! The engine is another program, refuses, or has foreign data. The servers go on without it, and the
//! log has the reason.

use std::io::{Read, Write};
use std::net::TcpListener;

use super::engine::Engine;
use super::{expect_list, server, server_at};
use crate::support::{Folder, Server, eventually};

/// A client can join without the engine.
#[track_caller]
fn serves(server: &Server) {
    let mut ana = server.join("Ana", 20_000);
    assert!(ana.list().is_empty());
}

/// A listener that sends these bytes to each connection, so many times, and then only reads.
fn sends(words: &'static [u8], times: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let answer = move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut piece = [0; 4096];
            let _ = stream.read(&mut piece);
            for _ in 0..times {
                if stream.write_all(words).is_err() {
                    break;
                }
            }
            // Until the other side closes.
            while stream.read(&mut piece).is_ok_and(|count| count > 0) {}
        }
    };
    std::thread::Builder::new().spawn(answer).expect("a thread for the port");
    format!("redis://{address}")
}

#[test]
fn an_engine_that_is_a_web_server_is_named_in_the_log() {
    let mut server = server_at(&sends(b"HTTP/1.1 400 Bad Request\r\n\r\n", 1));
    let line = server.process.expect_log("event=engine_down");
    assert!(line.contains(r#"reason=not_redis line="HTTP/1.1 400 Bad Request"#), "{line}");
    serves(&server);
}

#[test]
fn an_engine_that_sends_nothing_is_down() {
    let mut server = server_at(&sends(b"", 0));
    server.process.expect_log("event=engine_down");
    serves(&server);
}

#[test]
fn a_reply_without_end_is_not_kept() {
    let bulk = sends(b"$1000000\r\n", 1);
    let more = sends(&[b'x'; 65_536], 1_000);
    let nested = sends(b"*1\r\n*1\r\n*1\r\n*1\r\n", 100_000);
    for (url, reason) in [(bulk, "slow"), (more, "not_redis"), (nested, "reply_too_long")] {
        let mut server = server_at(&url);
        let line = server.process.expect_log("event=engine_down");
        assert!(line.contains(&format!("reason={reason}")), "{reason}: {line}");
        serves(&server);
        let bytes = crate::support::proc::resident_kib(server.process.id()) * 1024;
        assert!(bytes < 30_000_000, "{reason}: {bytes}");
    }
}

#[test]
fn a_reply_of_another_form_is_nonsense() {
    let mut server = server_at(&sends(b"+OK\r\n", 1));
    server.process.expect_log("reason=nonsense");
    serves(&server);
}

#[test]
fn a_password_that_is_wrong_missing_or_right() {
    let Some(engine) = Engine::start_with(&["--requirepass", "secret@1"]) else { return };
    let mut without = server(&Engine::start().expect("another"));
    assert!(!without.process.log().is_empty());
    let mut missing = server_at(&engine.url());
    missing.process.expect_log("line=\"NOAUTH");
    serves(&missing);
    let at = |login: &str| format!("redis://{login}@{}", engine.address);
    let mut wrong = server_at(&at(":other"));
    wrong.process.expect_log("line=\"WRONGPASS");
    serves(&wrong);
    assert!(!wrong.process.log().iter().any(|line| line.contains("other")), "not in the log");
    for login in [":secret%401", "default:secret%401"] {
        let mut right = server_at(&at(login));
        right.process.expect_log("event=engine_up");
    }
    // Neither a trace nor a recording shows it.
    let folder = Folder::new("strange");
    let record = folder.file("record.jsonl");
    let url = at(":secret%401");
    let mut shown = Server::start_with(&["--directory", &url, "--trace", "--record", &record]);
    shown.process.expect_log("event=engine_up");
    let log = shown.process.log().join("\n");
    shown.process.signal("TERM");
    shown.process.wait();
    let recording = std::fs::read_to_string(&record).expect("a recording");
    assert!(log.contains("SCRIPT") && log.contains("(a password)"), "{log}");
    assert!(recording.contains("(a password)"), "the engine's connections are recorded");
    assert!(!log.contains("secret@1") && !recording.contains("secret@1"));
}

#[test]
fn keys_of_another_program_are_left_alone() {
    let Some(engine) = Engine::start() else { return };
    for (make, key) in [
        ("SET papo:names x", "papo:names"),
        ("SADD papo:changes x", "papo:changes"),
        ("HSET papo:epoch of another", "papo:epoch"),
    ] {
        assert!(!engine.ask(make).starts_with('-'), "{make}");
        let mut server = server_at(&engine.url());
        let line = server.process.expect_log("event=engine_down");
        assert!(line.contains("WRONGTYPE") && line.contains(key), "{line}");
        serves(&server);
        assert_eq!(engine.ask(&format!("EXISTS {key}")), ":1");
        assert_eq!(engine.ask(&format!("DEL {key}")), ":1");
        server.process.expect_log("event=engine_up");
        server.process.signal("TERM");
        server.process.wait();
        assert_eq!(engine.ask("FLUSHALL"), "+OK");
    }
}

#[test]
fn names_and_entries_of_strangers_are_left_out() {
    let Some(engine) = Engine::start() else { return };
    for nonsense in ["x", "y", "0123456789abcdef 1 10.0.0.1:1 more", "zz 1 10.0.0.1:1"] {
        let words = nonsense.replace(' ', "\\x20");
        engine.ask(&format!("HSET papo:names stranger{} \"{words}\"", nonsense.len()));
    }
    let (mut one, other) = (server_at(&engine.url()), server(&engine));
    one.process.expect_log("event=foreign_data");
    let mut ana = one.join("Ana", 20_000);
    assert!(ana.list().is_empty());
    for entry in [
        "foo bar",
        "e 1 s 2 o 3",
        "e 0123456789abcdef s 9 o 0123456789abcdef + x",
        "e 0123456789abcdef s 9 o 0123456789abcdef - Ana",
    ] {
        assert!(engine.ask(&format!("XADD papo:changes * {entry}")).starts_with('$'), "{entry}");
    }
    let _bruno = other.join("Bruno", 20_001);
    expect_list(&mut ana, &["Bruno"]);
    // An entry that is longer than any reply may be.
    let mut raw = crate::support::Raw::connect(engine.address);
    let value = "x".repeat(3_000_000);
    let head = "*5\r\n$4\r\nXADD\r\n$12\r\npapo:changes\r\n$1\r\n*\r\n$1\r\na\r\n";
    raw.send(&format!("{head}${}\r\n{value}\r\n", value.len()));
    assert!(raw.line().starts_with('$'));
    one.process.expect_log("reason=reply_too_long");
    let _camila = other.join("Camila", 20_002);
    eventually("Camila is known", || ana.list() == ["Bruno", "Camila"]);
}

#[test]
fn an_engine_that_takes_no_writes() {
    let Some(engine) = Engine::start() else { return };
    let mut server = server(&engine);
    assert_eq!(engine.ask("CONFIG SET maxmemory 1"), "+OK");
    let mut ana = server.join("Ana", 20_000);
    server.process.expect_log("line=\"OOM");
    assert!(ana.list().is_empty());
    assert_eq!(engine.ask("CONFIG SET maxmemory 0"), "+OK");
    server.process.expect_log("event=engine_up");
    eventually("she is claimed", || engine.ask("HLEN papo:names") == ":1");
    let to = crate::support::quiet_address();
    assert_eq!(engine.ask(&format!("REPLICAOF 127.0.0.1 {}", to.port())), "+OK");
    server.process.expect_log("line=\"READONLY");
    assert_eq!(engine.ask("REPLICAOF NO ONE"), "+OK");
    server.process.expect_log("event=engine_up");
}
