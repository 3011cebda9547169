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

/// A tab, as it is shown. A tab itself would jump to a column that nobody has counted.
const TAB: &str = "    ";

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

/// The same for a name, which stands in front of what its person says. In it, also what our own
/// lines are made of is shown as a number: so no name can look like one of them.
///
/// ```text
/// -- Connected to Bruno          ours
/// <U+002D>- Connected to: oi     said by somebody who is called `-- Connected to`
/// ```
#[must_use]
pub fn visible_name(name: &str) -> String {
    let name = visible(name.as_bytes());
    let mut shown = String::with_capacity(name.len());
    for (place, character) in name.char_indices() {
        let begins_like_ours = place == 0 && matches!(character, '-' | '*' | '>' | '[');
        if begins_like_ours || LOOK_ALIKES.contains(&character) {
            shown.push_str(&format!("<U+{:04X}>", u32::from(character)));
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Characters that look like the colon behind a name, or the arrow between two names.
const LOOK_ALIKES: [char; 9] = [
    '\u{02D0}', '\u{0589}', '\u{05C3}', '\u{2192}', '\u{2236}', '\u{A789}', '\u{FE13}', '\u{FE55}',
    '\u{FF1A}',
];

/// Whether a name has letters of more than one of the alphabets whose letters look alike: Latin,
/// Greek and Cyrillic. `Вruno` with a Cyrillic first letter does.
#[must_use]
pub fn mixes_alphabets(name: &str) -> bool {
    let mut alphabets = name.chars().filter_map(alphabet);
    let first = alphabets.next();
    alphabets.any(|alphabet| Some(alphabet) != first)
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Alphabet {
    Latin,
    Greek,
    Cyrillic,
}

fn alphabet(character: char) -> Option<Alphabet> {
    match character {
        'A'..='Z' | 'a'..='z' | '\u{00C0}'..='\u{024F}' | '\u{1E00}'..='\u{1EFF}' => {
            Some(Alphabet::Latin)
        }
        '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' => Some(Alphabet::Latin),
        '\u{0370}'..='\u{03FF}' | '\u{1F00}'..='\u{1FFF}' => Some(Alphabet::Greek),
        '\u{0400}'..='\u{052F}' | '\u{1C80}'..='\u{1C8F}' | '\u{A640}'..='\u{A69F}' => {
            Some(Alphabet::Cyrillic)
        }
        _ => None,
    }
}

fn is_mark(character: char) -> bool {
    character.width() == Some(0)
}

fn push_visible(character: char, shown: &mut String) {
    match character {
        '\t' => shown.push_str(TAB),
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
    fn characters_that_would_act_are_shown() {
        let cases: [(&[u8], &str); 9] = [
            (b"Oi Bruno!", "Oi Bruno!"),
            ("Tudo bem, João? 👩‍👩‍👧".as_bytes(), "Tudo bem, João? 👩‍👩‍👧"),
            (b"a\tb", "a    b"),
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
    fn no_name_looks_like_a_line_of_ours() {
        let cases = [
            ("Bruno", "Bruno"),
            ("Bruno:2", "Bruno:2"),
            ("-- Careful", "<U+002D>- Careful"),
            ("*Ana", "<U+002A>Ana"),
            ("Jean-Luc", "Jean-Luc"),
            ("Ana → Bruno", "Ana <U+2192> Bruno"),
            ("Bruno\u{A789} oi", "Bruno<U+A789> oi"),
            ("Bruno\u{2236} oi", "Bruno<U+2236> oi"),
            ("Bruno\u{FF1A} oi", "Bruno<U+FF1A> oi"),
        ];
        for (name, shown) in cases {
            assert_eq!(visible_name(name), shown);
        }
        let tower = format!("a{}", "\u{0301}".repeat(31));
        assert_eq!(visible_name(&tower).chars().count(), 1 + MARKS_MAX);
    }

    #[test]
    fn letters_that_look_alike_are_told_apart() {
        for name in ["Bruno", "José da Silva", "Борис", "Ωμέγα", "李雷 2", "Bruno 李"]
        {
            assert!(!mixes_alphabets(name), "{name}");
        }
        for name in ["\u{0412}runo", "Ωmega", "Αnа", "Br\u{03C5}no"] {
            assert!(mixes_alphabets(name), "{name}");
        }
    }

    #[test]
    fn no_towers_of_marks() {
        let tower = format!("a{}b", "\u{0301}".repeat(4096));
        assert_eq!(visible(tower.as_bytes()).chars().count(), 1 + MARKS_MAX + 1);
    }
}
