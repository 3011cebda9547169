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

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of the generator that Marsaglia describes, worked out elsewhere.
    #[test]
    fn the_numbers_are_those_of_xorshift64() {
        let mut die = Die::new(1);
        let rolls = [(); 4].map(|()| die.roll());
        let known = [
            1_082_269_761,
            1_152_992_998_833_853_505,
            11_177_516_664_432_764_457,
            17_678_023_832_001_937_445,
        ];
        assert_eq!(rolls, known);
    }
}
