//! The programs of `docs/examples`, run as their reader would run them.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::support::{Process, Raw, Server};

/// The path of a built example: cargo puts them beside the test programs.
pub(super) fn example(name: &str) -> PathBuf {
    let this = std::env::current_exe().expect("a path");
    let folder = this.ancestors().nth(2).expect("target/PROFILE/deps");
    let program = folder.join("examples").join(name);
    let hint = "`cargo test` builds the examples, and so does `cargo build --examples`";
    assert!(program.exists(), "{} is not there: {hint}", program.display());
    program
}

fn start(name: &str, arguments: &[&str]) -> (Process, String) {
    let mut command = Command::new(example(name));
    let mut process = Process::start_command_with(command.args(arguments), Stdio::piped());
    let line = process.expect_screen("listening on ");
    let address = line.rsplit(' ').next().expect("an address").to_string();
    (process, address)
}

/// mio over poll(2) has no descriptor for a host to wait for.
#[cfg(not(mio_unsupported_force_poll_poll))]
#[test]
fn a_directory_runs_in_a_hosts_own_poll_loop() {
    let (mut host, address) = start("directory_in_poll", &["127.0.0.1:0"]);
    let mut ana = Raw::connect(address.parse().expect("an address"));
    ana.send("USER Ana:20000\r\n");
    host.expect_screen("Joined");
    // Much more than one turn reads: the host must not sleep on work that is left over.
    ana.send(&"ADDR Ana\r\n".repeat(6_000));
    for _ in 0..6_000 {
        assert_eq!(ana.line(), "ADDR 127.0.0.1:20000");
    }
    host.type_text("\n");
    host.expect_screen("Ana at 127.0.0.1:20000");
    host.end_input();
    assert_eq!(host.wait(), 0);
}

#[test]
fn a_service_of_ones_own_answers_each_line() {
    let (_service, address) = start("own_service", &["127.0.0.1:0"]);
    let mut client = Raw::connect(address.parse().expect("an address"));
    client.send("ol");
    client.send("á\r\nabc\r\n");
    assert_eq!([client.line(), client.line()], ["álo".to_string(), "cba".to_string()]);
    client.half_close();
    client.wait_closed();
}

/// A person who starts the bot with a wrong argument reads which one.
#[test]
fn an_echo_bot_refuses_wrong_arguments() {
    for (arguments, why) in [
        (&["naoip"][..], "\"naoip\" is no ADDRESS:PORT"),
        (&["localhost:10000"], "\"localhost:10000\" is no ADDRESS:PORT"),
        (&["127.0.0.1:10000", "a:b"], "\"a:b\" is no name"),
    ] {
        let output = Command::new(example("echo_bot")).args(arguments).output().expect("it runs");
        let shown = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{shown}");
        assert!(shown.contains(why) && output.stdout.is_empty(), "{shown}");
    }
}

/// Each text comes back in its own conversation, and no text is a command.
#[test]
fn an_echo_bot_answers_in_the_conversation_of_each_text() {
    let mut server = Server::start();
    let (_bot, address) = start("echo_bot", &[&server.address.to_string(), "Eco"]);
    server.process.expect_log("event=join name=\"Eco\"");
    let port = address.rsplit(':').next().expect("a port");
    let call = |name: &str| {
        let mut caller = Raw::connect(format!("127.0.0.1:{port}").parse().expect("an address"));
        caller.send(&format!("USER {name}\r\n"));
        caller
    };
    let mut callers = [call("Ana"), call("Bruno")];
    for (caller, text) in callers.iter_mut().zip(["oi", "/msg Ana oi"]) {
        caller.send(&format!("{text}\r\n/exit\r\n"));
    }
    for (caller, text) in callers.iter_mut().zip(["oi", "/msg Ana oi"]) {
        assert_eq!([caller.line(), caller.line()], [text.to_string(), "/exit".to_string()]);
    }
}
