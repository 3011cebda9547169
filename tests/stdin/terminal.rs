//! A pseudo-terminal as stdin and stdout. On a system without `setsid`, these tests report that and
//! do nothing.

use std::net::SocketAddr;

use super::{OPTIONS, Watchdog, expect_keeps, expect_leave};
use crate::support::fake_server::{FakeServer, words};
use crate::support::proc::{child_of, is_nonblocking, is_over, signal};
use crate::support::pty::{PAPO, Pty};
use crate::support::{Raw, eventually};

/// Ana's peer on a terminal, registered.
struct Terminal {
    pty: Pty,
    server: Raw,
    /// Where the peer listens for calls.
    address: SocketAddr,
    _watchdog: Watchdog,
}

impl Terminal {
    /// The view in whole lines, without the terminal's own echo, which would come into the middle
    /// of a line of ours. `None`: this system has no `setsid`.
    fn open() -> Option<Self> {
        let mut terminal = Self::open_with(&["--plain"])?;
        terminal.pty.without_echo();
        terminal.pty.expect_next("Hello, Ana!");
        Some(terminal)
    }

    fn open_with(options: &[&str]) -> Option<Self> {
        let fake = FakeServer::start();
        let arguments = fake.arguments(&[&OPTIONS, options].concat());
        Some(Self::of(Pty::start(PAPO, &words(&arguments), 80, 24)?, &fake))
    }

    fn of(pty: Pty, fake: &FakeServer) -> Self {
        let (server, address) = fake.registered();
        let _watchdog = Watchdog::over(pty.id());
        Self { pty, server, address, _watchdog }
    }

    /// Whether O_NONBLOCK is set in the description that the shell shares.
    fn is_nonblocking(&self) -> bool {
        (0..3).any(|descriptor| is_nonblocking(self.pty.id(), descriptor))
    }
}

/// stdin, stdout and stderr are one open file description here, the shell's: O_NONBLOCK on one
/// would be on all.
#[test]
fn a_terminal_is_read_and_written_and_left_as_it_was() {
    let Some(mut terminal) = Terminal::open() else { return };
    terminal.pty.types("/peers\n");
    terminal.pty.expect_next("No open conversations.");
    expect_keeps(&mut terminal.server);
    assert!(!terminal.is_nonblocking());
    terminal.pty.types("\x04");
    expect_leave(&mut terminal.server);
    assert_eq!(terminal.pty.expect_end(), 0);
}

/// P26: a burst of lines is longer than one read.
#[test]
fn all_lines_of_a_paste_count() {
    let Some(mut terminal) = Terminal::open() else { return };
    for number in 0..200 {
        terminal.pty.types(&format!("/{number:03}\n"));
    }
    for number in 0..200 {
        terminal.pty.expect_next(&format!("Unknown command: /{number:03}."));
    }
    terminal.pty.types("/exit\n");
    assert_eq!(terminal.pty.expect_end(), 0);
}

#[test]
fn ctrl_c_leaves_in_order() {
    let Some(mut terminal) = Terminal::open() else { return };
    terminal.pty.types("\x03");
    expect_leave(&mut terminal.server);
    assert_eq!(terminal.pty.expect_end(), 0);
}

/// As in the drawn view: one slip must not end the conversations.
#[test]
fn ctrl_c_must_be_pressed_twice_while_a_conversation_is_open() {
    let Some(mut terminal) = Terminal::open() else { return };
    let mut bruno = Raw::connect(terminal.address);
    bruno.send("USER Bruno\r\n");
    terminal.pty.expect_next("Connected to Bruno");
    terminal.pty.types("\x03");
    terminal.pty.expect_next("-- Conversations are open. Ctrl-C again within 3 seconds");
    expect_keeps(&mut terminal.server);
    // If the first of these comes too late to be the second, it asks again.
    terminal.pty.types("\x03");
    terminal.pty.types("\x03");
    expect_leave(&mut terminal.server);
}

/// The window was closed, or the connection to its machine is lost.
#[test]
fn a_terminal_that_is_gone_ends_the_peer() {
    let fake = FakeServer::start();
    let arguments = fake.arguments(&[&OPTIONS[..], &["--plain"]].concat()).join(" ");
    // Its terminal is gone with the shell that leads the session.
    let script = format!("'{PAPO}' {arguments}; true");
    let Some(pty) = Pty::start("sh", &["-c", &script], 80, 24) else { return };
    let mut terminal = Terminal::of(pty, &fake);
    terminal.pty.expect_next("Hello, Ana!");
    let papo = child_of(terminal.pty.id()).expect("papo");
    signal(terminal.pty.id(), "KILL");
    expect_leave(&mut terminal.server);
    eventually("papo ends", || is_over(papo));
}

/// After Ctrl-S, or over a stuck connection, a terminal takes no output.
#[test]
fn a_terminal_that_takes_nothing_stops_no_keep() {
    let Some(mut terminal) = Terminal::open() else { return };
    terminal.pty.hold();
    // Less text than papo keeps for a stuck terminal.
    for number in 0..1_000 {
        terminal.pty.types(&format!("/{number:04}\n"));
    }
    expect_keeps(&mut terminal.server);
    assert!(!terminal.is_nonblocking());
    terminal.pty.release();
    for number in 0..1_000 {
        terminal.pty.expect_next(&format!("Unknown command: /{number:04}."));
    }
    terminal.pty.types("/exit\n");
    assert_eq!(terminal.pty.expect_end(), 0);
}

/// The same with a drawn line: text that does not appear in time is skipped and counted, and the
/// next text is correct.
#[cfg(feature = "editor")]
#[test]
fn a_drawn_terminal_that_takes_nothing_skips_lines_and_no_keep() {
    let Some(mut terminal) = Terminal::open_with(&["--color", "never"]) else { return };
    terminal.pty.expect_next("Hello, Ana!");
    terminal.pty.hold();
    for number in 0..2_000 {
        terminal.pty.types(&format!("/{number:04}\r"));
    }
    expect_keeps(&mut terminal.server);
    assert!(!terminal.is_nonblocking());
    terminal.pty.release();
    terminal.pty.expect_next("Unknown command: /0000.");
    terminal.pty.expect_next("lines not shown");
    terminal.pty.types("/peers\r");
    terminal.pty.expect_next("No open conversations.");
    terminal.pty.types("/exit\r");
    assert_eq!(terminal.pty.expect_end(), 0);
}

/// The server refuses the name by the end of its stream.
#[test]
fn a_person_at_a_terminal_is_asked_for_another_name() {
    let Some(mut terminal) = Terminal::open_with(&["--plain"]) else { return };
    terminal.server.half_close();
    terminal.pty.expect_next("refused the name Ana");
    terminal.pty.expect_next("User name: ");
    terminal.pty.types("\x04");
}
