//! Recorded turns as server-sent events: gathered, sent to viewers, and kept for a minute.
//!
//! ```text
//! turns      | t1 |  | t2 | t3 |            | t4 |
//! time       ──┴──────┴────┴────────┬────────┴──────┬──►
//!                                   100 ms after t1: one piece for all viewers
//! ```
//!
//! A busy server makes many turns in 100 ms, so a long piece leaves earlier.
//!
//! All viewers share one piece in memory. The pieces of the last minute are kept for new viewers.
//! Each line becomes one event. The meaning of a line does not matter here. Read next: [`super`].

use std::collections::VecDeque;
use std::rc::Rc;

use crate::machine::Millis;

/// How long turns are gathered before they go to the viewers, in milliseconds. A person does not
/// notice this time, and each viewer costs ten writes a second instead of thousands.
pub const GATHER_MS: u64 = 100;

/// A piece that is longer than this, in bytes, does not wait for [`GATHER_MS`]. So the memory of a
/// watched server does not grow with its traffic.
pub const PIECE_BYTES: usize = 128 * 1024;

/// How long a piece is kept for new viewers, in milliseconds. The page shows a minute.
pub const KEPT_MS: u64 = 60_000;

/// Most bytes that are kept: less than the loop allows as the output of one connection.
pub const KEPT_BYTES_MAX: usize = 512 * 1024;

/// The turns that are being gathered, and those that are kept.
#[derive(Debug)]
pub(super) struct Events {
    /// The first event of the recording.
    header: Rc<[u8]>,
    kept: VecDeque<(Millis, Rc<[u8]>)>,
    kept_bytes: usize,
    /// The events that are being gathered.
    fresh: Vec<u8>,
    /// When they leave.
    due_at: Option<Millis>,
}

impl Events {
    pub(super) fn new(header: &[u8]) -> Self {
        let mut event = Vec::new();
        push_events(header, &mut event);
        Self {
            header: event.into(),
            kept: VecDeque::new(),
            kept_bytes: 0,
            fresh: Vec::new(),
            due_at: None,
        }
    }

    /// Takes lines of a recording. Without a viewer they are only kept.
    pub(super) fn add(&mut self, now: Millis, lines: &[u8], is_watched: bool) {
        push_events(lines, &mut self.fresh);
        if is_watched && self.fresh.len() > PIECE_BYTES {
            self.due_at = Some(now);
        } else if is_watched {
            self.due_at.get_or_insert(now + GATHER_MS);
        } else if self.fresh.len() > KEPT_BYTES_MAX / 16 {
            self.keep(now);
        }
    }

    /// The bytes for a new viewer: the header, and the last minute.
    pub(super) fn kept(&self) -> impl Iterator<Item = &Rc<[u8]>> {
        // The gathered events follow, for all viewers.
        [&self.header].into_iter().chain(self.kept.iter().map(|(_, bytes)| bytes))
    }

    pub(super) fn due_at(&self) -> Option<Millis> {
        self.due_at
    }

    /// The piece for all viewers, if it is due.
    pub(super) fn take_due(&mut self, now: Millis) -> Option<Rc<[u8]>> {
        self.due_at.take_if(|at| *at <= now)?;
        self.keep(now);
        self.kept.back().map(|(_, bytes)| bytes.clone())
    }

    fn keep(&mut self, now: Millis) {
        let bytes: Rc<[u8]> = std::mem::take(&mut self.fresh).into();
        self.kept_bytes += bytes.len();
        self.kept.push_back((now, bytes));
        while self.kept.len() > 1
            && self
                .kept
                .front()
                .is_some_and(|(at, _)| now.since(*at) > KEPT_MS || self.kept_bytes > KEPT_BYTES_MAX)
        {
            let oldest = self.kept.pop_front().map_or(0, |(_, bytes)| bytes.len());
            self.kept_bytes -= oldest;
        }
    }
}

/// Writes each line as `data: LINE` and an empty line.
fn push_events(lines: &[u8], out: &mut Vec<u8>) {
    for line in lines.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(line);
        out.extend_from_slice(b"\n\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_gathered_and_leave_in_one_piece() {
        let mut events = Events::new(b"{}\n");
        events.add(Millis(0), b"a\n", true);
        events.add(Millis(50), b"b\nc\n", true);
        assert_eq!(events.due_at(), Some(Millis(GATHER_MS)));
        assert!(events.take_due(Millis(99)).is_none());
        let piece = events.take_due(Millis(100)).expect("due");
        assert_eq!(&piece[..], b"data: a\n\ndata: b\n\ndata: c\n\n");
        assert_eq!(events.due_at(), None);
    }

    #[test]
    fn a_long_piece_leaves_at_once() {
        let mut events = Events::new(b"{}\n");
        let line = [[b'x'; 1_023].as_slice(), b"\n"].concat();
        let leaves = |events: &mut Events| {
            events.add(Millis(7), &line, true);
            events.take_due(Millis(7)).is_some()
        };
        let turns = (1..).find(|_| leaves(&mut events)).expect("it leaves");
        assert_eq!(turns, PIECE_BYTES.div_ceil(line.len() + 7), "each line is an event");
        assert_eq!((events.due_at(), events.fresh.len()), (None, 0));
    }

    #[test]
    fn a_new_viewer_gets_the_header_and_the_last_minute() {
        let mut events = Events::new(b"{}\n");
        for (at, line) in [(0, b"a\n"), (30_000, b"b\n"), (61_000, b"c\n")] {
            events.add(Millis(at), line, true);
            events.take_due(Millis(at + GATHER_MS));
        }
        let kept: Vec<_> = events.kept().map(|bytes| bytes.to_vec()).collect();
        assert_eq!(kept, [&b"data: {}\n\n"[..], b"data: b\n\n", b"data: c\n\n"]);
    }

    #[test]
    fn events_without_viewers_stay_within_their_bound() {
        let mut events = Events::new(b"{}\n");
        let line = [[b'x'; 1_023].as_slice(), b"\n"].concat();
        for at in 0..10_000 {
            events.add(Millis(at), &line, false);
        }
        assert_eq!(events.due_at(), None);
        let bytes: usize = events.kept().map(|bytes| bytes.len()).sum();
        assert!(bytes <= KEPT_BYTES_MAX + 16, "{bytes}");
        assert!(events.fresh.len() <= KEPT_BYTES_MAX / 8);
    }
}
