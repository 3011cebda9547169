//! Time zones, for `papo lab daytime`. They decide nothing.

use tz::TimeZone;

/// The zone of `TZ`, or of this machine, with the names of its times and all changes to summer time
/// and back. It is read from a file, so this is for the time before the loop starts. UTC, as in the
/// C library, if there is no zone or `TZ` is wrong.
#[must_use]
pub(super) fn local_zone() -> TimeZone {
    match std::env::var("TZ") {
        Ok(name) => zone_named(&name),
        Err(_) => TimeZone::local().unwrap_or_else(|_| utc()),
    }
}

/// The zone of a value of `TZ`: `America/Sao_Paulo`, with or without a colon before it, or rules of
/// POSIX: `PST8PDT,M3.2.0,M11.1.0`.
fn zone_named(name: &str) -> TimeZone {
    TimeZone::from_posix_tz(name).unwrap_or_else(|_| utc())
}

/// UTC with a name, which the times of the crate's own `utc()` lack.
fn utc() -> TimeZone {
    TimeZone::from_posix_tz("UTC0").expect("as POSIX writes it")
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
