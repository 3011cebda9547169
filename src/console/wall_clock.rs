//! The local time of the person. It may jump, so it is only shown: no decision depends on it.

use tz::UtcDateTime;

use crate::machine::Millis;

/// Shortest time between two readings of the clock by one loop, in milliseconds.
const READ_MS: u64 = 1_000;

/// A calendar and a clock; months and days count from 1.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[allow(missing_docs, reason = "the fields say it")]
pub struct WallTime {
    pub year: i32,
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
}

/// The clock of a loop, which reads it once a second at most.
#[derive(Debug, Default)]
pub struct WallClock {
    read_at: Option<Millis>,
}

impl WallClock {
    /// The time, if it was read now.
    pub fn read(&mut self, now: Millis) -> Option<WallTime> {
        if self.read_at.is_some_and(|at| now.since(at) < READ_MS) {
            return None;
        }
        self.read_at = Some(now);
        wall_time()
    }
}

/// The time in the zone of `TZ` or of the system. `None`: the zone is unknown, and a wrong time
/// would be worse than none.
#[allow(clippy::disallowed_methods, reason = "for people only")]
pub(crate) fn wall_time() -> Option<WallTime> {
    // The C library gives the offset from UTC. It is asked each time, because daylight saving time
    // may begin. The call is sound only if no other thread can change the environment: the crate
    // counts the threads, and there is one.
    let offset = time::UtcOffset::current_local_offset().ok()?;
    let since = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH);
    let unix_seconds = i64::try_from(since.ok()?.as_secs()).ok()?;
    let shifted = unix_seconds.checked_add(offset.whole_seconds().into())?;
    let now = UtcDateTime::from_timespec(shifted, 0).ok()?;
    Some(WallTime {
        year: now.year(),
        month: now.month(),
        day: now.month_day(),
        hour: now.hour(),
        minute: now.minute(),
    })
}
