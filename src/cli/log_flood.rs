//! How many log lines of one kind may come in a second. Somebody who connects a thousand times
//! a second must not fill the disk, nor hide what else happens.
//!
//! Counts, and is told what time it is. Must not write: what was held back is handed to
//! [`super::log_setup`], to be said in one line.

use std::fmt::{self, Arguments, Write};

use log::Level;

use crate::machine::Millis;

/// Most lines of one kind in one second. Of what is beyond, one line tells the number.
pub const LINES_PER_SECOND: usize = 10;

/// The length of that second, in milliseconds.
pub const FLOOD_WINDOW_MS: u64 = 1000;

/// Most kinds that are told apart. Ours are about twenty; the libraries' come with `RUST_LOG`.
pub const KINDS_MAX: usize = 64;

/// Longest first word that is a kind of its own, in bytes.
const KIND_BYTES_MAX: usize = 32;

/// The first word of a message, such as `event=join`, padded with zeros.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Kind {
    bytes: [u8; KIND_BYTES_MAX],
    len: usize,
}

impl Kind {
    /// Of a message that is still to be formatted: this formats no more of it than one word.
    #[must_use]
    pub fn of(message: &Arguments<'_>) -> Self {
        let mut kind = Self::default();
        // An error is how the formatting is told to stop.
        let _ = kind.write_fmt(*message);
        kind
    }
}

impl Write for Kind {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            if !byte.is_ascii_graphic() || self.len == KIND_BYTES_MAX {
                return Err(fmt::Error);
            }
            self.bytes[self.len] = byte;
            self.len += 1;
        }
        Ok(())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default())
    }
}

/// Lines that were held back in one window.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Suppressed {
    /// Their first word.
    pub kind: Kind,
    /// Their level, so that who does not want them is not told their number either.
    pub level: Level,
    /// How many.
    pub count: usize,
}

/// Counts the lines of each kind within windows of one second.
#[derive(Debug, Default)]
pub struct Flood {
    window_start: Millis,
    /// `count` is of all lines of the window here, those that passed included.
    kinds: Vec<Suppressed>,
}

impl Flood {
    /// Whether one more line of this kind may be written in this window.
    pub fn admits(&mut self, kind: Kind, level: Level) -> bool {
        let known = self.kinds.iter().position(|found| found.kind == kind);
        if known.is_none() && self.kinds.len() < KINDS_MAX {
            self.kinds.push(Suppressed { kind, level, count: 0 });
        }
        // Beyond the table: all in its last place.
        let place = known.unwrap_or(self.kinds.len() - 1);
        self.kinds[place].count += 1;
        self.kinds[place].count <= LINES_PER_SECOND
    }

    /// Begins another window if this one is over. What it held back is to be told.
    pub fn next_window(&mut self, now: Millis) -> Vec<Suppressed> {
        if now.since(self.window_start) < FLOOD_WINDOW_MS {
            return Vec::new();
        }
        self.window_start = now;
        let over = self.kinds.iter().filter(|found| found.count > LINES_PER_SECOND);
        let told = over.map(|found| Suppressed { count: found.count - LINES_PER_SECOND, ..*found });
        let told = told.collect();
        self.kinds.clear();
        told
    }

    /// Whether there were any lines in this window.
    #[must_use]
    pub fn has_counted(&self) -> bool {
        !self.kinds.is_empty()
    }

    /// Whether something is held back.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.kinds.iter().any(|found| found.count > LINES_PER_SECOND)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Kind {
        Kind::of(&format_args!("{text}"))
    }

    #[test]
    fn a_kind_is_the_first_word() {
        assert_eq!(Kind::of(&format_args!("event={} name={}", "join", "Ana")), kind("event=join"));
        assert_eq!(kind("event=join name=\"Ana\"").to_string(), "event=join");
        assert_eq!(kind(&"x".repeat(90)).to_string(), "x".repeat(KIND_BYTES_MAX));
    }

    #[test]
    fn ten_lines_a_second_of_each_kind_and_then_the_number_of_the_others() {
        let mut flood = Flood::default();
        let passed = (0..25).filter(|_| flood.admits(kind("event=join x"), Level::Info)).count();
        assert_eq!(passed, LINES_PER_SECOND);
        assert!(flood.admits(kind("event=leave"), Level::Info), "another kind");
        assert!(flood.is_behind());
        assert_eq!(flood.next_window(Millis(FLOOD_WINDOW_MS - 1)), []);
        assert!(!flood.admits(kind("event=join"), Level::Info), "still the same second");
        let told = flood.next_window(Millis(FLOOD_WINDOW_MS));
        let expected = Suppressed { kind: kind("event=join"), level: Level::Info, count: 16 };
        assert_eq!(told, [expected]);
        assert!(!flood.is_behind() && flood.admits(kind("event=join"), Level::Info));
        assert_eq!(flood.next_window(Millis(5 * FLOOD_WINDOW_MS)), [], "nothing was held back");
    }

    #[test]
    fn the_table_of_kinds_is_bounded() {
        let mut flood = Flood::default();
        for number in 0..10 * KINDS_MAX {
            flood.admits(kind(&format!("kind{number}")), Level::Warn);
        }
        assert_eq!(flood.kinds.len(), KINDS_MAX);
        assert!(!flood.admits(kind("another"), Level::Warn));
    }
}
