//! SIGUSR2: one line of state.

use std::io::Write;
use std::time::{Duration, Instant};

use super::{member, number};
use crate::support::{PATIENCE, Raw, Server};

/// Sends the signal, and returns the line.
#[track_caller]
fn report(server: &mut Server) -> String {
    server.process.signal("USR2");
    server.process.expect_log("event=state")
}

#[test]
fn sigusr2_writes_one_line_with_what_is_so() {
    let mut server = Server::start_with(&["--keepalive", "0.5"]);
    let fresh = report(&mut server);
    let counted = ["clients", "names", "pending_bytes", "accepted", "refused", "shed", "expired"];
    for key in counted {
        assert_eq!(number(&fresh, key), 0, "{key} in {fresh}");
    }
    let mut ana = member(server.address, "Ana");
    let guest = server.connect();
    assert_eq!(server.join("Ana", 2).line_or_end(), None, "the name is taken");
    let line = report(&mut server);
    let seen = counted.map(|key| number(&line, key));
    assert_eq!(seen, [2, 1, 0, 3, 1, 0, 0], "{line}");
    assert!(number(&line, "turns") > number(&fresh, "turns"), "{line}");

    assert_eq!(ana.line_or_end(), None, "no KEEP came");
    drop(guest);
    server.process.expect_log("reason=expired");
    let line = report(&mut server);
    assert_eq!((number(&line, "names"), number(&line, "expired")), (0, 1), "{line}");
    let log = server.process.log();
    assert_eq!(log.iter().filter(|line| line.contains("event=state")).count(), 3, "{log:?}");
}

/// The line has the output that waits for a client that does not read. Its bound is in LIMITS.md:
/// 64 KiB and one answer.
#[test]
fn sigusr2_says_how_much_waits() {
    let mut server = Server::start();
    let raw = Raw::connect_narrow(server.address);
    let write = |text: &str| (&raw.stream).write_all(text.as_bytes()).expect("takes it");
    write("USER Ana:1\r\n");
    raw.stream.set_write_timeout(Some(Duration::from_millis(300))).expect("a timeout");
    let start = Instant::now();
    while (&raw.stream).write_all("ADDR Ana\r\n".repeat(1000).as_bytes()).is_ok() {
        assert!(start.elapsed() < PATIENCE, "it goes on reading");
    }
    // A slow server is asked again, five times a second.
    let pending = (0..25).map(|_| {
        std::thread::park_timeout(Duration::from_millis(200));
        number(&report(&mut server), "pending_bytes")
    });
    let most = pending.take_while(|&bytes| bytes <= 64 * 1024 + 64).find(|&it| it >= 64 * 1024);
    assert!(most.is_some(), "{:?}", server.process.log());
}

/// A peer has nothing to report; the signal must not end it.
#[cfg(feature = "peer")]
#[test]
fn a_peer_takes_no_notice_of_it() {
    let address = crate::support::quiet_address().to_string();
    let mut peer =
        crate::support::Process::start(&["peer", "Ana", "--server", &address, "--lang", "en"]);
    let server = Server::start_at(address.parse().expect("an address"), &[]);
    let mut bruno = member(server.address, "Bruno");
    crate::support::eventually("Ana is in", || bruno.list() == ["Ana"]);
    peer.signal("USR2");
    peer.type_text("/list\n");
    peer.expect_screen("Bruno");
}
