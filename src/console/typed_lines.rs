//! Typed bytes become whole lines, and after the last line comes the end of the input.
//!
//! Knows no screen and no keys: a line that is edited here is in `editor`. Read next: `plain`,
//! which uses this.

use crate::buffers::lines::LineBuffer;
use crate::machine::{LineLimit, Typed};

/// Longest typed line, in bytes. A longer line is cut.
pub const TYPED_BYTES_MAX: usize = 64 * 1024;

/// Some text editors write this at the beginning of each UTF-8 file.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A typed line that is too long is cut, and never refused.
const TYPED_LIMIT: LineLimit = LineLimit { keep: TYPED_BYTES_MAX, close: usize::MAX };

/// Lines that were typed, and not taken yet.
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
    Returned,
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
    /// Adds bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.fresh.extend_from_slice(bytes);
    }

    /// Notes the end of the input.
    pub fn end(&mut self) {
        self.end = InputEnd::Came;
    }

    /// The next line. After the last line, the end, which is returned once. A last line without its
    /// line end counts: a person who pipes a file in means all of it.
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
        self.end = InputEnd::Returned;
        Some(Typed::End)
    }

    /// The line, without the byte order mark if it is the first.
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
