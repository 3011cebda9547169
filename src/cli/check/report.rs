//! Writes the report of a check in the forms that were asked for.
//!
//! Read next: [`crate::console::check`], which words it.

use std::fs;
use std::path::Path;

use crate::check::STATUS_BROKEN;
use crate::check::notice::Report;
use crate::check::rule::{Fault, Seen, Verdict};
use crate::cli::arguments::options::Choices;
use crate::cli::{Failure, STATUS_OK, print};
use crate::console::check::{ProgramReport, html, json, junit, matrix, plain};
use crate::console::language::Language;

/// Writes all reports, and returns the status to end with.
pub(super) fn write(
    reports: &[(String, Report)],
    language: Language,
    matches: &Choices,
) -> Result<u8, Failure> {
    let worded = write_files(reports, language, matches)?;
    let (is_json, all) = (matches.is_on("json")?, matches.is_on("verbose")?);
    for one in &worded {
        print(&if is_json { json::report(one) } else { plain::report(one, all) })?;
    }
    Ok(status(reports))
}

/// The same of a class: a row for each program, or a line of JSON.
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

/// The fault of all rules, where there was no connection for any of them.
pub(super) fn unreachable(report: &Report) -> Option<&Fault> {
    let mut faults = report.findings.iter().map(|finding| finding.verdict.fault());
    let is_it = |fault: &Option<&Fault>| fault.is_some_and(|it| it.seen == Seen::NoConnection);
    let first = faults.clone().find(is_it)?;
    faults.all(|fault| fault.is_some()).then_some(first?)
}

/// 0 only where no rule is broken, and something was tried at all.
pub(super) fn status(reports: &[(String, Report)]) -> u8 {
    let is_good = |report: &Report| {
        let mut verdicts = report.findings.iter().map(|finding| &finding.verdict);
        let is_broken = verdicts.clone().any(|it| matches!(it, Verdict::Broken(_)));
        !is_broken && verdicts.any(|it| !matches!(it, Verdict::Untried(_)))
    };
    if reports.iter().all(|(_, report)| is_good(report)) { STATUS_OK } else { STATUS_BROKEN }
}

fn write_file(path: &str, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|error| Failure::write(Path::new(path), error))
}
