//! Wakes the poller from another thread, on Windows only. There one thread reads the console, and
//! another waits for Ctrl-C.
//!
//! mio allows one waker for each poller, so both threads share this one. Its token does not tell
//! which of them it was, so the loop asks both. Read next: [`super::keyboard`].

use std::io;
use std::sync::OnceLock;

use mio::{Registry, Token, Waker};

/// A process has one loop, and so one poller.
static WAKER: OnceLock<Waker> = OnceLock::new();

/// Makes the waker, unless there is one.
///
/// # Errors
///
/// Those of the operating system.
pub fn begin(registry: &Registry, token: Token) -> io::Result<()> {
    if WAKER.get().is_none() {
        // Only the loop's own thread calls this, so nothing has set it in between.
        let _ = WAKER.set(Waker::new(registry, token)?);
    }
    Ok(())
}

/// Ends the current wait of the poller, or the next one. If this fails, the loop asks when it wakes
/// for another reason.
pub fn wake() {
    if let Some(waker) = WAKER.get() {
        let _ = waker.wake();
    }
}
