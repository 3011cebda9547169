//! Text leaves in pieces that a program with one `recv(1024)` for one message takes whole.

use papo::peer::PACE_MS;
use papo::peer::Rules;
use papo::peer::chat::PIECE_BYTES_MAX;

use super::desk::{Desk, rules};

/// R15: forty lines are pasted. The first waits for nothing; the others follow in pieces of
/// whole lines, with a pause between two pieces.
#[test]
fn pasted_lines_leave_in_pieces_of_whole_lines_with_a_pause_between_them() {
    let mut ana = Desk::talking(rules());
    let lines: Vec<_> = (10..50).map(|number| format!("{number} {}", "é".repeat(48))).collect();
    for line in &lines {
        ana.types(line);
    }
    let mut heard = Vec::new();
    for piece in 0..=4 {
        let log = ana.look();
        let bytes: usize = log.iter().map(|line| line.len() - "bruno > ".len() + 2).sum();
        assert!(bytes <= PIECE_BYTES_MAX && !log.is_empty(), "piece {piece} has {bytes} bytes");
        assert!(piece > 0 || log.len() == 1, "the first line has waited");
        heard.extend(log);
        ana.wait(PACE_MS - 1);
        ana.expect([]);
        ana.wait(1);
    }
    let expected: Vec<_> = lines.iter().map(|line| format!("bruno > {line}")).collect();
    assert_eq!(heard, expected);
}

/// R15: a goodbye is behind everything, and `/exit` waits for it.
#[test]
fn a_goodbye_and_an_exit_wait_for_the_last_piece() {
    for typed in ["/bye", "/exit"] {
        let mut ana = Desk::talking(rules());
        for _ in 0..200 {
            ana.types(&"x".repeat(1_000));
        }
        ana.types(typed);
        ana.wait(200 * PACE_MS + 100);
        let log = ana.look();
        let texts = log.iter().filter(|it| it.starts_with("bruno > xxx")).count();
        assert_eq!(texts, 200, "{typed}");
        assert!(log.ends_with(&["bruno > DISC", "bruno half-closed"].map(String::from)), "{typed}");
    }
}

/// `--pace 0`: for scripts that move data.
#[test]
fn without_a_pace_everything_leaves_at_once() {
    let mut ana = Desk::talking(Rules { pace_ms: 0, ..rules() });
    ana.types(&"x".repeat(3_000));
    ana.types("oi");
    ana.expect([&format!("bruno > {}", "x".repeat(3_000)), "bruno > oi"]);
}

/// The waiting text is bounded: a script is held back, and lines that leave together are as many as
/// fit into a piece.
#[test]
fn a_script_is_held_back_while_a_piece_waits() {
    let mut ana = Desk::talking(Rules { scripted: true, ..rules() });
    let text = "x".repeat(100);
    let mut typed = 0;
    while !ana.is_patient() {
        ana.types(&text);
        typed += 1;
        assert!(typed < 20, "it is never held back");
    }
    assert!(typed * 102 > PIECE_BYTES_MAX, "held back after {typed} lines");
    ana.wait(PACE_MS);
    assert!(!ana.is_patient());
}

/// Half a line has left when the connection breaks: it has not arrived, and counts once.
#[test]
fn a_line_that_has_left_in_part_counts_as_undelivered_once() {
    let mut ana = Desk::talking(rules());
    ana.types(&"x".repeat(3_000));
    ana.forget();
    ana.hears("bruno", "DISC");
    ana.ends("bruno");
    let log = ana.look();
    assert_eq!(log.last().map(String::as_str), Some("undelivered: 1 to Bruno"), "{log:?}");
}

/// Nobody is said not to read who only is spoken to at the pace: also a person's next line waits.
#[test]
fn much_text_is_not_refused_because_of_the_pace() {
    for rules in [rules(), Rules { scripted: true, ..rules() }] {
        let mut ana = Desk::talking(rules);
        ana.accepts_as("camila", "Camila", "10.0.0.4");
        for _ in 0..200 {
            ana.types(&format!("/msg Camila {}", "x".repeat(3_000)));
        }
        ana.wait(200 * 4 * PACE_MS);
        let log = ana.look();
        let whole = log.iter().filter(|it| it.starts_with("camila > x") && !it.ends_with("..."));
        assert_eq!(whole.count(), 200);
        assert!(log.iter().all(|it| it != "not reading: Camila"));
    }
}

/// A partner who takes nothing is no pace, and holds no other command back.
#[test]
fn commands_do_not_wait_for_somebody_who_reads_nothing() {
    let mut ana = Desk::registered(Rules { verify: false, ..rules() });
    ana.accepts("bruno", "10.0.0.2");
    ana.hears("bruno", "USER Bruno");
    ana.stalls("bruno");
    for _ in 0..20 {
        ana.types(&"x".repeat(4_000));
    }
    ana.types("/list");
    assert!(!ana.is_patient());
}
