//! The most that one client can cost the server and the other clients.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{AT_ONCE, crowd, member};
use crate::support::{PATIENCE, Raw, Server, eventually, proc};

/// How much the server's memory may grow in these tests, in KiB. Without bounds it would be ten times
/// as much.
const GROWTH_MAX_KIB: u64 = 2 * 1024;

/// Writes this again and again until the kernel takes no more. Returns how many bytes it took.
fn write_until_stuck(raw: &Raw, text: &str) -> usize {
    raw.stream.set_write_timeout(Some(Duration::from_millis(300))).expect("a timeout");
    let mut sent = 0;
    loop {
        match (&raw.stream).write(text.as_bytes()) {
            Ok(count) => sent += count,
            Err(error) => {
                let expected =
                    [ErrorKind::WouldBlock, ErrorKind::BrokenPipe, ErrorKind::ConnectionReset];
                assert!(expected.contains(&error.kind()), "{error}");
                return sent;
            }
        }
        assert!(sent < 64 << 20, "it never stops reading");
    }
}

/// S46: a line without an end is closed at the limit, and other clients are served meanwhile.
#[test]
fn megabytes_without_a_line_end_are_cut_off_and_cost_no_memory() {
    let mut server = Server::start();
    let mut ana = member(&server, "Ana", 20000);
    let endless: Vec<Raw> = ["Eva", "Ivo"].map(|name| member(&server, name, 1)).into();
    let unnamed = server.connect();
    let before = proc::resident_kib(server.process.id());
    std::thread::scope(|scope| {
        for raw in endless.iter().chain([&unnamed]) {
            scope.spawn(|| (&raw.stream).write_all(&vec![b'x'; 4 << 20]));
        }
        while !ana.list().is_empty() {}
    });
    for mut raw in endless.into_iter().chain([unnamed]) {
        assert_eq!(raw.line_or_end(), None, "closed without an answer");
    }
    let grown = proc::resident_kib(server.process.id()).saturating_sub(before);
    assert!(grown < GROWTH_MAX_KIB, "grown by {grown} KiB");
    server.process.expect_log("reason=line_too_long");
}

/// S49: a client that sends requests and never reads is not read either. So its KEEPs wait in the
/// kernel, and it expires after 15 seconds (here: 9).
#[test]
fn a_client_that_never_reads_costs_little_delays_no_other_and_expires() {
    let mut server = Server::start_with(&["--keepalive", "3"]);
    let mut ana = member(&server, "Ana", 20000);
    let slow: Vec<Raw> = ["s1", "s2", "s3", "s4"].map(|name| narrow_member(&server, name)).into();
    let before = proc::resident_kib(server.process.id());
    let questions = "ADDR Ana\r\nKEEP\r\n".repeat(1000);
    std::thread::scope(|scope| {
        for raw in &slow {
            scope.spawn(|| write_until_stuck(raw, &questions));
        }
        for _ in 0..20 {
            ana.send("KEEP\r\n");
            let start = Instant::now();
            assert_eq!(ana.list().len(), 4);
            assert!(start.elapsed() < AT_ONCE, "Ana waits {:?}", start.elapsed());
        }
    });
    let grown = proc::resident_kib(server.process.id()).saturating_sub(before);
    assert!(grown < GROWTH_MAX_KIB, "grown by {grown} KiB");
    eventually("the slow clients have expired", || {
        ana.send("KEEP\r\n");
        ana.list().is_empty()
    });
    server.process.expect_log("event=leave name=\"s");
}

fn raise_descriptor_limit() {
    let descriptors = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: descriptors.maximum, ..descriptors };
    setrlimit(Resource::Nofile, raised).expect("as many as the system allows");
}

fn narrow_member(server: &Server, name: &str) -> Raw {
    let mut raw = Raw::connect_narrow(server.address);
    raw.send(&format!("USER {name}:1\r\nLIST\r\n"));
    raw.line();
    raw
}

/// The queue of a reader that is a little too slow is never empty. Bytes that have left it must be
/// freed before it is.
#[test]
fn a_client_that_never_lets_its_queue_run_empty_costs_no_memory() {
    let server = Server::start();
    let raw = narrow_member(&server, "Ana");
    let before = proc::resident_kib(server.process.id());
    let (start, is_over) = (Instant::now(), AtomicBool::new(false));
    let (mut received, mut grown) = (0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let questions = "ADDR Ana\r\n".repeat(1000);
            while !is_over.load(Ordering::Relaxed) && start.elapsed() < PATIENCE {
                let _ = (&raw.stream).write_all(questions.as_bytes());
            }
        });
        while received < 20 << 20 && grown < GROWTH_MAX_KIB && start.elapsed() < PATIENCE {
            received += (&raw.stream).read(&mut [0; 2048]).expect("answers");
            std::thread::park_timeout(Duration::from_micros(100));
            grown = proc::resident_kib(server.process.id()).saturating_sub(before);
        }
        is_over.store(true, Ordering::Relaxed);
        raw.stream.shutdown(Shutdown::Both).expect("ends both directions");
    });
    assert!(grown < GROWTH_MAX_KIB, "grown by {grown} KiB after {} KiB of answers", received >> 10);
}

/// A LIST is a hundred times as long as its request, and is not copied for each client.
#[test]
fn a_list_that_is_not_read_is_in_memory_once() {
    let server = Server::start();
    let _others = crowd(&server, 300);
    let slow: Vec<Raw> =
        (0..20).map(|number| narrow_member(&server, &format!("slow {number}"))).collect();
    let before = proc::resident_kib(server.process.id());
    for raw in &slow {
        (&raw.stream).write_all("LIST\r\n".repeat(500).as_bytes()).expect("takes 3 kB");
    }
    let mut ana = member(&server, "Ana", 1);
    let start = Instant::now();
    assert_eq!(ana.list().len(), 320);
    assert!(start.elapsed() < AT_ONCE);
    let grown = proc::resident_kib(server.process.id()).saturating_sub(before);
    assert!(grown < GROWTH_MAX_KIB, "grown by {grown} KiB");
}

/// D14. The output of one client may be 64 KiB, and of all clients 16 MiB. Beyond that a client that
/// does not read is closed, and the others are served.
#[test]
fn the_memory_of_all_slow_readers_together_has_a_bound() {
    raise_descriptor_limit();
    let mut server = Server::start();
    let mut ana = member(&server, "Ana", 20000);
    let before = proc::resident_kib(server.process.id());
    let questions = "ADDR Ana\r\n".repeat(12_000);
    let slow: Vec<Raw> = (0..400)
        .map(|number| {
            let mut raw = Raw::connect_narrow(server.address);
            raw.send(&format!("USER slow {number}:1\r\n"));
            raw.stream.set_nonblocking(true).expect("non-blocking");
            raw
        })
        .collect();
    for raw in slow.iter().chain(&slow).chain(&slow) {
        // As much as the kernel takes.
        let _ = (&raw.stream).write(questions.as_bytes());
    }
    server.process.expect_log("reason=slow_reader");
    ana.send("KEEP\r\n");
    assert!(ana.list().len() > 100, "as many as fit may stay, at 96 KiB each");
    let grown = proc::resident_kib(server.process.id()).saturating_sub(before);
    // Twice the bound: the allocator has gaps.
    assert!(grown < 2 * 16 * 1024 + GROWTH_MAX_KIB, "grown by {grown} KiB");
    assert!(grown > 8 * 1024, "only {grown} KiB: no client was slow");
}

/// Over loopback one segment of 64 KiB fills the send buffer, and the other side delays the
/// acknowledgement of a lone segment by 40 ms when a connection is no longer new. The quickest of many
/// is asserted, because other work of the machine only makes a LIST slower.
#[test]
fn a_list_longer_than_the_send_buffer_waits_for_no_delayed_acknowledgement() {
    raise_descriptor_limit();
    let server = Server::start();
    let long_name = |number: u16| format!("{number:04}{}", "é".repeat(28));
    let _others: Vec<Raw> =
        (0..1500).map(|number| member(&server, &long_name(number), 1)).collect();
    let ana = member(&server, "Ana", 1);
    let mut answer = vec![0; 1 << 20];
    let all = (0..60).map(|_| {
        let start = Instant::now();
        (&ana.stream).write_all(b"LIST\r\n").expect("takes a question");
        let mut last = 0;
        // As few reads as possible: each read acknowledges its bytes.
        while last != b'\n' {
            let count = (&ana.stream).read(&mut answer).expect("an answer");
            last = answer[count - 1];
        }
        start.elapsed()
    });
    let quickest = all.skip(30).min().expect("thirty more");
    assert!(quickest < Duration::from_millis(30), "{quickest:?}");
}
