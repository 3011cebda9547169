//! Pseudo-random numbers for the machines. They spread pauses and choices; they are not secret.
//!
//! A machine gets its seed from outside, so a test decides which numbers come.

/// A generator of pseudo-random numbers: xorshift64, by George Marsaglia.
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// A generator with any `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        // From 0, xorshift gives 0 for ever.
        Self(seed | 1)
    }

    /// The next number.
    pub(crate) fn next_number(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers of xorshift64 with the shifts 13, 7 and 17, computed by another program.
    #[test]
    fn the_numbers_are_those_of_xorshift64() {
        let mut random = Random::new(1);
        let numbers = [(); 4].map(|()| random.next_number());
        let known = [
            1_082_269_761,
            1_152_992_998_833_853_505,
            11_177_516_664_432_764_457,
            17_678_023_832_001_937_445,
        ];
        assert_eq!(numbers, known);
    }
}
