//! Bytes in, whole lines out, bounded.
//!
//! TCP is a stream: a read brings half a line, or three lines and a bit. Here the pieces become
//! lines again. Nothing about what a line means. Read next: [`super::request`].

use crate::machine::{LineEnd, LineLimit};

/// What one connection has sent of a line that has not ended yet.
///
/// Most reads end exactly at a line's end, so most of the time there is nothing to keep: a line
/// that lies whole in the bytes just read is handed over from there, without a copy, and an idle
/// connection keeps no buffer at all.
///
/// ```text
/// fresh (just read)   | KEEP \r \n | LIST \r \n | ADDR Br |
///                       1st line     2nd line     becomes `rest`
///
/// next read           | uno \r \n |       3rd line = rest + "uno"
/// ```
///
/// Every byte is looked at once: an unfinished line is not searched again when more arrives.
#[derive(Debug)]
pub struct LineBuffer {
    limit: LineLimit,
    /// The unfinished line, at most `limit.keep` bytes of it. Or whole lines that wait, where
    /// [`LineBuffer::put_back`] left them: then `held` is set.
    rest: Vec<u8>,
    /// Bytes of the unfinished line that were thrown away because `rest` was full.
    cut: usize,
    /// `rest` was given out as a line; the next call empties it.
    spent: bool,
    held: bool,
    ended_once: bool,
}

/// One line, without its LF or CR LF.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Line<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// How it ended.
    pub end: LineEnd,
}

/// The line grew past [`LineLimit::close`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LineTooLong;

impl LineBuffer {
    /// An empty one. Takes no memory of its own before half a line arrives.
    #[must_use]
    pub fn new(limit: LineLimit) -> Self {
        debug_assert!(limit.keep <= limit.close, "a line is cut before it is too long");
        Self { limit, rest: Vec::new(), cut: 0, spent: false, held: false, ended_once: false }
    }

    /// The next line, with how many bytes of `fresh` are used up. `None`: all of `fresh` is, and
    /// no line came of it.
    ///
    /// # Errors
    ///
    /// When a line passes the limit. The buffer is of no use then.
    pub fn next_line<'a>(
        &'a mut self,
        fresh: &'a [u8],
    ) -> Result<(usize, Option<Line<'a>>), LineTooLong> {
        debug_assert!(!self.held, "what was put back is taken out first");
        self.forget_spent();
        let Some(lf) = fresh.iter().position(|&byte| byte == b'\n') else {
            self.keep(fresh)?;
            return Ok((fresh.len(), None));
        };
        self.ended_once = true;
        let used = lf + 1;
        if self.rest.is_empty() {
            let line = whole(&fresh[..lf], self.limit)?;
            return Ok((used, Some(line)));
        }
        self.keep(&fresh[..lf])?;
        self.spent = true;
        let end = if self.cut > 0 { LineEnd::Cut } else { LineEnd::Terminator };
        Ok((used, Some(Line { bytes: without_cr(&self.rest, end), end })))
    }

    /// Takes what there is of an unfinished line for a line, with [`LineEnd::Rest`], or
    /// [`LineEnd::Cut`] where that was not all of it.
    pub fn take_rest(&mut self) -> Option<(Vec<u8>, LineEnd)> {
        debug_assert!(!self.held, "what was put back is taken out first");
        self.forget_spent();
        if self.rest.is_empty() {
            return None;
        }
        let end = if std::mem::take(&mut self.cut) > 0 { LineEnd::Cut } else { LineEnd::Rest };
        let mut rest = std::mem::take(&mut self.rest);
        rest.truncate(without_cr(&rest, end).len());
        Some((rest, end))
    }

    /// Puts back bytes that may not be handed over now. Only right after a line.
    pub fn put_back(&mut self, fresh: &[u8]) {
        self.forget_spent();
        debug_assert!(self.rest.is_empty(), "a line has just ended");
        if !fresh.is_empty() {
            self.rest = fresh.to_vec();
            self.held = true;
        }
    }

    /// Takes out what was put back, to be given to [`LineBuffer::next_line`] again.
    pub fn take_back(&mut self) -> Vec<u8> {
        if self.held { self.take_held() } else { Vec::new() }
    }

    /// Whether bytes of an unfinished line are kept.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        !self.spent && !self.held && !self.rest.is_empty()
    }

    /// The bytes of the unfinished line, as far as they are kept.
    #[must_use]
    pub fn pending(&self) -> &[u8] {
        if self.is_pending() { &self.rest } else { &[] }
    }

    /// Whether any line ever came to its proper end here.
    #[must_use]
    pub fn has_ended_a_line(&self) -> bool {
        self.ended_once
    }

    fn take_held(&mut self) -> Vec<u8> {
        self.held = false;
        std::mem::take(&mut self.rest)
    }

    fn forget_spent(&mut self) {
        if self.spent {
            self.spent = false;
            self.cut = 0;
            self.rest = Vec::new();
        }
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), LineTooLong> {
        let room = self.limit.keep - self.rest.len();
        let kept = bytes.len().min(room);
        self.rest.extend_from_slice(&bytes[..kept]);
        self.cut += bytes.len() - kept;
        if self.rest.len() + self.cut > self.limit.close { Err(LineTooLong) } else { Ok(()) }
    }
}

fn whole(bytes: &[u8], limit: LineLimit) -> Result<Line<'_>, LineTooLong> {
    if bytes.len() > limit.close {
        return Err(LineTooLong);
    }
    if bytes.len() > limit.keep {
        return Ok(Line { bytes: &bytes[..limit.keep], end: LineEnd::Cut });
    }
    let end = LineEnd::Terminator;
    Ok(Line { bytes: without_cr(bytes, end), end })
}

/// One CR before the end belongs to the end. Others are text (the handout's `\r\n`; a public
/// client ends its lines with LF alone). What was cut off has its CR elsewhere.
fn without_cr(bytes: &[u8], end: LineEnd) -> &[u8] {
    match end {
        LineEnd::Cut => bytes,
        LineEnd::Terminator | LineEnd::Rest => bytes.strip_suffix(b"\r").unwrap_or(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: LineLimit = LineLimit { keep: 8, close: 12 };

    fn lines(pieces: &[&[u8]]) -> Result<Vec<(String, LineEnd)>, LineTooLong> {
        let mut buffer = LineBuffer::new(LIMIT);
        let mut found = Vec::new();
        for mut fresh in pieces.iter().copied() {
            loop {
                let (used, line) = buffer.next_line(fresh)?;
                let Some(line) = line else { break };
                found.push((String::from_utf8_lossy(line.bytes).into_owned(), line.end));
                fresh = &fresh[used..];
            }
        }
        Ok(found)
    }

    #[test]
    fn half_lines_are_joined() {
        let found = lines(&[b"KEEP\r\nLI", b"ST\r", b"\nA\n"]).expect("short lines");
        let texts: Vec<_> = found.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(texts, ["KEEP", "LIST", "A"]);
    }

    #[test]
    fn a_long_line_is_cut_and_a_longer_one_closes() {
        let cut = vec![("12345678".to_string(), LineEnd::Cut)];
        assert_eq!(lines(&[b"1234567890\n"]), Ok(cut.clone()));
        assert_eq!(lines(&[b"12345", b"67890", b"\n"]), Ok(cut));
        assert_eq!(lines(&[b"1234567890123\n"]), Err(LineTooLong));
        assert_eq!(lines(&[b"1234567890", b"123"]), Err(LineTooLong));
    }

    #[test]
    fn the_rest_is_a_line_when_asked_for() {
        let mut buffer = LineBuffer::new(LIMIT);
        assert_eq!(buffer.take_rest(), None);
        assert_eq!(buffer.next_line(b"DISC\r"), Ok((5, None)));
        assert!(buffer.is_pending() && !buffer.has_ended_a_line());
        assert_eq!(buffer.take_rest(), Some((b"DISC".to_vec(), LineEnd::Rest)));
        assert!(!buffer.is_pending());
    }

    #[test]
    fn what_was_put_back_comes_out_again() {
        let mut buffer = LineBuffer::new(LIMIT);
        let fresh = b"A\nB\nC";
        let (used, line) = buffer.next_line(fresh).expect("short");
        assert_eq!(line.map(|line| line.bytes.to_vec()), Some(b"A".to_vec()));
        buffer.put_back(&fresh[used..]);
        assert!(!buffer.is_pending());
        assert_eq!(buffer.take_back(), b"B\nC");
        assert_eq!(buffer.take_back(), b"");
    }
}
