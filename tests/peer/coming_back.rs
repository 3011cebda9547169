//! The connection to the server is lost, and the peer registers again. Conversations go on.

use std::io::ErrorKind;

use papo::peer::Rules;

use super::desk::{DIAL, Desk, RESET, SERVER, rules};

/// A peer whose server closed after a minute.
fn offline() -> Desk {
    let mut ana = Desk::ana();
    ana.wait(60_000);
    ana.forget();
    ana.ends("server");
    ana.expect(["server aborted", "offline: 10.0.0.1:10000"]);
    ana
}

/// A peer whose connection to the server was reset after a minute. The server may still have the
/// old one.
fn cut_off() -> Desk {
    let mut ana = Desk::ana();
    ana.wait(60_000);
    ana.forget();
    ana.breaks("server", RESET);
    ana.expect(["offline: 10.0.0.1:10000"]);
    ana
}

/// C23, R13.
#[test]
fn the_peer_registers_again_with_the_same_name_and_port() {
    let mut ana = offline();
    ana.wait(375);
    ana.answers(SERVER, "server");
    ana.expect(["dial 10.0.0.1:10000", "server > USER Ana:20000"]);
    ana.wait(250);
    ana.expect(["BackOnline"]);
    ana.wait(4_750);
    ana.expect(["server > KEEP"]);
}

/// C21: the computer slept for a minute.
#[test]
fn a_peer_that_was_stopped_is_registered_again_within_two_seconds() {
    let mut ana = Desk::ana();
    ana.freeze(60_000);
    ana.breaks("server", RESET);
    let woken = ana.now;
    ana.forget();
    ana.wait(375);
    ana.answers(SERVER, "server");
    ana.wait(250);
    ana.expect(["dial 10.0.0.1:10000", "server > USER Ana:20000", "BackOnline"]);
    assert!(ana.now.since(woken) <= 2_000);
}

/// C22: in both directions.
#[test]
fn a_conversation_goes_on_without_the_server() {
    let mut ana = Desk::ana();
    ana.is_called_by("bruno", "Bruno", "10.0.0.2");
    ana.wait(60_000);
    ana.forget();
    ana.ends("server");
    ana.types("Ainda aí?");
    ana.hears("bruno", "Sim!");
    ana.expect([
        "server aborted",
        "offline: 10.0.0.1:10000",
        "bruno > Ainda aí?",
        "Bruno says Sim!",
    ]);
}

/// C22: not at every attempt.
#[test]
fn offline_is_reported_once_for_each_absence() {
    let mut ana = offline();
    for _ in 0..5 {
        ana.wait_for(DIAL);
        ana.refuses(SERVER, ErrorKind::ConnectionRefused);
        ana.expect(["dial 10.0.0.1:10000"]);
    }
    ana.wait_for(DIAL);
    ana.answers(SERVER, "server");
    ana.wait(3_000);
    ana.forget();
    ana.ends("server");
    ana.expect(["server aborted", "offline: 10.0.0.1:10000"]);
}

/// C3, C22: and they are not carried out later.
#[test]
fn commands_that_need_the_server_fail_at_once_without_one() {
    let mut ana = offline();
    ana.types("/list");
    ana.types("/chat Bruno");
    ana.types("/msg \"Bruno\" oi");
    ana.expect(["NeedsServer", "NeedsServer", "NeedsServer"]);
    ana.wait(375);
    ana.answers(SERVER, "server");
    ana.wait(250);
    ana.expect(["dial 10.0.0.1:10000", "server > USER Ana:20000", "BackOnline"]);
}

/// C22.
#[test]
fn a_question_that_is_lost_with_the_server_is_reported() {
    let mut ana = Desk::ana();
    ana.wait(3_000);
    ana.types("/chat Bruno");
    ana.ends("server");
    ana.expect(["server > ADDR Bruno", "server aborted", "offline: 10.0.0.1:10000", "NeedsServer"]);
    assert!(!ana.has_waiting_lines());
}

/// C18, C23.
#[test]
fn answers_to_old_questions_are_not_expected_on_a_new_connection() {
    let mut ana = Desk::ana();
    ana.wait(3_000);
    ana.types("/chat Bruno");
    ana.wait(300);
    ana.ends("server");
    ana.wait(375);
    ana.answers(SERVER, "server");
    ana.wait(250);
    ana.forget();
    ana.types("/list");
    ana.hears("server", "LIST Camila");
    ana.expect(["server > LIST", "online: Camila"]);
}

/// C4: our own earlier connection most likely still has the name.
#[test]
fn a_refused_name_that_we_had_is_tried_again_every_two_seconds() {
    let mut ana = cut_off();
    ana.wait(375);
    for _ in 0..7 {
        ana.answers(SERVER, "server");
        ana.ends("server");
        ana.expect(["dial 10.0.0.1:10000", "server > USER Ana:20000", "server aborted"]);
        ana.wait(1_999);
        ana.expect([]);
        ana.wait(1);
    }
    ana.answers(SERVER, "server");
    ana.wait(250);
    ana.expect(["dial 10.0.0.1:10000", "server > USER Ana:20000", "BackOnline"]);
}

/// R13.
#[test]
fn conversations_go_on_after_a_refused_return() {
    let mut ana = Desk::ana();
    ana.is_called_by("bruno", "Bruno", "10.0.0.2");
    ana.wait(60_000);
    ana.ends("server");
    ana.wait(375);
    ana.answers(SERVER, "server");
    ana.ends("server");
    ana.forget();
    ana.types("oi");
    ana.expect(["bruno > oi"]);
}

/// C3.
#[test]
fn the_pause_is_short_again_after_a_connection_that_held() {
    let mut ana = offline();
    for _ in 0..6 {
        ana.wait_for(DIAL);
        ana.refuses(SERVER, ErrorKind::ConnectionRefused);
    }
    ana.wait_for(DIAL);
    ana.answers(SERVER, "server");
    ana.wait(10_000);
    ana.forget();
    ana.ends("server");
    ana.wait(375);
    ana.expect(["server aborted", "offline: 10.0.0.1:10000", "dial 10.0.0.1:10000"]);
}

/// C3: the server takes the name and closes soon after.
#[test]
fn the_pause_grows_while_no_connection_holds() {
    let mut ana = offline();
    let mut last = ana.now;
    for attempt in 0..10 {
        ana.wait_for(DIAL);
        let pause = ana.now.since(last);
        assert!(attempt < 6 || pause >= 2_500, "{attempt}: again after {pause} ms");
        ana.answers(SERVER, "server");
        ana.types("/list");
        ana.hears("server", "LIST ");
        ana.ends("server");
        last = ana.now;
    }
}

/// R14 is for the start only.
#[test]
fn a_script_that_was_registered_waits_for_the_server() {
    let mut ana = Desk::registered(Rules { scripted: true, ..rules() });
    ana.wait(60_000);
    ana.ends("server");
    for _ in 0..8 {
        ana.wait_for(DIAL);
        ana.refuses(SERVER, ErrorKind::ConnectionRefused);
    }
    assert!(!ana.has_exited());
}

/// Tries again until the name is lost. Returns how often the server refused it, and the log of the
/// last time.
fn lose_the_name(ana: &mut Desk) -> (usize, Vec<String>) {
    for refused in 1..20 {
        ana.wait_for(DIAL);
        ana.answers(SERVER, "server");
        ana.forget();
        ana.ends("server");
        let shown = ana.look();
        if shown.contains(&"lost the name Ana".to_string()) {
            return (refused, shown);
        }
    }
    panic!("the name is never lost");
}

fn cut_off_with(rules: Rules, has_conversation: bool) -> Desk {
    let mut ana = Desk::registered(rules);
    if has_conversation {
        ana.is_called_by("bruno", "Bruno", "10.0.0.2");
    }
    ana.wait(60_000);
    ana.breaks("server", RESET);
    ana
}

/// C4: the first refusal and ten more, two seconds apart.
#[test]
fn a_name_that_is_refused_for_twenty_seconds_is_lost() {
    let (refused, shown) = lose_the_name(&mut cut_off_with(rules(), false));
    assert_eq!(refused, 11);
    assert_eq!(shown, ["server aborted", "lost the name Ana", "AskName"]);
}

/// A line for a conversation would be taken for a name, and a script cannot answer.
#[test]
fn no_name_is_asked_for_during_a_conversation_or_in_a_script() {
    let service = Rules { scripted: true, stays: true, ..rules() };
    for (rules, has_conversation) in [(rules(), true), (service, false)] {
        let (_, shown) = lose_the_name(&mut cut_off_with(rules, has_conversation));
        assert_eq!(shown, ["server aborted", "lost the name Ana"]);
    }
}
