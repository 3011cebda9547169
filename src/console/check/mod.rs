//! What a check tells, for people, for graders, for their tools, and as a page to hand out.
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
use crate::console::language::Language;

/// A report, and what its reader needs to know beside it.
#[derive(Debug)]
pub struct Told<'a> {
    /// The program under test: its address, or its command.
    pub subject: &'a str,
    /// What was found.
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
