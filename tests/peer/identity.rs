//! R9: a conversation keeps its number and its label for life. A text for it never reaches another
//! person who has or gets the same name.

use papo::peer::command::Command;

use super::desk::{BRUNO, Desk, OWN};

/// Ana, called by an impostor who sends Bruno's name, which the server does not confirm.
fn with_impostor() -> Desk {
    let mut ana = Desk::ana();
    ana.accepts_as("impostor", "Bruno", "10.0.0.66");
    ana.hears("server", OWN);
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.forget();
    ana
}

/// P11.
/// A1: the first of two people with one name leaves.
#[test]
fn a_namesake_gets_no_text_for_the_person_who_has_left() {
    let mut ana = Desk::without_checks();
    for (label, ip) in [("first", "10.0.0.2"), ("second", "10.0.0.66")] {
        ana.accepts_as(label, "Bruno", ip);
    }
    ana.types("oi");
    ana.hears("first", "DISC");
    ana.forget();
    ana.types("ainda está aí?");
    ana.expect(["NoTarget"]);
    ana.types("/bye Bruno");
    ana.expect(["not talking to: Bruno"]);
    // The name alone means the person whom the server has under it.
    ana.types("/msg \"Bruno\" meu segredo");
    ana.expect(["server > ADDR Bruno"]);
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.expect(["dial 10.0.0.2:21500"]);
    ana.answers(BRUNO, "again");
    ana.wait(50);
    ana.expect(["again > USER Ana", "connected: Bruno", "sent to: Bruno", "again > meu segredo"]);
}

/// The name is at another machine than before: the person sees that first.
#[test]
fn a_text_for_a_name_that_is_at_another_machine_goes_back_to_the_person() {
    let mut ana = Desk::script();
    ana.is_called_by("first", "Bruno", "10.0.0.2");
    ana.hears("first", "DISC");
    ana.forget();
    ana.types("/msg \"Bruno\" segredo");
    ana.hears("server", "ADDR 10.0.0.66:21500");
    ana.answers("10.0.0.66:21500", "other");
    ana.wait(50);
    ana.expect([
        "server > ADDR Bruno",
        "dial 10.0.0.66:21500",
        "other > USER Ana",
        "connected: Bruno:2",
        "not sent to Bruno:2: segredo",
    ]);
    // The conversation is open, and the name alone still means the first person.
    ana.types("/msg \"Bruno\" segredo");
    ana.hears("server", "ADDR 10.0.0.66:21500");
    ana.expect(["server > ADDR Bruno", "not sent to Bruno:2: segredo"]);
    ana.types("/msg \"Bruno:2\" segredo");
    ana.expect(["other > segredo", "sent to: Bruno:2"]);
    ana.types("/exit");
    ana.hears("other", "DISC");
    ana.wait(3_000);
    assert_eq!(ana.look().last().map(String::as_str), Some("exit 1"));
}

/// A1.
#[test]
fn unread_lines_do_not_move_to_a_namesake() {
    let mut ana = Desk::without_checks();
    ana.accepts_as("camila", "Camila", "10.0.0.4");
    for (label, ip) in [("first", "10.0.0.2"), ("second", "10.0.0.66")] {
        ana.accepts_as(label, "Bruno", ip);
    }
    ana.hears("first", "oi");
    ana.hears("first", "DISC");
    ana.forget();
    ana.types("/peers");
    ana.types("/next");
    ana.types("/reply tchau");
    ana.expect(["open: *Camila, Bruno:3", "NothingUnread", "not talking to: Bruno"]);
}

/// A2: within the three seconds in which no other person becomes the target.
#[test]
fn the_only_conversation_with_the_same_person_is_the_target_again() {
    let mut ana = Desk::ana();
    ana.is_called_by("first", "Bruno", "10.0.0.2");
    ana.hears("first", "DISC");
    ana.is_called_by("second", "Bruno", "10.0.0.2");
    ana.forget();
    ana.types("oi");
    ana.expect(["second > oi"]);
}

/// A2.
#[test]
fn a_second_call_of_the_same_person_changes_no_target() {
    let mut ana = Desk::ana();
    ana.is_called_by("first", "Bruno", "10.0.0.2");
    ana.accepts_as("second", "Bruno", "10.0.0.2");
    ana.ends("first");
    ana.forget();
    ana.types("oi");
    ana.expect(["second > oi"]);
}

/// A5.
#[test]
fn the_name_alone_finds_the_confirmed_person() {
    for typed in ["/chat Bruno", "/msg \"Bruno\" x"] {
        let mut ana = with_impostor();
        ana.types(typed);
        ana.expect(["server > ADDR Bruno"]);
        ana.hears("server", "ADDR 10.0.0.2:21500");
        ana.answers(BRUNO, "bruno");
        ana.types("/peers");
        let log = ana.look();
        let is_real = |it: &String| it.starts_with("open: Bruno:1?, ") && it.contains("Bruno!");
        assert!(log.iter().any(is_real), "{log:?}");
        assert!(log.contains(&"connected: Bruno".to_string()), "{log:?}");
    }
}

/// A5: it may have another label.
#[test]
fn chat_uses_the_open_conversation_with_the_person_at_that_address() {
    let mut ana = with_impostor();
    ana.types("/chat Bruno");
    ana.hears("server", "ADDR 10.0.0.66:21500");
    ana.types("oi");
    ana.expect(["server > ADDR Bruno", "target: Bruno:1", "impostor > oi"]);
}

/// A6: no name has a colon.
#[test]
fn no_name_looks_like_a_label_with_a_number() {
    let mut ana = with_impostor();
    ana.accepts_as("forger", "Bruno:1", "10.0.0.67");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.accepts_as("other", "Bruno@127.0.0.1", "10.0.0.68");
    ana.wait(1_000);
    ana.forget();
    ana.types("/peers");
    ana.types("/bye Bruno@127.0.0.1");
    ana.expect(["open: Bruno:1?, Bruno:2?, Bruno@127.0.0.1:3?", "not talking to: Bruno@127.0.0.1"]);
}

/// A7.
#[test]
fn no_caller_becomes_the_target_while_a_line_is_being_typed() {
    let mut ana = Desk::ana();
    ana.commands(&Command::Typing(true));
    ana.is_called_by("bruno", "Bruno", "10.0.0.2");
    ana.forget();
    ana.commands(&Command::Say(b"para mim".to_vec()));
    ana.expect(["NoTarget"]);
    ana.commands(&Command::Typing(false));
    ana.commands(&Command::Say(b"oi Bruno".to_vec()));
    ana.expect(["bruno > oi Bruno"]);
}

/// A7: the lines are for the person who is being called.
#[test]
fn no_caller_becomes_the_target_while_lines_wait_for_a_call() {
    let mut ana = Desk::ana();
    ana.types("/chat Camila");
    ana.types("segredo");
    ana.types("mais um");
    ana.hears("server", "ADDR 10.0.0.4:21500");
    ana.accepts_as("eva", "Eva", "10.0.0.66");
    ana.hears("server", OWN);
    ana.hears("server", "ADDR 10.0.0.66:21500");
    ana.forget();
    ana.refuses("10.0.0.4:21500", std::io::ErrorKind::ConnectionRefused);
    ana.expect(["unreachable: Camila ConnectionRefused", "NoTarget", "NoTarget"]);
}
