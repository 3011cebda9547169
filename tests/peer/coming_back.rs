//! The server goes away and comes back. Conversations go on.

use std::io::ErrorKind;

use papo::machine::CloseReason;
use papo::peer::Rules;

use super::desk::{DIAL, Desk, SERVER, rules};

/// A peer whose server went away after a minute.
fn offline() -> Desk {
    let mut ana = Desk::ana();
    ana.wait(60_000);
    ana.forget();
    ana.ends("server");
    ana.expect(["server aborted", "offline: 10.0.0.1:10000"]);
    ana
}

/// A peer whose line to the server broke after a minute: a server may not know that yet.
fn cut_off() -> Desk {
    let mut ana = Desk::ana();
    ana.wait(60_000);
    ana.forget();
    ana.breaks("server", CloseReason::Failed(ErrorKind::ConnectionReset));
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

/// C21: after a minute asleep, with the connection closed behind our back.
#[test]
fn a_peer_that_was_stopped_is_back_within_two_seconds() {
    let mut ana = Desk::ana();
    ana.freeze(60_000);
    ana.breaks("server", CloseReason::Failed(ErrorKind::ConnectionReset));
    let woken = ana.now;
    ana.forget();
    ana.wait(375);
    ana.answers(SERVER, "server");
    ana.wait(250);
    ana.expect(["dial 10.0.0.1:10000", "server > USER Ana:20000", "BackOnline"]);
    assert!(ana.now.since(woken) <= 2_000);
}

/// C22: nothing is lost, in either direction, while the server is away.
#[test]
fn a_conversation_outlives_the_server() {
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

/// C22: told once, not with every attempt; and again the next time.
#[test]
fn offline_is_told_once_for_each_absence() {
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

/// C3, C22: what needs the server says so at once, and sends nothing later.
#[test]
fn without_a_server_list_and_chat_say_so() {
    let mut ana = offline();
    ana.types("/list");
    ana.types("/chat Bruno");
    ana.types("/msg Bruno oi");
    ana.expect(["NeedsServer", "NeedsServer", "NeedsServer"]);
    ana.wait(375);
    ana.answers(SERVER, "server");
    ana.wait(250);
    ana.expect(["dial 10.0.0.1:10000", "server > USER Ana:20000", "BackOnline"]);
}

/// C22: a question that was under way is not left hanging.
#[test]
fn a_question_that_the_lost_server_leaves_open_is_told() {
    let mut ana = Desk::ana();
    ana.wait(3_000);
    ana.types("/chat Bruno");
    ana.ends("server");
    ana.expect(["server > ADDR Bruno", "server aborted", "offline: 10.0.0.1:10000", "NeedsServer"]);
    assert!(!ana.is_patient());
}

/// C18, C23: answers to questions of the old connection are not expected on the new one.
#[test]
fn a_new_connection_owes_no_answers_of_the_old_one() {
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

/// C4: whoever holds the name now is most likely our own earlier connection.
#[test]
fn a_refusal_of_a_name_that_was_ours_is_tried_again_every_two_seconds() {
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

/// C4: "each 2 s for 20 s first". A ghost is gone after 15 s; who still has the name then is
/// somebody else, and to wait longer would be in vain.
#[test]
fn a_name_that_is_refused_for_twenty_seconds_is_somebody_elses() {
    let mut ana = cut_off();
    ana.wait(375);
    let start = ana.now;
    loop {
        ana.answers(SERVER, "server");
        ana.ends("server");
        if ana.look().contains(&"lost the name Ana".to_string()) {
            break;
        }
        assert!(ana.now.since(start) < 24_000, "the person is never told");
        ana.wait(2_000);
    }
    assert!(ana.now.since(start) >= 20_000, "a ghost may live for 15 s");
    ana.types("Ana Maria");
    ana.answers(SERVER, "server");
    ana.expect(["dial 10.0.0.1:10000", "server > USER Ana Maria:20000"]);
}

/// R13: after a refusal on a return the conversations go on as well.
#[test]
fn a_refused_return_touches_no_conversation() {
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

/// C3: the pause begins short again after every connection that held.
#[test]
fn the_pause_is_short_again_after_a_time_online() {
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

/// C3: a server that lets everybody in and throws them out again holds nobody.
#[test]
fn the_pause_grows_where_no_connection_holds() {
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

/// R14 is for starting only: a script that was online waits like everybody.
#[test]
fn a_script_that_was_online_is_not_ended_by_an_absence_of_the_server() {
    let mut ana = Desk::registered(Rules { scripted: true, ..rules() });
    ana.wait(60_000);
    ana.ends("server");
    for _ in 0..8 {
        ana.wait_for(DIAL);
        ana.refuses(SERVER, ErrorKind::ConnectionRefused);
    }
    assert!(!ana.has_exited());
}

/// Tries to come back until the name is lost. Gives how often the server refused it, and what was
/// shown then.
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
    ana.breaks("server", CloseReason::Failed(ErrorKind::ConnectionReset));
    ana
}

/// C4: the first refusal and ten more, two seconds apart, are twenty seconds.
#[test]
fn a_ghost_is_waited_for_for_twenty_seconds_and_no_longer() {
    let (refused, shown) = lose_the_name(&mut cut_off_with(rules(), false));
    assert_eq!(refused, 11);
    assert_eq!(shown, ["server aborted", "lost the name Ana", "AskName"]);
}

/// A line for a conversation would be taken for a name, and a script types none.
#[test]
fn nobody_is_asked_for_a_name_in_the_middle_of_something() {
    let service = Rules { scripted: true, stays: true, ..rules() };
    for (rules, has_conversation) in [(rules(), true), (service, false)] {
        let (_, shown) = lose_the_name(&mut cut_off_with(rules, has_conversation));
        assert_eq!(shown, ["server aborted", "lost the name Ana"]);
    }
}
