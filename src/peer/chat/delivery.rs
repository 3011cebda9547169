//! How many lines of one connection may not have arrived, should it break now.
//!
//! Nothing in the protocol acknowledges a line. The kernel knows what the other kernel has not
//! acknowledged, but no well-kept crate has a safe call for it (rustix 1.1 and socket2 0.6 have
//! neither SIOCOUTQ nor TCP_INFO, and `unsafe` is not for us). What the other kernel holds for
//! a program that ends without reading it is lost as well. So a line passes three stages:
//!
//! ```text
//! queued    the event loop has it, and the kernel has not taken all of it
//! in doubt  it has left, and may be lost if the connection breaks
//! proven    the other side has sent a line at least DOUBT_MS after it left
//!
//! sent     a───b───c───────────────d──────►   a and b are proven, c and d are in doubt: a path
//!              │◄── DOUBT_MS ──►│             that is dead for so long breaks the connection, and
//! received     └────────────────x             a program that sends has read
//! ```
//!
//! A received line proves something only after the connection has outlived it by [`OUTLIVED_MS`]:
//! it may have been on its way for long, and come together with the reset. A line on another
//! connection of the same conversation takes another path, so it proves only lines that left
//! [`DOUBT_ELSEWHERE_MS`] before it: by then the kernel has delivered a line or given its
//! connection up. One error remains, where a path or a reader is slow and not dead: a line can be
//! lost although it counts as proven, if so much output is before it that the other side takes
//! more than [`DOUBT_MS`] to read it. Must never know what a line says. Read next:
//! [`super::link`].

use std::collections::VecDeque;

use crate::machine::{GIVE_UP, Millis};

/// A line counts as delivered if the other side sends something on the same connection so long
/// after it, in milliseconds.
pub const DOUBT_MS: u64 = 20_000;

/// The same for something on another connection of the same conversation, in milliseconds.
pub const DOUBT_ELSEWHERE_MS: u64 = GIVE_UP.as_millis() as u64 + DOUBT_MS;

/// A received line proves something once the connection has outlived it by so long, in
/// milliseconds.
pub const OUTLIVED_MS: u64 = 5_000;

/// Lines that left within the same second are proven together.
const BATCH_MS: u64 = 1_000;

/// Most batches: one for each second in which lines are in doubt, and one for all lines before,
/// which the same received line proves.
const BATCHES_MAX: usize = (DOUBT_ELSEWHERE_MS / BATCH_MS) as usize + 2;

/// The lines of text that one connection was given.
///
/// ```text
/// given     | USER Ana\r\n | Oi\r\n | Tudo bem?\r\n | DISC\r\n |
/// backlog                                 ^^^^^^^^^^^^^^^^^^^
/// ```
///
/// One text is queued here, because a part of it is. DISC is no text.
#[derive(Debug, Default)]
pub(super) struct Delivery {
    /// How many bytes were given to the event loop.
    given: u64,
    /// When the last of them were.
    given_at: Millis,
    /// How many of them the kernel has not taken, as the event loop reported last.
    backlog: usize,
    /// Where each queued text ends, counted in given bytes.
    queued: VecDeque<u64>,
    /// The lines in doubt, oldest first.
    in_doubt: VecDeque<Batch>,
    /// The oldest received line that has not been used as a proof.
    received: Option<Received>,
}

#[derive(Clone, Copy, Debug)]
struct Batch {
    /// When the last of its lines left.
    left_at: Millis,
    lines: usize,
}

#[derive(Clone, Copy, Debug)]
struct Received {
    at: Millis,
    /// Lines that left so long before it are proven, in milliseconds.
    doubt_ms: u64,
}

impl Delivery {
    /// The event loop was given a line, or a part of one. `ends_text`: it ends a text of the
    /// person.
    pub(super) fn push(&mut self, now: Millis, bytes: usize, ends_text: bool) {
        self.note_left(now);
        self.given_at = now;
        self.given += bytes as u64;
        if ends_text {
            self.queued.push_back(self.given);
        }
    }

    /// The event loop reports how much the kernel has not taken. True: it took some.
    pub(super) fn on_backlog(&mut self, now: Millis, bytes: usize) -> bool {
        let moves = bytes < self.backlog;
        self.backlog = bytes;
        let taken = self.given.saturating_sub(bytes as u64);
        let lines = self.queued.partition_point(|&end| end <= taken);
        self.queued.drain(..lines);
        self.doubt(now, lines);
        moves
    }

    /// The other side sent a line, which proves the lines that left `doubt_ms` before it.
    pub(super) fn on_received(&mut self, now: Millis, doubt_ms: u64) {
        self.note_left(now);
        if let Some(proof) = self.proof(now) {
            self.in_doubt.retain(|batch| !proof.proves(batch));
            self.received = None;
        }
        self.received.get_or_insert(Received { at: now, doubt_ms });
    }

    /// How many bytes the kernel has not taken.
    pub(super) fn backlog(&self) -> usize {
        self.backlog
    }

    /// How many texts the kernel has not taken whole, as far as the event loop has reported.
    pub(super) fn waiting(&self) -> usize {
        if self.backlog == 0 { 0 } else { self.queued.len() }
    }

    /// How many texts may not have arrived, if the connection is gone now. `broke`: there was a
    /// sign that lines were lost, such as a reset. Otherwise all lines that have left arrived.
    pub(super) fn undelivered(&self, now: Millis, broke: bool) -> usize {
        if broke {
            self.queued.len() + self.unproven(now)
        } else if self.has_left(now) {
            0
        } else {
            self.queued.len()
        }
    }

    fn unproven(&self, now: Millis) -> usize {
        let proof = self.proof(now);
        let is_proven = |batch: &Batch| proof.is_some_and(|proof| proof.proves(batch));
        self.in_doubt.iter().filter(|batch| !is_proven(batch)).map(|batch| batch.lines).sum()
    }

    /// The received line, once it proves something.
    fn proof(&self, now: Millis) -> Option<Received> {
        self.received.filter(|received| now.since(received.at) >= OUTLIVED_MS)
    }

    fn note_left(&mut self, now: Millis) {
        if self.has_left(now) {
            let lines = self.queued.len();
            self.queued.clear();
            self.doubt(self.given_at, lines);
        }
    }

    /// The bytes of an earlier turn are all in the kernel, or the event loop would have reported
    /// a backlog.
    fn has_left(&self, now: Millis) -> bool {
        self.backlog == 0 && self.given_at < now
    }

    /// So many lines have left. Times do not go back.
    fn doubt(&mut self, left_at: Millis, lines: usize) {
        if lines == 0 {
            return;
        }
        let second = |at: Millis| at.0 / BATCH_MS;
        match self.in_doubt.back_mut().filter(|last| second(last.left_at) == second(left_at)) {
            Some(last) => *last = Batch { left_at, lines: last.lines + lines },
            None => self.in_doubt.push_back(Batch { left_at, lines }),
        }
        if self.in_doubt.len() > BATCHES_MAX {
            let oldest = self.in_doubt.pop_front().map_or(0, |batch| batch.lines);
            self.in_doubt[0].lines += oldest;
        }
    }
}

impl Received {
    fn proves(self, batch: &Batch) -> bool {
        self.at.since(batch.left_at) >= self.doubt_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts of 10 bytes that left at these times.
    fn left_at(times: &[u64]) -> Delivery {
        let mut delivery = Delivery::default();
        for &time in times {
            delivery.push(Millis(time), 10, true);
        }
        delivery
    }

    fn in_doubt(delivery: &Delivery, now: u64) -> usize {
        delivery.undelivered(Millis(now), true)
    }

    #[test]
    fn the_texts_in_a_backlog_are_counted() {
        let mut delivery = left_at(&[5, 5, 5]);
        delivery.push(Millis(5), 6, false);
        assert_eq!(delivery.undelivered(Millis(5), false), 3);
        assert_eq!(delivery.waiting(), 0, "the event loop has not written yet");
        assert!(!delivery.on_backlog(Millis(6), 21));
        assert!(!delivery.on_backlog(Millis(6), 21), "as much as before");
        assert_eq!(delivery.waiting(), 2);
        assert_eq!(delivery.undelivered(Millis(9), false), 2);
        assert!(delivery.on_backlog(Millis(9), 6));
        assert_eq!(delivery.undelivered(Millis(9), false), 0, "DISC is no text");
        assert!(delivery.on_backlog(Millis(10), 0));
        assert_eq!(in_doubt(&delivery, 10), 3, "all have left");
        delivery.on_received(Millis(20_008), DOUBT_MS);
        assert_eq!(in_doubt(&delivery, 30_000), 3, "two left at 9, with the other");
        delivery.on_received(Millis(30_000), DOUBT_MS);
        assert_eq!(in_doubt(&delivery, 40_000), 0);
    }

    #[test]
    fn a_text_of_an_earlier_turn_left_in_that_turn() {
        let mut delivery = left_at(&[5, 6_000]);
        delivery.on_received(Millis(20_005), DOUBT_MS);
        assert_eq!(in_doubt(&delivery, 30_000), 1);
    }

    #[test]
    fn a_received_line_proves_what_left_long_before_it_once_it_is_outlived() {
        let mut delivery = left_at(&[1_000, 1_000, 2_000]);
        delivery.on_received(Millis(21_000), DOUBT_MS);
        delivery.on_received(Millis(22_000), DOUBT_MS);
        assert_eq!(in_doubt(&delivery, 25_999), 3);
        assert_eq!(in_doubt(&delivery, 26_000), 1, "by the first one");
        delivery.on_received(Millis(26_000), DOUBT_MS);
        assert_eq!(in_doubt(&delivery, 30_999), 1);
        assert_eq!(in_doubt(&delivery, 31_000), 0);
    }

    #[test]
    fn a_received_line_proves_nothing_that_left_less_than_20_s_before_it() {
        let mut delivery = left_at(&[1_000]);
        delivery.on_received(Millis(20_999), DOUBT_MS);
        assert_eq!(in_doubt(&delivery, 90_000), 1);
    }

    #[test]
    fn a_line_on_another_connection_proves_what_left_200_s_before_it() {
        let mut delivery = left_at(&[1_000]);
        delivery.on_received(Millis(200_999), DOUBT_ELSEWHERE_MS);
        assert_eq!(in_doubt(&delivery, 205_999), 1);
        delivery.on_received(Millis(206_000), DOUBT_ELSEWHERE_MS);
        assert_eq!(in_doubt(&delivery, 211_000), 0);
    }

    #[test]
    fn a_long_monologue_takes_no_more_memory_than_a_short_one() {
        let mut delivery = Delivery::default();
        for second in 0..10_000 {
            for _ in 0..3 {
                delivery.push(Millis(second * 1_000 + 500), 10, true);
            }
        }
        assert_eq!(in_doubt(&delivery, 10_000_000), 30_000);
        assert!(delivery.in_doubt.len() <= 202, "{} batches", delivery.in_doubt.len());
        delivery.on_received(Millis(9_999_500), DOUBT_MS);
        assert_eq!(in_doubt(&delivery, 10_010_000), 20 * 3, "sent in the last 20 s");
    }
}
