//! The connections of a lone peer: the least that a driver must have.

use papo::buffers::lines::LineBuffer;
use papo::machine::{CloseReason, ConnId, LineLimit};

use super::super::link::{Side, Sock};

/// One connection.
#[derive(Debug)]
pub(crate) struct Cable {
    pub(crate) id: ConnId,
    pub(crate) sock: Sock,
    pub(crate) inbound: LineBuffer,
    pub(crate) is_server: bool,
    /// The other side will say nothing more.
    pub(crate) has_ended: bool,
    /// Takes nothing of what is sent.
    pub(crate) is_stalled: bool,
    pub(crate) unsent: usize,
    /// How many unsent bytes the peer was told of.
    pub(crate) told: usize,
    /// Is to be closed when all is sent.
    pub(crate) is_finishing: bool,
    /// Is closed at the end of the turn.
    pub(crate) closes: Option<CloseReason>,
}

impl Cable {
    pub(crate) fn new(id: ConnId, side: Side, limit: LineLimit, is_server: bool) -> Self {
        Self {
            id,
            sock: Sock { link: id.generation as usize, side },
            inbound: LineBuffer::new(limit),
            is_server,
            has_ended: false,
            is_stalled: false,
            unsent: 0,
            told: 0,
            is_finishing: false,
            closes: None,
        }
    }

    /// Whether what it says is still read.
    pub(crate) fn is_heard(&self) -> bool {
        self.closes.is_none() && !self.is_finishing
    }
}
