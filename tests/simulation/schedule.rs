//! The events to come and their times: the only clock of the simulated world.
//!
//! Read next: [`super::world`], which performs them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::link::Sock;

/// A node: one process on one computer, with one machine.
pub(crate) type NodeId = usize;

pub(crate) const NEVER: u64 = u64::MAX;

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Event {
    /// The loop of a node runs one turn.
    Turn(NodeId),
    /// Bytes from this end may arrive at the other.
    Arrival(Sock),
    /// This end checks TCP_USER_TIMEOUT.
    Overdue(Sock),
    /// This end checks TCP keepalive.
    Probe(Sock),
    /// The person at a node types a line.
    Person(NodeId),
    /// The next fault.
    Fault,
    /// A shortage of descriptors or output at a node ends.
    ShortageEnds(NodeId),
    /// The watchers check deadlines.
    Check,
    /// A process starts.
    Start(NodeId),
    /// All faults stop.
    FaultsEnd,
    /// Everything must have recovered by now.
    Rest,
    End,
}

/// Events in the order of their times, and of their planning where the times are equal.
#[derive(Debug)]
pub(crate) struct Schedule {
    pub(crate) now: u64,
    planned: BinaryHeap<Reverse<(u64, u64, Event)>>,
    count: u64,
    /// The next turn of each node. An [`Event::Turn`] for another time is void.
    turns: Vec<u64>,
    /// Until when the process of each node is stopped (SIGSTOP).
    frozen_until: Vec<u64>,
}

impl Schedule {
    pub(crate) fn new(nodes: usize) -> Self {
        Self {
            now: 0,
            planned: BinaryHeap::new(),
            count: 0,
            turns: vec![NEVER; nodes],
            frozen_until: vec![0; nodes],
        }
    }

    pub(crate) fn plan(&mut self, at: u64, event: Event) {
        self.count += 1;
        self.planned.push(Reverse((at.max(self.now), self.count, event)));
    }

    pub(crate) fn plan_in(&mut self, pause_ms: u64, event: Event) {
        self.plan(self.now.saturating_add(pause_ms), event);
    }

    /// Runs a turn of `node` at `at` or before, but not while its process is stopped.
    pub(crate) fn wake(&mut self, node: NodeId, at: u64) {
        let at = at.max(self.now).max(self.frozen_until[node]);
        if at < self.turns[node] {
            self.turns[node] = at;
            self.plan(at, Event::Turn(node));
        }
    }

    /// Stops the process of `node` until then.
    pub(crate) fn freeze(&mut self, node: NodeId, until: u64) {
        self.frozen_until[node] = until;
        self.turns[node] = NEVER;
        self.wake(node, until);
    }

    pub(crate) fn is_frozen(&self, node: NodeId) -> bool {
        self.now < self.frozen_until[node]
    }

    /// The end of the last or present stop of `node`.
    pub(crate) fn resumed_at(&self, node: NodeId) -> u64 {
        self.frozen_until[node]
    }

    /// The next event that is not void.
    pub(crate) fn next(&mut self) -> Option<Event> {
        loop {
            let Reverse((at, _, event)) = self.planned.pop()?;
            if let Event::Turn(node) = event {
                if self.turns[node] != at {
                    continue;
                }
                self.turns[node] = NEVER;
            }
            self.now = at;
            return Some(event);
        }
    }
}
