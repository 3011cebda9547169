//! Keys, pasted text and entered lines: the part of [`Live`] that handles the keyboard.

use super::row::Painted;
use super::sentences::{
    LINE_FULL, PASTE_CUT, PASTE_LONG_QUESTION, PASTE_QUESTION, PASTE_SHORT_QUESTION,
};
use super::{InputEnd, Live, Wish, prompt};
use crate::console::command::{Split, Topic, TypedEntry, argument, split_message};
use crate::console::editor::KeyEffect;
use crate::console::editor::completion::Tab;
use crate::console::editor::line::LINE_BYTES_MAX;
use crate::console::keys::{Code, Held, Key, Pressed};
use crate::console::language::Language;
use crate::console::texts::{self, MORE_NAMES, NOTHING_UNREAD};
use crate::console::visible::visible_name;
use crate::peer::notice::{ConversationId, Notice};

/// A paste of at least so many lines is sent only after a question. The number is irssi's.
pub const PASTE_LINES_ASK: usize = 5;

/// Most typed text that waits for the machine, in bytes. With more, the keyboard is not read, and
/// keys that were read before enter no further line.
pub const WAITING_BYTES_MAX: usize = 64 * 1024;

/// Most names that a second TAB lists. The number of the others follows.
pub const LISTED_MAX: usize = 40;

const CTRL_C: Key = Key { code: Code::Char('c'), held: Held::Ctrl };

/// Moves the cursor to the upper left corner, and wipes the screen. The scrollback stays.
const CLEAR_SCREEN: &str = "\x1b[H\x1b[2J";

/// The question before a large paste is sent.
#[derive(Debug)]
pub(super) struct PasteQuestion {
    text: String,
    to: Recipient,
}

/// The person who gets a pasted text.
#[derive(Debug)]
struct Recipient {
    label: String,
    /// The conversation: that of the target, or of the last writer for a typed `/reply`. No other
    /// conversation gets the text. `None`: a typed `/msg` may begin one.
    conversation: Option<ConversationId>,
    /// The text of the typed command, the pasted text in it. `None`: no command is typed.
    message: Option<String>,
}

/// TAB after the beginning of a name, before any LIST was received.
#[derive(Debug)]
pub(super) struct NamesWanted {
    /// The line. It is completed if it is still the same when the LIST comes.
    line: String,
    is_asked: bool,
}

impl PasteQuestion {
    pub(super) fn prompt(&self, language: Language, columns: usize) -> Painted {
        let (long, count) = match self.text.split('\n').count() {
            lines @ PASTE_LINES_ASK.. => (PASTE_QUESTION, lines),
            _ => (PASTE_LONG_QUESTION, self.text.chars().count()),
        };
        let wordings = [long, PASTE_SHORT_QUESTION];
        prompt::about(&visible_name(&self.to.label), count, wordings, language, columns)
    }
}

impl Live {
    pub(super) fn on_pressed(&mut self, pressed: Vec<Pressed>) {
        for pressed in pressed {
            let is_ctrl_c = pressed == Pressed::Key(CTRL_C);
            self.is_leaving &= is_ctrl_c || matches!(pressed, Pressed::CursorAt { .. });
            match pressed {
                Pressed::Key(_) if is_ctrl_c && self.end != InputEnd::NotYet => {
                    // The program is leaving already, and takes too long.
                    self.wish = Some(Wish::Stop);
                }
                Pressed::CursorAt { column } => self.on_cursor(column),
                _ if self.end != InputEnd::NotYet => {}
                Pressed::Key(key) if self.paste.is_some() => self.answer_paste(key),
                Pressed::Key(key) => self.on_key(key),
                Pressed::Paste { text, cut } => self.on_paste(&text, cut),
            }
        }
    }

    /// Notes the end of the input.
    pub(super) fn end_input(&mut self) {
        if self.end == InputEnd::NotYet {
            self.end = InputEnd::Came;
            self.paste = None;
        }
    }

    /// Takes the oldest line that waits, and shows it above the row.
    pub(super) fn next_line(&mut self) -> Option<String> {
        let mut line = self.waiting.pop_front()?;
        self.waiting_bytes -= line.len();
        if let Some(next) = self.people.unread().first()
            && line.trim_end().eq_ignore_ascii_case("/chat")
        {
            line = format!("/chat {}", argument(Topic::Chat, &next.label));
        }
        self.echo(line.clone());
        Some(line)
    }

    fn on_key(&mut self, key: Key) {
        if adds_line(key) && !self.reads_ahead() {
            // Each read is bounded, but two keys can enter a long line of the history again and
            // again, a thousand times as much text as was read. So the line stays in the row.
            self.rings = true;
            return;
        }
        match (key.held, key.code) {
            (Held::Nothing, Code::Tab) => self.complete(),
            // The same key as in irssi and WeeChat.
            (Held::Alt, Code::Char('a')) => self.go_to_unread(),
            (Held::Ctrl, Code::Char('l')) => self.above.push_str(CLEAR_SCREEN),
            (Held::Ctrl, Code::Char('z')) => self.wish = Some(Wish::Suspend),
            _ => self.edit(key),
        }
    }

    fn edit(&mut self, key: Key) {
        match self.editor.press(key) {
            KeyEffect::Edited => {}
            KeyEffect::Full => self.rings = true,
            KeyEffect::Entered(text) => self.enter(&text),
            KeyEffect::Pasted(text) => self.on_pasted(text),
            KeyEffect::Stop => self.leave(),
            KeyEffect::End => self.end_input(),
        }
    }

    /// Ctrl-C on an empty line. It would end all conversations, so one slip must not be enough.
    fn leave(&mut self) {
        if self.is_leaving || !self.people.has_conversations() {
            self.wish = Some(Wish::Stop);
            return;
        }
        self.is_leaving = true;
        self.remark(&texts::leave_twice(self.language));
    }

    fn enter(&mut self, text: &str) {
        if !self.is_name_asked {
            self.editor.remember(text);
        }
        if self.is_name_asked || is_command(text) && !takes_lines(text) {
            // It is one line: a pasted line end in it becomes a blank.
            self.wait(text.replace('\n', " "));
        } else if is_command(text) {
            self.wait(with_blank_lines(text.trim_end_matches('\n')));
        } else {
            self.enter_lines(text);
        }
    }

    /// Enters the lines of a text. A slash at the beginning of a further line is text: `/exit` in
    /// the middle of a paste must not end the program.
    fn enter_lines(&mut self, text: &str) {
        let mut lines = text.trim_end_matches('\n').split('\n');
        self.wait(lines.next().unwrap_or_default().to_string());
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
            Some(who) => self.wait(format!("/chat {}", argument(Topic::Chat, &who.label))),
            None => self.remark(NOTHING_UNREAD.of(self.language)),
        }
    }

    /// Whether the server must be asked now for the names for TAB. True once.
    pub(super) fn asks_for_names(&mut self) -> bool {
        let line = self.editor.text();
        self.names_wanted.take_if(|wanted| !wanted.is_asked && wanted.line != line);
        let Some(wanted) = &mut self.names_wanted else { return false };
        !std::mem::replace(&mut wanted.is_asked, true)
    }

    /// Completes the line with the names of a LIST. False: the line did not change.
    pub(super) fn completes_with_names(&mut self) -> bool {
        let Some(wanted) = self.names_wanted.take().filter(|wanted| wanted.is_asked) else {
            return false;
        };
        if self.editor.text() == wanted.line {
            self.complete();
            return self.editor.text() != wanted.line;
        }
        false
    }

    fn want_names(&mut self) {
        let line = self.editor.text();
        let takes_name = matches!(Topic::of_line(line), Some(Topic::Chat | Topic::Message));
        let is_new = self.names_wanted.as_ref().is_none_or(|wanted| wanted.line != line);
        let is_registered = self.people.me().is_some();
        if is_new && takes_name && is_registered && !self.people.has_list() {
            self.names_wanted = Some(NamesWanted { line: line.to_string(), is_asked: false });
        }
    }

    /// TAB.
    fn complete(&mut self) {
        match self.editor.complete(&self.people.names()) {
            Tab::Nothing => self.want_names(),
            Tab::Became(_) => {}
            Tab::Listed(names) => {
                let more = names.len().saturating_sub(LISTED_MAX);
                let listed = names.iter().take(LISTED_MAX).map(|name| visible_name(name));
                let mut text = listed.collect::<Vec<_>>().join(", ");
                if more > 0 {
                    text.push_str(&MORE_NAMES.fill(self.language, &[("count", &more)]));
                }
                self.remark(&text);
            }
        }
    }

    fn on_paste(&mut self, text: &str, cut: bool) {
        if cut {
            self.remark(PASTE_CUT.of(self.language));
        }
        let is_meant = |letter: &char| !letter.is_control() || matches!(letter, '\n' | '\t');
        self.on_pasted(text.trim_end_matches('\n').chars().filter(is_meant).collect());
    }

    /// Puts a few pasted lines into the row, and asks about more. In front of a typed command the
    /// lines stay in the row if nobody can be asked about.
    fn on_pasted(&mut self, text: String) {
        let in_row = self.in_row(&text);
        let is_long = text.split('\n').count() >= PASTE_LINES_ASK;
        if !is_long && self.inserts(&in_row) {
            return;
        }
        if let Some(to) = self.recipient(&text) {
            if let Some(before) = self.paste.replace(PasteQuestion { text, to }) {
                self.keep(&before.text);
            }
        } else if !is_long || !takes_lines(self.editor.text()) || !self.inserts(&in_row) {
            self.refuse_paste(&text);
        }
    }

    fn inserts(&mut self, text: &str) -> bool {
        self.editor.insert(text) != KeyEffect::Full
    }

    /// Pasted text as it is put into the row. At the beginning of the row, the slash before several
    /// lines is text: only a typed line is a command.
    fn in_row(&self, text: &str) -> String {
        let is_first = self.editor.cursor() == 0 && !self.is_name_asked;
        if is_first { not_a_command(text) } else { text.to_string() }
    }

    /// The person who gets a pasted text: the one of the typed `/msg` or `/reply`, or the target.
    fn recipient(&self, text: &str) -> Option<Recipient> {
        let (before, behind) = self.editor.text().split_at(self.editor.cursor());
        if takes_lines(before) {
            return self.addressee(&[before, text, behind].concat());
        }
        let target = self.people.target()?;
        Some(Recipient {
            label: target.label.clone(),
            conversation: Some(target.id),
            message: None,
        })
    }

    /// The person who gets this `/msg` or `/reply`. `None`: nobody, or one of several.
    #[allow(clippy::wildcard_enum_match_arm, reason = "no other command has several lines")]
    fn addressee(&self, line: &str) -> Option<Recipient> {
        let (name, conversation, message) = match TypedEntry::parse(line.as_bytes()) {
            TypedEntry::Message(rest) => {
                match split_message(rest, self.people.known(), std::iter::empty()) {
                    // The name will be in quotes.
                    Split::One(name, text) if !name.contains(&b'"') => (name, None, text),
                    Split::One(..) | Split::Several(_) => return None,
                }
            }
            TypedEntry::Reply(text) => {
                let writer = self.people.last_writer()?;
                (writer.label.as_bytes(), Some(writer.id), text)
            }
            _ => return None,
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Some(Recipient { label: text(name), conversation, message: Some(text(message)) })
    }

    /// Keeps pasted text for which the row has no room, or nobody to send it to.
    fn refuse_paste(&mut self, text: &str) {
        let why = if self.is_name_asked || is_command(self.editor.text()) {
            LINE_FULL.fill(self.language, &[("bytes", &LINE_BYTES_MAX)])
        } else {
            texts::sentence(self.language, &Notice::NoTarget)
        };
        self.keep(text);
        self.remark(&why);
    }

    /// `y` and the Portuguese `s` mean yes, and any other key means no. After no, Ctrl-Y and Up
    /// bring the pasted text back.
    fn answer_paste(&mut self, key: Key) {
        let Some(PasteQuestion { text, to }) = self.paste.take() else { return };
        let is_yes = matches!(key.code, Code::Char('y' | 'Y' | 's' | 'S'));
        if !is_yes || key.held != Held::Nothing {
            self.keep(&text);
        } else if !self.is_same(&to) {
            self.keep(&text);
            self.remark(&texts::sentence(self.language, &Notice::NoTarget));
        } else if let Some(message) = to.message {
            self.editor.clear();
            let name = format!("\"{}\"", to.label);
            self.wait(format!("/msg {name} {}", with_blank_lines(&message)));
        } else {
            for line in text.split('\n') {
                self.wait(as_text(line));
            }
        }
    }

    /// Keeps pasted text that was not sent.
    fn keep(&mut self, text: &str) {
        // Text that is longer than a line comes back as a paste.
        if text.len() > LINE_BYTES_MAX {
            self.editor.give_up(text);
        } else {
            self.editor.give_up(&not_a_command(text));
        }
    }

    /// Whether the person in a question can still get the text.
    fn is_same(&self, to: &Recipient) -> bool {
        let target = self.people.target().map(|who| who.id);
        match (to.conversation, &to.message) {
            (None, _) => true,
            (Some(id), Some(_)) => self.people.is_open(id),
            (Some(_), None) => to.conversation == target,
        }
    }
}

/// Whether the text in the row is a command.
fn is_command(text: &str) -> bool {
    text.starts_with('/') && !text.starts_with("//")
}

/// Whether a command sends each further line to the same person.
fn takes_lines(text: &str) -> bool {
    matches!(Topic::of_line(text), Some(Topic::Message | Topic::Reply))
}

/// Several lines as typed text.
fn not_a_command(text: &str) -> String {
    if text.contains('\n') { as_text(text) } else { text.to_string() }
}

/// A text whose empty lines are one blank each: see [`as_text`].
fn with_blank_lines(text: &str) -> String {
    let lines: Vec<_> =
        text.split('\n').map(|line| if line.is_empty() { " " } else { line }).collect();
    lines.join("\n")
}

/// Whether a key adds a line that waits for the machine.
fn adds_line(key: Key) -> bool {
    let is_enter = key.code == Code::Enter && key.held != Held::Alt;
    is_enter || (key.code == Code::Char('a') && key.held == Held::Alt)
}

/// The typed line that means this text. An empty line within a text becomes one blank, because many
/// programs drop an empty line.
fn as_text(line: &str) -> String {
    match line {
        "" => " ".to_string(),
        text if text.starts_with('/') => format!("/{text}"),
        text => text.to_string(),
    }
}
