//! `papo lab echo`, and the faults of clients that must harm no service.

use std::io::{ErrorKind, Write};
use std::time::Duration;

use papo::lab::echo::Echo;
use papo::machine::Action;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{Service, recv, recv_all};
use crate::driver::Driver;
use crate::support::{Raw, eventually};

/// The longest datagram that IPv4 carries.
const LONGEST: usize = 65_507;

#[test]
fn bytes_come_back_as_they_came() {
    let service = Service::start(&["echo"]);
    let mut raw = service.connect();
    let all: Vec<u8> = (0..=255).collect();
    raw.send_bytes(&all);
    assert_eq!(recv(&mut raw, 1024), all);
    raw.send("OLA!\r\nsem fim");
    assert_eq!(recv(&mut raw, 1024), b"OLA!\r\nsem fim");
}

/// `echo text | nc -N host 7007`.
#[test]
fn a_client_that_has_half_closed_receives_the_whole_echo() {
    let service = Service::start(&["echo"]);
    let mut raw = service.connect();
    let long = vec![b'x'; 300_000];
    let mut writer = raw.stream.try_clone().expect("a second handle");
    let writing = std::thread::Builder::new().spawn({
        let long = long.clone();
        move || {
            writer.write_all(&long).expect("is read");
            writer.shutdown(std::net::Shutdown::Write).expect("half-closes");
        }
    });
    assert!(recv_all(&mut raw) == long);
    writing.expect("a thread").join().expect("it wrote");
}

/// The kernel may hold all of the output, so the action is the proof.
#[test]
fn at_the_end_of_the_stream_the_output_leaves_before_the_close() {
    let mut echo = Driver::new(Echo::default());
    let conn = echo.accept(([127, 0, 0, 1], 40_000).into(), [127, 0, 0, 1].into());
    echo.end(conn);
    assert!(matches!(echo.take_log()[0].action, Action::Close { .. }));
}

#[test]
fn a_datagram_comes_back_whole_be_it_empty_or_the_longest() {
    let service = Service::start(&["echo"]);
    let socket = service.datagrams();
    let mut buffer = vec![0; 2 * LONGEST];
    for length in [0, 1, 1024, LONGEST] {
        let sent: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
        socket.send(&sent).expect("leaves");
        let count = socket.recv(&mut buffer).expect("an echo");
        assert!(buffer[..count] == sent, "{length} bytes, and {count} came back");
    }
}

/// Writes until the service takes no more. How much that was.
fn write_until_stuck(raw: &Raw) -> usize {
    raw.stream.set_write_timeout(Some(Duration::from_millis(300))).expect("a timeout");
    let mut sent = 0;
    loop {
        match (&raw.stream).write(&[b'x'; 64 * 1024]) {
            Ok(count) => sent += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return sent,
            Err(error) => panic!("{error}"),
        }
        assert!(sent < 256 << 20, "it never stops reading");
    }
}

#[test]
fn a_client_that_does_not_read_is_not_read_and_delays_no_other_client() {
    let service = Service::start(&["echo"]);
    let before = service.resident_kib();
    let mute: Vec<_> = (0..8).map(|_| service.connect()).collect();
    let sent: usize = mute.iter().map(write_until_stuck).sum();
    assert!(sent > 1 << 20, "the kernel alone takes more than {sent} bytes");
    let grown = service.resident_kib().saturating_sub(before);
    assert!(grown < 8 * 512, "{grown} KiB for 8 clients that do not read");
    let mut other = service.connect();
    other.send("still there?");
    assert_eq!(recv(&mut other, 1024), b"still there?");
}

#[test]
fn a_thousand_clients_each_have_their_echo() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    setrlimit(Resource::Nofile, raised).expect("up to its own maximum");
    let service = Service::start(&["echo"]);
    let mut clients: Vec<_> = (0..1000).map(|_| service.connect()).collect();
    for (number, client) in clients.iter_mut().enumerate() {
        client.send(&format!("client {number}"));
    }
    for (number, client) in clients.iter_mut().enumerate() {
        assert_eq!(recv(client, 1024), format!("client {number}").as_bytes());
    }
    let descriptors = || crate::support::proc::descriptors(service.process.id()).len();
    drop(clients);
    eventually("all of them are closed", || descriptors() < 32);
}
