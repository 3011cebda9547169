//! The exit status of a script: 1 if one of its commands failed.

use std::io::ErrorKind;

use papo::peer::Rules;

use super::desk::{BRUNO, Desk, RESET, SERVER, rules};

/// A description, and what happens.
type Case = (&'static str, fn(&mut Desk));

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

/// The last line of the log when this script ends.
fn status(mut ana: Desk) -> String {
    ana.types_end();
    ana.wait(5_000);
    ana.look().last().cloned().unwrap_or_default()
}

#[test]
fn a_script_whose_commands_succeeded_ends_with_0() {
    let mut ana = connected(scripted());
    ana.types("oi");
    ana.types("/bye");
    ana.wait(100);
    ana.ends("bruno");
    assert_eq!(status(ana), "exit 0");
}

/// R14.
#[test]
fn a_script_with_a_failed_command_ends_with_1() {
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
        ("text without a conversation", |ana| {
            ana.types("/bye");
            ana.types("oi");
        }),
        ("text that would be an instruction", |ana| ana.types("DISC")),
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

/// The person has seen the failure.
#[test]
fn the_status_of_a_person_is_0() {
    let mut ana = connected(Rules { verify: false, ..rules() });
    ana.types("/dance");
    ana.breaks("bruno", RESET);
    assert_eq!(status(ana), "exit 0");
}

#[test]
fn a_loss_after_the_last_command_of_a_script_is_no_failure() {
    let mut ana = connected(Rules { stays: true, ..scripted() });
    ana.types_end();
    ana.breaks("bruno", RESET);
    ana.stop();
    ana.wait(2_000);
    assert_eq!(ana.look().last().map(String::as_str), Some("exit 0"));
}

/// `--exit-on-disconnect`: with 0 after a goodbye, with 1 after a loss.
#[test]
fn a_script_may_end_with_its_last_conversation() {
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

#[test]
fn a_script_does_not_end_with_one_conversation_of_two_or_by_its_own_goodbye() {
    let mut ana = connected(Rules { exits_on_disconnect: true, ..scripted() });
    ana.accepts_as("camila", "Camila", "10.0.0.4");
    ana.hears("camila", "DISC");
    ana.ends("camila");
    ana.types("/bye Bruno");
    ana.wait(1_000);
    ana.ends("bruno");
    assert!(ana.look().iter().all(|it| !it.starts_with("exit")));
}

/// `--exit-on-disconnect`.
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

/// R14.
#[test]
fn the_five_seconds_of_a_script_count_from_its_name() {
    let mut ana = Desk::new(Rules { name: None, ..scripted() });
    ana.wait(60_000);
    ana.types("Ana");
    ana.wait(4_999);
    assert!(!ana.has_exited());
    ana.answers(SERVER, "server");
    ana.wait(250);
    assert!(!ana.has_exited());
}

/// `papo send`.
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
