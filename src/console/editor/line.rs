//! The text of the line, its cursor, and what was cut last: `tui-input`, with a bound.
//!
//! ```text
//! text     /msg Bruno tudo bem?
//!                          ^ cursor: a byte, at the edge of what a person calls a letter
//! ```
//!
//! `tui-input` walks over the whole text for each key, so a long line is slow: 200 kB pasted into
//! it letter by letter took 21 seconds. Hence [`LINE_BYTES_MAX`], and text goes in whole.

use std::ops::Range;

use tui_input::{Input, InputRequest};

use crate::wire::{CRLF, SPEECH_BYTES_MAX};

/// Longest line, in bytes: what goes into one message. More is refused at the key.
pub const LINE_BYTES_MAX: usize = SPEECH_BYTES_MAX - CRLF.len();

/// The text would grow past [`LINE_BYTES_MAX`]. Nothing was changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LineFull;

/// One line.
#[derive(Debug, Default)]
pub struct EditedLine {
    input: Input,
}

impl EditedLine {
    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// Where the cursor is, in bytes.
    #[must_use]
    pub fn cursor(&self) -> usize {
        let letters = self.text().char_indices().map(|(at, _)| at);
        letters.chain([self.text().len()]).nth(self.input.cursor()).unwrap_or_default()
    }

    /// Moves or deletes.
    ///
    /// # Errors
    ///
    /// If what was cut does not fit in again.
    pub fn edit(&mut self, request: InputRequest) -> Result<(), LineFull> {
        // At the end there is nothing to cut; tui-input would keep that nothing for Ctrl-Y.
        if request == InputRequest::DeleteTillEnd && self.cursor() == self.text().len() {
            self.end_cut();
            return Ok(());
        }
        if request == InputRequest::DeleteFromStart {
            self.cut_before();
            return Ok(());
        }
        // How much is kept for Ctrl-Y is not told, so try it and see.
        let before = (request == InputRequest::Yank).then(|| self.input.clone());
        if self.input.handle(request).is_none() {
            self.end_cut();
        }
        match before {
            Some(before) if self.text().len() > LINE_BYTES_MAX => {
                self.input = before;
                Err(LineFull)
            }
            _ => Ok(()),
        }
    }

    /// Puts text in at the cursor.
    ///
    /// # Errors
    ///
    /// If it does not fit.
    pub fn insert(&mut self, text: &str) -> Result<(), LineFull> {
        let cursor = self.cursor();
        self.replace(cursor..cursor, text)
    }

    /// Puts text in the place of another, with the cursor behind it.
    ///
    /// # Errors
    ///
    /// If it does not fit.
    pub fn replace(&mut self, span: Range<usize>, text: &str) -> Result<(), LineFull> {
        if self.text().len() - span.len() + text.len() > LINE_BYTES_MAX {
            return Err(LineFull);
        }
        let mut whole = self.text().to_string();
        whole.replace_range(span.clone(), text);
        let cursor = whole[..span.start + text.len()].chars().count();
        self.put(whole, cursor);
        Ok(())
    }

    /// Makes this the text. Cursor at its end.
    pub fn set(&mut self, text: &str) {
        self.put(text.to_string(), text.chars().count());
    }

    /// Takes the text out, and leaves nothing.
    pub fn take(&mut self) -> String {
        self.input.value_and_reset()
    }

    /// Makes this text the one that Ctrl-Y brings back. The line stays as it is.
    pub fn keep_cut(&mut self, text: &str) {
        let (typed, cursor) = (self.text().to_string(), self.input.cursor());
        self.set(text);
        self.input.handle(InputRequest::DeleteLine);
        self.put(typed, cursor);
    }

    fn put(&mut self, text: String, cursor: usize) {
        // Not a new one: this one has what Ctrl-Y brings back.
        self.input = std::mem::take(&mut self.input).with_value(text).with_cursor(cursor);
        self.end_cut();
    }

    /// All before the cursor. tui-input's own request for this ends the cut, so that Ctrl-K after
    /// it would make Ctrl-Y forget it; the one for a whole line does not.
    fn cut_before(&mut self) {
        let (before, behind) = self.text().split_at(self.cursor());
        let (before, behind) = (before.to_string(), behind.to_string());
        let mut input = std::mem::take(&mut self.input).with_value(before);
        let is_nothing = input.handle(InputRequest::DeleteLine).is_none();
        self.input = input.with_value(behind).with_cursor(0);
        if is_nothing {
            self.end_cut();
        }
    }

    /// Cuts that follow each other are one text for Ctrl-Y; what is typed in between, or a cut of
    /// nothing, ends that. This request changes nothing but that.
    fn end_cut(&mut self) {
        self.input.handle(InputRequest::SetCursor(self.input.cursor()));
    }
}
