//! Microseconds, for measuring. The machines live on milliseconds.

use std::time::Instant;

/// Runs from the moment it was made, and does not jump.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch {
    start: Instant,
}

impl Stopwatch {
    /// Runs from now on.
    #[allow(clippy::disallowed_methods, reason = "measures, and decides nothing")]
    #[must_use]
    pub(crate) fn start() -> Self {
        Self { start: Instant::now() }
    }

    /// Since it was made, in microseconds.
    #[must_use]
    pub(crate) fn micros(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}
