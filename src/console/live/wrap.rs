//! Sentences on a narrow screen, broken between words.
//!
//! ```text
//! 12:34 -- Hello, Ana! To start a          12:34 -- Hello, Ana!
//!          conversation type: /chat        To start a conversation
//! ```
//!
//! A text that was received or typed is broken on a narrow screen only. Elsewhere it stays in one
//! piece, so that it can be copied out of the terminal.

use crate::console::line_break::break_line;

/// Fewer columns than this are too few to break lines: each word would have its own row.
const COLUMNS_MIN: usize = 20;

/// A screen with fewer columns has no room for an indent, and each text is broken between words.
const NARROW_COLUMNS: usize = 40;

pub(super) fn is_narrow(columns: usize) -> bool {
    columns < NARROW_COLUMNS
}

/// The indent of each row but the first. The first begins after `head` columns of something else.
pub(super) fn indent(columns: usize, head: usize) -> usize {
    if is_narrow(columns) { 0 } else { head }
}

/// `text` in rows of at most `columns`. The first begins after `head` columns of something else.
pub(super) fn wrap(text: &str, columns: usize, head: usize) -> String {
    let indent = indent(columns, head);
    let line_break = format!("\r\n{}", " ".repeat(indent));
    let room = columns.saturating_sub(indent);
    let mut taken = head - indent;
    let wrap_next = |line: &str| {
        let taken = std::mem::take(&mut taken);
        if room < COLUMNS_MIN {
            line.to_string()
        } else {
            break_line(line, room, taken, &line_break)
        }
    };
    text.split('\n').map(wrap_next).collect::<Vec<_>>().join(&line_break)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_words_and_nowhere_else() {
        let text = "one two three four five six seven eight nine ten";
        let wrapped = "one two three four five six seven\r\n   eight nine ten";
        assert_eq!(wrap(text, 40, 3), wrapped);
        assert_eq!(wrap("um\ndois", 80, 2), "um\r\n  dois");
        assert_eq!(wrap("/list        shows all of it", 42, 2), "/list        shows all of it");
        let word = "x".repeat(50);
        assert_eq!(wrap(&word, 45, 0), word, "a word is not cut: that is the terminal's to do");
        assert_eq!(wrap("one two three four five", 10, 3), "one two three four five");
    }

    #[test]
    fn a_narrow_screen_has_no_indent() {
        let wrapped = "one two three\r\nfour five six\r\nseven eight";
        assert_eq!(wrap("one two three four five six\nseven eight", 22, 9), wrapped);
    }
}
