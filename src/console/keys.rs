//! Bytes from a terminal in raw mode → keys.
//!
//! A terminal sends one byte for most keys, up to four for a letter beyond ASCII, and for the
//! rest a sequence that begins with ESC, in pieces as the network pleases:
//!
//! ```text
//! a            a                    ESC [ A       up
//! 01           Ctrl-a               ESC O A       up, in application mode
//! C3 A9        é                    ESC [ 1;5 D   Ctrl-left
//! ESC b        Alt-b                ESC [ 200~    what follows is pasted, up to ESC [ 201~
//! ESC          Esc ... or the beginning of any of these
//! ```
//!
//! [`Keys`] takes one byte at a time and keeps an unfinished sequence, so the keys are the same
//! however the bytes are split. Only silence can tell a lone Esc from the beginning of a sequence.
//! The caller has a clock, and calls [`Keys::settle`] when no byte has come for
//! [`Keys::settles_in`].
//!
//! A terminal also sends answers that are no keys: `ESC ] 11 ; rgb:... BEL` is its background
//! color, for a program that asked and has ended. Such a string (OSC, DCS, APC, PM or SOS) is
//! dropped up to its end, which is BEL or `ESC \\`. The same two bytes begin Alt-]. If nothing
//! follows them, they are that key. Any other control, such as Ctrl-C, ends a string and is a key.
//!
//! `anstyle-parse` parses only the part after `ESC [`. It would wait for the end of a string for
//! ever, and it drops the DEL of Alt-Backspace. So this file handles the byte after ESC.
//! Read next: [`super::editor`].

use anstyle_parse::{AsciiParser, Params, Parser, Perform};

/// An unfinished sequence ends so long after its last byte, in milliseconds. A slow line delivers
/// the bytes of one key up to 100 ms apart. A lone Esc does nothing urgent.
pub const SETTLE_MS: u64 = 200;

/// A paste without an end is over so long after its last byte, in milliseconds. Longer than
/// [`SETTLE_MS`], because the text that would come later counts as typed.
pub const PASTE_SETTLE_MS: u64 = 1_000;

/// Most text of one paste, in bytes. Longer text is cut, with a mark.
pub const PASTE_BYTES_MAX: usize = 64 * 1024;

/// Bytes after `ESC [ M`: the button, the column and the row.
const MOUSE_BYTES: u8 = 3;

/// A key that was pressed, or text that was pasted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Pressed {
    /// One key.
    Key(Key),
    /// Pasted text, which may have many lines.
    Paste {
        /// The text; its lines end in `\n`.
        text: String,
        /// The text was longer than [`PASTE_BYTES_MAX`]; the rest is lost.
        cut: bool,
    },
    /// The terminal's answer with the place of its cursor.
    CursorAt {
        /// Counted from 1.
        column: u16,
    },
}

/// A key and its modifier. Shift is no modifier: the letter has it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Key {
    /// The key.
    pub code: Code,
    /// The modifier.
    pub held: Held,
}

/// A key without its modifier.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[allow(missing_docs, reason = "the names are on the keys")]
pub enum Code {
    /// A letter. With Ctrl it is the small one.
    Char(char),
    Enter,
    Tab,
    Backspace,
    Delete,
    Escape,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
}

/// The modifier that was held down with a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Held {
    /// Nothing, or Shift.
    Nothing,
    /// Ctrl.
    Ctrl,
    /// Alt, with or without Ctrl.
    Alt,
}

/// The decoder.
#[derive(Debug, Default)]
pub struct Keys {
    state: SequenceState,
    /// Parses the parameters after `ESC [`, in [`SequenceState::Csi`] only. It gets only ASCII.
    parser: Parser<AsciiParser>,
    /// The first bytes of a letter beyond ASCII.
    letter: Letter,
    /// The text that is being pasted.
    paste: Option<Paste>,
}

/// The part of a sequence that was read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum SequenceState {
    #[default]
    Ground,
    /// After ESC.
    Escape,
    /// After `ESC [`.
    Csi,
    /// After `ESC O`: one more byte says which key.
    Ss3,
    /// After `ESC [ [`: one more byte, of a function key of the Linux console.
    ConsoleKey,
    /// After `ESC [ M`, the report of a mouse (X10): so many more bytes.
    Mouse(u8),
    /// After ESC and this byte: the beginning of a string, or a key with Alt.
    StringBegin(u8),
    /// Within a string.
    String,
    /// After ESC within a string: a backslash ends it.
    StringEscape,
}

impl Keys {
    /// Decodes bytes, and appends each completed key to `pressed`.
    pub fn feed(&mut self, bytes: &[u8], pressed: &mut Vec<Pressed>) {
        for &byte in bytes {
            self.take(byte, pressed);
        }
    }

    /// The silence after which [`Keys::settle`] must be called, in milliseconds. `None`: nothing is
    /// unfinished.
    #[must_use]
    pub fn settles_in(&self) -> Option<u64> {
        let is_unfinished = self.state != SequenceState::Ground || self.letter.len > 0;
        match self.paste {
            Some(_) => Some(PASTE_SETTLE_MS),
            None => is_unfinished.then_some(SETTLE_MS),
        }
    }

    /// Ends the unfinished input, after a silence of [`Keys::settles_in`]: a paste is over, ESC was
    /// the Esc key, and an unfinished sequence is dropped.
    pub fn settle(&mut self, pressed: &mut Vec<Pressed>) {
        if self.paste.is_some() {
            // Its end is lost. The first bytes of the end may be here, and are no key.
            self.end_paste(pressed);
        } else if self.state == SequenceState::Escape {
            self.press(Code::Escape, Held::Nothing, pressed);
        } else if let SequenceState::StringBegin(byte) = self.state {
            self.take_plain(byte, Held::Alt, pressed);
        }
        self.state = SequenceState::Ground;
        self.letter = Letter::default();
        self.parser = Parser::default();
    }

    fn take(&mut self, byte: u8, pressed: &mut Vec<Pressed>) {
        if self.state == SequenceState::StringEscape {
            // The end of the string, or the beginning of something else.
            self.state = if byte == b'\\' { SequenceState::Ground } else { SequenceState::Escape };
            if byte == b'\\' {
                return;
            }
        }
        if let SequenceState::Mouse(left @ 1..) = self.state
            && byte >= 0x20
        {
            self.state =
                if left == 1 { SequenceState::Ground } else { SequenceState::Mouse(left - 1) };
            return;
        }
        if byte >= 0x80 {
            self.take_letter_byte(byte, pressed);
            return;
        }
        self.letter = Letter::default();
        if byte == 0x1B {
            self.state = if self.is_in_string() {
                SequenceState::StringEscape
            } else {
                SequenceState::Escape
            };
            return;
        }
        match std::mem::take(&mut self.state) {
            SequenceState::Ground | SequenceState::Mouse(_) => {
                self.take_plain(byte, Held::Nothing, pressed)
            }
            SequenceState::Escape => self.take_after_escape(byte, pressed),
            SequenceState::StringBegin(_) | SequenceState::String => {
                self.take_in_string(byte, pressed)
            }
            SequenceState::Csi => self.take_csi(byte, pressed),
            SequenceState::Ss3 => self.take_ss3(byte, pressed),
            SequenceState::ConsoleKey | SequenceState::StringEscape => {}
        }
    }

    fn is_in_string(&self) -> bool {
        matches!(self.state, SequenceState::StringBegin(_) | SequenceState::String)
    }

    /// A byte of a letter beyond ASCII. Bytes that are no UTF-8 are dropped, because no key sends
    /// them.
    fn take_letter_byte(&mut self, byte: u8, pressed: &mut Vec<Pressed>) {
        if self.is_in_string() {
            self.state = SequenceState::String;
            return;
        }
        let held = if self.state == SequenceState::Escape { Held::Alt } else { Held::Nothing };
        if let Some(letter) = self.letter.push(byte) {
            self.state = SequenceState::Ground;
            self.press(Code::Char(letter), held, pressed);
        } else if self.state != SequenceState::Escape {
            self.state = SequenceState::Ground;
        }
    }

    fn take_plain(&mut self, byte: u8, held: Held, pressed: &mut Vec<Pressed>) {
        match byte {
            b'\r' | b'\n' => self.press_enter(byte, held, pressed),
            b'\t' => self.press(Code::Tab, held, pressed),
            // Terminals differ in the byte of Backspace.
            0x08 | 0x7F => self.press(Code::Backspace, held, pressed),
            0x01..=0x1A => self.press(Code::Char(char::from(byte + 0x60)), Held::Ctrl, pressed),
            0x20..=0x7E => self.press(Code::Char(char::from(byte)), held, pressed),
            _ => {}
        }
    }

    fn take_after_escape(&mut self, byte: u8, pressed: &mut Vec<Pressed>) {
        match byte {
            b'[' => {
                // The parser gets the two bytes that it has not seen.
                self.parser = Parser::default();
                for seen in [0x1B, b'['] {
                    self.parser.advance(&mut Sequence::default(), seen);
                }
                self.state = SequenceState::Csi;
            }
            b'O' => self.state = SequenceState::Ss3,
            // Pasted text has no answers in it, and a string would drop the rest of the text.
            b']' | b'P' | b'_' | b'^' | b'X' if self.paste.is_none() => {
                self.state = SequenceState::StringBegin(byte);
            }
            _ => self.take_plain(byte, Held::Alt, pressed),
        }
    }

    /// Drops a byte of a string. BEL ends the string. Any other control ends it, and is a key.
    fn take_in_string(&mut self, byte: u8, pressed: &mut Vec<Pressed>) {
        match byte {
            0x07 => {}
            0x00..0x20 => self.take_plain(byte, Held::Nothing, pressed),
            _ => self.state = SequenceState::String,
        }
    }

    /// A byte after `ESC [`: parameters, until a letter or `~` ends the sequence.
    fn take_csi(&mut self, byte: u8, pressed: &mut Vec<Pressed>) {
        if byte < 0x20 {
            // Another key was pressed in the middle of a sequence that never ended.
            self.take_plain(byte, Held::Nothing, pressed);
            return;
        }
        let mut sequence = Sequence::default();
        self.parser.advance(&mut sequence, byte);
        if !(0x40..=0x7E).contains(&byte) {
            self.state = SequenceState::Csi;
        } else if byte == b'[' {
            self.state = SequenceState::ConsoleKey;
        } else {
            self.on_sequence(&sequence, pressed);
        }
    }

    fn take_ss3(&mut self, byte: u8, pressed: &mut Vec<Pressed>) {
        match byte {
            // rxvt's Ctrl-right and Ctrl-left.
            b'c' => self.press(Code::Right, Held::Ctrl, pressed),
            b'd' => self.press(Code::Left, Held::Ctrl, pressed),
            b'M' => self.press(Code::Enter, Held::Nothing, pressed),
            0x00..0x20 => self.take_plain(byte, Held::Nothing, pressed),
            _ => {
                if let Some(code) = arrow(byte) {
                    self.press(code, Held::Nothing, pressed);
                }
            }
        }
    }

    fn on_sequence(&mut self, sequence: &Sequence, pressed: &mut Vec<Pressed>) {
        match (sequence.last, sequence.number) {
            (b'~', 200) => self.paste = Some(self.paste.take().unwrap_or_default()),
            (b'~', 201) => self.end_paste(pressed),
            (b'~', 1 | 7) => self.press(Code::Home, sequence.held, pressed),
            (b'~', 4 | 8) => self.press(Code::End, sequence.held, pressed),
            (b'~', 3) => self.press(Code::Delete, sequence.held, pressed),
            // A program before us asked for the mouse.
            (b'M', 0) if self.paste.is_none() => self.state = SequenceState::Mouse(MOUSE_BYTES),
            // F3 with Shift sends the same bytes. The caller knows whether it has asked.
            (b'R', _) if self.paste.is_none() => {
                pressed.push(Pressed::CursorAt { column: sequence.second })
            }
            (last, _) => {
                if let Some(code) = arrow(last) {
                    self.press(code, sequence.held, pressed);
                }
            }
        }
    }

    fn end_paste(&mut self, pressed: &mut Vec<Pressed>) {
        if let Some(Paste { text, cut, .. }) = self.paste.take() {
            pressed.push(Pressed::Paste { text, cut });
        }
    }

    /// A terminal sends CR for Enter. Within pasted text CR, LF, and CR LF each end a line.
    fn press_enter(&mut self, byte: u8, held: Held, pressed: &mut Vec<Pressed>) {
        let follows_cr = self.paste.as_ref().is_some_and(|paste| paste.ends_in_cr);
        if byte == b'\r' || !follows_cr {
            self.press(Code::Enter, held, pressed);
        }
        if let Some(paste) = &mut self.paste {
            paste.ends_in_cr = byte == b'\r';
        }
    }

    fn press(&mut self, code: Code, held: Held, pressed: &mut Vec<Pressed>) {
        match &mut self.paste {
            Some(paste) => paste.push(code, held),
            None => pressed.push(Pressed::Key(Key { code, held })),
        }
    }
}

fn arrow(last: u8) -> Option<Code> {
    Some(match last {
        b'A' => Code::Up,
        b'B' => Code::Down,
        b'C' => Code::Right,
        b'D' => Code::Left,
        b'H' => Code::Home,
        b'F' => Code::End,
        _ => return None,
    })
}

/// Up to four bytes of a letter.
#[derive(Clone, Copy, Debug, Default)]
struct Letter {
    bytes: [u8; 4],
    len: usize,
}

impl Letter {
    fn push(&mut self, byte: u8) -> Option<char> {
        if byte & 0xC0 == 0xC0 {
            // A first byte: the letter before it is incomplete, and is dropped.
            self.len = 0;
        }
        self.bytes[self.len] = byte;
        self.len += 1;
        match std::str::from_utf8(&self.bytes[..self.len]) {
            Ok(text) => {
                self.len = 0;
                text.chars().next()
            }
            Err(error) => {
                if error.error_len().is_some() {
                    self.len = 0;
                }
                None
            }
        }
    }
}

/// The text of a paste that has not ended. Controls in it are no keys, and are dropped.
#[derive(Debug, Default)]
struct Paste {
    text: String,
    cut: bool,
    ends_in_cr: bool,
}

impl Paste {
    fn push(&mut self, code: Code, held: Held) {
        let character = match (code, held) {
            (Code::Enter, _) => '\n',
            (Code::Tab, _) => '\t',
            (Code::Char(character), Held::Nothing | Held::Alt) => character,
            _ => return,
        };
        self.ends_in_cr = false;
        if self.text.len() + character.len_utf8() > PASTE_BYTES_MAX {
            self.cut = true;
        } else if !self.cut {
            self.text.push(character);
        }
    }
}

/// One sequence, as the parser reads it.
#[derive(Debug)]
struct Sequence {
    last: u8,
    number: u16,
    second: u16,
    held: Held,
}

impl Default for Sequence {
    fn default() -> Self {
        Self { last: 0, number: 0, second: 0, held: Held::Nothing }
    }
}

impl Perform for Sequence {
    fn csi_dispatch(&mut self, params: &Params, marks: &[u8], _cut: bool, last: u8) {
        if !marks.is_empty() {
            // `ESC [ ? ...` is no key, but the answer to a question that we never ask.
            return;
        }
        let mut numbers = params.iter().map(|param| param[0]);
        self.last = last;
        self.number = numbers.next().unwrap_or(0);
        // One more than the sum of Shift 1, Alt 2, Ctrl 4.
        self.second = numbers.next().unwrap_or(1);
        let held = self.second.saturating_sub(1);
        self.held = match (held & 2 != 0, held & 4 != 0) {
            (true, _) => Held::Alt,
            (false, true) => Held::Ctrl,
            (false, false) => Held::Nothing,
        };
    }
}
