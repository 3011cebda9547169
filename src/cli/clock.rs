//! The clock on the wall and the zones of the world, for log lines and for the services that tell
//! the time. Nothing is decided by them: the loop goes by the monotonic clock of its `Os`.

use std::time::{Duration, SystemTime};

#[cfg(feature = "lab")]
use tz::TimeZone;
use tz::UtcDateTime;

/// The time of a log line, in UTC: `2026-11-21T07:46:02.123Z`.
#[must_use]
pub(crate) fn utc() -> String {
    let since = since_1970();
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    // A clock beyond all calendars: the line is written all the same.
    let Ok(now) = UtcDateTime::from_timespec(seconds, 0) else { return "-".to_string() };
    let (year, month, day) = (now.year(), now.month(), now.month_day());
    let (hour, minute, second) = (now.hour(), now.minute(), now.second());
    let ms = since.subsec_millis();
    format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

/// Unix time in seconds. It may jump: nothing is to be decided by it.
#[must_use]
#[cfg(any(feature = "lab", test))]
pub(crate) fn unix_seconds() -> i64 {
    i64::try_from(since_1970().as_secs()).unwrap_or(i64::MAX)
}

/// Unix time in milliseconds: by it several recordings are laid beside each other.
#[must_use]
#[cfg(feature = "record")]
pub(crate) fn unix_ms() -> u64 {
    u64::try_from(since_1970().as_millis()).unwrap_or(u64::MAX)
}

#[allow(clippy::disallowed_methods, reason = "for people only")]
fn since_1970() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

/// The zone of `TZ`, or else of this machine, with the names of its times and all its changes to
/// summer time and back. It stands in a file, and so is read before a loop begins. Where there is
/// none, or `TZ` makes no sense, the world's: UTC, as the C library has it.
#[cfg(feature = "lab")]
#[must_use]
pub(crate) fn local_zone() -> TimeZone {
    match std::env::var("TZ") {
        Ok(name) => zone_named(&name),
        Err(_) => TimeZone::local().unwrap_or_else(|_| greenwich()),
    }
}

/// By a name as `TZ` has it: `America/Sao_Paulo`, with or without a colon before it, or rules as
/// POSIX writes them: `PST8PDT,M3.2.0,M11.1.0`.
#[cfg(feature = "lab")]
fn zone_named(name: &str) -> TimeZone {
    TimeZone::from_posix_tz(name).unwrap_or_else(|_| greenwich())
}

/// Not the crate's own `utc()`: its times have no name.
#[cfg(feature = "lab")]
fn greenwich() -> TimeZone {
    TimeZone::from_posix_tz("UTC0").expect("as POSIX writes it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "lab")]
    #[track_caller]
    fn check_zone(name: &str, unix_seconds: i64, expected: &str) {
        let zone = zone_named(name);
        let time = tz::DateTime::from_timespec(unix_seconds, 0, zone.as_ref()).expect("a time");
        let name_of_time = time.local_time_type().time_zone_designation();
        let said =
            format!("{} {}:{:02} {name_of_time}", time.month_day(), time.hour(), time.minute());
        assert_eq!(said, expected, "{name} at {unix_seconds}");
    }

    /// The second before each change of 2026, and the first after it.
    #[cfg(feature = "lab")]
    #[test]
    fn clocks_change_to_summer_time_and_back_while_we_run() {
        let new_york = "EST5EDT,M3.2.0,M11.1.0";
        check_zone(new_york, 1_772_953_199, "8 1:59 EST");
        check_zone(new_york, 1_772_953_200, "8 3:00 EDT");
        check_zone(new_york, 1_793_512_799, "1 1:59 EDT");
        check_zone(new_york, 1_793_512_800, "1 1:00 EST");
        // Half an hour, and the seasons the other way round.
        let lord_howe = "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0";
        check_zone(lord_howe, 1_791_041_399, "4 1:59 +1030");
        check_zone(lord_howe, 1_791_041_400, "4 2:30 +11");
    }

    #[cfg(feature = "lab")]
    #[test]
    fn tz_may_have_these_forms() {
        check_zone("<-03>3", 1_772_953_199, "8 3:59 -03");
        for nonsense in ["", "No/Such_Place", "!", "A", "PST", "UTC0,M99.9.9"] {
            check_zone(nonsense, 1_772_953_199, "8 6:59 UTC");
        }
        let is_installed = std::path::Path::new("/usr/share/zoneinfo/America/New_York").exists();
        let (before, after) =
            if is_installed { ("8 1:59 EST", "8 3:00 EDT") } else { ("8 6:59 UTC", "8 7:00 UTC") };
        for name in ["America/New_York", ":America/New_York"] {
            check_zone(name, 1_772_953_199, before);
            check_zone(name, 1_772_953_200, after);
        }
    }

    #[test]
    fn a_log_line_has_a_date_of_one_length() {
        let now = utc();
        assert!(now.len() == 24 && now.starts_with("20") && now.ends_with('Z'), "{now}");
        let seconds = unix_seconds();
        let minute = seconds / 60 % 60;
        // The minute may have ended in between.
        let minutes = [minute, (minute + 59) % 60].map(|minute| format!("{minute:02}"));
        assert!(minutes.iter().any(|minute| *minute == now[14..16]), "{now} at {seconds}");
    }
}
