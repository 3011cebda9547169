//! Text with control sequences, from strangers or from the clipboard: the terminal must get no
//! control sequence but our own.

use papo::console::command::ConsoleAnswer;
use papo::console::device::Output;
use papo::console::live::{Live, Style};
use papo::peer::notice::{ConversationId, Notice, Partner, Standing, Trust};
use papo::wire::name::Name;
use proptest::prelude::*;

use super::stage::{Stage, text_from};

/// All that we send to a terminal: CSI sequences by their parameters and last letter, ESC
/// sequences, and control characters.
const OURS: [&str; 21] = [
    "CSI J",
    "CSI 0J",
    "CSI 2J",
    "CSI H",
    "CSI ?7l",
    "CSI ?7h",
    "CSI ?2004h",
    "CSI ?2004l",
    "CSI 2m",
    "CSI 22m",
    "CSI 39m",
    "CSI 91m",
    "CSI 92m",
    "CSI 93m",
    "CSI 94m",
    "CSI 95m",
    "CSI 96m",
    "ESC 7",
    "ESC 8",
    "CR",
    "LF",
];

/// Collects everything that is no letter.
#[derive(Default)]
struct Judge(Vec<String>);

impl vte::Perform for Judge {
    fn execute(&mut self, byte: u8) {
        self.0.push(match byte {
            b'\r' => "CR".to_string(),
            b'\n' => "LF".to_string(),
            0x07 => "BEL".to_string(),
            other => format!("control {other:#x}"),
        });
    }

    fn print(&mut self, letter: char) {
        if letter.is_control() || papo::wire::name::is_bidi_control(letter) {
            self.0.push(format!("letter {:#x}", u32::from(letter)));
        }
    }

    fn csi_dispatch(&mut self, params: &vte::Params, marks: &[u8], _: bool, last: char) {
        let params: Vec<_> = params.iter().map(|param| param[0].to_string()).collect();
        let params = if params == ["0"] { String::new() } else { params.join(";") };
        self.0.push(format!("CSI {}{params}{last}", String::from_utf8_lossy(marks)));
    }

    fn esc_dispatch(&mut self, marks: &[u8], _: bool, last: u8) {
        self.0.push(format!("ESC {}{}", String::from_utf8_lossy(marks), char::from(last)));
    }

    fn osc_dispatch(&mut self, _: &[&[u8]], _: bool) {
        self.0.push("OSC".to_string());
    }

    fn hook(&mut self, _: &vte::Params, _: &[u8], _: bool, _: char) {
        self.0.push("DCS".to_string());
    }
}

/// The control sequences in these bytes that are not ours.
fn foreign(bytes: &[u8]) -> Vec<String> {
    let mut judge = Judge::default();
    vte::Parser::new().advance(&mut judge, bytes);
    judge.0.retain(|found| !OURS.contains(&found.as_str()) && found != "BEL");
    judge.0
}

#[test]
fn the_judge_reports_each_kind_of_sequence() {
    for (bytes, expected) in [
        (&b"\x1b[31m"[..], "CSI 31m"),
        (b"\x1b]0;title\x07", "OSC"),
        (b"\x1bP+q\x1b\\", "DCS"),
        (b"\x1bc", "ESC c"),
        (b"\x08", "control 0x8"),
        ("\u{202e}".as_bytes(), "letter 0x202e"),
        ("\u{9b}31m".as_bytes(), "control 0x9b"),
    ] {
        assert_eq!(foreign(bytes).first().map(String::as_str), Some(expected));
    }
    assert!(foreign("\r\x1b[Joi João\r\n".as_bytes()).is_empty());
}

#[test]
fn typed_and_pasted_text_is_harmless_in_the_row_too() {
    let mut ana = Stage::ana_and_two(80, 6);
    ana.types("a\u{202e}b\u{9b}31m");
    ana.pastes("\x1b]0;x\x07\u{85}c\u{202e}");
    ana.turn();
    assert_eq!(foreign(&ana.written), [""; 0]);
    assert!(ana.drawing().contains("> a<U+202E>b"), "{}", ana.drawing());
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        any::<char>().prop_map(|letter| letter.to_string().into_bytes()),
        prop::sample::select(vec![
            &b"\x1b"[..],
            b"[31m",
            b"]0;x\x07",
            b"\x9b",
            b"\x90",
            b"\r",
            b"\n",
            b"\x08",
            b"\x7f",
            b"\xe2\x80",
            b"[2J",
            b"P",
            b"\\",
            b"c",
            b"\x1b[200~",
            b"\x1b[201~",
            b"\x18",
        ])
        .prop_map(<[u8]>::to_vec),
        prop::collection::vec(any::<u8>(), 1..5),
    ];
    prop::collection::vec(pieces, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn text_of_strangers_has_no_control_sequence(text in text(), name in text(), paints: bool) {
        let mut live = Live::new(Style { paints, ..Style::default() });
        let mut output = Output::default();
        live.resize(40, 10);
        let me = Name::parse(b"Ana").ok();
        // The machine checks each name before it becomes a label.
        let label = Name::parse(&name).map_or("Eva".to_string(), |name| name.to_string());
        let who = Partner { id: ConversationId(1), label, trust: Trust::Doubtful };
        let standing = Standing { me, target: Some(who.clone()), open: vec![who.clone()] };
        live.show(Notice::Standing(standing), &mut output);
        live.show(Notice::Text { from: who, text: text.clone(), cut: false }, &mut output);
        live.show(Notice::Online(vec![text.clone(), name.clone()]), &mut output);
        live.answer(&ConsoleAnswer::Unknown(text), &mut output);
        live.type_bytes(b"/chat \t\t\t");
        live.draw(&mut output);
        prop_assert_eq!(foreign(&output.screen), Vec::<String>::new());
    }

    #[test]
    fn typed_text_has_no_control_sequence(bytes in text(), columns in 0_u16..60) {
        let mut live = Live::new(Style::default());
        let mut output = Output::default();
        live.resize(columns, 10);
        live.show(text_from("Bruno", "oi"), &mut output);
        live.type_bytes(&bytes);
        live.draw(&mut output);
        while live.next_typed().is_some() {}
        live.draw(&mut output);
        live.release_screen(&mut output);
        prop_assert_eq!(foreign(&output.screen), Vec::<String>::new());
    }
}
