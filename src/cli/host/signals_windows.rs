//! Ctrl-C on Windows, as an event of the poller: `signals.rs` has the signals of Unix.
//!
//! A thread of the crate `ctrlc` waits for it, sets a flag and wakes the poller. Ctrl-Break does
//! the same. So does the end of a console window, but Windows ends the program right after it. Read
//! next: [`super::program`].

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use mio::{Registry, Token};

use crate::console::waker;

/// The number that Unix gives to Ctrl-C.
pub(super) const SIGINT: i32 = 2;

/// Ctrl-C came, and the loop has not taken it yet.
static CAME: AtomicBool = AtomicBool::new(false);

#[derive(Debug)]
pub(crate) struct Signals;

/// The requests since the last call.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct SignalRequests {
    /// The signal that asks the program to stop.
    pub(crate) stop: Option<i32>,
    /// A report: nothing asks for it here.
    pub(crate) report: bool,
}

impl Signals {
    /// Catches it. The first asks the program to stop. A second one that comes before the loop has
    /// taken the first ends the process at once.
    pub(crate) fn register(registry: &Registry, token: Token) -> io::Result<Self> {
        waker::begin(registry, token)?;
        let handled = ctrlc::set_handler(|| {
            if CAME.swap(true, Ordering::Relaxed) {
                std::process::exit(128 + SIGINT);
            }
            waker::wake();
        });
        handled.map_err(io::Error::other)?;
        Ok(Self)
    }

    /// Whether Ctrl-C came. The ready sources do not tell: the keyboard has the same waker.
    pub(super) fn may_have_come(&self, _: &[Token]) -> bool {
        CAME.load(Ordering::Relaxed)
    }

    /// Whether it came since the last call.
    pub(crate) fn take(&mut self, _: &Registry) -> SignalRequests {
        let came = CAME.swap(false, Ordering::Relaxed);
        SignalRequests { stop: came.then_some(SIGINT), report: false }
    }
}
