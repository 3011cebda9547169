//! The report of a check as JUnit XML, which many grading tools read.
//!
//! A broken rule is a failure, one that could not be tried is skipped, and ⚠ passes with a note.
//! Read first: [`super::Told`].

use std::fmt::Write;

use crate::check::notice::Report;
use crate::check::rule::{Finding, Verdict};
use crate::console::language::Language;

use super::plain::{advice, source, transcript};
use super::{Told, seen, words_of};

/// A whole document with a suite for each program.
#[must_use]
pub fn document(all: &[Told<'_>]) -> String {
    let suites: String = all.iter().map(suite).collect();
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n{suites}</testsuites>\n")
}

fn suite(told: &Told<'_>) -> String {
    let Report { findings, elapsed_ms, .. } = told.report;
    let count =
        |is_one: fn(&Verdict) -> bool| findings.iter().filter(|it| is_one(&it.verdict)).count();
    let mut suite = format!(
        "<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" \
         time=\"{:.3}\">\n",
        escaped(told.subject),
        findings.len(),
        count(|it| matches!(it, Verdict::Broken(_))),
        count(|it| matches!(it, Verdict::Untried(_))),
        *elapsed_ms as f64 / 1e3,
    );
    for finding in findings {
        push_case(finding, told.language, &mut suite);
    }
    suite + "</testsuite>\n"
}

fn push_case(finding: &Finding, language: Language, suite: &mut String) {
    let words = words_of(finding.rule);
    let name = format!("{}: {}", finding.rule, words.title.of(language));
    let _ = writeln!(suite, "<testcase classname=\"papo.check\" name=\"{}\">", escaped(&name));
    let seen = finding.verdict.fault().map(|fault| seen::told(fault, language));
    let seen = escaped(&seen.unwrap_or_default());
    let mut lines = vec![source(&words, language)];
    lines.extend(transcript(&finding.transcript, language));
    lines.extend(advice(&words, &finding.verdict, language).map(str::to_string));
    let lines = escaped(&lines.join("\n"));
    let _ = match finding.verdict {
        Verdict::Held => Ok(()),
        Verdict::Broken(_) => {
            writeln!(suite, "<failure message=\"{seen}\">{lines}</failure>")
        }
        Verdict::Untried(_) => writeln!(suite, "<skipped message=\"{seen}\"/>"),
        Verdict::Weak(_) => writeln!(suite, "<system-out>⚠ {seen}\n{lines}</system-out>"),
    };
    suite.push_str("</testcase>\n");
}

/// Text for XML and HTML. Characters that XML does not allow are left out.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push('\n'),
            control if control.is_control() => {}
            '\u{FFFE}' | '\u{FFFF}' => {}
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_strangers_is_no_markup() {
        assert_eq!(escaped("<b a=\"1\">&\u{1b}"), "&lt;b a=&quot;1&quot;&gt;&amp;");
    }
}
