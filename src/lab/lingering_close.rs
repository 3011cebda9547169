//! Lingering close: the last answer arrives, although the client has sent more than was read.
//!
//! A program that closes a TCP socket with unread bytes in it sends a reset. On the other side the
//! reset may destroy the answer that was sent just before. So a service sends its answer,
//! half-closes, throws away further bytes, and closes when the other side has closed, or after
//! [`LINGER_MS`]. This time begins when the kernel has taken the whole answer.
//! Read next: [`super::daytime`], which closes every connection like this.

use super::STALLED_MS;
use crate::conn_map::ConnMap;
use crate::machine::{Action, Actions, ConnId, Millis};
use crate::timer_wheel::TimerWheel;

/// How long the other side may take to close, in milliseconds.
pub const LINGER_MS: u64 = 2000;

/// The connections that are half-closed, and not closed yet.
#[derive(Debug, Default)]
pub struct LingeringCloses {
    connections: ConnMap<Lingering>,
    /// One or two keys for each of them. The true deadline is in the table.
    wheel: TimerWheel<ConnId>,
}

#[derive(Debug)]
struct Lingering {
    deadline: Millis,
    /// Bytes of the answer that the kernel has not taken yet, by the last `Backlog`.
    unsent: usize,
}

impl LingeringCloses {
    /// Ends a connection after the bytes that were sent on it. Its service must still call
    /// [`LingeringCloses::on_backlog`] and [`LingeringCloses::on_closed`].
    pub fn begin<N>(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<N>) {
        actions.push(Action::HalfClose { conn });
        let deadline = now + LINGER_MS;
        self.connections.insert(conn, Lingering { deadline, unsent: usize::MAX });
        self.wheel.arm(now, deadline, conn);
    }

    /// The kernel has taken some of the answer, or all of it. A slow reader gets more time.
    pub fn on_backlog(&mut self, now: Millis, conn: ConnId, bytes: usize) {
        let Some(it) = self.connections.get_mut(conn) else { return };
        if bytes < it.unsent {
            it.deadline = now + if bytes == 0 { LINGER_MS } else { STALLED_MS };
        }
        if bytes == 0 {
            // This deadline is earlier than the last one, so it needs a key of its own.
            self.wheel.arm(now, it.deadline, conn);
        }
        it.unsent = bytes;
    }

    /// The connection is closed.
    pub fn on_closed(&mut self, conn: ConnId) {
        self.connections.remove(conn);
    }

    /// Closes the connections that the other side has not closed in time.
    pub fn tick<N>(&mut self, now: Millis, actions: &mut Actions<N>) {
        let deadline_of = |conn: &ConnId| Some(self.connections.get(*conn)?.deadline);
        while let Some(conn) = self.wheel.pop_expired(now, deadline_of) {
            actions.push(Action::Abort { conn });
        }
    }

    /// When to call [`LingeringCloses::tick`].
    #[must_use]
    pub fn next_deadline(&self) -> Option<Millis> {
        self.wheel.next_deadline()
    }
}
