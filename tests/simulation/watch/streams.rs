//! Watches bytes and lines: what is read is what was said, and the lines handed over are the
//! lines in it.
//!
//! The reference is as plain as can be: all bytes said are kept, and cut at each LF again.
//! Nothing about what the lines mean. Read next: [`super::server`].

use std::collections::{BTreeMap, VecDeque};

use papo::machine::{LineEnd, LineLimit};

use super::super::link::{Side, Sock};
use super::rule::Rule;
use super::{Violation, hold};

/// All that was said on all links, and how much of it was heard.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    said: BTreeMap<Sock, Vec<u8>>,
    /// How much of it has left.
    left: BTreeMap<Sock, usize>,
    ears: BTreeMap<Sock, Ear>,
}

/// The receiving program at one end.
#[derive(Debug)]
struct Ear {
    limit: LineLimit,
    heard: usize,
    /// Lines that were read and must be handed over, in this order.
    due: VecDeque<(Vec<u8>, LineEnd)>,
    unfinished: Vec<u8>,
}

impl Streams {
    pub(crate) fn open(&mut self, sock: Sock, limit: LineLimit) {
        let (due, unfinished) = (VecDeque::new(), Vec::new());
        self.ears.insert(sock, Ear { limit, heard: 0, due, unfinished });
    }

    /// A program queued bytes at this end.
    pub(crate) fn said(&mut self, sock: Sock, bytes: &[u8]) {
        self.said.entry(sock).or_default().extend_from_slice(bytes);
    }

    /// The kernel took bytes at this end: the next of those that were said.
    pub(crate) fn wrote(&mut self, sock: Sock, bytes: &[u8]) -> Result<(), Violation> {
        let said = self.said.get(&sock).map_or(&[][..], Vec::as_slice);
        let left = self.left.entry(sock).or_default();
        let due = said.get(*left..).unwrap_or_default();
        *left += bytes.len();
        let found =
            || format!("\"{}\" left, due was \"{}\"", bytes.escape_ascii(), due.escape_ascii());
        hold(due.starts_with(bytes), Rule::BytesArriveAsSaid, found)
    }

    /// All but so many of the bytes that were said at this end have left.
    pub(crate) fn left_but(&mut self, sock: Sock, bytes: usize) {
        let said = self.said.get(&sock).map_or(0, Vec::len);
        self.left.insert(sock, said - bytes);
    }

    /// How many bytes were said at this end and never left.
    pub(crate) fn unsent(&self, sock: Sock) -> usize {
        let said = self.said.get(&sock).map_or(0, Vec::len);
        said - self.left.get(&sock).copied().unwrap_or(0).min(said)
    }

    /// A program read bytes at this end.
    pub(crate) fn read(&mut self, sock: Sock, bytes: &[u8]) -> Result<(), Violation> {
        let said = self.said.get(&sock.other()).map_or(&[][..], Vec::as_slice);
        let Some(ear) = self.ears.get_mut(&sock) else { return Ok(()) };
        let due = said.get(ear.heard..).unwrap_or_default();
        let found =
            || format!("\"{}\" read, due was \"{}\"", bytes.escape_ascii(), due.escape_ascii());
        hold(due.starts_with(bytes), Rule::BytesArriveAsSaid, found)?;
        ear.heard += bytes.len();
        ear.cut(bytes);
        Ok(())
    }

    /// A line was handed to the machine at this end.
    pub(crate) fn line(&mut self, sock: Sock, line: &[u8], end: LineEnd) -> Result<(), Violation> {
        let Some(ear) = self.ears.get_mut(&sock) else { return Ok(()) };
        let due = match end {
            LineEnd::Rest | LineEnd::Cut if ear.due.is_empty() => ear.take_rest(),
            LineEnd::Rest | LineEnd::Terminator | LineEnd::Cut => ear.due.pop_front(),
        };
        let is_due = due.as_ref().is_some_and(|(bytes, how)| bytes == line && *how == end);
        let found = || {
            let due = due.map(|(bytes, how)| format!("\"{}\" ({how:?})", bytes.escape_ascii()));
            format!("\"{}\" ({end:?}) handed over, due was {due:?}", line.escape_ascii())
        };
        hold(is_due, Rule::LinesAreThoseOfTheBytes, found)
    }

    /// The machine at this end is told that the stream has ended.
    pub(crate) fn ended(&mut self, sock: Sock) -> Result<(), Violation> {
        let Some(ear) = self.ears.get(&sock) else { return Ok(()) };
        let rest = ear.unfinished.escape_ascii();
        let found = || format!("{} whole lines and \"{rest}\" were kept back", ear.due.len());
        hold(ear.due.is_empty() && ear.unfinished.is_empty(), Rule::EndComesLast, found)
    }

    /// The machine at this end is told of bytes that are no line.
    pub(crate) fn pending(&mut self, sock: Sock, line: &[u8]) -> Result<(), Violation> {
        let Some(ear) = self.ears.get_mut(&sock) else { return Ok(()) };
        let kept = ear.unfinished.len().min(ear.limit.keep);
        let is_pending = !line.is_empty() && line == &ear.unfinished[..kept];
        hold(is_pending, Rule::PendingIsToldOnce, || line.escape_ascii().to_string())
    }

    /// Whether at least a whole line that was said at this end was read at the other.
    pub(crate) fn has_heard_a_line(&self, sock: Sock) -> bool {
        let said = self.said.get(&sock).map_or(&[][..], Vec::as_slice);
        let heard = self.ears.get(&sock.other()).map_or(0, |ear| ear.heard);
        said[..heard].contains(&b'\n')
    }

    /// How many lines of conversation end in the last bytes that were said at this end.
    pub(crate) fn texts_in_last(&self, sock: Sock, bytes: usize) -> usize {
        let said = self.said.get(&sock).map_or(&[][..], Vec::as_slice);
        let (before, tail) = said.split_at(said.len().saturating_sub(bytes));
        // Where the first line is cut it counts as well: it did not leave as a whole.
        let is_first = !before.contains(&b'\n') && sock.side == Side::Dialer;
        let lines = tail.split_inclusive(|&byte| byte == b'\n').skip(usize::from(is_first));
        // A line of which only a part was said is still owed.
        lines.filter(|line| line.ends_with(b"\n") && !b"DISC\r\n".ends_with(line)).count()
    }

    /// How much was said at this end and not read at the other.
    pub(crate) fn unheard(&self, sock: Sock) -> &[u8] {
        let said = self.said.get(&sock).map_or(&[][..], Vec::as_slice);
        let heard = self.ears.get(&sock.other()).map_or(0, |ear| ear.heard);
        said.get(heard..).unwrap_or_default()
    }
}

impl Ear {
    fn cut(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if byte == b'\n' {
                let line = std::mem::take(&mut self.unfinished);
                let line = self.finish(line, LineEnd::Terminator);
                self.due.push_back(line);
            } else {
                self.unfinished.push(byte);
            }
        }
    }

    fn take_rest(&mut self) -> Option<(Vec<u8>, LineEnd)> {
        let rest = std::mem::take(&mut self.unfinished);
        (!rest.is_empty()).then(|| self.finish(rest, LineEnd::Rest))
    }

    fn finish(&self, mut line: Vec<u8>, end: LineEnd) -> (Vec<u8>, LineEnd) {
        if line.len() > self.limit.keep {
            line.truncate(self.limit.keep);
            return (line, LineEnd::Cut);
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        (line, end)
    }
}
