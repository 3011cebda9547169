//! How many lines have left this machine and may not have arrived, should the connection break.
//!
//! Nothing in the protocol acknowledges a line. The kernel knows what the other kernel has not
//! acknowledged, but no well-kept crate has a safe call for it (rustix 1.1 and socket2 0.6 have
//! neither SIOCOUTQ nor TCP_INFO, and `unsafe` is not for us); and what the other kernel holds for
//! a program that ends without reading it is lost as well. So this goes by what they say:
//!
//! ```text
//! said     a   b       c             d
//! time ────┴───┴───┬───┴──────────┬───┴───►   a and b have arrived: a way that carried nothing
//!                  │◄─ DOUBT_MS ─►│           for so long would be gone by now, and who speaks
//!                                 their word  has read. c and d may not have.
//! ```
//!
//! A word that was on its way for long, and comes with the news that the connection is gone, proves
//! nothing: it counts once the connection has outlived it by [`OUTLIVED_MS`]. A word on another
//! connection of the same conversation came by another way. It proves only what left
//! [`DOUBT_ELSEWHERE_MS`] before: by then the system has delivered a line or given its connection
//! up. A shortcut remains, where a way or a reader is not dead but slow: a line may be in doubt for
//! longer, if so much lies before it that it takes more than [`DOUBT_MS`] to be read. Must never
//! know what was said.

use std::collections::VecDeque;

use crate::machine::{GIVE_UP, Millis};

/// A line counts as delivered if the other side says something on the same connection so long
/// after it, in milliseconds: what comes this way acknowledges what went before.
pub const DOUBT_MS: u64 = 20_000;

/// The same for a word on another connection of the same conversation, in milliseconds.
pub const DOUBT_ELSEWHERE_MS: u64 = GIVE_UP.as_millis() as u64 + DOUBT_MS;

/// A word counts once the connection has outlived it by so long, in milliseconds.
pub const OUTLIVED_MS: u64 = 5_000;

/// Lines that left within the same time are proven together, in milliseconds.
const BATCH_MS: u64 = 1_000;

/// The lines in doubt on one connection.
#[derive(Debug, Default)]
pub(super) struct Unproven {
    /// Oldest first. One for each second of the last [`DOUBT_ELSEWHERE_MS`], and one for all
    /// before.
    batches: VecDeque<Batch>,
    /// They said something that may not count yet.
    word: Option<Word>,
}

#[derive(Clone, Copy, Debug)]
struct Word {
    heard_at: Millis,
    /// A line that left so long before it is proven, in milliseconds.
    doubt_ms: u64,
}

#[derive(Clone, Copy, Debug)]
struct Batch {
    /// When the last of them left.
    left_at: Millis,
    lines: usize,
}

impl Unproven {
    /// So many lines have left. Times do not go back.
    pub(super) fn add(&mut self, left_at: Millis, lines: usize) {
        if lines == 0 {
            return;
        }
        let second = |at: Millis| at.0 / BATCH_MS;
        match self.batches.back_mut().filter(|last| second(last.left_at) == second(left_at)) {
            Some(last) => *last = Batch { left_at, lines: last.lines + lines },
            None => self.batches.push_back(Batch { left_at, lines }),
        }
        // All lines older than that are proven by the same word.
        while self
            .batches
            .get(1)
            .is_some_and(|next| left_at.since(next.left_at) >= DOUBT_ELSEWHERE_MS)
        {
            let oldest = self.batches.pop_front().map_or(0, |batch| batch.lines);
            self.batches[0].lines += oldest;
        }
    }

    /// They said something. It proves what left `doubt_ms` before: [`DOUBT_MS`] for a word on this
    /// connection, [`DOUBT_ELSEWHERE_MS`] for one on another of the same conversation.
    pub(super) fn on_heard(&mut self, now: Millis, doubt_ms: u64) {
        if let Some(word) = self.outlived(now) {
            self.batches.retain(|batch| !batch.is_proven(word));
            self.word = None;
        }
        self.word.get_or_insert(Word { heard_at: now, doubt_ms });
    }

    /// How many lines may not have arrived, if the connection is gone now.
    pub(super) fn lines(&self, now: Millis) -> usize {
        let is_proven = |it: &Batch| self.outlived(now).is_some_and(|word| it.is_proven(word));
        self.batches.iter().filter(|batch| !is_proven(batch)).map(|batch| batch.lines).sum()
    }

    fn outlived(&self, now: Millis) -> Option<Word> {
        self.word.filter(|word| now.since(word.heard_at) >= OUTLIVED_MS)
    }
}

impl Batch {
    fn is_proven(&self, word: Word) -> bool {
        word.heard_at.since(self.left_at) >= word.doubt_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_proves_what_left_long_before_it_once_it_is_outlived() {
        let mut unproven = Unproven::default();
        unproven.add(Millis(1_000), 2);
        unproven.add(Millis(2_000), 1);
        unproven.on_heard(Millis(21_000), DOUBT_MS);
        unproven.on_heard(Millis(22_000), DOUBT_MS);
        assert_eq!(unproven.lines(Millis(25_999)), 3);
        assert_eq!(unproven.lines(Millis(26_000)), 1, "by the first word");
        unproven.on_heard(Millis(26_000), DOUBT_MS);
        assert_eq!(unproven.lines(Millis(30_999)), 1);
        assert_eq!(unproven.lines(Millis(31_000)), 0);
    }

    #[test]
    fn a_word_proves_nothing_that_left_less_than_20_s_before_it() {
        let mut unproven = Unproven::default();
        unproven.add(Millis(1_000), 1);
        unproven.on_heard(Millis(20_999), DOUBT_MS);
        assert_eq!(unproven.lines(Millis(90_000)), 1);
    }

    #[test]
    fn a_word_on_another_connection_proves_what_the_system_has_settled() {
        let mut unproven = Unproven::default();
        unproven.add(Millis(1_000), 1);
        unproven.on_heard(Millis(200_999), DOUBT_ELSEWHERE_MS);
        assert_eq!(unproven.lines(Millis(205_999)), 1);
        unproven.on_heard(Millis(206_000), DOUBT_ELSEWHERE_MS);
        assert_eq!(unproven.lines(Millis(211_000)), 0);
    }

    #[test]
    fn a_long_monologue_takes_no_more_room_than_a_short_one() {
        let mut unproven = Unproven::default();
        for second in 0..10_000 {
            unproven.add(Millis(second * 1_000 + 500), 3);
        }
        assert_eq!(unproven.lines(Millis(10_000_000)), 30_000);
        assert!(unproven.batches.len() <= 202, "{} batches", unproven.batches.len());
        unproven.on_heard(Millis(9_999_500), DOUBT_MS);
        assert_eq!(unproven.lines(Millis(10_010_000)), 20 * 3, "said in the last 20 s");
    }
}
