//! One connection between two peers, as the watchers see it: what it is owed, and how it ends.
//!
//! Read next: [`super::peer`], which has one of these for each.

use std::collections::VecDeque;
use std::net::IpAddr;

use papo::machine::{LineEnd, Millis};

use super::rule::Rule;
use super::{Violation, hold};

/// How long a caller has for its name, and how much longer it may be there.
const NAME_WITHIN_MS: u64 = 10_000;
const NAME_GRACE_MS: u64 = 500;

/// How long a conversation may wait for the server's word about a caller.
const HELD_MS: u64 = 1_000;

/// How long a goodbye may take once the other side has taken all that was said.
const GOODBYE_MS: u64 = 31_000;

/// Where a connection stands.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) enum Phase {
    /// They called, and have not said who they are.
    #[default]
    Unnamed,
    /// They have said a name, which is being checked. What they say is held.
    Introduced {
        name: String,
        held: Vec<Vec<u8>>,
    },
    Talking(u32),
    /// We end it; what they say is still shown under this name.
    Parting(String),
    /// They ended it.
    Parted,
}

/// One connection.
#[derive(Debug, Default)]
pub(crate) struct Link {
    /// The other side's address.
    pub(crate) other: Option<IpAddr>,
    pub(crate) since: Millis,
    pub(crate) phase: Phase,
    /// We called, and have not said who we are.
    pub(crate) owes_name: bool,
    /// Texts that were typed for this connection and not said yet.
    pub(crate) owed: VecDeque<Vec<u8>>,
    /// The bytes of a line that has not ended: long ones leave in pieces.
    begun: Vec<u8>,
    /// How long their unfinished line was after each read.
    reads: Vec<usize>,
    /// They have ended a line of text once.
    ends_lines: bool,
    /// We have a goodbye to say here, or had.
    may_say_goodbye: bool,
    /// Their texts were held until their name was checked.
    pub(crate) was_held: bool,
    /// Some text was said here.
    pub(crate) has_spoken: bool,
    /// Nothing more is said here.
    pub(crate) has_parted: bool,
    /// It is to be cut before this input is over.
    pub(crate) must_go: bool,
    over_since: Option<Millis>,
    /// How much of what was said waits here, in bytes.
    pub(crate) backlog: usize,
}

impl Link {
    pub(crate) fn new(since: Millis, other: IpAddr, phase: Phase) -> Self {
        Self { other: Some(other), since, phase, ..Self::default() }
    }

    /// They have said this name, and it is being checked.
    pub(crate) fn is_introduced(&self, by: &str) -> bool {
        matches!(&self.phase, Phase::Introduced { name, .. } if name == by)
    }

    pub(crate) fn hold(&mut self, text: &[u8]) {
        if let Phase::Introduced { held, .. } = &mut self.phase {
            held.push(text.to_vec());
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Parting(_) | Phase::Parted)
    }

    /// We end it.
    pub(crate) fn part(&mut self, label: &str) {
        self.phase = Phase::Parting(label.to_string());
        self.may_say_goodbye = true;
    }

    /// They said something without a line end. Their unfinished line is now this long.
    pub(crate) fn pending(&mut self, length: usize) {
        self.reads.push(length);
    }

    /// The meaning of a line that came so: of programs that end no line each read is one.
    pub(crate) fn cut(&mut self, line: &[u8], end: LineEnd) -> Vec<Vec<u8>> {
        let reads = std::mem::take(&mut self.reads);
        let is_ended = end == LineEnd::Terminator;
        let by_silence = !is_ended && !self.ends_lines;
        self.ends_lines |= is_ended && self.phase != Phase::Unnamed;
        let in_character = |at: usize| line.get(at).is_some_and(|it| (0x80..0xC0).contains(it));
        let is_read_end = |at: &usize| by_silence && reads.contains(at) && !in_character(*at);
        let begins = |at: &usize| *at == 0 || is_read_end(at);
        let mut begins: Vec<_> = (0..line.len().max(1)).filter(begins).collect();
        begins.push(line.len());
        begins.windows(2).map(|cut| line[cut[0]..cut[1]].to_vec()).collect()
    }

    /// The peer, whose name is `me`, says this here.
    pub(crate) fn says(&mut self, me: &str, bytes: &[u8]) -> Result<(), Violation> {
        self.has_spoken |= !self.owes_name;
        let mut said = std::mem::take(&mut self.begun);
        said.extend_from_slice(bytes);
        for line in said.split_inclusive(|&byte| byte == b'\n') {
            if line.ends_with(b"\n") {
                self.says_line(me, line)?;
            } else {
                self.begun = line.to_vec();
            }
        }
        Ok(())
    }

    fn says_line(&mut self, me: &str, bytes: &[u8]) -> Result<(), Violation> {
        let found = || bytes.escape_ascii().to_string();
        hold(bytes.ends_with(b"\r\n"), Rule::LinesEndWithCrLf, found)?;
        let line = &bytes[..bytes.len() - 2];
        if std::mem::take(&mut self.owes_name) {
            return said(line, format!("USER {me}").as_bytes(), Rule::NameComesFirst);
        }
        if self.has_parted {
            return said(line, b"", Rule::NothingBehindGoodbye);
        }
        if line == b"DISC" && self.may_say_goodbye {
            return self.half_closes();
        }
        let owed = self.owed.pop_front();
        let owed = owed.as_deref().unwrap_or(b"(nothing)");
        said(line, owed, Rule::TypedIsSaid)
    }

    /// The peer says no more here.
    pub(crate) fn half_closes(&mut self) -> Result<(), Violation> {
        self.has_parted = true;
        match (&self.phase, self.owed.front()) {
            (Phase::Parting(_), Some(rest)) => said(b"", rest, Rule::GoodbyeComesLast),
            _ => Ok(()),
        }
    }

    /// The peer closes or cuts it. `may_leave`: it is leaving altogether.
    pub(crate) fn ends(&mut self, now: Millis, may_leave: bool) -> Result<(), Violation> {
        let is_late = self.phase == Phase::Unnamed && now.since(self.since) >= NAME_WITHIN_MS;
        let may_go = std::mem::take(&mut self.must_go) || is_late || self.is_over() || may_leave;
        if matches!(self.phase, Phase::Unnamed | Phase::Introduced { .. }) {
            // Nothing that it still says counts.
            self.phase = Phase::Parted;
        }
        hold(may_go, Rule::TalksEndWithGoodbye, || format!("cut in {:?}", self.phase))
    }

    /// Looks at the time.
    pub(crate) fn check(&mut self, now: Millis) -> Result<(), Violation> {
        let age_ms = now.since(self.since);
        let found = || format!("{:?} for {age_ms} ms", self.phase);
        let is_late = self.phase == Phase::Unnamed && age_ms > NAME_WITHIN_MS + NAME_GRACE_MS;
        hold(!is_late, Rule::NamelessHaveTenSeconds, found)?;
        let is_held = matches!(self.phase, Phase::Introduced { .. });
        let is_late = is_held && age_ms > HELD_MS + NAME_GRACE_MS;
        hold(!is_late, Rule::ScreenShowsWhatHappened, found)?;
        let is_due = self.is_over() && self.backlog == 0;
        self.over_since = if is_due { self.over_since.or(Some(now)) } else { None };
        let over_ms = self.over_since.map_or(0, |since| now.since(since));
        let found = || format!("still open after {over_ms} ms");
        hold(over_ms <= GOODBYE_MS, Rule::GoodbyesEnd, found)
    }
}

fn said(line: &[u8], expected: &[u8], rule: Rule) -> Result<(), Violation> {
    let found = || format!("\"{}\", due was \"{}\"", line.escape_ascii(), expected.escape_ascii());
    hold(line == expected, rule, found)
}
