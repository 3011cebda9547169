//! A name that has been checked: a [`Name`] keeps all rules, so no other code checks it again.
//!
//! Read next: [`super::request`], which makes names from received bytes.

use std::fmt;

use smol_str::SmolStr;

/// Most bytes of a name. The handout has no bound, and full names have more than 32 letters
/// (`José Roberto Martins Costa Júnior`). Most systems allow a file name of this many bytes.
pub const NAME_BYTES_MAX: usize = 255;

/// A name: 1 to 255 bytes of UTF-8. It has no `:` (the handout), no control character, no invisible
/// character, no blank but U+0020, no blank at either end, and at least one visible base character.
///
/// Names compare byte for byte: `ana` and `Ana` are two people.
///
/// A name of up to 23 bytes is in the value itself, and nearly all names are so short. A lookup in
/// a table of thousands then costs one cache miss and not two. Copies of a longer name share its
/// bytes.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Name(SmolStr);

/// Why a text is no name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NameError {
    /// It is empty, or has only blanks.
    Empty,
    /// It has more than [`NAME_BYTES_MAX`] bytes.
    TooLong,
    /// It has a `:`, which separates names on the wire.
    Colon,
    /// It has a control character or an invisible character.
    Invisible,
    /// It has a blank that is not U+0020.
    OtherBlank,
    /// It has only combining marks, and no letter under them.
    OnlyMarks,
    /// It is not UTF-8, or another program has replaced bad bytes by U+FFFD.
    NotUtf8,
}

impl Name {
    /// Checks `bytes`. Blanks at both ends are cut.
    ///
    /// # Errors
    ///
    /// The rule that is broken.
    pub fn parse(bytes: &[u8]) -> Result<Self, NameError> {
        let text = std::str::from_utf8(bytes).map_err(|_| NameError::NotUtf8)?.trim();
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.contains(':') {
            return Err(NameError::Colon);
        }
        if text.contains(char::REPLACEMENT_CHARACTER) {
            return Err(NameError::NotUtf8);
        }
        if text.chars().any(|it| is_invisible(it) || is_unseen(it)) {
            return Err(NameError::Invisible);
        }
        if text.chars().any(is_other_blank) {
            return Err(NameError::OtherBlank);
        }
        if text.chars().all(|it| is_combining(it) || it == ' ') {
            return Err(NameError::OnlyMarks);
        }
        if text.len() > NAME_BYTES_MAX {
            return Err(NameError::TooLong);
        }
        Ok(Self(text.into()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// Whether a character is invisible or changes how others look: controls (C0, DEL, C1),
/// bidirectional controls, zero-width and other format characters, line separators.
#[must_use]
pub fn is_invisible(character: char) -> bool {
    character.is_control()
        || is_bidi_control(character)
        || matches!(character,
            '\u{00AD}' | '\u{180E}' | '\u{200B}'..='\u{200D}' | '\u{2028}' | '\u{2029}'
            | '\u{2060}'..='\u{2064}' | '\u{206A}'..='\u{206F}' | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// Whether a character is invisible in a name, although text has uses for it: fillers, blanks
/// without that property, variation selectors, and further format characters. With one of them, two
/// different names could look like `Ana`.
#[must_use]
pub fn is_unseen(character: char) -> bool {
    matches!(character,
        '\u{034F}' | '\u{0600}'..='\u{0605}' | '\u{06DD}' | '\u{070F}' | '\u{0890}' | '\u{0891}'
        | '\u{08E2}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180D}' | '\u{180F}' | '\u{2065}' | '\u{2800}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{110BD}'
        | '\u{110CD}' | '\u{13430}'..='\u{1343F}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0080}'..='\u{E0FFF}')
}

/// Whether a character is a blank other than U+0020.
#[must_use]
pub fn is_other_blank(character: char) -> bool {
    character.is_whitespace() && character != ' '
}

/// Whether a character is a combining mark, which is drawn on the letter before it: Unicode's
/// blocks of combining marks, and the marks of Cyrillic, Hebrew and Arabic. A name of marks alone
/// would be drawn on the text before the name.
fn is_combining(character: char) -> bool {
    matches!(character,
        '\u{0300}'..='\u{036F}' | '\u{0483}'..='\u{0489}' | '\u{0591}'..='\u{05BD}'
        | '\u{0610}'..='\u{061A}' | '\u{064B}'..='\u{065F}' | '\u{1AB0}'..='\u{1AFF}'
        | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

/// Whether a character has Unicode's property `Bidi_Control`. These twelve characters change the
/// order of the text after them, so that one text can look like another (CVE-2021-42574).
#[must_use]
pub fn is_bidi_control(character: char) -> bool {
    matches!(character,
        '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_real_people() {
        for name in ["Ana", "flavin do pneu", "João Conceição", "Ωmega", "李雷", "x", "/exit"]
        {
            assert_eq!(Name::parse(name.as_bytes()).expect(name).as_str(), name);
        }
        assert_eq!(Name::parse(b"  Ana\t").expect("trimmed").as_str(), "Ana");
        for whole in ["José Roberto Martins Costa Júnior", &"x".repeat(255), &"é".repeat(127)] {
            assert!(Name::parse(whole.as_bytes()).is_ok(), "{whole}");
        }
    }

    #[test]
    fn invisible_characters_and_other_blanks_are_no_part_of_a_name() {
        let blanks = [
            "\u{3164}",
            "\u{115F}",
            "\u{FFA0}",
            "\u{2800}",
            "A\u{34F}na",
            "Ana\u{FE0F}",
            "Ana\tMaria",
        ];
        for blank in blanks {
            assert_eq!(Name::parse(blank.as_bytes()), Err(NameError::Invisible), "{blank:?}");
        }
        for blank in ["Ana\u{A0}Maria", "Ana\u{2003}Maria"] {
            assert_eq!(Name::parse(blank.as_bytes()), Err(NameError::OtherBlank), "{blank:?}");
        }
    }

    #[test]
    fn texts_that_are_no_names() {
        let long = "é".repeat(128);
        let cases: [(&[u8], NameError); 11] = [
            (b"", NameError::Empty),
            (b"   ", NameError::Empty),
            (b"A:B", NameError::Colon),
            (b"A\x1b[2JB", NameError::Invisible),
            ("A\u{202E}B".as_bytes(), NameError::Invisible),
            ("\u{FEFF}Ana".as_bytes(), NameError::Invisible),
            (b"Jo\xE3o", NameError::NotUtf8),
            ("Jo\u{FFFD}o".as_bytes(), NameError::NotUtf8),
            ("\u{301}\u{302} \u{301}".as_bytes(), NameError::OnlyMarks),
            (&[b'x'; 256], NameError::TooLong),
            (long.as_bytes(), NameError::TooLong),
        ];
        for (bytes, error) in cases {
            assert_eq!(Name::parse(bytes), Err(error), "{bytes:?}");
        }
    }
}
