//! Which of the lines that were said may not have left this machine.
//!
//! The event loop tells how many bytes the kernel has not taken. Here that becomes a number of
//! lines that a person can be told. Knows lengths; must never know what was said, nor to whom.
//! Lines that have left are [`super::unproven`]'s: read that next.

use std::collections::VecDeque;

use super::unproven::Unproven;
use crate::machine::Millis;

/// The tail of what was said on one connection.
///
/// ```text
/// said      | USER Ana\r\n | Oi\r\n | Tudo bem?\r\n | DISC\r\n |
/// backlog                          ^^^^^^^^^^^^^^^^^^^^^^    one text has not left, nor has a part
///                                                            of its line; DISC does not count
/// ```
#[derive(Debug, Default)]
pub(super) struct Unsent {
    /// The bytes that the kernel has not taken, as far as the event loop told.
    backlog: usize,
    /// The lines that may lie in it, oldest first.
    lines: VecDeque<UnsentLine>,
    said_at: Millis,
    left: Unproven,
}

#[derive(Clone, Copy, Debug)]
struct UnsentLine {
    bytes: usize,
    /// Said by the person; the others are ours.
    is_text: bool,
}

impl Unsent {
    /// A line was said.
    pub(super) fn push(&mut self, now: Millis, bytes: usize, is_text: bool) {
        self.note_left(now);
        self.said_at = now;
        self.lines.push_back(UnsentLine { bytes, is_text });
    }

    /// The event loop tells what the kernel has not taken. True: it took some.
    pub(super) fn on_backlog(&mut self, now: Millis, bytes: usize) -> bool {
        let moves = bytes < self.backlog;
        self.backlog = bytes;
        let mut left: usize = self.lines.iter().map(|line| line.bytes).sum();
        while let Some(oldest) = self.lines.front_mut().filter(|_| left > bytes) {
            // A line beyond the backlog is out; a line of which a part is left is not.
            let out = oldest.bytes.min(left - bytes);
            oldest.bytes -= out;
            left -= out;
            if oldest.bytes == 0 {
                self.left.add(now, usize::from(oldest.is_text));
                self.lines.pop_front();
            }
        }
        moves
    }

    /// They said something, which proves what left `doubt_ms` before: see [`Unproven::on_heard`].
    pub(super) fn on_heard(&mut self, now: Millis, doubt_ms: u64) {
        self.note_left(now);
        self.left.on_heard(now, doubt_ms);
    }

    /// The bytes that the kernel has not taken.
    pub(super) fn backlog(&self) -> usize {
        self.backlog
    }

    /// How many lines of the person's never left, if the connection is gone now.
    pub(super) fn texts(&self, now: Millis) -> usize {
        if self.has_left(now) { 0 } else { self.count_texts() }
    }

    /// How many lines of the person's left and may not have arrived, if it is gone now.
    pub(super) fn texts_that_left(&self, now: Millis) -> usize {
        self.left.lines(now) + self.count_texts() - self.texts(now)
    }

    /// How many lines of the person's the kernel has not taken, as far as the event loop told.
    pub(super) fn waiting(&self) -> usize {
        if self.backlog == 0 { 0 } else { self.count_texts() }
    }

    fn count_texts(&self) -> usize {
        self.lines.iter().filter(|line| line.is_text).count()
    }

    fn note_left(&mut self, now: Millis) {
        if self.has_left(now) {
            self.left.add(self.said_at, self.count_texts());
            self.lines.clear();
        }
    }

    /// An earlier turn's lines are all in the kernel, or the event loop would have told.
    fn has_left(&self, now: Millis) -> bool {
        self.backlog == 0 && self.said_at < now
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::chat::unproven::DOUBT_MS;

    #[test]
    fn the_lines_in_a_backlog_are_counted() {
        let mut unsent = Unsent::default();
        for _ in 0..3 {
            unsent.push(Millis(5), 10, true);
        }
        unsent.push(Millis(5), 6, false);
        assert_eq!(unsent.texts(Millis(5)), 3);
        assert_eq!(unsent.waiting(), 0, "the event loop has not been asked to write yet");
        assert!(!unsent.on_backlog(Millis(6), 21));
        assert!(!unsent.on_backlog(Millis(6), 21), "as much as before");
        assert_eq!(unsent.waiting(), 2);
        assert_eq!(unsent.texts(Millis(9)), 2);
        assert!(unsent.on_backlog(Millis(9), 6));
        assert_eq!(unsent.texts(Millis(9)), 0, "DISC is nothing that the person said");
        assert!(unsent.on_backlog(Millis(10), 0));
        assert_eq!(unsent.texts(Millis(10)), 0);
        assert_eq!(unsent.texts_that_left(Millis(10)), 3, "they have left, and no more is known");
        unsent.on_heard(Millis(20_008), DOUBT_MS);
        assert_eq!(unsent.texts_that_left(Millis(30_000)), 3, "two left at 9, with the other");
        unsent.on_heard(Millis(30_000), DOUBT_MS);
        assert_eq!(unsent.texts_that_left(Millis(40_000)), 0);
    }

    #[test]
    fn text_of_an_earlier_turn_left_in_that_turn() {
        let mut unsent = Unsent::default();
        unsent.push(Millis(5), 10, true);
        unsent.push(Millis(6_000), 10, true);
        unsent.on_heard(Millis(20_005), DOUBT_MS);
        assert_eq!(unsent.texts_that_left(Millis(30_000)), 1);
    }
}
