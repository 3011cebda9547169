//! The costs of a peer: threads, descriptors, wake-ups, memory. And its trace of the protocol.

use std::io::Write;
use std::time::{Duration, Instant};

use super::{AT_ONCE, ana, call, count_on_screen};
use crate::support::{Server, eventually, proc};

#[test]
fn there_is_one_thread_and_one_poller() {
    let mut server = Server::start();
    let mut peer = server.peer("Ana", &[]);
    let _bruno = call(server.address_of("Ana"), "Bruno");
    peer.expect_screen("Connected to Bruno");
    let id = peer.id();
    assert_eq!((proc::threads(id), proc::pollers(id)), (1, 1), "{:?}", proc::descriptors(id));
}

/// C20, D32: in five seconds there is one KEEP to send, and nothing else to do.
#[test]
fn an_idle_peer_sleeps() {
    let mut server = Server::start();
    let mut peer = server.peer("Ana", &[]);
    let _bruno = call(server.address_of("Ana"), "Bruno");
    // The answer to the check is the last input of the call.
    peer.expect_screen("does not confirm");
    let before = proc::sleeps(peer.id());
    std::thread::park_timeout(Duration::from_millis(4_900));
    let woken = proc::sleeps(peer.id()) - before;
    assert!(woken <= 2, "woken up {woken} times in 5 seconds");
}

/// P29: a partner sends as fast as the network allows.
#[test]
fn a_flood_costs_no_memory_and_no_keep() {
    let (mut peer, mut server, address) = ana(&["--keepalive", "0.3"]);
    let mut eva = call(address, "Eva");
    peer.expect_screen("Connected to Eva");
    let (id, before) = (peer.id(), proc::resident_kib(peer.id()));
    let flood = format!("{:>200}\r\n", "x").repeat(100_000);
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| eva.stream.write_all(flood.as_bytes()));
        let mut largest = 0;
        while !writing.is_finished() {
            let start = Instant::now();
            assert_eq!(server.line(), "KEEP");
            assert!(start.elapsed() < AT_ONCE, "a KEEP is late");
            largest = largest.max(proc::resident_kib(id).saturating_sub(before));
        }
        assert!(largest < 4096, "grown by {largest} KiB");
    });
    // Lines that the screen did not take in time are skipped and counted.
    eventually("the screen has caught up", || {
        eva.send("Oi\r\n");
        count_on_screen(&mut peer, "Eva: Oi") > 0
    });
}

/// `--trace`: every line of the protocol, with its direction and the other address.
#[test]
fn trace_prints_every_line_with_its_direction_and_other_end() {
    let (mut peer, mut server, address) = ana(&["--trace"]);
    let at_server = server.stream.local_addr().expect("an address");
    let mut bruno = call(address, "Bruno");
    let at_bruno = bruno.stream.local_addr().expect("an address");
    peer.expect_log(&format!("wire {at_server} > USER Ana:{}", address.port()));
    peer.expect_log(&format!("wire {at_bruno} < USER Bruno"));
    peer.type_text("Oi\n/list\n");
    peer.expect_log(&format!("wire {at_bruno} > Oi"));
    peer.expect_log(&format!("wire {at_server} > LIST"));
    server.send("LIST Bruno\r\n");
    peer.expect_log(&format!("wire {at_server} < LIST Bruno"));
    bruno.send("\x1b[2J\r\n");
    peer.expect_log(&format!(r"wire {at_bruno} < \u{{1b}}[2J"));
    peer.type_text("/bye\n");
    peer.expect_log(&format!("wire {at_bruno} > DISC"));
}

/// A LIST of four megabytes may have 650,000 names. The peer keeps a bounded part of them.
#[test]
fn a_list_of_very_many_names_takes_little_memory() {
    let (mut peer, mut server, _) = ana(&[]);
    let names: Vec<_> = (0..650_000).map(|number| format!("{number:x}")).collect();
    let list = format!("LIST {}\r\n", names.join(":"));
    for _ in 0..3 {
        peer.type_text("/list\n");
        while server.line() != "LIST" {}
        server.send(&list);
        peer.expect_screen("... and 584464 more");
    }
    let resident = proc::resident_kib(peer.id());
    assert!(resident < 48 * 1024, "{resident} KiB");
}
