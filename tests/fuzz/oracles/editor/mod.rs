//! A person types, pastes and resizes, and messages come in between: the terminal against a model
//! of it, with two screens as judges.
//!
//! | file | has |
//! | --- | --- |
//! | [`line`] | the model of the line: a string and a place in it |
//! | [`person`] | the model of the rest: people, questions, what is handed over and shown |
//! | [`row`] | the row as it should be on the screen |
//! | [`screens`] | the screens, and the check of their sequences |
//!
//! The model reads keys with the terminal's own decoder, whose oracle is [`super::keys`], and uses
//! its own completion for TAB.

mod line;
mod person;
mod row;
mod screens;

use papo::console::ability::Bell;
use papo::console::device::Output;
use papo::console::editor::line::LINE_BYTES_MAX;
use papo::console::keys::PASTE_BYTES_MAX;
use papo::console::language::Language;
use papo::console::live::{Live, Style, Wish};
use papo::console::texts::{self, LEAVE_TWICE_MS};
use papo::console::visible::{likeness, visible_name};
use papo::console::wall_clock::WallTime;
use papo::machine::Typed;
use papo::peer::notice::{ConversationId, Ending, Notice, Partner, Standing, Trust};
use papo::wire::name::Name;

use super::tape::Tape;
use person::Person;
use row::Row;
use screens::{ASK_CURSOR, CLEAR, Screens, WIPE};

/// Most events of one terminal.
const STEPS_MAX: usize = 100;

/// The width of a screen that does not report it.
const COLUMNS_UNKNOWN: u16 = 80;

/// Most bytes of a drawn row with so many columns: controls and colors, and for each column a
/// letter with all its marks.
const ROW_BYTES_FIXED: usize = 256;
const COLUMN_BYTES: usize = 4 + 8 * 4;

/// Keys by name, so that a fuzzer needs one byte for a key.
const KEYS: [&[u8]; 40] = [
    b"\r",
    b"\t",
    b"\x7f",
    b"\x1b[3~",
    b"\x1b[A",
    b"\x1b[B",
    b"\x1b[C",
    b"\x1b[D",
    b"\x1b[H",
    b"\x1b[F",
    b"\x1b[1;5C",
    b"\x1b[1;5D",
    b"\x1b\x7f",
    b"\x1bb",
    b"\x1bf",
    b"\x1bd",
    b"\x1b\r",
    b"\x1ba",
    b"\x01",
    b"\x02",
    b"\x05",
    b"\x06",
    b"\x0b",
    b"\x0c",
    b"\x0e",
    b"\x10",
    b"\x15",
    b"\x17",
    b"\x19",
    b"\x03",
    b"\x1a",
    b"\x04",
    b"\x1b",
    b"y",
    b"/",
    b" ",
    b"abc ",
    b"/chat \t",
    b"/chat\r",
    "漢".as_bytes(),
];

struct Stage {
    live: Live,
    person: Person,
    screens: Screens,
    output: Output,
    columns: u16,
    names: Vec<Partner>,
}

pub fn check(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let mut stage = Stage::new(&mut tape);
    for _ in 0..STEPS_MAX {
        if tape.is_empty() {
            break;
        }
        stage.step(&mut tape);
    }
    stage.leave();
}

impl Stage {
    fn new(tape: &mut Tape<'_>) -> Self {
        let language = if tape.flag() { Language::Portuguese } else { Language::English };
        let bell = [Bell::Message, Bell::Off, Bell::All][tape.below(3)];
        let style = Style { language, paints: tape.flag(), bell };
        let person = Person::new(language, bell);
        // Names that are shown in another way than they are written have tests of their own.
        let is_plain = |name: &Name| {
            visible_name(name.as_str()) == name.as_str() && likeness(name.as_str()).is_none()
        };
        let name = |bytes: &[u8]| Name::parse(bytes).ok().filter(is_plain);
        let label = |bytes: &[u8]| name(bytes).map_or("Eva".into(), |name| name.to_string());
        let number = |hash: u32, byte: u8| hash.wrapping_mul(31).wrapping_add(u32::from(byte));
        let who = |text: &[u8]| {
            // The same label is the same conversation.
            let id = ConversationId(label(text).bytes().fold(7, number));
            let is_doubtful = text.len().is_multiple_of(2);
            let trust = if is_doubtful { Trust::Doubtful } else { Trust::Confirmed };
            Partner { id, label: label(text), trust }
        };
        let names =
            vec![who(b"Bruno"), who(b"Bruna"), who("Ana Luíza".as_bytes()), who(tape.chunk())];
        let (live, columns) = (Live::new(style), COLUMNS_UNKNOWN);
        let (screens, output) = (Screens::new(columns, 24), Output::default());
        let mut stage = Self { live, person, screens, output, columns, names };
        stage.take_screen();
        stage.resize(tape);
        stage
    }

    fn step(&mut self, tape: &mut Tape<'_>) {
        let kind = tape.byte();
        match kind & 0x1F {
            0..=5 => self.types(tape.chunk()),
            6..=13 => self.types(KEYS[tape.below(KEYS.len())]),
            14 => self.types(&[b"\x1b[200~", tape.chunk(), b"\x1b[201~"].concat()),
            15 => self.pastes_much(tape),
            16 => self.resize(tape),
            17..=19 => {
                let (from, cut) = (self.name(tape), tape.flag());
                self.shows(Notice::Text { from, text: tape.chunk().to_vec(), cut }, false);
            }
            20 | 21 => {
                let notice = self.notice(tape);
                self.shows(notice, false);
            }
            22 => {
                let notice = self.notice(tape);
                self.shows(notice, true);
            }
            23 | 24 => self.stands(tape),
            25 => self.time_passes(),
            26 => self.tells_time(tape),
            27 => self.skips(usize::from(tape.byte())),
            28 => self.shows(Notice::AskName, false),
            29 => self.suspends(),
            30 if tape.byte() == 0xFF => {
                self.live.end_typing();
                self.person.end();
            }
            _ => {}
        }
        if kind & 0x40 == 0 {
            self.take_lines();
        }
        assert_eq!(self.live.next_wish(), self.person.wish.take(), "what the person wants");
        if kind & 0x20 == 0 {
            self.draw();
        }
        self.screens.compare();
    }

    fn types(&mut self, bytes: &[u8]) {
        if !self.live.reads_ahead() {
            // Nothing is read then, until the machine has accepted a line.
            self.take_lines();
        }
        self.live.type_bytes(bytes);
        self.person.types(bytes);
        assert_eq!(self.live.reads_ahead(), !self.person.is_full(), "how much waits");
        assert!(self.person.line.text.len() <= LINE_BYTES_MAX, "a line is bounded");
    }

    /// 200 kB in pieces, which is sometimes more than a paste may have.
    fn pastes_much(&mut self, tape: &mut Tape<'_>) {
        let (times, chunk) = (usize::from(tape.byte()), tape.chunk());
        let times = times.min(3 * PASTE_BYTES_MAX / (4 * chunk.len() + 1));
        self.types(b"\x1b[200~");
        self.types(&chunk.repeat(4 * times));
        self.types(b"\x1b[201~");
    }

    fn resize(&mut self, tape: &mut Tape<'_>) {
        let columns = u16::from(tape.byte()) % 201;
        let rows = 1 + u16::from(tape.byte()) % 60;
        self.columns = if columns == 0 { COLUMNS_UNKNOWN } else { columns };
        self.screens.resize(self.columns, rows);
        self.live.resize(columns, rows);
    }

    fn name(&self, tape: &mut Tape<'_>) -> Partner {
        self.names[tape.below(self.names.len())].clone()
    }

    fn notice(&mut self, tape: &mut Tape<'_>) -> Notice {
        let (kind, who) = (tape.below(8), self.name(tape));
        match kind {
            0 => Notice::Online((0..tape.below(60)).map(|_| tape.chunk().to_vec()).collect()),
            1 => Notice::WouldBeProtocol { line: tape.chunk().to_vec() },
            2 => Notice::Connected { who },
            3 => Notice::Ended { who, how: Ending::ByThem },
            4 => Notice::NothingUnread,
            5 => Notice::Undelivered { who, lines: usize::from(tape.byte()) },
            6 => Notice::NoConversation,
            _ => {
                let names = self.names.iter().map(|who| who.label.clone().into_bytes());
                Notice::Online(names.collect())
            }
        }
    }

    /// `is_lost`: the screen has no room for it.
    fn shows(&mut self, notice: Notice, is_lost: bool) {
        self.person.is_shown(&notice, usize::from(self.columns));
        self.live.show(notice, &mut self.output);
        let piece = self.written();
        if is_lost {
            self.person.above.clear();
        } else {
            self.expect_above(&piece);
        }
    }

    fn skips(&mut self, lines: usize) {
        self.person.remark(&texts::skipped(self.person.language, lines));
        self.live.show_skipped(lines, &mut self.output);
        let piece = self.written();
        self.expect_above(&piece);
    }

    fn stands(&mut self, tape: &mut Tape<'_>) {
        let (me, target, open) = (tape.byte(), tape.byte(), tape.byte());
        let me = if me & 3 == 0 { None } else { Name::parse(b"Ana").ok() };
        let chosen = |bits: u8, at: usize| bits & (1 << at) != 0;
        let target = self.names.get(usize::from(target) % 6).cloned();
        let open = self.names.iter().enumerate().filter(|(at, _)| chosen(open, *at));
        let open = open.map(|(_, who)| who.clone()).collect();
        self.shows(Notice::Standing(Standing { me, target, open }), false);
    }

    fn time_passes(&mut self) {
        let leaves_in = self.person.is_leaving.then_some(LEAVE_TWICE_MS);
        let settles_in = self.person.keys.settles_in().or(leaves_in);
        assert_eq!(self.live.typing_settles_in(), settles_in, "half a key, a paste, or a Ctrl-C");
        if settles_in.is_some() {
            self.live.settle_typing();
            self.person.time_passes();
        }
    }

    fn tells_time(&mut self, tape: &mut Tape<'_>) {
        let (day, hour, minute) = (1 + tape.byte() % 31, tape.byte() % 24, tape.byte() % 60);
        let now = WallTime { year: 2026, month: 11, day, hour, minute };
        self.live.set_time(now);
        self.person.clock = Some(now);
    }

    fn suspends(&mut self) {
        self.release_screen();
        self.take_screen();
    }

    fn take_screen(&mut self) {
        self.live.take_screen(&mut self.output);
        let piece = self.written();
        self.screens.show(&piece);
        assert!(self.screens.marks_pasted());
    }

    /// The shown rows stay, and nothing else of ours.
    fn release_screen(&mut self) {
        self.live.release_screen(&mut self.output);
        let piece = self.written();
        let (above, end) = piece.rsplit_once(WIPE).expect("the row is wiped");
        assert_eq!(end, papo::console::live::RESTORE);
        self.expect_above(above);
        self.screens.show(WIPE);
        self.screens.show(end);
        assert!(!self.screens.marks_pasted());
        let (row, cursor) = self.screens.row();
        assert_eq!((row.concat().trim(), cursor), ("", 0), "our row is gone");
        self.screens.compare();
    }

    fn take_lines(&mut self) {
        loop {
            let typed = self.live.next_typed();
            assert_eq!(typed, self.person.next_typed(), "what is handed over");
            match typed {
                Some(Typed::Line(_)) => self.sends(),
                Some(Typed::End) | None => break,
            }
        }
    }

    /// The machine sends an accepted text, and reports that.
    fn sends(&mut self) {
        if let (Some(text), Some(to)) = (&self.person.accepted, &self.person.standing.target) {
            let (to, text) = (to.clone(), text.clone().into_bytes());
            self.shows(Notice::Said { to, text }, false);
        }
    }

    /// The end of a turn: at most one piece for what is above, and one for the row.
    fn draw(&mut self) {
        self.live.draw(&mut self.output);
        let mut written = self.written();
        if written.contains(ASK_CURSOR) {
            // A terminal that answers nothing.
            self.live.settle_typing();
            self.person.time_passes();
            self.live.draw(&mut self.output);
            written = self.written() + &written.replace(ASK_CURSOR, "");
        }
        let rings = std::mem::take(&mut self.person.rings);
        assert_eq!(written.ends_with('\x07'), rings, "it rings where it should");
        let written = written.trim_end_matches('\x07');
        let row = Row::of(&self.person, usize::from(self.columns));
        let has_above = !self.person.above.is_empty();
        match written.rmatch_indices(WIPE).next() {
            None => assert_eq!((written, has_above), ("", false), "a piece begins by wiping"),
            Some((at, _)) => {
                let (above, drawn) = written.split_at(at);
                self.expect_above(above);
                let most = ROW_BYTES_FIXED + COLUMN_BYTES * usize::from(self.columns);
                assert!(drawn.len() <= most, "a row of {} bytes", drawn.len());
                self.screens.draw(drawn, row.is_odd);
            }
        }
        if !row.is_odd {
            let (cells, cursor) = self.screens.row();
            let (cells, beyond) = cells.split_at(usize::from(self.columns));
            assert_eq!(beyond.concat().trim(), "", "a row in one column");
            row.compare(cells, cursor);
        }
        self.live.draw(&mut self.output);
        assert_eq!(self.written(), "", "what stands there already is not drawn again");
    }

    /// A piece above the row has the right text, in whole lines.
    fn expect_above(&mut self, piece: &str) {
        let expected = std::mem::take(&mut self.person.above);
        if expected.is_empty() {
            assert_eq!(piece, "", "nothing is to be shown");
            return;
        }
        let text = piece.strip_prefix(WIPE).expect("a piece begins by wiping");
        assert!(!text.contains(WIPE), "a piece is one piece");
        assert!(text.ends_with("\r\n") || text.ends_with(CLEAR), "a piece ends where a row begins");
        assert_eq!(bare(text), bare(&expected), "above the row");
        self.screens.show(piece);
    }

    fn written(&mut self) -> String {
        assert!(self.output.errors.is_empty());
        String::from_utf8(std::mem::take(&mut self.output.screen)).expect("UTF-8")
    }

    /// The text in the row is entered.
    fn leave(&mut self) {
        self.types(b"\x1b[201~\x0cn\x05\r");
        self.take_lines();
        self.draw();
        self.screens.compare();
        self.release_screen();
        let is_wish = |wish: Option<Wish>| wish.is_none() || wish == self.person.wish;
        assert!(is_wish(self.live.next_wish()));
    }
}

/// Without colors and spaces: how a sentence is wrapped is not checked here.
fn bare(text: &str) -> String {
    let mut bare = String::new();
    for (number, part) in text.split("\x1b[").enumerate() {
        let is_color = |(number, _): &(&str, &str)| number.bytes().all(|it| it.is_ascii_digit());
        match part.split_once('m').filter(is_color) {
            Some((_, rest)) if number > 0 => bare.push_str(rest),
            _ if number > 0 => bare.push_str(&format!("\x1b[{part}")),
            _ => bare.push_str(part),
        }
    }
    bare.retain(|letter| !letter.is_whitespace());
    bare
}
