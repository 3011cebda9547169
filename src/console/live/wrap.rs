//! Sentences, broken between words.
//!
//! ```text
//! 12:34 -- Hello, Ana! To start a          12:34 -- Hello, Ana!
//!          conversation type: /chat        To start a conversation
//! ```
//!
//! Text is broken on a narrow screen only: elsewhere it can be copied out of the terminal as it
//! was said.

use unicode_width::UnicodeWidthStr;

/// Narrower than this, breaks would be all there is.
const COLUMNS_MIN: usize = 20;

/// Narrower than this, a screen has no columns to give to an indent, and everything is broken
/// between words.
const NARROW_COLUMNS: usize = 40;

pub(super) fn is_narrow(columns: usize) -> bool {
    columns < NARROW_COLUMNS
}

/// How far the rows stand in that follow one that begins with `head` columns of something else.
pub(super) fn indent(columns: usize, head: usize) -> usize {
    if is_narrow(columns) { 0 } else { head }
}

/// `text` in rows of at most `columns`. The first begins behind `head` columns of something else.
pub(super) fn wrap(text: &str, columns: usize, head: usize) -> String {
    let indent = indent(columns, head);
    let line_break = format!("\r\n{}", " ".repeat(indent));
    let room = columns.saturating_sub(indent);
    let mut taken = head - indent;
    let wrap_next = |line| wrap_line(line, room, std::mem::take(&mut taken), &line_break);
    text.split('\n').map(wrap_next).collect::<Vec<_>>().join(&line_break)
}

/// `taken` columns of the first row are not free.
fn wrap_line(line: &str, room: usize, taken: usize, line_break: &str) -> String {
    if room < COLUMNS_MIN {
        return line.to_string();
    }
    let (mut wrapped, mut used) = (String::new(), taken);
    for word in line.split_inclusive(' ') {
        let columns = word.trim_end().width();
        // A word that no row has room for begins where it is. The terminal cuts it.
        let fits_next = columns <= room || !wrapped.is_empty();
        if used > 0 && used + columns > room && fits_next {
            wrapped.truncate(wrapped.trim_end().len());
            wrapped.push_str(line_break);
            used = 0;
        }
        wrapped.push_str(word);
        used += word.width();
    }
    wrapped
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
