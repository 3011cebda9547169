//! Notices that repeat: the first few are shown one by one, and the others are counted.
//!
//! Must never know what a notice says. Read next: [`super::arrivals`], which counts callers.

use crate::machine::Millis;

/// Most callers that were turned away and are shown one by one, in each [`FOLD_MS`].
pub const TURNED_AWAY_TOLD_MAX: usize = 3;

/// Most calls that ended without a text and are shown one by one, in each [`FOLD_MS`]. A person who
/// tries a program by hand sees each of them.
pub const SILENT_CALLS_TOLD_MAX: usize = 10;

/// How long the others are counted before their number is shown, in milliseconds.
pub const FOLD_MS: u64 = 60_000;

/// A count of such notices.
#[derive(Debug)]
pub(super) struct Fold {
    /// Most that are shown.
    told_max: usize,
    /// When the count began.
    since: Option<Millis>,
    shown: usize,
    folded: usize,
}

impl Fold {
    /// Shows so many.
    pub(super) fn new(told_max: usize) -> Self {
        Self { told_max, since: None, shown: 0, folded: 0 }
    }

    /// Whether the next one is not shown.
    pub(super) fn is_full(&self) -> bool {
        self.shown >= self.told_max
    }

    /// One more. True: it is shown itself.
    pub(super) fn count(&mut self, now: Millis) -> bool {
        self.since.get_or_insert(now);
        let is_shown = !self.is_full();
        self.shown += usize::from(is_shown);
        self.folded += usize::from(!is_shown);
        is_shown
    }

    /// When the number of the others is due.
    pub(super) fn next_deadline(&self) -> Option<Millis> {
        self.since.map(|since| since + FOLD_MS)
    }

    /// Looks at the time. `Some`: the number of those that were not shown is due.
    pub(super) fn on_tick(&mut self, now: Millis) -> Option<usize> {
        self.next_deadline().filter(|&at| at <= now)?;
        let folded = std::mem::replace(self, Self::new(self.told_max)).folded;
        (folded > 0).then_some(folded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_the_others_is_due_after_a_minute() {
        let mut fold = Fold::new(3);
        let shown = [(); 5].map(|()| fold.count(Millis(1_000)));
        assert_eq!(shown, [true, true, true, false, false]);
        assert_eq!(fold.on_tick(Millis(1_000 + FOLD_MS - 1)), None);
        assert_eq!(fold.next_deadline(), Some(Millis(1_000 + FOLD_MS)));
        assert_eq!(fold.on_tick(Millis(1_000 + FOLD_MS)), Some(2));
        assert_eq!(fold.next_deadline(), None);
    }
}
