//! Lines from bytes in pieces: every split of the bytes gives the same lines.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use papo::buffers::lines::{LineBuffer, LineTooLong};
use papo::machine::{LineEnd, LineLimit};
use papo::wire::REQUEST_LIMIT;

use super::thousands;

type Lines = Vec<(Vec<u8>, LineEnd)>;

/// The lines of some bytes.
#[derive(Debug, Default, Eq, PartialEq)]
struct Framed {
    lines: Lines,
    /// Whether a line was too long. The bytes after it are not cut.
    too_long: bool,
    /// The bytes after the last line feed.
    unfinished: Vec<u8>,
}

/// Cuts all bytes at once: the model of `LineBuffer`.
fn frame(bytes: &[u8], limit: LineLimit) -> Framed {
    let mut framed = Framed::default();
    for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
        let line = piece.strip_suffix(b"\n").unwrap_or(piece);
        match line.len() {
            length if length > limit.close => return Framed { too_long: true, ..framed },
            length if length == piece.len() => framed.unfinished = line.to_vec(),
            length if length > limit.keep => {
                framed.lines.push((line[..limit.keep].to_vec(), LineEnd::Cut));
            }
            _ => framed.lines.push((without_cr(line).to_vec(), LineEnd::Terminator)),
        }
    }
    framed
}

fn without_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Gives one piece to the buffer and takes every line of it. If `pauses` says so, the bytes after a
/// line are put back and taken out again, as for a paused connection.
fn feed(
    buffer: &mut LineBuffer,
    piece: &[u8],
    pauses: &mut impl Iterator<Item = bool>,
    lines: &mut Lines,
) -> Result<(), LineTooLong> {
    let mut fresh = piece.to_vec();
    loop {
        let (used, line) = buffer.next_line(&fresh)?;
        let Some(line) = line else {
            assert_eq!(used, fresh.len(), "without a line, all bytes are used up");
            return Ok(());
        };
        lines.push((line.bytes.to_vec(), line.end));
        fresh.drain(..used);
        if pauses.next() == Some(true) {
            fresh = put_back_and_take_out(buffer, &fresh);
        }
    }
}

fn put_back_and_take_out(buffer: &mut LineBuffer, fresh: &[u8]) -> Vec<u8> {
    buffer.put_back(fresh);
    assert!(buffer.pending().is_empty(), "what was put back may hold whole lines");
    let back = buffer.take_back();
    assert_eq!(buffer.take_back(), b"", "it comes out once");
    back
}

/// Feeds `pieces` one by one, and compares with the model after each.
fn check_pieces(
    buffer: &mut LineBuffer,
    limit: LineLimit,
    pieces: &[Vec<u8>],
    pauses: &mut impl Iterator<Item = bool>,
) -> Framed {
    let mut lines = Lines::new();
    let mut so_far = Vec::new();
    for piece in pieces {
        so_far.extend_from_slice(piece);
        let result = feed(buffer, piece, pauses, &mut lines);
        let expected = frame(&so_far, limit);
        assert_eq!(lines, expected.lines);
        assert_eq!(result.is_err(), expected.too_long);
        if expected.too_long {
            return expected;
        }
        assert_eq!(buffer.pending().is_empty(), expected.unfinished.is_empty());
    }
    frame(&so_far, limit)
}

/// Takes the unfinished line, and checks its capacity: the vector is the buffer's own memory.
fn check_rest(buffer: &mut LineBuffer, limit: LineLimit, unfinished: &[u8]) {
    let taken = buffer.take_rest();
    assert_eq!(taken.is_some(), !unfinished.is_empty());
    let (rest, end) = taken.unwrap_or((Vec::new(), LineEnd::Rest));
    let kept = &unfinished[..unfinished.len().min(limit.keep)];
    let is_cut = unfinished.len() > kept.len();
    assert_eq!(end, if is_cut { LineEnd::Cut } else { LineEnd::Rest });
    // A CR at the end of a cut line is text, because the end of the line is elsewhere.
    assert_eq!(rest, if is_cut { kept } else { without_cr(kept) });
    assert!(rest.capacity() <= (2 * limit.keep).max(8), "{} bytes", rest.capacity());
    assert!(buffer.pending().is_empty());
}

fn small_limit() -> impl Strategy<Value = LineLimit> {
    (1usize..12, 0usize..12).prop_map(|(keep, more)| LineLimit { keep, close: keep + more })
}

/// The bytes of one read. There are few different ones, so that CR and LF often meet.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    vec(select(&b"aab: \0\xC3\xFF\r\r\n\n"[..]), 0..16)
}

proptest! {
    #![proptest_config(thousands())]

    #[test]
    fn any_split_of_any_bytes_gives_the_same_lines(
        limit in small_limit(),
        pieces in vec(piece(), 0..8),
        pauses in vec(any::<bool>(), 0..8),
    ) {
        let mut buffer = LineBuffer::new(limit);
        check_pieces(&mut buffer, limit, &pieces, &mut pauses.into_iter().cycle());
    }

    #[test]
    fn a_rest_that_was_taken_leaves_no_trace(
        limit in small_limit(),
        takes in vec(vec(piece(), 0..3), 0..6),
    ) {
        let mut buffer = LineBuffer::new(limit);
        for pieces in takes {
            let framed = check_pieces(&mut buffer, limit, &pieces, &mut std::iter::empty());
            if framed.too_long {
                break;
            }
            check_rest(&mut buffer, limit, &framed.unfinished);
        }
    }
}

/// S46.
#[test]
fn a_request_of_512_bytes_passes_and_one_more_does_not() {
    let pass = [vec![b'x'; 510], b"\r\n".to_vec()].concat();
    let more = [vec![b'x'; 511], b"\r\n".to_vec()].concat();
    let whole =
        |bytes: &[u8]| LineBuffer::new(REQUEST_LIMIT).next_line(bytes).map(|(used, _)| used);
    assert_eq!(whole(&pass), Ok(512));
    assert_eq!(whole(&more), Err(LineTooLong));
    assert_eq!(whole(&more[..511]), Ok(511), "it may still end with the next byte");
    assert_eq!(whole(&more[..512]), Err(LineTooLong), "S46: 512 bytes without LF");
}

/// For recordings and traces.
#[test]
fn a_line_has_its_terminator_as_text() {
    let limit = LineLimit { keep: 4, close: 100 };
    let lines: [(&[u8], &str, bool); 4] = [
        (b"ab\r\n", "\\r\\n", true),
        (b"ab\n", "\\n", false),
        (b"abcdef\n", "... (too long)", false),
        (b"ab\r\r\n", "\\r\\n", true),
    ];
    for (bytes, terminator, has_cr) in lines {
        let mut buffer = LineBuffer::new(limit);
        let (_, line) = buffer.next_line(bytes).expect("within the limit");
        let line = line.expect("a whole line");
        assert_eq!((line.terminator(), line.has_cr()), (terminator, has_cr), "{bytes:?}");
    }
}
