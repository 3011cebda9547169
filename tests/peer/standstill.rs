//! A slow reader is not a dead one: texts wait for it, and the person is told.

use papo::peer::Rules;
use papo::peer::chat::{STILL_MAX_MS, STILL_TOLD_MS};

use super::desk::{Desk, rules};

/// Ana, who has sent this text to Bruno. He takes nothing.
fn said(text: &str) -> Desk {
    let mut ana =
        Desk::registered(Rules { verify: false, keep_interval_ms: 10_000_000, ..rules() });
    ana.accepts_as("bruno", "Bruno", "10.0.0.2");
    ana.stalls("bruno");
    ana.types(text);
    ana.forget();
    ana
}

/// R17.
#[test]
fn a_standstill_is_reported_once_after_twenty_seconds() {
    let mut ana = said("oi");
    ana.wait(STILL_TOLD_MS - 1);
    ana.expect([]);
    ana.wait(1);
    ana.expect(["waiting: 1 for Bruno"]);
    ana.takes("bruno", 1);
    ana.wait(STILL_MAX_MS - 1);
    ana.expect([]);
}

/// R17: and the texts that it has not taken are counted.
#[test]
fn a_standstill_of_three_minutes_ends_the_conversation() {
    let mut ana = said("oi");
    ana.types("ainda aí?");
    ana.wait(STILL_MAX_MS - 1);
    ana.forget();
    assert!(ana.is_open("bruno"));
    ana.wait(1);
    ana.expect(["bruno aborted", "ended by TimedOut: Bruno", "undelivered: 2 to Bruno"]);
}

#[test]
fn a_reader_that_goes_on_in_time_loses_nothing() {
    let mut ana = said("oi");
    ana.wait(STILL_MAX_MS - 1);
    ana.takes("bruno", 4);
    ana.forget();
    ana.wait(10_000);
    ana.types("tchau");
    ana.expect(["bruno > tchau"]);
}

#[test]
fn a_silent_conversation_does_not_stand_still() {
    let mut ana = said("oi");
    ana.takes("bruno", 4);
    ana.forget();
    ana.wait(10 * STILL_MAX_MS);
    ana.expect([]);
}

/// It is no text of the person.
#[test]
fn a_goodbye_that_stands_still_is_not_reported() {
    let mut ana = said("oi");
    ana.takes("bruno", 4);
    ana.types("/bye");
    ana.wait(50);
    ana.forget();
    ana.wait(STILL_TOLD_MS);
    ana.expect([]);
}
