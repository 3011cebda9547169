//! Chance for machines: numbers that spread things, and guard nothing.
//!
//! A machine is given its seed, so a test decides what comes.

/// Gives numbers by xorshift64, by George Marsaglia.
#[derive(Debug)]
pub(crate) struct Die(u64);

impl Die {
    /// Any `seed` will do.
    pub(crate) fn new(seed: u64) -> Self {
        // A die that begins at 0 shows 0 for ever.
        Self(seed | 1)
    }

    /// The next number.
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}
