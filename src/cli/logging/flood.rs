//! A limit on the log lines of one kind in a second. A client that connects a thousand times a
//! second must not fill the disk, nor hide other events.
//!
//! It counts, and is given the time. Must not write: [`super`] logs one line about the lines that
//! were left out.

use std::fmt::{self, Arguments, Write};

use log::Level;

use crate::machine::Millis;

/// Most lines of one kind in one second. One line then tells how many more there were.
pub const LINES_PER_SECOND: usize = 10;

/// The same for joins and leaves: a class of this size joins and leaves at once, and its teacher
/// looks for each name in the log.
pub const CLASS_LINES_PER_SECOND: usize = 100;

/// The length of that second, in milliseconds.
pub const FLOOD_WINDOW_MS: u64 = 1000;

/// Most kinds that are counted apart. The program has about forty; `RUST_LOG` adds those of
/// libraries.
pub const KINDS_MAX: usize = 64;

/// Longest kind, in bytes. It includes the reason of a refusal.
const KIND_BYTES_MAX: usize = 48;

/// After this first word the second one belongs to the kind: each reason is counted apart, so that
/// a flood of one does not hide the others.
const REFUSE: &[u8] = b"event=refuse";

/// The first word of a message, such as `event=join`, padded with zeros.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LogKind {
    bytes: [u8; KIND_BYTES_MAX],
    len: usize,
}

impl LogKind {
    /// The kind of a message. Only the words of the kind are formatted.
    #[must_use]
    pub fn of(message: &Arguments<'_>) -> Self {
        let mut kind = Self { bytes: [0; KIND_BYTES_MAX], len: 0 };
        // `write_str` stops the formatting with an error.
        let _ = kind.write_fmt(*message);
        kind
    }

    /// Most lines of this kind in one second.
    fn lines_max(&self) -> usize {
        let is_of_class =
            matches!(self.as_bytes(), b"event=join" | b"event=leave" | b"join" | b"leave");
        if is_of_class { CLASS_LINES_PER_SECOND } else { LINES_PER_SECOND }
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl Write for LogKind {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            let goes_on = byte.is_ascii_graphic() || self.as_bytes() == REFUSE;
            if !goes_on || self.len == KIND_BYTES_MAX {
                return Err(fmt::Error);
            }
            self.bytes[self.len] = byte;
            self.len += 1;
        }
        Ok(())
    }
}

impl fmt::Display for LogKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(std::str::from_utf8(self.as_bytes()).unwrap_or_default())
    }
}

/// Lines that were left out in one window.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Suppressed {
    /// Their first word.
    pub kind: LogKind,
    /// Their level: their count is logged at the same level.
    pub level: Level,
    /// How many.
    pub count: usize,
}

impl Suppressed {
    /// How many of `count` lines are beyond the limit.
    fn left_out(&self) -> usize {
        self.count.saturating_sub(self.kind.lines_max())
    }
}

/// Counts the lines of each kind within windows of one second.
#[derive(Debug, Default)]
pub struct Flood {
    window_start: Millis,
    /// Here `count` includes the lines of the window that passed.
    kinds: Vec<Suppressed>,
}

impl Flood {
    /// Whether one more line of this kind may be written in this window.
    pub fn admits(&mut self, kind: LogKind, level: Level) -> bool {
        let known = self.kinds.iter().position(|found| found.kind == kind);
        if known.is_none() && self.kinds.len() < KINDS_MAX {
            self.kinds.push(Suppressed { kind, level, count: 0 });
        }
        // Kinds that have no place share the last one.
        let place = known.unwrap_or(self.kinds.len() - 1);
        self.kinds[place].count += 1;
        self.kinds[place].left_out() == 0
    }

    /// Begins another window if this one is over. The caller logs what was left out.
    pub fn next_window(&mut self, now: Millis) -> Vec<Suppressed> {
        if now.since(self.window_start) < FLOOD_WINDOW_MS {
            return Vec::new();
        }
        self.window_start = now;
        let counts = self.kinds.iter().map(|it| Suppressed { count: it.left_out(), ..*it });
        let told = counts.filter(|it| it.count > 0).collect();
        self.kinds.clear();
        told
    }

    /// Whether any line came in this window.
    #[must_use]
    pub fn has_counted(&self) -> bool {
        !self.kinds.is_empty()
    }

    /// Whether a line was left out in this window.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.kinds.iter().any(|found| found.left_out() > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> LogKind {
        LogKind::of(&format_args!("{text}"))
    }

    #[test]
    fn a_kind_is_the_first_word() {
        assert_eq!(
            LogKind::of(&format_args!("event={} name={}", "join", "Ana")),
            kind("event=join")
        );
        assert_eq!(kind("event=join name=\"Ana\"").to_string(), "event=join");
        assert_eq!(kind(&"x".repeat(90)).to_string(), "x".repeat(KIND_BYTES_MAX));
    }

    #[test]
    fn ten_lines_a_second_of_each_kind_and_then_the_number_of_the_others() {
        let mut flood = Flood::default();
        let passed = (0..25).filter(|_| flood.admits(kind("event=state x"), Level::Info)).count();
        assert_eq!(passed, LINES_PER_SECOND);
        assert!(flood.admits(kind("event=leave"), Level::Info), "another kind");
        assert!(flood.is_behind());
        assert_eq!(flood.next_window(Millis(FLOOD_WINDOW_MS - 1)), []);
        assert!(!flood.admits(kind("event=state"), Level::Info), "still the same second");
        let told = flood.next_window(Millis(FLOOD_WINDOW_MS));
        let expected = Suppressed { kind: kind("event=state"), level: Level::Info, count: 16 };
        assert_eq!(told, [expected]);
        assert!(!flood.is_behind() && flood.admits(kind("event=state"), Level::Info));
        assert_eq!(flood.next_window(Millis(5 * FLOOD_WINDOW_MS)), [], "nothing was held back");
    }

    #[test]
    fn a_class_that_comes_and_goes_at_once_is_logged_name_by_name() {
        for word in ["event=join", "event=leave", "join", "leave"] {
            let mut flood = Flood::default();
            let admitted = (0..150).filter(|_| flood.admits(kind(word), Level::Info)).count();
            assert_eq!(admitted, CLASS_LINES_PER_SECOND, "{word}");
            let told = flood.next_window(Millis(FLOOD_WINDOW_MS));
            assert_eq!(told[0].count, 50, "{word}");
        }
    }

    #[test]
    fn a_flood_of_one_refusal_does_not_hide_another() {
        let mut flood = Flood::default();
        let noise = kind("event=refuse reason=not_user from=10.0.0.9:5");
        assert_eq!(noise.to_string(), "event=refuse reason=not_user");
        let floods = (0..99).filter(|_| flood.admits(noise, Level::Info)).count();
        assert_eq!(floods, LINES_PER_SECOND);
        assert!(!flood.admits(noise, Level::Info));
        assert!(flood.admits(kind("event=refuse reason=no_port from=10.0.0.7:5"), Level::Info));
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
