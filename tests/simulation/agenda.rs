//! The coming events and their times: the only clock of the simulated world.
//!
//! Knows events by name only. Read next: [`super::world`], which makes them happen.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::link::Sock;

/// A node: one process on one computer, with one machine in it.
pub(crate) type NodeId = usize;

/// Never.
pub(crate) const NEVER: u64 = u64::MAX;

/// Something that will happen.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Event {
    /// The loop of a node runs one turn.
    Turn(NodeId),
    /// The bytes that this end has sent may arrive at the other.
    Arrival(Sock),
    /// This end looks whether the other acknowledges what it gets.
    Overdue(Sock),
    /// This end looks whether the other is still there (TCP keepalive).
    Probe(Sock),
    /// The person at a node types something.
    Person(NodeId),
    /// The weather changes.
    Fault,
    /// A node has what it needs again.
    Relief(NodeId),
    /// The watchers look at the time.
    Check,
    /// A process starts.
    Start(NodeId),
    /// All faults stop.
    Heal,
    /// Everything must have come right by now.
    Rest,
    End,
}

/// Events in the order in which they happen; those of one millisecond in the order in which
/// they were planned.
#[derive(Debug)]
pub(crate) struct Agenda {
    pub(crate) now: u64,
    planned: BinaryHeap<Reverse<(u64, u64, Event)>>,
    count: u64,
    /// When each node's next turn is. A turn that is planned for another time is void.
    turns: Vec<u64>,
    /// Until when each node's process is stopped (SIGSTOP): its turns wait.
    frozen_until: Vec<u64>,
}

impl Agenda {
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

    /// Has the loop of `node` run no later than `at`, unless its process is stopped.
    pub(crate) fn wake(&mut self, node: NodeId, at: u64) {
        let at = at.max(self.now).max(self.frozen_until[node]);
        if at < self.turns[node] {
            self.turns[node] = at;
            self.plan(at, Event::Turn(node));
        }
    }

    /// Stops the process of `node` until then: what it was about to do waits.
    pub(crate) fn freeze(&mut self, node: NodeId, until: u64) {
        self.frozen_until[node] = until;
        self.turns[node] = NEVER;
        self.wake(node, until);
    }

    pub(crate) fn is_frozen(&self, node: NodeId) -> bool {
        self.now < self.frozen_until[node]
    }

    /// When the process of `node` was, or will be, let go on.
    pub(crate) fn thawed_at(&self, node: NodeId) -> u64 {
        self.frozen_until[node]
    }

    /// Goes to the next event. Void turns are left out.
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
