//! The exit status: 0 done, 1 failed, 2 wrong usage, 128 and the number of a second signal.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;
use std::time::Instant;

use super::person;
use crate::support::stranger::Stranger;
use crate::support::{Process, Server, quiet_address};

/// Runs `papo` with nothing on stdin.
fn run(arguments: &[&str]) -> (i32, Vec<String>, Vec<String>) {
    let mut process = Process::start(arguments);
    process.end_input();
    process.finish()
}

#[test]
fn every_wish_to_leave_ends_with_status_0() {
    let server = Server::start();
    for typed in ["/exit\n", "/quit\n", "/EXIT\n", ""] {
        let mut ana = person(&server, Some("Ana"), "en");
        ana.type_text(typed);
        ana.end_input();
        assert_eq!(ana.finish().0, 0, "{typed:?}");
    }
}

/// C27, C28: a signal makes the peer leave with a goodbye.
#[test]
fn a_signal_says_goodbye_and_ends_with_status_0() {
    for signal in ["INT", "TERM", "HUP"] {
        let mut server = Server::start();
        let bruno = Stranger::join(&mut server, "Bruno");
        let mut ana = person(&server, Some("Ana"), "en");
        ana.type_text("/chat Bruno\n");
        let mut call = bruno.accept_from("Ana");
        ana.expect_screen("Connected to Bruno");
        ana.signal(signal);
        assert_eq!(call.line(), "DISC");
        drop(call);
        assert_eq!(ana.wait(), 0, "{signal}");
    }
}

/// C27: a partner that does not close delays the exit for a second and a half. A second signal ends
/// the program at once.
#[test]
fn a_second_signal_ends_it_at_once() {
    let mut server = Server::start();
    let bruno = Stranger::join(&mut server, "Bruno");
    let mut ana = person(&server, Some("Ana"), "en");
    ana.type_text("/chat Bruno\n");
    let mut call = bruno.accept_from("Ana");
    ana.expect_screen("Connected to Bruno");
    ana.signal("TERM");
    assert_eq!(call.line(), "DISC");
    ana.signal("TERM");
    assert_eq!(ana.wait(), 128 + 15);
}

/// C27: the bound, on a real clock. Not earlier, because the last text could be lost, and soon
/// after.
#[test]
fn somebody_who_does_not_close_holds_the_exit_up_for_a_second_and_a_half() {
    let mut server = Server::start();
    let bruno = Stranger::join(&mut server, "Bruno");
    let mut ana = person(&server, Some("Ana"), "en");
    ana.type_text("/chat Bruno\n");
    let _call = bruno.accept_from("Ana");
    ana.expect_screen("Connected to Bruno");
    let start = Instant::now();
    ana.type_text("/exit\n");
    assert_eq!(ana.wait(), 0);
    assert!(start.elapsed().as_millis() >= 1_400, "{:?}", start.elapsed());
    assert!(start.elapsed().as_millis() < 6_000, "{:?}", start.elapsed());
}

/// R14: on stderr, with the address, and with status 1.
#[test]
fn a_script_without_a_server_fails_and_names_the_address() {
    let address = quiet_address().to_string();
    let (status, screen, log) = run(&["peer", "Ana", "--server", &address, "--lang", "en"]);
    assert_eq!((status, screen), (1, Vec::new()));
    assert!(log.iter().any(|line| line.contains(&address)), "{log:?}");
}

/// R14: on stderr, with the name, and with status 1. The holder keeps the name.
#[test]
fn a_script_whose_name_is_taken_fails_and_names_the_name() {
    let mut server = Server::start();
    let mut first = server.peer("Ana", &[]);
    let address = server.address.to_string();
    let (status, screen, log) = run(&["peer", "Ana", "--server", &address, "--lang", "en"]);
    assert_eq!((status, screen), (1, Vec::new()));
    assert!(log.iter().any(|line| line.contains("Ana")), "{log:?}");
    first.type_text("/list\n");
    first.expect_screen("Online (besides you): nobody");
}

/// A script whose first line should be the name, and is not one.
#[test]
fn a_script_without_a_good_name_fails() {
    let server = Server::start();
    for script in ["", "A:na\n", "\n"] {
        let mut ana = person(&server, None, "en");
        ana.type_text(script);
        ana.end_input();
        let (status, _, log) = ana.finish();
        assert_eq!(status, 1, "{script:?}");
        assert!(log.iter().any(|line| line.starts_with("papo: ")), "{script:?}: {log:?}");
    }
}

/// An unknown server name is an error before the loop starts.
#[test]
fn a_server_that_cannot_be_found_fails() {
    let (status, _, log) = run(&["peer", "Ana", "--server", "no.such.host.invalid"]);
    assert_eq!(status, 1);
    assert!(log.iter().any(|line| line.contains("no.such.host.invalid")), "{log:?}");
}

#[test]
fn wrong_usage_ends_with_status_2() {
    let wrong: [&[&str]; 11] = [
        &[],
        &["dance"],
        &["help", "dance"],
        &["peer", "Ana", "Maria"],
        &["peer", "A:na"],
        &["peer", ""],
        &["peer", "Ana", "--lang", "xx"],
        &["peer", "Ana", "--edition", "2025"],
        &["peer", "Ana", "--port", "0"],
        &["peer", "Ana", "--keepalive", "never"],
        &["peer", "Ana", "--what"],
    ];
    for arguments in wrong {
        let (status, screen, log) = run(arguments);
        assert_eq!((status, screen), (2, Vec::new()), "{arguments:?}");
        assert!(log[0].starts_with("papo: "), "{arguments:?}: {log:?}");
    }
}

#[test]
fn a_misspelled_word_of_a_list_has_a_suggestion() {
    let misspelled: [(&[&str], &str); 9] = [
        (&["version"], "--version"),
        (&["--versoin"], "--version"),
        (&["peer", "--colour", "always"], "--color"),
        (&["peer", "Ana", "--color", "alwyas"], "always"),
        (&["lab", "ehco"], "echo"),
        (&["lab", "throughput", "sned"], "send"),
        (&["check", "srever"], "server"),
        (&["check", "server", "127.0.0.1", "--only", "half-clos"], "half-close"),
        (&["check", "peer", "--type", "chta=b"], "chat"),
    ];
    for (arguments, meant) in misspelled {
        let (status, _, log) = run(arguments);
        assert_eq!(status, 2, "{arguments:?}");
        assert!(log[0].ends_with(&format!(". Did you mean {meant}?")), "{arguments:?}: {log:?}");
    }
}

/// std says "File exists".
#[test]
fn a_log_folder_that_is_a_file_is_no_directory() {
    let (status, _, log) = run(&["peer", "Ana", "--log-dir", "/dev/full"]);
    assert_eq!((status, log), (1, vec!["papo: cannot log into /dev/full: not a directory".into()]));
}

#[test]
fn help_and_version_end_with_status_0() {
    let right: [&[&str]; 6] = [
        &["help"],
        &["--help"],
        &["--version"],
        &["help", "peer"],
        &["peer", "--help"],
        &["server", "--help"],
    ];
    for arguments in right {
        let (status, screen, log) = run(arguments);
        assert_eq!((status, log), (0, Vec::new()), "{arguments:?}");
        assert!(screen[0].contains("papo"), "{arguments:?}: {screen:?}");
    }
}

/// A name is UTF-8.
#[test]
fn a_name_that_is_not_utf8_is_wrong_usage() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_papo"));
    let mut peer = Process::start_command(command.arg("peer").arg(OsStr::from_bytes(b"Jo\xe3o")));
    assert_eq!(peer.wait(), 2);
    peer.expect_log("papo: \"Jo\\xe3o\" is not UTF-8");
}

/// The same value as an option would be wrong usage. An empty variable counts as none.
#[test]
fn a_variable_that_is_not_utf8_is_wrong_usage() {
    for (name, command) in [("SERVER", "who"), ("SERVER", "peer"), ("LANG", "demo")] {
        let variable = format!("PAPO_{name}");
        let mut program = Command::new(env!("CARGO_BIN_EXE_papo"));
        let value = OsStr::from_bytes(b"127.0.0.1\xe1");
        let mut process = Process::start_command(program.arg(command).env(&variable, value));
        assert_eq!(process.wait(), 2, "{variable}");
        process.expect_log(&format!("papo: \"{variable}=127.0.0.1\\xe1\" is not UTF-8"));
    }
    let mut program = Command::new(env!("CARGO_BIN_EXE_papo"));
    let value = OsStr::from_bytes(b"/dev/null/\xe1");
    let mut demo = Process::start_command(program.arg("demo").env("PAPO_PAGE", value));
    assert_eq!(demo.wait(), 1, "a path may be any bytes");
}

/// A path may be any bytes of the system.
#[test]
fn a_path_may_be_any_bytes() {
    let folder = std::env::temp_dir().join(format!("papo-path-{}", std::process::id()));
    let root = folder.join(OsStr::from_bytes(b"r\xe1"));
    std::fs::create_dir_all(&root).expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_papo"));
    command.args(["lab", "web", "--listen", "127.0.0.1:0", "--root"]).arg(&root);
    Process::start_command(&mut command).expect_log(" listens on ");
    std::fs::remove_dir_all(&folder).expect("removed");
}

/// The environment gives options as the command line does, and the command line wins.
#[test]
fn options_come_from_the_environment_too() {
    let quiet = quiet_address().to_string();
    let peer = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_papo"));
        command.args(arguments).env("PAPO_SERVER", &quiet).env("PAPO_LANG", "pt");
        Process::start_command(&mut command).finish()
    };
    let (status, _, log) = peer(&["peer", "Ana"]);
    assert_eq!((status, log), (1, vec![format!("papo: nenhum servidor em {quiet}")]));
    let (_, _, log) = peer(&["peer", "Ana", "--lang", "en"]);
    assert_eq!(log, [format!("papo: no server at {quiet}")]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_papo"));
    let mut wrong = Process::start_command(command.arg("server").env("PAPO_KEEPALIVE", "soon"));
    assert_eq!(wrong.wait(), 2);
    wrong.expect_log("papo: PAPO_KEEPALIVE takes seconds");
}
