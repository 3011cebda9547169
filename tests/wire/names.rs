//! The names that are not allowed: invisible ones, control characters, and long ones.

use std::ops::RangeInclusive;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use papo::wire::name::{NAME_BYTES_MAX, Name};

use super::thousands;

/// Characters that a name must not have, by their classes in Unicode.
const INVISIBLE: [RangeInclusive<char>; 36] = [
    '\0'..='\u{1F}',           // C0: ESC moves the cursor, NUL ends a C string
    '\u{7F}'..='\u{9F}',       // DEL and C1: 9B is an ESC of one character
    '\u{AD}'..='\u{AD}',       // soft hyphen
    '\u{61C}'..='\u{61C}',     // bidirectional: Arabic letter mark
    '\u{180E}'..='\u{180E}',   // Mongolian vowel separator
    '\u{200B}'..='\u{200F}',   // zero width, and left-to-right, right-to-left
    '\u{2028}'..='\u{2029}',   // line and paragraph separator
    '\u{202A}'..='\u{202E}',   // bidirectional: embeddings and overrides
    '\u{2060}'..='\u{2064}',   // word joiner, invisible operators
    '\u{2066}'..='\u{2069}',   // bidirectional: isolates
    '\u{206A}'..='\u{206F}',   // deprecated format characters
    '\u{FEFF}'..='\u{FEFF}',   // byte order mark
    '\u{FFF9}'..='\u{FFFB}',   // interlinear annotation
    '\u{E0000}'..='\u{E007F}', // tags
    // Default_Ignorable and similar: invisible, although some texts need them.
    '\u{34F}'..='\u{34F}',     // combining grapheme joiner
    '\u{600}'..='\u{605}',     // Arabic number signs
    '\u{6DD}'..='\u{6DD}',     // Arabic end of ayah
    '\u{70F}'..='\u{70F}',     // Syriac abbreviation mark
    '\u{890}'..='\u{891}',     // Arabic pound and piastre marks
    '\u{8E2}'..='\u{8E2}',     // Arabic disputed end of ayah
    '\u{115F}'..='\u{1160}',   // Hangul fillers
    '\u{17B4}'..='\u{17B5}',   // Khmer inherent vowels
    '\u{180B}'..='\u{180D}',   // Mongolian variation selectors
    '\u{180F}'..='\u{180F}',   // and the fourth
    '\u{2065}'..='\u{2065}',   // unassigned, ignorable
    '\u{2800}'..='\u{2800}',   // Braille blank
    '\u{3164}'..='\u{3164}',   // Hangul filler
    '\u{FE00}'..='\u{FE0F}',   // variation selectors
    '\u{FFA0}'..='\u{FFA0}',   // halfwidth Hangul filler
    '\u{FFF0}'..='\u{FFF8}',   // unassigned, ignorable
    '\u{110BD}'..='\u{110BD}', // Kaithi number sign
    '\u{110CD}'..='\u{110CD}', // Kaithi number sign above
    '\u{13430}'..='\u{1343F}', // Egyptian hieroglyph format controls
    '\u{1BCA0}'..='\u{1BCA3}', // shorthand format controls
    '\u{1D173}'..='\u{1D17A}', // musical symbol beams
    '\u{E0080}'..='\u{E0FFF}', // more variation selectors
];

fn is_forbidden(character: char) -> bool {
    character == ':' || INVISIBLE.iter().any(|range| range.contains(&character))
}

fn keeps_the_rules(name: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&name.len())
        && name.trim() == name
        && name.chars().all(|it| it == ' ' || !it.is_whitespace())
        && !name.contains('\u{FFFD}')
        && !name.chars().any(is_forbidden)
}

fn invisible() -> impl Strategy<Value = char> {
    select(INVISIBLE.into_iter().flatten().collect::<Vec<_>>())
}

/// Letters, with a forbidden or any other character among them sometimes.
fn doubtful_name() -> impl Strategy<Value = String> {
    let letter = select("aAzZéñΩ李😀 \u{3000}".chars().collect::<Vec<_>>());
    let character = prop_oneof![40 => letter, 1 => Just(':'), 1 => invisible(), 1 => any::<char>()];
    vec(character, 0..140).prop_map(String::from_iter)
}

proptest! {
    #![proptest_config(thousands())]

    #[test]
    fn a_name_that_is_accepted_keeps_the_rules(text in doubtful_name()) {
        if let Ok(name) = Name::parse(text.as_bytes()) {
            prop_assert!(keeps_the_rules(name.as_str()), "{:?}", name);
            prop_assert_eq!(name.as_str(), text.trim());
            prop_assert_eq!(Name::parse(name.as_bytes()), Ok(name), "twice checked is the same");
        }
    }

    #[test]
    fn a_name_with_one_forbidden_character_is_refused(
        before in "[a-z]{1,8}",
        forbidden in invisible(),
        after in "[a-z]{1,8}",
    ) {
        let text = format!("{before}{forbidden}{after}");
        prop_assert!(Name::parse(text.as_bytes()).is_err(), "{:?}", text);
    }

    #[test]
    fn letters_digits_and_inner_blanks_make_a_name(text in "[A-Za-zÀ-ÖØ-öø-ÿ0-9 ]{1,32}") {
        prop_assert_eq!(Name::parse(text.as_bytes()).is_ok(), !text.trim().is_empty());
    }
}
