//! The lines are those of the whole stream, wherever it is cut, and the buffer keeps no more than
//! its limit.

use papo::buffers::lines::LineBuffer;
use papo::machine::{LineEnd, LineLimit};

use super::tape::Tape;

type Lines = Vec<(Vec<u8>, LineEnd)>;

/// All lines with the unended rest, up to the first that is too long, and whether one is.
type Outcome = (Lines, bool);

pub fn check(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let keep = tape.below(40);
    let limit = LineLimit { keep, close: keep + tape.below(40) };
    let cuts: Vec<_> = tape.chunk().iter().map(|&cut| usize::from(cut)).collect();
    let puts_back = tape.flag();
    let stream = tape.rest();
    let expected = reference(stream, limit);
    assert_eq!(read([stream], limit, false), expected, "in one piece, {limit:?}");
    assert_eq!(read(stream.chunks(1), limit, puts_back), expected, "byte by byte, {limit:?}");
    assert_eq!(read(pieces(stream, &cuts), limit, puts_back), expected, "{cuts:?}, {limit:?}");
}

/// The bytes as one slice.
fn reference(stream: &[u8], limit: LineLimit) -> Outcome {
    let mut lines = Lines::new();
    for line in stream.split_inclusive(|&byte| byte == b'\n') {
        let (text, end) = match line.strip_suffix(b"\n") {
            Some(text) => (text, LineEnd::Terminator),
            None => (line, LineEnd::Rest),
        };
        if text.len() > limit.close {
            return (lines, false);
        }
        lines.push(match text.get(..limit.keep).filter(|cut| cut.len() < text.len()) {
            Some(cut) => (cut.to_vec(), LineEnd::Cut),
            None => (text.strip_suffix(b"\r").unwrap_or(text).to_vec(), end),
        });
    }
    (lines, true)
}

fn pieces<'a>(mut stream: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    for &length in lengths {
        let (piece, rest) = stream.split_at(length.min(stream.len()));
        pieces.push(piece);
        stream = rest;
    }
    pieces.push(stream);
    pieces
}

/// `puts_back`: after each line the rest of a piece is put back and taken out again.
fn read<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
    limit: LineLimit,
    puts_back: bool,
) -> Outcome {
    let mut buffer = LineBuffer::new(limit);
    let (mut lines, mut said) = (Lines::new(), Vec::new());
    for piece in pieces {
        let mut fresh = piece.to_vec();
        loop {
            let Ok((used, line)) = buffer.next_line(&fresh) else { return (lines, false) };
            let Some(line) = line else {
                assert_eq!(used, fresh.len(), "without a line all is used");
                said.extend_from_slice(&fresh);
                break;
            };
            lines.push((line.bytes.to_vec(), line.end));
            said.clear();
            fresh.drain(..used);
            if puts_back {
                buffer.put_back(&fresh);
                assert!(buffer.pending().is_empty(), "what was put back is no unfinished line");
                fresh = buffer.take_back();
            }
        }
        assert_eq!(buffer.pending(), &said[..said.len().min(limit.keep)], "what is kept");
    }
    lines.extend(buffer.take_rest());
    assert!(buffer.pending().is_empty() && buffer.take_rest().is_none(), "the rest is taken once");
    (lines, true)
}
