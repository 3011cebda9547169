//! The text of the line, its cursor, and the text that was cut last: `tui-input`, with a bound.
//!
//! ```text
//! text     /msg Bruno tudo bem?
//!                          ^ cursor: a byte, between two letters
//! ```
//!
//! `tui-input` reads the whole text for each key, so a long line is slow: 200 kB pasted letter by
//! letter took 21 seconds. For this reason the line has a bound, and text is inserted in one piece.

use std::ops::Range;

use tui_input::{Input, InputRequest};

use crate::wire::{CRLF, SPEECH_BYTES_MAX};

/// Longest line, in bytes: as much as one message carries. A key that would exceed it has no
/// effect.
pub const LINE_BYTES_MAX: usize = SPEECH_BYTES_MAX - CRLF.len();

/// The text would exceed [`LINE_BYTES_MAX`]. Nothing was changed.
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

    /// The place of the cursor, in bytes.
    #[must_use]
    pub fn cursor(&self) -> usize {
        let letters = self.text().char_indices().map(|(at, _)| at);
        letters.chain([self.text().len()]).nth(self.input.cursor()).unwrap_or_default()
    }

    /// Moves or deletes.
    ///
    /// # Errors
    ///
    /// If the cut text does not fit in again.
    pub fn edit(&mut self, request: InputRequest) -> Result<(), LineFull> {
        // At the end there is nothing to cut. tui-input would replace the text for Ctrl-Y by
        // nothing.
        if request == InputRequest::DeleteTillEnd && self.cursor() == self.text().len() {
            self.end_cut();
            return Ok(());
        }
        if request == InputRequest::DeleteFromStart {
            self.cut_before();
            return Ok(());
        }
        // tui-input does not report the length of the text for Ctrl-Y, so it is inserted first.
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

    /// Inserts text at the cursor.
    ///
    /// # Errors
    ///
    /// If it does not fit.
    pub fn insert(&mut self, text: &str) -> Result<(), LineFull> {
        let cursor = self.cursor();
        self.replace(cursor..cursor, text)
    }

    /// Replaces a span by text, with the cursor after it.
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

    /// Replaces the text, with the cursor at its end.
    pub fn set(&mut self, text: &str) {
        self.put(text.to_string(), text.chars().count());
    }

    /// Takes the text, and leaves the line empty.
    pub fn take(&mut self) -> String {
        self.input.value_and_reset()
    }

    /// Makes this the text that Ctrl-Y inserts. The line does not change.
    pub fn keep_cut(&mut self, text: &str) {
        let (typed, cursor) = (self.text().to_string(), self.input.cursor());
        self.set(text);
        self.input.handle(InputRequest::DeleteLine);
        self.put(typed, cursor);
    }

    fn put(&mut self, text: String, cursor: usize) {
        // Not a new value: this one has the text for Ctrl-Y.
        self.input = std::mem::take(&mut self.input).with_value(text).with_cursor(cursor);
        self.end_cut();
    }

    /// Cuts all text before the cursor. After tui-input's own request for this, a Ctrl-K would
    /// replace the text for Ctrl-Y; after its request for a whole line, it adds to that text.
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

    /// The next cut begins a new text for Ctrl-Y. Cuts without a key between them are one text.
    /// This request has no other effect.
    fn end_cut(&mut self) {
        self.input.handle(InputRequest::SetCursor(self.input.cursor()));
    }
}
