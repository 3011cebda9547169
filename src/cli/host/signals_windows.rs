//! Ctrl-C on Windows, as an event like any other: `signals.rs` has the signals of Unix.
//!
//! A thread waits for it, made by the crate `ctrlc`: it is one of the two threads beside the loop's
//! own (the other reads stdin). It sets a flag and wakes the poller. Ctrl-Break is the same here.
//! The end of a console window is told in the same way, but Windows ends the program right behind
//! it. Read next: [`super::program`].

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use mio::{Registry, Token};

use crate::console::waker;

/// The number that Unix gives to Ctrl-C.
pub(super) const SIGINT: i32 = 2;

/// It came and the loop has not looked yet.
static CAME: AtomicBool = AtomicBool::new(false);

#[derive(Debug)]
pub(crate) struct Signals;

/// The wishes since the last look.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct SignalWishes {
    /// To end: the signal that did.
    pub(crate) stop: Option<i32>,
    /// To say how it is: there is no way to ask that here.
    pub(crate) report: bool,
}

impl Signals {
    /// Catches it. The first asks the program to end. A second one that comes before the loop has
    /// seen the first ends it at once, however stuck the program is.
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

    /// Whether a look is worth while. Whichever source has woken the poller: the keyboard has the
    /// same waker.
    pub(super) fn may_have_come(&self, _: &[Token]) -> bool {
        CAME.load(Ordering::Relaxed)
    }

    /// Whether it came since the last look.
    pub(crate) fn take(&mut self, _: &Registry) -> SignalWishes {
        let came = CAME.swap(false, Ordering::Relaxed);
        SignalWishes { stop: came.then_some(SIGINT), report: false }
    }
}
