//! The two languages, and texts that stand in both of them side by side.
//!
//! Knows no sentence: each stands where it is said, those of a conversation in `texts`.

use std::fmt::Display;
use std::str::FromStr;

/// A language that people are spoken to in.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Language {
    /// Portuguese, the handout's.
    Portuguese,
    /// English.
    #[default]
    English,
}

impl Language {
    /// The language of a locale such as `pt_BR.UTF-8`; English for all that is not Portuguese.
    #[must_use]
    pub fn of_locale(locale: &str) -> Self {
        if locale.to_ascii_lowercase().starts_with("pt") { Self::Portuguese } else { Self::English }
    }
}

impl FromStr for Language {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "pt" => Ok(Self::Portuguese),
            "en" => Ok(Self::English),
            _ => Err(()),
        }
    }
}

/// A text in both languages. A server alone, built for small hosts, has only the English one:
/// without the feature `peer` the other is not compiled in.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    english: &'static str,
    #[cfg(feature = "peer")]
    portuguese: &'static str,
}

/// A [`Text`]: the same in English and in Portuguese. One that is wrong does not compile.
macro_rules! text {
    ($english:expr, $portuguese:expr $(,)?) => {
        const { $crate::console::language::Text::new($english, $portuguese) }
    };
}
pub(crate) use text;

impl Text {
    /// The same in English and in Portuguese.
    ///
    /// # Panics
    ///
    /// Where one has a `{place}` that the other has not.
    #[must_use]
    pub const fn new(english: &'static str, portuguese: &'static str) -> Self {
        let (en, pt) = (english.as_bytes(), portuguese.as_bytes());
        assert!(has_places_of(en, pt) && has_places_of(pt, en), "both have the same places");
        Self {
            english,
            #[cfg(feature = "peer")]
            portuguese,
        }
    }

    /// The text in this language.
    #[must_use]
    pub const fn of(self, language: Language) -> &'static str {
        match language {
            #[cfg(feature = "peer")]
            Language::Portuguese => self.portuguese,
            #[cfg(not(feature = "peer"))]
            Language::Portuguese => self.english,
            Language::English => self.english,
        }
    }

    /// The text in this language, with values in the place of `{key}`. A value's own braces are
    /// left alone: every place is looked for in the text, not in what was filled in.
    #[must_use]
    pub fn fill(self, language: Language, values: &[(&str, &dyn Display)]) -> String {
        let mut filled = String::new();
        let mut rest = self.of(language);
        while let Some((before, behind)) = rest.split_once('{') {
            filled.push_str(before);
            let (key, behind) = behind.split_once('}').unwrap_or((behind, ""));
            match values.iter().find(|(name, _)| *name == key) {
                Some((_, value)) => filled.push_str(&value.to_string()),
                // Tests stop here; nobody's chat ends because a sentence lacks a word.
                None => debug_assert!(false, "every place is filled: {}", self.english),
            }
            rest = behind;
        }
        filled + rest
    }
}

/// Whether a text has each `{place}` of another.
const fn has_places_of(text: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < other.len() {
        if other[at] == b'{' && !has_place(text, other, at) {
            return false;
        }
        at += 1;
    }
    true
}

/// Whether a text has the place that begins at `at` in another.
const fn has_place(text: &[u8], other: &[u8], at: usize) -> bool {
    let mut start = 0;
    while start < text.len() {
        let mut length = 0;
        while start + length < text.len()
            && at + length < other.len()
            && text[start + length] == other[at + length]
        {
            if other[at + length] == b'}' {
                return true;
            }
            length += 1;
        }
        start += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "both have the same places")]
    fn a_text_that_lacks_a_place_in_one_language_is_none() {
        let _ = Text::new("{name} and {name}: {why}", "{name}: {name}");
    }

    #[test]
    #[should_panic(expected = "both have the same places")]
    fn nor_is_one_with_a_place_too_many() {
        let _ = Text::new("{name}", "{name}: {why}");
    }

    #[test]
    fn a_text_is_told_in_the_language_that_is_wanted() {
        assert_eq!(text!("yes", "sim").of(Language::English), "yes");
        let portuguese = if cfg!(feature = "peer") { "sim" } else { "yes" };
        assert_eq!(text!("yes", "sim").of(Language::Portuguese), portuguese);
    }

    #[test]
    fn places_are_filled_once() {
        let text = text!("{b}: {a}.", "{a}; {b}");
        assert_eq!(text.fill(Language::English, &[("a", &"{b}"), ("b", &7)]), "7: {b}.");
        assert_eq!(text!("nothing", "nada").fill(Language::English, &[]), "nothing");
    }
}
