//! The trace of a run: every step as a line of text. The last lines are kept, and all are hashed.
//!
//! Two runs of one seed have the same hash.

use std::collections::VecDeque;
use std::fmt::{self, Write};

/// How many lines a failure shows.
const KEPT: usize = 30;

#[derive(Debug, Default)]
pub(crate) struct Trace {
    last: VecDeque<String>,
    /// FNV-1a of every line.
    hash: u64,
    pub(crate) steps: u64,
    /// Prints every line at once, for `SEED=17`.
    pub(crate) is_loud: bool,
    /// Notes nothing. The trace takes a third of the time, and a fuzzer makes many runs.
    pub(crate) is_mute: bool,
}

impl Trace {
    pub(crate) fn note(&mut self, now: u64, who: &str, what: fmt::Arguments<'_>) {
        if self.is_mute {
            return;
        }
        let mut line = self.spare();
        // Writing to a String cannot fail.
        let _ = write!(line, "{now:>7} {who:<4} {what}");
        self.hash = line.bytes().fold(self.hash ^ 0xCBF2_9CE4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        });
        self.steps += 1;
        if self.is_loud {
            print_line(&line);
        }
        self.last.push_back(line);
    }

    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    pub(crate) fn last_lines(&self) -> String {
        self.last.iter().map(|line| format!("  {line}\n")).collect()
    }

    /// An empty string, made from the oldest line if there are enough.
    fn spare(&mut self) -> String {
        if self.last.len() < KEPT {
            return String::new();
        }
        let mut line = self.last.pop_front().unwrap_or_default();
        line.clear();
        line
    }
}

#[expect(clippy::print_stdout, reason = "for a person who runs one seed")]
fn print_line(line: &str) {
    println!("{line}");
}
