//! Programs that end no line: a second without bytes ends the line instead.
//!
//! Some public programs send texts without a line end. Until the other side of a connection has
//! ended a line of text (its USER does not count), a second without bytes ends its line, and each
//! read becomes a line of its own:
//!
//! ```text
//! bytes   | USER Zeca |   | olá |                       no line end anywhere
//! time    ────┴─────────────┴───────── 1 s ───────────►  two lines: "USER Zeca" and "olá"
//! ```
//!
//! A line feed that comes before joins the reads to one line. Must never know what a line means.
//! Read next: [`super::link`].

use crate::machine::{LineEnd, Millis};

/// After so long without bytes, in milliseconds, the unfinished line of such a program is a line.
pub(super) const QUIET_MS: u64 = 1_000;

/// The unfinished line of one connection.
#[derive(Debug, Default)]
pub(super) struct Unended {
    /// The other side has ended a line of text, so silence ends no line.
    ends_lines: bool,
    /// The length of the unfinished line after each read.
    lengths: Vec<u16>,
    quiet_at: Option<Millis>,
    /// The connection is not read, so its silence means nothing.
    is_paused: bool,
}

impl Unended {
    /// A read had no line end. The unfinished line now has this length.
    pub(super) fn on_read(&mut self, now: Millis, length: usize) {
        if self.ends_lines {
            return;
        }
        let length = u16::try_from(length).unwrap_or(u16::MAX);
        if self.lengths.last().is_none_or(|&last| last < length) {
            self.lengths.push(length);
        }
        self.quiet_at = Some(now + QUIET_MS);
    }

    /// A line came. Returns where to cut it: where the reads ended, if it had no line end.
    pub(super) fn on_line(&mut self, end: LineEnd, is_text: bool) -> Vec<u16> {
        self.quiet_at = None;
        let lengths = std::mem::take(&mut self.lengths);
        let is_ended = end == LineEnd::Terminator;
        self.ends_lines |= is_ended && is_text;
        if is_ended { Vec::new() } else { lengths }
    }

    /// Silence does not end the unfinished line any more.
    pub(super) fn forget_silence(&mut self) {
        self.quiet_at = None;
    }

    /// The connection is not read for a while.
    pub(super) fn pause(&mut self) {
        self.is_paused = true;
    }

    /// The connection is read again. Its silence begins now.
    pub(super) fn resume(&mut self, now: Millis) {
        self.is_paused = false;
        self.quiet_at = self.quiet_at.map(|_| now + QUIET_MS);
    }

    /// When silence ends the unfinished line.
    pub(super) fn quiet_at(&self) -> Option<Millis> {
        self.quiet_at.filter(|_| !self.is_paused)
    }
}

/// Cuts a line at these lengths, but never inside a character.
pub(super) fn cut_at<'a>(line: &'a [u8], lengths: &[u16]) -> Vec<&'a [u8]> {
    let is_character_start = |at: usize| line.get(at).is_some_and(|byte| byte & 0xC0 != 0x80);
    let ends =
        lengths.iter().map(|&length| usize::from(length)).filter(|&at| is_character_start(at));
    let mut begin = 0;
    let mut pieces = Vec::new();
    for end in ends.chain([line.len()]) {
        pieces.push(&line[begin..end]);
        begin = end;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_where_reads_ended_and_never_inside_a_character() {
        let line = "USER Zecaolá".as_bytes();
        assert_eq!(cut_at(line, &[9, 13]), [&b"USER Zeca"[..], "olá".as_bytes()]);
        assert_eq!(cut_at(line, &[12, 13]), [line]);
        assert_eq!(cut_at(line, &[]), [line]);
        assert_eq!(cut_at(b"", &[]), [b""]);
    }

    #[test]
    fn silence_does_not_count_while_the_connection_is_not_read() {
        let mut unended = Unended::default();
        unended.on_read(Millis(0), 4);
        unended.pause();
        assert_eq!(unended.quiet_at(), None);
        unended.resume(Millis(5_000));
        assert_eq!(unended.quiet_at(), Some(Millis(6_000)));
    }

    #[test]
    fn a_line_feed_joins_the_reads_and_ends_the_reading_by_silence() {
        let mut unended = Unended::default();
        unended.on_read(Millis(0), 4);
        assert_eq!(unended.on_line(LineEnd::Terminator, false), [0; 0]);
        unended.on_read(Millis(10), 2);
        unended.on_read(Millis(20), 2);
        unended.on_read(Millis(30), 5);
        assert_eq!(unended.quiet_at(), Some(Millis(1_030)));
        assert_eq!(unended.on_line(LineEnd::Rest, true), [2, 5]);
        assert_eq!(unended.on_line(LineEnd::Terminator, true), [0; 0]);
        unended.on_read(Millis(40), 2);
        assert_eq!(unended.quiet_at(), None);
    }

    #[test]
    fn a_silence_counts_once() {
        let mut unended = Unended::default();
        unended.on_read(Millis(0), 4);
        unended.forget_silence();
        assert_eq!(unended.quiet_at(), None);
    }
}
