//! The end that sends for a while, as fast as it can.
//!
//! A sender that may not wait must not queue without end either: it queues one block, asks to be
//! told when that is out, and queues the next. The block is one piece of memory however often it
//! is sent. Read next: [`crate::lab::web`], which sends files like this.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::rc::Rc;

use super::{BLOCK_BYTES, Meter, REPORT_MS};
use crate::lab::Notice;
use crate::lab::farewell::FAREWELL_MS;
use crate::machine::{
    Action, Actions, CloseReason, ConnId, DialId, Framing, GIVE_UP, Input, Machine, Millis, Shared,
    Typed,
};

/// Sends as much as it can for a while.
#[derive(Debug)]
pub struct Sender {
    to: SocketAddr,
    block: Rc<[u8]>,
    duration_ms: u64,
    phase: Phase,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    New,
    /// Or all is over.
    Dialing,
    /// `until` is when no further block is begun.
    Sending {
        meter: Meter,
        until: Millis,
    },
    /// The last block is out. `by` is how long the receiver has for its goodbye: the lecture's
    /// never says one.
    Done {
        meter: Meter,
        by: Millis,
    },
}

impl Machine for Sender {
    type Notice = Notice;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Notice>) {
        match input {
            Input::Tick => self.on_tick(now, actions),
            Input::Dialed { result: Ok(conn), .. } => {
                let meter = Meter::new(self.to, now);
                self.phase = Phase::Sending { meter, until: now + self.duration_ms };
                self.send_block(conn, actions);
            }
            Input::Drained { conn } => self.on_drained(now, conn, actions),
            // The receiver is done as well: every byte has arrived.
            Input::EndOfStream { conn } => actions.push(Action::Close { conn }),
            Input::Closed { reason, .. } => self.on_closed(now, reason, actions),
            Input::Dialed { result: Err(error), .. } => self.fail(error, actions),
            Input::Stop => actions.push(Action::Exit { status: 0 }),
            _ => {}
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        match self.phase {
            Phase::New => Some(Millis(0)),
            Phase::Sending { meter, .. } => Some(meter.reported.0 + REPORT_MS),
            Phase::Done { by, .. } => Some(by),
            Phase::Dialing => None,
        }
    }
}

impl Sender {
    /// Sends buffers of `size` bytes to `to` for `duration_ms`. What is in them is not important.
    #[must_use]
    pub fn new(to: SocketAddr, size: usize, duration_ms: u64) -> Self {
        let block = vec![0; size * (BLOCK_BYTES / size).max(1)];
        Self { to, block: block.into(), duration_ms, phase: Phase::New }
    }

    fn on_tick(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        match &mut self.phase {
            Phase::New => {
                self.phase = Phase::Dialing;
                let (dial, framing) = (DialId(0), Framing::Raw);
                actions.push(Action::Dial { dial, to: self.to, framing, give_up: GIVE_UP });
            }
            Phase::Sending { meter, .. } => actions.show(meter.since_report(now)),
            Phase::Done { .. } => self.end(now, actions),
            Phase::Dialing => {}
        }
    }

    fn send_block(&self, conn: ConnId, actions: &mut Actions<Notice>) {
        let shared = Shared { bytes: Rc::clone(&self.block), skip: 0..0 };
        actions.push(Action::SendShared { conn, shared });
        actions.push(Action::AwaitDrain { conn });
    }

    fn on_drained(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<Notice>) {
        let Phase::Sending { meter, until } = &mut self.phase else { return };
        meter.total += self.block.len() as u64;
        if now < *until {
            self.send_block(conn, actions);
        } else {
            self.phase = Phase::Done { meter: *meter, by: now + FAREWELL_MS };
            actions.push(Action::HalfClose { conn });
        }
    }

    fn on_closed(&mut self, now: Millis, reason: CloseReason, actions: &mut Actions<Notice>) {
        if let Phase::Done { .. } = self.phase {
            self.end(now, actions);
            return;
        }
        let error = match reason {
            CloseReason::Failed(error) => error,
            CloseReason::Asked | CloseReason::LineTooLong | CloseReason::SlowReader => {
                ErrorKind::UnexpectedEof
            }
        };
        self.fail(error, actions);
    }

    fn end(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        if let Phase::Done { meter, .. } = self.phase {
            actions.show(meter.in_all(now));
        }
        self.phase = Phase::Dialing;
        actions.push(Action::Exit { status: 0 });
    }

    fn fail(&self, error: ErrorKind, actions: &mut Actions<Notice>) {
        actions.show(Notice::Failed(self.to, error));
        actions.push(Action::Exit { status: 1 });
    }
}
