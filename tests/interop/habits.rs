//! Models of eight public programs of the exercise: their habits.
//!
//! There are two editions of the handout. 2024: `ADDR <ip>:<porta>`, and DISC ends a conversation.
//! 2026: `ADDR <nome>:<ip>:<porta>`, and the end of the stream ends it. No socket is here:
//! `clients` runs the models on real ones, and `tests/fuzz` on generated segments.

/// An event that reaches the person at such a program.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Heard {
    Text(String),
    /// The program took something for a goodbye.
    Goodbye,
    /// `recv` returned nothing.
    End,
}

pub(crate) fn text(text: &str) -> Heard {
    Heard::Text(text.to_string())
}

/// The habits in which programs differ.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Habits {
    pub(crate) edition: &'static str,
    /// Sends KEEP in the same segment as USER.
    pub(crate) hurries: bool,
    /// The bytes after each text.
    pub(crate) text_end: &'static str,
    pub(crate) reading: Reading,
    pub(crate) naming: Naming,
    pub(crate) parting: Parting,
    pub(crate) at_disc: AtDisc,
    /// Writes only to connections that it opened, and reads only those that it accepted.
    pub(crate) one_way: bool,
}

/// The bytes that the program takes for one message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reading {
    /// All that one `recv` returns.
    Chunk,
    /// It cuts a chunk at these, and keeps no rest for the next one.
    CutAt(&'static str),
}

/// The first bytes that the program sends on a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Naming {
    User,
    UserWithoutEnd,
    BareName,
    Nothing,
}

/// How the program ends a conversation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Parting {
    /// DISC, and then it waits for the other side to close.
    Disc,
    /// The same without a line end.
    DiscWithoutEnd,
    /// It closes without a message.
    EndOfStream,
    /// The text `/bye`, and then it closes.
    Bye,
}

/// The program's reaction to DISC.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum AtDisc {
    /// It closes, or at least sends no more text.
    Ends,
    /// The same for any chunk that begins with these four letters.
    EndsAtPrefix,
    /// The same only for a chunk of these four letters, without a line end.
    EndsAtBareWord,
    /// It shows a text.
    Shows,
}

pub(crate) const A: Habits = Habits {
    edition: "2024",
    hurries: true,
    text_end: "\n",
    reading: Reading::CutAt("\n"),
    naming: Naming::User,
    parting: Parting::Disc,
    at_disc: AtDisc::Ends,
    one_way: false,
};

pub(crate) const B: Habits = Habits {
    hurries: false,
    text_end: "\r\n",
    reading: Reading::Chunk,
    at_disc: AtDisc::EndsAtPrefix,
    ..A
};

pub(crate) const C: Habits = Habits {
    hurries: false,
    text_end: "",
    reading: Reading::Chunk,
    naming: Naming::UserWithoutEnd,
    parting: Parting::DiscWithoutEnd,
    at_disc: AtDisc::EndsAtBareWord,
    one_way: true,
    ..A
};

pub(crate) const D: Habits =
    Habits { naming: Naming::Nothing, at_disc: AtDisc::Ends, one_way: false, ..C };

pub(crate) const E: Habits =
    Habits { naming: Naming::BareName, parting: Parting::Bye, at_disc: AtDisc::Shows, ..C };

pub(crate) const F: Habits =
    Habits { edition: "2026", parting: Parting::EndOfStream, at_disc: AtDisc::Shows, ..B };

pub(crate) const G: Habits = Habits { reading: Reading::CutAt("\r\n"), ..F };

pub(crate) const H: Habits = Habits { parting: Parting::Bye, ..F };

impl Habits {
    /// Returns the events that reach the person because of one `recv`.
    pub(crate) fn take(&self, chunk: &str) -> Vec<Heard> {
        let cut = match self.reading {
            Reading::Chunk => vec![chunk],
            Reading::CutAt(end) => chunk.split_terminator(end).collect(),
        };
        cut.into_iter().map(|piece| self.understand(piece)).collect()
    }

    fn understand(&self, piece: &str) -> Heard {
        let is_goodbye = match self.at_disc {
            AtDisc::Ends => piece.trim() == "DISC",
            AtDisc::EndsAtPrefix => piece.starts_with("DISC"),
            AtDisc::EndsAtBareWord => piece == "DISC",
            AtDisc::Shows => false,
        };
        if is_goodbye { Heard::Goodbye } else { text(piece.trim_end_matches(['\r', '\n'])) }
    }
}
