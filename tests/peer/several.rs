//! Several conversations: `/reply`, `/next` and `/peers`.

use super::desk::{BRUNO, Desk};

/// Ana, without checks, talking to Bruno, Camila and Davi. Bruno is the target.
fn with_three() -> Desk {
    let mut ana = Desk::without_checks();
    for (label, name, ip) in [
        ("bruno", "Bruno", "10.0.0.2"),
        ("camila", "Camila", "10.0.0.4"),
        ("davi", "Davi", "10.0.0.5"),
    ] {
        ana.accepts_as(label, name, ip);
    }
    ana.forget();
    ana
}

#[test]
fn reply_sends_to_the_person_who_wrote_last_and_changes_no_target() {
    let mut ana = with_three();
    ana.types("/reply cedo demais");
    ana.expect(["NobodyWrote"]);
    ana.hears("camila", "oi Ana");
    ana.types("/reply oi Camila");
    ana.types("oi Bruno");
    let said = [("Camila", "oi Camila"), ("Bruno", "oi Bruno")];
    assert_eq!(ana.said, said.map(|(to, text)| (to.to_string(), text.as_bytes().to_vec())));
    ana.expect([
        "Camila says oi Ana",
        "replying: Camila",
        "camila > oi Camila",
        "bruno > oi Bruno",
    ]);
    ana.hears("davi", "e eu?");
    ana.types("/r você também");
    ana.expect(["Davi says e eu?", "replying: Davi", "davi > você também"]);
}

/// Neither to the one who wrote before, nor to another person of the same name.
#[test]
fn a_reply_to_a_person_who_has_left_is_not_sent() {
    let mut ana = with_three();
    ana.hears("bruno", "primeiro");
    ana.hears("camila", "por último");
    ana.hears("camila", "DISC");
    ana.forget();
    ana.types("/reply segredo");
    ana.expect(["not talking to: Camila"]);
    ana.accepts_as("other", "Camila", "10.0.0.66");
    ana.forget();
    ana.types("/reply segredo");
    ana.expect(["not talking to: Camila"]);
}

#[test]
fn a_reply_that_would_be_an_instruction_is_not_sent() {
    let mut ana = with_three();
    ana.hears("camila", "oi");
    ana.forget();
    ana.types("/reply DISC");
    ana.expect(["replying: Camila", "would be protocol: DISC"]);
    assert_eq!(ana.said, [], "nothing was sent");
}

#[test]
fn next_goes_to_the_oldest_unread_text() {
    let mut ana = with_three();
    ana.types("/next");
    ana.hears("bruno", "na conversa atual");
    ana.types("/next");
    ana.expect(["NothingUnread", "Bruno says na conversa atual", "NothingUnread"]);
    ana.hears("davi", "um");
    ana.hears("camila", "dois");
    ana.hears("davi", "três");
    ana.forget();
    ana.types("/next");
    ana.types("/next");
    ana.types("/next");
    ana.expect(["target: Davi", "target: Camila", "NothingUnread"]);
}

#[test]
fn peers_counts_unread_texts_and_texts_that_have_not_left() {
    let mut ana = with_three();
    ana.hears("camila", "um");
    ana.hears("camila", "dois");
    ana.stalls("bruno");
    ana.types("três");
    ana.types("quatro");
    ana.wait(1);
    ana.forget();
    ana.types("/peers");
    ana.expect(["open: *Bruno 2 waiting, Camila 2 unread, Davi"]);
    ana.takes("bruno", "três\r\n".len());
    ana.types("/chat Camila");
    ana.forget();
    ana.types("/peers");
    ana.expect(["open: Bruno 1 waiting, *Camila, Davi"]);
}

/// Called by us, confirmed, not confirmed, and not answered yet.
#[test]
fn peers_shows_whether_the_server_confirms_a_name() {
    let mut ana = Desk::ana();
    ana.types("/chat Bruno");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.answers(BRUNO, "bruno");
    ana.is_called_by("camila", "Camila", "10.0.0.4");
    ana.accepts_as("eva", "Eva", "10.0.0.66");
    ana.hears("server", "ADDR 10.0.0.4:1");
    ana.accepts_as("davi", "Davi", "10.0.0.5");
    ana.wait(1_000);
    ana.forget();
    ana.types("/peers");
    ana.expect(["open: *Bruno!, Camila!, Eva:3?, Davi:4?"]);
}
