//! Datagrams with a forged source: no service may be made to answer itself, or another service.

use std::net::{SocketAddr, UdpSocket};

use papo::lab::WallClock;
use papo::lab::daytime::Daytime;
use papo::lab::echo::Echo;
use papo::lab::source_filter::SourceFilter;
use papo::lab::upper::Upper;
use papo::machine::{Input, Machine, Typed};

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
    expect_no_loops(Echo::new(sources));
    expect_no_loops(Upper::new(sources));
    let zone = tz::TimeZone::utc();
    expect_no_loops(Daytime::new(Epoch, zone, 0, sources));
}

/// The service knows its port also where the system has chosen it. On this host nobody else can
/// send from there, so the datagram comes from another address with the same port.
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
