//! A real terminal on both ends, made by `script` (util-linux), which is where `bash` is. Where
//! it is not, these tests say so and do nothing.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::{Registrar, Watchdog, expect_keeps, expect_leave};
use crate::support::{Raw, eventually};

/// Ana's peer on a terminal, registered.
struct Terminal {
    script: Child,
    keys: ChildStdin,
    screen: BufReader<ChildStdout>,
    server: Raw,
    /// The number of the process that has the terminal.
    papo: u32,
    _watchdog: Watchdog,
}

impl Terminal {
    /// Line mode. `None`: there is no `script` here.
    fn open() -> Option<Self> {
        Self::open_with("--plain")
    }

    #[allow(clippy::print_stderr, reason = "who reads the test's output should know")]
    fn open_with(option: &str) -> Option<Self> {
        let registrar = Registrar::open();
        let papo = env!("CARGO_BIN_EXE_papo");
        // Without the terminal's own echo, which would fall into the middle of a line of ours.
        let command =
            format!("stty -echo; exec '{papo}' {} {option}", registrar.arguments().join(" "));
        let spawned = Command::new("script")
            .args(["-qec", &command, "/dev/null"])
            .env("SHELL", "/bin/sh")
            .env("TERM", "xterm")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut script) = spawned else {
            eprintln!("skipped: there is no `script` here to make a terminal");
            return None;
        };
        let keys = script.stdin.take().expect("piped");
        let screen = BufReader::new(script.stdout.take().expect("piped"));
        let (server, _) = registrar.register();
        let papo = child_of(script.id());
        let _watchdog = Watchdog::over(papo);
        Some(Self { script, keys, screen, server, papo, _watchdog })
    }

    fn types(&mut self, text: &str) {
        self.keys.write_all(text.as_bytes()).expect("the terminal takes keys");
    }

    /// Reads the screen up to a line with this text.
    fn expect(&mut self, text: &str) {
        let mut line = String::new();
        while !line.contains(text) {
            line.clear();
            let count = self.screen.read_line(&mut line).expect("text");
            assert!(count > 0, "the screen ended without {text:?}");
        }
    }

    /// Whether O_NONBLOCK is set in what papo shares with whoever else has the terminal.
    fn is_nonblocking(&self, descriptor: u32) -> bool {
        let info = fs::read_to_string(format!("/proc/{}/fdinfo/{descriptor}", self.papo));
        let info = info.expect("papo lives");
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).expect("flags");
        u32::from_str_radix(flags.trim(), 8).expect("octal") & 0o4000 != 0
    }

    /// Waits for the end, and returns the status of papo.
    fn end(mut self) -> Option<i32> {
        drop(self.keys);
        std::io::copy(&mut self.screen, &mut std::io::sink()).expect("the rest of the screen");
        self.script.wait().expect("it ends").code()
    }
}

/// The process that runs under this one; `script` starts exactly one.
fn child_of(parent: u32) -> u32 {
    let path = format!("/proc/{parent}/task/{parent}/children");
    let children = fs::read_to_string(path).expect("children");
    children.split_whitespace().next().and_then(|id| id.parse().ok()).expect("a child")
}

/// Whether a process has ended, be it that its new parent has not noticed yet.
fn is_over(id: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{id}/stat"));
    stat.map_or(true, |stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('Z')))
}

/// A person types and reads, and leaves with Ctrl-D. stdin, stdout and stderr are one open file
/// description here, the shell's: O_NONBLOCK on any would be on all.
#[test]
fn a_terminal_is_read_and_written_and_left_as_it_was() {
    let Some(mut terminal) = Terminal::open() else { return };
    terminal.expect("Hello, Ana!");
    terminal.types("/peers\n");
    terminal.expect("No open conversations.");
    expect_keeps(&mut terminal.server);
    assert!((0..3).all(|descriptor| !terminal.is_nonblocking(descriptor)));
    terminal.types("\x04");
    expect_leave(&mut terminal.server);
    assert_eq!(terminal.end(), Some(0));
}

/// P26.
/// A burst of lines that is longer than one read: nothing is forgotten.
#[test]
fn lines_that_are_pasted_into_a_terminal_all_count() {
    let Some(mut terminal) = Terminal::open() else { return };
    terminal.expect("Hello, Ana!");
    for number in 0..200 {
        terminal.types(&format!("/{number:03}\n"));
    }
    for number in 0..200 {
        terminal.expect(&format!("Unknown command: /{number:03}."));
    }
    terminal.types("/exit\n");
    assert_eq!(terminal.end(), Some(0));
}

/// Ctrl-C is a wish to leave.
#[test]
fn ctrl_c_leaves_in_order() {
    let Some(mut terminal) = Terminal::open() else { return };
    terminal.expect("Hello, Ana!");
    terminal.types("\x03");
    expect_leave(&mut terminal.server);
    assert_eq!(terminal.end(), Some(0));
}

/// The window is closed, the connection to the machine breaks: it does not stay behind.
#[test]
fn a_terminal_that_is_gone_ends_it() {
    let Some(mut terminal) = Terminal::open() else { return };
    terminal.expect("Hello, Ana!");
    terminal.script.kill().expect("script runs");
    terminal.script.wait().expect("it is gone");
    expect_leave(&mut terminal.server);
    eventually("papo ends", || is_over(terminal.papo));
}

/// Ctrl-S, or a connection that is stuck: the screen takes nothing, and KEEP goes on.
#[test]
fn a_terminal_that_takes_nothing_stops_no_keep() {
    let Some(mut terminal) = Terminal::open() else { return };
    terminal.expect("Hello, Ana!");
    // Nobody reads what `script` copies, so it stops copying, and the terminal fills up.
    for number in 0..4_000 {
        terminal.types(&format!("/{number:04}\n"));
    }
    expect_keeps(&mut terminal.server);
    assert!(!terminal.is_nonblocking(0));
    for number in 0..4_000 {
        terminal.expect(&format!("Unknown command: /{number:04}."));
    }
    terminal.types("/exit\n");
    assert_eq!(terminal.end(), Some(0));
}

/// The same where the line being typed is drawn: what does not come out in time is skipped and
/// counted, and what comes then is right.
#[cfg(feature = "editor")]
#[test]
fn a_drawn_terminal_that_takes_nothing_skips_lines_and_no_keep() {
    let Some(mut terminal) = Terminal::open_with("--color never") else { return };
    terminal.expect("Hello, Ana!");
    for number in 0..4_000 {
        terminal.types(&format!("/{number:04}\r"));
    }
    expect_keeps(&mut terminal.server);
    assert!(!terminal.is_nonblocking(0));
    terminal.expect("Unknown command: /0000.");
    terminal.expect("lines not shown");
    terminal.types("/peers\r");
    terminal.expect("No open conversations.");
    terminal.types("/exit\r");
    assert_eq!(terminal.end(), Some(0));
}

/// A person without a server is not ended, and one whose name is taken is asked for another.
#[test]
fn a_person_at_a_terminal_is_asked_for_another_name() {
    let Some(mut terminal) = Terminal::open() else { return };
    let mut rest = Vec::new();
    terminal.server.half_close();
    terminal.expect("refused the name Ana");
    terminal.types("\x04");
    terminal.screen.read_to_end(&mut rest).expect("the rest of the screen");
    assert!(String::from_utf8_lossy(&rest).contains("User name: "));
}
