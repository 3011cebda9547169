//! R8: the server is asked about a caller's name. The caller is marked until the name is confirmed,
//! and can talk.

use papo::peer::chat::CHECK_HOLD_MS;
use papo::peer::chat::EARLY_BYTES_MAX;

use super::desk::{BRUNO, Desk, OWN};

/// Ana, called by `Bruno` from 10.0.0.2. The server was asked about the name.
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

/// Ana, talking to Bruno, whom the server has confirmed.
fn talking() -> Desk {
    let mut ana = called();
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.forget();
    ana
}

/// The ports differ, because a call does not come from the port that takes calls.
#[test]
fn a_caller_from_the_registered_address_is_shown_plain() {
    let mut ana = called();
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.hears("bruno", "Oi");
    ana.types("/peers");
    ana.expect(["connected: Bruno", "Bruno says Oi", "open: *Bruno!"]);
}

#[test]
fn a_reply_of_the_other_edition_confirms_as_well() {
    let mut ana = called();
    ana.hears("server", "ADDR Bruno:10.0.0.2:21500");
    ana.hears("bruno", "Oi");
    ana.expect(["connected: Bruno", "Bruno says Oi"]);
}

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

/// I3: the fence is ADDR with our own name.
#[test]
fn a_caller_whose_name_is_not_online_is_marked_without_a_list() {
    let mut ana = called();
    ana.wait(300);
    ana.expect(["server > ADDR Ana"]);
    ana.hears("server", OWN);
    ana.expect(["connected: Bruno:1?", "not verified: Bruno:1? from 10.0.0.2"]);
}

/// The late answer comes, and then the answer to the fence.
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

/// The server does not answer ADDR with our own name.
#[test]
fn a_list_is_the_fence_if_the_server_does_not_answer_for_our_own_name() {
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

/// A8.
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

#[test]
fn texts_of_a_caller_are_held_until_the_server_has_answered() {
    let mut ana = called();
    ana.hears("bruno", "Oi");
    ana.hears("bruno", "Tudo bem?");
    ana.expect([]);
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.expect(["connected: Bruno", "Bruno says Oi", "Bruno says Tudo bem?"]);
    ana.types("/peers");
    ana.expect(["open: *Bruno!"]);
}

/// The caller sends much text, says goodbye, ends its stream or closes before the answer.
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

/// A8.
#[test]
fn without_a_server_callers_are_marked_and_checked_later() {
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

/// The person did not ask for it.
#[test]
fn a_check_that_is_lost_with_the_server_is_not_reported() {
    let mut ana = Desk::ana();
    ana.wait(3_000);
    ana.accepts_as("bruno", "Bruno", "10.0.0.2");
    ana.forget();
    ana.ends("server");
    ana.expect(["server aborted", "offline: 10.0.0.1:10000"]);
}

/// `--no-verify`.
#[test]
fn without_verification_the_server_is_not_asked() {
    let mut ana = Desk::without_checks();
    ana.accepts_as("bruno", "Bruno", "10.0.0.2");
    ana.types("/peers");
    ana.expect(["connected: Bruno", "open: *Bruno"]);
}

/// C16: the caller has registered over loopback.
#[test]
fn a_caller_on_the_servers_host_is_confirmed_by_a_loopback_reply() {
    let mut ana = called_from("10.0.0.1");
    ana.hears("server", "ADDR 127.0.0.1:21500");
    ana.expect(["connected: Bruno"]);
}

/// A10: all addresses of a /64 are one host, and IPv4 and IPv6 cannot be compared.
#[test]
fn the_addresses_of_one_host_count_as_the_same() {
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

/// The server gave the address of the call.
#[test]
fn a_person_whom_we_called_is_not_checked() {
    let mut ana = Desk::ana();
    ana.types("/chat Bruno");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.answers(BRUNO, "bruno");
    ana.forget();
    ana.wait(1_000);
    ana.expect([]);
}

/// A8: and the next check follows.
#[test]
fn the_answer_for_a_caller_who_left_has_no_effect() {
    let mut ana = called();
    ana.ends("bruno");
    ana.accepts_as("other", "Camila", "10.0.0.4");
    ana.forget();
    ana.hears("server", "ADDR 10.0.0.9:21500");
    ana.expect(["server > ADDR Camila"]);
}

/// A8.
#[test]
fn the_server_is_not_asked_about_callers_who_left() {
    let mut ana = called();
    for number in 0..70 {
        let label = format!("bogus {number}");
        ana.accepts_as(&label, &format!("Nome {number}"), "10.0.0.66");
        ana.breaks(&label, papo::machine::CloseReason::Asked);
    }
    ana.accepts_as("camila", "Camila", "10.0.0.4");
    // So many silent calls are not shown any more, and neither is a silent caller.
    ana.hears("bruno", "oi");
    ana.forget();
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.expect(["connected: Bruno", "Bruno says oi", "server > ADDR Camila"]);
}

/// A8.
#[test]
fn a_caller_from_another_address_is_checked_before_many_from_one() {
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

/// P11.
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

/// P11.
#[test]
fn commands_address_two_people_of_one_name_by_their_labels() {
    let mut ana = Desk::without_checks();
    for (label, ip) in [("first", "10.0.0.2"), ("second", "10.0.0.9")] {
        ana.accepts_as(label, "Bruno", ip);
    }
    ana.forget();
    ana.types("/chat Bruno:2");
    ana.types("oi");
    ana.types("/msg \"Bruno\" e aí");
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

/// P9.
#[test]
fn a_check_opens_every_call_of_that_person_and_no_other() {
    let mut ana = Desk::ana();
    for (label, name) in [("bruno", "Bruno"), ("again", "Bruno"), ("camila", "Camila")] {
        ana.accepts_as(label, name, "10.0.0.2");
    }
    ana.hears("again", "Oi");
    ana.hears("camila", "Olá");
    ana.hears("server", OWN);
    ana.forget();
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.expect(["connected: Bruno", "Bruno says Oi", "server > ADDR Camila"]);
}

#[test]
fn callers_from_one_address_are_checked_in_the_order_of_their_names_arrival() {
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

/// The answer to the fence is that address too.
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

#[test]
fn the_answer_to_an_old_fence_is_skipped_once() {
    let mut ana = called();
    ana.wait(300);
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.hears("server", OWN);
    ana.accepts_as("camila", "Camila", "10.0.0.4");
    ana.wait(300);
    ana.forget();
    ana.hears("server", OWN);
    ana.expect(["connected: Camila:2?", "not verified: Camila:2? from 10.0.0.4"]);
}

/// The answer to `/chat` confirms the caller, and the answer to the check comes later.
#[test]
fn a_confirmed_conversation_stays_confirmed() {
    let mut ana = Desk::ana();
    ana.accepts_as("bruno", "Bruno", "10.0.0.2");
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
