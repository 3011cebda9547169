//! Evidence that several rules bring, for the rules that are judged by it.
//!
//! Knows no connection and no program. Read next: [`super::scene`].

use crate::machine::Millis;
use crate::wire::reply::Edition;

use super::rule::{Fault, Seen};
use super::transcript::{Event, Transcript};
use super::wires::{Heard, HeardEnd};

/// Evidence that several rules bring, for the rules of [`super::rule::Stage::Watched`].
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// Lines that came with CR LF.
    pub(super) lines: usize,
    /// The first line that came without CR LF.
    pub(super) ending: Option<Sample>,
    /// The first line that nobody had asked for.
    pub(super) unasked: Option<Sample>,
    /// The first ADDR with two fields, and the first with three.
    pub(super) of_2024: Option<Sample>,
    pub(super) of_2026: Option<Sample>,
    /// The first line to the server that is no instruction.
    pub(super) told_server: Option<Sample>,
    /// The edition of the ADDR after which a peer called.
    pub(super) called_in: Option<Edition>,
    /// How many texts came from a peer, and the first of them without a line end.
    pub(super) texts: usize,
    pub(super) text_ending: Option<Sample>,
}

/// A fault, with the line in which it was seen.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) fault: Fault,
    pub(super) transcript: Transcript,
}

impl Sample {
    pub(super) fn new(fault: Fault, wire: usize, at: Millis, bytes: &[u8]) -> Self {
        let mut transcript = Transcript::default();
        transcript.push(at, wire, Event::Came, bytes);
        Self { fault, transcript }
    }
}

impl Evidence {
    /// Notes how a line ended.
    pub(super) fn note_end(&mut self, wire: usize, heard: &Heard) {
        let (seen, end) = match heard.end {
            HeardEnd::CrLf => {
                self.lines += 1;
                return;
            }
            HeardEnd::Lf => (Seen::BareLf, &b"\n"[..]),
            HeardEnd::Rest => (Seen::Unended, &b""[..]),
        };
        let whole = [&heard.line[..], end].concat();
        let fault = || Fault::new(seen).about(&whole).after(whole.len() as u64);
        self.ending.get_or_insert_with(|| Sample::new(fault(), wire, heard.at, &whole));
    }

    /// Notes a line that nobody had asked for.
    pub(super) fn note_unasked(&mut self, wire: usize, heard: &Heard) {
        if heard.is_owed {
            return;
        }
        let fault = || Fault::new(Seen::Spoke).about(&heard.line);
        self.unasked.get_or_insert_with(|| Sample::new(fault(), wire, heard.at, &heard.line));
    }

    /// Notes the form of an ADDR.
    pub(super) fn note_edition(&mut self, edition: Edition, wire: usize, heard: &Heard) {
        let slot = match edition {
            Edition::Of2024 => &mut self.of_2024,
            Edition::Of2026 => &mut self.of_2026,
        };
        let fault = || Fault::new(Seen::OtherEdition).about(&heard.line);
        slot.get_or_insert_with(|| Sample::new(fault(), wire, heard.at, &heard.line));
    }

    /// The edition that was seen, where it was one.
    pub(super) fn edition(&self) -> Option<Edition> {
        match (&self.of_2024, &self.of_2026) {
            (Some(_), None) => Some(Edition::Of2024),
            (None, Some(_)) => Some(Edition::Of2026),
            _ => self.called_in,
        }
    }
}
