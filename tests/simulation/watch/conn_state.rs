//! One connection between two peers: its phase, and the texts that must be sent on it.
//!
//! Read next: [`super::peer`], which has one of these for each connection.

use std::collections::VecDeque;
use std::net::IpAddr;

use papo::machine::{LineEnd, Millis};

use super::rule::Rule;
use super::{Violation, hold};

/// How long a caller may take for its name, and the delay of the check.
const NAME_WITHIN_MS: u64 = 10_000;
const NAME_GRACE_MS: u64 = 500;

/// How long a conversation may wait for the server's answer about a caller.
const HELD_MS: u64 = 1_000;

/// How long a connection with DISC may stay open once all output is out.
const DISC_MS: u64 = 31_000;

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Phase {
    /// A caller without a name.
    Unnamed,
    /// A caller whose name is being checked. Its lines are held.
    Introduced {
        name: String,
        held: Vec<Vec<u8>>,
    },
    Talking(u32),
    /// We have ended it. Their lines are still shown with this label.
    Closing(String),
    /// They have ended it.
    Ended,
}

#[derive(Debug)]
pub(crate) struct ConnState {
    /// The other side's address.
    pub(crate) other: IpAddr,
    pub(crate) since: Millis,
    pub(crate) phase: Phase,
    /// We have called and not sent USER yet.
    pub(crate) owes_user: bool,
    /// Typed texts for this connection that were not sent yet.
    pub(crate) texts_due: VecDeque<Vec<u8>>,
    /// The beginning of a line: long lines leave in pieces.
    partial_line: Vec<u8>,
    /// The length of their unfinished line after each read.
    pub(super) reads: Vec<usize>,
    /// They have ended a line of text.
    ends_lines: bool,
    /// We may send DISC here.
    may_send_disc: bool,
    /// Their lines were held until the check of their name ended.
    pub(crate) was_held: bool,
    /// A text was sent here.
    pub(crate) has_sent_text: bool,
    /// Nothing more may be sent here.
    pub(crate) has_sent_end: bool,
    /// It must be cut in this input.
    pub(crate) must_close: bool,
    over_since: Option<Millis>,
    /// Unsent output in bytes.
    pub(crate) backlog: usize,
}

impl ConnState {
    pub(crate) fn new(since: Millis, other: IpAddr, phase: Phase) -> Self {
        Self {
            other,
            since,
            phase,
            owes_user: false,
            texts_due: VecDeque::new(),
            partial_line: Vec::new(),
            reads: Vec::new(),
            ends_lines: false,
            may_send_disc: false,
            was_held: false,
            has_sent_text: false,
            has_sent_end: false,
            must_close: false,
            over_since: None,
            backlog: 0,
        }
    }

    /// A caller with this name, which is being checked.
    pub(crate) fn is_introduced(&self, by: &str) -> bool {
        matches!(&self.phase, Phase::Introduced { name, .. } if name == by)
    }

    pub(crate) fn hold(&mut self, text: &[u8]) {
        if let Phase::Introduced { held, .. } = &mut self.phase {
            held.push(text.to_vec());
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Closing(_) | Phase::Ended)
    }

    pub(crate) fn end(&mut self, label: &str) {
        self.phase = Phase::Closing(label.to_string());
        self.may_send_disc = true;
    }

    /// The lines of an input. If a program ends no line, each read is a line.
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

    /// The peer, whose name is `me`, sends this.
    pub(crate) fn sends(&mut self, me: &str, bytes: &[u8]) -> Result<(), Violation> {
        self.has_sent_text |= !self.owes_user;
        let mut sent = std::mem::take(&mut self.partial_line);
        sent.extend_from_slice(bytes);
        for line in sent.split_inclusive(|&byte| byte == b'\n') {
            if line.ends_with(b"\n") {
                self.sends_line(me, line)?;
            } else {
                self.partial_line = line.to_vec();
            }
        }
        Ok(())
    }

    fn sends_line(&mut self, me: &str, bytes: &[u8]) -> Result<(), Violation> {
        let found = || bytes.escape_ascii().to_string();
        hold(bytes.ends_with(b"\r\n"), Rule::LineEndsWithCrLf, found)?;
        let line = &bytes[..bytes.len() - 2];
        if std::mem::take(&mut self.owes_user) {
            return expect_line(line, format!("USER {me}").as_bytes(), Rule::CallerSendsUser);
        }
        if self.has_sent_end {
            return expect_line(line, b"", Rule::NothingAfterDisc);
        }
        if line == b"DISC" && self.may_send_disc {
            return self.on_half_close();
        }
        let due = self.texts_due.pop_front();
        expect_line(line, due.as_deref().unwrap_or(b"(nothing)"), Rule::TypedTextSent)
    }

    /// The peer sends nothing more here.
    pub(crate) fn on_half_close(&mut self) -> Result<(), Violation> {
        self.has_sent_end = true;
        match (&self.phase, self.texts_due.front()) {
            (Phase::Closing(_), Some(rest)) => expect_line(b"", rest, Rule::DiscAfterTexts),
            _ => Ok(()),
        }
    }

    /// The peer closes or cuts it. `is_leaving`: the peer exits.
    pub(crate) fn on_close(&mut self, now: Millis, is_leaving: bool) -> Result<(), Violation> {
        let is_late = self.phase == Phase::Unnamed && now.since(self.since) >= NAME_WITHIN_MS;
        let must_close = std::mem::take(&mut self.must_close);
        let was_over = self.is_over();
        if matches!(self.phase, Phase::Unnamed | Phase::Introduced { .. }) {
            // Later lines of theirs do not count.
            self.phase = Phase::Ended;
        }
        let may_close = must_close || is_late || was_over || is_leaving;
        hold(may_close, Rule::ConversationEndsWithDisc, || format!("cut in {:?}", self.phase))
    }

    /// `may_wait`: a caller without a text need not be shown yet.
    pub(crate) fn check(&mut self, now: Millis, may_wait: bool) -> Result<(), Violation> {
        let age_ms = now.since(self.since);
        let found = || format!("{:?} for {age_ms} ms", self.phase);
        let is_late = self.phase == Phase::Unnamed && age_ms > NAME_WITHIN_MS + NAME_GRACE_MS;
        hold(!is_late, Rule::SilentCallerCut, found)?;
        let is_held =
            matches!(&self.phase, Phase::Introduced { held, .. } if !may_wait || !held.is_empty());
        let is_late = is_held && age_ms > HELD_MS + NAME_GRACE_MS;
        hold(!is_late, Rule::ScreenMatchesEvents, found)?;
        let is_due = self.is_over() && self.backlog == 0;
        self.over_since = if is_due { self.over_since.or(Some(now)) } else { None };
        let over_ms = self.over_since.map_or(0, |since| now.since(since));
        let found = || format!("still open after {over_ms} ms");
        hold(over_ms <= DISC_MS, Rule::DiscCompletes, found)
    }
}

fn expect_line(line: &[u8], expected: &[u8], rule: Rule) -> Result<(), Violation> {
    let found = || format!("\"{}\", due was \"{}\"", line.escape_ascii(), expected.escape_ascii());
    hold(line == expected, rule, found)
}
