//! Lines that repeat: the first few are shown, the others are counted.
//!
//! Knows times and a number. Read next: `arrivals`, which turns callers away.

use crate::machine::Millis;

/// So many callers that were turned away are told one by one, in each [`FOLD_MS`].
pub const TURNED_AWAY_TOLD_MAX: usize = 3;

/// How long the others are counted before their number is told, in milliseconds.
pub const FOLD_MS: u64 = 60_000;

/// Callers that were turned away.
#[derive(Debug, Default)]
pub(super) struct Fold {
    /// When the count that is under way began.
    since: Option<Millis>,
    told: usize,
    folded: usize,
}

impl Fold {
    /// One more. True: it is to be told by itself.
    pub(super) fn count(&mut self, now: Millis) -> bool {
        self.since.get_or_insert(now);
        let is_told = self.told < TURNED_AWAY_TOLD_MAX;
        self.told += usize::from(is_told);
        self.folded += usize::from(!is_told);
        is_told
    }

    /// When the number of the others is due.
    pub(super) fn next_deadline(&self) -> Option<Millis> {
        self.since.map(|since| since + FOLD_MS)
    }

    /// Looks at the time. Some: so many were not told by themselves.
    pub(super) fn on_tick(&mut self, now: Millis) -> Option<usize> {
        self.next_deadline().filter(|&at| at <= now)?;
        let folded = std::mem::take(self).folded;
        (folded > 0).then_some(folded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_others_are_told_when_their_minute_is_over_and_not_before() {
        let mut fold = Fold::default();
        let told = [(); 5].map(|()| fold.count(Millis(1_000)));
        assert_eq!(told, [true, true, true, false, false]);
        assert_eq!(fold.on_tick(Millis(1_000 + FOLD_MS - 1)), None);
        assert_eq!(fold.next_deadline(), Some(Millis(1_000 + FOLD_MS)));
        assert_eq!(fold.on_tick(Millis(1_000 + FOLD_MS)), Some(2));
        assert_eq!(fold.next_deadline(), None);
    }
}
