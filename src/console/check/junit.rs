//! The report of a check as JUnit XML, which many grading tools read.
//!
//! A broken rule is a failure, one that could not be tried is skipped, and ⚠ passes with a note.
//! Read first: [`super::ProgramReport`].

use std::fmt::Write;

use super::markup::escaped;
use super::wording::Wording;
use super::{ProgramReport, counts};
use crate::check::notice::Report;
use crate::check::rule::Verdict;

/// A whole document with a suite for each program.
#[must_use]
pub fn document(all: &[ProgramReport<'_>]) -> String {
    let suites: String = all.iter().map(suite).collect();
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n{suites}</testsuites>\n")
}

fn suite(of: &ProgramReport<'_>) -> String {
    let Report { findings, elapsed_ms, .. } = of.report;
    let [_, broken, _, untried] = counts(findings).map(|(_, count)| count);
    let mut suite = format!(
        "<testsuite name=\"{}\" tests=\"{}\" failures=\"{broken}\" errors=\"0\" \
         skipped=\"{untried}\" time=\"{:.3}\">\n",
        escaped(of.subject),
        findings.len(),
        *elapsed_ms as f64 / 1e3,
    );
    for wording in of.wordings() {
        push_case(&wording, &mut suite);
    }
    suite + "</testsuite>\n"
}

fn push_case(wording: &Wording<'_>, suite: &mut String) {
    let Wording { id, verdict, title, seen, advice, wire, .. } = wording;
    let name = escaped(&format!("{id}: {title}"));
    let _ = writeln!(suite, "<testcase classname=\"papo.check\" name=\"{name}\">");
    let seen = escaped(seen.as_deref().unwrap_or_default());
    let mut lines = vec![wording.source()];
    lines.extend(wire.iter().cloned());
    lines.extend(advice.map(str::to_string));
    let lines = escaped(&lines.join("\n"));
    let _ = match verdict {
        Verdict::Held => Ok(()),
        Verdict::Broken(_) => writeln!(suite, "<failure message=\"{seen}\">{lines}</failure>"),
        Verdict::Untried(_) => writeln!(suite, "<skipped message=\"{seen}\"/>"),
        Verdict::Weak(_) => writeln!(suite, "<system-out>⚠ {seen}\n{lines}</system-out>"),
    };
    suite.push_str("</testcase>\n");
}
