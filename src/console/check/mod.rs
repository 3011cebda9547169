//! The report of a check: for people, for graders, for their tools, and as a page to hand out.
//!
//! Text only: the host chooses where it goes. Text of a program under test was made harmless before
//! it is shown.
//!
//! | file | has |
//! | --- | --- |
//! | [`words`], `of_server`, `of_peer` | the sentences about each rule |
//! | `seen`, `transcript` | the sentences about a fault, and the bytes on the wires |
//! | [`wording`] | the finding on a rule, with all of these in one language |
//! | [`plain`] | the report for a terminal, and the line of progress |
//! | [`json`], [`junit`], [`html`] | the other forms of the report |
//! | `markup` | escapes of XML and HTML |
//! | [`matrix`] | the tables of a class |

pub mod html;
pub mod json;
pub mod junit;
mod markup;
pub mod matrix;
mod of_peer;
mod of_server;
pub mod plain;
mod seen;
mod transcript;
pub mod wording;
pub mod words;

use crate::check::notice::Report;
use crate::check::rule::{Finding, Verdict};
use crate::console::language::Language;
use wording::Wording;
use words::CheckWords;

/// The report about one program, in the language of its reader.
#[derive(Debug)]
pub struct ProgramReport<'a> {
    /// The program under test: its address, or its command.
    pub subject: &'a str,
    /// The findings.
    pub report: &'a Report,
    /// The language of the reader.
    pub language: Language,
}

impl ProgramReport<'_> {
    fn wordings(&self) -> impl Iterator<Item = Wording<'_>> {
        self.report.findings.iter().map(|finding| Wording::of(finding, self.language))
    }
}

/// The mark of a verdict, as people read it.
#[must_use]
pub fn mark(verdict: &Verdict) -> char {
    match verdict {
        Verdict::Held => '✓',
        Verdict::Broken(_) => '✗',
        Verdict::Weak(_) => '⚠',
        Verdict::Untried(_) => '–',
    }
}

/// The same, as a program reads it.
#[must_use]
pub fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Held => "held",
        Verdict::Broken(_) => "broken",
        Verdict::Weak(_) => "weak",
        Verdict::Untried(_) => "untried",
    }
}

/// How many rules there are of each mark: ✓, ✗, ⚠, –.
#[must_use]
pub fn counts(findings: &[Finding]) -> [(char, usize); 4] {
    ['✓', '✗', '⚠', '–'].map(|wanted| {
        let of_it = findings.iter().filter(|finding| mark(&finding.verdict) == wanted);
        (wanted, of_it.count())
    })
}

/// The words of the rule with this name.
#[must_use]
pub fn words_of(id: &str) -> &'static CheckWords {
    let mut all = of_server::WORDS.iter().chain(of_peer::WORDS);
    all.find(|words| words.id == id).expect("each rule has its words")
}

#[cfg(test)]
mod tests {
    use crate::check::{peer, server};

    use super::{of_peer, of_server};

    #[test]
    fn every_rule_has_its_words_and_no_words_are_left_over() {
        let tables = [(server::RULES, of_server::WORDS), (peer::RULES, of_peer::WORDS)];
        for (rules, words) in tables {
            let rules: Vec<_> = rules.iter().map(|rule| rule.id).collect();
            let words: Vec<_> = words.iter().map(|it| it.id).collect();
            assert_eq!(words, rules);
        }
        let of_peers = peer::RULES.iter().map(|rule| rule.id);
        let twice: Vec<_> =
            of_peers.filter(|id| server::RULES.iter().any(|rule| rule.id == *id)).collect();
        assert!(twice.is_empty(), "a rule has a name of its own: {twice:?}");
    }
}
