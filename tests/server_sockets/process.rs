//! The server as a program: signals, its port, its log, its exit statuses.

use std::process::Command;
use std::time::Instant;

use super::{AT_ONCE, crowd, member};
use crate::support::{Process, Server};

/// The part of a log line after the time.
fn behind_time(line: &str) -> &str {
    line.split_once(' ').expect("a time and something behind it").1
}

/// S53: by the service manager, or by Ctrl-C.
#[test]
fn sigterm_and_sigint_end_it_in_order_with_clients_connected() {
    for signal in ["TERM", "INT"] {
        let mut server = Server::start();
        let mut members = crowd(&server, 20);
        members.push(server.connect());
        server.process.signal(signal);
        let start = Instant::now();
        assert_eq!(server.process.wait(), 0, "{signal}");
        assert!(start.elapsed() < AT_ONCE, "{signal}: {:?}", start.elapsed());
        for raw in &mut members {
            assert_eq!(raw.line_or_end(), None, "the connection is over");
        }
        server.process.expect_log("event=stopped");
    }
}

/// The handout's hint on bind.
#[test]
fn a_port_in_use_is_an_error_of_one_line() {
    let server = Server::start();
    let address = server.address.to_string();
    let (status, screen, log) = Process::start(&["server", "--listen", &address]).finish();
    assert_eq!((status, screen.len(), log.len()), (1, 0, 1), "{log:?}");
    assert!(log[0].starts_with("papo: ") && log[0].contains(&address), "{log:?}");
}

/// The message on stderr names the mistake, and nothing starts.
#[test]
fn wrong_usage_is_status_2() {
    let wrong: &[(&[&str], &str)] = &[
        (&[], "help"),
        (&["dance"], "dance"),
        (&["help", "dance"], "dance"),
        (&["server", "--dance"], "dance"),
        (&["server", "extra"], "extra"),
        (&["server", "--keepalive", "0"], "keepalive"),
        (&["server", "--keepalive", "soon"], "keepalive"),
        (&["server", "--max-clients", "0"], "max-clients"),
        (&["server", "--per-address", "-1"], "per-address"),
        (&["server", "--edition", "2025"], "edition"),
        (&["server", "--listen"], "listen"),
        (&["server", "--listen", "127.0.0.1:70000"], "127.0.0.1:70000 is no address"),
        (&["server", "--listen", "70000"], "70000 is no address"),
        (&["server", "--listen", "[fe80::1]:10000"], "zone"),
        #[cfg(feature = "tools")]
        (&["server", "--lisen", "7000"], "Did you mean --listen?"),
        #[cfg(feature = "tools")]
        (&["servre"], "Did you mean server?"),
    ];
    expect_wrong(wrong);
}

#[cfg(feature = "peer")]
#[test]
fn wrong_usage_of_the_peer_is_status_2() {
    expect_wrong(&[
        (&["peer", "A:B"], "A:B"),
        (&["peer", "Ana", "Maria"], "Maria"),
        (&["peer", "Ana", "--port", "0"], "port"),
        (&["peer", "Ana", "--lang", "xx"], "lang"),
        (&["server", "--lang", "xx"], "lang"),
        #[cfg(feature = "tools")]
        (&["pier", "Ana"], "Did you mean peer?"),
        #[cfg(feature = "tools")]
        (&["peer", "Ana", "--servre", "7000"], "Did you mean --server?"),
    ]);
}

fn expect_wrong(wrong: &[(&[&str], &str)]) {
    for &(arguments, named) in wrong {
        let (status, screen, log) = Process::start(arguments).finish();
        assert_eq!((status, screen.len()), (2, 0), "{arguments:?}: {log:?}");
        assert!(log.join("\n").contains(named), "{arguments:?}: {log:?}");
    }
}

/// Help that was asked for goes to stdout.
#[test]
fn help_and_version_are_status_0() {
    let right: &[(&[&str], &str)] = &[
        (&["help"], "server"),
        (&["--help"], "directory"),
        (&["help", "server"], "--max-clients"),
        (&["server", "--help"], "--edition"),
        #[cfg(feature = "peer")]
        (&["peer", "--help"], "--no-verify"),
        #[cfg(feature = "peer")]
        (&["peer", "-V"], env!("CARGO_PKG_VERSION")),
        (&["server", "--version"], env!("CARGO_PKG_VERSION")),
        (&["--version"], env!("CARGO_PKG_VERSION")),
    ];
    for &(arguments, named) in right {
        let (status, screen, log) = Process::start(arguments).finish();
        assert_eq!((status, log.len()), (0, 0), "{arguments:?}: {log:?}");
        assert!(screen.join("\n").contains(named), "{arguments:?}: {screen:?}");
    }
}

/// A full disk is an error. A reader that has closed its end of the pipe is not.
#[test]
fn output_that_cannot_be_printed_is_status_1() {
    let commands: &[&[&str]] = &[
        &["help"],
        &["--version"],
        &["server", "--help"],
        #[cfg(feature = "tools")]
        &["demo"],
    ];
    for arguments in commands {
        let command = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_papo"));
            command.args(*arguments).env("LC_ALL", "C").env_remove("PAPO_LANG");
            command
        };
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux");
        let done = command().stdout(full).output().expect("it runs");
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.starts_with("papo: cannot write to stdout: No space left"), "{said}");
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let done = command().stdout(writer).output().expect("it runs");
        assert_eq!((done.status.code(), done.stderr.len()), (Some(0), 0), "{arguments:?}");
    }
}

/// A bare number is a port, with and without its colon.
#[test]
fn a_port_alone_is_where_to_listen() {
    for text in ["0", ":0"] {
        let server = Server::of(Process::start(&["server", "--listen", text]));
        assert!(server.address.ip().is_unspecified(), "{text}: {}", server.address);
    }
}

/// The first is no address, and the second is not of this machine.
#[test]
fn an_address_that_cannot_be_bound_is_status_1() {
    for address in ["999.0.0.1:1", "203.0.113.7:10000"] {
        let (status, _, log) = Process::start(&["server", "--listen", address]).finish();
        assert_eq!((status, log.len()), (1, 1), "{log:?}");
        assert!(log[0].contains(address), "{log:?}");
    }
}

/// The log is an interface. Names are as their owners write them, and control characters are escaped.
#[test]
fn the_log_has_one_line_for_each_event_with_names_escaped() {
    let mut server = Server::start_with(&["--keepalive", "2"]);
    let mut guest = server.connect();
    let from = guest.stream.local_addr().expect("an address");
    guest.send_bytes(b"GET / \"\x1b[2J\xff\r\n");
    let line = server.process.expect_log("event=refuse");
    let expected =
        format!(r#"event=refuse reason=not_user from={from} bytes=12 line="GET / \"\x1b[2J\xff""#);
    assert_eq!(behind_time(&line), format!("INFO {expected}"));

    let ana = member(&server, "João \"\\o/\"", 20000);
    let line = server.process.expect_log("event=join");
    let joao = r#"name="João \"\\o/\"" address=127.0.0.1:20000"#;
    assert_eq!(behind_time(&line), format!("INFO event=join {joao} online=1"));
    drop(ana);
    let line = server.process.expect_log("event=leave");
    assert_eq!(behind_time(&line), format!("INFO event=leave {joao} reason=closed online=0"));

    let _silent = member(&server, "silent", 7);
    let line = server.process.expect_log("event=leave");
    let expected = "event=leave name=\"silent\" address=127.0.0.1:7 reason=expired online=0";
    assert_eq!(behind_time(&line), format!("INFO {expected}"));
    assert!(!server.process.log().iter().any(|line| line.contains(char::is_control)));
}

#[test]
fn the_log_names_a_reset() {
    let mut server = Server::start();
    member(&server, "Ana", 20000).reset();
    let line = server.process.expect_log("event=leave");
    assert!(line.ends_with("name=\"Ana\" address=127.0.0.1:20000 reason=reset online=0"), "{line}");
}

/// `--trace`: every line of the protocol, with its direction and the other address.
#[test]
fn trace_prints_every_line_with_its_direction_and_other_end() {
    let mut server = Server::start_with(&["--trace"]);
    let _bia = member(&server, "Bia", 21500);
    let mut ana = server.join("Ana", 20000);
    let other = ana.stream.local_addr().expect("an address");
    ana.send("KEEP\r\nLIST\r\nADDR Bia\r\n\x1b[2J\r\n");
    ana.line();
    ana.line();
    let conversation = [
        "< USER Ana:20000",
        "< KEEP",
        "< LIST",
        "> LIST Bia",
        "< ADDR Bia",
        "> ADDR 127.0.0.1:21500",
        r"< \u{1b}[2J",
    ];
    for said in conversation {
        let line = server.process.expect_log(&format!("wire {other} "));
        assert_eq!(behind_time(&line), format!(r"wire {other} {said}\r\n"));
    }
}

#[test]
fn without_trace_no_line_of_the_protocol_is_logged() {
    let mut server = Server::start();
    drop(member(&server, "Ana", 20000));
    server.process.expect_log("event=leave");
    let log = server.process.log();
    assert!(!log.iter().any(|line| line.contains("wire") || line.contains("LIST")), "{log:?}");
}

/// The other edition of the handout puts the name into the ADDR reply.
#[test]
fn edition_2026_puts_the_name_into_addr() {
    let server = Server::start_with(&["--edition", "2026"]);
    let _bruno = member(&server, "Bruno", 21500);
    let mut ana = member(&server, "Ana", 20000);
    ana.send("ADDR Bruno\r\nLIST\r\n");
    assert_eq!(ana.line(), "ADDR Bruno:127.0.0.1:21500");
    assert_eq!(ana.line(), "LIST Bruno");
}
