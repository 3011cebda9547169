//! stdin and stdout, whatever they are: pipes, FIFOs, files, sockets, terminals, nothing.
//!
//! | file | asks |
//! | --- | --- |
//! | [`kinds`] | is every kind of stdin read, to its end, without touching what others share? |
//! | [`bulk`] | does a lot of input starve the network, or a script that waits the machine? |
//! | [`screens`] | does every kind of stdout get what it should, and stop nothing where it is stuck? |
//! | [`terminal`] | the same with a real pseudo-terminal on both ends |
//!
//! The server is the test itself here: so it sees every KEEP.

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

/// The options of a peer that says KEEP five times a second, so that nobody waits for long.
const OPTIONS: [&str; 4] = ["--keepalive", "0.2", "--pace", "0"];

/// Kills a process that is still there after this long, so that a test that reads or writes its
/// pipes fails instead of waiting for ever. Ends when it is dropped.
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

/// KEEP goes on. What had piled up by now is not counted: the interval must pass three times.
#[track_caller]
fn expect_keeps(ana: &mut Raw) {
    while !ana.is_silent_for(Duration::from_millis(20)) {
        assert_eq!(ana.line(), "KEEP");
    }
    for _ in 0..3 {
        assert_eq!(ana.line(), "KEEP");
    }
}

/// The end of the connection to the server, with nothing but KEEP before it.
#[track_caller]
fn expect_leave(ana: &mut Raw) {
    let start = Instant::now();
    while let Some(line) = ana.line_or_end() {
        assert_eq!(line, "KEEP\r\n");
        assert!(start.elapsed() < PATIENCE, "she stays");
    }
}

/// Whether O_NONBLOCK is set in the open file description that this descriptor shares with
/// all its duplicates.
fn is_nonblocking(shared: impl AsFd) -> bool {
    fcntl_getfl(shared).expect("an open descriptor").contains(OFlags::NONBLOCK)
}
