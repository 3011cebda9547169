//! A script's status tells whether it could do what it was told.

use std::io::ErrorKind;

use papo::machine::CloseReason;
use papo::peer::Rules;

use super::desk::{BRUNO, Desk, SERVER, rules};

/// The events of these tests, in words and in deed.
type Case = (&'static str, fn(&mut Desk));

const RESET: CloseReason = CloseReason::Failed(ErrorKind::ConnectionReset);

fn scripted() -> Rules {
    Rules { scripted: true, verify: false, ..rules() }
}

/// A script that calls Bruno and is connected.
fn connected(rules: Rules) -> Desk {
    let mut ana = Desk::registered(rules);
    ana.types("/chat Bruno");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.answers(BRUNO, "bruno");
    ana.wait(1_000);
    ana
}

/// How a script ends that did this.
fn status(mut ana: Desk) -> String {
    ana.types_end();
    ana.wait(5_000);
    ana.look().last().cloned().unwrap_or_default()
}

#[test]
fn a_script_that_did_everything_ends_with_0() {
    let mut ana = connected(scripted());
    ana.types("oi");
    ana.types("/bye");
    ana.wait(100);
    ana.ends("bruno");
    assert_eq!(status(ana), "exit 0");
}

/// R14, each kind of failure.
#[test]
fn a_script_that_could_not_do_something_ends_with_1() {
    let failures: [Case; 8] = [
        ("nobody of that name", |ana| {
            ana.types("/chat Ninguem");
            ana.wait(300);
            ana.hears("server", "LIST Bruno");
        }),
        ("nobody answers the call", |ana| {
            ana.types("/chat Camila");
            ana.hears("server", "ADDR 10.0.0.4:1");
            ana.refuses("10.0.0.4:1", ErrorKind::ConnectionRefused);
        }),
        ("the server does not answer", |ana| {
            ana.types("/list");
            ana.wait(3_000);
        }),
        ("the partner is lost", |ana| ana.breaks("bruno", RESET)),
        ("text with nobody to hear it", |ana| {
            ana.types("/bye");
            ana.types("oi");
        }),
        ("text that would be protocol", |ana| ana.types("DISC")),
        ("no such command", |ana| ana.types("/dance")),
        ("text that never left", |ana| {
            ana.stalls("bruno");
            ana.types("oi");
            ana.stop();
        }),
    ];
    for (what, fails) in failures {
        let mut ana = connected(scripted());
        fails(&mut ana);
        assert_eq!(status(ana), "exit 1", "{what}");
    }
}

/// A person has seen it.
#[test]
fn a_persons_status_is_0() {
    let mut ana = connected(Rules { verify: false, ..rules() });
    ana.types("/dance");
    ana.breaks("bruno", RESET);
    assert_eq!(status(ana), "exit 0");
}

/// Behind the end of its input a peer that stays does nothing that it was told.
#[test]
fn a_script_that_stays_is_not_to_blame_for_what_comes_later() {
    let mut ana = connected(Rules { stays: true, ..scripted() });
    ana.types_end();
    ana.breaks("bruno", RESET);
    ana.stop();
    ana.wait(2_000);
    assert_eq!(ana.look().last().map(String::as_str), Some("exit 0"));
}

/// `--exit-on-disconnect`: the partner's goodbye ends the script, the loss of one fails it.
#[test]
fn a_script_may_end_with_its_partner() {
    let rules = || Rules { exits_on_disconnect: true, ..scripted() };
    let mut ana = connected(rules());
    ana.hears("bruno", "DISC");
    ana.ends("bruno");
    ana.wait(2_000);
    assert_eq!(ana.look().last().map(String::as_str), Some("exit 0"));
    let mut ana = connected(rules());
    ana.breaks("bruno", RESET);
    ana.wait(2_000);
    assert_eq!(ana.look().last().map(String::as_str), Some("exit 1"));
    let mut ana = connected(scripted());
    ana.breaks("bruno", RESET);
    ana.wait(2_000);
    assert!(!ana.has_exited(), "without the option it goes on");
}

/// It does not end while somebody else is there, nor by its own goodbye.
#[test]
fn a_script_does_not_end_with_one_partner_of_two_nor_by_its_own_goodbye() {
    let mut ana = connected(Rules { exits_on_disconnect: true, ..scripted() });
    ana.accepts_as("camila", "Camila", "10.0.0.4");
    ana.hears("camila", "DISC");
    ana.ends("camila");
    ana.types("/bye Bruno");
    ana.wait(1_000);
    ana.ends("bruno");
    assert!(ana.look().iter().all(|it| !it.starts_with("exit")));
}

/// `--exit-on-disconnect`: nor does it stay without its server.
#[test]
fn a_script_may_end_with_its_server() {
    let mut ana = connected(Rules { exits_on_disconnect: true, ..scripted() });
    ana.wait(5_000);
    ana.ends("server");
    ana.wait(2_000);
    let log = ana.look();
    assert!(log.contains(&"bruno > DISC".to_string()), "{log:?}");
    assert_eq!(log.last().map(String::as_str), Some("exit 1"));
}

/// R14: the five seconds count from having a name.
#[test]
fn a_script_that_gives_its_name_late_has_as_much_time_for_a_server() {
    let mut ana = Desk::new(Rules { name: None, ..scripted() });
    ana.wait(60_000);
    ana.types("Ana");
    ana.wait(4_999);
    assert!(!ana.has_exited());
    ana.answers(SERVER, "server");
    ana.wait(250);
    assert!(!ana.has_exited());
}

/// `papo send`: each needs a name that is free.
#[test]
fn a_name_that_is_refused_is_tried_with_a_number_behind_it() {
    let mut ana = Desk::new(Rules { numbers_name: true, seed: 5, ..scripted() });
    ana.answers(SERVER, "server");
    ana.ends("server");
    ana.wait(0);
    ana.forget();
    ana.answers(SERVER, "server");
    let log = ana.look();
    assert!(log[0].starts_with("server > USER Ana-"), "{log:?}");
    ana.wait(1_000);
    assert!(!ana.has_exited());
}
