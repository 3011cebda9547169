//! Watches the duties of one peer that have a time: KEEP, the end of every question, the exit.
//!
//! Read next: [`super`].

use papo::machine::{ConnId, Millis};

use super::rule::Rule;
use super::{Violation, hold};

const KEEP_EVERY_MS: u64 = 5_000;

/// How early or late a KEEP may be.
const KEEP_SLACK_MS: u64 = 200;

/// Three seconds for the server's answer, five for the call, and a little more.
const QUESTION_MS: u64 = 8_500;

/// How long an exit may take, even if others read slowly.
const EXIT_MS: u64 = 30_500;

/// The times of one peer, by its own clock.
#[derive(Debug, Default)]
pub(crate) struct DutyWatch {
    server: Option<ConnId>,
    /// The time of the last USER or KEEP.
    kept_at: Millis,
    /// Since when no typed line is accepted.
    waits_since: Option<Millis>,
    is_scripted: bool,
    /// When its process continued after a stop.
    pub(crate) resumed_at: Millis,
}

impl DutyWatch {
    pub(crate) fn new(is_scripted: bool) -> Self {
        Self { is_scripted, ..Self::default() }
    }

    pub(crate) fn server(&self) -> Option<ConnId> {
        self.server
    }

    pub(crate) fn connected(&mut self, conn: ConnId) {
        self.server = Some(conn);
        self.kept_at = Millis(u64::MAX);
    }

    pub(crate) fn closed(&mut self, conn: ConnId) {
        self.server = self.server.filter(|&server| server != conn);
    }

    /// The peer sends this to the server.
    pub(crate) fn sends(&mut self, now: Millis, me: &str, bytes: &[u8]) -> Result<(), Violation> {
        let is_first = self.kept_at == Millis(u64::MAX);
        let user = format!("USER {me}:");
        if is_first || bytes.starts_with(b"USER ") {
            self.kept_at = now;
            let is_right = is_first && bytes.starts_with(user.as_bytes());
            let found = || format!("\"{}\" for {me}", bytes.escape_ascii());
            return hold(is_right, Rule::UserFirst, found);
        }
        if bytes != b"KEEP\r\n" {
            return Ok(());
        }
        let since_ms = now.since(self.kept_at);
        self.kept_at = now;
        let is_in_time = since_ms.abs_diff(KEEP_EVERY_MS) <= KEEP_SLACK_MS;
        let is_excused = now.since(self.resumed_at) <= 2 * KEEP_EVERY_MS;
        let found = || format!("after {since_ms} ms");
        hold(is_in_time || is_excused, Rule::KeepInTime, found)
    }

    /// The process ends with this status.
    pub(crate) fn exits(&self, status: u8) -> Result<(), Violation> {
        let may_exit = status == 0 || self.is_scripted;
        hold(may_exit, Rule::OnlyScriptsFail, || format!("status {status}"))
    }

    /// A line was handed over, so the last question has ended.
    /// The peer gets a command, so a new wait begins.
    pub(crate) fn on_command(&mut self) {
        self.waits_since = None;
    }

    pub(crate) fn after_turn(&mut self, now: Millis, accepts_command: bool) {
        self.waits_since = if accepts_command { None } else { self.waits_since.or(Some(now)) };
    }

    pub(crate) fn check(
        &self,
        now: Millis,
        exiting_since: Option<Millis>,
    ) -> Result<(), Violation> {
        if now.since(self.resumed_at) < 2 * KEEP_EVERY_MS {
            return Ok(());
        }
        let too_long = |since: Option<Millis>, most| since.is_some_and(|at| now.since(at) > most);
        if exiting_since.is_some() {
            let found = || format!("leaving since {exiting_since:?}");
            return hold(!too_long(exiting_since, EXIT_MS), Rule::ExitInTime, found);
        }
        let kept_at = self.server.map(|_| self.kept_at);
        let found = || format!("last USER or KEEP at {kept_at:?}");
        let is_late = too_long(kept_at, KEEP_EVERY_MS + KEEP_SLACK_MS);
        hold(!is_late, Rule::KeepInTime, found)?;
        // A script also waits until its text has left, which may take any time.
        let is_late = !self.is_scripted && too_long(self.waits_since, QUESTION_MS);
        let found = || format!("no line is accepted since {:?}", self.waits_since);
        hold(!is_late, Rule::QuestionEndsInTime, found)
    }
}
