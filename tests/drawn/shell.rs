//! Ctrl-Z and `fg`: to the shell and back.

use std::process::Command;

use crate::support::Server;
use crate::support::pty::{PAPO, Pty};

/// A shell with job control, on a terminal. `None`: this system has no bash.
#[allow(clippy::print_stderr, reason = "the reader of the test's output should know")]
fn shell() -> Option<Pty> {
    if Command::new("bash").arg("--version").output().is_err() {
        eprintln!("skipped: there is no bash here, whose jobs could be stopped");
        return None;
    }
    let mut shell = Pty::start("bash", &["--norc", "--noprofile", "-i"], 70, 20)?;
    shell.types(
        "PS1='$ '; PATH=$PATH:.; set +o history; bind 'set enable-bracketed-paste off'; clear\r",
    );
    shell.expect_screen(&["$ |"]);
    Some(shell)
}

/// After Ctrl-Z the terminal has the mode of the shell. After `fg` the half line is there again.
fn goes_and_comes_back(shell: &mut Pty, command: &str) {
    shell.types(&format!("{command}\r"));
    shell.expect("/help");
    shell.expect_row("Ana> |");
    shell.types("\x0cmeia lin");
    shell.expect_screen(&["Ana> meia lin|"]);
    shell.types("\x1a");
    shell.expect("Stopped");
    shell.types("clear; stty -a | grep -c ' icanon'; stty -a | grep -c ' echo '\r");
    shell.expect_screen(&["1", "1", "$ |"]);
    shell.types("clear; fg\r");
    shell.expect_row("Ana> meia lin|");
    assert!(shell.is_raw() && shell.marks_pasted());
    shell.types("ha\x0c");
    shell.expect_screen(&["Ana> meia linha|"]);
    shell.types("\x03/exit\r");
    shell.expect_row("$ |");
    shell.types("clear; stty -a | grep -c ' icanon'\r");
    shell.expect_screen(&["1", "$ |"]);
}

#[test]
fn ctrl_z_and_fg() {
    let server = Server::start();
    let Some(mut shell) = shell() else { return };
    goes_and_comes_back(&mut shell, &format!("{PAPO} peer Ana --server {}", server.address));
}

/// `make` is such a parent, in the same process group. If only the peer stopped, the parent would
/// stay in the foreground, and the terminal would not react.
#[test]
fn ctrl_z_and_fg_under_a_parent_that_waits() {
    let server = Server::start();
    let Some(mut shell) = shell() else { return };
    let papo = format!("{PAPO} peer Ana --server {}", server.address);
    goes_and_comes_back(&mut shell, &format!("sh -c '{papo}; true'"));
}
