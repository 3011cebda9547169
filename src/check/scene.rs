//! The state that all rules of a run share: the address of the program under test, and evidence
//! that several rules bring.
//!
//! Read next: [`super::lane`].

use std::net::SocketAddr;

use crate::machine::{Actions, Millis};
use crate::wire::reply::Edition;

use super::evidence::{Evidence, Sample};
use super::notice::Notice;
use super::played::TestedProgram;
use super::rule::{Fault, Finding, Rule, Seen, Verdict};
use super::transcript::Transcript;

/// The state that all rules share.
#[derive(Debug)]
pub(super) struct Scene {
    /// Where the program under test listens.
    pub(super) target: SocketAddr,
    /// The edition of the handout that was asked for.
    pub(super) edition: Option<Edition>,
    /// Whether a peer is tried, and not a server.
    pub(super) is_peer: bool,
    /// The program under test, where it is a peer.
    pub(super) program: TestedProgram,
    pub(super) evidence: Evidence,
}

/// All that a lane needs to take a step.
pub(super) struct LaneContext<'a> {
    pub(super) now: Millis,
    pub(super) scene: &'a mut Scene,
    pub(super) actions: &'a mut Actions<Notice>,
}

impl Scene {
    /// The finding on a rule that is judged by the evidence of the others.
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
