//! Text that has left may not have arrived: it is counted when the connection breaks, and proven by
//! what the other side says.

use std::io::ErrorKind;

use papo::machine::CloseReason;
use papo::peer::chat::{DOUBT_ELSEWHERE_MS, DOUBT_MS, OUTLIVED_MS};

use super::desk::{Desk, rules};

const RESET: CloseReason = CloseReason::Failed(ErrorKind::ConnectionReset);

/// The connection with Bruno breaks: what is told?
#[track_caller]
fn told_at_a_reset(ana: &mut Desk) -> Option<String> {
    ana.forget();
    ana.breaks("bruno", RESET);
    let told = ana.look();
    assert_eq!(told[0], "ended by ConnectionReset: Bruno");
    told.get(1).cloned()
}

/// P21: that the kernel took a line says nothing of the other side.
#[test]
fn lines_that_have_left_are_counted() {
    let mut ana = Desk::talking(rules());
    ana.types("um");
    ana.wait(60_000);
    ana.types("dois");
    ana.wait(60_000);
    assert_eq!(told_at_a_reset(&mut ana).as_deref(), Some("undelivered: 2 to Bruno"));
}

/// P21.
/// A dead way would have been noticed, and who speaks has read.
#[test]
fn a_word_proves_what_left_long_before_it() {
    let mut ana = Desk::talking(rules());
    ana.types("um");
    ana.wait(10_000);
    ana.types("dois");
    ana.wait(DOUBT_MS - 1_000);
    ana.hears("bruno", "oi");
    ana.wait(OUTLIVED_MS);
    assert_eq!(told_at_a_reset(&mut ana).as_deref(), Some("undelivered: 1 to Bruno"));
}

/// It may have been on its way when the line was lost.
#[test]
fn a_word_that_crosses_a_line_proves_nothing() {
    let mut ana = Desk::talking(rules());
    ana.types("um");
    ana.wait(DOUBT_MS - 1);
    ana.hears("bruno", "oi");
    ana.wait(60_000);
    assert_eq!(told_at_a_reset(&mut ana).as_deref(), Some("undelivered: 1 to Bruno"));
}

/// It may have been on its way for long, or have waited here while this computer slept: the reset
/// would have been behind it all the time.
#[test]
fn a_word_that_comes_with_the_reset_proves_nothing() {
    let mut ana = Desk::talking(rules());
    ana.types("um");
    ana.freeze(3_600_000);
    ana.hears("bruno", "oi");
    ana.wait(OUTLIVED_MS - 1);
    assert_eq!(told_at_a_reset(&mut ana).as_deref(), Some("undelivered: 1 to Bruno"));
}

/// It came by another way. In the simulator, with seed 3688, 15 lines were lost on a connection that
/// was cut while the other one went on, and 13 were told.
#[test]
fn a_word_on_another_connection_proves_only_what_the_system_has_settled() {
    for (waited_ms, told) in
        [(DOUBT_MS, Some("undelivered: 1 to Bruno")), (DOUBT_ELSEWHERE_MS, None)]
    {
        let mut ana = Desk::talking(rules());
        ana.accepts_as("second", "Bruno", "10.0.0.2");
        ana.types("um");
        ana.wait(waited_ms);
        ana.hears("second", "oi");
        ana.wait(OUTLIVED_MS);
        ana.forget();
        ana.breaks("bruno", RESET);
        match told {
            Some(line) => ana.expect([line]),
            None => ana.expect([]),
        }
    }
}

/// Nothing was said: nothing can be lost.
#[test]
fn a_person_who_said_nothing_has_lost_nothing() {
    assert_eq!(told_at_a_reset(&mut Desk::talking(rules())), None);
}

/// They ended it in order: what we said came before the end, and what did not left nobody waiting.
#[test]
fn their_goodbye_leaves_no_doubt() {
    let mut ana = Desk::talking(rules());
    ana.types("um");
    ana.wait(100);
    ana.forget();
    ana.hears("bruno", "DISC");
    ana.ends("bruno");
    ana.expect(["ended by them: Bruno", "bruno half-closed", "bruno closed"]);
}

/// A program that takes everything and does not close, as one of the public ones, shows no sign
/// of a loss.
#[test]
fn lines_before_a_goodbye_without_an_answer_are_in_no_doubt() {
    let mut ana = Desk::talking(rules());
    ana.types("um");
    ana.types("/bye");
    ana.wait(50);
    ana.forget();
    ana.wait(2_000);
    ana.expect(["bruno aborted"]);
    assert_eq!(ana.taken, ["Bruno"]);

    let mut ana = Desk::talking(rules());
    ana.types("um");
    ana.types("/bye");
    ana.wait(50);
    ana.forget();
    ana.ends("bruno");
    ana.expect(["bruno closed"]);
}

/// Nor does it at an exit that waits for nobody any longer.
#[test]
fn lines_before_an_exit_without_an_answer_are_in_no_doubt() {
    let mut ana = Desk::talking(rules());
    ana.types("um");
    ana.types("dois");
    ana.types("/exit");
    ana.wait(2_000);
    let log = ana.look();
    assert_eq!(log[log.len() - 2..], ["bruno half-closed", "exit 0"]);
    assert_eq!(ana.taken, ["Bruno"]);
}

/// A reset is a sign, also behind a goodbye.
#[test]
fn lines_before_a_goodbye_that_a_reset_answers_are_counted() {
    let mut ana = Desk::talking(rules());
    ana.types("um");
    ana.types("/bye");
    ana.wait(50);
    ana.forget();
    ana.breaks("bruno", RESET);
    ana.expect(["undelivered: 1 to Bruno"]);
    assert_eq!(ana.taken, [""; 0]);
}
