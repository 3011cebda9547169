//! JSON, one object at a time, and bytes as text that can be decoded again.
//!
//! Must know nothing of loops. docs/RECORDING.md has the escapes. Read next: [`super`].

use std::fmt::Write;

use crate::wire::name::is_invisible;

/// Most bytes of one read, line or write in a recording, beside their number: a stream of zeros
/// must not fill a disk.
pub const RECORDED_BYTES_MAX: usize = 1024;

/// An object that is being appended to a text.
#[derive(Debug)]
pub(super) struct Object<'a> {
    out: &'a mut String,
}

impl<'a> Object<'a> {
    /// Begins an object, after a comma if it is not the first of its list.
    pub(super) fn begin(out: &'a mut String) -> Self {
        separate(out);
        out.push('{');
        Self { out }
    }

    /// Ends the object. Each object needs this call.
    pub(super) fn end(self) {
        self.out.push('}');
    }

    pub(super) fn key(&mut self, key: &str) -> &mut String {
        separate(self.out);
        let _ = write!(self.out, "\"{key}\":");
        self.out
    }

    pub(super) fn number(&mut self, key: &str, number: u64) {
        let _ = write!(self.key(key), "{number}");
    }

    /// Writes `null` for `None`.
    pub(super) fn number_or_null(&mut self, key: &str, number: Option<u64>) {
        match number {
            Some(number) => self.number(key, number),
            None => self.key(key).push_str("null"),
        }
    }

    pub(super) fn is_true(&mut self, key: &str) {
        self.key(key).push_str("true");
    }

    pub(super) fn text(&mut self, key: &str, text: &str) {
        push_text(self.key(key), text);
    }

    /// Writes a text that needs no escapes: a connection, an address, a word of the schema.
    pub(super) fn word(&mut self, key: &str, word: impl std::fmt::Display) {
        let _ = write!(self.key(key), "\"{word}\"");
    }

    /// Writes `bytes`, their `count`, and `cut` if not all of them are written.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.bytes_of("bytes", "count", bytes, bytes.len());
    }

    /// The same under other keys. `bytes` may be only the beginning of `count` bytes.
    pub(super) fn bytes_of(&mut self, key: &str, count_key: &str, bytes: &[u8], count: usize) {
        let shown = &bytes[..bytes.len().min(RECORDED_BYTES_MAX)];
        push_bytes(self.key(key), shown);
        self.number(count_key, count as u64);
        if shown.len() < count {
            self.is_true("cut");
        }
    }
}

/// Appends a comma after another value.
pub(super) fn separate(out: &mut String) {
    if !out.is_empty() && !out.ends_with(['[', '{', ':']) {
        out.push(',');
    }
}

/// Appends a text as a JSON string.
pub(super) fn push_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if control.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Appends bytes as a JSON string, with an escape for each byte that is no visible text.
fn push_bytes(out: &mut String, bytes: &[u8]) {
    out.push('"');
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|character| push_character(out, character));
        push_numbers(out, chunk.invalid());
    }
    out.push('"');
}

fn push_character(out: &mut String, character: char) {
    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\\\\\"),
        '\r' => out.push_str("\\\\r"),
        '\n' => out.push_str("\\\\n"),
        '\t' => out.push_str("\\\\t"),
        hidden if hidden.is_control() || is_invisible(hidden) => {
            push_numbers(out, hidden.encode_utf8(&mut [0; 4]).as_bytes());
        }
        visible => out.push(visible),
    }
}

fn push_numbers(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        let _ = write!(out, "\\\\x{byte:02X}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(bytes: &[u8]) -> String {
        let mut out = String::new();
        push_bytes(&mut out, bytes);
        out
    }

    #[test]
    fn visible_bytes_stay_text() {
        assert_eq!(written(b"KEEP\r\n"), r#""KEEP\\r\\n""#);
        assert_eq!(written("olá \"x\" \\ \t".as_bytes()), r#""olá \"x\" \\\\ \\t""#);
        assert_eq!(written(b"\x1b[2J\x00\xff"), r#""\\x1B[2J\\x00\\xFF""#);
        assert_eq!(written("\u{202e}".as_bytes()), r#""\\xE2\\x80\\xAE""#);
    }

    #[test]
    fn many_bytes_are_cut_and_counted() {
        let mut out = String::new();
        let mut object = Object::begin(&mut out);
        object.bytes(&[b'x'; 5000]);
        object.end();
        let shown = "x".repeat(RECORDED_BYTES_MAX);
        assert_eq!(out, format!(r#"{{"bytes":"{shown}","count":5000,"cut":true}}"#));
    }

    #[test]
    fn objects_of_one_list_have_a_comma_between_them() {
        let mut out = String::from("[");
        for number in 0..2 {
            let mut object = Object::begin(&mut out);
            object.number("n", number);
            object.number_or_null("none", None);
            object.text("text", "a\"\\\n\u{7f}");
            object.end();
        }
        let one = r#""none":null,"text":"a\"\\\n\u007f"}"#;
        assert_eq!(out, format!(r#"[{{"n":0,{one},{{"n":1,{one}"#));
    }
}
