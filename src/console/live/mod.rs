//! Messages above the line being typed: the view of a person at a terminal.
//!
//! ```text
//! 12:34 -- Connected to Bruno             written once, and never overwritten: scrollback, search
//! 12:34 Ana → Bruno: Oi Bruno!            and copying of the terminal work
//! 12:35 Bruno: Tudo bem, Ana?
//! Ana → Bruno [*Camila]> tudo, e vo_      drawn again when it changes, or text appears above it
//! ```
//!
//! The view uses no alternate screen and no scroll region. Its only question to the terminal is in
//! [`rewrap`], because answers come among the keys. To show a text, it wipes the row, writes the
//! text and ends the line. At the end of the turn it draws the row again. All output of a turn
//! leaves in one write, so the row does not flicker.
//!
//! Each output begins with a wipe, and ends at the start of a line or within the row. So if a full
//! screen skips one output, the next one is still correct.
//!
//! A typed line waits here until the machine accepts it. Then it is shown, in the order of events:
//! a sent text with the person who gets it, and a command or a refused text after `>`.
//!
//! | file | has |
//! | --- | --- |
//! | [`typing`] | keys, pasted text and entered lines: the other half of [`Live`] |
//! | [`row`] | the bytes of the row at the bottom |
//! | [`rewrap`] | the place of the row after the window became narrower |
//! | [`prompt`], [`people`] | the prompt, and the people for it and for TAB |
//! | [`stamp`], [`paint`], [`wrap`] | times, colors, line breaks |
//! | [`sentences`] | the sentences of this view only |
//!
//! Must never know a descriptor, a clock, or raw mode: [`super::person`] has those. A build without
//! the line editor has `live_small.rs` instead. Read next: [`row`].

mod paint;
mod people;
mod prompt;
mod rewrap;
mod row;
pub mod sentences;
mod stamp;
mod typing;
mod wrap;

pub use people::{NAMES_MAX, RECENT_MAX};
pub use rewrap::{CURSOR_WITHIN_MS, WITHHELD_BYTES_MAX};
pub use typing::{LISTED_MAX, PASTE_LINES_ASK, WAITING_BYTES_MAX};

use std::collections::VecDeque;

use unicode_width::UnicodeWidthStr;

use super::ability::Bell;
use super::command::{ConsoleAnswer, TypedEntry};
use super::device::Output;
use super::editor::Editor;
use super::keys::Keys;
use super::language::Language;
use super::texts::{self, ASK_NAME, LEAVE_TWICE_MS};
use super::visible::visible;
use super::wall_clock::WallTime;
use crate::machine::Typed;
use crate::peer::notice::{Notice, Partner};
use crate::wire::name::Name;
use paint::Paint;
use people::People;
use rewrap::{ASK_CURSOR, Rewrap};
use row::{Painted, Row, WIPE};
use sentences::{BEGIN_ONE, HELP_KEYS};
use stamp::Stamp;
use typing::{NamesWanted, PasteQuestion};

/// After this, pasted text comes between `ESC [ 200~` and `ESC [ 201~`.
const MARK_PASTED: &str = "\x1b[?2004h";

/// Switches wrapping on, and the marks of pasted text off.
pub const RESTORE: &str = "\x1b[?7h\x1b[?2004l";

/// The mark of the program's own lines.
const REMARK: &str = "-- ";

const BELL: u8 = 0x07;

/// Columns of a screen of unknown size.
const COLUMNS_UNKNOWN: usize = 80;

/// Rows of a screen of unknown size.
const ROWS_UNKNOWN: usize = 24;

/// The view that draws.
#[derive(Debug)]
pub struct Live {
    language: Language,
    paint: Paint,
    bell: Bell,
    columns: usize,
    rows: usize,
    stamp: Stamp,
    people: People,
    keys: Keys,
    editor: Editor,
    /// Entered lines that the machine has not accepted yet. Bounded: see [`Live::reads_ahead`].
    waiting: VecDeque<String>,
    waiting_bytes: usize,
    /// An accepted text that is not shown yet. The next notice tells whether it was sent.
    accepted: Option<String>,
    /// Log lines about the accepted text, which comes first.
    logged: String,
    end: InputEnd,
    wish: Option<Wish>,
    /// Ctrl-C was pressed once while conversations are open. The second Ctrl-C leaves.
    is_leaving: bool,
    /// The next entered line is the answer to "User name:".
    is_name_asked: bool,
    paste: Option<PasteQuestion>,
    names_wanted: Option<NamesWanted>,
    /// Whole lines that will be shown above the row.
    above: String,
    rings: bool,
    /// The row that is on the screen.
    drawn: Row,
    rewrap: Rewrap,
    /// The number of rows above the cursor that belong to the drawn row. They are wiped first.
    rows_above: usize,
}

/// A wish of the person for the program, and not for the machine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wish {
    /// To leave: Ctrl-C on an empty line, twice while conversations are open.
    Stop,
    /// To return to the shell for a while: Ctrl-Z.
    Suspend,
}

/// The options of the view.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// The language of the program's own texts.
    pub language: Language,
    /// Whether names have colors.
    pub paints: bool,
    /// Which messages ring.
    pub bell: Bell,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum InputEnd {
    NotYet,
    /// The input has ended. The machine gets the end after the lines that wait.
    Came,
    Returned,
}

impl Live {
    /// An empty screen.
    #[must_use]
    pub fn new(style: Style) -> Self {
        Self {
            language: style.language,
            paint: Paint { is_on: style.paints },
            bell: style.bell,
            columns: COLUMNS_UNKNOWN,
            rows: ROWS_UNKNOWN,
            stamp: Stamp::default(),
            people: People::default(),
            keys: Keys::default(),
            editor: Editor::default(),
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            accepted: None,
            logged: String::new(),
            end: InputEnd::NotYet,
            wish: None,
            is_leaving: false,
            is_name_asked: false,
            paste: None,
            names_wanted: None,
            above: String::new(),
            rings: false,
            drawn: Row::default(),
            rewrap: Rewrap::default(),
            rows_above: 0,
        }
    }

    /// Shows a text of the program itself: `12:34 -- Connected to Bruno`.
    fn remark(&mut self, text: &str) {
        let head = self.head_columns(REMARK.len());
        let text = wrap::wrap(text, self.columns, head);
        self.put(REMARK, &text);
    }

    /// Columns of the time and a mark of that width, in front of a text.
    fn head_columns(&self, mark: usize) -> usize {
        self.stamp.clock().len() + mark
    }

    /// Shows a received or typed text after `head`, which takes `columns`. The text stays in one
    /// piece, so that it can be copied. Only a narrow screen breaks it between words.
    fn put_message(&mut self, head: &str, columns: usize, text: &str) {
        if wrap::is_narrow(self.columns) {
            let text = wrap::wrap(text, self.columns, self.head_columns(columns));
            self.put(head, &text);
        } else {
            self.put(head, text);
        }
    }

    /// Whether a line is begun, or entered and not accepted yet. The person typed it for the target
    /// that the prompt showed.
    #[must_use]
    pub fn is_typing(&self) -> bool {
        !self.editor.text().is_empty() || !self.waiting.is_empty() || self.paste.is_some()
    }

    /// Whether a script types. Never: the view draws only for a person.
    #[must_use]
    pub fn is_script(&self) -> bool {
        false
    }

    /// Answers a typed line.
    pub fn answer(&mut self, answer: &ConsoleAnswer, output: &mut Output) {
        let text = texts::answer(self.language, answer);
        match answer {
            // The keys of the line editor need help as well.
            ConsoleAnswer::Help(None) => self.help(&text),
            ConsoleAnswer::Help(Some(_))
            | ConsoleAnswer::Usage(_)
            | ConsoleAnswer::Unknown(_)
            | ConsoleAnswer::UnknownTopic(_)
            | ConsoleAnswer::Which(_)
            | ConsoleAnswer::Takes(_)
            | ConsoleAnswer::Near { .. } => self.remark(&text),
        }
        self.flush(output);
    }

    /// Shows the whole help with the keys, if it fits the screen, or the short help.
    fn help(&mut self, text: &str) {
        let whole = format!("{text}\n{}", HELP_KEYS.of(self.language));
        let wrapped = wrap::wrap(&whole, self.columns, self.head_columns(REMARK.len()));
        if wrapped.lines().count() < self.rows {
            self.remark(&whole);
        } else {
            self.remark(&texts::brief_help(self.language));
        }
    }

    /// Shows the names that are online: in one row as in the handout, or their number and then the
    /// names in columns.
    fn show_online(&mut self, names: &[Vec<u8>], sentence: &str) {
        let indent = wrap::indent(self.columns, self.head_columns(REMARK.len()));
        let room = self.columns.saturating_sub(indent);
        if sentence.width() <= room {
            self.remark(sentence);
        } else {
            self.remark(&texts::online_in_columns(self.language, names, room));
        }
    }

    /// Shows a received message: `12:34 Bruno: Tudo bem, Ana?`.
    fn show_message(&mut self, from: &Partner, text: &[u8], cut: bool) {
        let name = format!("{}:", texts::name_of(self.language, from));
        let columns = name.width() + 1;
        let name = self.paint.name(&from.label, &name);
        let text = texts::message(text, cut);
        self.put_message(&format!("{name} "), columns, &text);
        let is_elsewhere = self.people.note_message(from);
        self.rings |= match self.bell {
            Bell::Off => false,
            Bell::Message => is_elsewhere,
            Bell::All => true,
        };
    }

    /// Shows an accepted line above the row. A text waits for the notice that it was sent.
    fn echo(&mut self, line: String) {
        if self.is_name_asked {
            self.put(ASK_NAME.of(self.language), &visible(line.as_bytes()));
            return;
        }
        self.show_unsent();
        let is_text = matches!(TypedEntry::parse(line.as_bytes()), TypedEntry::Text(_));
        self.accepted = Some(line);
        if !is_text || self.people.me().is_none() || self.people.target().is_none() {
            self.show_unsent();
        }
    }

    /// Shows the accepted line as what was typed, because it is a command, or was not sent.
    fn show_unsent(&mut self) {
        for line in self.accepted.take().iter().flat_map(|line| line.split('\n')) {
            self.put_message("> ", 2, &visible(line.as_bytes()));
        }
        self.above.push_str(&std::mem::take(&mut self.logged));
    }

    /// Shows the accepted text: `12:35 Ana → Bruno: Oi!`. Does nothing for the text of a command.
    fn show_sent(&mut self, to: &Partner, text: &[u8]) {
        if self.accepted.take().is_some()
            && let Some(me) = self.people.me()
        {
            let (head, columns) = self.speaker(me, to);
            self.put_message(&head, columns, &visible(text));
        }
        self.above.push_str(&std::mem::take(&mut self.logged));
    }

    /// `Ana → Bruno: `, and its width in columns.
    fn speaker(&self, me: &Name, who: &Partner) -> (String, usize) {
        let to = texts::name_of(self.language, who);
        let columns = [me.as_str(), " → ", &to, ": "].map(UnicodeWidthStr::width).iter().sum();
        let me = self.paint.name(me.as_str(), me.as_str());
        (format!("{me} → {}: ", self.paint.name(&who.label, &to)), columns)
    }

    /// Adds the lines of one text, the first with the time.
    fn put(&mut self, mark: &str, text: &str) {
        if let Some(line) = self.stamp.new_day(self.language) {
            self.above.push_str(&format!("{}\r\n", self.paint.dim(&line)));
        }
        let clock = self.stamp.clock();
        let head = if clock.is_empty() { clock } else { self.paint.dim(&clock) };
        self.above.push_str(&format!("{head}{mark}{text}\r\n"));
    }

    fn flush(&mut self, output: &mut Output) {
        if self.above.len() > WITHHELD_BYTES_MAX {
            self.rewrap.give_up();
        }
        if !self.above.is_empty() && !self.rewrap.is_open() {
            self.go_up(output);
            output.screen.extend_from_slice(WIPE.as_bytes());
            output.screen.append(&mut std::mem::take(&mut self.above).into_bytes());
            self.drawn = Row::default();
        }
    }

    /// Moves the cursor to the first of the rows to wipe.
    fn go_up(&mut self, output: &mut Output) {
        let rows = std::mem::take(&mut self.rows_above);
        if rows > 0 {
            output.screen.extend_from_slice(format!("\x1b[{rows}A").as_bytes());
        }
    }

    /// Handles the terminal's answer: the column of the cursor, counted from 1.
    fn on_cursor(&mut self, column: u16) {
        if let Some(rows) = self.rewrap.on_answer(usize::from(column), self.columns) {
            self.rows_above = rows;
            self.drawn = Row::default();
        }
    }

    fn prompt(&self) -> Painted {
        if let Some(question) = &self.paste {
            return question.prompt(self.language, self.columns);
        }
        if self.is_name_asked {
            return prompt::question([ASK_NAME.of(self.language), "> "], self.columns);
        }
        prompt::prompt(&self.people, self.paint, self.columns)
    }

    fn row(&self) -> Row {
        if self.end != InputEnd::NotYet {
            // The input has ended, so there is no prompt.
            return Row { bytes: WIPE.to_string(), cursor_column: 0 };
        }
        let (text, cursor) = match self.paste {
            Some(_) => ("", 0),
            None => (self.editor.text(), self.editor.cursor()),
        };
        row::row(&self.prompt(), text, cursor, self.columns)
    }

    /// Handles bytes from the keyboard.
    pub fn type_bytes(&mut self, bytes: &[u8]) {
        let mut pressed = Vec::new();
        self.keys.feed(bytes, &mut pressed);
        self.on_pressed(pressed);
    }

    /// Notes the end of the input.
    pub fn end_typing(&mut self) {
        self.end_input();
    }

    /// The next entered line. After the last line, the end, which is returned once.
    pub fn next_typed(&mut self) -> Option<Typed> {
        if let Some(line) = self.next_line() {
            return Some(Typed::Line(line.into_bytes()));
        }
        if self.asks_for_names() {
            return Some(Typed::Line(b"/list".to_vec()));
        }
        if self.end != InputEnd::Came {
            return None;
        }
        self.end = InputEnd::Returned;
        Some(Typed::End)
    }

    /// Shows a notice above the line being typed.
    #[allow(clippy::wildcard_enum_match_arm, reason = "all others only have a sentence")]
    pub fn show(&mut self, notice: Notice, output: &mut Output) {
        let text = texts::sentence(self.language, &notice);
        if let Notice::Said { to, text } = &notice {
            self.show_sent(to, text);
        } else if !text.is_empty() {
            self.show_unsent();
        }
        match notice {
            Notice::Standing(standing) => {
                self.is_name_asked &= standing.me.is_none();
                self.people.set_standing(standing);
            }
            Notice::AskName => self.is_name_asked = true,
            Notice::GoodbyeAnswered { .. }
            | Notice::GoodbyeTaken { .. }
            | Notice::Names(_)
            | Notice::Said { .. } => {}
            Notice::Fatal(_) => output.errors.extend_from_slice(format!("{text}\r\n").as_bytes()),
            Notice::Text { from, text, cut } => self.show_message(&from, &text, cut),
            Notice::Online(names) => {
                self.people.set_online(&names);
                if !self.completes_with_names() {
                    self.show_online(&names, &text);
                }
            }
            Notice::NoConversation => {
                self.remark(&format!("{text}\n{}", BEGIN_ONE.of(self.language)));
            }
            other => {
                match &other {
                    Notice::Connected { who } => self.people.put_first(&who.label),
                    Notice::ServerSilent | Notice::NeedsServer => self.names_wanted = None,
                    _ => {}
                }
                self.remark(&text);
            }
        }
        self.flush(output);
    }

    /// Reports that `lines` lines were not shown.
    pub fn show_skipped(&mut self, lines: usize, output: &mut Output) {
        let text = texts::skipped(self.language, lines);
        self.remark(&text);
        self.flush(output);
    }

    /// Prepares the screen: at the start, and again after [`Wish::Suspend`].
    pub fn take_screen(&mut self, output: &mut Output) {
        output.screen.extend_from_slice(MARK_PASTED.as_bytes());
        self.rewrap.give_up();
        self.drawn = Row::default();
    }

    /// Restores the screen. Only the shown texts stay on it.
    pub fn release_screen(&mut self, output: &mut Output) {
        self.show_unsent();
        self.rewrap.give_up();
        self.flush(output);
        self.go_up(output);
        output.screen.extend_from_slice(WIPE.as_bytes());
        output.screen.extend_from_slice(RESTORE.as_bytes());
        self.drawn = Row::default();
    }

    /// Notes the size of the screen: at the start, and when it changes.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        // For some terminals, 0 means unknown.
        self.columns = if columns == 0 { COLUMNS_UNKNOWN } else { usize::from(columns) };
        self.rows = if rows == 0 { ROWS_UNKNOWN } else { usize::from(rows) };
        if !self.drawn.bytes.is_empty() {
            self.rewrap.on_resize(self.drawn.cursor_column, self.columns);
        }
        if !self.rewrap.is_open() {
            self.drawn = Row::default();
        }
    }

    /// Sets the local time of the lines that are shown next.
    pub fn set_time(&mut self, now: WallTime) {
        self.stamp.set_time(now);
    }

    /// Shows lines of the program's own log, each with its line end. They have their own time, with
    /// milliseconds.
    pub fn show_log(&mut self, lines: &[u8], output: &mut Output) {
        for line in lines.strip_suffix(b"\n").unwrap_or(lines).split(|&byte| byte == b'\n') {
            let line = self.paint.log(&visible(line));
            let place = if self.accepted.is_some() { &mut self.logged } else { &mut self.above };
            place.push_str(&format!("{line}\r\n"));
        }
        self.flush(output);
    }

    /// Draws the line being typed below the shown text, if it has changed. The last call of each
    /// turn. Its output may be skipped or written late, because it begins with a wipe.
    pub fn draw(&mut self, output: &mut Output) {
        self.show_unsent();
        self.flush(output);
        if self.rewrap.ask() {
            output.screen.extend_from_slice(ASK_CURSOR.as_bytes());
        }
        let row = self.row();
        if !self.rewrap.is_open() && row.bytes != self.drawn.bytes {
            self.go_up(output);
            output.screen.extend_from_slice(row.bytes.as_bytes());
            self.drawn = row;
        }
        // At most once in each turn, however many messages came.
        if std::mem::take(&mut self.rings) {
            output.screen.push(BELL);
        }
    }

    /// Whether it takes typed bytes while the machine takes no commands. Then the entered lines
    /// wait here, and the person sees what is typed.
    #[must_use]
    pub fn reads_ahead(&self) -> bool {
        self.waiting_bytes < WAITING_BYTES_MAX
    }

    /// The next wish of the person.
    pub fn next_wish(&mut self) -> Option<Wish> {
        self.wish.take()
    }

    /// The silence after which [`Live::settle_typing`] must be called, in milliseconds. `None`: it
    /// need not be called.
    #[must_use]
    pub fn typing_settles_in(&self) -> Option<u64> {
        let for_cursor = self.rewrap.is_open().then_some(CURSOR_WITHIN_MS);
        let for_leaving = self.is_leaving.then_some(LEAVE_TWICE_MS);
        self.keys.settles_in().or(for_cursor).or(for_leaving)
    }

    /// Ends the unfinished input, after a silence of [`Live::typing_settles_in`]: an unfinished key
    /// and a paste, a first Ctrl-C, and a question that the terminal did not answer.
    pub fn settle_typing(&mut self) {
        self.is_leaving = false;
        if self.rewrap.is_open() {
            self.rewrap.give_up();
            self.drawn = Row::default();
        }
        let mut pressed = Vec::new();
        self.keys.settle(&mut pressed);
        self.on_pressed(pressed);
    }
}
