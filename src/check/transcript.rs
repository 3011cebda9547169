//! The transcript of a rule: times, directions and bytes on its wires, bounded.
//!
//! The meaning of the bytes does not matter here. Read next: `lane`, which fills it.

use crate::machine::Millis;

/// Most entries that one rule keeps. Later entries are only counted.
pub const ENTRIES_MAX: usize = 120;

/// Most bytes that are kept of one entry, beside its length.
pub const ENTRY_BYTES_MAX: usize = 240;

/// The names of the played people, by wire.
pub const PEOPLE: [&str; 8] =
    ["Ana", "Bruno", "Camila", "Davi", "Elisa", "Fabio", "Gabi", "Helena"];

/// The wire of the played server.
pub const SERVER: usize = PEOPLE.len();

/// The events of a rule, in order.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    entries: Vec<TranscriptLine>,
    left_out: usize,
}

/// One entry of a transcript.
#[derive(Clone, Debug)]
pub struct TranscriptLine {
    /// The time.
    pub at: Millis,
    /// The number of the wire in the rule.
    pub wire: usize,
    /// The event.
    pub event: Event,
    /// The bytes, or their beginning.
    pub bytes: Vec<u8>,
    /// How many bytes there were.
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
    /// The last line on the screen of a program that broke the rule.
    Screen,
    /// A line was typed into the program under test, or a person was asked to type it.
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

    /// How many further entries there were.
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
