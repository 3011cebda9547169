//! Text from strangers, made harmless before it reaches a screen.
//!
//! A terminal obeys what it is sent: `ESC ]` sets titles, `ESC [` moves the cursor over what
//! others said, U+202E turns a sentence around. Here is the one place between network and
//! screen where all of that becomes something to look at instead.

use unicode_width::UnicodeWidthChar;

use crate::wire::name::is_invisible;

/// Most marks on one letter; the others are left out. More is no writing, but a tower that
/// covers the lines above (and has crashed terminals: CVE-2021-26937).
pub const MARKS_MAX: usize = 8;

/// Zero-width joiner and non-joiner: without them family emoji fall apart, and Persian words
/// grow together. They move nothing.
const JOINERS: [char; 2] = ['\u{200C}', '\u{200D}'];

/// The text of `bytes` with everything shown that would otherwise act: controls as `^[`, what
/// cannot be seen as `<U+202E>`, and what is no UTF-8 as U+FFFD.
#[must_use]
pub fn visible(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len());
    let mut marks = 0;
    for character in String::from_utf8_lossy(bytes).chars() {
        marks = if is_mark(character) { marks + 1 } else { 0 };
        if marks <= MARKS_MAX {
            push_visible(character, &mut shown);
        }
    }
    shown
}

fn is_mark(character: char) -> bool {
    character.width() == Some(0)
}

fn push_visible(character: char, shown: &mut String) {
    match character {
        '\t' => shown.push(' '),
        '\u{7F}' => shown.push_str("^?"),
        control if control.is_ascii_control() => {
            shown.push('^');
            shown.push(char::from(control as u8 + b'@'));
        }
        joiner if JOINERS.contains(&joiner) => shown.push(joiner),
        invisible if is_invisible(invisible) => {
            shown.push_str(&format!("<U+{:04X}>", u32::from(invisible)));
        }
        other => shown.push(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_act_is_shown() {
        let cases: [(&[u8], &str); 9] = [
            (b"Oi Bruno!", "Oi Bruno!"),
            ("Tudo bem, João? 👩‍👩‍👧".as_bytes(), "Tudo bem, João? 👩‍👩‍👧"),
            (b"a\tb", "a b"),
            (b"\x1b[2J\x1b]0;title\x07", "^[[2J^[]0;title^G"),
            (b"\x7f\r\0", "^?^M^@"),
            ("\u{9B}31m".as_bytes(), "<U+009B>31m"),
            ("\u{202E}evil\u{2069}".as_bytes(), "<U+202E>evil<U+2069>"),
            ("\u{E0041}\u{FEFF}\u{2028}".as_bytes(), "<U+E0041><U+FEFF><U+2028>"),
            (b"Jo\xE3o", "Jo\u{FFFD}o"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(visible(bytes), expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn no_towers_of_marks() {
        let tower = format!("a{}b", "\u{0301}".repeat(4096));
        assert_eq!(visible(tower.as_bytes()).chars().count(), 1 + MARKS_MAX + 1);
    }
}
