//! Reproducible random numbers: the same seed gives the same numbers on every computer.
//!
//! It is our own generator, because a failing seed must fail again in a year.

use std::ops::Range;

/// splitmix64: one addition and three multiplications for a number. Any seed is good.
#[derive(Clone, Debug)]
pub(crate) struct Rng {
    state: u64,
    /// Given numbers, the next one last. They come before the random ones.
    tape: Vec<u16>,
}

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed.wrapping_mul(0x2545_F491_4F6C_DD1D), tape: Vec::new() }
    }

    /// Numbers from a fuzzer, two bytes each, and then random ones. A fuzzer that changes one byte
    /// so changes one decision.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let numbers = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        Self { state: 0, tape: numbers.rev().collect() }
    }

    pub(crate) fn number(&mut self) -> u64 {
        if let Some(number) = self.tape.pop() {
            return number.into();
        }
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number of `range`, or its start if it is empty.
    pub(crate) fn within(&mut self, range: Range<u64>) -> u64 {
        let width = range.end.saturating_sub(range.start).max(1);
        range.start + self.number() % width
    }

    /// An index for this length.
    pub(crate) fn index(&mut self, len: usize) -> usize {
        self.within(0..len as u64) as usize
    }

    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.within(0..100) < chance
    }

    /// The same, without a draw where the chance is 0.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        percent > 0 && self.percent(percent)
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.index(choices.len())]
    }

    /// A second generator. What one draws does not shift what the other draws. It gets the later
    /// half of the given numbers.
    pub(crate) fn fork(&mut self) -> Self {
        let state = self.number();
        let later = self.tape.len() / 2;
        let rest = self.tape.split_off(later);
        Self { state, tape: std::mem::replace(&mut self.tape, rest) }
    }
}
