//! How conversations end.

use std::io::ErrorKind;

use papo::machine::CloseReason;
use papo::peer::Rules;
use papo::peer::chat::LINGER_MAX_MS;
use papo::peer::chat::STILL_MAX_MS;
use papo::wire::reply::Edition;

use super::desk::{Desk, rules};

/// Ana, talking to Bruno, who called her a while ago.
fn talking() -> Desk {
    talking_by(Edition::Of2024)
}

fn talking_by(edition: Edition) -> Desk {
    Desk::talking(Rules { edition: Some(edition), pace_ms: 0, ..rules() })
}

/// The handout: "antes de fechar a conexão, o nó envia a mensagem DISC". Then we half-close,
/// and close when they have.
#[test]
fn bye_says_disc_and_waits_for_the_other_to_close() {
    let mut ana = talking();
    ana.types("/bye");
    ana.wait(0);
    ana.expect(["ended by us: Bruno", "bruno > DISC", "bruno half-closed"]);
    ana.wait(1_000);
    ana.ends("bruno");
    ana.expect(["bruno closed"]);
    assert!(!ana.is_open("bruno"));
}

/// Interop: a DISC glued to the text before it is part of that text to most public clients.
#[test]
fn disc_keeps_fifty_milliseconds_from_the_text_before_it() {
    let mut ana = talking();
    ana.types("Tchau");
    ana.types("/bye");
    ana.wait(49);
    ana.expect(["bruno > Tchau", "ended by us: Bruno"]);
    ana.wait(1);
    ana.expect(["bruno > DISC", "bruno half-closed"]);
}

/// Interop: and from the USER before it.
#[test]
fn disc_keeps_fifty_milliseconds_from_user() {
    let mut ana = Desk::ana();
    ana.types("/chat Bruno");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.answers("10.0.0.2:21500", "bruno");
    ana.forget();
    ana.types("/bye");
    ana.wait(49);
    ana.expect(["ended by us: Bruno"]);
    ana.wait(1);
    ana.expect(["bruno > DISC", "bruno half-closed"]);
}

/// Both pauses: USER, the text that was held, DISC.
#[test]
fn held_text_still_goes_before_the_goodbye() {
    let mut ana = Desk::ana();
    ana.types("/chat Bruno");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.answers("10.0.0.2:21500", "bruno");
    ana.types("Tchau");
    ana.types("/bye");
    ana.forget();
    ana.wait(50);
    ana.expect(["bruno > Tchau"]);
    ana.wait(49);
    ana.expect([]);
    ana.wait(1);
    ana.expect(["bruno > DISC", "bruno half-closed"]);
}

/// P13: never answer DISC with DISC.
#[test]
fn disc_is_answered_by_closing() {
    let mut ana = talking();
    ana.hears("bruno", "DISC");
    ana.expect(["ended by them: Bruno", "bruno half-closed"]);
    ana.wait(500);
    ana.ends("bruno");
    ana.expect(["bruno closed"]);
}

/// P13 for client B, which says DISC and then never closes.
#[test]
fn a_partner_that_says_disc_and_does_not_close_is_cut_off_after_two_seconds() {
    let mut ana = talking();
    ana.hears("bruno", "DISC");
    ana.forget();
    ana.wait(1_999);
    ana.expect([]);
    ana.wait(1);
    ana.expect(["bruno aborted"]);
}

/// Clients C and D end no line, not even DISC's: after a second of silence it counts.
#[test]
fn a_disc_without_a_line_end_counts_after_a_second_of_silence() {
    let mut ana = talking();
    ana.hears_unended("bruno", "DISC");
    ana.wait(999);
    ana.expect([]);
    ana.wait(1);
    ana.expect(["ended by them: Bruno", "bruno half-closed"]);
}

/// And where the end of the stream follows at once, that ends it.
#[test]
fn a_disc_without_a_line_end_counts_at_the_end_of_the_stream() {
    let mut ana = talking();
    ana.hears_unended("bruno", "DISC");
    ana.ends("bruno");
    ana.expect(["ended by them: Bruno", "bruno half-closed", "bruno closed"]);
}

/// P17: a goodbye is the last word.
#[test]
fn lines_behind_disc_are_dropped() {
    let mut ana = talking();
    ana.hears_at_once("bruno", &["Tchau", "DISC", "e mais uma coisa"]);
    ana.hears("bruno", "e outra");
    ana.expect(["Bruno says Tchau", "ended by them: Bruno", "bruno half-closed"]);
}

/// P18: both say goodbye at once; nobody sees an error.
#[test]
fn crossed_goodbyes_end_without_an_error() {
    let mut ana = talking();
    ana.types("/bye");
    ana.wait(0);
    ana.hears("bruno", "DISC");
    ana.expect(["ended by us: Bruno", "bruno > DISC", "bruno half-closed", "bruno closed"]);
    assert!(!ana.is_open("bruno"));
}

/// P18, P13: theirs comes while ours waits for its pause: then it is not said at all.
#[test]
fn a_goodbye_that_comes_before_ours_is_out_is_answered_by_closing() {
    let mut ana = talking();
    ana.types("Tchau");
    ana.types("/bye");
    ana.wait(1);
    ana.hears("bruno", "DISC");
    ana.wait(3_000);
    ana.expect(["bruno > Tchau", "ended by us: Bruno", "bruno closed"]);
}

/// P19: what was on its way is still shown.
#[test]
fn texts_that_cross_our_goodbye_are_shown() {
    let mut ana = talking();
    ana.types("/bye");
    ana.wait(0);
    ana.forget();
    ana.hears("bruno", "Espera!");
    ana.wait(1_999);
    ana.hears("bruno", "Ah, tchau");
    ana.expect(["Bruno says Espera!", "Bruno says Ah, tchau"]);
    ana.wait(1);
    ana.expect(["bruno aborted"]);
}

/// P20: two public clients say no goodbye; that is no error.
#[test]
fn the_end_of_the_stream_ends_a_conversation_quietly() {
    let mut ana = talking();
    ana.ends("bruno");
    ana.expect(["bruno closed", "ended by them: Bruno"]);
}

/// P21: a reset is.
#[test]
fn a_reset_is_told_as_a_loss() {
    let mut ana = talking();
    ana.breaks("bruno", CloseReason::Failed(ErrorKind::ConnectionReset));
    ana.expect(["ended by ConnectionReset: Bruno"]);
}

/// R9, 2026: the end of the stream is the goodbye.
#[test]
fn the_2026_edition_says_no_disc() {
    let mut ana = talking_by(Edition::Of2026);
    ana.types("Tchau");
    ana.types("/bye");
    ana.wait(50);
    ana.expect(["bruno > Tchau", "ended by us: Bruno", "bruno half-closed"]);
    ana.ends("bruno");
    ana.expect(["bruno closed"]);
}

/// Read liberally: a 2024 program may talk to a 2026 one.
#[test]
fn the_2026_edition_still_understands_disc() {
    let mut ana = talking_by(Edition::Of2026);
    ana.hears("bruno", "DISC");
    ana.expect(["ended by them: Bruno", "bruno half-closed"]);
}

/// `/bye NAME` leaves the others, and the target, alone.
#[test]
fn bye_with_a_name_ends_that_one_only() {
    let mut ana = talking();
    ana.accepts_as("camila", "Camila", "10.0.0.4");
    ana.forget();
    ana.types("/bye Camila");
    ana.types("oi");
    ana.expect(["ended by us: Camila", "camila > DISC", "camila half-closed", "bruno > oi"]);
}

/// `/bye` with no name is for the target; then there is none, and nobody takes its place.
#[test]
fn after_a_goodbye_nobody_becomes_the_target_by_itself() {
    let mut ana = talking();
    ana.accepts_as("camila", "Camila", "10.0.0.4");
    ana.forget();
    ana.types("/bye");
    ana.types("oi");
    ana.types("/bye");
    ana.expect(["ended by us: Bruno", "bruno > DISC", "bruno half-closed", "NoTarget", "NoTarget"]);
    assert!(ana.is_open("camila"));
}

/// A slow reader gets its DISC: three minutes without progress, not in all.
#[test]
fn a_goodbye_waits_for_who_still_reads() {
    let mut ana = talking();
    ana.stalls("bruno");
    ana.types(&"x".repeat(4_000));
    ana.types("/bye");
    ana.wait(50);
    ana.forget();
    for _ in 0..2 {
        ana.wait(STILL_MAX_MS - 100);
        ana.takes("bruno", 500);
    }
    ana.wait(STILL_MAX_MS - 1);
    assert!(ana.is_open("bruno"), "it still reads");
    ana.wait(1);
    assert!(!ana.is_open("bruno"), "now it does not");
}

/// But not for ever: a byte a second keeps nobody busy for more than ten minutes.
#[test]
fn a_goodbye_takes_ten_minutes_at_most() {
    let mut ana = talking();
    ana.stalls("bruno");
    ana.types(&"x".repeat(4_000));
    ana.types("/bye");
    ana.wait(50);
    for _ in 0..LINGER_MAX_MS / 1_000 {
        assert!(ana.is_open("bruno"));
        ana.takes("bruno", 1);
        ana.wait(1_000);
    }
    assert!(!ana.is_open("bruno"));
}

/// Only a goodbye that is out can have been taken.
#[test]
fn a_connection_that_ends_before_the_goodbye_is_out_has_taken_none() {
    let mut ana = talking();
    ana.types("oi");
    ana.types("/bye");
    ana.wait(1);
    ana.breaks("bruno", CloseReason::Asked);
    assert_eq!(ana.taken, [""; 0], "the goodbye waits for 50 ms");
    let mut ana = talking();
    ana.types("oi");
    ana.wait(1);
    ana.breaks("bruno", CloseReason::Asked);
    assert_eq!(ana.taken, [""; 0], "there was none");
}
