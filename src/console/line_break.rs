//! Line breaks between words.
//!
//! Knows widths; must never know a screen. `live/wrap.rs` breaks the sentences on a narrow screen
//! with it, and `papo demo` the texts in its columns.

use unicode_width::UnicodeWidthStr;

/// `text` with a `line_break` wherever the next word has no room in `columns`. `taken` columns of
/// the first row are in use already. A word that is wider than a row stays whole.
pub(crate) fn break_line(text: &str, columns: usize, taken: usize, line_break: &str) -> String {
    let (mut broken, mut used) = (String::new(), taken);
    for word in text.split_inclusive(' ') {
        let width = word.trim_end().width();
        // At the start, a word that is wider than a row gets no row of its own.
        let may_break = width <= columns || !broken.is_empty();
        if used > 0 && used + width > columns && may_break {
            broken.truncate(broken.trim_end().len());
            broken.push_str(line_break);
            used = 0;
        }
        broken.push_str(word);
        used += word.width();
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_only() {
        assert_eq!(break_line("one two three", 7, 0, "|"), "one two|three");
        assert_eq!(break_line("one two three", 7, 4, "|"), "one|two|three");
        assert_eq!(break_line("a longer-than-a-row b", 9, 0, "|"), "a|longer-than-a-row|b");
        assert_eq!(break_line("漢字 漢字", 5, 0, "|"), "漢字|漢字");
    }
}
