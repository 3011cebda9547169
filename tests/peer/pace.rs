//! Text leaves in pieces that fit into one `recv(1024)` of the other side.

use papo::peer::PACE_MS;
use papo::peer::Rules;
use papo::peer::chat::PIECE_BYTES_MAX;

use super::desk::{Desk, rules};

/// R15: forty lines are pasted. The first leaves at once.
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
        assert!(piece > 0 || log.len() == 1, "the first line leaves alone");
        heard.extend(log);
        ana.wait(PACE_MS - 1);
        ana.expect([]);
        ana.wait(1);
    }
    let expected: Vec<_> = lines.iter().map(|line| format!("bruno > {line}")).collect();
    assert_eq!(heard, expected);
}

/// R15.
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

/// The lines that leave together are as many as fit into a piece.
#[test]
fn a_script_waits_while_a_piece_waits() {
    let mut ana = Desk::talking(Rules { scripted: true, ..rules() });
    let text = "x".repeat(100);
    let mut typed = 0;
    while !ana.has_waiting_lines() {
        ana.types(&text);
        typed += 1;
        assert!(typed < 20, "it never waits");
    }
    assert!(typed * 102 > PIECE_BYTES_MAX, "it waits after {typed} lines");
    ana.wait(PACE_MS);
    assert!(!ana.has_waiting_lines());
}

/// It has not arrived.
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

/// A person's next line waits, too.
#[test]
fn text_that_waits_for_the_pace_is_not_refused() {
    for rules in [rules(), Rules { scripted: true, ..rules() }] {
        let mut ana = Desk::talking(rules);
        ana.accepts_as("camila", "Camila", "10.0.0.4");
        for _ in 0..200 {
            ana.types(&format!("/msg \"Camila\" {}", "x".repeat(3_000)));
        }
        ana.wait(200 * 4 * PACE_MS);
        let log = ana.look();
        let whole = log.iter().filter(|it| it.starts_with("camila > x") && !it.ends_with("..."));
        assert_eq!(whole.count(), 200);
        assert!(log.iter().all(|it| it != "not reading: Camila"));
    }
}

#[test]
fn commands_do_not_wait_for_a_partner_that_reads_nothing() {
    let mut ana = Desk::without_checks();
    ana.accepts_as("bruno", "Bruno", "10.0.0.2");
    ana.stalls("bruno");
    for _ in 0..20 {
        ana.types(&"x".repeat(4_000));
    }
    ana.types("/list");
    assert!(!ana.has_waiting_lines());
}
