//! The names, ports and texts of one rule, and the `{places}` in its steps.
//!
//! No two rules of a run, and no two runs, have a name in common. Read first: [`super::step`].

use super::step::{LINES, LONG_LINE_BYTES};
use super::transcript::PEOPLE;

/// How many connections a rule may have.
pub(super) const WIRES: usize = PEOPLE.len();

/// The names, ports and texts of one rule.
#[derive(Debug)]
pub(super) struct Texts {
    /// The index of the rule among those that are tried.
    pub(super) index: usize,
    /// A random number, the same for all rules of a run.
    pub(super) tag: u16,
}

impl Texts {
    /// The name of the client on this wire.
    pub(super) fn name(&self, wire: usize) -> String {
        format!("{}-{:02}{:04x}", PEOPLE[wire], self.index, self.tag)
    }

    /// A word that no other rule has.
    pub(super) fn word(&self) -> String {
        format!("{:02}x{:04x}", self.index, self.tag)
    }

    /// 4 KB of accented text in lines, each with its number. One byte comes first, and all else
    /// has an even length, so a read of 1024 bytes ends inside a letter.
    fn lines(&self) -> String {
        let lines = (0..LINES).map(|number| self.line(number) + "\r\n");
        format!("x{}", lines.collect::<String>())
    }

    fn line(&self, number: usize) -> String {
        format!("{number:02}ção-{} {}", self.word(), "áéíõçãêô".repeat(5))
    }

    /// The port that the client on this wire sends in its USER.
    pub(super) fn port(&self, wire: usize) -> u16 {
        20_000 + u16::try_from((self.index * WIRES + wire) % 30_000).unwrap_or_default()
    }

    /// A text with its `{places}` filled in.
    pub(super) fn fill(&self, text: &str) -> Vec<u8> {
        let mut filled = Vec::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('{') {
            filled.extend_from_slice(before.as_bytes());
            let (place, behind) = behind.split_once('}').unwrap_or((behind, ""));
            self.fill_place(place, &mut filled);
            rest = behind;
        }
        filled.extend_from_slice(rest.as_bytes());
        filled
    }

    fn fill_place(&self, place: &str, filled: &mut Vec<u8>) {
        let wire = |digits: &str| digits.parse().ok().filter(|&wire| wire < WIRES);
        match place {
            "m" => filled.extend_from_slice(self.word().as_bytes()),
            "lines" => filled.extend_from_slice(self.lines().as_bytes()),
            "ff" => filled.extend_from_slice(b"\xff\xfe"),
            // The two bytes of the letter ã.
            "c3" => filled.push(0xC3),
            "a3" => filled.push(0xA3),
            "long" => filled.resize(filled.len() + LONG_LINE_BYTES, b'x'),
            _ => {
                let number = place.strip_prefix("line").and_then(|digits| digits.parse().ok());
                if let Some(number) = number {
                    filled.extend_from_slice(self.line(number).as_bytes());
                } else if let Some(wire) = place.strip_prefix('p').and_then(wire) {
                    filled.extend_from_slice(self.port(wire).to_string().as_bytes());
                } else if let Some(wire) = wire(place) {
                    filled.extend_from_slice(self.name(wire).as_bytes());
                }
            }
        }
    }
}
