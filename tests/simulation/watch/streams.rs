//! Watches bytes and lines: what is read is what was sent, and the lines handed over are the lines
//! in it.
//!
//! The model keeps all bytes that were sent, and cuts them at each LF. Read next:
//! [`super::server`].

use std::collections::{BTreeMap, VecDeque};

use papo::machine::{LineEnd, LineLimit};

use super::super::link::{Side, Sock};
use super::rule::Rule;
use super::{Violation, hold};

/// All bytes that were sent on all links, and how many of them were read.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    sent: BTreeMap<Sock, Vec<u8>>,
    /// How many of them the sender's kernel has accepted.
    written_bytes: BTreeMap<Sock, usize>,
    receivers: BTreeMap<Sock, Receiver>,
}

/// The receiver at one end.
#[derive(Debug)]
struct Receiver {
    limit: LineLimit,
    read_bytes: usize,
    /// The lines that were read and must be handed over, in this order.
    due: VecDeque<(Vec<u8>, LineEnd)>,
    unfinished: Vec<u8>,
}

impl Streams {
    pub(crate) fn open(&mut self, sock: Sock, limit: LineLimit) {
        let (due, unfinished) = (VecDeque::new(), Vec::new());
        self.receivers.insert(sock, Receiver { limit, read_bytes: 0, due, unfinished });
    }

    /// A program sends bytes from this end.
    pub(crate) fn sent(&mut self, sock: Sock, bytes: &[u8]) {
        self.sent.entry(sock).or_default().extend_from_slice(bytes);
    }

    /// The kernel accepts bytes at this end, which must be the next ones.
    pub(crate) fn written(&mut self, sock: Sock, bytes: &[u8]) -> Result<(), Violation> {
        let sent = self.sent.get(&sock).map_or(&[][..], Vec::as_slice);
        let written_bytes = self.written_bytes.entry(sock).or_default();
        let due = sent.get(*written_bytes..).unwrap_or_default();
        *written_bytes += bytes.len();
        let found =
            || format!("\"{}\" left, due was \"{}\"", bytes.escape_ascii(), due.escape_ascii());
        hold(due.starts_with(bytes), Rule::BytesInOrder, found)
    }

    /// All bytes sent from this end have left except for the last ones.
    pub(crate) fn written_all_but(&mut self, sock: Sock, bytes: usize) {
        self.written_bytes.insert(sock, self.sent_from(sock).len() - bytes);
    }

    /// How many bytes sent from this end have not left.
    pub(crate) fn unsent(&self, sock: Sock) -> usize {
        let sent = self.sent_from(sock).len();
        sent - self.written_bytes.get(&sock).copied().unwrap_or(0).min(sent)
    }

    /// A program has read bytes at this end.
    pub(crate) fn read(&mut self, sock: Sock, bytes: &[u8]) -> Result<(), Violation> {
        let sent = self.sent.get(&sock.other()).map_or(&[][..], Vec::as_slice);
        let Some(receiver) = self.receivers.get_mut(&sock) else { return Ok(()) };
        let due = sent.get(receiver.read_bytes..).unwrap_or_default();
        let found =
            || format!("\"{}\" read, due was \"{}\"", bytes.escape_ascii(), due.escape_ascii());
        hold(due.starts_with(bytes), Rule::BytesInOrder, found)?;
        receiver.read_bytes += bytes.len();
        receiver.cut(bytes);
        Ok(())
    }

    /// A line is handed to the machine at this end.
    pub(crate) fn line(&mut self, sock: Sock, line: &[u8], end: LineEnd) -> Result<(), Violation> {
        let Some(receiver) = self.receivers.get_mut(&sock) else { return Ok(()) };
        let due = match end {
            LineEnd::Rest | LineEnd::Cut if receiver.due.is_empty() => receiver.take_rest(),
            LineEnd::Rest | LineEnd::Terminator | LineEnd::Cut => receiver.due.pop_front(),
        };
        let is_due = due.as_ref().is_some_and(|(bytes, how)| bytes == line && *how == end);
        let found = || {
            let due = due.map(|(bytes, how)| format!("\"{}\" ({how:?})", bytes.escape_ascii()));
            format!("\"{}\" ({end:?}) handed over, due was {due:?}", line.escape_ascii())
        };
        hold(is_due, Rule::LinesMatchBytes, found)
    }

    /// The end of the stream is reported to the machine at this end.
    pub(crate) fn ended(&mut self, sock: Sock) -> Result<(), Violation> {
        let Some(receiver) = self.receivers.get(&sock) else { return Ok(()) };
        let rest = receiver.unfinished.escape_ascii();
        let found = || format!("{} whole lines and \"{rest}\" were kept back", receiver.due.len());
        hold(receiver.due.is_empty() && receiver.unfinished.is_empty(), Rule::EndAfterLines, found)
    }

    /// An unfinished line is handed to the machine at this end.
    pub(crate) fn pending(&mut self, sock: Sock, line: &[u8]) -> Result<(), Violation> {
        let Some(receiver) = self.receivers.get_mut(&sock) else { return Ok(()) };
        let kept = receiver.unfinished.len().min(receiver.limit.keep);
        let is_pending = !line.is_empty() && line == &receiver.unfinished[..kept];
        hold(is_pending, Rule::PendingMatchesBytes, || line.escape_ascii().to_string())
    }

    /// Whether the other end has read a whole line from this end.
    pub(crate) fn has_line_read(&self, sock: Sock) -> bool {
        let sent = self.sent_from(sock);
        sent[..sent.len() - self.not_read(sock).len()].contains(&b'\n')
    }

    /// How many texts are in the last bytes that were sent from this end.
    pub(crate) fn texts_in_last(&self, sock: Sock, bytes: usize) -> usize {
        let sent = self.sent_from(sock);
        let (before, tail) = sent.split_at(sent.len().saturating_sub(bytes));
        // A line that begins before these bytes did not leave as a whole. A dialer's first is USER.
        let is_first = !before.contains(&b'\n') && sock.side == Side::Dialer;
        let lines = tail.split_inclusive(|&byte| byte == b'\n').skip(usize::from(is_first));
        // An unfinished line is still in `texts_due`.
        lines.filter(|line| line.ends_with(b"\n") && !b"DISC\r\n".ends_with(line)).count()
    }

    /// The bytes sent from this end that the other end has not read.
    pub(crate) fn not_read(&self, sock: Sock) -> &[u8] {
        let read_bytes = self.receivers.get(&sock.other()).map_or(0, |it| it.read_bytes);
        self.sent_from(sock).get(read_bytes..).unwrap_or_default()
    }

    fn sent_from(&self, sock: Sock) -> &[u8] {
        self.sent.get(&sock).map_or(&[], Vec::as_slice)
    }
}

impl Receiver {
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
