//! Watches one peer's duties: KEEP in time, an end to every question, an end to every farewell.
//!
//! Read next: [`super`], where all watchers meet.

use papo::machine::{ConnId, Millis};

use super::rule::Rule;
use super::{Violation, hold};

const KEEP_EVERY_MS: u64 = 5_000;

/// How far from its time a KEEP may be.
const KEEP_SLACK_MS: u64 = 200;

/// Three seconds for the server's answer, five for the call, and a little.
const PATIENCE_MS: u64 = 8_500;

/// How long a peer may take to leave, however slowly others read.
const FAREWELL_MS: u64 = 30_500;

/// The times of one peer, by its own clock.
#[derive(Debug, Default)]
pub(crate) struct KeepWatch {
    server: Option<ConnId>,
    /// The last USER or KEEP.
    kept_at: Millis,
    /// Since when no typed line is wanted.
    waits_since: Option<Millis>,
    /// A script types: it waits for more than a person does.
    is_scripted: bool,
    /// When its process was let go on after it had been stopped.
    pub(crate) thawed_at: Millis,
}

impl KeepWatch {
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

    /// The peer says this to the server.
    pub(crate) fn says(&mut self, now: Millis, me: &str, bytes: &[u8]) -> Result<(), Violation> {
        let is_first = self.kept_at == Millis(u64::MAX);
        let user = format!("USER {me}:");
        if is_first || bytes.starts_with(b"USER ") {
            self.kept_at = now;
            let is_right = is_first && bytes.starts_with(user.as_bytes());
            let found = || format!("\"{}\" for {me}", bytes.escape_ascii());
            return hold(is_right, Rule::UserComesFirst, found);
        }
        if bytes != b"KEEP\r\n" {
            return Ok(());
        }
        let since_ms = now.since(self.kept_at);
        self.kept_at = now;
        let is_in_time = since_ms.abs_diff(KEEP_EVERY_MS) <= KEEP_SLACK_MS;
        let is_excused = now.since(self.thawed_at) <= 2 * KEEP_EVERY_MS;
        let found = || format!("after {since_ms} ms");
        hold(is_in_time || is_excused, Rule::KeepComesInTime, found)
    }

    /// The process ends with this status.
    pub(crate) fn exits(&self, status: u8) -> Result<(), Violation> {
        let may_exit = status == 0 || self.is_scripted;
        hold(may_exit, Rule::OnlyScriptsFail, || format!("status {status}"))
    }

    /// A line was handed over: whatever was waited for before has ended.
    pub(crate) fn typed(&mut self) {
        self.waits_since = None;
    }

    pub(crate) fn after_turn(&mut self, now: Millis, accepts_command: bool) {
        self.waits_since = if accepts_command { None } else { self.waits_since.or(Some(now)) };
    }

    /// Looks at the time.
    pub(crate) fn check(
        &self,
        now: Millis,
        leaving_since: Option<Millis>,
    ) -> Result<(), Violation> {
        if now.since(self.thawed_at) < 2 * KEEP_EVERY_MS {
            return Ok(());
        }
        let too_long = |since: Option<Millis>, most| since.is_some_and(|at| now.since(at) > most);
        if leaving_since.is_some() {
            let found = || format!("leaving since {leaving_since:?}");
            return hold(!too_long(leaving_since, FAREWELL_MS), Rule::LeavingEnds, found);
        }
        let kept_at = self.server.map(|_| self.kept_at);
        let found = || format!("last USER or KEEP at {kept_at:?}");
        let is_late = too_long(kept_at, KEEP_EVERY_MS + KEEP_SLACK_MS);
        hold(!is_late, Rule::KeepComesInTime, found)?;
        // A script also waits until its text is out, which may take any time.
        let is_late = !self.is_scripted && too_long(self.waits_since, PATIENCE_MS);
        let found = || format!("no line is accepted since {:?}", self.waits_since);
        hold(!is_late, Rule::QuestionsEndInTime, found)
    }
}
