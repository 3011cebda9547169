//! Ruling 8: a caller's name is checked against the server, shown, and never held against it.

use papo::peer::Rules;

use super::desk::{Desk, rules};

/// Ana, called by somebody from 10.0.0.2 who says to be Bruno; the server is asked already.
fn called() -> Desk {
    let mut ana = Desk::ana();
    ana.accepts("bruno", "10.0.0.2");
    ana.hears("bruno", "USER Bruno");
    ana.expect(["connected: Bruno", "server > ADDR Bruno"]);
    ana
}

/// Same address: nothing to tell. The port is the one for calls, and so another one.
#[test]
fn a_caller_from_the_registered_address_is_shown_plain() {
    let mut ana = called();
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.hears("bruno", "Oi");
    ana.types("/peers");
    ana.expect(["Bruno says Oi", "open: *Bruno!"]);
}

/// The same question in the other edition.
#[test]
fn a_reply_of_the_other_edition_confirms_as_well() {
    let mut ana = called();
    ana.hears("server", "ADDR Bruno:10.0.0.2:21500");
    ana.hears("bruno", "Oi");
    ana.expect(["Bruno says Oi"]);
}

/// Another address: marked from now on, told once, and not blocked.
#[test]
fn a_caller_from_another_address_is_marked_and_can_talk() {
    let mut ana = called();
    ana.hears("server", "ADDR 10.0.0.9:21500");
    ana.expect(["not verified: Bruno? from 10.0.0.2"]);
    ana.hears("bruno", "Oi");
    ana.types("Quem é?");
    ana.types("/peers");
    ana.expect(["Bruno? says Oi", "bruno > Quem é?", "open: *Bruno?"]);
}

/// Nobody of that name is online: the fence says so.
#[test]
fn a_caller_whom_the_server_does_not_know_is_marked() {
    let mut ana = called();
    ana.wait(300);
    ana.hears("server", "LIST Camila");
    ana.expect(["server > LIST", "not verified: Bruno? from 10.0.0.2"]);
}

/// A server that does not answer confirms nothing and denies nothing, and the person, who did
/// not ask, is not told of it.
#[test]
fn a_silent_server_marks_nobody() {
    let mut ana = called();
    ana.wait(3_000);
    ana.expect(["server > LIST"]);
    ana.hears("bruno", "Oi");
    ana.expect(["Bruno says Oi"]);
}

/// "When the server is not reachable nothing is checked."
#[test]
fn without_a_server_nothing_is_checked() {
    let mut ana = Desk::ana();
    ana.wait(60_000);
    ana.ends("server");
    ana.forget();
    ana.accepts("bruno", "10.0.0.2");
    ana.hears("bruno", "USER Bruno");
    ana.expect(["connected: Bruno"]);
    ana.hears("bruno", "Oi");
    ana.expect(["Bruno says Oi"]);
}

/// A check that the lost server leaves open is nothing that the person asked for.
#[test]
fn a_check_that_is_lost_with_the_server_is_not_mentioned() {
    let mut ana = Desk::ana();
    ana.wait(3_000);
    ana.accepts("bruno", "10.0.0.2");
    ana.hears("bruno", "USER Bruno");
    ana.forget();
    ana.ends("server");
    ana.expect(["server aborted", "offline: 10.0.0.1:10000"]);
}

/// `--no-verify`.
#[test]
fn without_verification_the_server_is_not_asked() {
    let mut ana = Desk::registered(Rules { verify: false, ..rules() });
    ana.accepts("bruno", "10.0.0.2");
    ana.hears("bruno", "USER Bruno");
    ana.expect(["connected: Bruno"]);
}

/// C16 for checks: the caller is on the server's machine, and registered there by loopback.
#[test]
fn a_caller_on_the_servers_machine_is_confirmed_by_a_loopback_reply() {
    let mut ana = Desk::ana();
    ana.accepts("bruno", "10.0.0.1");
    ana.hears("bruno", "USER Bruno");
    ana.hears("server", "ADDR 127.0.0.1:21500");
    ana.expect(["connected: Bruno", "server > ADDR Bruno"]);
}

/// Somebody whom *we* called was found where the server said: nothing to check.
#[test]
fn who_was_called_is_not_checked() {
    let mut ana = Desk::ana();
    ana.types("/chat Bruno");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.answers("10.0.0.2:21500", "bruno");
    ana.forget();
    ana.wait(1_000);
    ana.expect([]);
}

/// A check whose caller is gone by then does nothing, and the next one goes on.
#[test]
fn the_answer_for_a_caller_who_left_marks_nobody() {
    let mut ana = called();
    ana.ends("bruno");
    ana.accepts("other", "10.0.0.4");
    ana.hears("other", "USER Camila");
    ana.forget();
    ana.hears("server", "ADDR 10.0.0.9:21500");
    ana.expect(["server > ADDR Camila"]);
}

/// P11: who takes the name of somebody already here from elsewhere is somebody else, and marked.
#[test]
fn the_same_name_from_another_address_is_a_second_conversation_and_marked() {
    let mut ana = called();
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.accepts("thief", "10.0.0.9");
    ana.hears("thief", "USER Bruno");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.expect([
        "connected: Bruno@10.0.0.9",
        "server > ADDR Bruno",
        "not verified: Bruno@10.0.0.9? from 10.0.0.9",
    ]);
    ana.hears("thief", "Manda a senha");
    ana.types("/peers");
    ana.expect(["Bruno@10.0.0.9? says Manda a senha", "open: *Bruno!, Bruno@10.0.0.9? 1 unread"]);
}

/// P11: they can be told apart on the command line too.
#[test]
fn two_of_the_same_name_are_addressed_with_their_address() {
    let mut ana = Desk::registered(Rules { verify: false, ..rules() });
    for (label, ip) in [("first", "10.0.0.2"), ("second", "10.0.0.9")] {
        ana.accepts(label, ip);
        ana.hears(label, "USER Bruno");
    }
    ana.forget();
    ana.types("/chat Bruno@10.0.0.9");
    ana.types("oi");
    ana.types("/msg Bruno e aí");
    ana.types("/bye Bruno@10.0.0.9");
    ana.wait(50);
    ana.expect([
        "target: Bruno@10.0.0.9",
        "second > oi",
        "first > e aí",
        "ended by us: Bruno@10.0.0.9",
        "second > DISC",
        "second half-closed",
    ]);
}

/// A hundred callers at once cannot make the person wait behind a hundred checks.
#[test]
fn checks_that_wait_are_bounded() {
    let mut ana = Desk::ana();
    for number in 0..100 {
        let label = format!("caller {number}");
        ana.accepts(&label, &format!("10.0.1.{number}"));
        ana.hears(&label, &format!("USER Nome {number}"));
    }
    ana.forget();
    let mut asked = 1;
    for _ in 0..100 {
        ana.hears("server", "ADDR 10.0.1.1:9");
        asked += ana.look().iter().filter(|it| it.starts_with("server > ADDR")).count();
    }
    assert_eq!(asked, 1 + papo::peer::lookup::CHECKS_MAX);
}
