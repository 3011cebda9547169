//! Text that did not leave is told, and counted. Text that left and may not have arrived: `doubt`.

use std::io::ErrorKind;

use papo::machine::CloseReason;
use papo::peer::Rules;
use papo::peer::chat::BACKLOG_MAX;
use papo::peer::chat::STILL_MAX_MS;

use super::desk::{BRUNO, Desk, rules};

const RESET: CloseReason = CloseReason::Failed(ErrorKind::ConnectionReset);

/// Ana, talking to Bruno, who takes nothing from now on.
fn stalled() -> Desk {
    let mut ana = Desk::talking(Rules { pace_ms: 0, ..rules() });
    ana.stalls("bruno");
    ana
}

/// P21: as many lines as were still here.
#[test]
fn lines_that_a_reset_leaves_here_are_counted() {
    let mut ana = stalled();
    for text in ["um", "dois", "três"] {
        ana.types(text);
    }
    ana.wait(100);
    ana.forget();
    ana.breaks("bruno", RESET);
    ana.expect(["ended by ConnectionReset: Bruno", "undelivered: 3 to Bruno"]);
}

/// P21: DISC is no line of ours.
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

/// P2 and P21: what was held behind USER when the other hung up was never sent.
#[test]
fn held_text_that_was_never_sent_is_counted() {
    let mut ana = Desk::ana();
    ana.types("/chat Bruno");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.answers(BRUNO, "bruno");
    ana.types("Oi");
    ana.forget();
    ana.breaks("bruno", RESET);
    ana.expect(["ended by ConnectionReset: Bruno", "undelivered: 1 to Bruno"]);
}

/// P13 and P21: somebody who says DISC is not spoken to any more.
#[test]
fn held_text_for_who_says_disc_is_counted() {
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

/// P20 and P21: who has only stopped *sending* may still read what was on its way.
#[test]
fn held_text_for_who_half_closes_is_sent() {
    let mut ana = Desk::ana();
    ana.types("/chat Bruno");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.answers(BRUNO, "bruno");
    ana.types("Oi");
    ana.forget();
    ana.ends("bruno");
    assert_eq!(ana.look()[..2], ["bruno > Oi", "bruno closed"]);
}

/// P30: beyond 256 KiB a line is refused, aloud; nothing is lost in silence.
#[test]
fn a_line_for_somebody_who_does_not_read_is_refused() {
    let mut ana = stalled();
    let text = "x".repeat(4_000);
    let mut sent = 0;
    while ana.look().iter().all(|it| it != "not reading: Bruno") {
        ana.types(&text);
        sent += 1;
        assert!(sent < 100, "it is never refused");
    }
    assert!(sent * 4_002 > BACKLOG_MAX && (sent - 2) * 4_002 <= BACKLOG_MAX, "{sent} lines");
}

/// P30: and taken again when the other side reads again.
#[test]
fn a_line_is_taken_again_when_the_other_reads_again() {
    let mut ana = stalled();
    for _ in 0..70 {
        ana.types(&"x".repeat(4_000));
    }
    ana.takes("bruno", 200_000);
    ana.forget();
    ana.types("oi");
    ana.expect(["bruno > oi"]);
}

/// P30: others are not affected.
#[test]
fn somebody_who_does_not_read_disturbs_no_other_conversation() {
    let mut ana = stalled();
    ana.accepts_as("camila", "Camila", "10.0.0.4");
    for _ in 0..70 {
        ana.types(&"x".repeat(4_000));
    }
    ana.forget();
    ana.types("/msg Camila oi");
    ana.expect(["camila > oi", "sent to: Camila"]);
}

/// The driver's own bound: somebody who does not read at all is cut off, and we say so.
#[test]
fn a_slow_reader_that_was_cut_off_is_told_with_what_it_missed() {
    let mut ana = stalled();
    ana.types("um");
    ana.wait(100);
    ana.forget();
    ana.breaks("bruno", CloseReason::SlowReader);
    ana.expect(["ended for misbehaving: Bruno", "undelivered: 1 to Bruno"]);
}

/// A goodbye to somebody dead, with lines on their way: told when it is given up.
#[test]
fn lines_that_a_goodbye_could_not_deliver_are_counted() {
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

/// The same at the end of the program: before it, or nobody would read it.
#[test]
fn lines_that_an_exit_could_not_deliver_are_counted_before_the_end() {
    let mut ana = stalled();
    ana.types("um");
    ana.types("/exit");
    ana.wait(1_500);
    let log = ana.look();
    assert_eq!(log[log.len() - 2..], ["undelivered: 1 to Bruno", "exit 0"]);
}

/// `papo send` ends with 0 for this, and for nothing else.
#[test]
fn a_goodbye_is_answered_by_the_end_of_their_stream_behind_all_that_was_said() {
    let talking = || {
        let mut ana = Desk::registered(Rules { verify: false, ..rules() });
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
        // Before the goodbye was out.
        |ana| ana.ends("bruno"),
        |ana| ana.breaks("bruno", CloseReason::Failed(ErrorKind::ConnectionReset)),
        // Never.
        |ana| ana.wait(10_000),
        // The end of their stream, and our own words still here.
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

/// P30: 256 KiB may wait, to the byte.
#[test]
fn the_bound_of_what_waits_may_be_reached() {
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

/// P21: lines that leave together are counted one by one.
#[test]
fn the_lines_of_one_piece_are_counted() {
    let mut ana = Desk::registered(Rules { verify: false, ..rules() });
    ana.accepts("bruno", "10.0.0.2");
    ana.hears("bruno", "USER Bruno");
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
