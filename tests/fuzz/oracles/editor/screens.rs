//! Two screens: the one that the person sees, and the same without the row being typed in.
//!
//! ```text
//!   seen                          alone
//!  |12:34 Bruno: oi            | |12:34 Bruno: oi            |
//!  |12:35 -- Connected to Eva  | |12:35 -- Connected to Eva  |
//!  |Ana → Bruno> tudo_         | |_                          |
//! ```
//!
//! The rows above are those of the other screen, whatever happens to the row. Both scroll as
//! terminals do when their window becomes lower: the rows above go first.

use vte::{Params, Perform};

/// To the first column, and erase from there on: how each piece begins.
pub const WIPE: &str = "\r\x1b[J";

/// Ctrl-L.
pub const CLEAR: &str = "\x1b[H\x1b[2J";

/// The request for the cursor's position.
pub const ASK_CURSOR: &str = "\x1b[6n";

/// With a single row or column `vt100` cannot wrap, so it has a second one then.
const SIDE_MIN: u16 = 2;

/// Any other sequence for the terminal is not ours.
const OURS: [&str; 18] = [
    "J", "2J", "H", "?7l", "?7h", "?2004h", "?2004l", "2m", "22m", "39m", "91m", "92m", "93m",
    "94m", "95m", "96m", "ESC 7", "ESC 8",
];

pub struct Screens {
    seen: vt100::Parser,
    alone: vt100::Parser,
    parser: vte::Parser,
}

impl Screens {
    pub fn new(columns: u16, rows: u16) -> Self {
        let parser = || vt100::Parser::new(rows, columns, 0);
        Self { seen: parser(), alone: parser(), parser: vte::Parser::new() }
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        let (columns, rows) = (columns.max(SIDE_MIN), rows.max(SIDE_MIN));
        for screen in [&mut self.seen, &mut self.alone] {
            let low = screen.screen().cursor_position().0;
            let gone = (low + 1).saturating_sub(rows);
            if gone > 0 {
                screen.process(format!("\x1b[{gone}S\x1b[{gone}A").as_bytes());
            }
            wipe_halves(screen, columns);
            screen.screen_mut().set_size(rows, columns);
        }
    }

    /// The rows above the row from now on.
    pub fn show(&mut self, piece: &str) {
        self.judge(piece);
        self.seen.process(piece.as_bytes());
        self.alone.process(piece.as_bytes());
    }

    /// The row. If terminals disagree about its width, it is not checked.
    pub fn draw(&mut self, row: &str, is_odd: bool) {
        self.judge(row);
        self.seen.process(if is_odd { WIPE.as_bytes() } else { row.as_bytes() });
    }

    pub fn judge(&mut self, bytes: &str) {
        let mut judge = Judge::default();
        self.parser.advance(&mut judge, bytes.as_bytes());
        assert_eq!(judge.0, [""; 0], "a terminal is told: {}", bytes.escape_debug());
    }

    pub fn marks_pasted(&self) -> bool {
        self.seen.screen().bracketed_paste()
    }

    /// All rows except the cursor's are those of a screen on which nobody types.
    pub fn compare(&self) {
        let (seen, alone) = (self.seen.screen(), self.alone.screen());
        let cursor = seen.cursor_position().0;
        assert_eq!(cursor, alone.cursor_position().0, "the row is below what was shown");
        let (_, columns) = seen.size();
        let rows = seen.rows(0, columns).zip(alone.rows(0, columns)).enumerate();
        for (row, (seen, alone)) in rows.filter(|(row, _)| *row != usize::from(cursor)) {
            assert_eq!(seen, alone, "row {row}, the cursor being in {cursor}");
        }
    }

    /// The letters of the row, by their columns, and the cursor's column.
    pub fn row(&self) -> (Vec<String>, usize) {
        let screen = self.seen.screen();
        let (row, cursor) = screen.cursor_position();
        let cells = (0..screen.size().1).filter_map(|column| screen.cell(row, column));
        let cells = cells.map(|cell| match cell.contents() {
            "" if !cell.is_wide_continuation() => " ".to_string(),
            contents => contents.to_string(),
        });
        (cells.collect(), usize::from(cursor))
    }
}

/// Half a wide letter is no letter. `vt100` keeps the half, and runs over the end of its row when
/// it must erase it.
fn wipe_halves(parser: &mut vt100::Parser, columns: u16) {
    let (rows, _) = parser.screen().size();
    let (row, column) = parser.screen().cursor_position();
    for row in 0..rows {
        if parser.screen().cell(row, columns - 1).is_some_and(vt100::Cell::is_wide) {
            parser.process(format!("\x1b[{};{columns}H\x1b[K", row + 1).as_bytes());
        }
    }
    parser.process(format!("\x1b[{};{}H", row + 1, column + 1).as_bytes());
}

/// Notes everything that is neither a letter nor ours.
#[derive(Default)]
struct Judge(Vec<String>);

impl Judge {
    fn note(&mut self, act: String) {
        if !OURS.contains(&&act[..]) {
            self.0.push(act);
        }
    }
}

impl Perform for Judge {
    fn print(&mut self, letter: char) {
        if letter.is_control() || papo::wire::name::is_bidi_control(letter) {
            self.0.push(format!("letter {:#x}", u32::from(letter)));
        }
    }

    fn execute(&mut self, byte: u8) {
        if !b"\r\n\x07".contains(&byte) {
            self.0.push(format!("control {byte:#x}"));
        }
    }

    fn hook(&mut self, _: &Params, _: &[u8], _: bool, _: char) {
        self.0.push("DCS".to_string());
    }

    fn osc_dispatch(&mut self, _: &[&[u8]], _: bool) {
        self.0.push("OSC".to_string());
    }

    fn csi_dispatch(&mut self, params: &Params, marks: &[u8], _: bool, last: char) {
        let params: Vec<_> = params.iter().map(|param| param[0].to_string()).collect();
        let params = if params == ["0"] { String::new() } else { params.join(";") };
        self.note(format!("{}{params}{last}", String::from_utf8_lossy(marks)));
    }

    fn esc_dispatch(&mut self, marks: &[u8], _: bool, last: u8) {
        self.note(format!("ESC {}{}", String::from_utf8_lossy(marks), char::from(last)));
    }
}
