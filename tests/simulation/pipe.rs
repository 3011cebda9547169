//! One direction of a TCP connection: what is on its way from one end to the other.
//!
//! Two queues with room for so much each, and segments in flight between them. Nothing about
//! whose ends these are or what they do with the bytes. Read next: [`super::link`].
//!
//! ```text
//! program ──► unsent ──► flying | flying | flying ──► arrived ──► program
//!             └──────── send room ────────┘          └ receive room ┘
//! ```

use std::collections::VecDeque;

use super::rng::Rng;

/// The state of a way once all faults have stopped.
const GOOD_ROOM: usize = 1 << 16;
const GOOD_SEGMENT: usize = 1_460;

/// How good a way is; drawn once for each link.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path {
    pub(crate) latency_ms: u64,
    pub(crate) jitter_ms: u64,
    /// Segments are cut to 1 byte up to this many.
    pub(crate) segment_max: usize,
    pub(crate) send_room: usize,
    pub(crate) receive_room: usize,
}

/// The contents of one segment.
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
#[derive(Debug)]
pub(crate) struct Pipe {
    path: Path,
    unsent: VecDeque<u8>,
    flying: VecDeque<(u64, Payload)>,
    flying_bytes: usize,
    pub(crate) arrived: VecDeque<u8>,
    /// So many bytes lie in front of an urgent byte: a read stops there (tcp(7)).
    pub(crate) urgent: Option<usize>,
    /// The sender will send nothing more: a FIN is to follow, or has.
    ending: bool,
    fin_sent: bool,
    last_at: u64,
    /// Bytes that the other end has not acknowledged.
    pub(crate) unacked: usize,
    /// Since when nothing was acknowledged, while something should be.
    pub(crate) stuck_since: u64,
    /// Nothing gets through before this, and since when.
    pub(crate) hole_until: u64,
    pub(crate) hole_since: u64,
    pub(crate) arrival_planned: bool,
    pub(crate) overdue_planned: bool,
}

impl Pipe {
    pub(crate) fn new(path: Path) -> Self {
        Self {
            path,
            unsent: VecDeque::new(),
            flying: VecDeque::new(),
            flying_bytes: 0,
            arrived: VecDeque::new(),
            urgent: None,
            ending: false,
            fin_sent: false,
            last_at: 0,
            unacked: 0,
            stuck_since: 0,
            hole_until: 0,
            hole_since: 0,
            arrival_planned: false,
            overdue_planned: false,
        }
    }

    /// How many more bytes the sender's kernel takes.
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

    /// Nothing more will be written: a FIN follows.
    pub(crate) fn end(&mut self) {
        self.ending = true;
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ending
    }

    /// Throws away what has not left yet.
    pub(crate) fn purge(&mut self) {
        self.unsent.clear();
        self.unacked = 0;
        self.fin_sent = true;
    }

    /// Sends what the receiver has room for.
    pub(crate) fn pump(&mut self, now: u64, rng: &mut Rng) {
        while !self.unsent.is_empty() {
            let taken = self.arrived.len() + self.flying_bytes;
            let room = self.path.receive_room.saturating_sub(taken);
            if room == 0 {
                return;
            }
            let most = room.min(self.unsent.len());
            let cut = rng.within(1..self.path.segment_max as u64 + 1) as usize;
            let bytes: Vec<u8> = self.unsent.drain(..cut.min(most)).collect();
            self.fly(now, rng, Payload::Bytes(bytes));
        }
        if self.ending && !self.fin_sent {
            self.fin_sent = true;
            self.fly(now, rng, Payload::Fin);
        }
    }

    /// Puts a segment on its way. None overtakes another.
    pub(crate) fn fly(&mut self, now: u64, rng: &mut Rng, payload: Payload) {
        let pause_ms = self.path.latency_ms + rng.within(0..self.path.jitter_ms + 1);
        self.last_at = self.last_at.max(now + pause_ms);
        if let Payload::Bytes(bytes) = &payload {
            self.flying_bytes += bytes.len();
        }
        self.flying.push_back((self.last_at, payload));
    }

    /// When the next segment arrives.
    pub(crate) fn next_arrival(&self) -> Option<u64> {
        self.flying.front().map(|&(at, _)| at.max(self.hole_until))
    }

    /// Takes a segment that has arrived.
    pub(crate) fn pop_arrived(&mut self, now: u64) -> Option<Payload> {
        if self.next_arrival()? > now {
            return None;
        }
        let (_, payload) = self.flying.pop_front()?;
        if let Payload::Bytes(bytes) = &payload {
            self.flying_bytes -= bytes.len();
        }
        Some(payload)
    }

    /// The program reads `count` bytes of what has arrived.
    pub(crate) fn take(&mut self, count: usize) -> impl Iterator<Item = u8> {
        self.urgent = self.urgent.map(|in_front| in_front - count).filter(|&left| left > 0);
        self.arrived.drain(..count)
    }

    /// How many bytes one read could bring.
    pub(crate) fn readable(&self) -> usize {
        self.urgent.unwrap_or(self.arrived.len())
    }

    /// Acknowledges the arrived bytes, now that the way back is open.
    pub(crate) fn acknowledge(&mut self, now: u64) -> bool {
        let unacked = self.unsent.len() + self.flying_bytes;
        let progress = unacked < self.unacked;
        if progress {
            self.unacked = unacked;
            self.stuck_since = now;
        }
        progress
    }

    /// A hole swallows all that is in flight; it is sent again once the hole is gone, later the
    /// longer that took.
    pub(crate) fn open_hole(&mut self, now: u64, until: u64) {
        if !self.is_holed(now) {
            self.hole_since = now;
        }
        self.hole_until = until;
    }

    /// No hole any more, and room enough.
    pub(crate) fn mend(&mut self, now: u64) {
        self.hole_until = self.hole_until.min(now);
        self.path.send_room = self.path.send_room.max(GOOD_ROOM);
        self.path.receive_room = self.path.receive_room.max(GOOD_ROOM);
        self.path.segment_max = GOOD_SEGMENT;
    }

    pub(crate) fn is_holed(&self, now: u64) -> bool {
        now < self.hole_until
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.flying.is_empty() && self.unsent.is_empty()
    }
}
