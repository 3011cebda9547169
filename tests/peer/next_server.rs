//! Several servers: the next one is tried at once, and conversations go on.

use std::io::ErrorKind;

use papo::peer::Rules;
use papo::wire::DIAL_BEFORE_NEXT_MS;

use super::desk::{Desk, RESET, rules};

const FIRST: &str = "10.0.0.1:10000";
const SECOND: &str = "10.0.0.8:10000";
const THIRD: &str = "10.0.0.9:10000";

/// These servers, each with one address.
fn with(servers: &[&str]) -> Rules {
    let servers = servers.iter().map(|text| vec![text.parse().expect("an address")]).collect();
    Rules { servers, ..rules() }
}

/// Ana with three servers, registered with the first for a minute.
fn at_the_first() -> Desk {
    let mut ana = Desk::registered(with(&[FIRST, SECOND, THIRD]));
    ana.wait(60_000);
    ana.forget();
    ana
}

#[test]
fn after_a_lost_server_the_next_is_tried_at_once() {
    let mut ana = at_the_first();
    ana.is_called_by("bruno", "Bruno", "10.0.0.2");
    ana.forget();
    ana.ends("server");
    ana.wait(0);
    ana.expect(["server aborted", "offline: 10.0.0.1:10000", "dial 10.0.0.8:10000"]);
    ana.answers(SECOND, "second");
    ana.types("Ainda aí?");
    ana.wait(250);
    ana.expect(["second > USER Ana:20000", "bruno > Ainda aí?", "back online at 10.0.0.8:10000"]);
}

#[test]
fn a_pause_comes_after_the_last_server() {
    let mut ana = at_the_first();
    ana.breaks("server", RESET);
    ana.wait(0);
    ana.refuses(SECOND, ErrorKind::ConnectionRefused);
    ana.expect(["offline: 10.0.0.1:10000", "dial 10.0.0.8:10000", "dial 10.0.0.9:10000"]);
    ana.refuses(THIRD, ErrorKind::ConnectionRefused);
    ana.wait(124);
    ana.expect([]);
    ana.wait_for("dial 10.0.0.1:10000");
    ana.refuses(FIRST, ErrorKind::ConnectionRefused);
    ana.refuses(SECOND, ErrorKind::ConnectionRefused);
    ana.expect(["dial 10.0.0.1:10000", "dial 10.0.0.8:10000", "dial 10.0.0.9:10000"]);
}

#[test]
fn no_server_is_reported_when_each_was_tried() {
    let mut ana = Desk::new(with(&[FIRST, SECOND]));
    ana.refuses(FIRST, ErrorKind::ConnectionRefused);
    ana.expect(["dial 10.0.0.1:10000", "dial 10.0.0.8:10000"]);
    ana.refuses(SECOND, ErrorKind::HostUnreachable);
    ana.expect(["no server: 10.0.0.1:10000, 10.0.0.8:10000 HostUnreachable"]);
}

/// A computer that is switched off does not refuse the dial.
#[test]
fn an_unanswered_dial_is_given_up_after_two_seconds() {
    let mut ana = Desk::new(with(&[FIRST, SECOND]));
    ana.wait(DIAL_BEFORE_NEXT_MS - 1);
    ana.expect(["dial 10.0.0.1:10000", "dialing 10.0.0.1:10000"]);
    ana.wait(1);
    ana.expect(["give up 10.0.0.1:10000", "dial 10.0.0.8:10000"]);
    ana.answers(SECOND, "second");
    ana.wait(250);
    ana.expect(["second > USER Ana:20000", "welcome: Ana"]);
}

#[test]
fn a_script_reaches_its_third_server_within_five_seconds() {
    let mut ana = Desk::new(Rules { scripted: true, ..with(&[FIRST, SECOND, THIRD]) });
    ana.wait(4_500);
    ana.answers(THIRD, "third");
    ana.wait(1_000);
    assert!(!ana.has_exited());
}

#[test]
fn a_script_that_reaches_no_server_names_all() {
    let mut ana = Desk::new(Rules { scripted: true, ..with(&[FIRST, SECOND]) });
    ana.wait(5_000);
    let log = ana.look();
    let told = ["fatal: no server at 10.0.0.1:10000, 10.0.0.8:10000", "exit 1"];
    assert!(log.ends_with(&told.map(String::from)), "{log:?}");
    assert!(!log.iter().any(|it| it.starts_with("no server")), "reported once: {log:?}");
}

/// A full server closes. That is reported when none has room.
#[test]
fn after_a_full_server_the_next_is_tried_at_once() {
    let mut ana = Desk::new(with(&[FIRST, SECOND]));
    ana.answers(FIRST, "first");
    ana.breaks("first", RESET);
    ana.wait(0);
    ana.expect(["dial 10.0.0.1:10000", "first > USER Ana:20000", "dial 10.0.0.8:10000"]);
    ana.refuses(SECOND, ErrorKind::ConnectionRefused);
    ana.expect(["10.0.0.1:10000 hung up"]);
}

#[test]
fn a_refused_name_is_not_tried_at_the_next_server() {
    let mut ana = Desk::new(with(&[FIRST, SECOND]));
    ana.answers(FIRST, "first");
    ana.forget();
    ana.ends("first");
    ana.wait(1_000);
    ana.expect(["first aborted", "refused: Ana", "AskName"]);
}

/// A server that could not reach the others for a while closes the connections of people whose
/// names the others gave away meanwhile.
#[test]
fn a_name_that_was_given_away_is_reported_once() {
    let mut ana = at_the_first();
    ana.is_called_by("bruno", "Bruno", "10.0.0.2");
    ana.forget();
    ana.ends("server");
    ana.wait(0);
    ana.answers(SECOND, "second");
    ana.ends("second");
    ana.expect([
        "server aborted",
        "offline: 10.0.0.1:10000",
        "dial 10.0.0.8:10000",
        "second > USER Ana:20000",
        "second aborted",
        "lost the name Ana",
    ]);
    ana.wait(2_000);
    ana.answers(THIRD, "third");
    ana.ends("third");
    ana.expect(["dial 10.0.0.9:10000", "third > USER Ana:20000", "third aborted"]);
    ana.types("oi");
    ana.expect(["bruno > oi"]);
}

/// Our own earlier connection most likely still has the name.
#[test]
fn a_name_that_is_refused_after_a_reset_is_not_reported_as_lost() {
    let mut ana = at_the_first();
    ana.breaks("server", RESET);
    ana.wait(0);
    ana.answers(SECOND, "second");
    ana.forget();
    ana.ends("second");
    ana.expect(["second aborted"]);
    ana.wait(2_000);
    ana.answers(THIRD, "third");
    ana.wait(250);
    ana.expect(["dial 10.0.0.9:10000", "third > USER Ana:20000", "back online at 10.0.0.9:10000"]);
}

/// However many servers there are.
#[test]
fn pauses_grow_while_servers_close_soon_after_taking_the_name() {
    let mut ana = at_the_first();
    let start = ana.now;
    ana.ends("server");
    for _ in 0..6 {
        for server in [SECOND, THIRD, FIRST] {
            ana.wait_for(&format!("dial {server}"));
            ana.answers(server, "server");
            ana.types("/list");
            ana.hears("server", "LIST ");
            ana.ends("server");
        }
    }
    assert!(ana.now.since(start) >= 5_000, "{} ms", ana.now.since(start));
}

#[test]
fn after_a_connection_that_held_each_server_is_tried_before_a_pause() {
    let mut ana = Desk::new(with(&[FIRST, SECOND]));
    ana.refuses(FIRST, ErrorKind::ConnectionRefused);
    ana.answers(SECOND, "second");
    ana.wait(60_000);
    ana.forget();
    ana.ends("second");
    ana.wait(0);
    ana.expect(["second aborted", "offline: 10.0.0.8:10000", "dial 10.0.0.1:10000"]);
}
