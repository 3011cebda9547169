//! The line buffer: bytes go in, whole lines come out, and the memory is bounded.
//!
//! TCP is a stream: one read may bring half a line, or three lines and a half. The buffer joins the
//! parts to lines. It must not know the meaning of a line. Read next: [`super::output`].

use std::num::NonZeroU32;

/// How a line ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LineEnd {
    /// With LF or CR LF.
    Terminator,
    /// It was longer than [`LineLimit::keep`]: these bytes are its beginning, and the rest is lost.
    Cut,
    /// Without a terminator: the stream ended, or the machine asked for the unfinished line
    /// (`Action::EndLine`).
    Rest,
}

/// The longest line of a connection, in bytes before the LF.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LineLimit {
    /// A longer line is cut to this many bytes and marked [`LineEnd::Cut`].
    pub keep: usize,
    /// A line longer than this closes the connection. At least `keep`. `usize::MAX`: no line does.
    pub close: usize,
}

/// The line buffer of one connection: it keeps an unfinished line until its end arrives.
///
/// Most reads end exactly at a line end, so usually there is nothing to keep. A whole line in the
/// bytes just read is borrowed from them, without a copy. An idle connection has no buffer memory.
///
/// ```text
/// fresh (just read)   | KEEP \r \n | LIST \r \n | ADDR Br |
///                       1st line     2nd line     is kept
///
/// next read           | uno \r \n |       3rd line = what was kept + "uno"
/// ```
///
/// Each byte is searched once: an unfinished line is not searched again when more bytes arrive.
#[derive(Debug)]
pub struct LineBuffer {
    /// As [`LineLimit::keep`], in 32 bits, because there are thousands of connections.
    keep_max: u32,
    /// The shortest line that closes. `NonZeroU32::MAX`: no line does. It is never 0, so an enum
    /// around this type takes no more memory.
    too_long: NonZeroU32,
    /// `None` most of the time: an idle connection has only this pointer.
    kept: Option<Box<Kept>>,
}

/// The bytes that are kept between two reads.
#[derive(Debug)]
struct Kept {
    bytes: Vec<u8>,
    /// How many bytes of the unfinished line were dropped, because it is longer than `keep_max`.
    cut: usize,
    state: LineState,
}

/// The meaning of [`Kept::bytes`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum LineState {
    /// The beginning of a line, `keep_max` bytes at most.
    Unfinished,
    /// A line that the last call returned. The next call frees it.
    Spent,
    /// The bytes that [`LineBuffer::put_back`] keeps.
    Held,
}

/// One line, without its LF or CR LF.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Line<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// How it ended.
    pub end: LineEnd,
    has_cr: bool,
}

impl<'a> Line<'a> {
    fn new(bytes: &'a [u8], end: LineEnd) -> Self {
        let text = without_cr(bytes, end);
        Self { bytes: text, end, has_cr: text.len() < bytes.len() }
    }

    /// Whether a CR came before its LF.
    #[must_use]
    pub fn has_cr(&self) -> bool {
        self.has_cr
    }

    /// Its terminator as text, for a trace.
    #[must_use]
    pub fn terminator(&self) -> &'static str {
        match (self.end, self.has_cr) {
            (LineEnd::Rest, _) => "",
            (LineEnd::Cut, _) => "... (too long)",
            (LineEnd::Terminator, true) => "\\r\\n",
            (LineEnd::Terminator, false) => "\\n",
        }
    }
}

/// The line grew past [`LineLimit::close`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LineTooLong;

impl LineBuffer {
    /// An empty buffer. It allocates no memory until half a line arrives.
    #[must_use]
    pub fn new(limit: LineLimit) -> Self {
        debug_assert!(limit.keep <= limit.close, "keep is at most close");
        let [keep_max, close_max] =
            [limit.keep, limit.close].map(|bytes| u32::try_from(bytes).unwrap_or(u32::MAX));
        let too_long = NonZeroU32::MIN.saturating_add(close_max);
        Self { keep_max, too_long, kept: None }
    }

    /// The next line, and how many bytes of `fresh` it uses up. `None`: `fresh` has no line end,
    /// and all of it is kept.
    ///
    /// # Errors
    ///
    /// If the line is longer than the limit. The buffer is of no use then.
    pub fn next_line<'a>(
        &'a mut self,
        fresh: &'a [u8],
    ) -> Result<(usize, Option<Line<'a>>), LineTooLong> {
        debug_assert!(!self.is(LineState::Held), "bytes that were put back are taken out first");
        self.forget_spent();
        let Some(lf) = find_lf(fresh) else {
            self.keep(fresh)?;
            return Ok((fresh.len(), None));
        };
        let used = lf + 1;
        if self.kept.is_none() {
            let line = whole_line(&fresh[..lf], self.limit())?;
            return Ok((used, Some(line)));
        }
        Ok((used, self.finish(&fresh[..lf])?))
    }

    /// Takes out the unfinished line, with [`LineEnd::Rest`], or [`LineEnd::Cut`] if a part of it
    /// was dropped.
    pub fn take_rest(&mut self) -> Option<(Vec<u8>, LineEnd)> {
        debug_assert!(!self.is(LineState::Held), "bytes that were put back are taken out first");
        self.forget_spent();
        let mut kept = self.kept.take()?;
        let end = if kept.cut > 0 { LineEnd::Cut } else { LineEnd::Rest };
        kept.bytes.truncate(without_cr(&kept.bytes, end).len());
        Some((kept.bytes, end))
    }

    /// Keeps bytes that cannot be handed over now. Only allowed right after a line.
    pub fn put_back(&mut self, fresh: &[u8]) {
        self.forget_spent();
        debug_assert!(self.kept.is_none(), "a line has just ended");
        if !fresh.is_empty() {
            let bytes = fresh.to_vec();
            self.kept = Some(Box::new(Kept { bytes, cut: 0, state: LineState::Held }));
        }
    }

    /// Takes out the bytes that were put back, for [`LineBuffer::next_line`].
    pub fn take_back(&mut self) -> Vec<u8> {
        let held = self.kept.take_if(|kept| kept.state == LineState::Held);
        held.map(|kept| kept.bytes).unwrap_or_default()
    }

    /// How many bytes were put back.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        let held = self.kept.as_ref().filter(|kept| kept.state == LineState::Held);
        held.map_or(0, |kept| kept.bytes.len())
    }

    /// The kept bytes of the unfinished line.
    #[must_use]
    pub fn pending(&self) -> &[u8] {
        let kept = self.kept.as_ref().filter(|kept| kept.state == LineState::Unfinished);
        kept.map_or(&[], |kept| &kept.bytes)
    }

    fn limit(&self) -> LineLimit {
        let close = match self.too_long {
            NonZeroU32::MAX => usize::MAX,
            too_long => too_long.get() as usize - 1,
        };
        LineLimit { keep: self.keep_max as usize, close }
    }

    fn is(&self, state: LineState) -> bool {
        self.kept.as_ref().is_some_and(|kept| kept.state == state)
    }

    fn forget_spent(&mut self) {
        if self.is(LineState::Spent) {
            self.kept = None;
        }
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), LineTooLong> {
        if bytes.is_empty() {
            return Ok(());
        }
        let state = LineState::Unfinished;
        let close = self.limit().close;
        let kept =
            self.kept.get_or_insert_with(|| Box::new(Kept { bytes: Vec::new(), cut: 0, state }));
        let fits = bytes.len().min(self.keep_max as usize - kept.bytes.len());
        kept.bytes.extend_from_slice(&bytes[..fits]);
        kept.cut = kept.cut.saturating_add(bytes.len() - fits);
        if kept.bytes.len().saturating_add(kept.cut) > close { Err(LineTooLong) } else { Ok(()) }
    }

    /// The unfinished line, joined with its last bytes.
    fn finish(&mut self, bytes: &[u8]) -> Result<Option<Line<'_>>, LineTooLong> {
        self.keep(bytes)?;
        let Some(kept) = &mut self.kept else { return Ok(None) };
        kept.state = LineState::Spent;
        let end = if kept.cut > 0 { LineEnd::Cut } else { LineEnd::Terminator };
        Ok(Some(Line::new(&kept.bytes, end)))
    }
}

/// A shorter search is faster without vector instructions: one request, for example.
const SHORT_BYTES: usize = 32;

fn find_lf(bytes: &[u8]) -> Option<usize> {
    #[cfg(test)]
    tests::count_looked_at(bytes.len());
    if bytes.len() < SHORT_BYTES {
        bytes.iter().position(|&byte| byte == b'\n')
    } else {
        memchr::memchr(b'\n', bytes)
    }
}

/// A line that lies whole in the bytes just read.
fn whole_line(bytes: &[u8], limit: LineLimit) -> Result<Line<'_>, LineTooLong> {
    if bytes.len() > limit.close {
        return Err(LineTooLong);
    }
    if bytes.len() > limit.keep {
        return Ok(Line::new(&bytes[..limit.keep], LineEnd::Cut));
    }
    Ok(Line::new(bytes, LineEnd::Terminator))
}

/// Cuts one CR off the end of a line, because it belongs to the terminator (the handout's `\r\n`; a
/// public client sends LF alone). Other CRs are text. The end of a cut line is no terminator.
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

    thread_local! {
        /// How many bytes this thread has searched for a line end.
        static LOOKED_AT: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    pub(super) fn count_looked_at(bytes: usize) {
        LOOKED_AT.set(LOOKED_AT.get() + bytes);
    }

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

    /// A script without a line end, such as `/dev/zero`, sends 4 GiB in a minute.
    #[test]
    fn a_buffer_that_never_closes_takes_a_line_of_any_length() {
        let mut buffer = LineBuffer::new(LineLimit { keep: 8, close: usize::MAX });
        assert_eq!(buffer.next_line(b"1234567890"), Ok((10, None)));
        buffer.kept.as_mut().expect("an unfinished line").cut = u32::MAX as usize;
        assert_eq!(buffer.next_line(b"x"), Ok((1, None)));
        let line = buffer.next_line(b"\n").expect("no line is too long").1.expect("a line");
        assert_eq!((line.bytes, line.end), (&b"12345678"[..], LineEnd::Cut));
    }

    /// If each read searched the whole line again, the cost would be the square of its length.
    #[test]
    fn each_byte_of_a_long_line_is_searched_once() {
        const BYTES: usize = 20_000;
        let limit = LineLimit { keep: BYTES, close: BYTES };
        let mut buffer = LineBuffer::new(limit);
        for _ in 0..BYTES {
            assert_eq!(buffer.next_line(b"x"), Ok((1, None)));
        }
        let (_, line) = buffer.next_line(b"\n").expect("not too long");
        assert_eq!(line.map(|line| line.bytes.len()), Some(BYTES));
        assert_eq!(LOOKED_AT.get(), BYTES + 1);
    }

    #[test]
    fn an_unfinished_line_is_taken_out_on_request() {
        let mut buffer = LineBuffer::new(LIMIT);
        assert_eq!(buffer.take_rest(), None);
        assert_eq!(buffer.next_line(b"DISC\r"), Ok((5, None)));
        assert!(!buffer.pending().is_empty());
        assert_eq!(buffer.take_rest(), Some((b"DISC".to_vec(), LineEnd::Rest)));
        assert!(buffer.pending().is_empty());
    }

    #[test]
    fn bytes_that_were_put_back_come_out_again() {
        let mut buffer = LineBuffer::new(LIMIT);
        let fresh = b"A\nB\nC";
        let (used, line) = buffer.next_line(fresh).expect("short");
        assert_eq!(line.map(|line| line.bytes.to_vec()), Some(b"A".to_vec()));
        buffer.put_back(&fresh[used..]);
        assert!(buffer.pending().is_empty());
        assert_eq!(buffer.held_bytes(), 3);
        assert_eq!(buffer.take_back(), b"B\nC");
        assert_eq!(buffer.take_back(), b"");
        assert_eq!(buffer.held_bytes(), 0);
    }
}
