//! The tables of a class: each program with each other, and one row for each program.
//!
//! Read next: [`super::plain`].

use std::fmt::Write;

use crate::check::notice::Met;
use crate::check::rule::{Verdict, harmless};
use crate::console::language::{Language, Text, text};

use super::{ProgramReport, counts};
use crate::console::json_string::string;

/// The progress of the meetings, in one line.
#[must_use]
pub fn progress(done: usize, total: usize, one: &str, other: &str, language: Language) -> String {
    const PROGRESS: Text = text!(
        "{done} of {total} meetings over; now: {one} and {other}",
        "{done} de {total} encontros feitos; agora: {one} e {other}",
    );
    let [one, other] = [one, other].map(|name| harmless(name.as_bytes()));
    PROGRESS.fill(language, &[("done", &done), ("total", &total), ("one", &one), ("other", &other)])
}

/// The mark of one field: ✓ both heard each other, → or ← only one of them, ✗ none.
#[must_use]
pub fn mark(heard: Option<(bool, bool)>) -> char {
    match heard {
        Some((true, true)) => '✓',
        Some((true, false)) => '→',
        Some((false, true)) => '←',
        Some((false, false)) => '✗',
        None => '–',
    }
}

/// A row for each program that calls, a column for each that is called.
#[must_use]
pub fn table(names: &[String], met: &[Met], language: Language) -> String {
    const LEGEND: Text = text!(
        "row calls column: ✓ both heard each other   → only the caller was heard   \
         ← only the answer was heard   ✗ nothing   – one did not register",
        "linha chama coluna: ✓ os dois se ouviram   → só quem chamou foi ouvido   \
         ← só a resposta foi ouvida   ✗ nada   – um não se cadastrou",
    );
    let names: Vec<_> = names.iter().map(|name| harmless(name.as_bytes())).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
    let mut table = format!("{:width$}", "");
    for number in 1..=names.len() {
        let _ = write!(table, " {number:>3}");
    }
    table.push('\n');
    for (row, name) in names.iter().enumerate() {
        let _ = write!(table, "{name:<width$}");
        for column in 0..names.len() {
            let field = met.iter().find(|met| (met.caller, met.called) == (row, column));
            let _ = write!(table, "   {}", field.map_or(' ', |met| mark(met.heard)));
        }
        let _ = writeln!(table, "   {}", row + 1);
    }
    table + "\n" + LEGEND.of(language) + "\n"
}

/// The table as one JSON object.
#[must_use]
pub fn json(names: &[String], met: &[Met]) -> String {
    let list: Vec<_> = names.iter().map(|name| string(name)).collect();
    let field = |met: &Met| {
        let [caller, called] = [met.caller, met.called].map(|at| string(&names[at]));
        let heard = met.heard.map_or("null,\"answered\":null".to_string(), |(heard, answered)| {
            format!("{heard},\"answered\":{answered}")
        });
        format!("{{\"caller\":{caller},\"called\":{called},\"heard\":{heard}}}")
    };
    let calls: Vec<_> = met.iter().map(field).collect();
    format!("{{\"programs\":[{}],\"calls\":[{}]}}\n", list.join(","), calls.join(","))
}

/// One row for each program: how many rules have each verdict, and which are broken.
#[must_use]
pub fn class(all: &[ProgramReport<'_>]) -> String {
    let shown: Vec<_> = all.iter().map(|told| harmless(told.subject.as_bytes())).collect();
    let width = shown.iter().map(|name| name.chars().count()).max().unwrap_or_default();
    let mut table = String::new();
    for (told, name) in all.iter().zip(&shown) {
        let _ = write!(table, "{name:<width$}");
        for (mark, count) in counts(&told.report.findings) {
            let _ = write!(table, "  {mark}{count:>3}");
        }
        let bad = told.report.findings.iter().filter(|it| matches!(it.verdict, Verdict::Broken(_)));
        let bad: Vec<_> = bad.map(|it| it.rule).collect();
        let _ = writeln!(table, "  {}", bad.join(" "));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_two() {
        let names = ["ana".to_string(), "bruno".to_string()];
        let both = Some((true, true));
        let met = [
            Met { caller: 0, called: 0, heard: both },
            Met { caller: 0, called: 1, heard: Some((true, false)) },
            Met { caller: 1, called: 0, heard: None },
        ];
        let table = table(&names, &met, Language::English);
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines[0], "        1   2");
        assert_eq!(lines[1], "ana     ✓   →   1");
        assert_eq!(lines[2], "bruno   –       2");
        let expected =
            "{\"caller\":\"ana\",\"called\":\"bruno\",\"heard\":true,\"answered\":false}";
        assert!(json(&names, &met).contains(expected), "{}", json(&names, &met));
    }
}
