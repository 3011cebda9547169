//! Keys → an edited line.
//!
//! The effect of each key on the line being typed. The keys are those of emacs and of most shells.
//! Must never know a screen, or the meaning of an entered line. Read next: [`super::live`], which
//! has an editor.
//!
//! | file | has |
//! | --- | --- |
//! | [`mod@line`] | the text, the cursor and the cut text; bounded |
//! | [`history`] | the lines that were entered before |
//! | [`completion`] | TAB |

pub mod completion;
pub mod history;
pub mod line;

use tui_input::InputRequest;

use super::keys::{Code, Held, Key};
use completion::{Completion, Tab};
use history::History;
use line::{EditedLine, LINE_BYTES_MAX, LineFull};

/// The line being typed, with its history and its completion.
#[derive(Debug, Default)]
pub struct Editor {
    line: EditedLine,
    history: History,
    completion: Completion,
    /// The text for Ctrl-Y, if it is too long for the line.
    long_cut: Option<String>,
}

/// The effect of a key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum KeyEffect {
    /// The line may have changed.
    Edited,
    /// The line would be too long, and has not changed.
    Full,
    /// The line is entered, and empty again.
    Entered(String),
    /// Ctrl-Y brings back text that does not fit into the line.
    Pasted(String),
    /// Ctrl-C on an empty line.
    Stop,
    /// The end of all input: Ctrl-D on an empty line.
    End,
}

impl Editor {
    /// The text being typed. Pasted text may have several lines.
    #[must_use]
    pub fn text(&self) -> &str {
        self.line.text()
    }

    /// The place of the cursor, as a byte of [`Editor::text`].
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.line.cursor()
    }

    /// Handles a key.
    pub fn press(&mut self, key: Key) -> KeyEffect {
        self.completion.give_up();
        match (key.held, key.code) {
            (_, Code::Enter) if key.held != Held::Alt => {
                self.history.leave();
                KeyEffect::Entered(self.line.take())
            }
            (Held::Alt, Code::Enter) => self.insert("\n"),
            (Held::Nothing, Code::Char(letter)) => self.insert(letter.encode_utf8(&mut [0; 4])),
            (Held::Ctrl, Code::Char('c')) if self.text().is_empty() => KeyEffect::Stop,
            (Held::Ctrl, Code::Char('d')) if self.text().is_empty() => KeyEffect::End,
            (Held::Ctrl, Code::Char('c')) => {
                let text = self.line.take();
                self.give_up(&text);
                KeyEffect::Edited
            }
            (Held::Ctrl, Code::Char('p')) | (Held::Nothing, Code::Up) => self.go_back(),
            (Held::Ctrl, Code::Char('n')) | (Held::Nothing, Code::Down) => self.go_forth(),
            (held, code) => self.edit(held, code),
        }
    }

    /// Inserts text at the cursor.
    pub fn insert(&mut self, text: &str) -> KeyEffect {
        self.completion.give_up();
        match self.line.insert(text) {
            Ok(()) => KeyEffect::Edited,
            Err(LineFull) => KeyEffect::Full,
        }
    }

    /// TAB: completes the word before the cursor to a command or to one of `names`.
    pub fn complete(&mut self, names: &[String]) -> Tab {
        let before = &self.line.text()[..self.line.cursor()];
        let (span, tab) = self.completion.tab(before, names);
        if let Tab::Became(text) = &tab
            && self.line.replace(span, text).is_err()
        {
            return Tab::Nothing;
        }
        tab
    }

    /// Adds an entered line to the history.
    pub fn remember(&mut self, line: &str) {
        self.history.push(line);
    }

    /// Keeps text that is not sent, for Ctrl-Y and Up. Text longer than a line is kept for Ctrl-Y
    /// only.
    pub fn give_up(&mut self, text: &str) {
        if text.len() > LINE_BYTES_MAX {
            self.long_cut = Some(text.to_string());
            return;
        }
        self.long_cut = None;
        self.history.push(text);
        self.line.keep_cut(text);
    }

    /// Empties the line.
    pub fn clear(&mut self) {
        self.line.take();
    }

    fn edit(&mut self, held: Held, code: Code) -> KeyEffect {
        let Some(request) = request(held, code) else { return KeyEffect::Edited };
        if let (InputRequest::Yank, Some(text)) = (request, &self.long_cut) {
            return KeyEffect::Pasted(text.clone());
        }
        let length = self.text().len();
        let effect = match self.line.edit(request) {
            Ok(()) => KeyEffect::Edited,
            Err(LineFull) => KeyEffect::Full,
        };
        if cuts(request) && self.text().len() < length {
            self.long_cut = None;
        }
        effect
    }

    fn go_back(&mut self) -> KeyEffect {
        if let Some(line) = self.history.older(self.line.text()) {
            self.line.set(line);
        }
        KeyEffect::Edited
    }

    fn go_forth(&mut self) -> KeyEffect {
        if let Some(line) = self.history.newer() {
            self.line.set(&line);
        }
        KeyEffect::Edited
    }
}

/// Whether Ctrl-Y brings back the text that this request deletes.
fn cuts(request: InputRequest) -> bool {
    use InputRequest as R;
    matches!(request, R::DeletePrevWord | R::DeleteNextWord | R::DeleteTillEnd | R::DeleteFromStart)
}

/// The keys that move and delete.
fn request(held: Held, code: Code) -> Option<InputRequest> {
    use InputRequest as R;
    Some(match (held, code) {
        (Held::Nothing, Code::Left) | (Held::Ctrl, Code::Char('b')) => R::GoToPrevChar,
        (Held::Nothing, Code::Right) | (Held::Ctrl, Code::Char('f')) => R::GoToNextChar,
        (Held::Ctrl | Held::Alt, Code::Left) | (Held::Alt, Code::Char('b')) => R::GoToPrevWord,
        (Held::Ctrl | Held::Alt, Code::Right) | (Held::Alt, Code::Char('f')) => R::GoToNextWord,
        (_, Code::Home) | (Held::Ctrl, Code::Char('a')) => R::GoToStart,
        (_, Code::End) | (Held::Ctrl, Code::Char('e')) => R::GoToEnd,
        (Held::Alt, Code::Backspace) | (Held::Ctrl, Code::Char('w')) => R::DeletePrevWord,
        (Held::Ctrl | Held::Alt, Code::Delete) | (Held::Alt, Code::Char('d')) => R::DeleteNextWord,
        (_, Code::Backspace) => R::DeletePrevChar,
        (_, Code::Delete) | (Held::Ctrl, Code::Char('d')) => R::DeleteNextChar,
        (Held::Ctrl, Code::Char('k')) => R::DeleteTillEnd,
        (Held::Ctrl, Code::Char('u')) => R::DeleteFromStart,
        (Held::Ctrl, Code::Char('y')) => R::Yank,
        _ => return None,
    })
}
