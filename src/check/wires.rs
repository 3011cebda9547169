//! One connection of a rule: its state, and the lines that came.
//!
//! It cuts lines itself, because the rules judge line ends too. Knows no message. Read next:
//! [`super::lane`].

use std::collections::VecDeque;
use std::io;

use crate::machine::{ConnId, Millis};

/// Bytes without a line end count as a line after this time.
pub(super) const REST_MS: u64 = 300;

/// Most bytes of a line. The rest of a longer one is dropped.
pub(super) const LINE_BYTES_MAX: usize = 64 * 1024;

/// Most lines that wait for a step. Further lines are dropped.
pub(super) const LINES_MAX: usize = 1000;

/// One connection.
#[derive(Debug, Default)]
pub(super) struct Wire {
    pub(super) state: WireState,
    pub(super) conn: Option<ConnId>,
    heard: VecDeque<Heard>,
    partial: Vec<u8>,
    partial_at: Millis,
    /// How many questions were repeated before their answers came. A busy program answers all of
    /// them later.
    owed: usize,
    /// The last question, until a line comes.
    question: Vec<u8>,
    /// When bytes were last sent.
    pub(super) said_at: Millis,
    /// When the next KEEP is due.
    pub(super) keep_at: Option<Millis>,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum WireState {
    #[default]
    Unused,
    Dialing,
    Open,
    /// The other side has closed, or the connection failed.
    Ended(Millis),
    /// The dial failed.
    Failed(io::ErrorKind),
    /// The check has closed it.
    ClosedByUs,
}

/// A line that came.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Heard {
    pub(super) at: Millis,
    /// The line without its end.
    pub(super) line: Vec<u8>,
    pub(super) end: HeardEnd,
    /// It may be the late answer to a question that was repeated.
    pub(super) is_owed: bool,
}

/// How a line ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum HeardEnd {
    CrLf,
    Lf,
    /// No line end came within [`REST_MS`], or before the end of the connection.
    Rest,
}

impl Wire {
    /// A wire that is being dialed.
    pub(super) fn dialing() -> Self {
        Self { state: WireState::Dialing, ..Self::default() }
    }

    /// An open wire.
    pub(super) fn open(conn: ConnId) -> Self {
        Self { state: WireState::Open, conn: Some(conn), ..Self::default() }
    }

    /// Takes bytes that came.
    pub(super) fn take(&mut self, now: Millis, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            let room = LINE_BYTES_MAX.saturating_sub(self.partial.len());
            self.partial.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.ends_with(b"\n") {
                self.end_line(now);
            }
        }
        self.partial_at = now;
    }

    fn end_line(&mut self, now: Millis) {
        let mut line = std::mem::take(&mut self.partial);
        line.pop_if(|byte| *byte == b'\n');
        let end = if line.pop_if(|byte| *byte == b'\r').is_some() {
            HeardEnd::CrLf
        } else {
            HeardEnd::Lf
        };
        self.push(Heard { at: now, line, end, is_owed: false });
    }

    fn push(&mut self, heard: Heard) {
        if self.heard.len() < LINES_MAX {
            self.heard.push_back(heard);
        }
    }

    /// Makes a line of bytes without a line end, if nothing more came for [`REST_MS`].
    pub(super) fn settle(&mut self, now: Millis) {
        if self.rest_at().is_some_and(|at| now >= at) {
            let line = std::mem::take(&mut self.partial);
            self.push(Heard { at: self.partial_at, line, end: HeardEnd::Rest, is_owed: false });
        }
    }

    /// When the bytes without a line end count as a line, if there are any.
    pub(super) fn rest_at(&self) -> Option<Millis> {
        let wait_ms = if self.state == WireState::Open { REST_MS } else { 0 };
        (!self.partial.is_empty()).then_some(self.partial_at + wait_ms)
    }

    /// Notes that a question is sent, and whether it repeats an unanswered one.
    pub(super) fn ask(&mut self, question: &[u8]) {
        self.owed += usize::from(self.question == question);
        self.question = question.to_vec();
    }

    /// The next line.
    pub(super) fn next_line(&mut self) -> Option<Heard> {
        let mut heard = self.heard.pop_front()?;
        if !std::mem::take(&mut self.question).is_empty() {
            return Some(heard);
        }
        let is_answer = heard.line.starts_with(b"LIST") || heard.line.starts_with(b"ADDR");
        heard.is_owed = is_answer && self.owed > 0;
        self.owed -= usize::from(heard.is_owed);
        Some(heard)
    }

    /// The bytes after the last line.
    pub(super) fn unfinished(&self) -> &[u8] {
        &self.partial
    }

    /// The connection, while it is open.
    pub(super) fn open_conn(&self) -> Option<ConnId> {
        self.conn.filter(|_| self.state == WireState::Open)
    }

    /// Whether more may come.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.state, WireState::Open | WireState::Dialing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(wire: &mut Wire) -> Vec<(String, HeardEnd)> {
        let next =
            || wire.next_line().map(|it| (String::from_utf8(it.line).expect("text"), it.end));
        std::iter::from_fn(next).collect()
    }

    #[test]
    fn lines_are_the_same_however_reads_are_cut() {
        let mut wire = Wire { state: WireState::Open, ..Wire::default() };
        for piece in [&b"LIS"[..], b"T a\r", b"\nADDR x\nrest"] {
            wire.take(Millis(5), piece);
        }
        let expected =
            [("LIST a".to_string(), HeardEnd::CrLf), ("ADDR x".to_string(), HeardEnd::Lf)];
        assert_eq!(lines(&mut wire), expected);
        wire.settle(Millis(5 + REST_MS - 1));
        assert_eq!(lines(&mut wire), []);
        wire.settle(Millis(5 + REST_MS));
        assert_eq!(lines(&mut wire), [("rest".to_string(), HeardEnd::Rest)]);
    }

    /// A busy server gets a question twice, and may answer twice.
    #[test]
    fn a_repeated_question_may_have_two_answers_and_not_three() {
        let mut wire = Wire { state: WireState::Open, ..Wire::default() };
        wire.ask(b"LIST\r\n");
        wire.ask(b"LIST\r\n");
        wire.take(Millis(0), b"LIST a\r\nLIST a\r\nLIST a\r\n");
        let owed = || wire.next_line().map(|it| it.is_owed);
        assert_eq!(std::iter::from_fn(owed).collect::<Vec<_>>(), [false, true, false]);
        wire.ask(b"LIST\r\n");
        wire.take(Millis(0), b"LIST a\r\n");
        assert!(wire.next_line().is_some_and(|it| !it.is_owed));
        wire.ask(b"LIST\r\n");
        wire.take(Millis(0), b"LIST a\r\nLIST a\r\n");
        assert!(wire.next_line().is_some_and(|it| !it.is_owed));
        assert!(wire.next_line().is_some_and(|it| !it.is_owed), "nothing was asked twice");
    }

    #[test]
    fn a_flood_is_bounded() {
        let mut wire = Wire { state: WireState::Open, ..Wire::default() };
        wire.take(Millis(0), &[b'x'; 3 * LINE_BYTES_MAX]);
        assert_eq!(wire.partial.len(), LINE_BYTES_MAX);
        wire.take(Millis(0), &[b'\n'; 3 * LINES_MAX]);
        assert_eq!(wire.heard.len(), LINES_MAX);
    }
}
