//! Wakes the poller from another thread, on Windows only: there two threads beside the loop's own
//! read the console and wait for Ctrl-C.
//!
//! mio allows one waker for each poller, so both share this one. The token of its event says
//! nothing of which of them it was, and both look. Read next: [`super::keyboard`].

use std::io;
use std::sync::OnceLock;

use mio::{Registry, Token, Waker};

/// A process has one loop, and so one poller to wake.
static WAKER: OnceLock<Waker> = OnceLock::new();

/// Makes the waker, unless there is one.
///
/// # Errors
///
/// Those of the operating system.
pub fn begin(registry: &Registry, token: Token) -> io::Result<()> {
    if WAKER.get().is_none() {
        // Only the loop's own thread comes here, so nobody else has set it in between.
        let _ = WAKER.set(Waker::new(registry, token)?);
    }
    Ok(())
}

/// Ends the wait of the poller, the one that is or the next. That this fails has no remedy here:
/// the loop looks when it wakes for another reason.
pub fn wake() {
    if let Some(waker) = WAKER.get() {
        let _ = waker.wake();
    }
}
