//! Calls to others, calls that cross, and goodbyes that arrive.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::{A_WHILE, address_of, ana, call, call_narrow, count_on_screen, listen, request};
use crate::support::{PATIENCE, Process, Raw, Server, eventually, proc};

/// P33, R9: Bruno's call comes in while Ana's call is under way.
#[test]
fn two_calls_that_cross_are_one_conversation() {
    let listener = listen();
    let (mut peer, mut server, address) = ana(&[]);
    peer.type_text("/chat Bruno\n");
    assert_eq!(request(&mut server), "ADDR Bruno");
    server.send(&format!("ADDR {}\r\n", address_of(&listener)));
    let mut ours = Raw::accept(&listener);
    let mut theirs = call(address, "Bruno");
    assert_eq!(ours.line(), "USER Ana");
    peer.expect_screen("Connected to Bruno");

    peer.type_text("Oi\n");
    assert_eq!(ours.line(), "Oi", "sent on the connection with which the conversation began");
    theirs.send("on theirs\r\n");
    assert_eq!(peer.expect_screen("Bruno: "), "Bruno: on theirs");
    ours.send("on ours\r\n");
    assert_eq!(peer.expect_screen("Bruno: "), "Bruno: on ours");
    peer.type_text("/bye\n");
    assert_eq!(ours.line(), "DISC");
    assert_eq!(theirs.line(), "DISC", "nothing else was sent there");
    assert_eq!(count_on_screen(&mut peer, "Connected to Bruno"), 1);
}

/// The conversation ends when both connections have ended.
#[test]
fn of_two_crossed_connections_one_is_enough() {
    let listener = listen();
    let (mut peer, mut server, address) = ana(&[]);
    peer.type_text("/chat Bruno\n");
    assert_eq!(request(&mut server), "ADDR Bruno");
    server.send(&format!("ADDR {}\r\n", address_of(&listener)));
    let mut newer = Raw::accept(&listener);
    let mut older = call(address, "Bruno");
    assert_eq!(newer.line(), "USER Ana");
    peer.expect_screen("Connected to Bruno");
    older.send("Alô\r\n");
    peer.expect_screen("Bruno: Alô");
    // Both connections are open now.
    let before = proc::descriptors(peer.id()).len();
    drop(older);
    eventually("the end is seen", || proc::descriptors(peer.id()).len() < before);
    newer.send("Oi\r\n");
    peer.expect_screen("Bruno: Oi");
    peer.type_text("Ainda aí?\n");
    assert_eq!(newer.line(), "Ainda aí?");
    newer.send("DISC\r\n");
    peer.expect_screen("Bruno ended the conversation");
}

/// The same between two real peers, often enough that some calls cross.
#[test]
fn two_peers_that_call_each_other_at_once_have_one_conversation() {
    let mut server = Server::start();
    let mut ana = server.peer("Ana", &[]);
    let mut bruno = server.peer("Bruno", &[]);
    for round in 1..=10 {
        ana.type_text("/chat Bruno\n");
        bruno.type_text("/chat Ana\n");
        ana.expect_screen("Connected to Bruno");
        bruno.expect_screen("Connected to Ana");
        ana.type_text(&format!("to Bruno {round}\n"));
        bruno.expect_screen(&format!("Ana: to Bruno {round}"));
        bruno.type_text(&format!("to Ana {round}\n"));
        ana.expect_screen(&format!("Bruno: to Ana {round}"));
        ana.type_text("/bye\n");
        bruno.expect_screen("Ana ended the conversation");
        assert_met_once(&mut bruno, "Ana", round);
        assert_met_once(&mut ana, "Bruno", round);
    }
}

/// Each round has one conversation, and each line has come once.
#[track_caller]
fn assert_met_once(peer: &mut Process, other: &str, round: usize) {
    assert_eq!(count_on_screen(peer, &format!("Connected to {other}")), round);
    let said = format!("{other}: to ");
    let heard = peer.screen().iter().filter(|line| line.starts_with(&said)).count();
    assert_eq!(heard, round, "{:?}", peer.screen());
}

/// P13, P19.
#[test]
fn text_of_the_partner_after_our_disc_is_still_shown() {
    let (mut peer, _server, address) = ana(&[]);
    let mut bruno = call(address, "Bruno");
    peer.expect_screen("Connected to Bruno");
    peer.type_text("Tchau\n/bye\n");
    assert_eq!(bruno.line(), "Tchau");
    assert_eq!(bruno.line(), "DISC");
    bruno.send("wait, one more thing\r\n");
    peer.expect_screen("Bruno: wait, one more thing");
    assert_eq!(bruno.line_or_end(), None);
}

/// A close with unread input would send a reset, which destroys text under way. So all text and DISC
/// must arrive, although the other side sends all the time and reads only later.
#[test]
fn a_goodbye_arrives_although_the_other_side_sends_all_the_time() {
    let (mut peer, _server, address) = ana(&[]);
    let mut bruno = call_narrow(address, "Bruno");
    peer.expect_screen("Connected to Bruno");
    let (start, is_over) = (Instant::now(), AtomicBool::new(false));
    let mut speaking = bruno.stream.try_clone().expect("a second handle");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let speech = "and another thing\r\n".repeat(100);
            while !is_over.load(Ordering::Relaxed) && start.elapsed() < PATIENCE {
                let _ = speaking.write_all(speech.as_bytes());
            }
        });
        peer.expect_screen("Bruno: and another thing");
        let lines: Vec<String> = (0..50).map(|number| format!("{number:>1000}")).collect();
        peer.type_text(&format!("{}\n/bye\n", lines.join("\n")));
        // Time in which a goodbye that does not wait would do its harm.
        std::thread::park_timeout(2 * A_WHILE);
        let heard: Vec<String> = (0..50).map(|_| bruno.line()).collect();
        let goodbye = bruno.line();
        is_over.store(true, Ordering::Relaxed);
        assert!(heard == lines, "{heard:?}");
        assert_eq!(goodbye, "DISC");
    });
}

/// The 2026 edition has no DISC: the end of the stream is the goodbye.
#[test]
fn edition_2026_leaves_without_disc() {
    let (mut peer, _server, address) = ana(&["--edition", "2026"]);
    let mut bruno = call(address, "Bruno");
    peer.expect_screen("Connected to Bruno");
    peer.type_text("Tchau\n/bye\n");
    assert_eq!(bruno.line(), "Tchau");
    assert_eq!(bruno.line_or_end(), None);
}

#[test]
fn a_call_sends_user_and_nothing_more_until_a_line_is_typed() {
    let listener = listen();
    let (mut peer, mut server, _) = ana(&[]);
    peer.type_text("/chat Bruno\n");
    assert_eq!(request(&mut server), "ADDR Bruno");
    server.send(&format!("ADDR {}\r\n", address_of(&listener)));
    let mut bruno = Raw::accept(&listener);
    assert_eq!(bruno.line(), "USER Ana");
    assert!(bruno.is_silent_for(A_WHILE));
}

/// R8: the server confirms Bruno's address, and not Eva's.
#[test]
fn a_name_that_the_server_does_not_confirm_is_marked() {
    let mut server = Server::start();
    let mut ana = server.peer("Ana", &[]);
    let _bruno = server.join("Bruno", 1);
    server.process.expect_log("event=join name=\"Bruno\"");
    let address = server.address_of("Ana");
    let mut bruno = call(address, "Bruno");
    ana.expect_screen("Connected to Bruno");
    let mut eva = call(address, "Eva");
    ana.expect_screen("does not confirm the name of Eva:2");
    eva.send("Oi\r\n");
    assert_eq!(ana.expect_screen("Oi"), "Eva:2 (not verified): Oi");
    bruno.send("Tudo bem?\r\n");
    assert_eq!(ana.expect_screen("Tudo"), "Bruno: Tudo bem?");
}
