//! Text of strangers, made harmless before it reaches a screen.
//!
//! A terminal executes control sequences: `ESC ]` sets its title, `ESC [` moves the cursor over
//! other text, U+202E reverses a sentence. This file replaces them with visible characters. Logs
//! escape them in another way: see [`crate::wire::escape`].

use unicode_width::UnicodeWidthChar;

use crate::wire::name::{is_invisible, is_other_blank, is_unseen};

/// Most combining marks on one letter; the others are left out. No language needs more, and many
/// marks cover the lines above (and have crashed terminals: CVE-2021-26937).
pub const MARKS_MAX: usize = 8;

/// Zero-width joiner and non-joiner. They stay, because family emoji and Persian words need them,
/// and they move no cursor.
const JOINERS: [char; 2] = ['\u{200C}', '\u{200D}'];

/// The blanks for a tab. A tab itself would jump to a column that the view does not know.
const TAB: &str = "    ";

/// The text of `bytes`, with control characters as `^[`, invisible characters as `<U+202E>`, and
/// bytes that are no UTF-8 as U+FFFD.
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

/// The same for a line that is quoted because something is wrong in it: no two blanks look alike.
#[must_use]
pub fn visible_quote(bytes: &[u8]) -> String {
    let mut shown = String::new();
    for character in visible(bytes).chars() {
        if is_other_blank(character) || is_unseen(character) {
            shown.push_str(&number(character));
        } else {
            shown.push(character);
        }
    }
    shown
}

/// The same for a name, which is shown in front of its person's text. The marks of our own lines
/// become numbers as well, so that no name can imitate such a line.
///
/// ```text
/// -- Connected to Bruno          ours
/// <U+002D>- Connected to: oi     text of a person with the name `-- Connected to`
/// ```
#[must_use]
pub fn visible_name(name: &str) -> String {
    let name = visible(name.as_bytes());
    let mut shown = String::with_capacity(name.len());
    for (place, character) in name.char_indices() {
        let begins_like_ours = place == 0 && matches!(character, '-' | '*' | '>' | '[');
        if begins_like_ours || LOOK_ALIKES.contains(&character) {
            shown.push_str(&number(character));
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Characters that look like the colon after a name, or like the arrow between two names.
const LOOK_ALIKES: [char; 9] = [
    '\u{02D0}', '\u{0589}', '\u{05C3}', '\u{2192}', '\u{2236}', '\u{A789}', '\u{FE13}', '\u{FE55}',
    '\u{FF1A}',
];

/// Why a person may mistake a name for a different one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Likeness {
    /// It has letters of more than one alphabet, such as `Вruno` with a Cyrillic first letter.
    MixedAlphabets,
    /// It has an accent apart from its letter, or a sign that looks like a letter: `José` with `e`
    /// and U+0301, where keyboards type one character for both.
    UnusualAccents,
}

/// Whether a person may mistake a name for a different one. `docs/PROTOCOL.md` has the limits of
/// this.
#[must_use]
pub fn likeness(name: &str) -> Option<Likeness> {
    let mut alphabets = name.chars().filter_map(alphabet);
    let first = alphabets.next();
    if alphabets.any(|alphabet| Some(alphabet) != first) {
        return Some(Likeness::MixedAlphabets);
    }
    let before = std::iter::once(None).chain(name.chars().map(Some));
    let is_unusual = |(before, it): (Option<char>, char)| is_apart(before, it) || is_double(it);
    before.zip(name.chars()).any(is_unusual).then_some(Likeness::UnusualAccents)
}

/// Whether this mark belongs to the character before it, and Unicode's composed form (NFC) most
/// likely has one character for both: an accent of the three European alphabets, a part of a Korean
/// syllable, a Japanese voicing mark.
fn is_apart(before: Option<char>, mark: char) -> bool {
    match mark {
        '\u{0300}'..='\u{036F}' => matches!(
            before.and_then(alphabet),
            Some(Alphabet::Latin | Alphabet::Greek | Alphabet::Cyrillic)
        ),
        '\u{1161}'..='\u{11FF}' | '\u{3099}' | '\u{309A}' => before.is_some(),
        _ => false,
    }
}

/// Whether Unicode has this character only for compatibility with older codes, beside another one
/// for the same letter: the signs for ohm, kelvin and ångström, duplicate Chinese characters,
/// Hebrew letters with their points.
fn is_double(character: char) -> bool {
    matches!(character,
        '\u{1F71}' | '\u{1F73}' | '\u{1F75}' | '\u{1F77}' | '\u{1F79}' | '\u{1F7B}' | '\u{1F7D}'
        | '\u{2126}' | '\u{212A}' | '\u{212B}' | '\u{F900}'..='\u{FAFF}' | '\u{FB1D}'..='\u{FB4F}'
        | '\u{2F800}'..='\u{2FA1F}')
}

/// The alphabets whose letters may be mistaken for each other's.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Alphabet {
    Latin,
    Greek,
    Cyrillic,
    /// Any other alphabet. Two of these are rare in one name, and do not look alike.
    Other,
}

/// The alphabet of a character. Chinese, Japanese and Korean characters have none: they look like
/// no letter, and people mix them with letters in one name (as in UTS 39, "highly restrictive").
fn alphabet(character: char) -> Option<Alphabet> {
    match character {
        // They are shown as numbers.
        it if LOOK_ALIKES.contains(&it) => None,
        // They look like `a` and `g`, and real names do not have them.
        '\u{0251}' | '\u{0261}' => Some(Alphabet::Other),
        'A'..='Z'
        | 'a'..='z'
        | '\u{00AA}'
        | '\u{00BA}'
        | '\u{00C0}'..='\u{02FF}'
        | '\u{212A}'
        | '\u{212B}'
        | '\u{1E00}'..='\u{1EFF}'
        | '\u{FF21}'..='\u{FF3A}'
        | '\u{FF41}'..='\u{FF5A}' => Some(Alphabet::Latin),
        '\u{0370}'..='\u{03FF}' | '\u{1F00}'..='\u{1FFF}' | '\u{2126}' => Some(Alphabet::Greek),
        '\u{0400}'..='\u{052F}' | '\u{1C80}'..='\u{1C8F}' | '\u{A640}'..='\u{A69F}' => {
            Some(Alphabet::Cyrillic)
        }
        // Korean: parts of syllables, also old ones.
        '\u{1100}'..='\u{11FF}' | '\u{A960}'..='\u{A97F}' => None,
        // By blocks, because a table of all letters would be larger. Between these blocks are
        // punctuation, arrows, pictures, and Chinese, Japanese and Korean.
        '\u{0530}'..='\u{1FFF}'
        | '\u{2100}'..='\u{218F}'
        | '\u{2C00}'..='\u{2DFF}'
        | '\u{A4D0}'..='\u{ABFF}'
        | '\u{FB00}'..='\u{FDFF}'
        | '\u{FE70}'..='\u{FEFE}'
        | '\u{10000}'..='\u{16FFF}'
        | '\u{1BC00}'..='\u{1BCFF}'
        | '\u{1D400}'..='\u{1D7FF}'
        | '\u{1DF00}'..='\u{1EFFF}' => Some(Alphabet::Other),
        _ => None,
    }
}

fn is_mark(character: char) -> bool {
    character.width() == Some(0)
}

/// `<U+202E>`
fn number(character: char) -> String {
    format!("<U+{:04X}>", u32::from(character))
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
            shown.push_str(&number(invisible));
        }
        other => shown.push(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_become_visible() {
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
    fn no_two_blanks_of_a_quote_look_alike() {
        assert_eq!(visible_quote("a b\u{A0}c\u{3164}".as_bytes()), "a b<U+00A0>c<U+3164>");
    }

    #[test]
    fn no_name_imitates_a_line_of_ours() {
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
    fn mixed_alphabets_are_reported() {
        let usual = [
            "Bruno",
            "José da Silva",
            "Nguyễn Thị Ánh",
            "Борис",
            "Ωμέγα",
            "李雷 2",
            "Bruno 李",
            "さくら カナ",
            "김민수",
            "דוד",
            "محمد",
            "देवी",
            "தமிழ்",
            "Kɔfi",
            "Maria 1ª",
        ];
        for name in usual {
            assert_eq!(likeness(name), None, "{name}");
        }
        let mixed = ["\u{0412}runo", "Ωmega", "Αnа", "Br\u{03C5}no", "Br\u{05D5}no", "\u{0570}ugo"];
        for name in mixed.into_iter().chain(["An\u{0251}", "\u{13AA}na", "\u{FB01}lipe"]) {
            assert_eq!(likeness(name), Some(Likeness::MixedAlphabets), "{name}");
        }
    }

    /// H: the name has other bytes and looks the same.
    #[test]
    fn an_accent_apart_from_its_letter_is_reported() {
        let apart = [
            "Jose\u{0301}",
            "И\u{0306}ван",
            "\u{1F71}ννα",
            "\u{1112}\u{1161}\u{11AB}",
            "カ\u{3099}",
            "\u{212B}se",
            "\u{F900}",
        ];
        for name in apart {
            assert_eq!(likeness(name), Some(Likeness::UnusualAccents), "{name}");
        }
    }

    #[test]
    fn a_letter_keeps_at_most_eight_marks() {
        let tower = format!("a{}b", "\u{0301}".repeat(4096));
        assert_eq!(visible(tower.as_bytes()).chars().count(), 1 + MARKS_MAX + 1);
    }
}
