//! A rule, the verdict on it, and the faults that it may find.
//!
//! Plain facts, without a sentence in any language: `console/check` has the sentences. Read next:
//! [`super::step`], the steps by which a rule is tried.

use crate::wire::escape::escaped;
use crate::wire::reply::Edition;

use super::step::RuleStep;
use super::transcript::Transcript;

/// One rule, and how it is tried.
#[derive(Debug)]
pub struct Rule {
    /// Its name, for `--only`, for reports, and for the sentences in `console/check`.
    pub id: &'static str,
    /// How serious a fault is.
    pub(super) level: Level,
    /// The rules beside which it is tried.
    pub(super) stage: Stage,
    /// The edition of the handout to which it belongs. `None`: to both.
    pub(super) edition: Option<Edition>,
    /// The preparation. Where a step of it fails, the rule could not be tried.
    setup: &'static [RuleStep],
    /// The steps that try it. None: the rule is judged by the evidence of all others.
    trial: &'static [RuleStep],
    /// The steps that show that the program still serves, even after a failed trial.
    probe: &'static [RuleStep],
}

/// The part of a rule to which a step belongs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Part {
    Setup,
    Trial,
    Probe,
}

impl Rule {
    /// A rule by which a fault is a failure.
    pub(super) const fn must(id: &'static str) -> Self {
        Self::new(id, Level::Must)
    }

    /// A rule by which a fault is advice.
    pub(super) const fn should(id: &'static str) -> Self {
        Self::new(id, Level::Should)
    }

    const fn new(id: &'static str, level: Level) -> Self {
        let (setup, trial, probe) = (&[], &[], &[]);
        Self { id, level, stage: Stage::Together, edition: None, setup, trial, probe }
    }

    /// The same, only for programs of this edition.
    pub(super) const fn only_in(self, edition: Edition) -> Self {
        Self { edition: Some(edition), ..self }
    }

    /// The same, tried first. Where it is broken, no other rule is tried.
    pub(super) const fn alone(self) -> Self {
        Self { stage: Stage::Alone, ..self }
    }

    /// The same, tried last, with these steps after its own.
    pub(super) const fn rough(self, probe: &'static [RuleStep]) -> Self {
        Self { stage: Stage::Rough, probe, ..self }
    }

    /// The same, with this preparation.
    pub(super) const fn given(self, setup: &'static [RuleStep]) -> Self {
        Self { setup, ..self }
    }

    /// The same, tried by these steps.
    pub(super) const fn tries(self, trial: &'static [RuleStep]) -> Self {
        Self { trial, ..self }
    }

    /// Whether it has no steps: the evidence of all others decides.
    pub(super) fn is_watched(&self) -> bool {
        self.trial.is_empty()
    }

    /// The step at this index.
    pub(super) fn step(&self, at: usize) -> Option<&'static RuleStep> {
        self.steps().nth(at)
    }

    /// The part that has the step at this index.
    pub(super) fn part(&self, at: usize) -> Part {
        match at {
            at if at < self.setup.len() => Part::Setup,
            at if at < self.probe_at() => Part::Trial,
            _ => Part::Probe,
        }
    }

    /// The index of the first step of the probe.
    pub(super) fn probe_at(&self) -> usize {
        self.setup.len() + self.trial.len()
    }

    fn steps(&self) -> impl Iterator<Item = &'static RuleStep> {
        self.setup.iter().chain(self.trial).chain(self.probe)
    }

    /// Whether it takes 15 s or longer.
    pub(super) fn waits(&self) -> bool {
        self.steps().any(|step| match step {
            RuleStep::Expires { .. } | RuleStep::Unlisted { .. } | RuleStep::Keeps { .. } => true,
            RuleStep::StaysOpen(_, ms) => *ms > 10_000,
            _ => false,
        })
    }
}

/// How serious a fault is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Level {
    /// The handout decides: a fault is a failure.
    Must,
    /// The handout is silent: a fault is advice.
    Should,
}

/// The rules beside which a rule is tried. The rules for a peer are always tried one after the
/// other, because the program has one screen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Stage {
    /// First, one rule after the other.
    Alone,
    /// Side by side with all others of this stage.
    Together,
    /// Last, one after the other: such a rule might crash the program.
    Rough,
}

/// The verdict on a rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// ✓
    Held,
    /// ⚠: it works here, but will fail with other programs.
    Weak(Fault),
    /// ✗
    Broken(Fault),
    /// –: it could not be tried.
    Untried(Fault),
}

impl Verdict {
    /// The verdict on a rule of `level` in which `fault` was seen.
    pub(super) fn of(level: Level, fault: Fault) -> Self {
        if fault.is_weak || level == Level::Should {
            Self::Weak(fault)
        } else {
            Self::Broken(fault)
        }
    }

    /// The fault, where it is not ✓.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Held => None,
            Self::Weak(fault) | Self::Broken(fault) | Self::Untried(fault) => Some(fault),
        }
    }
}

/// The reason why a program breaks a rule, or why the rule could not be tried.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// The kind of fault.
    pub seen: Seen,
    /// The line, the name or the number that it is about, by [`harmless`].
    pub detail: String,
    /// A time, where the fault is about one.
    pub ms: u64,
    /// Only advice, even where the rule's level is [`Level::Must`].
    pub is_weak: bool,
}

impl Fault {
    /// A fault without further facts.
    pub(super) fn new(seen: Seen) -> Self {
        Self { seen, detail: String::new(), ms: 0, is_weak: false }
    }

    /// The same, with the bytes that it is about.
    pub(super) fn about(mut self, bytes: &[u8]) -> Self {
        self.detail = harmless(bytes);
        self
    }

    /// The same, with a time.
    pub(super) fn after(mut self, ms: u64) -> Self {
        self.ms = ms;
        self
    }

    /// The same, as advice.
    pub(super) fn weak(mut self) -> Self {
        self.is_weak = true;
        self
    }
}

/// Most bytes of a line that are quoted in a sentence.
pub const QUOTED_BYTES_MAX: usize = 120;

/// The beginning of received bytes as text in one line, with their number if it is not all.
#[must_use]
pub fn harmless(bytes: &[u8]) -> String {
    let cut = &bytes[..bytes.len().min(QUOTED_BYTES_MAX)];
    let rest = if cut.len() < bytes.len() {
        format!("… ({} bytes)", bytes.len())
    } else {
        String::new()
    };
    escaped(cut) + &rest
}

/// Kinds of faults. `{}` stands for [`Fault::detail`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Seen {
    /// The connection was refused or failed.
    NoConnection,
    /// Nothing came in time.
    Nothing,
    /// The other side closed the connection.
    Closed,
    /// Another line came instead.
    Other,
    /// Bytes came without a line end.
    Unended,
    /// A line ended in LF without CR.
    BareLf,
    /// A name is missing in a list.
    Missing,
    /// A name is in a list, and should not be.
    Listed,
    /// Names in a list have blanks after the colon.
    Spaced,
    /// An empty list came without its blank.
    BareList,
    /// LIST from the only client has no answer.
    NoEmptyList,
    /// The port in an ADDR is not the one of the client's USER.
    WrongPort,
    /// The IP address in an ADDR is not the client's.
    WrongIp,
    /// An ADDR has the form of the other edition.
    OtherEdition,
    /// ADDRs of both forms came.
    MixedEditions,
    /// A line came that was not asked for.
    Spoke,
    /// The connection stays open.
    StillOpen,
    /// The connection was closed, or the name was gone, too early.
    TooEarly,
    /// The same, too late.
    TooLate,
    /// The same, not within the time that the check takes.
    NeverGone,
    /// The program under test does not serve a new client any more.
    Down,
    /// Other clients are online: an empty list cannot be seen.
    NotAlone,
    /// Another rule failed that this rule needs.
    Needs,
    /// No line came that could decide.
    NotSeen,
    /// The check was interrupted.
    Interrupted,
    /// The rule is of the other edition.
    NotInEdition,
    /// A person runs the program, and the check does not see its screen.
    NoScreen,
    /// The first line is no valid USER.
    BadUser,
    /// No KEEP came for this time.
    NoKeep,
    /// Two KEEPs are not 5 s apart.
    KeepGap,
    /// Text is not on the screen.
    NotShown,
    /// The program did not call the address in the answer to its ADDR.
    NoCall,
    /// The program did not ask the server.
    NotAsked,
    /// The program no longer does what its user types.
    NotUsable,
    /// The connection to the server is gone.
    LostServer,
    /// The program ended.
    Ended,
    /// The program did not end when its user told it to exit.
    GoesOn,
    /// The same, but it has closed the connection to the server.
    GoesOnAlone,
}

/// The verdict on one rule, with the transcript of the wires.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Which rule.
    pub rule: &'static str,
    /// The verdict on it.
    pub verdict: Verdict,
    /// The transcript.
    pub transcript: Transcript,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_with_its_length() {
        assert_eq!(harmless(b"LIST \r\n"), r"LIST \r\n");
        assert!(harmless(&[b'x'; 4000]).ends_with("xx… (4000 bytes)"));
    }
}
