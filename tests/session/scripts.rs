//! A script on stdin behaves like a patient person.

use std::time::{Duration, Instant};

use super::person;
use crate::support::stranger::Stranger;
use crate::support::{Process, Server, eventually, quiet_address};

/// Writes all of the script to stdin at once, and closes it.
fn pipe_into(mut process: Process, script: &str) -> (i32, Vec<String>, Vec<String>) {
    process.type_text(script);
    process.end_input();
    process.finish()
}

/// Each line takes effect before the next one is read, and the end of the script is a goodbye.
#[test]
fn a_whole_conversation_can_be_piped_in_at_once() {
    let mut server = Server::start();
    let mut bruno = server.peer("Bruno", &["--no-verify"]);
    let ana = person(&server, Some("Ana"), "en");
    let script = "/list\n/chat Bruno\nOi\nTchau\n/bye\n/list\n/chat Ausente\nnobody\n";
    let (status, screen, _) = pipe_into(ana, script);
    assert_eq!(status, 1, "nobody was there for the last two lines");
    let expected = [
        "Online (besides you): Bruno",
        "Connected to Bruno",
        "Conversation with Bruno ended",
        "Online (besides you): Bruno",
        "Ausente is not online",
        "No active P2P connection",
    ];
    assert_eq!(screen, expected);
    bruno.expect_screen("Ana ended the conversation");
    let heard = ["Connected to Ana", "Ana: Oi", "Ana: Tchau", "Ana ended the conversation"];
    assert_eq!(bruno.screen(), heard);
}

/// The same person can be called again right after a goodbye, which does not end the second
/// conversation.
#[test]
fn a_script_can_say_goodbye_and_call_again() {
    let mut server = Server::start();
    let mut bruno = server.peer("Bruno", &["--no-verify"]);
    let ana = person(&server, Some("Ana"), "en");
    let (status, screen, _) =
        pipe_into(ana, "/chat Bruno\num\n/bye\n/chat Bruno\ndois\n/bye\n/chat Bruno\ntrês\n");
    assert_eq!(status, 0);
    let round = ["Connected to Bruno", "Conversation with Bruno ended"];
    assert_eq!(screen, [round[0], round[1], round[0], round[1], round[0]]);
    bruno.expect_screen("Ana: três");
    bruno.expect_screen("ended the conversation");
    let said = bruno.screen().into_iter().filter(|line| line.starts_with("Ana: "));
    assert_eq!(said.collect::<Vec<_>>(), ["Ana: um", "Ana: dois", "Ana: três"]);
}

/// The first line of a script may be the name.
#[test]
fn the_first_line_of_a_script_may_be_the_name() {
    let mut server = Server::start();
    let ana = person(&server, None, "pt");
    let (status, screen, _) = pipe_into(ana, "Ana Maria\n/list\n");
    assert_eq!(status, 0);
    assert_eq!(screen, ["Nome de usuário: ", "Ativos (além de você): ninguém"]);
    super::expect_join(&mut server, "Ana Maria");
}

/// A megabyte for a slow reader arrives whole and in order, with DISC behind it, although the input
/// has ended long before.
#[test]
fn the_end_of_input_waits_until_all_text_is_delivered() {
    let mut server = Server::start();
    let bruno = Stranger::join(&mut server, "Bruno");
    bruno.take_little();
    let mut ana = server.peer("Ana", &["--no-verify", "--pace", "0"]);
    let writer = std::thread::Builder::new().spawn(move || {
        ana.type_text("/chat Bruno\n");
        for number in 0..10_000 {
            ana.type_text(&format!("{number:06} {}\n", "x".repeat(98)));
        }
        ana.end_input();
        ana.finish()
    });
    let mut call = bruno.accept_from("Ana");
    let mut unread = [0; 8 * 1024];
    eventually("much of it waits", || {
        call.stream.peek(&mut unread).is_ok_and(|count| count == unread.len())
    });
    for number in 0..10_000 {
        assert!(call.line().starts_with(&format!("{number:06} ")));
    }
    assert_eq!(call.line(), "DISC");
    drop(call);
    let (status, screen, _) = writer.expect("a thread").join().expect("no panic");
    assert_eq!((status, screen), (0, vec!["Connected to Bruno".to_string()]));
}

/// A file from an editor of Windows begins with a byte order mark.
#[test]
fn a_mark_at_the_beginning_of_the_input_is_no_text() {
    let server = Server::start();
    let ana = person(&server, Some("Ana"), "en");
    let (status, screen, _) = pipe_into(ana, "\u{feff}/list\n");
    assert_eq!((status, screen), (0, vec!["Online (besides you): nobody".to_string()]));
}

/// P21: the other side reads nothing of half a megabyte and then resets. The peer must say that
/// text is lost, although most of it was in the kernel.
#[test]
fn lines_that_nobody_read_before_a_reset_are_told() {
    let mut server = Server::start();
    let bruno = Stranger::join(&mut server, "Bruno");
    bruno.take_little();
    let mut ana = server.peer("Ana", &["--no-verify", "--trace", "--pace", "0"]);
    ana.type_text("/chat Bruno\n");
    let call = bruno.accept_from("Ana");
    for _ in 0..500 {
        ana.type_text(&format!("{}\n", "x".repeat(1_000)));
    }
    let (mut sent, mut looks) = (0, 0);
    eventually("nothing more is sent", || {
        let before = std::mem::replace(&mut sent, ana.log().len());
        looks = if sent > 2 && sent == before { looks + 1 } else { 0 };
        looks == 50
    });
    call.reset();
    ana.expect_screen("may not have arrived");
}

/// The call of a script breaks: the script goes on at once with its next line, and not when the
/// next KEEP wakes the loop. Text of four pieces keeps the script waiting until the call breaks.
#[test]
fn a_script_goes_on_at_once_when_its_call_breaks() {
    const PACE: Duration = Duration::from_secs(10);
    let mut server = Server::start_with(&["--keepalive", "60"]);
    let bruno = Stranger::join(&mut server, "Bruno");
    let text = "x".repeat(4_000);
    for _ in 0..5 {
        let start = Instant::now();
        let options = ["--no-verify", "--keepalive", "60", "--pace", "10000"];
        let mut ana = server.peer("Ana", &options);
        ana.type_text(&format!("/chat Bruno\n{text}\n/peers\n/exit\n"));
        bruno.accept().reset();
        let (status, screen, _) = ana.finish();
        assert_eq!(status, 1, "a partner was lost");
        assert!(screen.iter().any(|line| line == "No open conversations."), "{screen:?}");
        assert!(start.elapsed() < PACE, "the next piece has woken the loop");
        server.process.expect_log("event=leave name=\"Ana\"");
    }
}

/// `--stay`: after the end of its input the peer stays, and receives until a signal stops it.
#[test]
fn a_peer_that_stays_receives_after_the_end_of_its_input() {
    let mut server = Server::start();
    let mut bruno = server.peer("Bruno", &["--stay", "--no-verify"]);
    bruno.end_input();
    let ana = person(&server, Some("Ana"), "en");
    assert_eq!(pipe_into(ana, "/chat Bruno\nOi\n").0, 0);
    bruno.expect_screen("Ana: Oi");
    bruno.expect_screen("ended the conversation");
    bruno.signal("TERM");
    assert_eq!(bruno.wait(), 0);
}

/// A service manager may start the peer before the server, and does not start it again.
#[test]
fn a_peer_that_stays_waits_for_a_server_that_comes_later() {
    let address = quiet_address();
    let to = address.to_string();
    let mut bruno = Process::start(&["peer", "Bruno", "--server", &to, "--lang", "en", "--stay"]);
    bruno.end_input();
    bruno.expect_screen(&format!("No server at {to} (connection refused). Start one"));
    let mut server = Server::start_at(address, &[]);
    server.process.expect_log("event=join name=\"Bruno\"");
    bruno.expect_screen("Back online");
    bruno.signal("TERM");
    assert_eq!(bruno.wait(), 0);
}
