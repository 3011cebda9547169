//! The finding on one rule in the words of its reader. Each form of the report lays these out.
//!
//! Read next: [`super::words`] and [`super::seen`], where the words are.

use super::words::CheckWords;
use super::{seen, transcript, words_of};
use crate::check::rule::{Finding, Verdict};
use crate::console::language::Language;

/// A finding in one language.
#[derive(Debug)]
pub struct Wording<'a> {
    /// The name of the rule.
    pub id: &'static str,
    /// The verdict on it.
    pub verdict: &'a Verdict,
    /// The rule in a few words.
    pub title: &'static str,
    /// The handout's sentence, shortened. Empty: the handout is silent.
    pub quote: &'static str,
    /// Where that sentence is.
    pub place: &'static str,
    /// The fault, if there is one.
    pub seen: Option<String>,
    /// The place in the program to look at first, if the rule does not hold.
    pub advice: Option<&'static str>,
    /// The transcript, line by line.
    pub wire: Vec<String>,
}

impl<'a> Wording<'a> {
    pub(super) fn of(finding: &'a Finding, language: Language) -> Self {
        let words = words_of(finding.rule);
        Self {
            id: finding.rule,
            verdict: &finding.verdict,
            title: words.title.of(language),
            quote: words.quote,
            place: words.place.of(language),
            seen: finding.verdict.fault().map(|fault| seen::in_words(fault, language)),
            advice: advice(words, &finding.verdict, language),
            wire: transcript::lines(&finding.transcript, language),
        }
    }

    /// The handout's sentence, and where it is.
    #[must_use]
    pub fn source(&self) -> String {
        source(self.quote, self.place)
    }
}

/// The handout's sentence, and where it is.
#[must_use]
pub fn source(quote: &str, place: &str) -> String {
    if quote.is_empty() { place.to_string() } else { format!("“{quote}” ({place})") }
}

/// Advice for a rule that does not hold. For some faults there is better advice than the rule's.
fn advice(words: &CheckWords, verdict: &Verdict, language: Language) -> Option<&'static str> {
    let (Verdict::Broken(fault) | Verdict::Weak(fault)) = verdict else { return None };
    Some(seen::advice(fault.seen).unwrap_or(words.advice).of(language))
}
