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
    pub level: Level,
    /// When it is tried.
    pub stage: Stage,
    /// The edition of the handout that it is of, where it is of one only.
    pub edition: Option<Edition>,
    /// The steps. None: the rule is judged by the evidence that all the others bring.
    pub steps: &'static [RuleStep],
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
        Self { id, level, stage: Stage::Watched, edition: None, steps: &[] }
    }

    /// The same, only for programs of this edition.
    pub(super) const fn only_in(self, edition: Edition) -> Self {
        Self { edition: Some(edition), ..self }
    }

    /// Tried with nobody else from us.
    pub(super) const fn alone(self, steps: &'static [RuleStep]) -> Self {
        Self { stage: Stage::Alone, steps, ..self }
    }

    /// Tried side by side with others.
    pub(super) const fn together(self, steps: &'static [RuleStep]) -> Self {
        Self { stage: Stage::Together, steps, ..self }
    }

    /// Tried last, one after the other.
    pub(super) const fn rough(self, steps: &'static [RuleStep]) -> Self {
        Self { stage: Stage::Rough, steps, ..self }
    }

    /// Never tried by itself.
    pub(super) const fn watched(self) -> Self {
        Self { stage: Stage::Watched, ..self }
    }

    /// Whether it takes a quarter of a minute.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.steps.iter().any(|step| match step {
            RuleStep::Expires { .. } | RuleStep::Unlisted { .. } | RuleStep::Keeps { .. } => true,
            RuleStep::StaysOpen(_, ms) => *ms > 10_000,
            _ => false,
        })
    }
}

/// How serious a fault is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Level {
    /// The handout decides: a fault is a failure.
    Must,
    /// The handout is silent: a fault is advice.
    Should,
}

/// When a rule is tried.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stage {
    /// First, with nobody else from us, one rule after the other.
    Alone,
    /// Side by side with all others of this stage.
    Together,
    /// Last, one after the other: what might bring the program down.
    Rough,
    /// Never by itself: what is seen while the others are tried decides.
    Watched,
}

/// The verdict on a rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// ✓
    Held,
    /// ⚠: it works here, and will break with other people's programs.
    Weak(Fault),
    /// ✗
    Broken(Fault),
    /// –: it could not be tried.
    Untried(Fault),
}

impl Verdict {
    /// The verdict on a rule of `level` in which `fault` was seen.
    #[must_use]
    pub fn of(level: Level, fault: Fault) -> Self {
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

/// The reason why a rule does not hold, or could not be tried.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// The kind of fault.
    pub seen: Seen,
    /// The line, the name or the number that it is about, made harmless.
    pub detail: String,
    /// A time, where the fault is about one.
    pub ms: u64,
    /// Advice at most, whatever the rule's level says.
    pub is_weak: bool,
}

impl Fault {
    /// A fault without further facts.
    #[must_use]
    pub fn new(seen: Seen) -> Self {
        Self { seen, detail: String::new(), ms: 0, is_weak: false }
    }

    /// The same, with the bytes that it is about.
    #[must_use]
    pub fn about(mut self, bytes: &[u8]) -> Self {
        self.detail = harmless(bytes);
        self
    }

    /// The same, with a time.
    #[must_use]
    pub fn after(mut self, ms: u64) -> Self {
        self.ms = ms;
        self
    }

    /// The same, as advice.
    #[must_use]
    pub fn weak(mut self) -> Self {
        self.is_weak = true;
        self
    }
}

/// Most bytes of a line that are quoted in a sentence.
pub const QUOTED_BYTES_MAX: usize = 120;

/// The beginning of bytes as text in one line, with the number of bytes if it is not all.
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
    /// Nothing came within the time.
    Nothing,
    /// The other side closed the connection.
    Closed,
    /// Another line came than the one that is right.
    Other,
    /// Bytes came without a line end.
    Unended,
    /// A line ended in LF without CR.
    BareLf,
    /// A name is missing in a list.
    Missing,
    /// A name is in a list where it should not be.
    Listed,
    /// Names in a list have blanks behind the colon.
    Spaced,
    /// An empty list came without its blank.
    BareList,
    /// An empty list was not answered at all.
    NoEmptyList,
    /// The port in an ADDR is not the one that was told.
    WrongPort,
    /// The IP address in an ADDR is not where the client is.
    WrongIp,
    /// An ADDR has the form of the other edition.
    OtherEdition,
    /// ADDRs of both forms came.
    MixedEditions,
    /// A line came that nobody asked for.
    Spoke,
    /// The connection stays open.
    StillOpen,
    /// The connection was closed, or the name was gone, too early.
    TooEarly,
    /// The same, too late.
    TooLate,
    /// The same, not within the time that the check takes.
    NeverGone,
    /// A name that was taken was given to another.
    Overwritten,
    /// The program under test does not answer anybody any more.
    Down,
    /// Other clients are online: an empty list cannot be seen.
    NotAlone,
    /// Another rule failed that this one builds on.
    Needs,
    /// Nothing was seen from which this could be judged.
    NotSeen,
    /// The check was interrupted.
    Interrupted,
    /// The rule is of the other edition.
    NotInEdition,
    /// A person runs the program: its screen is not seen.
    NoScreen,
    /// A line is no proper USER.
    BadUser,
    /// No KEEP came for so long.
    NoKeep,
    /// Two KEEPs are not 5 s apart.
    KeepGap,
    /// Text is not on the screen.
    NotShown,
    /// The program did not call the address that it was told.
    NoCall,
    /// The program did not ask the server.
    NotAsked,
    /// The program does not do any more what its user tells it.
    NotUsable,
    /// The connection to the server is gone.
    LostServer,
    /// The program ended.
    Ended,
    /// The program goes on although it was told to exit.
    GoesOn,
    /// The same, and it has left the server.
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
