//! The screen of a program under test: what it has written there.
//!
//! Knows no connection. Read next: [`super::of_peer`], whose steps look at it.

use crate::machine::Millis;

/// Most of what a program writes on its screen that is kept, in bytes.
pub(super) const WRITTEN_BYTES_MAX: usize = 256 * 1024;

/// A program whose screen has not changed for so long waits for a line to be typed, in
/// milliseconds.
pub(super) const ASKS_AFTER_MS: u64 = 700;

/// The screen of one program.
#[derive(Debug, Default)]
pub(super) struct Screen {
    written: Vec<u8>,
    /// When the program last wrote, or was started or typed into.
    changed_at: Millis,
}

impl Screen {
    /// An empty one, of a program that starts now.
    pub(super) fn new(now: Millis) -> Self {
        Self { written: Vec::new(), changed_at: now }
    }

    /// Adds what the program wrote. Beyond [`WRITTEN_BYTES_MAX`] it is dropped.
    pub(super) fn write(&mut self, now: Millis, bytes: &[u8]) {
        let room = WRITTEN_BYTES_MAX.saturating_sub(self.written.len());
        self.written.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.changed_at = now;
    }

    /// Forgets what was written.
    pub(super) fn clear(&mut self) {
        self.written.clear();
    }

    /// A line was typed: the program may take its time again.
    pub(super) fn on_typed(&mut self, now: Millis) {
        self.changed_at = now;
    }

    /// From when on the program counts as waiting for a line. Before the first line it must have
    /// written something, or had a good while to do so.
    pub(super) fn asks_at(&self) -> Millis {
        let patience_ms = if self.written.is_empty() { 4 * ASKS_AFTER_MS } else { ASKS_AFTER_MS };
        self.changed_at + patience_ms
    }

    /// Whether this text stands on it.
    pub(super) fn shows(&self, text: &[u8]) -> bool {
        let screen = without_escapes(&self.written);
        screen.windows(text.len().max(1)).any(|window| window == text)
    }

    /// The last line that has anything in it.
    pub(super) fn last_line(&self) -> Vec<u8> {
        let screen = without_escapes(&self.written);
        let mut lines = screen.rsplit(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
        lines.find(|line| !line.is_empty()).unwrap_or_default().to_vec()
    }
}

/// Text without the escape sequences that move a cursor or color it, and without carriage
/// returns.
fn without_escapes(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        match byte {
            0x1b => rest = behind_escape(behind),
            b'\n' | b'\t' => text.push(byte),
            0..0x20 | 0x7f => {}
            other => text.push(other),
        }
    }
    text
}

/// The bytes behind an escape sequence, given without its ESC.
fn behind_escape(bytes: &[u8]) -> &[u8] {
    let (end, from) = match bytes.first() {
        Some(b'[') => (bytes.iter().skip(1).position(|byte| (0x40..0x7f).contains(byte)), 2),
        Some(b']' | b'P' | b'_') => (bytes.iter().position(|byte| [0x07, 0x9c].contains(byte)), 1),
        _ => (None, 1),
    };
    let end = end.map_or(1, |at| at + from);
    &bytes[end.min(bytes.len())..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_no_text() {
        let screen = b"\x1b[2K\r\x1b[1;31mOi\x1b[0m Bruno\x1b]0;title\x07!\r\n";
        assert_eq!(without_escapes(screen), b"Oi Bruno!\n");
        assert_eq!(without_escapes(b"a\x1b["), b"a");
        assert_eq!(without_escapes(b"a\x1b"), b"a");
    }
}
