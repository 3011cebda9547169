//! Lingering close: the last answer arrives, although the client has sent more than was read.
//!
//! A program that closes a TCP socket with something unread in it sends a reset. On the other side
//! the reset may destroy what was sent just before: the answer. So a service sends its answer, says
//! that no more will come (a half-close), throws away what still arrives, and closes when the other
//! side has closed, or after a while. The while begins when the kernel has taken the whole answer.
//! Read next: [`super::daytime`], which parts from everybody like this.

use super::STALLED_MS;
use crate::conn_map::ConnMap;
use crate::machine::{Action, Actions, ConnId, Millis};
use crate::timer_wheel::TimerWheel;

/// How long the other side may take to close, in milliseconds.
pub const FAREWELL_MS: u64 = 2000;

/// The connections that were told goodbye, and are not closed yet.
#[derive(Debug, Default)]
pub struct Farewells {
    parting: ConnMap<Parting>,
    /// A key for each of them, or two. The true deadline stands in the table.
    wheel: TimerWheel<ConnId>,
}

#[derive(Debug)]
struct Parting {
    deadline: Millis,
    /// Bytes of the answer that the kernel has not taken yet, as far as it has said.
    unsent: usize,
}

impl Farewells {
    /// Ends a connection behind what was sent on it. Its service still has to pass on
    /// [`Farewells::on_backlog`] and [`Farewells::on_closed`].
    pub fn part<N>(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<N>) {
        actions.push(Action::HalfClose { conn });
        let deadline = now + FAREWELL_MS;
        self.parting.insert(conn, Parting { deadline, unsent: usize::MAX });
        self.wheel.arm(now, deadline, conn);
    }

    /// The kernel has taken some of the answer, or all of it. A slow reader is given the time that
    /// it needs.
    pub fn on_backlog(&mut self, now: Millis, conn: ConnId, bytes: usize) {
        let Some(parting) = self.parting.get_mut(conn) else { return };
        if bytes < parting.unsent {
            parting.deadline = now + if bytes == 0 { FAREWELL_MS } else { STALLED_MS };
        }
        if bytes == 0 {
            // This deadline is nearer than the one before, and the wheel would come to it too late.
            self.wheel.arm(now, parting.deadline, conn);
        }
        parting.unsent = bytes;
    }

    /// The connection is gone.
    pub fn on_closed(&mut self, conn: ConnId) {
        self.parting.remove(conn);
    }

    /// Closes the connections that the other side has not closed in time.
    pub fn tick<N>(&mut self, now: Millis, actions: &mut Actions<N>) {
        let deadline_of = |conn: &ConnId| Some(self.parting.get(*conn)?.deadline);
        while let Some(conn) = self.wheel.pop_expired(now, deadline_of) {
            actions.push(Action::Abort { conn });
        }
    }

    /// When to call [`Farewells::tick`].
    #[must_use]
    pub fn next_deadline(&self) -> Option<Millis> {
        self.wheel.next_deadline()
    }
}
