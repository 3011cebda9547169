//! The faults and their frequency: drawn anew for each seed.
//!
//! A *swarm*: every seed switches on a random subset of the faults, each with random strength,
//! because faults that are always all on hide one another. One seed in five is calm, and then
//! the watchers demand more. Nothing about how a fault works: that is [`super::network`]'s and
//! [`super::world`]'s.

use super::pipe::Path;
use super::rng::Rng;

/// Something that strikes now and then.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    /// A link carries nothing for up to five seconds.
    Stall,
    /// A link carries nothing, in one direction or in both, for up to forty seconds.
    Hole,
    /// All links of a computer carry nothing for up to twenty seconds.
    Unplug,
    /// Something on the way resets a link.
    Cut,
    /// A process is stopped for up to twenty seconds.
    Freeze,
    /// A computer sleeps for up to forty seconds, its clocks as well.
    Suspend,
    /// Processes wake up for nothing.
    Nudge,
    /// The server's process is killed, and started again with nothing in memory.
    KillServer,
    /// A peer's process is killed, and perhaps started again.
    KillPeer,
    /// A process has no descriptor left for up to ten seconds.
    Descriptors,
    /// The output of a peer's host takes nothing for up to twenty seconds.
    Output,
}

pub(crate) const FAULTS: [Fault; 11] = [
    Fault::Stall,
    Fault::Hole,
    Fault::Unplug,
    Fault::Cut,
    Fault::Freeze,
    Fault::Suspend,
    Fault::Nudge,
    Fault::KillServer,
    Fault::KillPeer,
    Fault::Descriptors,
    Fault::Output,
];

/// The conditions of one seed.
#[derive(Clone, Debug)]
pub(crate) struct Weather {
    latency_ms_max: u64,
    jitter_ms_max: u64,
    segment_max: usize,
    room_max: usize,
    /// Reads and writes may take less than they could.
    cuts_calls: bool,
    /// Signals come in the middle of calls (EINTR), and clocks go on.
    interrupts: bool,
    /// Some bytes are urgent (tcp(7)).
    urges: bool,
    /// So much is ready now and then that a poll cannot tell all of it.
    crowds: bool,
    /// Sources are said to be ready that are not.
    misleads: bool,
    refused_percent: u64,
    unreachable_percent: u64,
    /// How late a process may run.
    late_ms_max: u64,
    /// How far a node's clock may run wrong, in thousandths.
    pub(crate) drift_max: u64,
    /// The next fault, and the time until the one behind it.
    pub(crate) faults: Vec<Fault>,
    pub(crate) fault_every_ms: u64,
}

impl Weather {
    /// Nothing goes wrong. Bytes still take a little time, and come in pieces.
    pub(crate) fn calm() -> Self {
        Self {
            latency_ms_max: 20,
            jitter_ms_max: 5,
            segment_max: 1460,
            room_max: 1 << 16,
            cuts_calls: false,
            interrupts: false,
            urges: false,
            crowds: false,
            misleads: false,
            refused_percent: 0,
            unreachable_percent: 0,
            late_ms_max: 1,
            drift_max: 0,
            faults: Vec::new(),
            fault_every_ms: 0,
        }
    }

    /// Nothing is lost or late, but calls are cut short and interrupted, and bytes come in pieces.
    pub(crate) fn rough(rng: &mut Rng) -> Self {
        let mut weather = Self::calm();
        if rng.percent(50) {
            weather.segment_max = rng.within(1..100) as usize;
        }
        weather.cuts_calls = rng.percent(50);
        weather.interrupts = rng.percent(40);
        weather.urges = rng.percent(30);
        weather.crowds = rng.percent(20);
        weather.misleads = rng.percent(40);
        weather
    }

    pub(crate) fn draw(rng: &mut Rng) -> Self {
        let mut weather = Self::rough(rng);
        if rng.percent(20) {
            return weather;
        }
        if rng.percent(40) {
            weather.latency_ms_max = rng.within(20..400);
            weather.jitter_ms_max = rng.within(0..300);
        }
        if rng.percent(30) {
            weather.room_max = rng.within(16..2_000) as usize;
        }
        if rng.percent(40) {
            weather.late_ms_max = rng.within(1..300);
        }
        if rng.percent(30) {
            weather.refused_percent = rng.within(1..30);
            weather.unreachable_percent = rng.within(0..20);
        }
        if rng.percent(50) {
            weather.drift_max = 10;
        }
        weather.faults = FAULTS.into_iter().filter(|_| rng.percent(40)).collect();
        weather.fault_every_ms = rng.within(500..15_000);
        weather
    }

    /// Nothing here destroys, delays or refuses anything worth speaking of.
    pub(crate) fn is_calm(&self) -> bool {
        self.faults.is_empty()
            && self.refused_percent == 0
            && self.unreachable_percent == 0
            && self.latency_ms_max <= 20
            && self.late_ms_max <= 1
            && self.room_max > 2_000
    }

    /// All faults stop, and new links are good ones. Clocks stay as they are.
    pub(crate) fn heal(&mut self) {
        let calm = Self::calm();
        self.room_max = self.room_max.max(calm.room_max);
        self.segment_max = calm.segment_max;
        self.faults.clear();
        self.refused_percent = 0;
        self.unreachable_percent = 0;
        self.late_ms_max = self.late_ms_max.min(20);
    }

    pub(crate) fn draw_path(&self, rng: &mut Rng) -> Path {
        let room =
            |rng: &mut Rng| rng.within(self.room_max as u64 / 4 + 1..self.room_max as u64 + 1);
        Path {
            latency_ms: rng.within(0..self.latency_ms_max + 1),
            jitter_ms: rng.within(0..self.jitter_ms_max + 1),
            segment_max: self.segment_max,
            send_room: room(rng) as usize,
            receive_room: room(rng) as usize,
        }
    }

    pub(crate) fn draw_lateness(&self, rng: &mut Rng) -> u64 {
        rng.within(0..self.late_ms_max + 1)
    }

    pub(crate) fn draw_fault(&self, rng: &mut Rng) -> Option<Fault> {
        (!self.faults.is_empty()).then(|| self.faults[rng.index(self.faults.len())])
    }

    pub(crate) fn refused(&self, rng: &mut Rng) -> bool {
        rng.percent(self.refused_percent)
    }

    pub(crate) fn unreachable(&self, rng: &mut Rng) -> bool {
        rng.percent(self.unreachable_percent)
    }

    /// Whether a signal comes first.
    pub(crate) fn interrupts(&self, rng: &mut Rng) -> bool {
        self.interrupts && rng.percent(5)
    }

    /// How long one call takes, in milliseconds.
    pub(crate) fn draw_call_ms(&self, rng: &mut Rng) -> u64 {
        u64::from(self.interrupts && rng.percent(5))
    }

    pub(crate) fn is_urgent(&self, rng: &mut Rng) -> bool {
        self.urges && rng.percent(5)
    }

    pub(crate) fn is_crowded(&self, rng: &mut Rng) -> bool {
        self.crowds && rng.percent(3)
    }

    pub(crate) fn misleads(&self, rng: &mut Rng) -> bool {
        self.misleads && rng.percent(10)
    }

    /// How many of `most` bytes one call takes: at least one.
    pub(crate) fn cut_call(&self, most: usize, rng: &mut Rng) -> usize {
        if self.cuts_calls && rng.percent(30) {
            rng.within(1..most as u64 + 1) as usize
        } else {
            most
        }
    }
}
