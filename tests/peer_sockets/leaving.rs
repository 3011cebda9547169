//! The end of the program: in order, and soon, even if its partners or the server are stopped.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::{AT_ONCE, ana, call, call_narrow};
use crate::support::{Process, Server, eventually, proc};

/// C27: an exit waits 1.5 seconds at most, as `tests/peer` shows. Here a busy machine may need more,
/// but less than the 20 seconds after which the link to a server is given up.
const EXIT_WITHIN: Duration = Duration::from_secs(10);

/// Ana and Bruno, in conversation.
fn couple(server: &mut Server) -> (Process, Process) {
    let mut ana = server.peer("Ana", &[]);
    let bruno = server.peer("Bruno", &[]);
    ana.type_text("/chat Bruno\n");
    ana.expect_screen("Connected to Bruno");
    (ana, bruno)
}

/// C27: the server sees an orderly end, too.
#[test]
fn exit_sends_disc_to_all_partners() {
    let (mut peer, mut server, address) = ana(&["--keepalive", "3600"]);
    let mut others = ["Bruno", "Camila", "Davi"].map(|name| call(address, name));
    peer.expect_screen("Connected to Davi");
    peer.type_text("/exit\n");
    for other in &mut others {
        assert_eq!(other.line(), "DISC");
        assert_eq!(other.line_or_end(), None);
    }
    assert_eq!(server.line_or_end(), None, "without DISC");
    drop(others);
    assert_eq!(peer.wait(), 0);
    assert!(TcpStream::connect(address).is_err(), "no more calls");
}

/// C27: the partner never closes.
#[test]
fn exit_does_not_wait_for_ever_for_a_partner_that_is_stopped() {
    let mut server = Server::start();
    let (mut ana, bruno) = couple(&mut server);
    bruno.stop();
    ana.type_text("Oi\n/exit\n");
    let start = Instant::now();
    assert_eq!(ana.wait(), 0);
    assert!(start.elapsed() < EXIT_WITHIN, "{:?}", start.elapsed());
    server.process.expect_log("event=leave name=\"Ana\"");
}

/// C27.
#[test]
fn exit_does_not_wait_for_a_server_that_is_stopped() {
    let mut server = Server::start();
    let mut ana = server.peer("Ana", &[]);
    server.process.stop();
    ana.type_text("/exit\n");
    let start = Instant::now();
    assert_eq!(ana.wait(), 0);
    assert!(start.elapsed() < EXIT_WITHIN, "{:?}", start.elapsed());
}

/// C28.
#[test]
fn sigterm_sigint_and_sighup_leave_in_order() {
    for signal in ["TERM", "INT", "HUP"] {
        let mut server = Server::start();
        let mut peer = server.peer("Ana", &[]);
        let mut bruno = call(server.address_of("Ana"), "Bruno");
        peer.expect_screen("Connected to Bruno");
        bruno.send("Oi\r\n");
        peer.expect_screen("Oi");
        peer.signal(signal);
        assert_eq!(bruno.line(), "DISC", "{signal}");
        assert_eq!(bruno.line_or_end(), None);
        drop(bruno);
        assert_eq!(peer.wait(), 0, "{signal}");
        let line = server.process.expect_log("event=leave name=\"Ana\"");
        assert!(line.contains("reason=closed"), "{line}");
    }
}

#[test]
fn a_second_sigterm_kills_the_peer() {
    let (mut peer, _server, address) = ana(&[]);
    let mut bruno = call(address, "Bruno");
    peer.expect_screen("Connected to Bruno");
    peer.signal("TERM");
    assert_eq!(bruno.line(), "DISC");
    // Bruno does not close, so an orderly exit would go on, and end with status 0.
    peer.signal("TERM");
    assert_eq!(peer.wait(), 128 + 15);
}

/// P21, C27.
#[test]
fn text_that_may_not_have_arrived_is_reported_at_the_end() {
    let (mut peer, _server, address) = ana(&["--pace", "0"]);
    let _bruno = call_narrow(address, "Bruno");
    peer.expect_screen("Connected to Bruno");
    peer.type_all(format!("{:>59000}\n", "x").repeat(20));
    let mut sleeps = proc::sleeps(peer.id());
    eventually("the peer is stuck", || {
        std::thread::park_timeout(Duration::from_millis(300));
        let before = std::mem::replace(&mut sleeps, proc::sleeps(peer.id()));
        before == sleeps
    });
    peer.signal("TERM");
    let start = Instant::now();
    assert_eq!(peer.wait(), 1);
    assert!(start.elapsed() < AT_ONCE, "{:?}", start.elapsed());
    peer.expect_screen("to Bruno may not have arrived.");
}
