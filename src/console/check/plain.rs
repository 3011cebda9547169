//! The report of a check for a terminal.
//!
//! Read first: [`super::Told`].

use std::fmt::Write;

use crate::check::rule::{Finding, QUOTED_BYTES_MAX, Verdict, harmless};
use crate::check::transcript::{Event, PEOPLE, Transcript, TranscriptLine};
use crate::console::language::{Language, Text, text};
use crate::machine::Millis;
use crate::wire::reply::Edition;

use super::words::CheckWords;
use super::{Told, counts, mark, seen, words_of};

/// Where the titles of rules begin.
const COLUMN: usize = 18;

/// How many lines of a long transcript are shown, from its beginning and from its end. The other
/// forms of the report have all of them.
const FIRST_LINES: usize = 8;
const LAST_LINES: usize = 6;

const HANDOUT: Text = text!("handout", "enunciado");
const SEEN: Text = text!("seen", "visto");
const ADVICE: Text = text!("advice", "conselho");
const LEFT_OUT: Text = text!("({count} more not shown)", "(mais {count} não mostradas)");

/// The whole report. `all`: what was seen is shown for rules that hold too.
#[must_use]
pub fn report(told: &Told<'_>, all: bool) -> String {
    let mut shown = head(told) + "\n\n";
    for finding in &told.report.findings {
        push_finding(finding, told.language, all, &mut shown);
    }
    shown + "\n" + &summary(told) + "\n"
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
pub fn head(told: &Told<'_>) -> String {
    const HEAD: Text = text!(
        "papo check {subject}: {seconds} s, {edition}",
        "papo check {subject}: {seconds} s, {edition}",
    );
    const NO_EDITION: Text =
        text!("no sign of the handout's edition", "sem sinal da edição do enunciado");
    const EDITION: Text = text!("edition {year} of the handout", "edição {year} do enunciado");
    let year = told.report.edition.map(year);
    let edition = match year {
        Some(year) => EDITION.fill(told.language, &[("year", &year)]),
        None => NO_EDITION.of(told.language).to_string(),
    };
    let seconds = format!("{:.1}", told.report.elapsed_ms as f64 / 1e3);
    let subject = harmless(told.subject.as_bytes());
    HEAD.fill(told.language, &[("subject", &subject), ("seconds", &seconds), ("edition", &edition)])
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
pub fn summary(told: &Told<'_>) -> String {
    const SUMMARY: Text = text!(
        "{held} ✓ held   {broken} ✗ broken   {weak} ⚠ may break with others   {untried} – not \
         tried",
        "{held} ✓ cumpridas   {broken} ✗ quebradas   {weak} ⚠ podem falhar com outros   \
         {untried} – não testadas",
    );
    let [held, broken, weak, untried] = counts(&told.report.findings).map(|(_, count)| count);
    SUMMARY.fill(
        told.language,
        &[("held", &held), ("broken", &broken), ("weak", &weak), ("untried", &untried)],
    )
}

/// The line that says how far a check is.
#[must_use]
pub fn progress(done: usize, total: usize, rule: &str, language: Language) -> String {
    const PROGRESS: Text = text!(
        "{done} of {total} rules decided; trying: {title}",
        "{done} de {total} regras decididas; testando: {title}",
    );
    let title = words_of(rule).title.of(language);
    PROGRESS.fill(language, &[("done", &done), ("total", &total), ("title", &title)])
}

/// One rule in one line.
#[must_use]
pub fn line(words: &CheckWords, verdict: &Verdict, language: Language) -> String {
    let id = words.id;
    format!("{} {id:<COLUMN$} {}", mark(verdict), words.title.of(language))
}

fn push_finding(finding: &Finding, language: Language, all: bool, shown: &mut String) {
    let words = words_of(finding.rule);
    let _ = writeln!(shown, "{}", line(&words, &finding.verdict, language));
    let fault = finding.verdict.fault();
    if fault.is_none() && !all {
        return;
    }
    let _ = writeln!(shown, "    {}: {}", HANDOUT.of(language), source(&words, language));
    for line in shortened(transcript(&finding.transcript, language), language) {
        let _ = writeln!(shown, "      {line}");
    }
    if let Some(fault) = fault {
        let _ = writeln!(shown, "    {}: {}", SEEN.of(language), seen::told(fault, language));
    }
    if let Some(advice) = advice(&words, &finding.verdict, language) {
        let _ = writeln!(shown, "    {}: {advice}", ADVICE.of(language));
    }
}

/// The handout's sentence, and where it stands.
#[must_use]
pub fn source(words: &CheckWords, language: Language) -> String {
    let place = words.place.of(language);
    if words.quote.is_empty() {
        place.to_string()
    } else {
        format!("“{}” ({place})", words.quote)
    }
}

/// The advice where a rule is broken. Some faults lead to the mistake more shortly than the
/// rule does.
#[must_use]
pub fn advice(words: &CheckWords, verdict: &Verdict, language: Language) -> Option<&'static str> {
    let (Verdict::Broken(fault) | Verdict::Weak(fault)) = verdict else { return None };
    Some(seen::advice(fault.seen).unwrap_or(words.advice).of(language))
}

/// The transcript, one line for each entry; times count from the first.
#[must_use]
pub fn transcript(transcript: &Transcript, language: Language) -> Vec<String> {
    let start = transcript.entries().first().map_or(Millis(0), |entry| entry.at);
    let mut lines: Vec<_> = joined(transcript.entries())
        .iter()
        .map(|(it, pieces)| entry(it, *pieces, start, language))
        .collect();
    if transcript.left_out() > 0 {
        let count = transcript.left_out();
        lines.push(LEFT_OUT.fill(language, &[("count", &count)]));
    }
    lines
}

/// Joins bytes that were sent one by one into one entry, with the number of pieces.
fn joined(entries: &[TranscriptLine]) -> Vec<(TranscriptLine, usize)> {
    let mut joined: Vec<(TranscriptLine, usize)> = Vec::new();
    for entry in entries {
        let is_drip = |(last, _): &&mut (TranscriptLine, usize)| {
            entry.event == Event::Sent
                && entry.length == 1
                && last.event == Event::Sent
                && last.wire == entry.wire
                && !last.bytes.ends_with(b"\n")
        };
        match joined.last_mut().filter(is_drip) {
            Some((last, pieces)) => {
                last.bytes.extend_from_slice(&entry.bytes);
                last.length += 1;
                *pieces += 1;
            }
            None => joined.push((entry.clone(), 1)),
        }
    }
    joined
}

fn entry(entry: &TranscriptLine, pieces: usize, start: Millis, language: Language) -> String {
    const PIECES: Text = text!("   (in {count} pieces)", "   (em {count} pedaços)");
    const SCREEN: Text = text!("its screen: {line}", "a tela dele: {line}");
    const OPENED: Text = text!("connects", "conecta");
    const ACCEPTED: Text = text!("is called", "é chamado");
    const CLOSED: Text = text!("closes", "fecha");
    const ENDED: Text = text!("is closed by the program", "é fechada pelo programa");
    let ms = entry.at.since(start);
    let said = quoted(entry);
    let what = match entry.event {
        Event::Opened => OPENED.of(language).to_string(),
        Event::Accepted => ACCEPTED.of(language).to_string(),
        Event::Sent if pieces > 1 => {
            let count = pieces;
            format!("→ {said}{}", PIECES.fill(language, &[("count", &count)]))
        }
        Event::Sent => format!("→ {said}"),
        Event::Screen => SCREEN.fill(language, &[("line", &said)]),
        Event::Came => format!("← {said}"),
        Event::ClosedByUs => CLOSED.of(language).to_string(),
        Event::ClosedByThem => ENDED.of(language).to_string(),
        Event::Typed => format!("⌨ {said}"),
    };
    let who = PEOPLE.get(entry.wire).copied().unwrap_or_default();
    format!("{:>3}.{:03}  {who:<7} {what}", ms / 1000, ms % 1000)
}

/// The bytes, or the beginning of them with the length of all.
fn quoted(entry: &TranscriptLine) -> String {
    let cut = &entry.bytes[..entry.bytes.len().min(QUOTED_BYTES_MAX)];
    let more = if cut.len() < entry.length {
        format!("… ({} bytes)", entry.length)
    } else {
        String::new()
    };
    harmless(cut) + &more
}
