//! The two languages, and texts in both of them.
//!
//! The sentences themselves are where they are used; those of a conversation are in `texts`.

use std::fmt::{Display, Write};
use std::str::FromStr;

/// A language of the texts for people.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Language {
    /// Portuguese, the language of the handout.
    Portuguese,
    /// English.
    #[default]
    English,
}

impl Language {
    /// The language of a locale such as `pt_BR.UTF-8`: English for each that is not Portuguese.
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

/// A text in both languages. A build without the feature `peer`, for small hosts, has only the
/// English one.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    english: &'static str,
    #[cfg(feature = "peer")]
    portuguese: &'static str,
}

/// A value for a place in a text.
pub type FillValue<'a> = &'a dyn Display;

/// A [`Text`], in English and in Portuguese. It does not compile if [`Text::new`] would panic.
macro_rules! text {
    ($english:expr, $portuguese:expr $(,)?) => {
        const { $crate::console::language::Text::new($english, $portuguese) }
    };
}
pub(crate) use text;

impl Text {
    /// A text in English and in Portuguese.
    ///
    /// # Panics
    ///
    /// If one has a `{place}` that the other lacks.
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

    /// The text in this language, with a value in each place `{key}`. Braces within a value stay as
    /// they are.
    #[must_use]
    pub fn fill(self, language: Language, values: &[(&str, FillValue<'_>)]) -> String {
        let mut filled = String::new();
        let mut rest = self.of(language);
        while let Some((before, behind)) = rest.split_once('{') {
            filled.push_str(before);
            let (key, behind) = behind.split_once('}').unwrap_or((behind, ""));
            let value = values.iter().find(|(name, _)| *name == key);
            // An assert only in tests: a sentence that lacks a word must not end a chat.
            debug_assert!(value.is_some(), "every place is filled: {}", self.english);
            if let Some((_, value)) = value {
                let _ = write!(filled, "{value}");
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

/// Whether a text has the place that begins at `at` in the other.
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
    fn a_place_missing_in_one_language_panics() {
        let _ = Text::new("{name} and {name}: {why}", "{name}: {name}");
    }

    #[test]
    #[should_panic(expected = "both have the same places")]
    fn an_extra_place_in_one_language_panics() {
        let _ = Text::new("{name}", "{name}: {why}");
    }

    #[test]
    fn a_text_has_both_languages() {
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
