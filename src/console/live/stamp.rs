//! When something was shown: `12:34`, and a line where a new day begins.
//!
//! The day is told before the first thing that is shown in it. A line at midnight itself would
//! wake a sleeping program for nobody.

use super::sentences::NEW_DAY;
use crate::console::language::Language;
use crate::console::wall_clock::WallTime;

/// The wall clock's time, and the day that was shown last.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stamp {
    now: Option<WallTime>,
    shown: Option<Day>,
}

/// Year, month, day.
type Day = (i32, u8, u8);

impl Stamp {
    pub(super) fn tell(&mut self, now: WallTime) {
        self.now = Some(now);
    }

    /// `12:34 `; nothing where nobody told the time.
    pub(super) fn clock(&self) -> String {
        self.now.map_or_else(String::new, |now| format!("{:02}:{:02} ", now.hour, now.minute))
    }

    /// The line for the day, if the last thing that was shown was shown on another one.
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
