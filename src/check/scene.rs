//! What all rules of a run share: where the program under test is, and what is seen by the way.
//!
//! Read next: [`super::lane`].

use std::net::SocketAddr;

use crate::machine::Millis;
use crate::wire::reply::Edition;

use super::played::Program;
use super::rule::{Fault, Finding, Rule, Seen, Verdict};
use super::transcript::{Event, Transcript};
use super::wires::{End, Heard};

/// What all rules share.
#[derive(Debug)]
pub(super) struct Scene {
    /// Marks the names of this run, so that they meet no other names.
    pub(super) tag: u16,
    /// Where the program under test listens.
    pub(super) target: SocketAddr,
    /// The edition of the handout that was asked for.
    pub(super) edition: Option<Edition>,
    /// Whether a peer is tried, and not a server.
    pub(super) is_peer: bool,
    /// The program under test, where it is a peer.
    pub(super) program: Program,
    pub(super) evidence: Evidence,
}

/// What was seen by the way, for the rules of [`super::rule::Stage::Watched`].
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// Lines that came with CR LF.
    pub(super) lines: usize,
    /// The first line that came without CR LF.
    pub(super) ending: Option<Sample>,
    /// The first line that nobody had asked for.
    pub(super) unasked: Option<Sample>,
    /// The first ADDR with two fields, and the first with three.
    pub(super) of_2024: Option<Sample>,
    pub(super) of_2026: Option<Sample>,
    /// The first line to the server that is no instruction.
    pub(super) told_server: Option<Sample>,
    /// The edition of the ADDR after which a peer called.
    pub(super) called_in: Option<Edition>,
    /// How many texts came from a peer, and the first of them without a line end.
    pub(super) texts: usize,
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
            End::CrLf => {
                self.lines += 1;
                return;
            }
            End::Lf => (Seen::BareLf, &b"\n"[..]),
            End::Rest => (Seen::Unended, &b""[..]),
        };
        let whole = [&heard.line[..], end].concat();
        let fault = || Fault::new(seen).about(&whole).after(whole.len() as u64);
        self.ending.get_or_insert_with(|| Sample::new(fault(), wire, heard.at, &whole));
    }

    /// Notes a line that nobody had asked for.
    pub(super) fn note_unasked(&mut self, wire: usize, heard: &Heard) {
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

    /// The edition that was seen, where it was one.
    pub(super) fn edition(&self) -> Option<Edition> {
        match (&self.of_2024, &self.of_2026) {
            (Some(_), None) => Some(Edition::Of2024),
            (None, Some(_)) => Some(Edition::Of2026),
            _ => self.called_in,
        }
    }
}

impl Scene {
    /// What became of a rule that is judged by what the others brought.
    pub(super) fn watched(&self, rule: &Rule) -> Finding {
        let evidence = &self.evidence;
        let (sample, has_seen) = match rule.id {
            "line-end" | "instruction-end" => (evidence.ending.clone(), evidence.lines > 0),
            "edition" | "calls-edition" => (self.wrong_edition(), evidence.edition().is_some()),
            "text-end" => (evidence.text_ending.clone(), evidence.texts > 0),
            "only-instructions" => (evidence.told_server.clone(), evidence.lines > 0),
            _ => (evidence.unasked.clone(), evidence.lines > 0 || evidence.ending.is_some()),
        };
        let (verdict, transcript) = match sample {
            Some(Sample { fault, transcript }) => (Verdict::of(rule.level, fault), transcript),
            None if has_seen => (Verdict::Held, Transcript::default()),
            None => (Verdict::Untried(Fault::new(Seen::NotSeen)), Transcript::default()),
        };
        Finding { rule: rule.id, verdict, transcript }
    }

    fn wrong_edition(&self) -> Option<Sample> {
        let Evidence { of_2024, of_2026, .. } = &self.evidence;
        match (self.edition, of_2024, of_2026) {
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
