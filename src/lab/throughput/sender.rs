//! The sender: it sends for some time, as fast as it can.
//!
//! A sender that may not block must not queue without end either. It queues one block, and the next
//! one when `Drained` says that the kernel has taken it. The block is one piece of memory, however
//! often it is sent. Read next: [`crate::lab::web`], which sends files like this.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::rc::Rc;

use super::{BLOCK_BYTES, Meter, REPORT_MS};
use crate::lab::Notice;
use crate::machine::{
    Action, Actions, CloseReason, ConnId, DialId, Framing, GIVE_UP, Input, Machine, Millis, Typed,
};

/// How long the receiver may take to read the last bytes and to close, in milliseconds. It may be
/// stopped for a while. The lecture's receiver never closes.
pub const ARRIVAL_WAIT_MS: u64 = 30_000;

/// Sends as much as it can for some time.
#[derive(Debug)]
pub struct Sender {
    to: SocketAddr,
    block: Rc<[u8]>,
    duration_ms: u64,
    measurement: Measurement,
}

#[derive(Clone, Copy, Debug)]
enum Measurement {
    NotBegun,
    Dialing,
    /// After `until` no further block is begun.
    Running {
        meter: Meter,
        until: Millis,
    },
    /// The kernel has taken the last block at `sent_at`. The receiver may close until `by`.
    AwaitsEnd {
        meter: Meter,
        sent_at: Millis,
        by: Millis,
    },
    Over,
}

impl Machine for Sender {
    type Notice = Notice;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Notice>) {
        match input {
            Input::Tick => self.on_tick(now, actions),
            Input::Dialed { result: Ok(conn), .. } => {
                let meter = Meter::new(self.to, now);
                let until = now + self.duration_ms;
                self.measurement = Measurement::Running { meter, until };
                self.send_block(conn, actions);
            }
            Input::Drained { conn } => self.on_drained(now, conn, actions),
            // The receiver has closed, so every byte has arrived.
            Input::EndOfStream { conn } => actions.push(Action::Close { conn }),
            Input::Closed { reason, .. } => self.on_closed(now, reason, actions),
            Input::Dialed { result: Err(error), .. } => self.fail(error, actions),
            Input::Stop => actions.push(Action::Exit { status: 0 }),
            _ => {}
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        match self.measurement {
            Measurement::NotBegun => Some(Millis(0)),
            Measurement::Running { meter, .. } => Some(meter.reported.0 + REPORT_MS),
            Measurement::AwaitsEnd { by, .. } => Some(by),
            Measurement::Dialing | Measurement::Over => None,
        }
    }
}

impl Sender {
    /// Sends buffers of `size` bytes to `to` for `duration_ms`. All their bytes are 0.
    #[must_use]
    pub fn new(to: SocketAddr, size: usize, duration_ms: u64) -> Self {
        let block = vec![0; size * (BLOCK_BYTES / size).max(1)];
        Self { to, block: block.into(), duration_ms, measurement: Measurement::NotBegun }
    }

    fn on_tick(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        match &mut self.measurement {
            Measurement::NotBegun => {
                self.measurement = Measurement::Dialing;
                let (dial, framing) = (DialId(0), Framing::Raw);
                actions.push(Action::Dial { dial, to: self.to, framing, give_up: GIVE_UP });
            }
            Measurement::Running { meter, .. } => actions.show(meter.since_report(now)),
            // The wait for the receiver does not count.
            Measurement::AwaitsEnd { meter, sent_at, .. } => {
                let total = meter.in_all(*sent_at);
                self.end(total, actions);
            }
            Measurement::Dialing | Measurement::Over => {}
        }
    }

    fn send_block(&self, conn: ConnId, actions: &mut Actions<Notice>) {
        actions.send_shared(conn, &self.block);
        actions.push(Action::AwaitDrain { conn });
    }

    fn on_drained(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<Notice>) {
        let Measurement::Running { meter, until } = &mut self.measurement else { return };
        meter.total += self.block.len() as u64;
        if now < *until {
            self.send_block(conn, actions);
        } else {
            let (meter, by) = (*meter, now + ARRIVAL_WAIT_MS);
            self.measurement = Measurement::AwaitsEnd { meter, sent_at: now, by };
            actions.push(Action::HalfClose { conn });
        }
    }

    fn on_closed(&mut self, now: Millis, reason: CloseReason, actions: &mut Actions<Notice>) {
        match (self.measurement, reason) {
            (Measurement::Over, _) => {}
            (_, CloseReason::Failed(error)) => self.fail(error, actions),
            (Measurement::AwaitsEnd { meter, .. }, _) => self.end(meter.in_all(now), actions),
            // The receiver has closed too early.
            _ => self.fail(ErrorKind::UnexpectedEof, actions),
        }
    }

    fn end(&mut self, total: Notice, actions: &mut Actions<Notice>) {
        self.measurement = Measurement::Over;
        actions.show(total);
        actions.push(Action::Exit { status: 0 });
    }

    fn fail(&mut self, error: ErrorKind, actions: &mut Actions<Notice>) {
        self.measurement = Measurement::Over;
        actions.show(Notice::Failed(self.to, error));
        actions.push(Action::Exit { status: 1 });
    }
}
