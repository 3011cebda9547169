//! The clock of one process.
//!
//! It starts with the process, and may be up to 1 % fast or slow, so that no machine can rely on
//! another's clock. Read next: [`super::kernel`].

use papo::machine::Millis;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    started: u64,
    /// Milliseconds of this clock in a second of the world: 990 to 1010.
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

    /// The computer sleeps for so long: the clock does not advance.
    pub(crate) fn stand_still(&mut self, pause_ms: u64) {
        self.started += pause_ms;
    }

    /// The first time of the world when it shows `shown`.
    pub(crate) fn when(self, shown: Millis) -> u64 {
        self.started.saturating_add(shown.0.saturating_mul(1000).div_ceil(self.rate))
    }
}

#[test]
fn a_clock_shows_the_time_that_when_was_asked_for() {
    for rate in [990, 1000, 1010] {
        let clock = Clock::new(7, rate);
        for shown in (0..40_000).step_by(13) {
            let when = clock.when(Millis(shown));
            assert!(clock.show(when) >= Millis(shown));
            assert!(when == 7 || clock.show(when - 1) < Millis(shown));
        }
    }
}
