//! Messages above the line that is being typed: the terminal of a person.
//!
//! ```text
//! 12:34 -- Connected to Bruno             shown once, never touched again: the terminal's own
//! 12:34 Ana → Bruno: Oi Bruno!            scrollback, search and copying work
//! 12:35 Bruno: Tudo bem, Ana?
//! Ana → Bruno [*Camila]> tudo, e vo_      drawn anew whenever it, or what is above, has changed
//! ```
//!
//! No second screen, no scroll region, and no question to the terminal (whose answer comes in
//! among the keys) but the one of [`rewrap`]. To show something is: wipe the row, write, end the
//! line; and at the end of the turn the row is drawn again. All of a turn leaves in one write, so
//! nobody sees the gap.
//!
//! Each piece begins by wiping and ends at the start of a line or within our row. So a piece may
//! be lost to a screen that is full, and the next one is still right.
//!
//! A typed line waits here until the machine wants it, and is shown as said when it takes it: with
//! the person it then goes to, in the order in which things happened.
//!
//! | file | has |
//! | --- | --- |
//! | [`typing`] | keys, pasted text and entered lines: the other half of [`Live`] |
//! | [`row`] | the row at the bottom, bytes and all |
//! | [`rewrap`] | where it is after the window became narrower |
//! | [`prompt`], [`people`] | what stands before it, and who is there |
//! | [`stamp`], [`paint`], [`wrap`] | times, colours, long sentences |
//! | [`sentences`] | what is said only here |
//!
//! Must never know a descriptor, a clock, or raw mode: those are [`super::person`]'s. Read next:
//! [`row`].

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
pub use typing::{LEAVE_TWICE_MS, LISTED_MAX, PASTE_LINES_ASK, WAITING_BYTES_MAX};

use std::collections::VecDeque;

use unicode_width::UnicodeWidthStr;

use super::ability::Bell;
use super::command::{ConsoleAnswer, TypedEntry};
use super::device::Output;
use super::editor::Editor;
use super::keys::Keys;
use super::language::Language;
use super::texts::{self, ASK_NAME};
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

/// From now on pasted text comes between `ESC [ 200~` and `ESC [ 201~`.
const MARK_PASTED: &str = "\x1b[?2004h";

/// Wrapping on, and pasted text no longer marked.
pub const RESTORE: &str = "\x1b[?7h\x1b[?2004l";

/// Stands before everything that nobody said.
const REMARK: &str = "-- ";

const BELL: u8 = 0x07;

/// Columns of a screen that has not said how many it has.
const COLUMNS_UNKNOWN: usize = 80;

/// Rows of such a screen.
const ROWS_UNKNOWN: usize = 24;

/// A terminal with a person at it.
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
    /// Entered, and not wanted by the machine yet. Bounded: see [`Live::reads_ahead`].
    waiting: VecDeque<String>,
    waiting_bytes: usize,
    end: InputEnd,
    wish: Option<Wish>,
    /// Ctrl-C was pressed once while conversations are open: the second one leaves.
    is_leaving: bool,
    /// The next entered line is the answer to "User name:".
    is_name_asked: bool,
    paste: Option<PasteQuestion>,
    names_wanted: Option<NamesWanted>,
    /// To be shown above the row: whole lines.
    above: String,
    rings: bool,
    /// The row as it stands on the screen.
    drawn: Row,
    rewrap: Rewrap,
    /// Rows above the cursor that are ours, to be wiped before anything is written.
    rows_above: usize,
}

/// A wish of the person that no typed line can say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wish {
    /// To leave: Ctrl-C where nothing is typed, twice while conversations are open.
    Stop,
    /// To go back to the shell for a while: Ctrl-Z.
    Suspend,
}

/// How a person sees it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// The language of all that is not said by people.
    pub language: Language,
    /// Whether names have colours.
    pub paints: bool,
    /// Which messages ring.
    pub bell: Bell,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum InputEnd {
    NotYet,
    /// Nothing more is typed, and the machine is to be told after the lines that wait.
    Came,
    Told,
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

    /// Something happened: `12:34 -- Connected to Bruno`.
    fn remark(&mut self, text: &str) {
        let head = self.head_columns(REMARK.len());
        let text = wrap::wrap(text, self.columns, head);
        self.put(REMARK, &text);
    }

    /// Columns in front of a text that stands behind the time and a mark of that width.
    fn head_columns(&self, mark: usize) -> usize {
        self.stamp.clock().len() + mark
    }

    /// Writes a text that was said or typed, behind `head`, which takes that many columns. It stays
    /// in one piece, to be copied; only on a narrow screen it is broken between words.
    fn put_said(&mut self, head: &str, columns: usize, text: &str) {
        if wrap::is_narrow(self.columns) {
            let text = wrap::wrap(text, self.columns, self.head_columns(columns));
            self.put(head, &text);
        } else {
            self.put(head, text);
        }
    }

    /// Whether a line is begun, or entered and not taken yet: what was typed was meant for the
    /// conversation that stood before it.
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
            // Where a line is edited, its keys want help as well.
            ConsoleAnswer::Help(None) => self.help(&text),
            ConsoleAnswer::Help(Some(_))
            | ConsoleAnswer::Usage(_)
            | ConsoleAnswer::Unknown(_)
            | ConsoleAnswer::Which(_)
            | ConsoleAnswer::Takes(_)
            | ConsoleAnswer::Near(_) => self.remark(&text),
        }
        self.flush(output);
    }

    /// All of the help, with the keys, where it stays on the screen.
    fn help(&mut self, text: &str) {
        let whole = format!("{text}\n{}", HELP_KEYS.of(self.language));
        let wrapped = wrap::wrap(&whole, self.columns, self.head_columns(REMARK.len()));
        if wrapped.lines().count() < self.rows {
            self.remark(&whole);
        } else {
            self.remark(&texts::brief_help(self.language));
        }
    }

    /// Shows the names that are online: in one row as the handout has it, or how many there are, in
    /// columns.
    fn tell_online(&mut self, names: &[Vec<u8>], sentence: &str) {
        let indent = wrap::indent(self.columns, self.head_columns(REMARK.len()));
        let room = self.columns.saturating_sub(indent);
        if sentence.width() <= room {
            self.remark(sentence);
        } else {
            self.remark(&texts::online_in_columns(self.language, names, room));
        }
    }

    /// Somebody said something: `12:34 Bruno: Tudo bem, Ana?`.
    fn say(&mut self, from: &Partner, text: &[u8], cut: bool) {
        let name = format!("{}:", texts::name_of(self.language, from));
        let columns = name.width() + 1;
        let name = self.paint.name(&from.label, &name);
        let text = texts::spoken(text, cut);
        self.put_said(&format!("{name} "), columns, &text);
        let is_elsewhere = self.people.hear(from);
        self.rings |= match self.bell {
            Bell::Off => false,
            Bell::Message => is_elsewhere,
            Bell::All => true,
        };
    }

    /// The person said it: what stood in the row is now above it, and says to whom it went.
    fn echo(&mut self, line: &str) {
        let typed = visible(line.as_bytes());
        if self.is_name_asked {
            self.put(ASK_NAME.of(self.language), &typed);
            return;
        }
        match (TypedEntry::parse(line.as_bytes()), self.people.me()) {
            (TypedEntry::Text(text), Some(me)) => {
                let (head, columns) = self.speaker(me);
                self.put_said(&head, columns, &visible(text));
            }
            _ => self.put_said("> ", 2, &typed),
        }
    }

    /// `Ana → Bruno: `, and how many columns it takes.
    fn speaker(&self, me: &Name) -> (String, usize) {
        let mut columns = me.as_str().width();
        let mut head = self.paint.name(me.as_str(), me.as_str());
        if let Some(who) = self.people.target() {
            let to = texts::name_of(self.language, who);
            columns += " → ".width() + to.width();
            head = format!("{head} → {}", self.paint.name(&who.label, &to));
        }
        (head + ": ", columns + ": ".len())
    }

    /// Lines that belong together, the first with the time.
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

    /// To the first of the rows that are ours.
    fn go_up(&mut self, output: &mut Output) {
        let rows = std::mem::take(&mut self.rows_above);
        if rows > 0 {
            output.screen.extend_from_slice(format!("\x1b[{rows}A").as_bytes());
        }
    }

    /// The terminal says in which column the cursor is, from 1.
    fn on_cursor(&mut self, column: u16) {
        if let Some(rows) = self.rewrap.on_answer(usize::from(column), self.columns) {
            self.rows_above = rows;
            self.drawn = Row::default();
        }
    }

    fn prompt(&self) -> Painted {
        if let Some(question) = &self.paste {
            let long = question.text(self.language);
            return prompt::question([&long, "? "], self.columns);
        }
        if self.is_name_asked {
            return prompt::question([ASK_NAME.of(self.language), "> "], self.columns);
        }
        prompt::prompt(&self.people, self.paint, self.columns)
    }

    fn row(&self) -> Row {
        if self.end != InputEnd::NotYet {
            // Nothing more can be typed: the last words stand alone.
            return Row { bytes: WIPE.to_string(), cursor_column: 0 };
        }
        let (text, cursor) = match self.paste {
            Some(_) => ("", 0),
            None => (self.editor.text(), self.editor.cursor()),
        };
        row::row(&self.prompt(), text, cursor, self.columns)
    }

    /// Takes bytes as they came from the keyboard.
    pub fn type_bytes(&mut self, bytes: &[u8]) {
        let mut pressed = Vec::new();
        self.keys.feed(bytes, &mut pressed);
        self.on_pressed(pressed);
    }

    /// Takes note that the keyboard will send nothing more.
    pub fn end_typing(&mut self) {
        self.end_input();
    }

    /// The next entered line, and behind the last one the end, once.
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
        self.end = InputEnd::Told;
        Some(Typed::End)
    }

    /// Shows a notice above the line being typed.
    #[allow(clippy::wildcard_enum_match_arm, reason = "all others are only sentences")]
    pub fn show(&mut self, notice: Notice, output: &mut Output) {
        let text = texts::sentence(self.language, &notice);
        match notice {
            Notice::Standing(standing) => {
                self.is_name_asked &= standing.me.is_none();
                self.people.stand(standing);
            }
            Notice::AskName => self.is_name_asked = true,
            Notice::GoodbyeAnswered { .. } | Notice::GoodbyeTaken { .. } | Notice::Said { .. } => {}
            Notice::Fatal(_) => output.errors.extend_from_slice(format!("{text}\r\n").as_bytes()),
            Notice::Text { from, text, cut } => self.say(&from, &text, cut),
            Notice::Online(names) => {
                self.people.see(&names);
                if !self.completes_with_names() {
                    self.tell_online(&names, &text);
                }
            }
            Notice::NoConversation => {
                self.remark(&format!("{text}\n{}", BEGIN_ONE.of(self.language)));
            }
            other => {
                match &other {
                    Notice::Connected { who } => self.people.meet(&who.label),
                    Notice::ServerSilent | Notice::NeedsServer => self.names_wanted = None,
                    _ => {}
                }
                self.remark(&text);
            }
        }
        self.flush(output);
    }

    /// Says that `lines` lines were not shown, because the screen did not take them in time.
    pub fn show_skipped(&mut self, lines: usize, output: &mut Output) {
        let text = texts::skipped(self.language, lines);
        self.remark(&text);
        self.flush(output);
    }

    /// Takes the screen over: at the start, and again after [`Wish::Suspend`].
    pub fn take_screen(&mut self, output: &mut Output) {
        output.screen.extend_from_slice(MARK_PASTED.as_bytes());
        self.rewrap.give_up();
        self.drawn = Row::default();
    }

    /// Gives the screen back, with nothing of ours left on it but what was shown.
    pub fn release_screen(&mut self, output: &mut Output) {
        self.rewrap.give_up();
        self.flush(output);
        self.go_up(output);
        output.screen.extend_from_slice(WIPE.as_bytes());
        output.screen.extend_from_slice(RESTORE.as_bytes());
        self.drawn = Row::default();
    }

    /// Takes note of the size of the screen, in cells: at the start, and when it changes.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        // Some terminals say 0 for "I do not know".
        self.columns = if columns == 0 { COLUMNS_UNKNOWN } else { usize::from(columns) };
        self.rows = if rows == 0 { ROWS_UNKNOWN } else { usize::from(rows) };
        if !self.drawn.bytes.is_empty() {
            self.rewrap.on_resize(self.drawn.cursor_column, self.columns);
        }
        if !self.rewrap.is_open() {
            self.drawn = Row::default();
        }
    }

    /// Takes note of the time on the wall. Told before anything is shown.
    pub fn tell_time(&mut self, now: WallTime) {
        self.stamp.tell(now);
    }

    /// Shows lines of the program's own log, each with its end, with the times that they came with:
    /// they have milliseconds, and are those of log files.
    pub fn show_log(&mut self, lines: &[u8], output: &mut Output) {
        for line in lines.strip_suffix(b"\n").unwrap_or(lines).split(|&byte| byte == b'\n') {
            let line = self.paint.log(&visible(line));
            self.above.push_str(&format!("{line}\r\n"));
        }
        self.flush(output);
    }

    /// Draws the line being typed below all that was shown, if it has changed. Once a turn, as the
    /// last thing. Its output may be left out or written late, between any two calls' output:
    /// it begins by wiping what stands in its place.
    pub fn draw(&mut self, output: &mut Output) {
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
        // Once a turn at most, however many messages came in it.
        if std::mem::take(&mut self.rings) {
            output.screen.push(BELL);
        }
    }

    /// Whether it takes typed bytes while the machine takes no commands. They wait here then, and
    /// the person sees what is typed.
    #[must_use]
    pub fn reads_ahead(&self) -> bool {
        self.waiting_bytes < WAITING_BYTES_MAX
    }

    /// The person's next wish of the program itself, independent of the machine.
    pub fn next_wish(&mut self) -> Option<Wish> {
        self.wish.take()
    }

    /// How long nothing must be typed before [`Live::settle_typing`] is to be called, in
    /// milliseconds. `None`: it need not be.
    #[must_use]
    pub fn typing_settles_in(&self) -> Option<u64> {
        let for_cursor = self.rewrap.is_open().then_some(CURSOR_WITHIN_MS);
        let for_leaving = self.is_leaving.then_some(LEAVE_TWICE_MS);
        self.keys.settles_in().or(for_cursor).or(for_leaving)
    }

    /// Nothing was typed for so long: what looked like half a key was a whole one, a paste is over,
    /// a first Ctrl-C is forgotten, and a question to the terminal has no answer.
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
