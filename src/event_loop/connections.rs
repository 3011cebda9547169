//! All connections: the slab that gives them their places, and the two lists of who needs what
//! at the end of the turn.
//!
//! Decides nothing. Read next: [`super`], which serves them.

use std::collections::VecDeque;
use std::io;
use std::net::Shutdown;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use slab::Slab;

use super::connection::{Connection, Phase};
use super::token::Source;
use crate::machine::{CloseReason, ConnId, DialId, Framing, slot_number};

/// Both directions, and word of urgent bytes where the system has it.
#[cfg(any(target_os = "linux", target_os = "android"))]
const INTEREST: Interest = Interest::READABLE.add(Interest::WRITABLE).add(Interest::PRIORITY);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const INTEREST: Interest = Interest::READABLE.add(Interest::WRITABLE);

/// What the buffers of all connections together may hold, in bytes: answers that are not read, and
/// lines that wait until they are. Beyond it, whoever holds most is closed: 250 connections that
/// do not read may go to their own bound, and a host of 32 MB lives.
pub const HELD_BYTES_MAX: usize = 16 * 1024 * 1024;

#[derive(Debug, Default)]
pub(super) struct Connections {
    slab: Slab<Connection>,
    /// How often each place was used before. Grows to the most connections there ever were.
    generations: Vec<u32>,
    /// Places with something to write or to finish, each at most once.
    dirty: Vec<usize>,
    /// Places that stopped reading at their budget, each at most once, in turn.
    left_over: VecDeque<usize>,
    /// The sum of [`Connection::held_bytes`] over all.
    held_bytes: usize,
    /// Those whose output is out, to be told in the next turn.
    drained: VecDeque<ConnId>,
}

impl Connections {
    /// Adds a connection and has it watched, once, for both directions: with edge-triggered
    /// events there is no need to ever change that.
    pub(super) fn insert(
        &mut self,
        mut stream: TcpStream,
        framing: Framing,
        phase: Phase,
        registry: &Registry,
    ) -> io::Result<ConnId> {
        let entry = self.slab.vacant_entry();
        let slot = entry.key();
        let token = Token::from(Source::Connection(slot));
        registry.register(&mut stream, token, INTEREST)?;
        if slot == self.generations.len() {
            self.generations.push(0);
        }
        let id = ConnId { slot: slot_number(slot), generation: self.generations[slot] };
        entry.insert(Connection::new(id, stream, framing, phase));
        Ok(id)
    }

    /// The connection in a place.
    pub(super) fn at(&mut self, slot: usize) -> Option<&mut Connection> {
        self.slab.get_mut(slot)
    }

    /// The connection that a machine speaks of, unless it is gone.
    pub(super) fn get(&mut self, id: ConnId) -> Option<&mut Connection> {
        let found = self.slab.get_mut(id.slot as usize)?;
        (found.id == id && !found.is_closed()).then_some(found)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.slab.len()
    }

    /// The output that waits for all of them together, in bytes. Looks at each.
    pub(super) fn pending_bytes(&self) -> usize {
        self.slab.iter().map(|(_, connection)| connection.outbound.len()).sum()
    }

    /// The place of a dial that has not ended.
    pub(super) fn dialing(&self, dial: DialId) -> Option<usize> {
        let is_it = |(_, found): &(usize, &Connection)| found.phase == Phase::Dialing(dial);
        self.slab.iter().find(is_it).map(|(slot, _)| slot)
    }

    /// Has a connection looked at when the turn ends.
    pub(super) fn mark_dirty(&mut self, slot: usize) {
        if let Some(found) = self.slab.get_mut(slot).filter(|found| !found.is_dirty) {
            found.is_dirty = true;
            self.dirty.push(slot);
        }
    }

    /// Has a connection read again in the next turn.
    pub(super) fn leave_over(&mut self, slot: usize) {
        if let Some(found) = self.slab.get_mut(slot).filter(|found| !found.is_left_over) {
            found.is_left_over = true;
            self.left_over.push_back(slot);
        }
    }

    /// Notes that the other side of a connection is done sending.
    pub(super) fn expect_end(&mut self, slot: usize) {
        if let Some(found) = self.slab.get_mut(slot) {
            found.expects_end = true;
        }
    }

    /// Marks a connection for removal.
    pub(super) fn close(&mut self, slot: usize, phase: Phase) {
        if let Some(found) = self.slab.get_mut(slot).filter(|found| !found.is_closed()) {
            found.phase = phase;
            self.mark_dirty(slot);
        }
    }

    /// Marks a connection for removal, and ends it both ways now: what was queued is lost.
    pub(super) fn abort(&mut self, id: ConnId) {
        if let Some(found) = self.get(id) {
            // Where the other side was faster there is nothing left to shut down.
            let _ = found.stream.shutdown(Shutdown::Both);
            self.close(id.slot as usize, Phase::Closed(CloseReason::Asked));
        }
    }

    pub(super) fn next_dirty(&mut self) -> Option<usize> {
        let slot = self.dirty.pop()?;
        if let Some(found) = self.slab.get_mut(slot) {
            found.is_dirty = false;
        }
        Some(slot)
    }

    pub(super) fn has_dirty(&self) -> bool {
        !self.dirty.is_empty()
    }

    pub(super) fn next_left_over(&mut self) -> Option<usize> {
        let slot = self.left_over.pop_front()?;
        if let Some(found) = self.slab.get_mut(slot) {
            found.is_left_over = false;
        }
        Some(slot)
    }

    pub(super) fn left_over_count(&self) -> usize {
        self.left_over.len()
    }

    /// Lets `change` work on the buffers of a connection, and keeps count of what they hold.
    pub(super) fn with_buffers<R>(
        &mut self,
        slot: usize,
        change: impl FnOnce(&mut Connection) -> R,
    ) -> Option<R> {
        let found = self.slab.get_mut(slot)?;
        let before = found.held_bytes();
        let result = change(found);
        self.held_bytes = self.held_bytes + found.held_bytes() - before;
        Some(result)
    }

    /// Closes who holds most, until all hold no more than they may. Only called where one has just
    /// come to hold more, so it looks at all of them seldom.
    pub(super) fn shed_held(&mut self) {
        while self.held_bytes > HELD_BYTES_MAX {
            let most = self.slab.iter().max_by_key(|(_, connection)| connection.held_bytes());
            let Some((slot, _)) = most else { return };
            self.close(slot, Phase::Closed(CloseReason::SlowReader));
            self.with_buffers(slot, Connection::forget_buffers);
        }
    }

    /// Notes that all output of a connection is out, where the machine wants to know.
    pub(super) fn note_drained(&mut self, slot: usize) {
        if let Some(found) = self.slab.get_mut(slot).filter(|found| found.awaits_drain) {
            found.awaits_drain = false;
            self.drained.push_back(found.id);
        }
    }

    pub(super) fn next_drained(&mut self) -> Option<ConnId> {
        self.drained.pop_front()
    }

    pub(super) fn drained_count(&self) -> usize {
        self.drained.len()
    }

    /// Removes a connection. Its place may be used again from now on, under another number.
    pub(super) fn remove(&mut self, slot: usize) -> Connection {
        self.generations[slot] += 1;
        let removed = self.slab.remove(slot);
        self.held_bytes -= removed.held_bytes();
        removed
    }
}
