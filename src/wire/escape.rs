//! Bytes of strangers as one line of text, for logs and reports.
//!
//! A screen shows them in another way: see `console/visible.rs`.

use super::name::{is_invisible, is_other_blank};

/// The bytes as text in one line. Quotes, backslashes, control and invisible characters, blanks
/// other than U+0020, and bytes that are no UTF-8, are escaped as in a literal of Rust.
#[must_use]
pub fn escaped(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '"' | '\\' => text.extend(character.escape_default()),
                ascii if ascii.is_ascii_control() => {
                    text.extend((ascii as u8).escape_ascii().map(char::from));
                }
                other if is_invisible(other) || is_other_blank(other) => {
                    text.extend(other.escape_unicode());
                }
                other => text.push(other),
            }
        }
        text.extend(chunk.invalid().escape_ascii().map(char::from));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_one_line_of_visible_text() {
        assert_eq!(escaped("LIST João\r\n".as_bytes()), r"LIST João\r\n");
        assert_eq!(escaped("\x1b[2J\u{9b}\u{202e}".as_bytes()), r"\x1b[2J\u{9b}\u{202e}");
        assert_eq!(escaped("a b\u{a0}c".as_bytes()), r"a b\u{a0}c");
        assert_eq!(escaped(b"\"\\\xff"), r#"\"\\\xff"#);
    }
}
