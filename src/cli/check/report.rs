//! Writes the report of a check in the forms that were asked for.
//!
//! Read next: [`crate::console::check`], which words it.

use std::fs;
use std::path::Path;

use crate::check::STATUS_BROKEN;
use crate::check::notice::Report;
use crate::check::rule::{Fault, Finding, Seen, Verdict};
use crate::cli::arguments::options::Choices;
use crate::cli::{Failure, STATUS_OK, print};
use crate::console::check::{ProgramReport, html, json, junit, matrix, plain};
use crate::console::language::{Language, Text, text};

/// Writes all reports, and returns the status to end with.
pub(super) fn write(
    reports: &[(String, Report)],
    language: Language,
    matches: &Choices,
) -> Result<u8, Failure> {
    let worded = write_files(reports, language, matches)?;
    let (is_json, all) = (matches.is_on("json")?, matches.is_on("verbose")?);
    for one in &worded {
        print(&if is_json { json::report(one) } else { text(one, all) })?;
    }
    Ok(status(reports))
}

/// The report for a person. Of a check that was interrupted it has only what is decided.
fn text(whole: &ProgramReport<'_>, all: bool) -> String {
    const UNDECIDED: Text = text!(
        "The check was interrupted: {undecided} of {total} rules are not decided.\n",
        "A verificação foi interrompida: {undecided} de {total} regras não foram decididas.\n",
    );
    let ProgramReport { subject, report, language } = *whole;
    let undecided = report.findings.iter().filter(|finding| is_undecided(finding)).count();
    if undecided == 0 {
        return plain::report(whole, all);
    }
    let total = report.findings.len();
    let mut decided = report.clone();
    decided.findings.retain(|finding| !is_undecided(finding));
    let sentence = UNDECIDED.fill(language, &[("undecided", &undecided), ("total", &total)]);
    plain::report(&ProgramReport { subject, report: &decided, language }, all) + &sentence
}

/// Whether the check was interrupted before it decided this rule.
fn is_undecided(finding: &Finding) -> bool {
    finding.verdict.fault().is_some_and(|fault| fault.seen == Seen::Interrupted)
}

/// The same for a class: a row for each program, or a line of JSON.
pub(super) fn write_class(
    reports: &[(String, Report)],
    language: Language,
    matches: &Choices,
) -> Result<u8, Failure> {
    if matches.is_on("json")? || matches.is_on("verbose")? {
        return write(reports, language, matches);
    }
    let worded = write_files(reports, language, matches)?;
    print(&matrix::class(&worded))?;
    Ok(status(reports))
}

fn write_files<'a>(
    reports: &'a [(String, Report)],
    language: Language,
    matches: &Choices,
) -> Result<Vec<ProgramReport<'a>>, Failure> {
    let worded: Vec<_> = reports
        .iter()
        .map(|(subject, report)| ProgramReport { subject, report, language })
        .collect();
    if let Some(path) = matches.opt_str("junit") {
        write_file(&path, &junit::document(&worded))?;
    }
    if let Some(path) = matches.opt_str("html") {
        write_file(&path, &html::document(&worded))?;
    }
    Ok(worded)
}

/// The fault of all rules, if none of them had a connection.
pub(super) fn unreachable(report: &Report) -> Option<&Fault> {
    let mut faults = report.findings.iter().map(|finding| finding.verdict.fault());
    let is_it = |fault: &Option<&Fault>| fault.is_some_and(|it| it.seen == Seen::NoConnection);
    let first = faults.clone().find(is_it)?;
    faults.all(|fault| fault.is_some()).then_some(first?)
}

/// 0 only where each rule is decided, none is broken, and some were tried.
pub(super) fn status(reports: &[(String, Report)]) -> u8 {
    let is_good = |report: &Report| {
        if report.findings.iter().any(is_undecided) {
            return false;
        }
        let mut verdicts = report.findings.iter().map(|finding| &finding.verdict);
        let is_broken = verdicts.clone().any(|it| matches!(it, Verdict::Broken(_)));
        !is_broken && verdicts.any(|it| !matches!(it, Verdict::Untried(_)))
    };
    if reports.iter().all(|(_, report)| is_good(report)) { STATUS_OK } else { STATUS_BROKEN }
}

fn write_file(path: &str, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|error| Failure::write(Path::new(path), error))
}
