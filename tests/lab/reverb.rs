//! `papo lab reverb`: "OLA!", "Ola!", "ola!".

#![allow(clippy::disallowed_methods, reason = "real sockets want a real clock")]

use std::time::{Duration, Instant};

use super::{Service, recv_all};

#[test]
fn a_line_comes_back_three_times_a_second_apart() {
    let service = Service::start(&["reverb"]);
    let mut raw = service.connect();
    let start = Instant::now();
    raw.send("Ola!\r\n");
    for (number, expected) in ["OLA!\n", "Ola!\n", "ola!\n"].iter().enumerate() {
        assert_eq!(raw.line_or_end().as_deref(), Some(*expected));
        assert!(start.elapsed() >= Duration::from_secs(number as u64), "never early");
    }
    raw.send("Mais\n");
    assert_eq!(raw.line_or_end().as_deref(), Some("MAIS\n"), "the connection is still open");
}

/// The lecture's program in Go closes at the end of the input, and loses the last echoes.
#[test]
fn several_lines_reverberate_side_by_side_and_the_last_echo_arrives() {
    let service = Service::start(&["reverb", "--delay", "0.3"]);
    let mut raw = service.connect();
    raw.send("Um\nDois\nTrês");
    raw.half_close();
    let heard = String::from_utf8(recv_all(&mut raw)).expect("UTF-8");
    let expected = "UM\nDOIS\nTRÊS\nUm\nDois\nTrês\num\ndois\ntrês\n";
    assert_eq!(heard, expected);
}

#[test]
fn clients_do_not_wait_for_each_other() {
    let service = Service::start(&["reverb", "--delay", "0.5"]);
    let start = Instant::now();
    let mut clients: Vec<_> = (0..40).map(|_| service.connect()).collect();
    for client in &mut clients {
        client.send("Eco\n");
        client.half_close();
    }
    for client in &mut clients {
        assert_eq!(recv_all(client), b"ECO\nEco\neco\n");
    }
    assert!(start.elapsed() < Duration::from_secs(15), "{:?} for forty", start.elapsed());
}

#[test]
fn too_many_echoes_and_too_long_a_line_cost_their_own_connection_only() {
    let service = Service::start(&["reverb"]);
    let before = service.resident_kib();
    let (mut loud, mut endless) = (service.connect(), service.connect());
    loud.send(&"x\n".repeat(1000));
    loud.wait_closed();
    endless.send(&"y".repeat(200_000));
    endless.wait_closed();
    let mut cut = service.connect();
    cut.send(&format!("{}\n", "z".repeat(10_000)));
    assert_eq!(cut.line_or_end().map(|line| line.len()), Some(4097));
    assert!(service.resident_kib() - before < 2048, "nothing of it is kept");
}
