//! Calls to others: USER, the pause after it, and calls that fail or cross.

use std::io::ErrorKind;

use papo::peer::PACE_MS;
use papo::wire::SPEECH_LIMIT;

use super::desk::{BRUNO, Desk, RESET};

/// Ana, whose call to Bruno is under way.
fn calling() -> Desk {
    let mut ana = Desk::ana();
    ana.types("/chat Bruno");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.expect(["server > ADDR Bruno", "dial 10.0.0.2:21500"]);
    ana
}

/// P1: one public client closes after 100 ms without it.
#[test]
fn user_is_sent_as_soon_as_the_call_is_answered() {
    let mut ana = calling();
    ana.answers(BRUNO, "bruno");
    ana.expect(["bruno > USER Ana", "connected: Bruno"]);
}

/// P24.
#[test]
fn lines_on_our_calls_have_the_same_limit() {
    assert_eq!(calling().last_limit, Some(SPEECH_LIMIT));
}

/// P2: three public clients would take it for a part of the name.
#[test]
fn text_right_behind_user_is_held_for_fifty_milliseconds() {
    let mut ana = calling();
    ana.answers(BRUNO, "bruno");
    ana.forget();
    ana.types("Oi");
    ana.types("Tudo bem?");
    ana.wait(49);
    ana.expect([]);
    ana.wait(1);
    ana.expect(["bruno > Oi", "bruno > Tudo bem?"]);
    ana.wait(PACE_MS);
    ana.types("Alô?");
    ana.expect(["bruno > Alô?"]);
}

/// P2.
#[test]
fn text_after_these_fifty_milliseconds_leaves_at_once() {
    let mut ana = calling();
    ana.answers(BRUNO, "bruno");
    ana.wait(50);
    ana.forget();
    ana.types("Oi");
    ana.expect(["bruno > Oi"]);
}

/// P2.
#[test]
fn the_text_of_msg_is_held_behind_user() {
    let mut ana = Desk::ana();
    ana.types("/msg \"Bruno\" Oi!");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.answers(BRUNO, "bruno");
    ana.wait(49);
    ana.expect([
        "server > ADDR Bruno",
        "dial 10.0.0.2:21500",
        "bruno > USER Ana",
        "connected: Bruno",
        "sent to: Bruno",
    ]);
    ana.wait(1);
    ana.expect(["bruno > Oi!"]);
}

/// P31: and the next command is carried out.
#[test]
fn a_refused_call_is_reported_at_once() {
    for error in [ErrorKind::ConnectionRefused, ErrorKind::HostUnreachable] {
        let mut ana = calling();
        ana.types("/peers");
        ana.refuses(BRUNO, error);
        ana.expect([&format!("unreachable: Bruno {error:?}"), "open: "]);
    }
}

/// P31.
#[test]
fn an_unanswered_call_is_given_up_after_five_seconds() {
    let mut ana = calling();
    ana.wait(4_999);
    assert!(ana.look().iter().all(|it| !it.starts_with("give up")));
    ana.wait(1);
    assert_eq!(ana.look()[..2], ["give up 10.0.0.2:21500", "unreachable: Bruno TimedOut"]);
}

/// P33, R9: texts leave on the older connection, and come on either.
#[test]
fn crossed_calls_are_one_conversation() {
    let mut ana = calling();
    ana.is_called_by("theirs", "Bruno", "10.0.0.2");
    ana.answers(BRUNO, "ours");
    ana.expect(["server > ADDR Ana", "server > ADDR Bruno", "connected: Bruno", "ours > USER Ana"]);
    ana.hears("ours", "um");
    ana.hears("theirs", "dois");
    ana.wait(50);
    ana.types("três");
    ana.types("/peers");
    ana.expect(["Bruno says um", "Bruno says dois", "theirs > três", "open: *Bruno!"]);
}

/// Ana and Bruno have called each other at once.
fn crossed() -> Desk {
    let mut ana = calling();
    ana.answers(BRUNO, "ours");
    ana.accepts_as("theirs", "Bruno", "10.0.0.2");
    ana.wait(100);
    ana.forget();
    ana
}

/// P33, R9.
#[test]
fn our_goodbye_leaves_on_both_connections() {
    let mut ana = crossed();
    ana.types("/bye");
    ana.wait(50);
    let log = ana.look();
    assert_eq!(log[0], "ended by us: Bruno");
    for line in ["ours > DISC", "theirs > DISC", "ours half-closed", "theirs half-closed"] {
        assert!(log.contains(&line.to_string()), "{line}: {log:?}");
    }
}

/// P33, R9: a close answers their DISC, and we send DISC on the other connection.
#[test]
fn their_goodbye_on_one_connection_ends_both() {
    let mut ana = crossed();
    ana.hears("theirs", "DISC");
    ana.expect(["ended by them: Bruno", "ours > DISC", "ours half-closed", "theirs half-closed"]);
}

/// P33: nothing is reported.
#[test]
fn a_conversation_survives_the_loss_of_one_of_two_connections() {
    let mut ana = crossed();
    ana.breaks("ours", RESET);
    ana.types("oi");
    ana.expect(["theirs > oi"]);
    ana.wait(1);
    ana.ends("theirs");
    ana.expect(["theirs closed", "ended by them: Bruno"]);
}

/// Clients C and E open a connection of their own to answer.
#[test]
fn an_answer_on_a_second_connection_belongs_to_the_conversation() {
    let mut ana = calling();
    ana.answers(BRUNO, "ours");
    ana.accepts("theirs", "10.0.0.2");
    ana.hears_unended("theirs", "USER Bruno");
    ana.wait(1_000);
    ana.forget();
    ana.hears_unended("theirs", "Oi Ana");
    ana.wait(1_000);
    ana.types("Oi Bruno");
    ana.expect(["Bruno says Oi Ana", "ours > Oi Bruno"]);
}

/// Another service may listen at a registered port.
#[test]
fn a_called_service_receives_only_our_name() {
    let mut ana = calling();
    ana.answers(BRUNO, "bruno");
    ana.forget();
    ana.wait(600_000);
    assert!(ana.look().iter().all(|it| it == "server > KEEP"));
}
