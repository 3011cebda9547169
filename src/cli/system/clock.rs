//! The wall clock, for log lines, recordings, and the services that tell the time. It decides
//! nothing: the loop uses the monotonic clock of its `Os`.

use std::time::{Duration, SystemTime};

use tz::UtcDateTime;

/// The time of a log line, in UTC: `2026-11-21T07:46:02.123Z`.
#[must_use]
pub(crate) fn utc() -> String {
    let since = since_1970();
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    // A clock that is far wrong: the line is written without a time.
    let Ok(now) = UtcDateTime::from_timespec(seconds, 0) else { return "-".to_string() };
    let (year, month, day) = (now.year(), now.month(), now.month_day());
    let (hour, minute, second) = (now.hour(), now.minute(), now.second());
    let ms = since.subsec_millis();
    format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

/// Unix time in seconds. It may jump, so it must decide nothing.
#[must_use]
pub(crate) fn unix_seconds() -> i64 {
    i64::try_from(since_1970().as_secs()).unwrap_or(i64::MAX)
}

/// Unix time in milliseconds, by which several recordings are aligned.
#[must_use]
pub(crate) fn unix_ms() -> u64 {
    u64::try_from(since_1970().as_millis()).unwrap_or(u64::MAX)
}

#[allow(clippy::disallowed_methods, reason = "for people only")]
fn since_1970() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

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
