//! The goodbye of one connection: when it may be said, and how long it may take.
//!
//! Knows times. Must never know how it is said. Read next: [`super::link`].

use super::outgoing::Outgoing;
use super::standstill::{STILL_MAX_MS, Standstill};
use crate::machine::Millis;

/// The pause after USER and before DISC, in milliseconds: many programs take what one `recv`
/// brings for one message, and would read the text behind USER as part of the name.
pub(super) const COURTESY_MS: u64 = 50;

/// How long to wait for the other side to close after a goodbye, in milliseconds, once it has
/// taken all that we sent.
pub(super) const DRAIN_MS: u64 = 2_000;

/// How long a goodbye may take in all, in milliseconds, however slowly the other side reads.
pub const LINGER_MAX_MS: u64 = 600_000;

/// The goodbye of one connection, said or not.
#[derive(Debug, Default)]
pub(super) struct Goodbye {
    /// It is to be said as soon as all texts are out and courtesy allows.
    pub(super) is_wanted: bool,
    /// When it was said, by whichever side.
    said_at: Option<Millis>,
    /// When the last text was sent.
    texted_at: Option<Millis>,
}

impl Goodbye {
    /// A text was sent.
    pub(super) fn on_text(&mut self, now: Millis) {
        self.texted_at = Some(now);
    }

    /// Whether any text was sent.
    pub(super) fn has_text(&self) -> bool {
        self.texted_at.is_some()
    }

    /// It was said.
    pub(super) fn on_said(&mut self, now: Millis) {
        (self.is_wanted, self.said_at) = (false, Some(now));
    }

    /// Whether it was said.
    pub(super) fn is_said(&self) -> bool {
        self.said_at.is_some()
    }

    /// When to say it. `None`: it is not wanted, or texts go first.
    pub(super) fn due_at(&self, outgoing: &Outgoing) -> Option<Millis> {
        let is_next = self.is_wanted && outgoing.bytes() == 0;
        let behind_text = self.texted_at.map_or(Millis(0), |at| at + COURTESY_MS);
        is_next.then(|| behind_text.max(outgoing.free_at()))
    }

    /// When the connection is closed, once it was said. `waits`: the other side has not taken all
    /// of our texts, and wants them.
    pub(super) fn ends_by(
        &self,
        now: Millis,
        waits: bool,
        standstill: &Standstill,
    ) -> Option<Millis> {
        let within_ms = if waits { STILL_MAX_MS } else { DRAIN_MS };
        let since = standstill.since().unwrap_or(now);
        self.said_at.map(|said_at| (since + within_ms).min(said_at + LINGER_MAX_MS))
    }
}
