//! The line being typed and the entered lines: a string, a place in it, and a list.

use papo::console::editor::line::LINE_BYTES_MAX;
use papo::console::keys::{Code, Held, Key};
use unicode_segmentation::UnicodeSegmentation;

/// The line is full. Nothing has changed.
#[derive(Debug)]
pub struct Full;

#[derive(Debug, Default)]
pub struct EditedLine {
    pub text: String,
    /// In bytes.
    pub cursor: usize,
    cut: String,
    /// The text that Ctrl-Y brings back if it is too long for a line.
    pub long_cut: Option<String>,
    /// The last key was a cut: the next cut is appended.
    was_cut: bool,
    entered: Vec<String>,
    /// The entered line that is shown, and the text that was typed before.
    walk: Option<(usize, String)>,
}

impl EditedLine {
    /// A key that concerns only the line.
    pub fn press(&mut self, key: Key) -> Result<(), Full> {
        let (cursor, end) = (self.cursor, self.text.len());
        match (key.held, key.code) {
            (Held::Nothing, Code::Char(letter)) => {
                return self.insert(letter.encode_utf8(&mut [0; 4]));
            }
            (Held::Alt, Code::Enter) => return self.insert("\n"),
            (Held::Ctrl, Code::Char('y')) => {
                let cut = self.cut.clone();
                return self.insert(&cut);
            }
            (Held::Nothing, Code::Up) | (Held::Ctrl, Code::Char('p')) => self.walk_back(),
            (Held::Nothing, Code::Down) | (Held::Ctrl, Code::Char('n')) => self.walk_forth(),
            (Held::Nothing, Code::Left) | (Held::Ctrl, Code::Char('b')) => self.go(self.before()),
            (Held::Nothing, Code::Right) | (Held::Ctrl, Code::Char('f')) => self.go(self.behind()),
            (_, Code::Left) | (Held::Alt, Code::Char('b')) => self.go(self.word_before()),
            (_, Code::Right) | (Held::Alt, Code::Char('f')) => self.go(self.word_behind()),
            (_, Code::Home) | (Held::Ctrl, Code::Char('a')) => self.go(0),
            (_, Code::End) | (Held::Ctrl, Code::Char('e')) => self.go(end),
            (Held::Alt, Code::Backspace) | (Held::Ctrl, Code::Char('w')) => {
                self.cut(self.word_before(), cursor);
            }
            (Held::Ctrl | Held::Alt, Code::Delete) | (Held::Alt, Code::Char('d')) => {
                self.cut(cursor, self.word_behind());
            }
            (Held::Ctrl, Code::Char('k')) => self.cut(cursor, end),
            (Held::Ctrl, Code::Char('u')) => self.cut(0, cursor),
            (_, Code::Backspace) => self.delete(self.before(), cursor),
            (_, Code::Delete) | (Held::Ctrl, Code::Char('d')) => self.delete(cursor, self.behind()),
            _ => {}
        }
        Ok(())
    }

    pub fn insert(&mut self, text: &str) -> Result<(), Full> {
        self.replace(self.cursor, text)
    }

    /// Replaces the text between `start` and the cursor by this.
    pub fn replace(&mut self, start: usize, text: &str) -> Result<(), Full> {
        if self.text.len() - (self.cursor - start) + text.len() > LINE_BYTES_MAX {
            return Err(Full);
        }
        self.text.replace_range(start..self.cursor, text);
        self.go(start + text.len());
        Ok(())
    }

    pub fn take(&mut self) -> String {
        self.walk = None;
        self.go(0);
        std::mem::take(&mut self.text)
    }

    /// It is not sent, but it comes back.
    pub fn give_up(&mut self, text: &str) {
        if text.len() > LINE_BYTES_MAX {
            self.long_cut = Some(text.to_string());
            return;
        }
        self.long_cut = None;
        self.walk = None;
        self.remember(text);
        self.was_cut = false;
        if !text.is_empty() {
            self.cut = text.to_string();
        }
    }

    pub fn remember(&mut self, line: &str) {
        if !line.is_empty() && self.entered.last().is_none_or(|last| last != line) {
            self.entered.push(line.to_string());
        }
    }

    fn walk_back(&mut self) {
        let place = self.walk.as_ref().map_or(self.entered.len(), |(place, _)| *place);
        let Some(older) = place.checked_sub(1) else { return };
        let draft = self.walk.take().map_or_else(|| self.text.clone(), |(_, draft)| draft);
        self.walk = Some((older, draft));
        self.set(self.entered[older].clone());
    }

    fn walk_forth(&mut self) {
        let Some((place, draft)) = self.walk.take() else { return };
        if let Some(line) = self.entered.get(place + 1).cloned() {
            self.walk = Some((place + 1, draft));
            self.set(line);
        } else {
            self.set(draft);
        }
    }

    fn set(&mut self, text: String) {
        self.text = text;
        self.go(self.text.len());
    }

    fn go(&mut self, to: usize) {
        self.cursor = to;
        self.was_cut = false;
    }

    fn delete(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.go(from);
    }

    /// Cuts in a row are kept as one text. A cut of nothing ends that.
    fn cut(&mut self, from: usize, to: usize) {
        let (goes_on, is_left) = (self.was_cut, from < self.cursor);
        let cut = self.text[from..to].to_string();
        self.delete(from, to);
        if cut.is_empty() {
            return;
        }
        self.long_cut = None;
        self.cut = match (goes_on, is_left) {
            (false, _) => cut,
            (true, true) => cut + &self.cut,
            (true, false) => std::mem::take(&mut self.cut) + &cut,
        };
        self.was_cut = true;
    }

    /// Where the letter before the cursor begins: a grapheme.
    fn before(&self) -> usize {
        let edges = self.text.grapheme_indices(true).map(|(at, _)| at);
        edges.take_while(|at| *at < self.cursor).last().unwrap_or(0)
    }

    fn behind(&self) -> usize {
        let mut edges = self.text.grapheme_indices(true).map(|(at, _)| at);
        edges.find(|at| *at > self.cursor).unwrap_or(self.text.len())
    }

    fn word_before(&self) -> usize {
        self.words().take_while(|at| *at < self.cursor).last().unwrap_or(0)
    }

    fn word_behind(&self) -> usize {
        self.words().find(|at| *at > self.cursor).unwrap_or(self.text.len())
    }

    /// Where words begin: Unicode's words, except for those of spaces and ASCII punctuation.
    fn words(&self) -> impl Iterator<Item = usize> {
        let is_letter = |letter: char| !letter.is_whitespace() && !letter.is_ascii_punctuation();
        let words = self.text.split_word_bound_indices();
        words.filter(move |(_, word)| word.contains(is_letter)).map(|(at, _)| at)
    }
}
