//! Typed bytes become whole lines, and the end of all input comes behind the last of them.
//!
//! No screen, no words, no keys: a person who edits a line has [`super::editor`]. Read next:
//! [`super::plain`], which has one.

use crate::buffers::lines::LineBuffer;
use crate::machine::{LineLimit, Typed};

/// Longest typed line, in bytes. A longer line is cut; nobody types one.
pub const TYPED_BYTES_MAX: usize = 64 * 1024;

/// Some editors begin every file of UTF-8 with this.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Typed lines may grow without end: they are cut, and never refused.
const TYPED_LIMIT: LineLimit = LineLimit { keep: TYPED_BYTES_MAX, close: usize::MAX };

/// Lines that were typed and not taken yet.
#[derive(Debug)]
pub struct TypedLines {
    lines: LineBuffer,
    /// Bytes that were typed and not cut into lines yet.
    fresh: Vec<u8>,
    /// The first line has been taken.
    has_begun: bool,
    end: InputEnd,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum InputEnd {
    NotYet,
    Came,
    Told,
}

impl Default for TypedLines {
    fn default() -> Self {
        Self {
            lines: LineBuffer::new(TYPED_LIMIT),
            fresh: Vec::new(),
            has_begun: false,
            end: InputEnd::NotYet,
        }
    }
}

impl TypedLines {
    /// Takes bytes as they came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.fresh.extend_from_slice(bytes);
    }

    /// Takes note that no more will come.
    pub fn end(&mut self) {
        self.end = InputEnd::Came;
    }

    /// The next line, and behind the last of them the end, once. An unended last line counts: who
    /// pipes a file in means all of it.
    pub fn next_typed(&mut self) -> Option<Typed> {
        if let Some(line) = self.next_line() {
            return Some(self.line(line));
        }
        if self.end != InputEnd::Came {
            return None;
        }
        if let Some((rest, _)) = self.lines.take_rest() {
            return Some(self.line(rest));
        }
        self.end = InputEnd::Told;
        Some(Typed::End)
    }

    /// A line as it is meant: the first one without the mark that tells its encoding.
    fn line(&mut self, mut line: Vec<u8>) -> Typed {
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        if is_first && line.starts_with(BYTE_ORDER_MARK) {
            line.drain(..BYTE_ORDER_MARK.len());
        }
        Typed::Line(line)
    }

    fn next_line(&mut self) -> Option<Vec<u8>> {
        let (used, line) = self.lines.next_line(&self.fresh).ok()?;
        let line = line.map(|line| line.bytes.to_vec());
        self.fresh.drain(..used);
        line
    }
}
