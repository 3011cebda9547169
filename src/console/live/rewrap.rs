//! The place of the row at the bottom after the window became narrower.
//!
//! Terminals differ. xterm cuts off the part of a row that does not fit. tmux, VTE and kitty wrap
//! it into several rows, and the cursor moves with its letter:
//!
//! ```text
//! 30 columns        |Ana → Bruno> tudo bem, e v_   |   the cursor is in column 26
//! 20 columns, cut   |Ana → Bruno> tudo b_|             column 19: nothing is above the row
//! 20 columns, wrap  |Ana → Bruno> tudo be|
//!                   |m, e v_             |             column 6: one row above is ours
//! ```
//!
//! So the view asks the terminal for the column of the cursor (ECMA-48's DSR, `ESC [ 6 n`), and
//! writes nothing until the answer comes. It asks only if the column of the cursor no longer
//! exists: otherwise the cursor is in the first of the rows, and a wipe downwards is enough. Must
//! never know the text of the row. Read next: [`super::row`].

/// The question. The answer, `ESC [ row ; column R`, comes among the keys.
pub(super) const ASK_CURSOR: &str = "\x1b[6n";

/// Longest wait for the answer, in milliseconds. A terminal that does not answer counts as one that
/// cuts off.
pub const CURSOR_WITHIN_MS: u64 = 200;

/// Most text that waits for the answer, in bytes. More text ends the wait.
pub const WITHHELD_BYTES_MAX: usize = 64 * 1024;

/// The state of the question.
#[derive(Debug, Default)]
pub(super) struct Rewrap {
    /// The column of the cursor when the row was drawn.
    column: usize,
    /// The question must be written.
    is_to_be_asked: bool,
    /// Questions without an answer. Each change of the window asks again, and only the last answer
    /// is about the current window.
    open: usize,
}

impl Rewrap {
    /// Notes the new width. `column` is the column of the cursor in the row, counted from 0.
    pub(super) fn on_resize(&mut self, column: usize, columns: usize) {
        if !self.is_open() {
            self.column = column;
        }
        self.is_to_be_asked |= self.is_open() || column >= columns;
    }

    /// Whether all output must wait for the answer.
    pub(super) fn is_open(&self) -> bool {
        self.is_to_be_asked || self.open > 0
    }

    /// Whether the question must be written now. True once for each question.
    pub(super) fn ask(&mut self) -> bool {
        let asks = std::mem::take(&mut self.is_to_be_asked);
        self.open += usize::from(asks);
        asks
    }

    /// Handles an answer: the column of the cursor, counted from 1. The last answer returns the
    /// number of rows above the cursor that belong to the drawn row.
    pub(super) fn on_answer(&mut self, answer: usize, columns: usize) -> Option<usize> {
        self.open = self.open.checked_sub(1)?;
        if self.is_open() {
            return None;
        }
        let (rows, wrapped) = (self.column / columns, self.column % columns);
        Some(match answer {
            // tmux keeps the cursor after the last letter of a full row.
            _ if answer == columns + 1 && wrapped == 0 => rows.saturating_sub(1),
            // In the last column both kinds answer the same. A row too few leaves a piece of our
            // row; a row too many would wipe a message.
            _ if answer == columns => 0,
            _ if answer == wrapped + 1 => rows,
            _ => 0,
        })
    }

    /// Ends the wait for an answer.
    pub(super) fn give_up(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows_above(column: usize, columns: usize, answer: usize) -> Option<usize> {
        let mut rewrap = Rewrap::default();
        rewrap.on_resize(column, columns);
        rewrap.ask().then(|| rewrap.on_answer(answer, columns).expect("the only question"))
    }

    #[test]
    fn the_question_is_asked_only_if_the_column_is_gone() {
        assert_eq!(rows_above(19, 20, 20), None);
        assert_eq!(rows_above(20, 20, 1), Some(1));
    }

    #[test]
    fn a_cut_row_has_nothing_above_and_a_wrapped_one_has() {
        assert_eq!(rows_above(26, 20, 20), Some(0));
        assert_eq!(rows_above(26, 20, 7), Some(1));
        assert_eq!(rows_above(26, 8, 3), Some(3));
        assert_eq!(rows_above(39, 20, 20), Some(0), "nobody can tell");
        assert_eq!(rows_above(40, 20, 1), Some(2), "in the first column of a third row");
        assert_eq!(rows_above(40, 20, 21), Some(1), "tmux: still in the second row");
    }

    #[test]
    fn only_the_answer_to_the_last_question_counts() {
        let mut rewrap = Rewrap::default();
        rewrap.on_resize(26, 20);
        assert!(rewrap.ask());
        rewrap.on_resize(26, 10);
        assert!(rewrap.ask());
        assert_eq!(rewrap.on_answer(7, 10), None);
        assert_eq!(rewrap.on_answer(7, 10), Some(2));
        assert_eq!(rewrap.on_answer(7, 10), None, "nothing was asked");
    }
}
