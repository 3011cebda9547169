//! The time on the wall, where the person is. It may jump: it is shown, and nothing is decided by
//! it.

use tz::UtcDateTime;

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

/// The time in the zone of `TZ` or of the system. `None`: the zone is not known, and no time is
/// better than a wrong one.
#[allow(clippy::disallowed_methods, reason = "for people only")]
pub(crate) fn wall_time() -> Option<WallTime> {
    // The offset from UTC is asked of the C library, and anew each time: it knows when summer
    // time begins. Asking is sound only where no other thread can change the environment: the
    // crate counts the threads, and there is one.
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
