//! The only clock of the program. It does not jump: the operating system's monotonic one.

use std::time::{Duration, Instant};

use crate::machine::Millis;

/// Longest sleep. The poller's own timeout is a 32-bit number of milliseconds; a minute keeps
/// far away from its end, and waking up once a minute costs nothing.
const SLEEP_MAX: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Clock {
    start: Instant,
}

impl Clock {
    #[allow(clippy::disallowed_methods, reason = "this is the one place")]
    pub(super) fn start() -> Self {
        Self { start: Instant::now() }
    }

    pub(super) fn now(&self) -> Millis {
        Millis(u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}

/// How long to sleep from `now` until the deadline. A millisecond begun counts whole, or the
/// loop would spin through it.
pub(super) fn until(now: Millis, deadline: Millis) -> Duration {
    Duration::from_millis(deadline.since(now)).min(SLEEP_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleeps_are_neither_negative_nor_endless() {
        assert_eq!(until(Millis(5), Millis(3)), Duration::ZERO);
        assert_eq!(until(Millis(5), Millis(6)), Duration::from_millis(1));
        assert_eq!(until(Millis(0), Millis(u64::MAX)), SLEEP_MAX);
    }
}
