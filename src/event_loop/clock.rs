//! The only clock of the program. It does not jump: the operating system's monotonic one. The
//! one on the wall is read here, too, for people to look at.

use std::time::{Duration, Instant, SystemTime};

use crate::machine::{Millis, WallTime};

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

/// The time of a log line, by Greenwich: `2026-11-21T07:46:02.123Z`.
#[must_use]
pub fn utc() -> String {
    let now = time::OffsetDateTime::now_utc();
    let (year, month, day) = (now.year(), u8::from(now.month()), now.day());
    let (hour, minute, second, ms) = now.to_hms_milli();
    format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

/// The time on the wall, in the zone of `TZ` or of the system. `None`: the zone is not known, and
/// no time is better than a wrong one.
#[cfg(feature = "editor")]
pub(super) fn wall_time() -> Option<WallTime> {
    // Asking for the zone is sound only where no other thread can change the environment: the
    // crate counts the threads, and there is one.
    let now = time::OffsetDateTime::now_local().ok()?;
    Some(WallTime {
        year: now.year(),
        month: now.month().into(),
        day: now.day(),
        hour: now.hour(),
        minute: now.minute(),
    })
}

/// Without a terminal that draws, nobody looks.
#[cfg(not(feature = "editor"))]
pub(super) fn wall_time() -> Option<WallTime> {
    None
}

/// Seconds since 1970 began in Greenwich, by the clock on the wall. It may jump: nothing is to be
/// decided by it.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "for people only")]
pub fn unix_seconds() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
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
