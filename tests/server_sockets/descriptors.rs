//! The limit of clients, the limit of descriptors, and a restart on the same port.

use std::io::{ErrorKind, Read};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, prlimit};

use super::{AT_ONCE, at_once, crowd, crowd_name, member};
use crate::support::{Process, Raw, Server, eventually, proc, quiet_address};

/// Sets how many descriptors a running process may have.
fn limit_descriptors(id: u32, count: u64) {
    let pid = Pid::from_raw(i32::try_from(id).expect("small"));
    let old = rustix::process::getrlimit(Resource::Nofile);
    let limit = Rlimit { current: Some(count), maximum: old.maximum };
    prlimit(pid, Resource::Nofile, limit).expect("may set the limit of a child");
}

/// S51: one client too many is closed at once, until another one leaves.
#[test]
fn max_clients_are_served_and_the_next_is_refused() {
    let mut server = Server::start_with(&["--max-clients", "3"]);
    let mut members = crowd(&server, 3);
    assert_eq!(server.connect().line_or_end(), None, "one too many");
    server.process.expect_log("reason=client_limit");
    members.pop();
    server.process.expect_log("event=leave");
    assert_eq!(member(&server, "Ana", 1).list().len(), 2);
}

/// The limit follows from what the system allows, with some descriptors kept back.
#[test]
fn with_64_descriptors_exactly_32_clients_are_served() {
    let arguments = ["server", "--listen", "127.0.0.1:0"];
    let mut process = Process::start_after("ulimit -n 64", &arguments);
    process.expect_log("clients_max=32 ");
    drop(process);
    let server = Server::of(Process::start_after("ulimit -n 64", &arguments));
    let mut members = crowd(&server, 32);
    for _ in 0..40 {
        assert_eq!(server.connect().line_or_end(), None, "one too many");
    }
    assert_eq!(members[0].list().len(), 31);
}

#[test]
fn with_too_few_descriptors_the_server_does_not_start_and_says_why() {
    let arguments = ["server", "--listen", "127.0.0.1:0"];
    let (status, screen, log) = Process::start_after("ulimit -n 36", &arguments).finish();
    assert_eq!((status, screen.len(), log.len()), (1, 0, 1), "{log:?}");
    assert!(log[0].contains("ulimit -n"), "{log:?}");
}

/// P38: with every descriptor in use, new connections are closed at once, the clients before them are
/// served, and when one of these leaves, a new one is served.
#[test]
fn out_of_descriptors_the_server_neither_spins_nor_dies() {
    let mut server = Server::start();
    let mut ana = member(&server, "Ana", 1);
    let mut members = crowd(&server, 10);
    let id = server.process.id();
    limit_descriptors(id, proc::next_descriptor(id));

    let (start, ticks) = (Instant::now(), proc::processor_ticks(id));
    let mut shed = 0;
    while start.elapsed() < Duration::from_secs(2) {
        let mut late: Vec<Raw> = (0..20).map(|number| server.join(&late_name(number), 1)).collect();
        for raw in &mut late {
            let waited = raw.wait_closed();
            assert!(waited < AT_ONCE, "closed after {waited:?}");
        }
        shed += late.len();
        assert_eq!(ana.list().len(), members.len(), "the same clients are online");
    }
    let used = proc::processor_ticks(id) - ticks;
    let elapsed = start.elapsed();
    let most = u64::try_from(elapsed.as_millis()).expect("short") / 50;
    assert!(used <= most, "{used} hundredths of a second of processor time in {elapsed:?}");
    let paused = |server: &mut Server| {
        server.process.log().iter().filter(|line| line.contains("accept_paused")).count() as u64
    };
    let lines = paused(&mut server);
    assert!((1..=1 + elapsed.as_secs()).contains(&lines), "{lines} log lines, {shed} sent away");

    members.truncate(8);
    at_once("there is room for two", || {
        let mut bia = server.join("Bia", 1);
        bia.send("LIST\r\n");
        bia.line_or_end().is_some()
    });
}

/// With every descriptor in use, accept fails even when no connection waits. That must cost neither a
/// pause nor a turn, and no log line.
#[test]
fn every_descriptor_in_use_costs_nothing_while_no_client_connects() {
    let mut server = Server::start();
    let mut members = crowd(&server, 3);
    let id = server.process.id();
    // One descriptor is left. After this client the loop calls accept once more.
    limit_descriptors(id, proc::next_descriptor(id) + 1);
    members.push(member(&server, "Ana", 1));
    let sleeps = proc::sleeps(id);
    std::thread::park_timeout(Duration::from_secs(1));
    let woken = proc::sleeps(id) - sleeps;
    assert!(woken < 5, "woken {woken} times in a second");
    assert_eq!(members[0].list().len(), 3);
    assert!(!server.process.log().iter().any(|line| line.contains("paused")));
    assert_eq!(server.connect().line_or_end(), None, "the next is one too many");
    server.process.expect_log("event=accept_paused pause_ms=100 shed=1 ");
}

fn late_name(number: u16) -> String {
    format!("late {number}")
}

/// They connect while the server is stopped, and there is one event for all of them.
#[test]
fn five_hundred_clients_that_connect_at_once_are_all_served() {
    let server = Server::start();
    let mut ana = member(&server, "Ana", 1);
    server.process.stop();
    let burst: Vec<Raw> = (0..500).map(|number| server.join(&crowd_name(number), 1)).collect();
    server.process.signal("CONT");
    at_once("all of them are listed", || ana.list().len() == burst.len());
}

/// S54: the connections of its clients are still in the kernel.
#[test]
fn a_killed_server_starts_again_at_the_same_port_at_once() {
    let address = quiet_address();
    let mut clients = Vec::new();
    for _ in 0..5 {
        let mut server = Server::start_at(address, &[]);
        clients.extend(crowd(&server, 20));
        server.process.signal("KILL");
        assert_eq!(server.process.wait(), 128 + 9);
    }
    let start = Instant::now();
    let server = Server::start_at(address, &[]);
    assert!(start.elapsed() < AT_ONCE);
    assert!(member(&server, "Ana", 1).list().is_empty(), "S54: all names are forgotten");
}

#[test]
fn there_is_one_thread_and_one_poller() {
    let server = Server::start();
    let _members = crowd(&server, 20);
    let id = server.process.id();
    assert_eq!((proc::threads(id), proc::pollers(id)), (1, 1), "{:?}", proc::descriptors(id));
    eventually("a client is one descriptor", || proc::descriptors(id).len() < 20 + 12);
}

/// E16: the end of the stream without an answer means a refused name. So a client without a place gets
/// a reset: beyond the limit of clients, and without a descriptor.
#[test]
fn a_client_without_a_place_is_reset() {
    let full = Server::start_with(&["--max-clients", "1"]);
    let _member = member(&full, "Ana", 1);
    expect_reset(&full);
    let exhausted = Server::start();
    let _members = crowd(&exhausted, 3);
    let id = exhausted.process.id();
    limit_descriptors(id, proc::next_descriptor(id));
    expect_reset(&exhausted);
}

#[track_caller]
fn expect_reset(server: &Server) {
    let read = server.connect().stream.read(&mut [0; 1]);
    assert_eq!(read.map_err(|error| error.kind()), Err(ErrorKind::ConnectionReset));
}
