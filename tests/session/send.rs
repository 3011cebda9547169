//! `papo send`: the exit status says whether the text arrived.

use std::process::Command;

use crate::support::stranger::Stranger;
use crate::support::{Process, Server, eventually, quiet_address};

fn send(server: &str, arguments: &[&str]) -> (i32, Vec<String>, Vec<String>) {
    let all = [&["send", "--server", server, "--lang", "en"], arguments].concat();
    Process::start(&all).finish()
}

#[test]
fn text_delivered_and_answered_ends_with_0_and_says_nothing() {
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

/// E1: a line end within the text makes several lines, of which none may be protocol. The text is
/// refused before anything else: here there is no server.
#[test]
fn a_text_that_would_be_protocol_is_refused_before_the_server_is_asked() {
    let nowhere = quiet_address().to_string();
    let result = send(&nowhere, &["Bruno", "10 %\rDISC\rresto", "--from", "Ana"]);
    let why =
        "papo: Not sent: the other side would take \"DISC\" for an instruction of the protocol.";
    assert_eq!(result, (1, Vec::new(), vec![why.to_string()]));
}

#[test]
fn a_carriage_return_within_the_text_ends_a_line() {
    let mut server = Server::start();
    let mut bruno = server.peer("Bruno", &["--no-verify"]);
    let address = server.address.to_string();
    let result = send(&address, &["Bruno", "um\rdois", "--from", "Camila"]);
    assert_eq!(result, (0, Vec::new(), Vec::new()));
    bruno.expect_screen("Camila ended the conversation");
    let screen = bruno.screen();
    assert!(screen.contains(&"Camila: dois".to_string()), "{screen:?}");
}

#[test]
fn somebody_who_is_not_online_is_sent_nothing() {
    let server = Server::start();
    let address = server.address.to_string();
    let (status, screen, log) = send(&address, &["Bruno", "oi", "--from", "Ana"]);
    assert_eq!((status, screen), (1, Vec::new()));
    assert_eq!(log, ["papo: Bruno is not online"]);
}

/// The other side takes the text and never closes, as one public program does. Nothing shows that
/// the text is lost.
#[test]
fn a_text_that_was_taken_and_not_answered_ends_with_0() {
    let mut server = Server::start();
    let bruno = Stranger::join(&mut server, "Bruno");
    let address = server.address.to_string();
    let arguments = ["send", "Bruno", "oi", "--from", "Ana", "--lang", "en", "--server", &address];
    let sending = Process::start(&arguments);
    let mut call = bruno.accept_from("Ana");
    assert_eq!([call.line(), call.line()], ["oi", "DISC"]);
    let (status, _, log) = sending.finish();
    assert_eq!((status, log), (0, Vec::new()));
}

/// R18: with a server of 2026 a peer sends no DISC.
#[test]
fn no_disc_is_sent_among_programs_of_2026_unless_it_is_wanted() {
    let mut server = Server::start_with(&["--edition", "2026"]);
    let bruno = Stranger::join(&mut server, "Bruno");
    let address = server.address.to_string();
    for (edition, says_disc) in [(&[][..], false), (&["--edition", "2024"][..], true)] {
        let arguments = ["send", "Bruno", "oi", "--from", "Ana", "--server", &address];
        let mut sending = Process::start(&[&arguments, edition].concat());
        let mut call = bruno.accept_from("Ana");
        assert_eq!(call.line(), "oi");
        if says_disc {
            assert_eq!(call.line(), "DISC");
        }
        assert_eq!(call.line_or_end(), None);
        drop(call);
        assert_eq!(sending.wait(), 0);
    }
}

/// Jobs of one login that end at the same time.
#[test]
fn five_at_once_under_one_name_all_arrive() {
    let mut server = Server::start();
    let mut bruno = server.peer("Bruno", &["--no-verify"]);
    let address = server.address.to_string();
    let texts = ["um", "dois", "tres", "quatro", "cinco"];
    let start = |text: &&str| {
        Process::start(&["send", "Bruno", text, "--from", "Ana", "--server", &address])
    };
    let sendings: Vec<_> = texts.iter().map(start).collect();
    for sending in sendings {
        assert_eq!(sending.finish(), (0, Vec::new(), Vec::new()));
    }
    eventually("all are shown", || {
        let screen = bruno.screen();
        texts.iter().all(|text| screen.iter().any(|it| it.ends_with(&format!(": {text}"))))
    });
}

#[test]
fn a_dash_is_all_of_stdin() {
    let mut server = Server::start();
    let mut bruno = server.peer("Bruno", &["--no-verify"]);
    let address = server.address.to_string();
    let mut sending =
        Process::start(&["send", "Bruno", "-", "--from", "Ana", "--server", &address]);
    sending.type_text("um\ndois\n");
    sending.end_input();
    assert_eq!(sending.finish(), (0, Vec::new(), Vec::new()));
    bruno.expect_screen("Ana: um");
    bruno.expect_screen("Ana: dois");
}

/// A service may have no login.
#[test]
fn without_a_login_the_number_of_the_user_is_the_name() {
    let mut server = Server::start();
    let mut bruno = server.peer("Bruno", &["--no-verify"]);
    let address = server.address.to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_papo"));
    command.args(["send", "Bruno", "oi", "--server", &address]);
    let mut sending = Process::start_command(command.env_remove("LOGNAME").env_remove("USER"));
    assert_eq!(sending.wait(), 0);
    assert!(bruno.expect_screen(": oi").starts_with("uid"));
}

/// The other side resets the connection.
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
    // The kernel accepts the call, and no program answers the goodbye.
    let _bruno = Stranger::join(&mut server, "Bruno");
    let address = server.address.to_string();
    let arguments = ["Bruno", "oi", "--from", "Ana", "--timeout", "0.1"];
    let (status, _, log) = send(&address, &arguments);
    assert_eq!(status, 1);
    assert_eq!(log, ["papo: Bruno did not answer the goodbye: the message may not have arrived."]);
}

#[test]
fn no_server_is_a_failure() {
    let quiet = quiet_address().to_string();
    let (status, _, log) = send(&quiet, &["Bruno", "oi", "--from", "Ana"]);
    assert_eq!((status, log), (1, vec![format!("papo: no server at {quiet}")]));
}

#[test]
fn senseless_options_are_wrong_usage() {
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
