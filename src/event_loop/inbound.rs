//! What has arrived on one connection and is not handed over yet, cut as its framing says.
//!
//! Knows no socket: bytes in, pieces out. Read next: `serve`, which hands the pieces over, and
//! [`crate::buffers::lines`], where lines are found.

use super::{RAW_READ_BYTES, READ_BYTES_PER_TURN};
use crate::buffers::lines::{Line, LineBuffer, LineTooLong};
use crate::machine::{Framing, LineEnd, RECEIVE_BYTES_MAX};

#[derive(Debug)]
pub(super) enum Inbound {
    Lines(LineBuffer),
    /// Keeps nothing: every read is handed over whole.
    Raw,
    /// One piece of a given length. Boxed, because it is rare and a connection is to stay small.
    Exact(Box<Exact>),
}

/// ```text
/// length  |<------------------------>|
/// bytes   | what has arrived |              what comes behind `length` goes to `before`
/// ```
#[derive(Debug)]
pub(super) struct Exact {
    /// Grows as bytes arrive: a length that is only promised costs nothing.
    bytes: Vec<u8>,
    /// Longer than `bytes`.
    length: usize,
    /// What had arrived already when the piece was asked for, and is to be looked at again.
    early: Vec<u8>,
    /// The framing that is set aside.
    before: Inbound,
}

/// What some bytes came to.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    Line(Line<'a>),
    Bytes(&'a [u8]),
    Received(Vec<u8>),
    /// They are kept.
    Nothing,
}

/// What was left over when a stream ended.
#[derive(Debug)]
pub(super) enum Rest {
    Line(Vec<u8>, LineEnd),
    Received { bytes: Vec<u8>, missing: usize },
}

impl Inbound {
    pub(super) fn new(framing: Framing) -> Self {
        match framing {
            Framing::Lines(limit) => Self::Lines(LineBuffer::new(limit)),
            Framing::Raw => Self::Raw,
        }
    }

    /// How much to read at once.
    pub(super) fn read_bytes_max(&self) -> usize {
        match self {
            Self::Lines(_) => READ_BYTES_PER_TURN,
            Self::Raw | Self::Exact(_) => RAW_READ_BYTES,
        }
    }

    /// The next piece, with how many bytes of `fresh` are used up.
    ///
    /// # Errors
    ///
    /// When a line passes its limit.
    pub(super) fn next_piece<'a>(
        &'a mut self,
        fresh: &'a [u8],
    ) -> Result<(usize, Piece<'a>), LineTooLong> {
        match self {
            Self::Lines(lines) => {
                let (used, line) = lines.next_line(fresh)?;
                Ok((used, line.map_or(Piece::Nothing, Piece::Line)))
            }
            Self::Raw => Ok((fresh.len(), Piece::Bytes(fresh))),
            Self::Exact(exact) => {
                let used = exact.fill(fresh);
                let piece = exact.take_full().map(|(bytes, before)| {
                    *self = before;
                    Piece::Received(bytes)
                });
                Ok((used, piece.unwrap_or(Piece::Nothing)))
            }
        }
    }

    /// All there is of an unfinished line, where none was ever finished.
    pub(super) fn first_pending(&self) -> Option<&[u8]> {
        match self {
            Self::Lines(lines) if !lines.has_ended_a_line() => Some(lines.pending()),
            Self::Lines(_) | Self::Raw | Self::Exact(_) => None,
        }
    }

    /// From now on, and until there are `length` bytes: one piece.
    ///
    /// # Panics
    ///
    /// Where the length is out of bounds, or another piece is being waited for.
    pub(super) fn receive_all(&mut self, length: usize) {
        assert!((1..=RECEIVE_BYTES_MAX).contains(&length), "a piece of 1 to RECEIVE_BYTES_MAX");
        assert!(!matches!(self, Self::Exact(_)), "one piece at a time");
        let mut before = std::mem::replace(self, Self::Raw);
        let early = match &mut before {
            Self::Lines(lines) => lines.take_all(),
            Self::Raw | Self::Exact(_) => Vec::new(),
        };
        *self = Self::Exact(Box::new(Exact { bytes: Vec::new(), length, early, before }));
    }

    /// How many bytes wait that were not handed over when they came.
    pub(super) fn held_bytes(&self) -> usize {
        match self {
            Self::Lines(lines) => lines.held_bytes(),
            Self::Raw => 0,
            Self::Exact(exact) => exact.early.len(),
        }
    }

    /// Whether bytes may be put back. Where not, what one read brought is handed over to its end.
    pub(super) fn can_hold(&self) -> bool {
        matches!(self, Self::Lines(_))
    }

    /// Takes those out, to be given to [`Inbound::next_piece`] again.
    pub(super) fn take_held(&mut self) -> Vec<u8> {
        match self {
            Self::Lines(lines) => lines.take_back(),
            Self::Raw => Vec::new(),
            Self::Exact(exact) => std::mem::take(&mut exact.early),
        }
    }

    /// Holds bytes that may not be handed over now.
    pub(super) fn put_back(&mut self, fresh: &[u8]) {
        match self {
            Self::Lines(lines) => lines.put_back(fresh),
            Self::Raw | Self::Exact(_) => debug_assert!(fresh.is_empty(), "it can hold nothing"),
        }
    }

    /// Takes out what is unfinished, when nothing more will come or the machine wants it so.
    pub(super) fn take_rest(&mut self) -> Option<Rest> {
        match self {
            Self::Lines(lines) => {
                let (line, end) = lines.take_rest()?;
                Some(Rest::Line(line, end))
            }
            Self::Raw => None,
            // What came early belongs to the piece, and is yet to be put there.
            Self::Exact(exact) if !exact.early.is_empty() => None,
            Self::Exact(exact) => {
                let missing = exact.length - exact.bytes.len();
                let bytes = std::mem::take(&mut exact.bytes);
                *self = std::mem::replace(&mut exact.before, Self::Raw);
                Some(Rest::Received { bytes, missing })
            }
        }
    }
}

impl Exact {
    fn fill(&mut self, fresh: &[u8]) -> usize {
        let used = fresh.len().min(self.length - self.bytes.len());
        self.bytes.extend_from_slice(&fresh[..used]);
        used
    }

    /// All of it, and the framing that follows.
    fn take_full(&mut self) -> Option<(Vec<u8>, Inbound)> {
        let is_full = self.bytes.len() == self.length;
        is_full.then(|| {
            let before = std::mem::replace(&mut self.before, Inbound::Raw);
            (std::mem::take(&mut self.bytes), before)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::LineLimit;

    const LINES: Framing = Framing::Lines(LineLimit { keep: 80, close: 80 });

    fn pieces(inbound: &mut Inbound, mut fresh: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        while !fresh.is_empty() {
            let (used, piece) = inbound.next_piece(fresh).expect("short lines");
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            match piece {
                Piece::Line(line) => found.push(format!("line {}", text(line.bytes))),
                Piece::Bytes(bytes) => found.push(format!("bytes {}", text(bytes))),
                Piece::Received(bytes) => found.push(format!("received {}", text(&bytes))),
                Piece::Nothing => {}
            }
            fresh = &fresh[used..];
        }
        found
    }

    #[test]
    fn a_piece_of_a_given_length_comes_whole_and_lines_go_on_behind_it() {
        let mut inbound = Inbound::new(LINES);
        assert_eq!(pieces(&mut inbound, b"PUT\r\n"), ["line PUT"]);
        inbound.receive_all(5);
        assert_eq!(pieces(&mut inbound, b"a\nb"), Vec::<String>::new());
        assert_eq!(pieces(&mut inbound, b"cdGET\r\n"), ["received a\nbcd", "line GET"]);
    }

    #[test]
    fn what_had_arrived_before_it_was_asked_for_belongs_to_it() {
        let mut inbound = Inbound::new(LINES);
        assert_eq!(pieces(&mut inbound, b"abc"), Vec::<String>::new());
        inbound.receive_all(4);
        assert_eq!(inbound.held_bytes(), 3);
        let early = inbound.take_held();
        assert_eq!(pieces(&mut inbound, &early), Vec::<String>::new());
        assert_eq!(pieces(&mut inbound, b"de\n"), ["received abcd", "line e"]);
    }

    #[test]
    fn an_early_end_says_how_much_is_missing() {
        let mut inbound = Inbound::new(Framing::Raw);
        inbound.receive_all(1000);
        assert_eq!(pieces(&mut inbound, b"abc"), Vec::<String>::new());
        let Some(Rest::Received { bytes, missing }) = inbound.take_rest() else {
            panic!("a rest of a piece")
        };
        assert_eq!((bytes.as_slice(), missing), (b"abc".as_slice(), 997));
        assert_eq!(pieces(&mut inbound, b"x"), ["bytes x"]);
    }
}
