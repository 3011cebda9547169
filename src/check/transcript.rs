//! The transcript of a rule: times, directions and bytes on its wires, bounded.
//!
//! Knows no meaning of what it keeps. Read next: [`super::lane`], which fills it.

use crate::machine::Millis;

/// Most entries that one rule keeps. Later entries are only counted.
pub const ENTRIES_MAX: usize = 120;

/// Most bytes kept of one entry. The length of all is kept.
pub const ENTRY_BYTES_MAX: usize = 240;

/// The people that the checker plays, by wire.
pub const PEOPLE: [&str; 8] =
    ["Ana", "Bruno", "Camila", "Davi", "Elisa", "Fabio", "Gabi", "Helena"];

/// The number that stands for the server that the checker plays.
pub const SERVER: usize = PEOPLE.len();

/// Everything that was seen, in order.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    entries: Vec<TranscriptLine>,
    left_out: usize,
}

/// One thing that was seen.
#[derive(Clone, Debug)]
pub struct TranscriptLine {
    /// When.
    pub at: Millis,
    /// On which wire, by its number in the rule.
    pub wire: usize,
    /// The kind of entry.
    pub event: Event,
    /// The bytes, or the beginning of them.
    pub bytes: Vec<u8>,
    /// How many bytes there were in all.
    pub length: usize,
}

/// An event on a wire, or at the keyboard.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Event {
    /// The check opened a connection.
    Opened,
    /// The program under test opened a connection.
    Accepted,
    /// The check sent bytes.
    Sent,
    /// Bytes came.
    Came,
    /// The check closed the connection.
    ClosedByUs,
    /// The other side closed, or the connection failed.
    ClosedByThem,
    /// The last line on the screen of the program under test, where a rule did not hold.
    Screen,
    /// A line was typed into the program under test, or the person was asked to type it.
    Typed,
}

impl Transcript {
    /// Adds an entry.
    pub(super) fn push(&mut self, at: Millis, wire: usize, event: Event, bytes: &[u8]) {
        if self.entries.len() == ENTRIES_MAX {
            self.left_out += 1;
            return;
        }
        let kept = bytes[..bytes.len().min(ENTRY_BYTES_MAX)].to_vec();
        self.entries.push(TranscriptLine { at, wire, event, bytes: kept, length: bytes.len() });
    }

    /// The entries that are kept.
    #[must_use]
    pub fn entries(&self) -> &[TranscriptLine] {
        &self.entries
    }

    /// How many entries are not kept.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_kept_in_part_and_counted() {
        let mut transcript = Transcript::default();
        for _ in 0..ENTRIES_MAX + 5 {
            transcript.push(Millis(1), 0, Event::Came, &[b'x'; 10_000]);
        }
        assert_eq!((transcript.entries().len(), transcript.left_out()), (ENTRIES_MAX, 5));
        let entry = &transcript.entries()[0];
        assert_eq!((entry.bytes.len(), entry.length), (ENTRY_BYTES_MAX, 10_000));
    }
}
