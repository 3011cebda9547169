//! Messages that are written and read again are the same.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;

use proptest::collection::vec;
use proptest::prelude::*;

use papo::buffers::lines::LineBuffer;
use papo::machine::{LineEnd, LineLimit};
use papo::wire::name::Name;
use papo::wire::reply::{self, Edition, Reply};
use papo::wire::request::Request;
use papo::wire::speech::{self, Speech};
use papo::wire::{REPLY_LIMIT, REQUEST_LIMIT, SPEECH_LIMIT, address};

use super::hostile::hostile_line;
use super::thousands;

/// The line of written bytes. They must be one line and no more.
fn one_line(bytes: &[u8], limit: LineLimit) -> Vec<u8> {
    let mut buffer = LineBuffer::new(limit);
    let (used, line) = buffer.next_line(bytes).expect("within the limit");
    let line = line.expect("a line");
    assert_eq!((used, line.end), (bytes.len(), LineEnd::Terminator));
    assert!(bytes.ends_with(b"\r\n"), "the handout's end of every instruction");
    line.bytes.to_vec()
}

fn name() -> impl Strategy<Value = Name> {
    let plain = "[A-Za-zÀ-ÿΑ-ω0-9/#. -]{1,32}";
    let strange = vec(any::<char>(), 1..=16).prop_map(String::from_iter);
    prop_oneof![3 => plain.boxed(), 1 => strange.boxed()]
        .prop_filter_map("no name", |text| Name::parse(text.as_bytes()).ok())
}

/// A name that a person may ask for: any text that is not empty, without colon and line end.
fn wanted() -> impl Strategy<Value = String> {
    "[^:\n]{1,40}".prop_map(|text| text.trim().to_string()).prop_filter("empty", |t| !t.is_empty())
}

fn port() -> RangeInclusive<u16> {
    1..=u16::MAX
}

/// Addresses of both families. The groups of IPv6 are mostly zero, so that its short forms occur, and
/// some addresses are IPv4-mapped.
fn any_address() -> impl Strategy<Value = SocketAddr> {
    let four = any::<[u8; 4]>();
    let six = vec(prop_oneof![3 => Just(0), 1 => Just(1), 1 => any::<u16>()], 8);
    let ip = prop_oneof![
        four.prop_map(IpAddr::from),
        six.prop_map(|groups| <[u16; 8]>::try_from(groups).expect("eight")).prop_map(IpAddr::from),
        four.prop_map(|bytes| Ipv4Addr::from(bytes).to_ipv6_mapped().into()),
    ];
    (ip, port()).prop_map(SocketAddr::from)
}

fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

fn request_there_and_back(request: &Request<'_>) {
    let mut bytes = Vec::new();
    request.encode(&mut bytes);
    assert_eq!(Request::parse(&one_line(&bytes, REQUEST_LIMIT)).as_ref(), Ok(request));
}

fn addr_there_and_back(edition: Edition, name: &Name, address: SocketAddr) {
    let mut bytes = Vec::new();
    reply::encode_addr(edition, name, address.into(), &mut bytes);
    let line = one_line(&bytes, REPLY_LIMIT);
    let name = (edition == Edition::Of2026).then_some(name.as_bytes());
    let address = canonical(address);
    assert_eq!(Reply::parse(&line), Some(Reply::Addr { name, address }));
}

proptest! {
    #![proptest_config(thousands())]

    #[test]
    fn every_request_is_read_as_it_was_written(name in name(), port in port(), wanted in wanted()) {
        for request in [
            Request::User { name: name.clone(), port },
            Request::Addr(name.as_bytes()),
            Request::Addr(wanted.as_bytes()),
            Request::List,
            Request::Keep,
            Request::Disc,
        ] {
            request_there_and_back(&request);
        }
    }

    #[test]
    fn a_request_that_was_parsed_is_written_and_parsed_to_the_same(line in hostile_line()) {
        if let Ok(request) = Request::parse(&line) {
            request_there_and_back(&request);
        }
    }

    #[test]
    fn an_addr_reply_is_read_as_it_was_written(name in name(), address in any_address()) {
        addr_there_and_back(Edition::Of2024, &name, address);
        addr_there_and_back(Edition::Of2026, &name, address);
    }

    #[test]
    fn an_address_is_written_without_brackets_and_a_mapped_one_with_dots(address in any_address()) {
        let mut text = Vec::new();
        address::encode(address.into(), &mut text);
        prop_assert!(!text.contains(&b'['));
        prop_assert_eq!(text.contains(&b'.'), canonical(address).is_ipv4());
        prop_assert_eq!(address::parse(&text), Some(canonical(address)));
    }

    #[test]
    fn a_list_is_parsed_into_its_names(names in vec(name(), 0..8)) {
        let texts: Vec<_> = names.iter().map(Name::as_bytes).collect();
        let line = [b"LIST ".to_vec(), texts.join(&b':')].concat();
        let Some(Reply::List(list)) = Reply::parse(&line) else { panic!("a list") };
        prop_assert_eq!(reply::names(list).collect::<Vec<_>>(), texts);
    }

    #[test]
    fn every_speech_is_read_as_it_was_written(line in hostile_line()) {
        let speech = Speech::parse(&line);
        let mut bytes = Vec::new();
        speech.encode(&mut bytes);
        let read = one_line(&bytes, SPEECH_LIMIT);
        prop_assert_eq!(&read, &line, "nothing is lost, not even a blank");
        prop_assert_eq!(Speech::parse(&read), speech);
    }

    #[test]
    fn a_caller_is_known_by_its_name_with_or_without_a_port(name in name(), port in port()) {
        let short = name.to_string();
        let long = format!("{name}:{port}");
        prop_assert_eq!(speech::caller_name(short.as_bytes()), Ok(name.clone()));
        prop_assert_eq!(speech::caller_name(long.as_bytes()), Ok(name));
    }
}
