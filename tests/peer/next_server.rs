//! Several servers: the next one is tried at once, and nothing is lost on the way.

use std::io::ErrorKind;

use papo::machine::CloseReason;
use papo::peer::Rules;
use papo::wire::DIAL_BEFORE_NEXT_MS;

use super::desk::{Desk, rules};

const FIRST: &str = "10.0.0.1:10000";
const SECOND: &str = "10.0.0.8:10000";
const THIRD: &str = "10.0.0.9:10000";

/// The rules of somebody with these servers, each with one address.
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
fn a_lost_server_is_followed_by_the_next_at_once() {
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
fn a_pause_comes_only_behind_the_last_of_them() {
    let mut ana = at_the_first();
    ana.breaks("server", CloseReason::Failed(ErrorKind::ConnectionReset));
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

/// A first server that is not there is worth no word where another one is.
#[test]
fn a_person_is_told_of_no_server_when_each_was_tried() {
    let mut ana = Desk::new(with(&[FIRST, SECOND]));
    ana.refuses(FIRST, ErrorKind::ConnectionRefused);
    ana.expect(["dial 10.0.0.1:10000", "dial 10.0.0.8:10000"]);
    ana.refuses(SECOND, ErrorKind::HostUnreachable);
    ana.expect(["no server: 10.0.0.1:10000, 10.0.0.8:10000 HostUnreachable"]);
}

/// A machine that is switched off refuses nothing.
#[test]
fn a_server_that_does_not_even_refuse_is_left_after_two_seconds() {
    let mut ana = Desk::new(with(&[FIRST, SECOND]));
    ana.wait(DIAL_BEFORE_NEXT_MS - 1);
    ana.expect(["dial 10.0.0.1:10000", "dialing 10.0.0.1:10000"]);
    ana.wait(1);
    ana.expect(["give up 10.0.0.1:10000", "dial 10.0.0.8:10000"]);
    ana.answers(SECOND, "second");
    ana.wait(250);
    ana.expect(["second > USER Ana:20000", "welcome: Ana"]);
}

/// A script waits five seconds in all.
#[test]
fn a_script_comes_to_its_third_server_within_its_patience() {
    let mut ana = Desk::new(Rules { scripted: true, ..with(&[FIRST, SECOND, THIRD]) });
    ana.wait(4_500);
    ana.answers(THIRD, "third");
    ana.wait(1_000);
    assert!(!ana.has_exited());
}

#[test]
fn a_script_that_finds_none_of_them_names_them_all() {
    let mut ana = Desk::new(Rules { scripted: true, ..with(&[FIRST, SECOND]) });
    ana.wait(5_000);
    let log = ana.look();
    let told = ["fatal: no server at 10.0.0.1:10000, 10.0.0.8:10000", "exit 1"];
    assert!(log.ends_with(&told.map(String::from)), "{log:?}");
}

/// A server that is full hangs up, and the next one may have room. It is told where none has.
#[test]
fn a_full_server_is_followed_by_the_next_at_once() {
    let reset = CloseReason::Failed(ErrorKind::ConnectionReset);
    let mut ana = Desk::new(with(&[FIRST, SECOND]));
    ana.answers(FIRST, "first");
    ana.breaks("first", reset);
    ana.wait(0);
    ana.expect(["dial 10.0.0.1:10000", "first > USER Ana:20000", "dial 10.0.0.8:10000"]);
    ana.refuses(SECOND, ErrorKind::ConnectionRefused);
    ana.expect(["10.0.0.1:10000 hung up"]);
}

/// The servers share a directory, or each has one: a name that is refused is refused.
#[test]
fn a_name_that_is_refused_at_first_is_not_carried_from_door_to_door() {
    let mut ana = Desk::new(with(&[FIRST, SECOND]));
    ana.answers(FIRST, "first");
    ana.forget();
    ana.ends("first");
    ana.wait(1_000);
    ana.expect(["first aborted", "refused: Ana", "AskName"]);
}

/// The other addresses of a server that was reached and is lost are addresses of a lost server.
#[test]
fn all_addresses_of_a_lost_server_are_passed_over() {
    let addresses = |texts: &[&str]| texts.iter().map(|it| it.parse().expect("one")).collect();
    let servers = vec![addresses(&[FIRST, "10.0.1.1:10000"]), addresses(&[SECOND])];
    let mut ana = Desk::registered(Rules { servers, ..rules() });
    ana.wait(60_000);
    ana.forget();
    ana.ends("server");
    ana.wait(0);
    ana.expect(["server aborted", "offline: 10.0.0.1:10000", "dial 10.0.0.8:10000"]);
}

/// A server that could not reach the others for a while closes the people whose names the others
/// gave away meanwhile. They were not refused at the door, and are not told so.
#[test]
fn a_name_that_was_given_away_is_told_in_its_own_words_and_once() {
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

/// The line broke: what holds the name is most likely our own earlier connection.
#[test]
fn a_name_that_a_broken_line_left_behind_is_not_told_as_lost() {
    let mut ana = at_the_first();
    ana.breaks("server", CloseReason::Failed(ErrorKind::ConnectionReset));
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

/// Servers that let everybody in and throw them out again are asked less and less often, however
/// many there are.
#[test]
fn servers_that_hold_nobody_are_not_hurried_through() {
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

/// A connection that held begins a new round: the servers that were tried before it count no more.
#[test]
fn behind_a_time_online_every_server_is_tried_before_a_pause() {
    let mut ana = Desk::new(with(&[FIRST, SECOND]));
    ana.refuses(FIRST, ErrorKind::ConnectionRefused);
    ana.answers(SECOND, "second");
    ana.wait(60_000);
    ana.forget();
    ana.ends("second");
    ana.wait(0);
    ana.expect(["second aborted", "offline: 10.0.0.8:10000", "dial 10.0.0.1:10000"]);
}
