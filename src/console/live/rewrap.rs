//! Where the row at the bottom is after the window became narrower.
//!
//! Terminals differ. xterm cuts off the part of a row that has no room. tmux, VTE and kitty wrap
//! it into several rows, and the cursor moves with its letter:
//!
//! ```text
//! 30 columns        |Ana → Bruno> tudo bem, e v_   |   the cursor is in column 26
//! 20 columns, cut   |Ana → Bruno> tudo b_|             column 19: nothing is above the row
//! 20 columns, wrap  |Ana → Bruno> tudo be|
//!                   |m, e v_             |             column 6: one row above is ours
//! ```
//!
//! So the terminal is asked for the column of the cursor (ECMA-48's DSR, `ESC [ 6 n`), and nothing
//! is written until it has answered. The question is asked only if the cursor stood where no
//! column is left: otherwise the first row of the two is the row of the cursor, and wiping
//! downwards is enough. Must never know what is in the row. Read next: [`super::row`].

/// The question. The answer is `ESC [ row ; column R`, and comes in among the keys.
pub(super) const ASK_CURSOR: &str = "\x1b[6n";

/// How long the answer is waited for, in milliseconds. A terminal that does not know the question
/// is taken for one that cuts off.
pub const CURSOR_WITHIN_MS: u64 = 200;

/// Most text that waits for the answer, in bytes. With more, no answer is waited for.
pub const WITHHELD_BYTES_MAX: usize = 64 * 1024;

/// The question, while it is open.
#[derive(Debug, Default)]
pub(super) struct Rewrap {
    /// The column in which the cursor was put when the row was drawn.
    column: usize,
    /// Not written yet.
    is_to_be_asked: bool,
    /// Questions without an answer. Each change of the window asks anew, and only the last answer
    /// tells of the window as it is now.
    open: usize,
}

impl Rewrap {
    /// The window has so many columns now. `column` is where the cursor stood in the row, from 0.
    pub(super) fn on_resize(&mut self, column: usize, columns: usize) {
        if !self.is_open() {
            self.column = column;
        }
        self.is_to_be_asked |= self.is_open() || column >= columns;
    }

    /// Whether nothing may be written before the answer.
    pub(super) fn is_open(&self) -> bool {
        self.is_to_be_asked || self.open > 0
    }

    /// Whether the question is to be written now.
    pub(super) fn ask(&mut self) -> bool {
        let asks = std::mem::take(&mut self.is_to_be_asked);
        self.open += usize::from(asks);
        asks
    }

    /// The terminal has answered: the column of the cursor, from 1. Returns how many rows above
    /// the cursor are ours, once it is known.
    pub(super) fn on_answer(&mut self, answer: usize, columns: usize) -> Option<usize> {
        self.open = self.open.checked_sub(1)?;
        if self.is_open() {
            return None;
        }
        let (rows, wrapped) = (self.column / columns, self.column % columns);
        Some(match answer {
            // tmux keeps the cursor behind the last letter of a full row.
            _ if answer == columns + 1 && wrapped == 0 => rows.saturating_sub(1),
            // In the last column both kinds say the same. One row too few leaves a piece of ours,
            // one too many would wipe what somebody said.
            _ if answer == columns => 0,
            _ if answer == wrapped + 1 => rows,
            _ => 0,
        })
    }

    /// No answer is waited for any more.
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
    fn only_a_cursor_that_lost_its_column_is_asked_for() {
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
    fn the_answer_to_an_older_question_says_nothing() {
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
