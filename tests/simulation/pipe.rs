//! One direction of a TCP connection.
//!
//! It has two queues of limited size, and segments in flight between them. Read next:
//! [`super::link`].
//!
//! ```text
//!   program ──► unsent ──► segment | segment | segment ──► arrived ──► program
//!               └──────── send_room ──────────┘          └ receive_room ┘
//! ```

use std::collections::VecDeque;

use super::rng::Rng;

/// The size of queues and segments after the last fault.
const GOOD_ROOM: usize = 1 << 16;
const GOOD_SEGMENT: usize = 1_460;

/// The quality of a link, drawn once.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Path {
    pub(crate) latency_ms: u64,
    pub(crate) jitter_ms: u64,
    /// A segment has 1 to this many bytes.
    pub(crate) segment_max: usize,
    pub(crate) send_room: usize,
    pub(crate) receive_room: usize,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Payload {
    Syn,
    SynAck,
    Ack,
    Bytes(Vec<u8>),
    Fin,
    Reset,
}

/// From one end to the other.
#[derive(Debug, Default)]
pub(crate) struct Pipe {
    path: Path,
    unsent: VecDeque<u8>,
    in_flight: VecDeque<(u64, Payload)>,
    in_flight_bytes: usize,
    pub(crate) arrived: VecDeque<u8>,
    /// How many bytes are before an urgent byte: a read stops there (tcp(7)).
    pub(crate) urgent: Option<usize>,
    /// The sender has shut down writing.
    ending: bool,
    fin_sent: bool,
    last_at: u64,
    pub(crate) unacked: usize,
    /// Since when no acknowledgement has come.
    pub(crate) stuck_since: u64,
    /// Nothing passes before this time, and since when.
    pub(crate) blackhole_until: u64,
    pub(crate) blackhole_since: u64,
    pub(crate) arrival_planned: bool,
    pub(crate) overdue_planned: bool,
}

impl Pipe {
    pub(crate) fn new(path: Path) -> Self {
        Self { path, ..Self::default() }
    }

    /// How many more bytes the sender's kernel accepts.
    pub(crate) fn room(&self) -> usize {
        self.path.send_room.saturating_sub(self.unacked)
    }

    pub(crate) fn write(&mut self, now: u64, bytes: &[u8]) {
        if self.unacked == 0 {
            self.stuck_since = now;
        }
        self.unsent.extend(bytes);
        self.unacked += bytes.len();
    }

    /// Shuts down writing: a FIN follows.
    pub(crate) fn end(&mut self) {
        self.ending = true;
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ending
    }

    pub(crate) fn discard_unsent(&mut self) {
        self.unsent.clear();
        self.unacked = 0;
        self.fin_sent = true;
    }

    /// Sends what the receiver has room for.
    pub(crate) fn send_unsent(&mut self, now: u64, rng: &mut Rng) {
        while !self.unsent.is_empty() {
            let taken = self.arrived.len() + self.in_flight_bytes;
            let room = self.path.receive_room.saturating_sub(taken);
            if room == 0 {
                return;
            }
            let most = room.min(self.unsent.len());
            let cut = rng.within(1..self.path.segment_max as u64 + 1) as usize;
            let bytes: Vec<u8> = self.unsent.drain(..cut.min(most)).collect();
            self.send_segment(now, rng, Payload::Bytes(bytes));
        }
        if self.ending && !self.fin_sent {
            self.fin_sent = true;
            self.send_segment(now, rng, Payload::Fin);
        }
    }

    /// Sends a segment. No segment overtakes another.
    pub(crate) fn send_segment(&mut self, now: u64, rng: &mut Rng, payload: Payload) {
        let pause_ms = self.path.latency_ms + rng.within(0..self.path.jitter_ms + 1);
        self.last_at = self.last_at.max(now + pause_ms);
        if let Payload::Bytes(bytes) = &payload {
            self.in_flight_bytes += bytes.len();
        }
        self.in_flight.push_back((self.last_at, payload));
    }

    pub(crate) fn next_arrival(&self) -> Option<u64> {
        self.in_flight.front().map(|&(at, _)| at.max(self.blackhole_until))
    }

    /// Takes a segment that has arrived by now.
    pub(crate) fn pop_arrived(&mut self, now: u64) -> Option<Payload> {
        if self.next_arrival()? > now {
            return None;
        }
        let (_, payload) = self.in_flight.pop_front()?;
        if let Payload::Bytes(bytes) = &payload {
            self.in_flight_bytes -= bytes.len();
        }
        Some(payload)
    }

    /// The program reads `count` of the bytes that have arrived.
    pub(crate) fn take(&mut self, count: usize) -> impl Iterator<Item = u8> {
        self.urgent = self.urgent.map(|in_front| in_front - count).filter(|&left| left > 0);
        self.arrived.drain(..count)
    }

    /// The most that one read can return.
    pub(crate) fn readable(&self) -> usize {
        self.urgent.unwrap_or(self.arrived.len())
    }

    /// Acknowledges what has arrived. The other pipe must be open for that.
    pub(crate) fn acknowledge(&mut self, now: u64) -> bool {
        let unacked = self.unsent.len() + self.in_flight_bytes;
        let progress = unacked < self.unacked;
        if progress {
            self.unacked = unacked;
            self.stuck_since = now;
        }
        progress
    }

    /// A blackhole holds all segments in flight back until it ends.
    pub(crate) fn open_blackhole(&mut self, now: u64, until: u64) {
        if !self.is_blackholed(now) {
            self.blackhole_since = now;
        }
        self.blackhole_until = until;
    }

    /// Ends a blackhole, and makes the queues large.
    pub(crate) fn repair(&mut self, now: u64) {
        self.blackhole_until = self.blackhole_until.min(now);
        self.path.send_room = self.path.send_room.max(GOOD_ROOM);
        self.path.receive_room = self.path.receive_room.max(GOOD_ROOM);
        self.path.segment_max = GOOD_SEGMENT;
    }

    pub(crate) fn is_blackholed(&self, now: u64) -> bool {
        now < self.blackhole_until
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.in_flight.is_empty() && self.unsent.is_empty()
    }
}
