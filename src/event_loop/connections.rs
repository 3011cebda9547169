//! All connections: the slab that gives each a slot, and the lists of connections with work left.
//!
//! ```text
//! slab           | 0: Ana | 1: free | 2: Bruno |     generations | 4 | 7 | 0 |
//! pending reads  | 2 |            stopped at their budget: read again in the next turn
//! dirty          | 0 | 2 |        have output, or are to be closed: the work of `settle`
//! ```
//!
//! Nothing is decided here. Read next: [`super`], which serves them.

use std::collections::VecDeque;
use std::io;
use std::net::Shutdown;

use slab::Slab;

use super::connection::{Connection, ConnectionState, Flushed};
use super::os::Os;
use super::token;
use crate::buffers::output::{OutBuffer, Spare};
use crate::machine::{CloseReason, ConnId, DialId, Framing, SharedText, slot_number};

/// Most bytes in the buffers of all connections together: unsent answers, and lines that were put
/// back. Beyond it, the loop closes the connection that holds most. So 250 clients that do not read
/// may reach their own bound, and a host with 32 MB of memory survives.
pub const HELD_BYTES_MAX: usize = 16 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct Connections<O: Os> {
    slab: Slab<Connection<O::Stream>>,
    /// How often each slot was used before. Its length is the highest number of connections so far.
    generations: Vec<u32>,
    /// Slots with work for `settle`, each at most once.
    dirty: Vec<usize>,
    /// Slots where reading stopped before [`io::ErrorKind::WouldBlock`], each at most once, in
    /// order. No further event comes for them.
    pending_reads: VecDeque<usize>,
    /// Always the sum of [`Connection::held_bytes`] over all.
    held_bytes: usize,
    /// Connections whose output is out. The next turn gives the machine their `Drained`.
    drained: VecDeque<ConnId>,
    /// An empty output queue, for the next connection that needs one.
    spare: Spare,
    /// The longest shared answer so far, in bytes: see [`Connection::is_flooded`].
    longest_answer: usize,
}

impl<O: Os> Default for Connections<O> {
    fn default() -> Self {
        Self {
            slab: Slab::new(),
            generations: Vec::new(),
            dirty: Vec::new(),
            pending_reads: VecDeque::new(),
            held_bytes: 0,
            drained: VecDeque::new(),
            spare: Spare::default(),
            longest_answer: 0,
        }
    }
}

impl<O: Os> Connections<O> {
    /// Adds a connection and registers it, once, for both directions. With edge-triggered events
    /// the registration never changes.
    pub(super) fn insert(
        &mut self,
        os: &mut O,
        mut stream: O::Stream,
        framing: Framing,
        state: ConnectionState,
    ) -> io::Result<ConnId> {
        let entry = self.slab.vacant_entry();
        let slot = entry.key();
        os.watch_stream(&mut stream, token::of_connection(slot))?;
        if slot == self.generations.len() {
            self.generations.push(0);
        }
        let id = ConnId { slot: slot_number(slot), generation: self.generations[slot] };
        entry.insert(Connection::new(id, stream, framing, state));
        Ok(id)
    }

    /// The connection in a slot.
    pub(super) fn at(&mut self, slot: usize) -> Option<&mut Connection<O::Stream>> {
        self.slab.get_mut(slot)
    }

    /// The connection with this id, unless it is closed.
    pub(super) fn get_mut(&mut self, id: ConnId) -> Option<&mut Connection<O::Stream>> {
        let found = self.slab.get_mut(id.slot as usize)?;
        (found.id == id && !found.is_closed()).then_some(found)
    }

    /// The same, read-only.
    pub(super) fn get(&self, id: ConnId) -> Option<&Connection<O::Stream>> {
        let found = self.slab.get(id.slot as usize)?;
        (found.id == id && !found.is_closed()).then_some(found)
    }

    /// The id of the connection in a slot.
    pub(super) fn id_at(&self, slot: usize) -> Option<ConnId> {
        self.slab.get(slot).map(|found| found.id)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.slab.len()
    }

    /// The unsent output of all connections together, in bytes. Looks at each connection.
    pub(super) fn pending_bytes(&self) -> usize {
        self.slab.iter().map(|(_, connection)| connection.outbound.len()).sum()
    }

    /// The slot of a dial that has not ended.
    pub(super) fn dialing(&self, dial: DialId) -> Option<usize> {
        let mut all = self.slab.iter();
        all.find(|(_, found)| found.state == ConnectionState::Dialing(dial)).map(|(slot, _)| slot)
    }

    /// Puts a connection on the dirty list.
    pub(super) fn mark_dirty(&mut self, slot: usize) {
        if let Some(found) = self.slab.get_mut(slot).filter(|found| !found.is_dirty) {
            found.is_dirty = true;
            self.dirty.push(slot);
        }
    }

    /// Puts a connection on the list of pending reads: reading stopped before
    /// [`io::ErrorKind::WouldBlock`], so no further event will come.
    pub(super) fn requeue_read(&mut self, slot: usize) {
        if let Some(found) = self.slab.get_mut(slot).filter(|found| !found.is_read_pending) {
            found.is_read_pending = true;
            self.pending_reads.push_back(slot);
        }
    }

    /// Marks a connection for removal.
    pub(super) fn close(&mut self, slot: usize, state: ConnectionState) {
        if let Some(found) = self.slab.get_mut(slot).filter(|found| !found.is_closed()) {
            found.state = state;
            self.mark_dirty(slot);
        }
    }

    /// Marks a connection for removal, and shuts it down both ways now. Unsent output is lost.
    pub(super) fn abort(&mut self, os: &mut O, id: ConnId) {
        self.cut(id, |stream| os.shutdown(stream, Shutdown::Both));
    }

    /// The same with a reset.
    pub(super) fn reset(&mut self, os: &mut O, id: ConnId) {
        self.cut(id, |stream| os.reset_at_close(stream));
    }

    fn cut(&mut self, id: ConnId, end: impl FnOnce(&O::Stream)) {
        if let Some(found) = self.get_mut(id) {
            end(&found.stream);
            let reason = found.end_reason();
            self.close(id.slot as usize, ConnectionState::Closed(reason));
        }
    }

    pub(super) fn next_dirty(&mut self) -> Option<usize> {
        let slot = self.dirty.pop()?;
        if let Some(found) = self.slab.get_mut(slot) {
            found.is_dirty = false;
        }
        Some(slot)
    }

    pub(super) fn next_pending_read(&mut self) -> Option<usize> {
        let slot = self.pending_reads.pop_front()?;
        if let Some(found) = self.slab.get_mut(slot) {
            found.is_read_pending = false;
        }
        Some(slot)
    }

    /// The slots on the list of pending reads.
    pub(super) fn pending_reads(&self) -> impl Iterator<Item = usize> {
        self.pending_reads.iter().copied()
    }

    pub(super) fn pending_read_count(&self) -> usize {
        self.pending_reads.len()
    }

    /// Queues a copy of `bytes` for a connection.
    pub(super) fn push(&mut self, slot: usize, bytes: &[u8]) {
        self.queue(slot, |outbound, spare| outbound.push(bytes, spare));
    }

    /// Queues bytes that many connections share.
    pub(super) fn push_shared(&mut self, slot: usize, shared: &SharedText) {
        self.longest_answer = self.longest_answer.max(shared.bytes.len());
        self.queue(slot, |outbound, spare| outbound.push_shared(shared, spare));
    }

    fn queue(&mut self, slot: usize, push: impl FnOnce(&mut OutBuffer, &mut Spare)) {
        let Some(found) = self.slab.get_mut(slot) else { return };
        let held_before = found.outbound.held_bytes();
        push(&mut found.outbound, &mut self.spare);
        self.held_bytes = self.held_bytes + found.outbound.held_bytes() - held_before;
        if found.is_throttled() {
            found.was_throttled = true;
            if found.is_flooded(self.longest_answer) {
                found.state = ConnectionState::Closed(CloseReason::SlowReader);
            }
        }
        if !std::mem::replace(&mut found.is_dirty, true) {
            self.dirty.push(slot);
        }
    }

    /// Writes what the kernel takes. `None`: there is no such connection.
    pub(super) fn flush(&mut self, os: &mut O, slot: usize) -> Option<Flushed> {
        let spare = &mut self.spare;
        change_buffers(&mut self.slab, &mut self.held_bytes, slot, |it| it.flush(os, spare))
    }

    /// Keeps bytes that cannot be handed over now.
    pub(super) fn put_back(&mut self, slot: usize, fresh: &[u8]) {
        self.change_buffers(slot, |it| it.inbound.put_back(fresh));
    }

    /// Takes out the bytes that were put back.
    pub(super) fn take_back(&mut self, slot: usize) -> Vec<u8> {
        self.change_buffers(slot, |it| it.inbound.take_back()).unwrap_or_default()
    }

    /// Drops the output of a connection after a failed write.
    pub(super) fn forget_output(&mut self, slot: usize) {
        self.change_buffers(slot, |it| it.outbound.clear());
    }

    fn change_buffers<R>(
        &mut self,
        slot: usize,
        change: impl FnOnce(&mut Connection<O::Stream>) -> R,
    ) -> Option<R> {
        change_buffers(&mut self.slab, &mut self.held_bytes, slot, change)
    }

    /// Closes the connections that hold most, until all together are within [`HELD_BYTES_MAX`].
    /// Called only after a partial write, so it seldom looks at all connections.
    pub(super) fn shed_held(&mut self) {
        while self.held_bytes > HELD_BYTES_MAX {
            let most = self.slab.iter().max_by_key(|(_, connection)| connection.held_bytes());
            let Some((slot, _)) = most else { return };
            self.close(slot, ConnectionState::Closed(CloseReason::SlowReader));
            self.change_buffers(slot, Connection::forget_buffers);
        }
    }

    /// Notes that all output of a connection is out, if the machine asked for that.
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

    /// Whether the next turn has work without any event.
    pub(super) fn has_work_left(&self) -> bool {
        !self.pending_reads.is_empty() || !self.drained.is_empty() || !self.dirty.is_empty()
    }

    /// Removes a connection. The slot may be used again, with the next generation.
    pub(super) fn remove(&mut self, os: &mut O, slot: usize) {
        self.generations[slot] += 1;
        let removed = self.slab.remove(slot);
        self.held_bytes -= removed.held_bytes();
        os.close(removed.stream);
    }
}

/// Changes the buffers of a connection, and keeps the sum of the held bytes.
fn change_buffers<S, R>(
    slab: &mut Slab<Connection<S>>,
    held_bytes: &mut usize,
    slot: usize,
    change: impl FnOnce(&mut Connection<S>) -> R,
) -> Option<R> {
    let found = slab.get_mut(slot)?;
    let before = found.held_bytes();
    let result = change(found);
    *held_bytes = *held_bytes + found.held_bytes() - before;
    Some(result)
}
