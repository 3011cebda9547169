//! `docs/examples/c`: papo in a program of C, built and run as its reader would.

use std::process::{Command, Stdio};

use super::root;
use crate::support::{Process, Raw, tools};

/// One line for each thing that must happen, in any order: three machines take their turns.
const TOLD: [&str; 8] = [
    "Ana: kind 14, conversation 1, \"Bruno\", \"Oi, Ana!\"",
    "Bruno: kind 14, conversation 1, \"Ana\", \"Oi, Bruno!\"",
    "Ana: kind 15, conversation 1, \"Bruno\", \"\"",
    "directory: kind 2, conversation 0, \"Bruno\", \"\"",
    "Bruno: ended",
    "directory: kind 2, conversation 0, \"Ana\", \"\"",
    "Ana: ended",
    "directory: ended",
];

/// The host, under valgrind if that is installed. `None`, and SKIPPED: there is no C compiler.
fn built_host() -> Option<Command> {
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    tools::wanted(&[&compiler])?;
    let mut build = Command::new("sh");
    build.args(["docs/examples/c/build.sh", "--offline"]).current_dir(root());
    let output = build.output().expect("a shell");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let host = root().join("target/c/host");
    let Some(valgrind) = tools::wanted(&["valgrind"]) else { return Some(Command::new(host)) };
    let mut watched = Command::new(valgrind);
    watched.args(["-q", "--leak-check=full", "--errors-for-leak-kinds=definite,possible"]);
    watched.arg("--error-exitcode=9").arg(host);
    Some(watched)
}

#[test]
fn a_host_in_c_runs_a_directory_and_two_peers_in_one_thread() {
    let Some(mut command) = built_host() else { return };
    let mut host = Process::start_command_with(command.arg("127.0.0.1:0"), Stdio::piped());
    let line = host.expect_screen("listening on ");
    let address = line.rsplit(' ').next().expect("an address").parse().expect("an address");
    // Much more than one turn reads: poll(2) must not wait while work is left over.
    let mut client = Raw::connect(address);
    client.send("USER Zeca:20000\r\n");
    client.send(&"ADDR Zeca\r\n".repeat(6_000));
    for _ in 0..6_000 {
        assert_eq!(client.line(), "ADDR 127.0.0.1:20000");
    }
    // The host looks at its input when both peers have gone.
    host.end_input();
    let (status, told, log) = host.finish();
    assert_eq!(status, 0, "valgrind ends with 9 where it has found something: {log:?}");
    for line in TOLD {
        assert!(told.iter().any(|it| it == line), "{line} is missing: {told:?}");
    }
}
