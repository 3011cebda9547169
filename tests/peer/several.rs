//! Several conversations: who wrote last, what is unread, how each of them is.

use papo::peer::Rules;

use super::desk::{BRUNO, Desk, rules};

/// Ana, who checks nobody, talking to Bruno, with Camila and Davi on the line.
fn with_three() -> Desk {
    let mut ana = Desk::registered(Rules { verify: false, ..rules() });
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
fn a_reply_goes_to_who_wrote_last_and_changes_no_target() {
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

/// Not to who wrote before, nor to somebody else of the same name.
#[test]
fn a_reply_to_who_has_left_goes_to_nobody() {
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
fn a_reply_that_would_be_protocol_is_not_sent() {
    let mut ana = with_three();
    ana.hears("camila", "oi");
    ana.forget();
    ana.types("/reply DISC");
    ana.expect(["replying: Camila", "would be protocol: DISC"]);
    assert_eq!(ana.said, [], "what was not sent was not said");
}

#[test]
fn next_goes_where_something_has_waited_longest() {
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
fn unread_counts_end_with_their_conversation() {
    let mut ana = with_three();
    ana.hears("davi", "tchau");
    ana.hears("davi", "DISC");
    ana.forget();
    ana.types("/next");
    ana.expect(["NothingUnread"]);
}

#[test]
fn peers_tells_what_is_unread_and_what_has_not_left() {
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

/// Called at the server's address, confirmed by it, contradicted by it, and not answered yet.
#[test]
fn peers_tells_whether_the_server_confirms_a_name() {
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
