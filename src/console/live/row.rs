//! The row at the bottom: the prompt, and as much of the typed line as fits.
//!
//! ```text
//!  0        prompt         part of the line                 columns
//!  |Ana → Bruno> <que você disse ontem sobre o trabalho de r>|
//!                ^ more to the left     ^ cursor             ^ more to the right
//! ```
//!
//! The row never wraps, because a wrapped row could not be wiped with one CR and one ESC, least of
//! all after a change of the window. It scrolls sideways by half of its length, so that most keys
//! do not move it.
//!
//! Terminals differ in the width of some emoji. A wrong width does no harm for two reasons:
//! wrapping is off while the row is drawn, and the terminal itself saves and restores the place of
//! the cursor.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::console::visible::visible;

/// Moves the cursor to the first column, and wipes the screen from there.
pub(super) const WIPE: &str = "\r\x1b[J";

const WRAP_OFF: &str = "\x1b[?7l";
const WRAP_ON: &str = "\x1b[?7h";
const SAVE_CURSOR: &str = "\x1b7";
const RESTORE_CURSOR: &str = "\x1b8";

/// Fewer columns than this have no room for the marks.
const MARKED_COLUMNS_MIN: usize = 4;

/// Text with its colors, and its width in columns.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Painted {
    pub(super) text: String,
    pub(super) columns: usize,
}

/// A drawn row.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// The bytes that draw it over any other row. Empty: no row is on the screen.
    pub(super) bytes: String,
    /// The column of the cursor after them, counted from 0.
    pub(super) cursor_column: usize,
}

/// Draws the row.
pub(super) fn row(prompt: &Painted, typed: &str, cursor: usize, columns: usize) -> Row {
    let (before, behind) = part(typed, cursor, columns.saturating_sub(prompt.columns));
    let cursor_column = prompt.columns + before.width();
    // The cursor is restored before wrapping is switched on, because xterm saves wrapping with it.
    let pieces =
        [WIPE, WRAP_OFF, &prompt.text, &before, SAVE_CURSOR, &behind, RESTORE_CURSOR, WRAP_ON];
    Row { bytes: pieces.concat(), cursor_column }
}

/// The visible part of a line: the text before the cursor, and the text after it.
fn part(typed: &str, cursor: usize, columns: usize) -> (String, String) {
    let cells = cells(typed);
    let total: usize = cells.iter().map(|cell| cell.columns).sum();
    let cursor_at: usize =
        cells.iter().filter(|cell| cell.byte < cursor).map(|cell| cell.columns).sum();
    // The cursor needs a column after the last letter.
    let start = if total < columns { 0 } else { first_column(cursor_at, columns) };
    let has_marks = columns >= MARKED_COLUMNS_MIN;
    let has_left = has_marks && start > 0;
    let has_right = has_marks && total > start + columns;
    let (low, high) = (start + usize::from(has_left), start + columns - usize::from(has_right));

    let mut shown = (String::from(if has_left { "<" } else { "" }), String::new());
    let mut at = 0;
    for cell in cells {
        let side = if cell.byte < cursor { &mut shown.0 } else { &mut shown.1 };
        let end = at + cell.columns;
        if low <= at && end <= high {
            side.push_str(&cell.text);
        } else {
            // A blank replaces half of a wide letter.
            let seen = end.min(high).saturating_sub(at.max(low));
            side.push_str(&" ".repeat(seen));
        }
        at = end;
    }
    if has_right {
        shown.1.push('>');
    }
    shown
}

/// The first visible column of the line. It moves by half of the row.
fn first_column(cursor_at: usize, columns: usize) -> usize {
    if columns < MARKED_COLUMNS_MIN {
        return (cursor_at + 1).saturating_sub(columns);
    }
    let half = (columns - 1) / 2;
    (cursor_at / half).saturating_sub(1) * half
}

/// One letter, as a person sees it.
struct Cell {
    /// Its first byte in the typed line.
    byte: usize,
    text: String,
    columns: usize,
}

/// The letters of a line. A family emoji is one, a letter with its accent is one, and `⏎` is a
/// pasted line end.
fn cells(typed: &str) -> Vec<Cell> {
    let graphemes = typed.grapheme_indices(true);
    let cell = |(byte, grapheme): (usize, &str)| {
        let is_line_end = matches!(grapheme, "\n" | "\r\n");
        let text = if is_line_end { "⏎".to_string() } else { visible(grapheme.as_bytes()) };
        Cell { byte, columns: text.width(), text }
    };
    graphemes.map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The row as a drawing: `|` is the cursor.
    fn drawn(typed: &str, columns: usize) -> String {
        let cursor = typed.find('|').expect("a cursor");
        let (before, behind) = part(&typed.replace('|', ""), cursor, columns);
        format!("{before}|{behind}")
    }

    #[test]
    fn a_line_that_fits_is_shown_whole() {
        assert_eq!(drawn("oi|", 10), "oi|");
        assert_eq!(drawn("123456789|", 10), "123456789|");
        assert_eq!(drawn("|um\ndois", 10), "|um⏎dois");
        assert_eq!(drawn("e\u{301}|", 10), "e\u{301}|");
    }

    #[test]
    fn a_longer_one_scrolls_by_halves() {
        assert_eq!(drawn("0123456789|", 10), "<56789|");
        assert_eq!(drawn("01234567|89", 10), "<567|89");
        assert_eq!(drawn("0123|456789abcdef", 10), "0123|45678>");
        assert_eq!(drawn("01234567|89abcdef", 10), "<567|89abc>");
        assert_eq!(drawn("|0123456789", 10), "|0123456789");
    }

    #[test]
    fn half_of_a_wide_letter_is_a_blank() {
        assert_eq!(drawn("漢漢漢|漢漢漢漢", 10), "漢漢漢|漢 >");
        assert_eq!(drawn("漢漢漢漢漢漢漢漢|漢漢漢", 10), "< 漢|漢漢漢");
    }

    #[test]
    fn a_row_with_hardly_any_room_shows_the_cursor() {
        assert_eq!(drawn("012345|6789", 1), "|6");
        assert_eq!(drawn("0123456789|", 3), "89|");
        assert_eq!(drawn("0123456789|", 0), "|");
        assert_eq!(drawn("漢|", 1), " |".trim_start());
    }
}
