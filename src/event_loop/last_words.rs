//! The end: what is still to be shown when the machine wants to exit.
//!
//! The loop no longer turns here; only screens are written to. Read next: [`super::screen`].

use std::io;

use super::{EventLoop, clock};
use crate::machine::{Machine, Terminal};

/// How long the last words may take to reach a screen that does not take them, in milliseconds.
const LAST_WORDS_MS: u64 = 500;

impl<M: Machine, T: Terminal<M::Command, Notice = M::Notice>> EventLoop<M, T> {
    /// Writes out what is to be shown at the end, as far as the screen takes it in time, and gives
    /// a terminal back as it was. For who takes the turns without [`EventLoop::run`].
    ///
    /// # Errors
    ///
    /// Only if the poller itself fails.
    pub fn say_last_words(&mut self) -> io::Result<()> {
        if T::IS_SILENT {
            return Ok(());
        }
        let console = self.release_screen();
        let result = self.write_out();
        drop(console);
        result
    }

    /// Waits until the screen has taken what there is for it, but not long.
    pub(super) fn write_out(&mut self) -> io::Result<()> {
        let deadline = self.clock.now() + LAST_WORDS_MS;
        while [&self.screen, &self.errors].into_iter().flatten().any(|it| !it.is_empty()) {
            let now = self.clock.now();
            if now >= deadline {
                break;
            }
            self.poll.poll(&mut self.events, Some(clock::until(now, deadline))).or_else(
                |error| {
                    if error.kind() == io::ErrorKind::Interrupted { Ok(()) } else { Err(error) }
                },
            )?;
            self.flush_screen();
        }
        Ok(())
    }
}
