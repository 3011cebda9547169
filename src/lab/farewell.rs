//! How to say the last word and have it heard.
//!
//! Who closes a TCP socket while there is something unread in it sends a reset, and a reset may
//! destroy, on the other side, what was sent just before: the answer. So: send the answer, say that
//! no more will come, throw away what still arrives, and close when the other side has closed, or
//! after a while. Read next: [`super::daytime`], which parts from everybody like this.

use crate::machine::{Action, Actions, ConnId, Millis};
use crate::timer_wheel::TimerWheel;

/// How long the other side may take to close, in milliseconds.
pub const FAREWELL_MS: u64 = 2000;

/// Those that were told goodbye. A connection that closes in time stays in the wheel until its
/// time comes: nobody uses a [`ConnId`] again, so the late word reaches nobody.
#[derive(Debug, Default)]
pub struct Farewells {
    wheel: TimerWheel<(ConnId, Millis)>,
}

impl Farewells {
    /// Ends a connection behind what was sent on it. Its service hears of it no more, but for
    /// bytes and an end that it passes over.
    pub fn part<N>(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<N>) {
        actions.push(Action::HalfClose { conn });
        let at = now + FAREWELL_MS;
        self.wheel.arm(now, at, (conn, at));
    }

    /// Closes those who did not.
    pub fn tick<N>(&mut self, now: Millis, actions: &mut Actions<N>) {
        while let Some((conn, _)) = self.wheel.pop_expired(now, |(_, at)| Some(*at)) {
            actions.push(Action::Abort { conn });
        }
    }

    /// When to call [`Farewells::tick`].
    #[must_use]
    pub fn next_deadline(&self) -> Option<Millis> {
        self.wheel.next_deadline()
    }
}
