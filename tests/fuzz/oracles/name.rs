//! A name follows the rules of `docs/PROTOCOL.md`, by a table of Unicode and not the program's own.

use papo::wire::name::{NAME_BYTES_MAX, Name};

/// Unicode's categories Cc, Cf, Zl and Zp: controls, formats, separators of lines.
const FORBIDDEN: [(u32, u32); 23] = [
    (0x00, 0x1F),
    (0x7F, 0x9F),
    (0xAD, 0xAD),
    (0x600, 0x605),
    (0x61C, 0x61C),
    (0x6DD, 0x6DD),
    (0x70F, 0x70F),
    (0x890, 0x891),
    (0x8E2, 0x8E2),
    (0x180E, 0x180E),
    (0x200B, 0x200F),
    (0x2028, 0x202E),
    (0x2060, 0x2064),
    (0x2066, 0x206F),
    (0xFEFF, 0xFEFF),
    (0xFFF9, 0xFFFB),
    (0x110BD, 0x110BD),
    (0x110CD, 0x110CD),
    (0x13430, 0x1343F),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0001, 0xE0001),
    (0xE0020, 0xE007F),
];

/// Unicode's property Default_Ignorable_Code_Point, without the categories above, and the Braille
/// pattern without dots.
const UNSEEN: [(u32, u32); 12] = [
    (0x34F, 0x34F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180D),
    (0x180F, 0x180F),
    (0x2065, 0x2065),
    (0x2800, 0x2800),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0xE0000, 0xE0FFF),
];

/// Unicode's property White_Space.
const BLANKS: [(u32, u32); 10] = [
    (0x09, 0x0D),
    (0x20, 0x20),
    (0x85, 0x85),
    (0xA0, 0xA0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x3000, 0x3000),
];

/// Unicode's combining marks: the blocks with this name, and the first ones of three alphabets.
const MARKS: [(u32, u32); 9] = [
    (0x300, 0x36F),
    (0x483, 0x489),
    (0x591, 0x5BD),
    (0x610, 0x61A),
    (0x64B, 0x65F),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0xFE20, 0xFE2F),
];

pub fn check(bytes: &[u8]) {
    let expected = reference(bytes);
    let name = Name::parse(bytes).ok();
    assert_eq!(name.as_ref().map(Name::as_str), expected.as_deref(), "{}", bytes.escape_ascii());
    let Some(name) = name else { return };
    assert_eq!(Name::parse(name.as_bytes()).as_ref(), Ok(&name), "a name is one again");
    assert_eq!(name.to_string(), name.as_str());
}

/// The name of these bytes, if they are one.
pub fn reference(bytes: &[u8]) -> Option<String> {
    let name = trim(std::str::from_utf8(bytes).ok()?);
    let is_bad = |letter: char| letter == ':' || is_forbidden(letter) || is_in(letter, &UNSEEN);
    let is_bad = |letter: char| is_bad(letter) || letter == '\u{FFFD}' || is_odd_blank(letter);
    let has_base = name.chars().any(|letter| letter != ' ' && !is_in(letter, &MARKS));
    let fits = name.len() <= NAME_BYTES_MAX && has_base;
    (fits && !name.is_empty() && !name.chars().any(is_bad)).then(|| name.to_string())
}

fn is_odd_blank(letter: char) -> bool {
    letter != ' ' && is_in(letter, &BLANKS)
}

/// Without the white space at both ends.
pub fn trim(text: &str) -> &str {
    let is_blank = |&letter: &char| is_in(letter, &BLANKS);
    let start: usize = text.chars().take_while(is_blank).map(char::len_utf8).sum();
    let end: usize = text[start..].chars().rev().take_while(is_blank).map(char::len_utf8).sum();
    &text[start..text.len() - end]
}

pub fn is_forbidden(letter: char) -> bool {
    is_in(letter, &FORBIDDEN)
}

fn is_in(letter: char, ranges: &[(u32, u32)]) -> bool {
    ranges.iter().any(|&(first, last)| (first..=last).contains(&u32::from(letter)))
}
