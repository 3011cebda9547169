//! The faults of a seed and the conditions of its network.
//!
//! Each seed enables a random subset of the faults, with random strength, because faults that are
//! always all on hide one another. One seed of five is calm, and then the watchers demand more. How
//! a fault works is in [`super::network`] and [`super::world`].

use super::pipe::Path;
use super::rng::Rng;

/// Declares the kinds of faults of a world, and the list of all.
macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(crate) enum Fault {
            $($(#[$doc])* $name,)*
        }

        pub(crate) const FAULTS: &[Fault] = &[$(Fault::$name,)*];
    };
}

pub(crate) use faults;

faults! {
    /// A link carries nothing for up to five seconds.
    Stall,
    /// A link carries nothing, in one or both directions, for up to forty seconds.
    Blackhole,
    /// All links of a computer carry nothing for up to twenty seconds.
    Unplug,
    /// A router resets a link.
    Cut,
    /// A process is stopped (SIGSTOP) for up to twenty seconds.
    Freeze,
    /// A computer and its clocks sleep for up to forty seconds.
    Suspend,
    /// All processes wake up without an event.
    SpuriousWake,
    /// The server is killed or asked to end, and starts again with an empty memory.
    KillServer,
    /// A peer is killed, and may start again.
    KillPeer,
    /// A process can open hardly any descriptor for up to ten seconds.
    Descriptors,
    /// The output of a peer's host is full for up to twenty seconds.
    Output,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Conditions {
    latency_ms_max: u64,
    jitter_ms_max: u64,
    segment_max: usize,
    room_max: usize,
    /// Reads and writes may take less than they could.
    cuts_calls: bool,
    /// Calls that a signal interrupts (EINTR), and calls that take a millisecond.
    pub(crate) interrupted_percent: u64,
    /// Segments with an urgent byte (tcp(7)).
    pub(crate) urgent_percent: u64,
    /// Polls that have no room for all events.
    pub(crate) overfull_percent: u64,
    /// Polls that report a source that is not ready.
    pub(crate) spurious_percent: u64,
    /// Dials that are refused, or reach nobody.
    pub(crate) refused_percent: u64,
    pub(crate) unreachable_percent: u64,
    /// How late a process may run.
    pub(crate) late_ms_max: u64,
    /// The largest error of a clock, in thousandths.
    pub(crate) drift_max: u64,
    pub(crate) faults: Vec<Fault>,
    pub(crate) fault_every_ms: u64,
}

impl Conditions {
    /// Nothing fails. Bytes take a few milliseconds, and arrive in pieces.
    pub(crate) fn calm() -> Self {
        Self {
            latency_ms_max: 20,
            jitter_ms_max: 5,
            segment_max: 1460,
            room_max: 1 << 16,
            late_ms_max: 1,
            ..Self::default()
        }
    }

    /// Nothing is lost or late, but calls are cut short and interrupted, and bytes come in pieces.
    pub(crate) fn rough(rng: &mut Rng) -> Self {
        let mut conditions = Self::calm();
        if rng.percent(50) {
            conditions.segment_max = rng.within(1..100) as usize;
        }
        conditions.cuts_calls = rng.percent(50);
        let mut enable = |percent, strength| if rng.percent(percent) { strength } else { 0 };
        conditions.interrupted_percent = enable(40, 5);
        conditions.urgent_percent = enable(30, 5);
        conditions.overfull_percent = enable(20, 3);
        conditions.spurious_percent = enable(40, 10);
        conditions
    }

    pub(crate) fn draw(rng: &mut Rng) -> Self {
        let mut conditions = Self::rough(rng);
        if rng.percent(20) {
            return conditions;
        }
        if rng.percent(40) {
            conditions.latency_ms_max = rng.within(20..400);
            conditions.jitter_ms_max = rng.within(0..300);
        }
        if rng.percent(30) {
            conditions.room_max = rng.within(16..2_000) as usize;
        }
        if rng.percent(40) {
            conditions.late_ms_max = rng.within(1..300);
        }
        if rng.percent(30) {
            conditions.refused_percent = rng.within(1..30);
            conditions.unreachable_percent = rng.within(0..20);
        }
        if rng.percent(50) {
            conditions.drift_max = 10;
        }
        conditions.faults = FAULTS.iter().copied().filter(|_| rng.percent(40)).collect();
        conditions.fault_every_ms = rng.within(500..15_000);
        conditions
    }

    /// Whether nothing is lost, refused or noticeably late.
    pub(crate) fn is_calm(&self) -> bool {
        self.faults.is_empty()
            && self.refused_percent == 0
            && self.unreachable_percent == 0
            && self.latency_ms_max <= 20
            && self.late_ms_max <= 1
            && self.room_max > 2_000
    }

    /// All faults stop, and new links are good. Clocks keep their errors.
    pub(crate) fn end_faults(&mut self) {
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

    pub(crate) fn draw_fault(&self, rng: &mut Rng) -> Option<Fault> {
        (!self.faults.is_empty()).then(|| self.faults[rng.index(self.faults.len())])
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
