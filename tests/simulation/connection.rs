//! One connection of a driver, and the table of them: slots used again, ids never.
//!
//! Holds the line and output buffers of the program itself, so that cut lines and full buffers
//! happen here as they do on real sockets. Decides nothing. Read next: [`super::driver`].

use papo::buffers::lines::LineBuffer;
use papo::buffers::output::OutBuffer;
use papo::machine::{CloseReason, ConnId, DialId, LineLimit, slot_number};

use super::link::Sock;

/// A connection with at least this much unsent output is not read.
const OUTPUT_SOFT_MAX: usize = 64 * 1024;

/// One socket with its buffers.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) id: ConnId,
    pub(crate) sock: Sock,
    pub(crate) limit: LineLimit,
    pub(crate) inbound: LineBuffer,
    pub(crate) outbound: OutBuffer,
    pub(crate) phase: Phase,
    /// The other side will send nothing more, and the machine knows.
    pub(crate) ended: bool,
    /// Half-close once all output is out.
    pub(crate) half_close: bool,
    /// How much waiting output the machine was told of last.
    pub(crate) told_backlog: usize,
    /// Lines were not handed over, or not read, because too much output waited.
    pub(crate) was_paused: bool,
}

/// ```text
/// Dialing ──► Open ──Close──► Finishing ──all out──► Gone ──Closed told──► (removed)
///    └─► Abandoned ─► (removed) └───error, abort──────┘
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Phase {
    Dialing(DialId),
    /// The dial is over without a connection, and the machine knows.
    Abandoned,
    Open,
    Finishing,
    Gone(CloseReason),
}

impl Connection {
    pub(crate) fn is_live(&self) -> bool {
        matches!(self.phase, Phase::Open | Phase::Finishing)
    }

    pub(crate) fn is_throttled(&self) -> bool {
        self.outbound.len() >= OUTPUT_SOFT_MAX
    }
}

/// All connections of one driver.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    slots: Vec<Option<Connection>>,
    generations: Vec<u32>,
}

impl Connections {
    pub(crate) fn insert(&mut self, sock: Sock, limit: LineLimit, phase: Phase) -> ConnId {
        let free = self.slots.iter().position(Option::is_none);
        let slot = free.unwrap_or_else(|| {
            self.slots.push(None);
            self.generations.push(0);
            self.slots.len() - 1
        });
        let id = ConnId { slot: slot_number(slot), generation: self.generations[slot] };
        self.slots[slot] = Some(Connection {
            id,
            sock,
            limit,
            inbound: LineBuffer::new(limit),
            outbound: OutBuffer::default(),
            phase,
            ended: false,
            half_close: false,
            told_backlog: 0,
            was_paused: false,
        });
        id
    }

    /// The one that a machine speaks of, unless it is gone, or as good as gone.
    pub(crate) fn get(&mut self, id: ConnId) -> Option<&mut Connection> {
        let is_gone = |phase| matches!(phase, Phase::Gone(_) | Phase::Abandoned);
        self.at(id.slot as usize).filter(|found| found.id == id && !is_gone(found.phase))
    }

    pub(crate) fn at(&mut self, slot: usize) -> Option<&mut Connection> {
        self.slots.get_mut(slot)?.as_mut()
    }

    pub(crate) fn remove(&mut self, slot: usize) -> Option<Connection> {
        self.generations[slot] += 1;
        self.slots[slot].take()
    }

    /// How many slots there are, free ones among them.
    pub(crate) fn slots(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn dialing(&mut self, wanted: DialId) -> Option<&mut Connection> {
        let is_meant = |connection: &&mut Connection| connection.phase == Phase::Dialing(wanted);
        self.slots.iter_mut().flatten().find(is_meant)
    }
}
