//! The end of the program: goodbye to all, in time, whoever is dead.

use std::io::ErrorKind;

use papo::machine::CloseReason;

use super::desk::{BRUNO, Desk, SERVER, rules};

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

/// C27: DISC to everybody, the server's connection closed, and when all have closed the end.
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

/// C27: "exit ≤ 1.5 s even if peers are dead".
#[test]
fn exit_waits_a_second_and_a_half_for_the_dead() {
    let mut ana = talking();
    ana.types("/exit");
    ana.wait(1_499);
    assert!(!ana.has_exited());
    ana.wait(1);
    assert!(ana.has_exited());
    assert_eq!(ana.look().last().map(String::as_str), Some("exit 0"));
}

/// C28: the same for `/quit`, for signals and for the end of input.
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

/// Nobody to say goodbye to: at once.
#[test]
fn exit_without_conversations_is_immediate() {
    let mut ana = Desk::ana();
    ana.types("/exit");
    ana.expect(["server closed", "exit 0"]);
}

/// C27: who reads slowly still gets everything; a second and a half without progress.
#[test]
fn exit_waits_for_who_still_reads() {
    let mut ana = talking();
    ana.stalls("bruno");
    ana.types(&"x".repeat(4_000));
    ana.types("/exit");
    ana.wait(50);
    ana.ends("camila");
    for _ in 0..8 {
        ana.wait(1_400);
        ana.takes("bruno", 500);
        assert!(!ana.has_exited(), "Bruno still reads");
    }
    ana.forget();
    ana.wait(1_499);
    assert!(!ana.has_exited());
    ana.wait(1);
    assert!(ana.has_exited());
}

/// C27: but thirty seconds at most, however slowly somebody reads.
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
        assert!(ana.now.since(start) <= 30_000, "it goes on for ever");
    }
    assert_eq!(ana.now.since(start), 30_000);
}

/// The news at the end is told once, though the connection is given up at that moment too.
#[test]
fn lines_that_were_given_up_are_told_once() {
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

/// P19 for the end of the program: words that cross our goodbye are shown.
#[test]
fn text_that_comes_while_leaving_is_shown() {
    let mut ana = talking();
    ana.types("/exit");
    ana.wait(0);
    ana.forget();
    ana.hears("bruno", "Espera!");
    ana.expect(["Bruno says Espera!"]);
}

/// A caller of this moment is not let in.
#[test]
fn nobody_is_let_in_while_leaving() {
    let mut ana = talking();
    ana.types("/exit");
    ana.wait(0);
    ana.forget();
    ana.accepts("davi", "10.0.0.5");
    ana.expect(["davi aborted"]);
}

/// A call under way is given up, and if it was answered at that very moment, hung up.
#[test]
fn a_call_under_way_is_given_up() {
    let mut ana = Desk::ana();
    ana.types("/chat Bruno");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.forget();
    ana.stop();
    ana.expect(["give up 10.0.0.2:21500", "server closed", "exit 0"]);
}

/// Somebody who has called and not said a name is no conversation to end in order.
#[test]
fn callers_without_a_name_do_not_hold_the_exit_up() {
    let mut ana = Desk::ana();
    ana.accepts("x", "10.0.0.4");
    ana.types("/exit");
    ana.expect(["x aborted", "server closed", "exit 0"]);
}

/// A caller whose name is still being checked is somebody: they hear a goodbye, and the person sees
/// what they wrote.
#[test]
fn a_caller_whose_name_is_being_checked_hears_a_goodbye() {
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

/// A second wish to leave changes nothing.
#[test]
fn leaving_twice_is_leaving_once() {
    let mut ana = talking();
    ana.types("/exit");
    ana.wait(700);
    ana.stop();
    ana.wait(799);
    assert!(!ana.has_exited());
    ana.wait(1);
    assert!(ana.has_exited());
}

/// Nothing that is typed behind `/exit` is said.
#[test]
fn text_typed_behind_exit_is_not_sent() {
    let mut ana = talking();
    ana.types("/exit");
    ana.types("mais uma coisa");
    ana.wait(1_500);
    assert!(ana.look().iter().all(|it| !it.contains("mais uma coisa")));
}

/// The other side resets instead of closing: nothing to wait for.
#[test]
fn a_reset_while_leaving_is_an_end_too() {
    let mut ana = talking();
    ana.types("/exit");
    ana.wait(0);
    ana.forget();
    for label in ["bruno", "camila"] {
        ana.breaks(label, CloseReason::Failed(ErrorKind::ConnectionReset));
    }
    ana.expect(["exit 0"]);
}

/// Leaving while offline, with a conversation open.
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

/// C27 counts from the last text that was sent: here the one that courtesy holds for 50 ms.
#[test]
fn text_to_the_dead_does_not_hold_the_exit_up() {
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
