//! Bytes → keys: each key as terminals send it, and the same keys however the bytes are split.

use papo::console::keys::{Code, Held, Key, Keys, PASTE_BYTES_MAX, PASTE_SETTLE_MS, Pressed};
use proptest::prelude::*;

/// Keys as readable text: `Ctrl-a`, `Alt-Left`, `é`, `[pasted text]`.
fn readable(pressed: &[Pressed]) -> String {
    let key = |pressed: &Pressed| match pressed {
        Pressed::Paste { text, cut } => format!("[{text}]{}", if *cut { "..." } else { "" }),
        Pressed::CursorAt { column } => format!("cursor-{column}"),
        Pressed::Key(Key { code, held }) => {
            let held = match held {
                Held::Nothing => "",
                Held::Ctrl => "Ctrl-",
                Held::Alt => "Alt-",
            };
            if let Code::Char(letter) = code {
                format!("{held}{letter}")
            } else {
                format!("{held}{code:?}")
            }
        }
    };
    pressed.iter().map(key).collect::<Vec<_>>().join(" ")
}

fn decoded(pieces: &[&[u8]]) -> Vec<Pressed> {
    let (mut keys, mut pressed) = (Keys::default(), Vec::new());
    for piece in pieces {
        keys.feed(piece, &mut pressed);
    }
    keys.settle(&mut pressed);
    pressed
}

#[track_caller]
fn expect(bytes: &[u8], keys: &str) {
    assert_eq!(readable(&decoded(&[bytes])), keys, "{}", bytes.escape_ascii());
}

#[test]
fn letters_and_controls() {
    expect(b"aB1", "a B 1");
    expect("é漢👩".as_bytes(), "é 漢 👩");
    expect(b"\x01\x05\x0b\x19\x1a", "Ctrl-a Ctrl-e Ctrl-k Ctrl-y Ctrl-z");
    expect(b"\r\n\t\x08\x7f", "Enter Enter Tab Backspace Backspace");
    expect(b"\x1b", "Escape");
    expect(b"\0\x1c\x1f", "");
}

#[test]
fn arrows_of_all_terminals() {
    expect(b"\x1b[A\x1b[B\x1b[C\x1b[D", "Up Down Right Left");
    expect(b"\x1bOA\x1bOB\x1bOC\x1bOD", "Up Down Right Left");
    expect(b"\x1b[H\x1b[F\x1b[1~\x1b[4~\x1b[7~\x1b[8~\x1bOH", "Home End Home End Home End Home");
    expect(b"\x1b[1;5C\x1b[1;5D\x1b[1;3D\x1b[1;2C", "Ctrl-Right Ctrl-Left Alt-Left Right");
    expect(b"\x1b[3~\x1b[3;5~\x1bOc\x1bOd", "Delete Ctrl-Delete Ctrl-Right Ctrl-Left");
    expect(b"\x1b[a\x1b[5~\x1b[15~\x1b[[A\x1bOPx", "x");
}

/// With Alt held, a terminal puts an ESC in front.
#[test]
fn alt_with_any_key() {
    expect(b"\x1bb\x1bf\x1b\x7f\x1b\r", "Alt-b Alt-f Alt-Backspace Alt-Enter");
    expect("\x1bé".as_bytes(), "Alt-é");
    expect(b"\x1b x\x1b\\", "Alt-  x Alt-\\");
    expect(b"\x1b\x1b[A", "Up");
    // These two bytes also begin an answer of the terminal. Here no bytes follow them.
    for (bytes, key) in [(b"\x1b]", "Alt-]"), (b"\x1bP", "Alt-P"), (b"\x1bX", "Alt-X")] {
        expect(bytes, key);
    }
    expect(b"\x1b_", "Alt-_");
    expect(b"\x1b^", "Alt-^");
}

/// X10: a program that has ended, or was cut off, asked for the mouse.
#[test]
fn a_report_of_the_mouse_is_no_text() {
    expect(b"a\x1b[M !!b", "a b");
    expect(b"a\x1b[M \xE9\xA1b", "a b");
    expect(b"a\x1b[M\x03b", "a Ctrl-c b");
    expect(b"a\x1b[M!\x1b[Ab", "a Up b");
    expect(b"a\x1b[<0;5;5Mb\x1b[32;5;5Mc", "a b c");
    expect(b"\x1b[200~a\x1b[Mbcd\x1b[201~", "[abcd]");
    assert_eq!(readable(&decoded(&[b"a\x1b[", b"M", b" ", b"!!b"])), "a b");
}

/// D2: answers to the question of a program that has ended.
#[test]
fn answers_of_the_terminal_are_no_keys() {
    expect(b"a\x1b]11;rgb:1e1e/1e1e/1e1e\x07b", "a b");
    expect(b"a\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\b", "a b");
    expect(b"a\x1bP1$r0m\x1b\\b\x1b_Gi=1;OK\x1b\\c\x1b^x\x1b\\d\x1bXx\x1b\\e", "a b c d e");
    expect("\x1b]l título\x1b\\x".as_bytes(), "x");
    // A string without an end is over at the next control, or at the next key with an ESC.
    expect(b"\x1b]11;rgb\x03x", "Ctrl-c x");
    expect(b"\x1b]11;rgb\rx", "Enter x");
    expect(b"\x1b]11;rgb\x1b[Ax", "Up x");
    expect("\x1b]11;rgb\x1béx".as_bytes(), "Alt-é x");
}

/// An unknown or damaged sequence does not change the next key.
#[test]
fn unknown_keys_are_ignored() {
    expect(b"\x1b[?62;22cx", "x");
    expect(b"\x1b[<0;1;1Mx", "x");
    expect(b"\x1b[12;5\x03x", "Ctrl-c x");
    expect(b"\xffx\xc3x\xe6\xbcx\x80x", "x x x x");
    expect(b"\x1b[\xc3\xa9x", "é x");
    expect(b"\x1b[1;999999999999999Dx", "Alt-Left x");
}

#[test]
fn pasted_text_is_one_event_without_keys_in_it() {
    expect(b"a\x1b[200~um\rdois\r\ntres\n\tx\x1b[201~b", "a [um\ndois\ntres\n\tx] b");
    expect(
        b"\x1b[200~a\x03b\x04\x1b[31mc\x1b]d\x1b[201~",
        "[ab31mc]d]".replace("31m", "").as_str(),
    );
    expect("\x1b[200~\u{c3}\x1b[201~x".as_bytes(), "[\u{c3}] x");
    expect(b"\x1b[200~\xc3\x1b[201~x", "[] x");
    expect(b"\x1b[201~x", "x");
}

#[test]
fn a_paste_without_end_is_cut() {
    let text = "é".repeat(PASTE_BYTES_MAX);
    let pressed = decoded(&[format!("\x1b[200~{text}\x1b[201~x").as_bytes()]);
    let [Pressed::Paste { text, cut: true }, Pressed::Key(_)] = &pressed[..] else {
        panic!("one paste and one key, not {}", pressed.len());
    };
    assert_eq!(text.len(), PASTE_BYTES_MAX);
}

/// Only silence tells the Esc key from the beginning of a sequence.
#[test]
fn an_unfinished_key_waits_for_silence() {
    let (mut keys, mut pressed) = (Keys::default(), Vec::new());
    for (bytes, unsettled) in
        [(&b"a"[..], false), (b"\x1b", true), (b"[", true), (b"1;", true), (b"5C", false)]
    {
        keys.feed(bytes, &mut pressed);
        assert_eq!(keys.settles_in().is_some(), unsettled, "{}", bytes.escape_ascii());
    }
    assert_eq!(readable(&pressed), "a Ctrl-Right");
    pressed.clear();

    for unfinished in [&b"\x1b[1;"[..], b"\x1bO", b"\xe6\xbc", b"\x1b]11;r", b"\x1b]11;r\x1b"] {
        keys.feed(unfinished, &mut pressed);
        keys.settle(&mut pressed);
        keys.feed(b"x", &mut pressed);
    }
    assert_eq!(readable(&pressed), "x x x x x");
}

/// D1: if the end of the paste is lost, its text is kept, and the keys work again.
#[test]
fn silence_ends_a_paste() {
    for unfinished in [&b"\x1b[200~a"[..], b"\x1b[200~a\x1b", b"\x1b[200~a\x1b[20"] {
        let (mut keys, mut pressed) = (Keys::default(), Vec::new());
        keys.feed(unfinished, &mut pressed);
        assert_eq!(keys.settles_in(), Some(PASTE_SETTLE_MS), "longer than for half a key");
        keys.settle(&mut pressed);
        assert_eq!(keys.settles_in(), None);
        keys.feed(b"x\x03", &mut pressed);
        assert_eq!(readable(&pressed), "[a] x Ctrl-c", "{}", unfinished.escape_ascii());
    }
}

/// Bytes that keyboards send, and other bytes.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        "[a-zé漢👩]{1,3}".prop_map(String::into_bytes),
        prop::sample::select(vec![
            &b"\x1b"[..],
            b"\x1b[A",
            b"\x1bOC",
            b"\x1b[1;5D",
            b"\x1b[3~",
            b"\x1b[200~",
            b"\x1b[201~",
            b"\r",
            b"\n",
            b"\x1b[",
            b"\x1bO",
            b"\x1b]",
            b"[",
            b"~",
            b"\xc3",
            b"\xe6\xbc",
            b"\xf0\x9f",
            b"\x1b[[",
            b"\x03",
            b"\x7f",
            b"\x1b[?1;2c",
            b"\x18",
            b"\x9b",
        ])
        .prop_map(<[u8]>::to_vec),
        prop::collection::vec(any::<u8>(), 1..4),
    ];
    prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// The bytes are split once at every place, and into single bytes.
    #[test]
    fn the_same_keys_however_the_bytes_are_split(bytes in bytes()) {
        let whole = decoded(&[&bytes]);
        for cut in 0..=bytes.len() {
            let (one, two) = bytes.split_at(cut);
            prop_assert_eq!(&decoded(&[one, two]), &whole, "cut at {}", cut);
        }
        let single: Vec<_> = bytes.chunks(1).collect();
        prop_assert_eq!(&decoded(&single), &whole);
    }

    /// After any bytes and a silence, a letter is a letter.
    #[test]
    fn no_bytes_disable_the_keyboard(bytes in bytes()) {
        let (mut keys, mut pressed) = (Keys::default(), Vec::new());
        keys.feed(&bytes, &mut pressed);
        keys.settle(&mut pressed);
        keys.feed(b"x", &mut pressed);
        prop_assert_eq!(readable(&pressed[pressed.len() - 1..]), "x");
    }
}
