//! The end of the program: a goodbye to all, and a bound on the wait.

use std::io::ErrorKind;

use super::desk::{BRUNO, Desk, RESET, SERVER, rules};

/// Ana, talking to Bruno and Camila.
fn talking() -> Desk {
    let mut ana = Desk::ana();
    for (label, name, ip) in [("bruno", "Bruno", "10.0.0.2"), ("camila", "Camila", "10.0.0.4")] {
        ana.is_called_by(label, name, ip);
    }
    ana.wait(1_000);
    ana.forget();
    ana
}

/// C27.
#[test]
fn exit_says_goodbye_to_everybody_and_ends_when_they_have_closed() {
    let mut ana = talking();
    ana.types("/exit");
    ana.expect([
        "bruno > DISC",
        "bruno half-closed",
        "camila > DISC",
        "camila half-closed",
        "server closed",
    ]);
    ana.ends("bruno");
    ana.ends("camila");
    ana.expect(["bruno closed", "camila closed", "exit 0"]);
}

/// C27.
#[test]
fn exit_waits_a_second_and_a_half_for_partners_that_do_not_answer() {
    let mut ana = talking();
    ana.types("/exit");
    ana.wait(1_499);
    assert!(!ana.has_exited());
    ana.wait(1);
    assert!(ana.has_exited());
    assert_eq!(ana.look().last().map(String::as_str), Some("exit 0"));
}

/// C28.
#[test]
fn every_way_to_leave_is_the_same() {
    let leave: [fn(&mut Desk); 4] =
        [|ana| ana.types("/exit"), |ana| ana.types("/quit"), Desk::stop, Desk::types_end];
    for leave in leave {
        let mut ana = talking();
        leave(&mut ana);
        let log = ana.look();
        assert_eq!(log.last().map(String::as_str), Some("server closed"));
        assert!(log.contains(&"bruno > DISC".to_string()) && !ana.has_exited());
    }
}

#[test]
fn exit_without_conversations_is_immediate() {
    let mut ana = Desk::ana();
    ana.types("/exit");
    ana.expect(["server closed", "exit 0"]);
}

/// C27: a second and a half without progress end it.
#[test]
fn exit_waits_for_a_slow_reader() {
    let mut ana = talking();
    ana.stalls("bruno");
    ana.types(&"x".repeat(4_000));
    ana.types("/exit");
    ana.wait(50);
    ana.ends("camila");
    for _ in 0..8 {
        ana.wait(1_400);
        ana.takes("bruno", 500);
        assert!(!ana.has_exited(), "there was progress");
    }
    ana.forget();
    ana.wait(1_499);
    assert!(!ana.has_exited());
    ana.wait(1);
    assert!(ana.has_exited());
}

/// C27.
#[test]
fn exit_takes_thirty_seconds_at_most() {
    let mut ana = talking();
    ana.stalls("bruno");
    ana.types(&"x".repeat(4_000));
    ana.types("/exit");
    let start = ana.now;
    while !ana.has_exited() {
        ana.wait(1_000);
        if ana.is_open("bruno") {
            ana.takes("bruno", 1);
        }
        assert!(ana.now.since(start) <= 30_000, "it never ends");
    }
    assert_eq!(ana.now.since(start), 30_000);
}

/// The connection is given up at the same moment.
#[test]
fn texts_that_an_exit_gives_up_are_reported_once() {
    let mut ana = talking();
    ana.stalls("bruno");
    ana.types(&"x".repeat(4_000));
    ana.forget();
    ana.wait(1_000);
    ana.types("/exit");
    ana.wait(0);
    ana.ends("camila");
    while !ana.has_exited() {
        ana.takes("bruno", 1);
        ana.wait(1_000);
    }
    let log = ana.look();
    assert_eq!(log.iter().filter(|it| it.starts_with("undelivered")).count(), 1, "{log:?}");
}

/// P19.
#[test]
fn text_that_comes_while_leaving_is_shown() {
    let mut ana = talking();
    ana.types("/exit");
    ana.wait(0);
    ana.forget();
    ana.hears("bruno", "Espera!");
    ana.expect(["Bruno says Espera!"]);
}

#[test]
fn callers_are_closed_while_leaving() {
    let mut ana = talking();
    ana.types("/exit");
    ana.wait(0);
    ana.forget();
    ana.accepts("davi", "10.0.0.5");
    ana.expect(["davi aborted"]);
}

#[test]
fn exit_gives_up_a_call_under_way() {
    let mut ana = Desk::ana();
    ana.types("/chat Bruno");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.forget();
    ana.stop();
    ana.expect(["give up 10.0.0.2:21500", "server closed", "exit 0"]);
}

#[test]
fn exit_does_not_wait_for_callers_without_a_name() {
    let mut ana = Desk::ana();
    ana.accepts("x", "10.0.0.4");
    ana.types("/exit");
    ana.expect(["x aborted", "server closed", "exit 0"]);
}

/// And its texts are shown.
#[test]
fn exit_says_goodbye_to_a_caller_whose_name_is_being_checked() {
    let mut ana = Desk::ana();
    ana.accepts_as("bruno", "Bruno", "10.0.0.2");
    ana.hears("bruno", "Oi");
    ana.expect(["server > ADDR Ana"]);
    ana.types("/exit");
    ana.expect([
        "connected: Bruno:1?",
        "Bruno:1? says Oi",
        "bruno > DISC",
        "bruno half-closed",
        "server closed",
    ]);
    ana.ends("bruno");
    ana.expect(["bruno closed", "exit 0"]);
}

#[test]
fn a_second_exit_has_no_effect() {
    let mut ana = talking();
    ana.types("/exit");
    ana.wait(700);
    ana.stop();
    ana.wait(799);
    assert!(!ana.has_exited());
    ana.wait(1);
    assert!(ana.has_exited());
}

#[test]
fn exit_does_not_wait_after_a_reset() {
    let mut ana = talking();
    ana.types("/exit");
    ana.wait(0);
    ana.forget();
    for label in ["bruno", "camila"] {
        ana.breaks(label, RESET);
    }
    ana.expect(["exit 0"]);
}

/// With a conversation open.
#[test]
fn exit_works_without_a_server() {
    let mut ana = talking();
    ana.wait(10_000);
    ana.ends("server");
    ana.wait(375);
    ana.refuses(SERVER, ErrorKind::ConnectionRefused);
    ana.forget();
    ana.types("/exit");
    ana.wait(1_500);
    let log = ana.look();
    assert!(log.contains(&"bruno > DISC".to_string()));
    assert_eq!(log.last().map(String::as_str), Some("exit 0"));
}

/// C27: counted from the last text that was sent, which waited 50 ms after USER.
#[test]
fn exit_does_not_wait_for_text_that_nobody_takes() {
    let mut ana = Desk::new(rules());
    ana.answers(SERVER, "server");
    ana.types("/chat Bruno");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.answers(BRUNO, "bruno");
    ana.stalls("bruno");
    ana.types("oi");
    ana.types("/exit");
    ana.wait(1_549);
    assert!(!ana.has_exited());
    ana.wait(1);
    assert!(ana.has_exited());
    assert!(ana.look().contains(&"undelivered: 1 to Bruno".to_string()));
}
