//! `papo who`: it registers, asks and leaves, or reports why it could not.

use std::io::ErrorKind;
use std::net::SocketAddr;

use papo::machine::{Action, CloseReason, ConnId, DialId, Input, Machine, Millis};
use papo::who::{LEAVE_WITHIN_MS, Notice, QUIET_MS, Rules, SETTLE_MS, WhoQuery};
use papo::wire::DIAL_BEFORE_NEXT_MS;
use papo::wire::name::Name;

use crate::driver::{Done, Driver};

/// Its only connection. It stays open until a test closes it.
const CONN: ConnId = ConnId { slot: 0, generation: 1 };

/// The machine, and its actions as text.
struct Asking {
    driver: Driver<WhoQuery>,
}

impl Asking {
    fn start(servers: &[&str]) -> Self {
        let servers = servers.iter().map(|text| text.parse().expect("an address")).collect();
        let name = Name::parse(b"papo-who-1").expect("a name");
        let mut driver = Driver::new(WhoQuery::new(Rules { servers, name, within_ms: 5_000 }));
        driver.now = Millis(7);
        driver.tick();
        Self { driver }
    }

    /// It is connected and has asked.
    fn asked() -> Self {
        let mut asking = Self::start(&["10.0.0.1:10000"]);
        asking.driver.answer(DialId(0));
        asking.driver.cable(CONN).lingers = true;
        asking.driver.wait(SETTLE_MS);
        asking.expect(&["dials 10.0.0.1:10000", "> USER papo-who-1:9", "> LIST"]);
        asking
    }

    #[track_caller]
    fn expect(&mut self, expected: &[&str]) {
        let log: Vec<_> = self.driver.take_log().into_iter().map(words).collect();
        assert_eq!(log, expected);
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "it asks for no other")]
fn words(done: Done<Notice>) -> String {
    let text = done.text();
    match done.action {
        Action::Dial { to, .. } => format!("dials {to}"),
        Action::Send { .. } => format!("> {}", text.trim_end()),
        Action::Show(Notice::Online(names)) => {
            let names: Vec<_> = names.iter().map(|it| String::from_utf8_lossy(it)).collect();
            format!("online: {}", names.join(", "))
        }
        Action::Show(other) => format!("{other:?}"),
        Action::Close { .. } => "closes".to_string(),
        Action::Abort { .. } => "aborts".to_string(),
        Action::EndLine { .. } => "ends the line".to_string(),
        Action::Abandon { dial } => format!("gives up dial {}", dial.0),
        Action::Exit { status } => format!("exits {status}"),
        other => panic!("it has no use for {other:?}"),
    }
}

#[test]
fn it_registers_asks_and_leaves() {
    let mut asking = Asking::asked();
    asking.driver.line(CONN, b"hello");
    asking.driver.line(CONN, b"LIST Ana: papo-who-1:Bruno");
    asking.expect(&["online: Ana, Bruno", "closes"]);
    asking.driver.close(CONN, CloseReason::Asked);
    asking.expect(&["exits 0"]);
    assert_eq!(asking.driver.machine.next_deadline(), None);
}

#[test]
fn nobody_online_is_an_answer() {
    let mut asking = Asking::asked();
    asking.driver.line(CONN, b"LIST ");
    asking.driver.wait(LEAVE_WITHIN_MS);
    asking.expect(&["online: ", "closes", "exits 0"]);
}

#[test]
fn an_answer_without_a_line_end_counts_after_a_second_of_silence() {
    let mut asking = Asking::asked();
    asking.driver.arrive(CONN, b"LIST An");
    asking.driver.wait(QUIET_MS - 1);
    asking.driver.arrive(CONN, b"a");
    asking.driver.wait(QUIET_MS - 1);
    asking.expect(&[]);
    asking.driver.wait(1);
    asking.expect(&["ends the line", "online: Ana", "closes"]);
}

#[test]
fn each_address_of_the_server_is_tried() {
    let mut asking = Asking::start(&["10.0.0.1:1", "10.0.0.2:1"]);
    asking.driver.refuse(DialId(0), ErrorKind::ConnectionRefused);
    asking.expect(&["dials 10.0.0.1:1", "dials 10.0.0.2:1"]);
    asking.driver.refuse(DialId(1), ErrorKind::HostUnreachable);
    let server: SocketAddr = ([10, 0, 0, 2], 1).into();
    let failed = format!("{:?}", Notice::NoServer { server, error: ErrorKind::HostUnreachable });
    asking.expect(&[&failed, "exits 1"]);
}

/// One dial has no answer, and one server closes.
#[test]
fn after_a_server_that_does_not_answer_the_next_is_tried() {
    let mut asking = Asking::start(&["10.0.0.1:1", "10.0.0.2:1", "10.0.0.3:1"]);
    asking.driver.wait(DIAL_BEFORE_NEXT_MS);
    asking.expect(&["dials 10.0.0.1:1", "gives up dial 0", "dials 10.0.0.2:1"]);
    asking.driver.answer(DialId(1));
    asking.driver.close(CONN, CloseReason::Asked);
    asking.expect(&["> USER papo-who-1:9", "dials 10.0.0.3:1"]);
    asking.driver.wait(5_000);
    let server: SocketAddr = ([10, 0, 0, 3], 1).into();
    asking.expect(&[&format!("{:?}", Notice::Silent { server, said: None }), "exits 1"]);
}

#[test]
fn a_server_that_is_silent_or_closes_makes_the_status_1() {
    let server: SocketAddr = ([10, 0, 0, 1], 10_000).into();
    let silent = format!("{:?}", Notice::Silent { server, said: None });
    let closed = format!("{:?}", Notice::Closed { server, said: None });
    let mut asking = Asking::asked();
    asking.driver.wait(5_000);
    asking.expect(&[&silent, "exits 1"]);
    let mut asking = Asking::start(&["10.0.0.1:10000"]);
    asking.driver.wait(5_000);
    asking.expect(&["dials 10.0.0.1:10000", &silent, "exits 1"]);
    // The dial succeeds too late.
    asking.driver.answer(DialId(0));
    asking.expect(&["aborts"]);
    for end in [
        Input::EndOfStream { conn: CONN },
        Input::Closed { conn: CONN, reason: CloseReason::Asked },
    ] {
        let mut asking = Asking::asked();
        asking.driver.handle(end);
        asking.expect(&[&closed, "exits 1"]);
    }
}

/// It may come before LIST is sent. Only the first line of the last server counts.
#[test]
fn a_line_that_is_no_answer_is_reported() {
    let mut asking = Asking::start(&["10.0.0.1:1", "10.0.0.2:1"]);
    asking.driver.answer(DialId(0));
    asking.driver.line(CONN, b"the first server");
    asking.driver.close(CONN, CloseReason::Asked);
    let conn = asking.driver.answer(DialId(1));
    asking.driver.line(conn, "Servidor cheio".repeat(20).as_bytes());
    asking.driver.wait(SETTLE_MS);
    asking.driver.line(conn, b"the second line");
    asking.driver.take_log();
    asking.driver.handle(Input::EndOfStream { conn });
    let server: SocketAddr = ([10, 0, 0, 2], 1).into();
    let said = Some("Servidor cheio".repeat(20).as_bytes()[..120].to_vec());
    asking.expect(&[&format!("{:?}", Notice::Closed { server, said }), "exits 1"]);
}

/// E16: a full server may reset the connection before the dial has ended.
#[test]
fn a_dial_that_ends_with_a_reset_is_a_server_that_closed() {
    let mut asking = Asking::start(&["10.0.0.1:1"]);
    asking.driver.refuse(DialId(0), ErrorKind::ConnectionReset);
    let failed = format!("{:?}", Notice::Closed { server: ([10, 0, 0, 1], 1).into(), said: None });
    asking.expect(&["dials 10.0.0.1:1", &failed, "exits 1"]);
}
