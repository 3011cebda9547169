//! Programs that end no line of text: a second of silence ends their lines, one for each read.

use super::desk::Desk;

/// Ana, without checks, and a caller that has sent nothing.
fn called() -> Desk {
    let mut ana = Desk::without_checks();
    ana.accepts("zeca", "10.0.0.4");
    ana
}

/// R16: it comes within a second.
#[test]
fn a_text_after_an_unended_name_is_no_part_of_the_name() {
    for (text, shown) in [("olá", "Zeca says olá"), ("nota: x", "Zeca says nota: x")] {
        let mut ana = called();
        ana.hears_unended("zeca", "USER Zeca");
        ana.wait(300);
        ana.hears_unended("zeca", text);
        ana.wait(999);
        ana.expect([]);
        ana.wait(1);
        ana.expect(["connected: Zeca", shown]);
    }
}

/// R16: it comes within a second.
#[test]
fn a_goodbye_after_an_unended_text_is_no_part_of_the_text() {
    let mut ana = called();
    ana.hears_unended("zeca", "USER Zeca");
    ana.wait(1_000);
    ana.hears_unended("zeca", "até logo");
    ana.wait(300);
    ana.hears_unended("zeca", "DISC");
    ana.wait(1_000);
    let heard = ["connected: Zeca", "Zeca says até logo", "ended by them: Zeca"];
    assert_eq!(ana.look()[..3], heard);
}

#[test]
fn the_end_of_the_stream_cuts_where_reads_ended_too() {
    let mut ana = called();
    ana.hears_unended("zeca", "USER Zeca");
    ana.hears_unended("zeca", "até logo");
    ana.hears_unended("zeca", "DISC");
    ana.ends("zeca");
    let heard = ["connected: Zeca", "Zeca says até logo", "ended by them: Zeca"];
    assert_eq!(ana.look()[..3], heard);
}

/// Such a program may end its USER and no text.
#[test]
fn silence_ends_texts_although_the_name_had_a_line_end() {
    let mut ana = called();
    ana.hears("zeca", "USER Zeca");
    ana.hears_unended("zeca", "oi");
    ana.wait(1_000);
    ana.expect(["connected: Zeca", "Zeca says oi"]);
}

/// It may be slow in the middle of a line.
#[test]
fn silence_ends_no_text_of_a_partner_that_has_ended_one() {
    let mut ana = called();
    ana.hears("zeca", "USER Zeca");
    ana.hears("zeca", "oi");
    ana.hears_unended("zeca", "metade");
    ana.wait(60_000);
    assert!(ana.look().iter().all(|it| !it.contains("metade")));
}

#[test]
fn a_line_feed_within_a_second_joins_the_reads() {
    let mut ana = called();
    ana.hears("zeca", "USER Zeca");
    ana.hears_unended("zeca", "bom ");
    ana.wait(900);
    ana.hears_unended("zeca", "dia\n");
    ana.expect(["connected: Zeca", "Zeca says bom dia"]);
}

#[test]
fn a_read_that_ends_inside_a_character_ends_no_line() {
    let mut ana = called();
    ana.hears("zeca", "USER Zeca");
    for read in [&b"ol\xC3"[..], b"\xA1", b"tudo bem?"] {
        ana.hears_unended("zeca", read);
    }
    ana.wait(1_000);
    ana.expect(["connected: Zeca", "Zeca says olá", "Zeca says tudo bem?"]);
}
