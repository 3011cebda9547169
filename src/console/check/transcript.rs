//! The transcript of a rule as lines of text.
//!
//! ```text
//!   0.000  Ana     connects
//!   0.001  Ana     → USER Ana:40001\\r\\n
//!   0.204  Bruno   ← LIST Ana\\r\\n
//! ```
//!
//! Read first: [`crate::check::transcript`], which has the facts.

use crate::check::rule::{QUOTED_BYTES_MAX, harmless};
use crate::check::transcript::{Event, PEOPLE, Transcript, TranscriptLine};
use crate::console::language::{Language, Text, text};
use crate::machine::Millis;

pub(super) const LEFT_OUT: Text = text!("({count} more not shown)", "(mais {count} não mostradas)");

/// One line for each entry. Times count from the first.
#[must_use]
pub(super) fn lines(transcript: &Transcript, language: Language) -> Vec<String> {
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
