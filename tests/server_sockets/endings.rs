//! The ends of connections: how the server notices them, and what it still delivers.

use std::io::Read;

use super::{at_once, crowd, member};
use crate::support::{Raw, Server};

/// The end of the stream, in order: a reset would be an error.
#[track_caller]
fn assert_ends_in_order(raw: &mut Raw) {
    let read = raw.stream.read(&mut [0; 1]);
    assert_eq!(read.expect("no reset"), 0, "and nothing more");
}

/// S42.
#[test]
fn a_client_that_resets_leaves_the_list_at_once() {
    let mut server = Server::start();
    let ana = member(&server, "Ana", 20000);
    let mut bia = member(&server, "Bia", 1);
    assert_eq!(bia.list(), ["Ana"]);
    ana.reset();
    at_once("Ana is gone", || bia.list().is_empty());
    server.process.expect_log("event=leave name=\"Ana\"");
}

/// S41, S56: at the end of the stream an unfinished line is no instruction, because its rest is
/// unknown.
#[test]
fn an_unfinished_instruction_is_ignored() {
    let server = Server::start();
    let mut bia = member(&server, "Bia", 1);
    let mut ana = server.connect();
    ana.send("USER Ana:200");
    ana.half_close();
    assert_ends_in_order(&mut ana);
    assert!(bia.list().is_empty());

    let mut ana = member(&server, "Ana", 20000);
    ana.send("LIST");
    ana.half_close();
    assert_ends_in_order(&mut ana);
    at_once("Ana is gone", || bia.list().is_empty());
}

/// S43: `printf ... | nc -N` ends its own direction first and then reads.
#[test]
fn a_client_that_half_closes_gets_all_answers_and_then_the_end() {
    let server = Server::start();
    let _bruno = member(&server, "Bruno", 21500);
    let mut ana = server.connect();
    ana.send("USER Ana:20000\r\nLIST\r\nADDR Bruno\r\n");
    ana.half_close();
    assert_eq!(ana.line(), "LIST Bruno");
    assert_eq!(ana.line(), "ADDR 127.0.0.1:21500");
    assert_ends_in_order(&mut ana);
}

/// S43 with S49: the end arrives before the server has read all requests.
#[test]
fn a_client_that_half_closes_after_many_requests_gets_all_answers() {
    let server = Server::start();
    let _others = crowd(&server, 50);
    let mut ana = member(&server, "Ana", 20000);
    ana.send(&"LIST\r\n".repeat(1000));
    ana.half_close();
    let first = ana.line();
    for number in 1..1000 {
        assert!(ana.line() == first, "answer no. {number}");
    }
    assert_ends_in_order(&mut ana);
}

/// S44: some programs send DISC to the server, too, and wait for it to close.
#[test]
fn disc_to_the_server_closes_after_the_answers() {
    let server = Server::start();
    let mut bia = member(&server, "Bia", 1);
    let mut ana = member(&server, "Ana", 20000);
    ana.send("LIST\r\nDISC\r\n");
    assert_eq!(ana.line(), "LIST Bia");
    assert_ends_in_order(&mut ana);
    assert!(bia.list().is_empty());
}

/// S56.
#[test]
fn hundreds_of_clients_that_come_and_go_leave_nothing_behind() {
    let server = Server::start();
    let mut bia = member(&server, "Bia", 1);
    let descriptors = || crate::support::proc::descriptors(server.process.id()).len();
    let before = descriptors();
    for round in 0..100 {
        let passing = server.join(&format!("passing {round}"), 2);
        server.join(&format!("breaking {round}"), 3).reset();
        drop((passing, server.connect()));
    }
    at_once("the list is empty", || bia.list().is_empty());
    at_once("no descriptor is left", || descriptors() == before);
}
