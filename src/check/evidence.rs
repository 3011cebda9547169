//! Evidence from the lines of all rules, and the findings on the rules that are judged by it.
//!
//! Knows no connection and no program. Read next: [`super::lane`], which collects it.

use crate::machine::Millis;
use crate::wire::reply::Edition;

use super::rule::{Fault, Finding, Rule, Seen, Verdict};
use super::transcript::{Event, Transcript};
use super::wires::{Heard, HeardEnd};

/// Evidence from the lines of all rules.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// Lines that came with CR LF.
    pub(super) lines: usize,
    /// The first line that came without CR LF.
    pub(super) ending: Option<Sample>,
    /// The first line that was not asked for.
    pub(super) unasked: Option<Sample>,
    /// The first ADDR with two fields, and the first with three.
    pub(super) of_2024: Option<Sample>,
    pub(super) of_2026: Option<Sample>,
    /// The first line to the played server that is no instruction.
    pub(super) stray_to_server: Option<Sample>,
    /// The edition of the first ADDR after which the peer called.
    pub(super) called_in: Option<Edition>,
    /// How many texts came from the peer.
    pub(super) texts: usize,
    /// The first text that came without a line end.
    pub(super) text_ending: Option<Sample>,
}

/// A fault, with the line in which it was seen.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) fault: Fault,
    pub(super) transcript: Transcript,
}

impl Sample {
    pub(super) fn new(fault: Fault, wire: usize, at: Millis, bytes: &[u8]) -> Self {
        let mut transcript = Transcript::default();
        transcript.push(at, wire, Event::Came, bytes);
        Self { fault, transcript }
    }
}

impl Evidence {
    /// Notes how a line ended.
    pub(super) fn note_end(&mut self, wire: usize, heard: &Heard) {
        let (seen, end) = match heard.end {
            HeardEnd::CrLf => {
                self.lines += 1;
                return;
            }
            HeardEnd::Lf => (Seen::BareLf, &b"\n"[..]),
            HeardEnd::Rest => (Seen::Unended, &b""[..]),
        };
        let whole = [&heard.line[..], end].concat();
        let fault = || Fault::new(seen).about(&whole).after(whole.len() as u64);
        self.ending.get_or_insert_with(|| Sample::new(fault(), wire, heard.at, &whole));
    }

    /// Notes a line that was not asked for.
    pub(super) fn note_unasked(&mut self, wire: usize, heard: &Heard) {
        if heard.is_owed {
            return;
        }
        let fault = || Fault::new(Seen::Spoke).about(&heard.line);
        self.unasked.get_or_insert_with(|| Sample::new(fault(), wire, heard.at, &heard.line));
    }

    /// Notes the form of an ADDR.
    pub(super) fn note_edition(&mut self, edition: Edition, wire: usize, heard: &Heard) {
        let slot = match edition {
            Edition::Of2024 => &mut self.of_2024,
            Edition::Of2026 => &mut self.of_2026,
        };
        let fault = || Fault::new(Seen::OtherEdition).about(&heard.line);
        slot.get_or_insert_with(|| Sample::new(fault(), wire, heard.at, &heard.line));
    }

    /// The edition of the program, unless it used both or none.
    pub(super) fn edition(&self) -> Option<Edition> {
        match (&self.of_2024, &self.of_2026) {
            (Some(_), None) => Some(Edition::Of2024),
            (None, Some(_)) => Some(Edition::Of2026),
            _ => self.called_in,
        }
    }

    /// The finding on a rule without steps. `wanted`: the edition that was asked for.
    pub(super) fn finding(&self, rule: &Rule, wanted: Option<Edition>) -> Finding {
        let (sample, has_seen) = match rule.id {
            "line-end" | "instruction-end" => (self.ending.clone(), self.lines > 0),
            "edition" | "calls-edition" => (self.wrong_edition(wanted), self.edition().is_some()),
            "text-end" => (self.text_ending.clone(), self.texts > 0),
            "only-instructions" => (self.stray_to_server.clone(), self.lines > 0),
            _ => (self.unasked.clone(), self.lines > 0 || self.ending.is_some()),
        };
        let (verdict, transcript) = match sample {
            Some(Sample { fault, transcript }) => (Verdict::of(rule.level, fault), transcript),
            None if has_seen => (Verdict::Held, Transcript::default()),
            None => (Verdict::Untried(Fault::new(Seen::NotSeen)), Transcript::default()),
        };
        Finding { rule: rule.id, verdict, transcript }
    }

    fn wrong_edition(&self, wanted: Option<Edition>) -> Option<Sample> {
        match (wanted, &self.of_2024, &self.of_2026) {
            (Some(Edition::Of2024), _, Some(sample)) | (Some(Edition::Of2026), Some(sample), _) => {
                Some(sample.clone())
            }
            (None, Some(_), Some(sample)) => {
                let fault = Fault { seen: Seen::MixedEditions, ..sample.fault.clone() };
                Some(Sample { fault, ..sample.clone() })
            }
            _ => None,
        }
    }
}
