//! stdin and stdout of each kind: pipes, FIFOs, files, sockets, terminals, closed descriptors.
//!
//! | file | about |
//! | --- | --- |
//! | [`kinds`] | each kind of stdin is read to its end, and no shared flag changes |
//! | [`bulk`] | much input starves neither the network nor the processor |
//! | [`screens`] | each kind of stdout gets its text, and a stuck one stops no KEEP |
//! | [`terminal`] | the same with a pseudo-terminal as stdin and stdout |
//!
//! The test itself is the server, so it sees each KEEP.

mod bulk;
mod kinds;
mod screens;
mod terminal;

use std::os::fd::AsFd;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{OFlags, fcntl_getfl};

use crate::support::proc::signal;
use crate::support::{PATIENCE, Raw};

/// The options of a peer that sends KEEP five times a second, so that the tests are short.
const OPTIONS: [&str; 4] = ["--keepalive", "0.2", "--pace", "0"];

/// Kills a process that runs too long, so that a test that reads or writes its pipes fails instead
/// of waiting for ever. A drop ends the watchdog.
struct Watchdog {
    _held: Sender<()>,
}

impl Watchdog {
    fn over(id: u32) -> Self {
        let (held, released) = channel();
        thread::spawn(move || {
            let waited = released.recv_timeout(3 * PATIENCE);
            if waited == Err(RecvTimeoutError::Timeout) {
                signal(id, "KILL");
            }
        });
        Self { _held: held }
    }
}

/// Asserts that KEEP goes on. Those that have already arrived do not count: three more must come.
#[track_caller]
fn expect_keeps(ana: &mut Raw) {
    while !ana.is_silent_for(Duration::from_millis(20)) {
        assert_eq!(ana.line(), "KEEP");
    }
    for _ in 0..3 {
        assert_eq!(ana.line(), "KEEP");
    }
}

/// Asserts that the connection to the server ends, with only KEEP before the end.
#[track_caller]
fn expect_leave(ana: &mut Raw) {
    let start = Instant::now();
    while let Some(line) = ana.line_or_end() {
        assert_eq!(line, "KEEP\r\n");
        assert!(start.elapsed() < PATIENCE, "the peer does not leave");
    }
}

/// Whether O_NONBLOCK is set in the open file description, which all duplicates share.
fn is_nonblocking(shared: impl AsFd) -> bool {
    fcntl_getfl(shared).expect("an open descriptor").contains(OFlags::NONBLOCK)
}
