//! Output that stands still: the other side takes nothing of it.
//!
//! A slow reader is not a dead one: its program may be stopped, or its network may be down for a
//! while. So the person is told once that texts wait, and the connection is closed much later.
//! Must never know a text. Read next: [`super::link`].

use crate::machine::Millis;

/// After so long without progress, in milliseconds, the person is told that texts wait.
pub const STILL_TOLD_MS: u64 = 20_000;

/// After so long without progress, in milliseconds, the connection is closed.
pub const STILL_MAX_MS: u64 = 180_000;

/// The output of one connection.
#[derive(Debug, Default)]
pub(super) struct Standstill {
    since: Option<Millis>,
    is_told: bool,
}

impl Standstill {
    /// So many bytes wait now. `moves`: the other side has taken some.
    pub(super) fn on_backlog(&mut self, now: Millis, bytes: usize, moves: bool) {
        if bytes == 0 {
            *self = Self::default();
        } else if moves || self.since.is_none() {
            self.since = Some(now);
        }
    }

    /// When output last moved. `None`: none waits.
    pub(super) fn since(&self) -> Option<Millis> {
        self.since
    }

    /// Whether the person is to be told now. True once, until all output has left.
    pub(super) fn take_note(&mut self, now: Millis) -> bool {
        let is_new = self.told_at().is_some_and(|at| at <= now);
        self.is_told |= is_new;
        is_new
    }

    /// When the person is to be told. `None`: nothing waits, or the person was told.
    pub(super) fn told_at(&self) -> Option<Millis> {
        self.since.filter(|_| !self.is_told).map(|at| at + STILL_TOLD_MS)
    }

    /// Whether the connection is closed because of it.
    pub(super) fn is_over(&self, now: Millis) -> bool {
        self.cut_at().is_some_and(|at| at <= now)
    }

    /// When the connection is to be closed.
    pub(super) fn cut_at(&self) -> Option<Millis> {
        self.since.map(|at| at + STILL_MAX_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standstill_is_reported_once_until_all_output_has_left() {
        let mut still = Standstill::default();
        still.on_backlog(Millis(0), 10, false);
        assert!(!still.take_note(Millis(19_999)));
        assert!(still.take_note(Millis(20_000)));
        still.on_backlog(Millis(30_000), 5, true);
        assert_eq!((still.told_at(), still.cut_at()), (None, Some(Millis(210_000))));
        still.on_backlog(Millis(40_000), 0, true);
        assert_eq!(still.cut_at(), None);
        still.on_backlog(Millis(50_000), 10, false);
        still.on_backlog(Millis(60_000), 20, false);
        assert_eq!(still.told_at(), Some(Millis(70_000)), "more output is no progress");
        assert_eq!(still.since(), Some(Millis(50_000)));
    }
}
