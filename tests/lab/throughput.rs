//! `papo lab throughput`: both ends, and the lecture's client.

use std::io::ErrorKind;
use std::net::SocketAddr;

use papo::lab::Notice;
use papo::lab::throughput::sender::{ARRIVAL_WAIT_MS, Sender};
use papo::machine::{CloseReason, ConnId, DialId, Framing, Input, Machine, Millis, Typed};

use super::Service;
use crate::driver::Driver;
use crate::support::Process;

/// The bytes and the rate in `127.0.0.1:1 in all: 81920 bytes in 10.0 s: 64 kb/s`.
fn totals(line: &str) -> (u64, u64) {
    let (_, said) = line.split_once(" in all: ").expect("a total");
    let words: Vec<_> = said.split(' ').collect();
    let number = |place: usize| words[place].parse().expect("a number");
    assert_eq!((words[1], words[6]), ("bytes", "kb/s"), "{line}");
    (number(0), number(5))
}

#[test]
fn both_ends_count_the_same_bytes_in_bounded_memory() {
    let mut service = Service::start(&["throughput", "serve"]);
    let before = service.resident_kib();
    let to = service.address.to_string();
    let words = ["lab", "throughput", "send", &to, "--seconds", "2.5", "--size", "1000"];
    let mut sender = Process::start(&words);
    for _ in 0..2 {
        for process in [&mut sender, &mut service.process] {
            let second = process.expect_screen(" kb/s");
            assert!(!second.contains("in all"), "a line each second: {second}");
        }
    }
    let resident = crate::support::proc::resident_kib(sender.id());
    assert!(resident < 16 * 1024, "{resident} KiB to send without end");
    let sent = totals(&sender.expect_screen("in all"));
    assert_eq!(sender.finish().0, 0);
    let received = totals(&service.process.expect_screen("in all"));
    assert_eq!(sent.0, received.0);
    assert!(sent.0.is_multiple_of(1000) && sent.0 > 1 << 20 && sent.1 > 0, "{sent:?}");
    let grown = service.resident_kib().saturating_sub(before);
    assert!(grown < 2048, "{grown} KiB for {} bytes", received.0);
}

/// `buffer = bytearray(8192)`, and `send` in a loop.
#[test]
fn the_lectures_client_is_counted() {
    let mut service = Service::start(&["throughput", "serve"]);
    let mut raw = service.connect();
    for _ in 0..100 {
        raw.send_bytes(&[0; 8192]);
    }
    drop(raw);
    assert_eq!(totals(&service.process.expect_screen("in all")).0, 819_200);
}

#[test]
fn a_receiver_that_never_reads_costs_the_sender_no_memory() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("any port");
    let to = listener.local_addr().expect("an address").to_string();
    let mut sender = Process::start(&["lab", "throughput", "send", &to, "--seconds", "1"]);
    sender.expect_screen(" kb/s");
    let resident = crate::support::proc::resident_kib(sender.id());
    assert!(resident < 16 * 1024, "{resident} KiB");
    drop(listener);
    assert_eq!(sender.finish().0, 1, "not all bytes have arrived");
}

const CONN: ConnId = ConnId { slot: 0, generation: 1 };

/// A sender whose last block has just left, after two seconds.
fn sender_that_is_done() -> Driver<Sender> {
    let to = SocketAddr::from(([127, 0, 0, 1], 1));
    let mut sender = Driver::new(Sender::new(to, 131_000, 2000));
    said(&mut sender, 0, Input::Tick);
    let conn = sender.open(Framing::Raw);
    said(&mut sender, 0, Input::Dialed { dial: DialId(0), result: Ok(conn) });
    said(&mut sender, 1000, Input::Drained { conn });
    said(&mut sender, 2000, Input::Drained { conn });
    sender
}

/// The total that it reports, in bytes and milliseconds, and its status if it ends.
fn said(
    sender: &mut Driver<Sender>,
    at_ms: u64,
    input: Input<'_, Typed>,
) -> (Option<(u64, u64)>, Option<u8>) {
    sender.now = Millis(at_ms);
    sender.feed(input);
    let total = sender.take_notices().into_iter().find_map(|notice| match notice {
        Notice::Moved { bytes, elapsed_ms, is_total: true, .. } => Some((bytes, elapsed_ms)),
        _ => None,
    });
    (total, sender.status)
}

#[test]
fn the_sender_waits_for_a_receiver_that_is_stopped_for_twenty_seconds() {
    let mut sender = sender_that_is_done();
    assert!(sender.machine.next_deadline().is_some_and(|at| at > Millis(22_000)));
    let closed = Input::Closed { conn: CONN, reason: CloseReason::Asked };
    assert_eq!(said(&mut sender, 22_000, closed), (Some((262_000, 22_000)), Some(0)));
}

/// The lecture's receiver does not close.
#[test]
fn the_wait_for_the_receivers_close_is_bounded_and_not_measured() {
    let mut sender = sender_that_is_done();
    let end = 2000 + ARRIVAL_WAIT_MS;
    assert_eq!(sender.machine.next_deadline(), Some(Millis(end)));
    assert_eq!(said(&mut sender, end, Input::Tick), (Some((262_000, 2000)), Some(0)));
}

#[test]
fn a_receiver_that_breaks_off_has_not_received_everything() {
    let mut sender = sender_that_is_done();
    let reason = CloseReason::Failed(ErrorKind::ConnectionReset);
    let closed = Input::Closed { conn: CONN, reason };
    assert_eq!(said(&mut sender, 3000, closed), (None, Some(1)));
}
