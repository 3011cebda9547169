//! Lines entered before, in memory only: what is said here is nobody else's business.
//!
//! ```text
//!          lines                                draft
//! oldest | /list | /chat Bruno | Oi Bruno! |  | half a thou
//!                      ^ place                  kept while walking, back with Down
//! ```

use std::collections::VecDeque;

/// Most lines that are kept. The oldest goes.
pub const HISTORY_LINES_MAX: usize = 200;

/// The lines, and where in them the person is.
#[derive(Debug, Default)]
pub struct History {
    lines: VecDeque<String>,
    /// The line that is shown instead of the draft.
    place: Option<usize>,
    draft: String,
}

impl History {
    /// Adds a line; not an empty one, and not the same one twice.
    pub fn push(&mut self, line: &str) {
        self.leave();
        if line.is_empty() || self.lines.back().is_some_and(|last| last == line) {
            return;
        }
        if self.lines.len() == HISTORY_LINES_MAX {
            self.lines.pop_front();
        }
        self.lines.push_back(line.to_string());
    }

    /// One line further back. `typed` is kept where this is the first step.
    pub fn older(&mut self, typed: &str) -> Option<&str> {
        let older = self.place.unwrap_or(self.lines.len()).checked_sub(1)?;
        if self.place.is_none() {
            self.draft = typed.to_string();
        }
        self.place = Some(older);
        self.lines.get(older).map(String::as_str)
    }

    /// One line forth; the draft behind the last.
    pub fn newer(&mut self) -> Option<String> {
        let newer = self.place? + 1;
        if let Some(line) = self.lines.get(newer) {
            self.place = Some(newer);
            return Some(line.clone());
        }
        self.place = None;
        Some(std::mem::take(&mut self.draft))
    }

    /// Back to where a line is typed anew.
    pub fn leave(&mut self) {
        self.place = None;
        self.draft.clear();
    }
}
