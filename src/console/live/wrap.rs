//! Our own sentences, broken between words; what people say is not, so that it can be copied
//! out of the terminal as it was said.
//!
//! ```text
//! 12:34 -- Hello, Ana! To start a
//!          conversation type: /chat <name>
//! ```

use unicode_width::UnicodeWidthStr;

/// Narrower than this, breaks would be all there is.
const COLUMNS_MIN: usize = 20;

/// `text` in rows of at most `columns`, all but the first with that many blanks in front. The
/// first begins behind something that is as wide as those.
pub(super) fn wrap(text: &str, columns: usize, indent: usize) -> String {
    let line_break = format!("\r\n{}", " ".repeat(indent));
    let room = columns.saturating_sub(indent);
    let rows: Vec<_> = text.split('\n').map(|line| wrap_line(line, room, &line_break)).collect();
    rows.join(&line_break)
}

fn wrap_line(line: &str, room: usize, line_break: &str) -> String {
    if room < COLUMNS_MIN {
        return line.to_string();
    }
    let (mut wrapped, mut used) = (String::new(), 0);
    for word in line.split_inclusive(' ') {
        if used > 0 && used + word.trim_end().width() > room {
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
        assert_eq!(wrap("one two three four five six", 25, 3), "one two three four\r\n   five six");
        assert_eq!(wrap("um\ndois", 80, 2), "um\r\n  dois");
        assert_eq!(wrap("/list        shows all of it", 30, 2), "/list        shows all of it");
        let word = "x".repeat(50);
        assert_eq!(wrap(&word, 25, 0), word, "a word is not cut: that is the terminal's to do");
        assert_eq!(wrap("one two three four five", 10, 3), "one two three four five");
    }
}
