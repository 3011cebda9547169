//! The lines that were entered before. They are in memory only, because they are private.
//!
//! ```text
//!          lines                                draft
//! oldest | /list | /chat Bruno | Oi Bruno! |  | half a thou
//!                      ^ place                  kept until Down returns to it
//! ```

use std::collections::VecDeque;

/// Most lines that are kept. A further line replaces the oldest.
pub const HISTORY_LINES_MAX: usize = 200;

/// The lines, and the place of the person in them.
#[derive(Debug, Default)]
pub struct History {
    lines: VecDeque<String>,
    /// The line that is shown instead of the draft.
    place: Option<usize>,
    draft: String,
}

impl History {
    /// Adds a line, if it is not empty and not the last one again.
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

    /// The line before this one. The first step keeps `typed` as the draft.
    pub fn older(&mut self, typed: &str) -> Option<&str> {
        let older = self.place.unwrap_or(self.lines.len()).checked_sub(1)?;
        if self.place.is_none() {
            self.draft = typed.to_string();
        }
        self.place = Some(older);
        self.lines.get(older).map(String::as_str)
    }

    /// The line after this one. The draft comes after the last.
    pub fn newer(&mut self) -> Option<String> {
        let newer = self.place? + 1;
        if let Some(line) = self.lines.get(newer) {
            self.place = Some(newer);
            return Some(line.clone());
        }
        self.place = None;
        Some(std::mem::take(&mut self.draft))
    }

    /// Returns to an empty draft.
    pub fn leave(&mut self) {
        self.place = None;
        self.draft.clear();
    }
}
