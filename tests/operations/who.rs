//! `papo who`: scripts and health probes ask who is online.

use std::io::Write;
use std::net::TcpListener;

use super::member;
use crate::support::{Process, Server, quiet_address};

fn who(arguments: &[&str]) -> (i32, Vec<String>, Vec<String>) {
    Process::start(&[&["who"], arguments].concat()).finish()
}

#[test]
fn it_prints_who_is_online_and_leaves_nothing_behind() {
    let mut server = Server::start();
    let address = server.address.to_string();
    assert_eq!(who(&[&address]), (0, vec![], vec![]));
    let _ana = member(server.address, "Ana");
    let mut jose = member(server.address, "José");
    let (status, screen, log) = who(&[&address]);
    assert_eq!((status, log.len()), (0, 0), "{log:?}");
    assert_eq!(screen, ["Ana", "José"]);
    let (status, screen, _) = who(&[&address, "--json"]);
    let expected = format!(r#"{{"server":"{address}","online":["Ana","José"]}}"#);
    assert_eq!((status, screen), (0, vec![expected]));
    let line = server.process.expect_log("event=leave name=\"papo-who-");
    assert!(line.contains("reason=closed"), "{line}");
    assert_eq!(jose.list(), ["Ana"], "whoever asked is gone");
}

#[test]
fn a_server_that_is_not_there_or_says_nothing_is_status_1() {
    let nowhere = quiet_address().to_string();
    let (status, screen, log) = who(&[&nowhere]);
    assert_eq!((status, screen.len()), (1, 0), "{log:?}");
    assert!(log[0].starts_with(&format!("papo: there is no server at {nowhere}: ")), "{log:?}");
    assert!(log[0].contains("Start it first"), "{log:?}");
    let silent = TcpListener::bind("127.0.0.1:0").expect("any port");
    let address = silent.local_addr().expect("bound").to_string();
    let (status, _, log) = who(&[&address, "--timeout", "0.5"]);
    let expected = format!("papo: the server at {address} did not answer within 0.5 s");
    assert_eq!((status, log), (1, vec![expected]));
}

#[test]
fn a_server_that_lets_nobody_in_is_status_1() {
    let server = Server::start_with(&["--max-clients", "1"]);
    let _ana = member(server.address, "Ana");
    let (status, _, log) = who(&[&server.address.to_string()]);
    assert_eq!(status, 1);
    assert!(log[0].contains("closed the connection without an answer"), "{log:?}");
}

#[test]
fn the_words_of_a_server_that_closes_are_quoted() {
    let server = TcpListener::bind("127.0.0.1:0").expect("any port");
    let address = server.local_addr().expect("bound").to_string();
    let full = std::thread::spawn(move || {
        let (mut client, _) = server.accept().expect("the query");
        client.write_all("Servidor cheio\x1b\r\n".as_bytes()).expect("a short line");
    });
    let (status, _, log) = who(&[&address]);
    full.join().expect("the server");
    let expected = format!(
        "papo: the server at {address} closed the connection without an answer. It said what is \
         no part of the protocol: Servidor cheio^["
    );
    assert_eq!((status, log), (1, vec![expected]));
}
