//! `papo send`: the exit status says whether the text arrived.

use super::support::stranger::Stranger;
use super::support::{Process, Server, quiet_address};

fn send(server: &str, arguments: &[&str]) -> (i32, Vec<String>, Vec<String>) {
    let all = [&["send", "--server", server, "--lang", "en"], arguments].concat();
    Process::start(&all).finish()
}

#[test]
fn what_was_delivered_and_answered_ends_with_0_and_says_nothing() {
    let mut server = Server::start();
    let mut bruno = server.peer("Bruno", &["--no-verify"]);
    let address = server.address.to_string();
    let result = send(&address, &["Bruno", "um\n/exit\n//dois", "--from", "Ana Maria"]);
    assert_eq!(result, (0, Vec::new(), Vec::new()));
    bruno.expect_screen("ended the conversation");
    let heard = [
        "Connected to Ana Maria",
        "Ana Maria: um",
        "Ana Maria: /exit",
        "Ana Maria: //dois",
        "Ana Maria ended the conversation",
    ];
    assert_eq!(bruno.screen(), heard);
}

/// E1: a line end within the text makes lines of it, and none of them is protocol.
#[test]
fn a_carriage_return_within_the_text_ends_a_line() {
    let mut server = Server::start();
    let mut bruno = server.peer("Bruno", &["--no-verify"]);
    let address = server.address.to_string();
    let result = send(&address, &["Bruno", "10 %\rDISC\rresto", "--from", "Ana"]);
    let why =
        "papo: Not sent: the other side would take \"DISC\" for an instruction of the protocol.";
    assert_eq!(result, (1, Vec::new(), vec![why.to_string()]));
    let result = send(&address, &["Bruno", "um\rdois", "--from", "Camila"]);
    assert_eq!(result, (0, Vec::new(), Vec::new()));
    bruno.expect_screen("Camila ended the conversation");
    let screen = bruno.screen();
    assert!(screen.contains(&"Camila: dois".to_string()), "{screen:?}");
    assert!(!screen.iter().any(|line| line.starts_with("Ana:")), "{screen:?}");
}

#[test]
fn who_is_not_online_is_not_sent_anything() {
    let server = Server::start();
    let address = server.address.to_string();
    let (status, screen, log) = send(&address, &["Bruno", "oi", "--from", "Ana"]);
    assert_eq!((status, screen), (1, Vec::new()));
    assert_eq!(log, ["papo: Bruno is not online"]);
}

/// Somebody who takes the text and never closes: it may not have arrived.
#[test]
fn a_goodbye_that_nobody_answers_ends_with_1() {
    let mut server = Server::start();
    let bruno = Stranger::join(&mut server, "Bruno");
    let address = server.address.to_string();
    let arguments = ["send", "Bruno", "oi", "--from", "Ana", "--lang", "en", "--server", &address];
    let mut sending = Process::start(&arguments);
    let mut call = bruno.accept_from("Ana");
    assert_eq!([call.line(), call.line()], ["oi", "DISC"]);
    assert_eq!(sending.wait(), 1);
    sending.expect_log("papo: Bruno did not answer the goodbye");
}

/// Somebody who breaks off instead.
#[test]
fn a_reset_ends_with_1() {
    let mut server = Server::start();
    let bruno = Stranger::join(&mut server, "Bruno");
    let address = server.address.to_string();
    let arguments = ["send", "Bruno", "oi", "--from", "Ana", "--server", &address];
    let mut sending = Process::start(&arguments);
    let mut call = bruno.accept_from("Ana");
    assert_eq!(call.line(), "oi");
    call.reset();
    assert_eq!(sending.wait(), 1);
}

#[test]
fn it_takes_no_longer_than_it_may() {
    let mut server = Server::start();
    // Nobody takes calls at this port: the kernel does, and there is no goodbye.
    let _bruno = Stranger::join(&mut server, "Bruno");
    let address = server.address.to_string();
    let arguments = ["Bruno", "oi", "--from", "Ana", "--timeout", "0.1"];
    let (status, _, log) = send(&address, &arguments);
    assert_eq!(status, 1);
    assert_eq!(log, ["papo: Bruno did not answer the goodbye: the message may not have arrived."]);
}

#[test]
fn no_server_and_a_taken_name_are_failures() {
    let quiet = quiet_address().to_string();
    let (status, _, log) = send(&quiet, &["Bruno", "oi", "--from", "Ana"]);
    assert_eq!((status, log), (1, vec![format!("papo: no server at {quiet}")]));
    let mut server = Server::start();
    let _ana = server.peer("Ana", &[]);
    let (status, _, log) = send(&server.address.to_string(), &["Bruno", "oi", "--from", "Ana"]);
    assert_eq!(status, 1);
    assert!(log[0].contains("refused the name Ana"), "{log:?}");
}

#[test]
fn what_makes_no_sense_is_wrong_usage() {
    let wrong: [&[&str]; 5] = [
        &["Bruno"],
        &["Bruno", "oi", "oi"],
        &["Bruno", " \n "],
        &["A:na", "oi"],
        &["Bruno", "oi", "--from", ""],
    ];
    for arguments in wrong {
        let (status, _, log) = send("127.0.0.1:1", arguments);
        assert_eq!((status, log.is_empty()), (2, false), "{arguments:?}");
    }
}
