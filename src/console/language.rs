//! The two languages, and texts that stand in both of them side by side.
//!
//! Knows no sentence: those of a conversation are in `words`, those of the command line stand in
//! `cli`, where they are said.

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

/// The same in English and in Portuguese.
///
/// # Panics
///
/// Where one has more `{places}` than the other; in a constant, the program does not compile.
#[must_use]
pub const fn text(english: &'static str, portuguese: &'static str) -> Text {
    assert!(places(english) == places(portuguese), "what is filled in is the same in both");
    Text {
        english,
        #[cfg(feature = "peer")]
        portuguese,
    }
}

/// A text that needs no translation.
#[must_use]
pub const fn same(text: &'static str) -> Text {
    self::text(text, text)
}

const fn places(text: &str) -> usize {
    let (mut count, mut at) = (0, 0);
    while at < text.len() {
        count += (text.as_bytes()[at] == b'{') as usize;
        at += 1;
    }
    count
}

impl Text {
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
}

/// Puts values in the place of `{key}`. A value's own braces are left alone: every place is
/// looked for in the sentence, not in what was filled in.
#[must_use]
pub fn fill(sentence: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    let mut rest = sentence;
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        let (key, behind) = behind.split_once('}').unwrap_or((behind, ""));
        let value = values.iter().find(|(name, _)| *name == key);
        // Tests stop here; nobody's chat ends because a sentence lacks a word.
        debug_assert!(value.is_some(), "every place of a sentence is filled: {sentence}");
        filled.push_str(value.map_or(key, |(_, value)| value));
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "what is filled in is the same in both")]
    fn a_text_that_lacks_a_place_in_one_language_is_none() {
        let _ = text("no such option: {option}", "opção desconhecida");
    }

    #[test]
    fn a_text_is_told_in_the_language_that_is_wanted() {
        assert_eq!(text("yes", "sim").of(Language::English), "yes");
        let portuguese = if cfg!(feature = "peer") { "sim" } else { "yes" };
        assert_eq!(text("yes", "sim").of(Language::Portuguese), portuguese);
    }

    #[test]
    fn places_are_filled_once() {
        let values = [("a", "{b}"), ("b", "x")];
        assert_eq!(fill("{b}: {a}.", &values), "x: {b}.");
        assert_eq!(fill("nothing", &values), "nothing");
    }
}
