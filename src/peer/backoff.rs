//! The pauses between two attempts to reach the server.
//!
//! Knows lengths of time. Must never know what is attempted. Read next: [`super::registration`].

use crate::random::Random;

/// The first pause before another attempt, in milliseconds. It doubles up to the longest, and
/// is spread by half of itself both ways: ten thousand peers must not come back at once.
pub const RETRY_FIRST_MS: u64 = 250;

/// The longest pause before another attempt, in milliseconds.
pub const RETRY_LONGEST_MS: u64 = 5_000;

/// How long the next pause is.
#[derive(Debug)]
pub struct Backoff {
    pause_ms: u64,
    random: Random,
}

impl Backoff {
    /// The next pause is a first one. Any `seed` will do.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { pause_ms: RETRY_FIRST_MS, random: Random::new(seed) }
    }

    /// An attempt was good for a while: the next pause is a first one again.
    pub fn reset(&mut self) {
        self.pause_ms = RETRY_FIRST_MS;
    }

    /// The next pause, in milliseconds.
    pub fn next_ms(&mut self) -> u64 {
        let spread_ms = self.random.next_number() % self.pause_ms;
        let pause_ms = self.pause_ms / 2 + spread_ms;
        self.pause_ms = (self.pause_ms * 2).min(RETRY_LONGEST_MS);
        pause_ms
    }
}
