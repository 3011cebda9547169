//! The ends of conversations.

use papo::machine::CloseReason;
use papo::peer::Rules;
use papo::peer::chat::LINGER_MAX_MS;
use papo::peer::chat::STILL_MAX_MS;
use papo::wire::reply::Edition;

use super::desk::{Desk, RESET, rules};

/// Ana, talking to Bruno, who called her a while ago.
fn talking() -> Desk {
    talking_by(Edition::Of2024)
}

fn talking_by(edition: Edition) -> Desk {
    Desk::talking(Rules { edition: Some(edition), pace_ms: 0, ..rules() })
}

/// The handout: "antes de fechar a conexão, o nó envia a mensagem DISC".
#[test]
fn bye_sends_disc_half_closes_and_waits_for_the_close() {
    let mut ana = talking();
    ana.types("/bye");
    ana.wait(0);
    ana.expect(["ended by us: Bruno", "bruno > DISC", "bruno half-closed"]);
    ana.wait(1_000);
    ana.ends("bruno");
    ana.expect(["bruno closed"]);
    assert!(!ana.is_open("bruno"));
}

/// Most public clients would take it for a part of that text.
#[test]
fn disc_leaves_fifty_milliseconds_after_the_last_text() {
    let mut ana = talking();
    ana.types("Tchau");
    ana.types("/bye");
    ana.wait(49);
    ana.expect(["bruno > Tchau", "ended by us: Bruno"]);
    ana.wait(1);
    ana.expect(["bruno > DISC", "bruno half-closed"]);
}

#[test]
fn disc_leaves_fifty_milliseconds_after_user() {
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

#[test]
fn held_text_leaves_before_the_goodbye() {
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

/// P13: not DISC.
#[test]
fn a_close_answers_disc() {
    let mut ana = talking();
    ana.hears("bruno", "DISC");
    ana.expect(["ended by them: Bruno", "bruno half-closed"]);
    ana.wait(500);
    ana.ends("bruno");
    ana.expect(["bruno closed"]);
}

/// P13: client B never closes.
#[test]
fn a_partner_that_does_not_close_after_its_disc_is_closed_after_two_seconds() {
    let mut ana = talking();
    ana.hears("bruno", "DISC");
    ana.forget();
    ana.wait(1_999);
    ana.expect([]);
    ana.wait(1);
    ana.expect(["bruno aborted"]);
}

/// P17.
#[test]
fn lines_behind_disc_are_ignored() {
    let mut ana = talking();
    ana.hears_at_once("bruno", &["Tchau", "DISC", "e mais uma coisa"]);
    ana.hears("bruno", "e outra");
    ana.expect(["Bruno says Tchau", "ended by them: Bruno", "bruno half-closed"]);
}

/// P18.
#[test]
fn crossed_goodbyes_end_without_an_error() {
    let mut ana = talking();
    ana.types("/bye");
    ana.wait(0);
    ana.hears("bruno", "DISC");
    ana.expect(["ended by us: Bruno", "bruno > DISC", "bruno half-closed", "bruno closed"]);
    assert!(!ana.is_open("bruno"));
}

/// P18, P13: ours waits for its pause and is not sent any more.
#[test]
fn a_close_answers_a_goodbye_that_comes_before_ours_is_sent() {
    let mut ana = talking();
    ana.types("Tchau");
    ana.types("/bye");
    ana.wait(1);
    ana.hears("bruno", "DISC");
    ana.wait(3_000);
    ana.expect(["bruno > Tchau", "ended by us: Bruno", "bruno closed"]);
}

/// P19.
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

/// P20: two public clients send no goodbye.
#[test]
fn the_end_of_the_stream_ends_a_conversation_without_an_error() {
    let mut ana = talking();
    ana.ends("bruno");
    ana.expect(["bruno closed", "ended by them: Bruno"]);
}

/// P21.
#[test]
fn a_reset_ends_a_conversation_with_an_error() {
    let mut ana = talking();
    ana.breaks("bruno", RESET);
    ana.expect(["ended by ConnectionReset: Bruno"]);
}

/// R9: the end of the stream is the goodbye.
#[test]
fn the_2026_edition_sends_no_disc() {
    let mut ana = talking_by(Edition::Of2026);
    ana.types("Tchau");
    ana.types("/bye");
    ana.wait(50);
    ana.expect(["bruno > Tchau", "ended by us: Bruno", "bruno half-closed"]);
    ana.ends("bruno");
    ana.expect(["bruno closed"]);
}

#[test]
fn the_2026_edition_still_understands_disc() {
    let mut ana = talking_by(Edition::Of2026);
    ana.hears("bruno", "DISC");
    ana.expect(["ended by them: Bruno", "bruno half-closed"]);
}

#[test]
fn bye_with_a_name_ends_that_one_only() {
    let mut ana = talking();
    ana.accepts_as("camila", "Camila", "10.0.0.4");
    ana.forget();
    ana.types("/bye Camila");
    ana.types("oi");
    ana.expect(["ended by us: Camila", "camila > DISC", "camila half-closed", "bruno > oi"]);
}

/// `/bye` without a name is for the target.
#[test]
fn after_a_goodbye_to_the_target_there_is_none() {
    let mut ana = talking();
    ana.accepts_as("camila", "Camila", "10.0.0.4");
    ana.forget();
    ana.types("/bye");
    ana.types("oi");
    ana.types("/bye");
    ana.expect(["ended by us: Bruno", "bruno > DISC", "bruno half-closed", "NoTarget", "NoTarget"]);
    assert!(ana.is_open("camila"));
}

/// Three minutes without progress end it.
#[test]
fn a_goodbye_waits_for_a_slow_reader() {
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
    assert!(ana.is_open("bruno"), "there was progress");
    ana.wait(1);
    assert!(!ana.is_open("bruno"), "three minutes without progress");
}

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

#[test]
fn a_goodbye_that_was_not_sent_is_not_reported_as_taken() {
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
    assert_eq!(ana.taken, [""; 0], "there was no goodbye");
}
