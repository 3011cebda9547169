//! Texts that have not left are counted and reported. Texts that have left are in `doubt`.

use papo::machine::CloseReason;
use papo::peer::Rules;
use papo::peer::chat::BACKLOG_MAX;
use papo::peer::chat::STILL_MAX_MS;

use super::desk::{BRUNO, Desk, RESET, rules};

/// Ana, talking to Bruno, who takes nothing.
fn stalled() -> Desk {
    let mut ana = Desk::talking(Rules { pace_ms: 0, ..rules() });
    ana.stalls("bruno");
    ana
}

/// P21.
#[test]
fn texts_that_have_not_left_at_a_reset_are_counted() {
    let mut ana = stalled();
    for text in ["um", "dois", "três"] {
        ana.types(text);
    }
    ana.wait(100);
    ana.forget();
    ana.breaks("bruno", RESET);
    ana.expect(["ended by ConnectionReset: Bruno", "undelivered: 3 to Bruno"]);
}

/// P21: it is no text.
#[test]
fn a_disc_is_not_counted() {
    let mut ana = stalled();
    ana.types("Tchau, até amanhã");
    ana.types("/bye");
    ana.wait(50);
    ana.takes("bruno", "Tchau, até amanhã\r\n".len());
    ana.wait(STILL_MAX_MS - 1);
    ana.forget();
    ana.wait(1);
    ana.expect(["bruno aborted", "undelivered: 1 to Bruno"]);
}

/// P2, P21: the text waits behind USER.
#[test]
fn held_text_is_counted_at_a_reset() {
    let mut ana = Desk::ana();
    ana.types("/chat Bruno");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.answers(BRUNO, "bruno");
    ana.types("Oi");
    ana.forget();
    ana.breaks("bruno", RESET);
    ana.expect(["ended by ConnectionReset: Bruno", "undelivered: 1 to Bruno"]);
}

/// P13, P21: no text is sent after their DISC.
#[test]
fn held_text_is_counted_after_their_disc() {
    let mut ana = Desk::ana();
    ana.types("/chat Bruno");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.answers(BRUNO, "bruno");
    ana.types("Oi");
    ana.forget();
    ana.hears("bruno", "DISC");
    ana.ends("bruno");
    ana.expect([
        "ended by them: Bruno",
        "bruno half-closed",
        "bruno closed",
        "undelivered: 1 to Bruno",
    ]);
}

/// P20, P21: the other side may still read.
#[test]
fn held_text_is_sent_after_their_half_close() {
    let mut ana = Desk::ana();
    ana.types("/chat Bruno");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.answers(BRUNO, "bruno");
    ana.types("Oi");
    ana.forget();
    ana.ends("bruno");
    assert_eq!(ana.look()[..2], ["bruno > Oi", "bruno closed"]);
}

/// P30: beyond 256 KiB.
#[test]
fn a_text_for_a_partner_that_does_not_read_is_refused() {
    let mut ana = stalled();
    let text = "x".repeat(4_000);
    let mut sent = 0;
    while ana.look().iter().all(|it| it != "not reading: Bruno") {
        ana.types(&text);
        sent += 1;
        assert!(sent < 100, "no text is refused");
    }
    assert!(sent * 4_002 > BACKLOG_MAX && (sent - 2) * 4_002 <= BACKLOG_MAX, "{sent} lines");
}

/// P30.
#[test]
fn texts_are_sent_again_when_the_partner_reads_again() {
    let mut ana = stalled();
    for _ in 0..70 {
        ana.types(&"x".repeat(4_000));
    }
    ana.takes("bruno", 200_000);
    ana.forget();
    ana.types("oi");
    ana.expect(["bruno > oi"]);
}

/// P30.
#[test]
fn a_partner_that_does_not_read_does_not_disturb_other_conversations() {
    let mut ana = stalled();
    ana.accepts_as("camila", "Camila", "10.0.0.4");
    for _ in 0..70 {
        ana.types(&"x".repeat(4_000));
    }
    ana.forget();
    ana.types("/msg \"Camila\" oi");
    ana.expect(["camila > oi", "sent to: Camila"]);
}

/// The bound of the event loop.
#[test]
fn texts_for_a_partner_that_the_loop_closes_as_a_slow_reader_are_counted() {
    let mut ana = stalled();
    ana.types("um");
    ana.wait(100);
    ana.forget();
    ana.breaks("bruno", CloseReason::SlowReader);
    ana.expect(["ended for misbehaving: Bruno", "undelivered: 1 to Bruno"]);
}

#[test]
fn texts_that_a_goodbye_could_not_deliver_are_counted() {
    let mut ana = stalled();
    ana.types("um");
    ana.types("dois");
    ana.types("/bye");
    ana.wait(50);
    ana.forget();
    ana.wait(STILL_MAX_MS);
    let log: Vec<_> = ana.look().into_iter().filter(|it| it != "server > KEEP").collect();
    assert_eq!(log, ["waiting: 2 for Bruno", "bruno aborted", "undelivered: 2 to Bruno"]);
}

#[test]
fn texts_that_an_exit_could_not_deliver_are_counted_before_the_end() {
    let mut ana = stalled();
    ana.types("um");
    ana.types("/exit");
    ana.wait(1_500);
    let log = ana.look();
    assert_eq!(log[log.len() - 2..], ["undelivered: 1 to Bruno", "exit 0"]);
}

/// `papo send` ends with 0 only after this.
#[test]
fn a_disc_or_the_end_of_their_stream_answers_our_goodbye() {
    let talking = || {
        let mut ana = Desk::without_checks();
        ana.accepts_as("bruno", "Bruno", "10.0.0.2");
        ana.types("oi");
        ana
    };
    for answer in [|ana: &mut Desk| ana.ends("bruno"), |ana: &mut Desk| ana.hears("bruno", "DISC")]
    {
        let mut ana = talking();
        ana.types("/bye");
        ana.wait(50);
        answer(&mut ana);
        assert_eq!(ana.answered, ["Bruno"]);
    }
    let no_answers: [fn(&mut Desk); 4] = [
        // Before the goodbye was sent.
        |ana| ana.ends("bruno"),
        |ana| ana.breaks("bruno", RESET),
        // Never.
        |ana| ana.wait(10_000),
        // The end of their stream, while our text has not left.
        |ana| {
            ana.stalls("bruno");
            ana.types("/bye");
            ana.wait(50);
            ana.ends("bruno");
        },
    ];
    for no_answer in no_answers {
        let mut ana = talking();
        no_answer(&mut ana);
        ana.types("/bye");
        ana.wait(10_000);
        assert_eq!(ana.answered, [""; 0]);
    }
}

/// P30: 256 KiB may wait.
#[test]
fn the_bound_of_waiting_text_is_exact() {
    let mut ana = stalled();
    let line = "x".repeat(4_094);
    for _ in 0..BACKLOG_MAX / 4_096 {
        ana.types(&line);
    }
    ana.forget();
    ana.types("x");
    ana.expect(["bruno > x"]);
    ana.types("x");
    ana.expect(["not reading: Bruno"]);
}

/// P21: one by one.
#[test]
fn the_lines_of_one_piece_are_counted() {
    let mut ana = Desk::without_checks();
    ana.accepts_as("bruno", "Bruno", "10.0.0.2");
    ana.types("um");
    ana.wait(1);
    ana.stalls("bruno");
    ana.types("dois");
    ana.types("três");
    ana.wait(100);
    ana.forget();
    ana.breaks("bruno", RESET);
    let told = ana.look();
    assert_eq!(told[1], "undelivered: 3 to Bruno", "{told:?}");
}
