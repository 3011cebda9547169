//! The clock of one process.
//!
//! It starts with the process, and may run a little fast or slow, so that no machine can rely
//! on another's. Read next: [`super::driver`], which is the only one to look at it.

use papo::machine::Millis;

/// A clock that counts milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    started: u64,
    /// How many thousandths of a second pass here in a second: 990 to 1010.
    rate: u64,
}

impl Clock {
    pub(crate) fn new(started: u64, rate: u64) -> Self {
        Self { started, rate }
    }

    /// The time that it shows at this time of the world.
    pub(crate) fn show(self, now: u64) -> Millis {
        Millis(now.saturating_sub(self.started) * self.rate / 1000)
    }

    /// The computer sleeps for so long: no time passes here.
    pub(crate) fn stand_still(&mut self, pause_ms: u64) {
        self.started += pause_ms;
    }

    /// When in the world it shows at least this.
    pub(crate) fn when(self, shown: Millis) -> u64 {
        self.started.saturating_add(shown.0.saturating_mul(1000).div_ceil(self.rate))
    }
}

#[test]
fn a_clock_never_shows_less_than_it_was_asked_for() {
    for rate in [990, 1000, 1010] {
        let clock = Clock::new(7, rate);
        for shown in (0..40_000).step_by(13) {
            let when = clock.when(Millis(shown));
            assert!(clock.show(when) >= Millis(shown));
            assert!(when == 7 || clock.show(when - 1) < Millis(shown));
        }
    }
}
