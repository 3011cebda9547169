//! R8: a caller's name is checked with the server. It is marked until it is confirmed, and
//! never held against the caller.

use papo::peer::Rules;
use papo::peer::chat::CHECK_HOLD_MS;
use papo::peer::chat::EARLY_BYTES_MAX;

use super::desk::{BRUNO, Desk, OWN, rules};

/// Ana, called by somebody from 10.0.0.2 who says to be Bruno; the server is asked already.
fn called() -> Desk {
    called_from("10.0.0.2")
}

fn called_from(ip: &str) -> Desk {
    let mut ana = Desk::ana();
    ana.accepts_as("bruno", "Bruno", ip);
    ana.expect(["server > ADDR Ana"]);
    ana.hears("server", OWN);
    ana.expect(["server > ADDR Bruno"]);
    ana
}

/// Ana, who knows her own address and talks to Bruno, whom the server confirms.
fn talking() -> Desk {
    let mut ana = called();
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.forget();
    ana
}

/// Same address: nothing to tell. The port is the one for calls, and so another one.
#[test]
fn a_caller_from_the_registered_address_is_shown_plain() {
    let mut ana = called();
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.hears("bruno", "Oi");
    ana.types("/peers");
    ana.expect(["connected: Bruno", "Bruno says Oi", "open: *Bruno!"]);
}

/// The same question in the other edition.
#[test]
fn a_reply_of_the_other_edition_confirms_as_well() {
    let mut ana = called();
    ana.hears("server", "ADDR Bruno:10.0.0.2:21500");
    ana.hears("bruno", "Oi");
    ana.expect(["connected: Bruno", "Bruno says Oi"]);
}

/// Another address: marked from the first line on, told once, and not blocked.
#[test]
fn a_caller_from_another_address_is_marked_and_can_talk() {
    let mut ana = called();
    ana.hears("server", "ADDR 10.0.0.9:21500");
    ana.expect(["connected: Bruno:1?", "not verified: Bruno:1? from 10.0.0.2"]);
    ana.hears("bruno", "Oi");
    ana.types("Quem é?");
    ana.types("/chat Bruno:1");
    ana.types("Quem é?");
    ana.types("/peers");
    ana.expect([
        "Bruno:1? says Oi",
        "NoTarget",
        "target: Bruno:1?",
        "bruno > Quem é?",
        "open: *Bruno:1?",
    ]);
}

/// Nobody of that name is online: the fence says so, and it is small (I3).
#[test]
fn a_caller_whom_the_server_does_not_know_is_marked_without_a_list() {
    let mut ana = called();
    ana.wait(300);
    ana.expect(["server > ADDR Ana"]);
    ana.hears("server", OWN);
    ana.expect(["connected: Bruno:1?", "not verified: Bruno:1? from 10.0.0.2"]);
}

/// The answer comes late, and the fence's behind it: the second is taken for nobody's answer.
#[test]
fn a_late_answer_is_not_taken_for_the_fence_nor_the_fence_for_an_answer() {
    let mut ana = called();
    ana.wait(300);
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.expect(["server > ADDR Ana", "connected: Bruno"]);
    ana.types("/chat Camila");
    ana.hears("server", OWN);
    ana.expect(["server > ADDR Camila"]);
    ana.hears("server", "ADDR 10.0.0.4:21500");
    ana.expect(["dial 10.0.0.4:21500"]);
}

/// A server that answers no ADDR for our own name: a LIST has to do.
#[test]
fn a_server_that_does_not_name_our_address_is_asked_for_a_list() {
    let mut ana = Desk::ana();
    ana.accepts_as("bruno", "Bruno", "10.0.0.2");
    ana.wait(300);
    ana.expect(["server > ADDR Ana", "server > LIST"]);
    ana.hears("server", "LIST Camila");
    ana.expect(["server > ADDR Bruno"]);
    ana.wait(300);
    ana.hears("server", "LIST Camila");
    ana.expect(["server > LIST", "connected: Bruno:1?", "not verified: Bruno:1? from 10.0.0.2"]);
}

/// A server that does not answer confirms nothing: the caller is marked as not checked (A8).
#[test]
fn a_silent_server_confirms_nobody() {
    let mut ana = called();
    ana.wait(CHECK_HOLD_MS);
    ana.hears("bruno", "Oi");
    ana.expect(["server > ADDR Ana", "server > LIST", "connected: Bruno:1?", "Bruno:1? says Oi"]);
    ana.wait(10_000);
    ana.forget();
    ana.types("/peers");
    ana.expect(["open: Bruno:1? 1 unread"]);
}

/// Text that comes before the server has answered is held, and shown in order.
#[test]
fn text_of_an_unchecked_caller_is_held_for_a_moment() {
    let mut ana = called();
    ana.hears("bruno", "Oi");
    ana.hears("bruno", "Tudo bem?");
    ana.expect([]);
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.expect(["connected: Bruno", "Bruno says Oi", "Bruno says Tudo bem?"]);
    ana.types("/peers");
    ana.expect(["open: *Bruno!"]);
}

/// Nothing is lost where the caller says a lot, says goodbye, closes or breaks before the answer.
#[test]
fn held_text_is_never_lost() {
    let ends: [fn(&mut Desk); 3] = [
        |ana| ana.hears("bruno", "DISC"),
        |ana| ana.ends("bruno"),
        |ana| ana.breaks("bruno", papo::machine::CloseReason::Asked),
    ];
    for end in ends {
        let mut ana = called();
        ana.hears("bruno", "Oi");
        end(&mut ana);
        let mut log = ana.look();
        log.retain(|it| it != "bruno closed");
        let expected = ["connected: Bruno:1?", "Bruno:1? says Oi", "ended by them: Bruno:1?"];
        assert_eq!(log[..3], expected);
    }
    let mut ana = called();
    let long = "x".repeat(EARLY_BYTES_MAX / 2);
    for _ in 0..3 {
        ana.hears("bruno", &long);
    }
    assert_eq!(ana.look().len(), 1 + 3, "opened by the third line");
}

/// "When the server is not reachable nothing is checked", and everybody is marked (A8).
#[test]
fn without_a_server_everybody_is_marked_and_checked_when_it_is_back() {
    let mut ana = Desk::ana();
    ana.wait(60_000);
    ana.ends("server");
    ana.forget();
    ana.accepts_as("bruno", "Bruno", "10.0.0.2");
    ana.hears("bruno", "Oi");
    ana.expect(["connected: Bruno:1?", "Bruno:1? says Oi"]);
    ana.wait_for("dial 10.0.0.1:10000");
    ana.answers("10.0.0.1:10000", "server");
    ana.hears("server", OWN);
    ana.hears("server", "ADDR 10.0.0.2:21500");
    let log = ana.look();
    assert!(log.contains(&"server > ADDR Bruno".to_string()), "{log:?}");
    assert_eq!(log.last().map(String::as_str), Some("verified: Bruno:1"));
    ana.types("/peers");
    ana.expect(["open: *Bruno:1!"]);
}

/// A check that the lost server leaves open is nothing that the person asked for.
#[test]
fn a_check_that_is_lost_with_the_server_is_not_mentioned() {
    let mut ana = Desk::ana();
    ana.wait(3_000);
    ana.accepts_as("bruno", "Bruno", "10.0.0.2");
    ana.forget();
    ana.ends("server");
    ana.expect(["server aborted", "offline: 10.0.0.1:10000"]);
}

/// `--no-verify`: names are taken as they are given.
#[test]
fn without_verification_the_server_is_not_asked() {
    let mut ana = Desk::registered(Rules { verify: false, ..rules() });
    ana.accepts_as("bruno", "Bruno", "10.0.0.2");
    ana.types("/peers");
    ana.expect(["connected: Bruno", "open: *Bruno"]);
}

/// C16 for checks: the caller is on the server's machine, and registered there by loopback.
#[test]
fn a_caller_on_the_servers_machine_is_confirmed_by_a_loopback_reply() {
    let mut ana = called_from("10.0.0.1");
    ana.hears("server", "ADDR 127.0.0.1:21500");
    ana.expect(["connected: Bruno"]);
}

/// A10: another source address of one /64 is the same host; IPv4 and IPv6 cannot be compared.
#[test]
fn addresses_are_compared_as_hosts_have_them() {
    let mut ana = called_from("2001:db8:0:1::77");
    ana.hears("server", "ADDR 2001:db8:0:1::2:21500");
    ana.expect(["connected: Bruno"]);
    let mut ana = called_from("2001:db8:0:9::77");
    ana.hears("server", "ADDR 2001:db8:0:1::2:21500");
    ana.expect(["connected: Bruno:1?", "not verified: Bruno:1? from 2001:db8:0:9::77"]);
    let mut ana = called_from("2001:db8:0:1::77");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.expect(["connected: Bruno:1?"]);
}

/// Somebody whom *we* called was found where the server said: nothing to check.
#[test]
fn a_person_who_was_called_is_not_checked() {
    let mut ana = Desk::ana();
    ana.types("/chat Bruno");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.answers(BRUNO, "bruno");
    ana.forget();
    ana.wait(1_000);
    ana.expect([]);
}

/// A8: a check whose caller is gone by then does nothing, and the next one goes on.
#[test]
fn the_answer_for_a_caller_who_left_marks_nobody() {
    let mut ana = called();
    ana.ends("bruno");
    ana.accepts_as("other", "Camila", "10.0.0.4");
    ana.forget();
    ana.hears("server", "ADDR 10.0.0.9:21500");
    ana.expect(["server > ADDR Camila"]);
}

/// A8: callers who have left are asked about no more, however many they were.
#[test]
fn callers_who_left_keep_nobody_from_being_checked() {
    let mut ana = called();
    for number in 0..70 {
        let label = format!("bogus {number}");
        ana.accepts_as(&label, &format!("Nome {number}"), "10.0.0.66");
        ana.breaks(&label, papo::machine::CloseReason::Asked);
    }
    ana.accepts_as("camila", "Camila", "10.0.0.4");
    ana.forget();
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.expect(["connected: Bruno", "server > ADDR Camila"]);
}

/// A8: who calls often waits behind who calls once.
#[test]
fn one_address_cannot_have_all_checks() {
    let mut ana = called();
    for number in 0..10 {
        let label = format!("bogus {number}");
        ana.accepts_as(&label, &format!("Nome {number}"), "10.0.0.66");
    }
    ana.accepts_as("camila", "Camila", "10.0.0.4");
    ana.forget();
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.expect(["connected: Bruno", "server > ADDR Camila"]);
}

/// The person's own question goes before those about callers.
#[test]
fn the_persons_question_goes_first() {
    let mut ana = called();
    ana.accepts_as("camila", "Camila", "10.0.0.4");
    ana.types("/chat Davi");
    ana.expect([]);
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.expect(["connected: Bruno", "server > ADDR Davi"]);
}

/// P11: who takes the name of somebody already here from elsewhere is somebody else, and marked.
#[test]
fn the_same_name_from_another_address_is_a_second_conversation_and_marked() {
    let mut ana = talking();
    ana.accepts_as("thief", "Bruno", "10.0.0.9");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.expect([
        "server > ADDR Bruno",
        "connected: Bruno:2?",
        "not verified: Bruno:2? from 10.0.0.9",
    ]);
    ana.hears("thief", "Manda a senha");
    ana.types("/peers");
    ana.expect(["Bruno:2? says Manda a senha", "open: *Bruno!, Bruno:2? 1 unread"]);
}

/// P11: they can be told apart on the command line too.
#[test]
fn two_of_the_same_name_are_addressed_by_their_labels() {
    let mut ana = Desk::registered(Rules { verify: false, ..rules() });
    for (label, ip) in [("first", "10.0.0.2"), ("second", "10.0.0.9")] {
        ana.accepts_as(label, "Bruno", ip);
    }
    ana.forget();
    ana.types("/chat Bruno:2");
    ana.types("oi");
    ana.types("/msg Bruno e aí");
    ana.types("/bye Bruno:2");
    ana.wait(50);
    ana.expect([
        "target: Bruno:2",
        "second > oi",
        "first > e aí",
        "sent to: Bruno",
        "ended by us: Bruno:2",
        "second > DISC",
        "second half-closed",
    ]);
}

/// P9: all calls of one person are one conversation as soon as one of them is checked.
#[test]
fn a_check_opens_every_call_of_that_person_and_nobody_elses() {
    let mut ana = Desk::ana();
    for (label, name) in [("bruno", "Bruno"), ("again", "Bruno"), ("camila", "Camila")] {
        ana.accepts(label, "10.0.0.2");
        ana.hears(label, &format!("USER {name}"));
    }
    ana.hears("again", "Oi");
    ana.hears("camila", "Olá");
    ana.hears("server", OWN);
    ana.forget();
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.expect(["connected: Bruno", "Bruno says Oi", "server > ADDR Camila"]);
}

/// Of two callers from one place the one that has waited longest is asked about first.
#[test]
fn callers_are_checked_in_the_order_in_which_they_said_their_names() {
    let mut ana = talking();
    ana.accepts_at_once(&["dora", "camila"], "10.0.0.4");
    ana.types("/chat Zeca");
    ana.hears("camila", "USER Camila");
    ana.wait(10);
    ana.hears("dora", "USER Dora");
    ana.forget();
    ana.hears("server", "ADDR 10.0.0.9:1");
    ana.expect(["dial 10.0.0.9:1", "server > ADDR Camila"]);
}

/// The answer to the fence is our own address, and says nothing of a caller who is at it.
#[test]
fn a_caller_from_our_own_address_is_not_confirmed_by_the_fence() {
    for reply in [OWN, "ADDR Ana:10.0.0.3:20000"] {
        let mut ana = called_from("10.0.0.3");
        ana.wait(300);
        ana.hears("server", reply);
        let shown = ["connected: Bruno:1?", "not verified: Bruno:1? from 10.0.0.3"];
        ana.expect(["server > ADDR Ana", shown[0], shown[1]]);
    }
}

/// A fence whose answer came too late is owed one answer, and not two.
#[test]
fn the_answer_of_an_old_fence_is_skipped_once() {
    let mut ana = called();
    ana.wait(300);
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.hears("server", OWN);
    ana.accepts("camila", "10.0.0.4");
    ana.hears("camila", "USER Camila");
    ana.wait(300);
    ana.forget();
    ana.hears("server", OWN);
    ana.expect(["connected: Camila:2?", "not verified: Camila:2? from 10.0.0.4"]);
}

/// The person has looked for somebody whose call waits for its check, and the server has answered.
#[test]
fn a_conversation_that_is_confirmed_stays_confirmed() {
    let mut ana = Desk::ana();
    ana.accepts("bruno", "10.0.0.2");
    ana.hears("bruno", "USER Bruno");
    ana.wait(1_000);
    ana.types("/chat Bruno");
    ana.hears("server", OWN);
    ana.hears("server", "LIST Bruno");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.forget();
    ana.hears("server", "ADDR 10.0.0.9:21500");
    ana.types("/peers");
    ana.expect(["open: *Bruno:1!"]);
}
