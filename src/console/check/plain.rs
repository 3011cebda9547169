//! The report of a check for a terminal.
//!
//! Read first: [`super::ProgramReport`].

use std::fmt::Write;

use super::transcript::LEFT_OUT;
use super::wording::Wording;
use super::{ProgramReport, counts, mark, words_of};
use crate::check::rule::harmless;
use crate::console::language::{Language, Text, text};
use crate::wire::reply::Edition;

/// Columns of a rule's name, in front of its title.
const COLUMN: usize = 18;

/// Lines of a long transcript that are shown, from its beginning and from its end. The other forms
/// of the report have all lines.
const FIRST_LINES: usize = 8;
const LAST_LINES: usize = 6;

const HANDOUT: Text = text!("handout", "enunciado");
const SEEN: Text = text!("seen", "visto");
const ADVICE: Text = text!("advice", "conselho");

/// The whole report. `all`: also the details of the rules that hold.
#[must_use]
pub fn report(of: &ProgramReport<'_>, all: bool) -> String {
    let mut shown = head(of) + "\n\n";
    for wording in of.wordings() {
        push_rule(&wording, of.language, all, &mut shown);
    }
    shown + "\n" + &summary(of) + "\n"
}

/// The beginning and the end of a long transcript.
fn shortened(mut lines: Vec<String>, language: Language) -> Vec<String> {
    if lines.len() > FIRST_LINES + LAST_LINES + 1 {
        let end = lines.len() - LAST_LINES;
        let count = end - FIRST_LINES;
        let gap = LEFT_OUT.fill(language, &[("count", &count)]);
        lines.splice(FIRST_LINES..end, [format!("         {gap}")]);
    }
    lines
}

/// The head of a report: the program, the time, and the edition that was seen.
#[must_use]
pub fn head(of: &ProgramReport<'_>) -> String {
    const HEAD: Text = text!(
        "papo check {subject}: {seconds} s, {edition}",
        "papo check {subject}: {seconds} s, {edition}",
    );
    const NO_EDITION: Text =
        text!("no sign of the handout's edition", "sem sinal da edição do enunciado");
    const EDITION: Text = text!("edition {year} of the handout", "edição {year} do enunciado");
    let year = of.report.edition.map(year);
    let edition = match year {
        Some(year) => EDITION.fill(of.language, &[("year", &year)]),
        None => NO_EDITION.of(of.language).to_string(),
    };
    let seconds = format!("{:.1}", of.report.elapsed_ms as f64 / 1e3);
    let subject = harmless(of.subject.as_bytes());
    HEAD.fill(of.language, &[("subject", &subject), ("seconds", &seconds), ("edition", &edition)])
}

/// The year of an edition.
#[must_use]
pub fn year(edition: Edition) -> &'static str {
    match edition {
        Edition::Of2024 => "2024",
        Edition::Of2026 => "2026",
    }
}

/// How many rules hold, and how many do not.
#[must_use]
pub fn summary(of: &ProgramReport<'_>) -> String {
    const SUMMARY: Text = text!(
        "{held} ✓ held   {broken} ✗ broken   {weak} ⚠ may break with others   {untried} – not \
         tried",
        "{held} ✓ cumpridas   {broken} ✗ quebradas   {weak} ⚠ podem falhar com outros   \
         {untried} – não testadas",
    );
    let [held, broken, weak, untried] = counts(&of.report.findings).map(|(_, count)| count);
    SUMMARY.fill(
        of.language,
        &[("held", &held), ("broken", &broken), ("weak", &weak), ("untried", &untried)],
    )
}

/// The progress of a check, in one line.
#[must_use]
pub fn progress(done: usize, total: usize, rule: &str, language: Language) -> String {
    const PROGRESS: Text = text!(
        "{done} of {total} rules decided; trying: {title}",
        "{done} de {total} regras decididas; testando: {title}",
    );
    let title = words_of(rule).title.of(language);
    PROGRESS.fill(language, &[("done", &done), ("total", &total), ("title", &title)])
}

fn push_rule(wording: &Wording<'_>, language: Language, all: bool, shown: &mut String) {
    let Wording { id, verdict, title, seen, advice, wire, .. } = wording;
    let _ = writeln!(shown, "{} {}", mark(verdict), line(id, title));
    if seen.is_none() && !all {
        return;
    }
    let _ = writeln!(shown, "    {}: {}", HANDOUT.of(language), wording.source());
    for line in shortened(wire.clone(), language) {
        let _ = writeln!(shown, "      {line}");
    }
    if let Some(seen) = seen {
        let _ = writeln!(shown, "    {}: {seen}", SEEN.of(language));
    }
    if let Some(advice) = advice {
        let _ = writeln!(shown, "    {}: {advice}", ADVICE.of(language));
    }
}

/// The name and the title of a rule, in columns.
#[must_use]
pub fn line(id: &str, title: &str) -> String {
    format!("{id:<COLUMN$} {title}")
}
