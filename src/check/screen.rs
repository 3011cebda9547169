//! The output of a program under test.
//!
//! Knows no connection. Read next: [`super::peer_steps`].

use crate::machine::Millis;

/// Most bytes of the output that are kept.
pub(super) const WRITTEN_BYTES_MAX: usize = 256 * 1024;

/// A program that writes nothing for this time counts as waiting for a line, in milliseconds.
pub(super) const ASKS_AFTER_MS: u64 = 700;

/// The screen of one program.
#[derive(Debug, Default)]
pub(super) struct Screen {
    written: Vec<u8>,
    /// The time of the last output, line typed, or start.
    changed_at: Millis,
}

impl Screen {
    /// The empty screen of a program that starts now.
    pub(super) fn new(now: Millis) -> Self {
        Self { written: Vec::new(), changed_at: now }
    }

    /// Adds output. Bytes beyond [`WRITTEN_BYTES_MAX`] are dropped.
    pub(super) fn write(&mut self, now: Millis, bytes: &[u8]) {
        let room = WRITTEN_BYTES_MAX.saturating_sub(self.written.len());
        self.written.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.changed_at = now;
    }

    /// Drops the output so far.
    pub(super) fn clear(&mut self) {
        self.written.clear();
    }

    /// Notes that a line was typed.
    pub(super) fn on_typed(&mut self, now: Millis) {
        self.changed_at = now;
    }

    /// When the program counts as waiting for a line. A program without output has more time.
    pub(super) fn asks_at(&self) -> Millis {
        let patience_ms = if self.written.is_empty() { 4 * ASKS_AFTER_MS } else { ASKS_AFTER_MS };
        self.changed_at + patience_ms
    }

    /// Whether the output contains this text.
    pub(super) fn shows(&self, text: &[u8]) -> bool {
        let screen = without_escapes(&self.written);
        screen.windows(text.len().max(1)).any(|window| window == text)
    }

    /// The last line that is not blank.
    pub(super) fn last_line(&self) -> Vec<u8> {
        let screen = without_escapes(&self.written);
        let mut lines = screen.rsplit(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
        lines.find(|line| !line.is_empty()).unwrap_or_default().to_vec()
    }
}

/// Text without escape sequences and control characters, except line feeds and tabs.
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

/// The bytes after an escape sequence, given without its ESC.
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
