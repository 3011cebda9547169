//! The report of a check: for people, for graders, for their tools, and as a page to hand out.
//!
//! Text only: what to write it to is the host's business. All that a program under test sent is
//! made harmless here or was before.
//!
//! | file | has |
//! | --- | --- |
//! | [`words`], [`of_server`], [`of_peer`], [`seen`] | the sentences |
//! | [`by_hand`] | what a person is told who runs the program |
//! | [`plain`] | the report for a terminal, and the line of progress |
//! | [`json`], [`junit`], [`html`] | the other forms of it |
//! | [`matrix`] | the tables of a class |

pub mod by_hand;
pub mod html;
pub mod json;
pub mod junit;
pub mod matrix;
pub mod of_peer;
pub mod of_server;
pub mod plain;
pub mod seen;
pub mod words;

use crate::check::notice::Report;
use crate::check::rule::{Finding, Verdict};
use crate::console::language::{Language, text};

use words::{CheckWords, SILENT};

/// A report, and what its reader needs to know beside it.
#[derive(Debug)]
pub struct Told<'a> {
    /// The program under test: its address, or its command.
    pub subject: &'a str,
    /// The findings.
    pub report: &'a Report,
    /// The language of the reader.
    pub language: Language,
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
pub fn words_of(id: &str) -> CheckWords {
    let mut all = of_server::WORDS.iter().chain(of_peer::WORDS);
    let unknown = CheckWords {
        id: "?",
        title: text!("an unknown rule", "regra desconhecida"),
        quote: "",
        place: SILENT,
        advice: text!("", ""),
    };
    all.find(|words| words.id == id).copied().unwrap_or(unknown)
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
