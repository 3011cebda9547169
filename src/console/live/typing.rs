//! Keys, pasted text and entered lines: what a person does at a [`Live`] terminal.

use super::{End, Live, Wish};
use crate::console::editor::Step;
use crate::console::editor::completion::Tab;
use crate::console::editor::line::LINE_BYTES_MAX;
use crate::console::keys::{Code, Held, Key, Pressed};
use crate::console::language::fill;
use crate::console::texts;
use crate::console::visible::visible_name;
use crate::console::words::Words;
use crate::peer::notice::{Notice, Who};

/// From so many pasted lines on the person is asked before they are sent: irssi's number.
pub const PASTE_LINES_ASK: usize = 5;

/// Most typed text that waits for the machine, in bytes. With more, the keyboard is not read, and
/// what had been read enters no further line.
pub const WAITING_BYTES_MAX: usize = 64 * 1024;

/// Most names that a second TAB lists. Of more, only the number is told.
pub const LISTED_MAX: usize = 40;

/// To the upper left corner, and everything wiped. What has scrolled away stays.
const CLEAR_SCREEN: &str = "\x1b[H\x1b[2J";

/// Many lines were pasted: send them?
#[derive(Debug)]
pub(super) struct PasteQuestion {
    lines: Vec<String>,
    /// To this one, and to nobody who has become the target since.
    to: Who,
}

impl PasteQuestion {
    pub(super) fn text(&self, words: &Words) -> String {
        let count = self.lines.len().to_string();
        fill(words.paste_question, &[("count", &count), ("name", &visible_name(&self.to.label))])
    }
}

impl Live {
    pub(super) fn on_pressed(&mut self, pressed: Vec<Pressed>) {
        for pressed in pressed {
            match pressed {
                Pressed::Key(Key { code: Code::Char('c'), held: Held::Ctrl })
                    if self.end != End::NotYet =>
                {
                    // On the way out already, and it takes too long.
                    self.wish = Some(Wish::Stop);
                }
                _ if self.end != End::NotYet => {}
                Pressed::Key(key) if self.paste.is_some() => self.answer_paste(key),
                Pressed::Key(key) => self.on_key(key),
                Pressed::Paste { text, cut } => self.on_paste(&text, cut),
            }
        }
    }

    /// Nothing more will be typed.
    pub(super) fn end_input(&mut self) {
        if self.end == End::NotYet {
            self.end = End::Came;
            self.paste = None;
        }
    }

    /// The oldest line that waits, as the machine understands it; it now stands above the row.
    pub(super) fn next_line(&mut self) -> Option<String> {
        let mut line = self.waiting.pop_front()?;
        self.waiting_bytes -= line.len();
        if let Some(next) = self.people.unread().first()
            && line.trim_end().eq_ignore_ascii_case("/chat")
        {
            line = format!("/chat {}", next.label);
        }
        self.echo(&line);
        Some(line)
    }

    fn on_key(&mut self, key: Key) {
        if adds_line(key) && !self.reads_ahead() {
            // All of one read: a line that is fetched again and again by two keys would come to
            // a thousand times what was read. It stays in the row.
            self.rings = true;
            return;
        }
        match (key.held, key.code) {
            (Held::Nothing, Code::Tab) => self.complete(),
            // irssi's and WeeChat's key for it.
            (Held::Alt, Code::Char('a')) => self.go_to_unread(),
            (Held::Ctrl, Code::Char('l')) => self.above.push_str(CLEAR_SCREEN),
            (Held::Ctrl, Code::Char('z')) => self.wish = Some(Wish::Suspend),
            _ => self.edit(key),
        }
    }

    fn edit(&mut self, key: Key) {
        match self.editor.press(key) {
            Step::Edited => {}
            Step::Full => self.rings = true,
            Step::Entered(text) => self.enter(&text),
            Step::Stop => self.wish = Some(Wish::Stop),
            Step::End => self.end_input(),
        }
    }

    fn enter(&mut self, text: &str) {
        if !self.is_name_asked {
            self.editor.remember(text);
        }
        let is_command = text.starts_with('/') && !text.starts_with("//");
        if is_command || self.is_name_asked {
            // A command is one line: what was pasted into it is not begun anew on the next.
            self.wait(text.replace('\n', " "));
        } else {
            self.enter_lines(text.split('\n'));
        }
    }

    /// Lines of a text. The first was typed with its slashes; in the others a slash is a slash,
    /// or `/exit` in the middle of what somebody pasted would end the program.
    fn enter_lines<'a>(&mut self, mut lines: impl Iterator<Item = &'a str>) {
        if let Some(first) = lines.next() {
            self.wait(first.to_string());
        }
        for line in lines {
            self.wait(as_text(line));
        }
    }

    fn wait(&mut self, line: String) {
        if !line.is_empty() {
            self.waiting_bytes += line.len();
            self.waiting.push_back(line);
        }
    }

    fn go_to_unread(&mut self) {
        match self.people.unread().first() {
            Some(who) => self.wait(format!("/chat {}", who.label)),
            None => self.remark(self.words().nothing_unread),
        }
    }

    fn complete(&mut self) {
        match self.editor.complete(&self.people.names()) {
            Tab::Nothing | Tab::Became(_) => {}
            Tab::Listed(names) => {
                let more = names.len().saturating_sub(LISTED_MAX);
                let listed = names.iter().take(LISTED_MAX).map(|name| visible_name(name));
                let mut text = listed.collect::<Vec<_>>().join(", ");
                if more > 0 {
                    let count = more.to_string();
                    text.push_str(&fill(self.words().more_names, &[("count", &count)]));
                }
                self.remark(&text);
            }
        }
    }

    fn on_paste(&mut self, text: &str, cut: bool) {
        if cut {
            self.remark(self.words().paste_cut);
        }
        let is_meant = |letter: &char| !letter.is_control() || matches!(letter, '\n' | '\t');
        let text: String = text.trim_end_matches('\n').chars().filter(is_meant).collect();
        if text.split('\n').count() >= PASTE_LINES_ASK {
            self.ask_to_paste(&text);
        } else if self.editor.insert(&text) == Step::Full {
            let bytes = LINE_BYTES_MAX.to_string();
            self.remark(&fill(self.words().line_full, &[("bytes", &bytes)]));
        }
    }

    fn ask_to_paste(&mut self, text: &str) {
        let Some(target) = self.people.target() else {
            self.remark(&texts::text(self.language, &Notice::NoTarget));
            return;
        };
        let to = target.clone();
        self.paste = Some(PasteQuestion { lines: text.split('\n').map(as_text).collect(), to });
    }

    /// `y` and the Portuguese `s` say yes; every other key means no. The typed line is as it was.
    fn answer_paste(&mut self, key: Key) {
        let Some(question) = self.paste.take() else { return };
        if !matches!(key.code, Code::Char('y' | 'Y' | 's' | 'S')) || key.held != Held::Nothing {
            return;
        }
        if self.people.target().is_some_and(|who| who.id == question.to.id) {
            for line in question.lines {
                self.wait(line);
            }
        } else {
            self.remark(&texts::text(self.language, &Notice::NoTarget));
        }
    }
}

/// Whether a key makes a line that waits for the machine.
fn adds_line(key: Key) -> bool {
    let is_enter = key.code == Code::Enter && key.held != Held::Alt;
    is_enter || (key.code == Code::Char('a') && key.held == Held::Alt)
}

/// The line by which the machine understands this text, whatever it begins with.
fn as_text(line: &str) -> String {
    if line.starts_with('/') { format!("/{line}") } else { line.to_string() }
}
