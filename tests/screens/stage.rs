//! A `Live` view on a screen of `vt100`, with a machine that accepts every line.
//!
//! [`Stage::turn`] is the end of a turn of the event loop: the row is drawn, and all output reaches
//! the screen in one piece.

use papo::console::ability::Bell;
use papo::console::command::{ConsoleAnswer, TypedEntry};
use papo::console::device::Output;
use papo::console::language::Language;
use papo::console::live::Wish;
use papo::console::live::{Live, Style};
use papo::console::wall_clock::WallTime;
use papo::machine::Typed;
use papo::peer::notice::{ConversationId, Notice, Partner, Standing, Trust};
use papo::wire::name::Name;

pub(crate) struct Stage {
    pub(crate) live: Live,
    screen: vt100::Parser<Bells>,
    output: Output,
    target: Option<Partner>,
    /// The text that the machine refuses.
    pub(crate) refused: &'static str,
    /// The lines that the machine has accepted.
    pub(crate) lines: Vec<String>,
    pub(crate) has_ended: bool,
    /// All bytes that were written.
    pub(crate) written: Vec<u8>,
    pub(crate) writes: usize,
    pub(crate) on_narrow: OnNarrow,
}

/// The way in which a terminal handles a row that no longer fits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum OnNarrow {
    /// It cuts the row off, as xterm does.
    Cuts,
    /// It wraps the row, as tmux, VTE and kitty do.
    Wraps,
    /// It cuts the row off, and does not answer the question about its cursor.
    CutsAndIsMute,
}

/// Counts the bells.
#[derive(Default)]
pub(crate) struct Bells(pub(crate) usize);

impl vt100::Callbacks for Bells {
    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.0 += 1;
    }
}

impl Stage {
    /// An empty screen of that size, without colors, in English.
    pub(crate) fn new(columns: u16, rows: u16) -> Self {
        Self::with(Style::default(), columns, rows)
    }

    pub(crate) fn with(style: Style, columns: u16, rows: u16) -> Self {
        let mut stage = Self {
            live: Live::new(style),
            screen: vt100::Parser::new_with_callbacks(rows, columns, 0, Bells::default()),
            output: Output::default(),
            target: None,
            refused: "",
            lines: Vec::new(),
            has_ended: false,
            written: Vec::new(),
            writes: 0,
            on_narrow: OnNarrow::Cuts,
        };
        stage.live.take_screen(&mut stage.output);
        stage.live.resize(columns, rows);
        stage
    }

    /// Ana, at 12:34, without a conversation.
    pub(crate) fn ana(columns: u16, rows: u16) -> Self {
        let mut stage = Self::new(columns, rows);
        stage.clock(12, 34);
        stage.stands(None, &[]);
        stage
    }

    /// Ana with two conversations. Bruno is the target, Camila is the other partner.
    pub(crate) fn ana_and_two(columns: u16, rows: u16) -> Self {
        let mut stage = Self::ana(columns, rows);
        stage.stands(Some("Bruno"), &["Bruno", "Camila"]);
        stage
    }

    pub(crate) fn ringing(bell: Bell) -> Self {
        let mut stage = Self::with(Style { bell, ..Style::default() }, 40, 6);
        stage.stands(Some("Bruno"), &["Bruno", "Camila"]);
        stage
    }

    pub(crate) fn portuguese() -> Self {
        Self::with(Style { language: Language::Portuguese, ..Style::default() }, 40, 6)
    }

    pub(crate) fn clock(&mut self, hour: u8, minute: u8) {
        self.day(21, hour, minute);
    }

    pub(crate) fn day(&mut self, day: u8, hour: u8, minute: u8) {
        self.live.set_time(WallTime { year: 2026, month: 11, day, hour, minute });
    }

    /// The machine reports Ana's conversations.
    pub(crate) fn stands(&mut self, target: Option<&str>, open: &[&str]) {
        let me = Name::parse(b"Ana").ok();
        let open = open.iter().map(|label| who(label)).collect();
        self.shows(Notice::Standing(Standing { me, target: target.map(who), open }));
    }

    /// The machine shows something, in a turn of its own.
    pub(crate) fn shows(&mut self, notice: Notice) {
        if let Notice::Standing(standing) = &notice {
            self.target.clone_from(&standing.target);
        }
        self.live.show(notice, &mut self.output);
        self.turn();
    }

    /// The console answers a typed line.
    pub(crate) fn is_answered(&mut self, answer: &ConsoleAnswer) {
        self.live.answer(answer, &mut self.output);
        self.turn();
    }

    pub(crate) fn says(&mut self, from: &str, text: &str) {
        self.shows(text_from(from, text));
    }

    /// The program logs something between two turns.
    pub(crate) fn logs(&mut self, lines: &str) {
        self.live.show_log(lines.as_bytes(), &mut self.output);
        self.turn();
    }

    /// Bytes from the keyboard, in one piece.
    pub(crate) fn types(&mut self, text: &str) {
        self.types_without_a_turn(text);
        self.take_lines();
        self.turn();
    }

    /// Bytes from the keyboard while the machine accepts no line.
    pub(crate) fn types_ahead(&mut self, text: &str) {
        self.types_without_a_turn(text);
        self.turn();
    }

    pub(crate) fn types_without_a_turn(&mut self, text: &str) {
        self.live.type_bytes(text.as_bytes());
    }

    /// Pasted, as a terminal marks it.
    pub(crate) fn pastes(&mut self, text: &str) {
        self.types(&format!("\x1b[200~{text}\x1b[201~"));
    }

    pub(crate) fn take_lines(&mut self) {
        while let Some(typed) = self.live.next_typed() {
            match typed {
                Typed::Line(line) => {
                    self.tells_what_it_sends(&line);
                    self.lines.push(String::from_utf8(line).expect("typed text is UTF-8"));
                }
                Typed::End => self.has_ended = true,
            }
        }
    }

    /// The machine sends a text to the target, or refuses it.
    fn tells_what_it_sends(&mut self, line: &[u8]) {
        let TypedEntry::Text(text) = TypedEntry::parse(line) else { return };
        let text = text.to_vec();
        let notice = match self.target.clone() {
            _ if text == self.refused.as_bytes() => Notice::WouldBeProtocol { line: text },
            Some(to) => Notice::Said { to, text },
            None => return,
        };
        self.live.show(notice, &mut self.output);
    }

    /// The end of a turn.
    pub(crate) fn turn(&mut self) {
        self.live.draw(&mut self.output);
        self.reach_the_screen();
    }

    pub(crate) fn releases(&mut self) {
        self.live.release_screen(&mut self.output);
        self.reach_the_screen();
    }

    pub(crate) fn resizes(&mut self, columns: u16, rows: u16) {
        match self.on_narrow {
            OnNarrow::Wraps => self.wrap_rows(columns, rows),
            OnNarrow::Cuts | OnNarrow::CutsAndIsMute => {
                self.screen.screen_mut().set_size(rows, columns);
            }
        }
        self.live.resize(columns, rows);
        self.turn();
    }

    /// `vt100` cuts rows off. So this writes the rows again, on a screen of the new size.
    fn wrap_rows(&mut self, columns: u16, rows: u16) {
        let screen = self.screen.screen();
        let (row, column) = screen.cursor_position();
        let (_, columns_before) = screen.size();
        let texts: Vec<_> = screen.rows(0, columns_before).take(usize::from(row) + 1).collect();
        let mut wrapped = vt100::Parser::new_with_callbacks(rows, columns, 0, Bells::default());
        wrapped.process(texts.join("\r\n").as_bytes());
        // The last of these rows is the one with the cursor.
        let last = texts.last().map_or(0, |text| text.chars().count().saturating_sub(1));
        let up = last / usize::from(columns) - usize::from(column / columns);
        if up > 0 {
            wrapped.process(format!("\x1b[{up}A").as_bytes());
        }
        wrapped.process(format!("\x1b[{}G", column % columns + 1).as_bytes());
        self.screen = wrapped;
    }

    /// Shows a notice, and drops the output, as a full screen does.
    pub(crate) fn loses(&mut self, notice: Notice) {
        self.live.show(notice, &mut self.output);
        self.output.screen.clear();
    }

    pub(crate) fn wish(&mut self) -> Option<Wish> {
        self.live.next_wish()
    }

    pub(crate) fn bells(&self) -> usize {
        self.screen.callbacks().0
    }

    pub(crate) fn marks_pasted(&self) -> bool {
        self.screen.screen().bracketed_paste()
    }

    fn answer_where_the_cursor_is(&mut self, written: &[u8]) {
        let is_asked = written.windows(4).any(|bytes| bytes == b"\x1b[6n");
        if is_asked && self.on_narrow != OnNarrow::CutsAndIsMute {
            let (row, column) = self.screen.screen().cursor_position();
            self.live.type_bytes(format!("\x1b[{};{}R", row + 1, column + 1).as_bytes());
            self.turn();
        }
    }

    fn reach_the_screen(&mut self) {
        let bytes = std::mem::take(&mut self.output.screen);
        self.writes += usize::from(!bytes.is_empty());
        self.screen.process(&bytes);
        self.answer_where_the_cursor_is(&bytes);
        self.written.extend_from_slice(&bytes);
    }

    /// The rows up to the last one with text, with `|` at the cursor.
    pub(crate) fn drawing(&self) -> String {
        let screen = self.screen.screen();
        let (rows, columns) = screen.size();
        let (cursor_row, cursor_column) = screen.cursor_position();
        let mut drawn = Vec::new();
        for row in 0..rows {
            let mut line = String::new();
            for column in 0..=columns {
                if (row, column) == (cursor_row, cursor_column) {
                    line.push('|');
                }
                let Some(cell) = screen.cell(row, column) else { continue };
                if !cell.is_wide_continuation() {
                    line.push_str(if cell.has_contents() { cell.contents() } else { " " });
                }
            }
            drawn.push(line.trim_end().to_string());
        }
        while drawn.last().is_some_and(String::is_empty) {
            drawn.pop();
        }
        drawn.join("\n")
    }

    /// Asserts that the screen is this drawing, with the cursor as `|`.
    #[track_caller]
    pub(crate) fn looks_like(&self, rows: &[&str]) {
        let drawing = self.drawing();
        assert!(
            drawing == rows.join("\n"),
            "the screen is\n{drawing}\n\nand not\n{}",
            rows.join("\n")
        );
    }
}

/// The number of a conversation, made of its label.
pub(crate) fn id_of(label: &str) -> ConversationId {
    let hash = |hash: u32, byte: u8| hash.wrapping_mul(31).wrapping_add(u32::from(byte));
    ConversationId(label.bytes().fold(7, hash))
}

pub(crate) fn who(label: &str) -> Partner {
    Partner { id: id_of(label), label: label.to_string(), trust: Trust::Confirmed }
}

pub(crate) fn text_from(from: &str, text: &str) -> Notice {
    Notice::Text { from: who(from), text: text.as_bytes().to_vec(), cut: false }
}
