//! `papo lab upper`: the lecture's first client and server, in Python and in Java.

use std::net::UdpSocket;

use papo::lab::upper::{REST_WAITS_MS, Upper};
use papo::machine::Action;
use papo::timer_wheel::TICK_MS;

use super::{Service, recv, recv_all};
use crate::driver::Driver;
use crate::support::Raw;

/// `clientSocket.send(sentence)`, `recv(1024)`, `close()`: no line end anywhere.
#[test]
fn the_python_client_gets_its_sentence_in_capitals_and_the_end() {
    let service = Service::start(&["upper"]);
    let mut raw = service.connect();
    raw.send("frase em minúsculas, ß");
    assert_eq!(recv(&mut raw, 1024), "FRASE EM MINÚSCULAS, SS".as_bytes());
    assert_eq!(recv_all(&mut raw), b"");
}

/// `outToServer.writeBytes(sentence + '\n')`, `inFromServer.readLine()`: each letter is a segment of
/// its own.
#[test]
fn the_java_client_gets_a_line_for_its_line() {
    let service = Service::start(&["upper"]);
    let mut raw = service.connect();
    for letter in "hello world\n".chars() {
        raw.send(&letter.to_string());
    }
    assert_eq!(raw.line_or_end().as_deref(), Some("HELLO WORLD\n"));
    assert_eq!(recv_all(&mut raw), b"");
}

#[test]
fn a_text_ends_when_nothing_has_followed_for_a_while() {
    let mut upper = Driver::new(Upper::default());
    let conn = upper.accept(([127, 0, 0, 1], 40_000).into(), [127, 0, 0, 1].into());
    for letter in b"frase" {
        upper.arrive(conn, &[*letter]);
        upper.wait(REST_WAITS_MS - 50);
        assert!(upper.take_log().is_empty(), "more may come");
    }
    upper.wait(50 + TICK_MS);
    let log = upper.take_log();
    assert_eq!(log[0].bytes, b"FRASE");
    assert!(matches!(log[1].action, Action::HalfClose { .. }), "and the end");
}

#[test]
fn a_text_ends_by_a_line_feed_by_silence_by_the_end_or_by_being_too_long() {
    let service = Service::start(&["upper"]);
    let mut ended = service.connect();
    ended.send("sem fim");
    ended.half_close();
    assert_eq!(recv_all(&mut ended), b"SEM FIM");
    let mut lines = service.connect();
    lines.send("um\ndois");
    assert_eq!(recv_all(&mut lines), b"UM\nDOIS", "as one recv of the lecture's server");
    let mut long = service.connect();
    long.send(&"x".repeat(100_000));
    assert_eq!(recv_all(&mut long).len(), papo::lab::upper::TEXT_BYTES_MAX);
}

#[test]
fn the_udp_client_gets_a_datagram_from_where_it_sent_one() {
    let service = Service::start(&["upper"]);
    let socket = UdpSocket::bind("127.0.0.1:0").expect("any port");
    socket.set_read_timeout(Some(crate::support::PATIENCE)).expect("a timeout");
    socket.send_to(b"frase", service.address).expect("leaves");
    let mut buffer = [0; 1024];
    let (count, from) = socket.recv_from(&mut buffer).expect("an answer");
    assert_eq!((&buffer[..count], from), (b"FRASE".as_slice(), service.address));
}

/// "ΰ" takes two bytes, and its capital six.
#[test]
fn an_answer_too_long_for_a_datagram_is_lost_and_the_next_one_arrives() {
    let service = Service::start(&["upper"]);
    let socket = service.datagrams();
    for text in ["", "\u{3b0}".repeat(30_000).as_str(), "next"] {
        socket.send(text.as_bytes()).expect("leaves");
    }
    let mut buffer = [0; 1024];
    assert_eq!(socket.recv(&mut buffer).expect("the empty one"), 0);
    let count = socket.recv(&mut buffer).expect("the last one");
    assert_eq!(&buffer[..count], b"NEXT");
    socket.send(&[b'x'; 65_507]).expect("leaves");
    let mut longest = vec![0; 65_507];
    let count = socket.recv(&mut longest).expect("the longest one");
    assert!(count == 65_507 && longest.iter().all(|&letter| letter == b'X'), "{count} bytes");
}

/// A close with unread bytes would send a reset, which destroys the answer.
#[test]
fn a_client_that_sends_more_than_is_read_still_gets_its_answer() {
    let service = Service::start(&["upper"]);
    for _ in 0..20 {
        let mut raw = service.connect();
        raw.send(&"a".repeat(1000));
        assert_eq!(recv(&mut raw, 1000), "A".repeat(1000).as_bytes());
        raw.send(&"b".repeat(200_000));
        raw.half_close();
        assert_eq!(recv_all(&mut raw), b"");
    }
}

#[test]
fn any_bytes_come_back_although_other_clients_are_silent_ended_or_reset() {
    let service = Service::start(&["upper"]);
    let (_silent, ended) = (service.connect(), service.connect());
    ended.half_close();
    Raw::connect(service.address).reset();
    let mut raw = service.connect();
    raw.send_bytes(b"\0\xffa\xf0\x9f");
    assert_eq!(recv(&mut raw, 1024), b"\0\xffA\xf0\x9f");
}
