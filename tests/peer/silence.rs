//! Programs that end no line of text: a second of silence ends what they said, read by read.

use papo::peer::Rules;

use super::desk::{Desk, rules};

/// Ana, who checks nobody, and a caller who has not said anything.
fn called() -> Desk {
    let mut ana = Desk::registered(Rules { verify: false, ..rules() });
    ana.accepts("zeca", "10.0.0.4");
    ana
}

/// R16: the name, and a text that comes within a second.
#[test]
fn a_text_soon_behind_a_name_without_an_end_is_no_part_of_the_name() {
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

/// R16: the goodbye of such a program is one, however soon it comes behind a text.
#[test]
fn a_goodbye_soon_behind_a_text_without_an_end_is_heard() {
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

/// The same where the end of the stream comes first.
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

/// A name that ends as it should says nothing of how texts end: its USER does not count.
#[test]
fn a_name_with_a_line_end_does_not_end_the_reading_by_silence() {
    let mut ana = called();
    ana.hears("zeca", "USER Zeca");
    ana.hears_unended("zeca", "oi");
    ana.wait(1_000);
    ana.expect(["connected: Zeca", "Zeca says oi"]);
}

/// A line of text that was ended once does: such a program may be slow in the middle of a line.
#[test]
fn a_partner_that_has_ended_a_line_of_text_is_never_cut_by_silence() {
    let mut ana = called();
    ana.hears("zeca", "USER Zeca");
    ana.hears("zeca", "oi");
    ana.hears_unended("zeca", "metade");
    ana.wait(60_000);
    assert!(ana.look().iter().all(|it| !it.contains("metade")));
}

/// A line feed within the second joins what came before.
#[test]
fn a_line_feed_within_a_second_joins_the_reads() {
    let mut ana = called();
    ana.hears("zeca", "USER Zeca");
    ana.hears_unended("zeca", "bom ");
    ana.wait(900);
    ana.hears_rest("zeca", "dia");
    ana.expect(["connected: Zeca", "Zeca says bom dia"]);
}

/// A read may end inside a character.
#[test]
fn no_character_is_torn() {
    let mut ana = called();
    ana.hears("zeca", "USER Zeca");
    for read in [&b"ol\xC3"[..], b"\xA1", b"tudo bem?"] {
        ana.hears_unended_bytes("zeca", read);
    }
    ana.wait(1_000);
    ana.expect(["connected: Zeca", "Zeca says olá", "Zeca says tudo bem?"]);
}

/// A port behind the name is left out, and nothing else is.
#[test]
fn only_a_port_behind_the_name_is_left_out() {
    let mut ana = called();
    ana.hears("zeca", "USER Zecanota: x");
    ana.expect(["bad caller: 10.0.0.4 NotAName(Colon) USER Zecanota: x", "zeca aborted"]);
}
