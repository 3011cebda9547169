//! The time of each shown line, `12:34`, and a line for each new day.
//!
//! The line for a day comes before the first text of that day, and not at midnight: that would wake
//! a sleeping program for nothing.

use super::sentences::NEW_DAY;
use crate::console::language::Language;
use crate::console::wall_clock::WallTime;

/// The local time, and the last day that was shown.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stamp {
    now: Option<WallTime>,
    shown: Option<Day>,
}

/// Year, month, day.
type Day = (i32, u8, u8);

impl Stamp {
    pub(super) fn set_time(&mut self, now: WallTime) {
        self.now = Some(now);
    }

    /// `12:34 `. Empty if the time is unknown.
    pub(super) fn clock(&self) -> String {
        self.now.map_or_else(String::new, |now| format!("{:02}:{:02} ", now.hour, now.minute))
    }

    /// The line for the day, if the last text was shown on another day.
    pub(super) fn new_day(&mut self, language: Language) -> Option<String> {
        let now = self.now?;
        let today = (now.year, now.month, now.day);
        let before = self.shown.replace(today)?;
        (before != today).then(|| {
            let [month, day] = [now.month, now.day].map(|number| format!("{number:02}"));
            NEW_DAY.fill(language, &[("year", &now.year), ("month", &month), ("day", &day)])
        })
    }
}
