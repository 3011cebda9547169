//! The terminal only prints, whatever strangers send. The judge is `vte`, the parser of the
//! terminal Alacritty.

use std::io::ErrorKind;

use papo::console::device::Output;
use papo::console::language::Language;
use papo::console::plain::{Plain, Typist};
use papo::console::visible::{MARKS_MAX, visible};
use papo::peer::notice::{ConversationId, ConversationRow, Ending, Notice, Partner, Trust};
use papo::wire::name::Name;
use unicode_width::UnicodeWidthChar;
use vte::{Params, Parser, Perform};

use super::name::is_forbidden;
use super::tape::Tape;

/// The actions of a terminal: the letters that it would print, and all others.
#[derive(Debug, Default)]
pub struct Judge {
    pub printed: String,
    pub line_ends: usize,
    pub acts: Vec<String>,
}

impl Perform for Judge {
    fn print(&mut self, letter: char) {
        self.printed.push(letter);
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\n' => self.line_ends += 1,
            other => self.acts.push(format!("control {other:#04x}")),
        }
    }

    fn hook(&mut self, _: &Params, _: &[u8], _: bool, action: char) {
        self.acts.push(format!("DCS {action}"));
    }

    fn put(&mut self, _: u8) {
        self.acts.push("DCS data".to_string());
    }

    fn osc_dispatch(&mut self, fields: &[&[u8]], _: bool) {
        self.acts.push(format!("OSC {fields:?}"));
    }

    fn csi_dispatch(&mut self, _: &Params, _: &[u8], _: bool, action: char) {
        self.acts.push(format!("CSI {action}"));
    }

    fn esc_dispatch(&mut self, _: &[u8], _: bool, byte: u8) {
        self.acts.push(format!("ESC {byte:#04x}"));
    }
}

/// A terminal gets these bytes: it may print, and end `line_ends` lines.
#[track_caller]
pub fn judge(bytes: &[u8], line_ends: usize) -> Judge {
    let text = std::str::from_utf8(bytes).expect("what is shown is UTF-8");
    let mut judge = Judge::default();
    let mut parser = Parser::new();
    parser.advance(&mut judge, bytes);
    let shown = bytes.escape_ascii();
    assert_eq!(judge.acts, [""; 0], "{shown}");
    assert_eq!(judge.line_ends, line_ends, "lines of {shown}");
    assert_eq!(judge.printed, text.replace('\n', ""), "all of it is printed: {shown}");
    let bad = judge.printed.chars().find(|&it| is_forbidden(it) && !is_writing(it));
    assert_eq!(bad, None, "{shown}");
    judge
}

/// Format characters that are used in writing and change only their neighbours: joiners, signs
/// before numbers, and those of hieroglyphs, shorthand and musical notation.
fn is_writing(letter: char) -> bool {
    matches!(letter,
        '\u{200C}' | '\u{200D}' | '\u{0600}'..='\u{0605}' | '\u{06DD}' | '\u{070F}'
        | '\u{0890}' | '\u{0891}' | '\u{08E2}' | '\u{110BD}' | '\u{110CD}'
        | '\u{13430}'..='\u{1343F}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}')
}

pub fn check(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let (kind, pieces) = (tape.byte(), tape.below(4));
    let language = if tape.flag() { Language::Portuguese } else { Language::English };
    let others: Vec<_> = (0..pieces).map(|_| tape.chunk().to_vec()).collect();
    let text = tape.rest();
    check_visible(text);
    let (notice, line_ends) = notice(kind, text, &others);
    let mut output = Output::default();
    Plain::new(language, Typist::Person).show(notice, &mut output);
    judge(&output.screen, line_ends);
    assert!(output.errors.is_empty());
}

fn check_visible(bytes: &[u8]) {
    let shown = visible(bytes);
    judge(shown.as_bytes(), 0);
    assert!(shown.len() <= 8 * bytes.len() + 16, "{} bytes of {}", shown.len(), bytes.len());
    assert_eq!(visible(shown.as_bytes()), shown, "what is harmless stays as it is");
    let is_plain = bytes.iter().all(|byte| (b' '..=b'~').contains(byte));
    assert!(!is_plain || shown.as_bytes() == bytes, "plain text stays as it is");
    let mut marks = 0;
    for letter in shown.chars() {
        marks = if letter.width() == Some(0) { marks + 1 } else { 0 };
        assert!(marks <= MARKS_MAX, "a tower of marks: {shown}");
    }
}

/// A sentence with text from strangers, and the number of its lines.
fn notice(kind: u8, text: &[u8], others: &[Vec<u8>]) -> (Notice, usize) {
    let names: Vec<_> = others.iter().filter_map(|it| Name::parse(it).ok()).collect();
    let name = Name::parse(text).ok().or_else(|| names.first().cloned());
    let name = name.unwrap_or_else(|| Name::parse(b"Eva").expect("a name"));
    let text = text.to_vec();
    let from = std::net::SocketAddr::from(([10, 0, 0, kind], 5));
    let trust = if kind & 0x80 == 0 { Trust::Confirmed } else { Trust::Doubtful };
    let who = Partner { id: ConversationId(7), label: format!("{name}:7"), trust };
    let error = ErrorKind::ConnectionReset;
    let notice = match kind % 14 {
        0 => Notice::Text { from: who, text, cut: kind & 0x40 != 0 },
        1 => Notice::Online([others, &[text]].concat()),
        2 => Notice::NotTalkingTo { name: text },
        3 => Notice::WouldBeProtocol { line: text },
        4 => Notice::Ended { who, how: Ending::Lost(error) },
        5 => Notice::Connected { who },
        6 => Notice::NotVerified { who, from: from.ip() },
        7 => Notice::Unreachable { name, error },
        8 => Notice::NotOnline { name, online: vec![text] },
        9 => Notice::Undelivered { who, lines: usize::from(kind) },
        10 => return (Notice::Welcome { name }, 2),
        11 => Notice::NameRefused { name },
        12 => Notice::BadAddress { name },
        _ => {
            let row = |name: &Name| ConversationRow {
                who: Partner {
                    id: ConversationId(8),
                    label: name.to_string(),
                    trust: Trust::Doubtful,
                },
                is_target: true,
                unread: usize::from(kind),
                waiting: 0,
            };
            let rows: Vec<_> = names.iter().map(row).collect();
            let line_ends = rows.len() + 1;
            return (Notice::Conversations(rows), line_ends);
        }
    };
    (notice, 1)
}
