//! Chance, reproducible: the same seed draws the same numbers on every machine.
//!
//! A generator of its own, because the whole value of a failing seed is that it fails again
//! next year. Read next: [`super::faults`], which draws the most.

use std::ops::Range;

/// splitmix64: one addition and three multiplications a number, and any seed will do.
#[derive(Clone, Debug)]
pub(crate) struct Rng {
    state: u64,
    /// Decisions that were made beforehand, the next one last. They come first.
    tape: Vec<u16>,
}

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed.wrapping_mul(0x2545_F491_4F6C_DD1D), tape: Vec::new() }
    }

    /// Somebody else's choices instead of chance, for as long as there are any: two bytes a
    /// number. So a fuzzer that changes one byte changes one decision, and not all that follow.
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

    /// One of `range`; its start where it is empty.
    pub(crate) fn within(&mut self, range: Range<u64>) -> u64 {
        let width = range.end.saturating_sub(range.start).max(1);
        range.start + self.number() % width
    }

    /// An index into something of this length.
    pub(crate) fn index(&mut self, len: usize) -> usize {
        self.within(0..len as u64) as usize
    }

    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.within(0..100) < chance
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.index(choices.len())]
    }

    /// Another generator, so that what it draws does not shift what this one draws. A tape is
    /// shared out: it gets the later half.
    pub(crate) fn fork(&mut self) -> Self {
        let state = self.number();
        let later = self.tape.len() / 2;
        let rest = self.tape.split_off(later);
        Self { state, tape: std::mem::replace(&mut self.tape, rest) }
    }
}
