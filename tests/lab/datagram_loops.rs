//! Datagrams with a forged source: no service may answer itself or another service.

use std::net::{SocketAddr, UdpSocket};

use papo::lab::WallClock;
use papo::lab::daytime::Daytime;
use papo::lab::echo::Echo;
use papo::lab::source_filter::{ANSWERS_PER_SECOND_MAX, SOURCES_MAX, SourceFilter};
use papo::lab::upper::Upper;
use papo::machine::{Input, Machine, Millis, Typed};

use super::Service;
use crate::driver::Driver;

/// The port of the service that is asked.
const OWN_PORT: u16 = 40_007;

struct Epoch;

impl WallClock for Epoch {
    fn unix_seconds(&self) -> i64 {
        0
    }
}

/// Whether a datagram from this port is answered.
fn answers(service: &mut Driver<impl Machine<Command = Typed>>, port: u16) -> bool {
    for address in [[127, 0, 0, 1], [192, 0, 2, 1]] {
        let from = SocketAddr::from((address, port));
        service.handle(Input::Datagram { from, bytes: b"x" });
    }
    !service.take_log().is_empty()
}

#[track_caller]
fn expect_no_loops(service: impl Machine<Command = Typed>) {
    let mut service = Driver::new(service);
    for port in [0, 7, 13, 19, 1023, 7007, 12_000, 13_000, OWN_PORT] {
        assert!(!answers(&mut service, port), "{port}");
    }
    for port in [1024, 40_008, 65_535] {
        assert!(answers(&mut service, port), "{port}");
    }
}

#[test]
fn no_service_answers_another_one_or_itself() {
    let sources = SourceFilter::new(OWN_PORT);
    expect_no_loops(Echo::new(sources.clone()));
    expect_no_loops(Upper::new(sources.clone()));
    let zone = tz::TimeZone::utc();
    expect_no_loops(Daytime::new(Epoch, zone, 0, sources));
}

/// The system has chosen its port. No other socket can send from there, so the datagram comes from
/// another address with the same port.
#[test]
fn a_service_knows_its_own_port() {
    let service = Service::start(&["echo"]);
    let port = service.address.port();
    let twin = UdpSocket::bind(("127.0.0.2", port)).expect("another address");
    twin.send_to(b"from your own port", service.address).expect("leaves");
    let client = service.datagrams();
    client.send(b"from a client").expect("leaves");
    let mut buffer = [0; 100];
    let count = client.recv(&mut buffer).expect("an answer");
    assert_eq!(&buffer[..count], b"from a client");
    // The service takes datagrams in order: an answer to the twin would be here by now.
    twin.set_nonblocking(true).expect("non-blocking");
    assert!(twin.recv(&mut buffer).is_err(), "it was answered");
}

/// Two services on ports that the user chose look like clients to each other.
#[test]
fn a_loop_between_two_services_ends_within_its_first_second() {
    let [one, other] = [40_007, 40_008].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    let new = |own: SocketAddr| Driver::new(Echo::new(SourceFilter::new(own.port())));
    let mut services = [one, other].map(new);
    let mut answers = 0;
    for from in [other, one].into_iter().cycle() {
        let service = &mut services[usize::from(from == one)];
        service.handle(Input::Datagram { from, bytes: b"x" });
        if service.take_log().is_empty() {
            break;
        }
        answers += 1;
        assert!(answers <= 10_000, "they never stop");
    }
    assert_eq!(answers, 2 * ANSWERS_PER_SECOND_MAX);
}

/// In the next second the fast client is answered again.
#[test]
fn each_source_has_its_own_answers_in_each_second() {
    let mut sources = SourceFilter::new(OWN_PORT);
    let [fast, slow] = [50_001, 50_002].map(|port| SocketAddr::from(([10, 0, 0, 1], port)));
    for _ in 0..ANSWERS_PER_SECOND_MAX {
        assert!(sources.may_answer(Millis(5_000), fast));
    }
    assert!(!sources.may_answer(Millis(5_999), fast));
    assert!(sources.may_answer(Millis(5_999), slow));
    assert!(sources.may_answer(Millis(6_000), fast));
}

/// Forged sources must not use up the answers of others.
#[test]
fn sources_beyond_the_counted_ones_are_all_answered() {
    let mut sources = SourceFilter::new(OWN_PORT);
    let source = |number: usize| SocketAddr::from(([10, 0, 0, 1], 20_000 + number as u16));
    for number in 0..SOURCES_MAX + 100 {
        assert!(sources.may_answer(Millis(0), source(number)), "{number}");
    }
}
