//! Throughput: how fast bytes get from one program to another. Port 6789.
//!
//! The lecture's sender calls `send` in a loop, and the kernel makes it wait. A sender that may not
//! wait must not queue without end either: it queues one block, asks to be told when that is out,
//! and queues the next. The block is one piece of memory however often it is sent. Read next:
//! [`super::web`], which sends files like this.

use std::net::SocketAddr;
use std::rc::Rc;

use super::Notice;
use super::farewell::FAREWELL_MS;
use crate::conn_map::ConnMap;
use crate::machine::{
    Action, Actions, CloseReason, ConnId, DialId, Framing, Input, Machine, Millis, Shared,
};

/// Bytes queued at once: as many whole buffers of the chosen size as fit, or one.
pub const BLOCK_BYTES: usize = 128 * 1024;

const REPORT_MS: u64 = 1000;

/// What one connection has moved so far.
#[derive(Clone, Copy, Debug)]
struct Meter {
    who: SocketAddr,
    start: Millis,
    total: u64,
    reported: (Millis, u64),
}

impl Meter {
    fn new(who: SocketAddr, start: Millis) -> Self {
        Self { who, start, total: 0, reported: (start, 0) }
    }

    fn since_report(&mut self, now: Millis) -> Notice {
        let (at, bytes) = std::mem::replace(&mut self.reported, (now, self.total));
        let (bytes, elapsed_ms) = (self.total - bytes, now.since(at));
        Notice::Moved { who: self.who, bytes, elapsed_ms, is_total: false }
    }

    fn in_all(&self, now: Millis) -> Notice {
        let elapsed_ms = now.since(self.start);
        Notice::Moved { who: self.who, bytes: self.total, elapsed_ms, is_total: true }
    }
}

/// Counts what comes in, and throws it away.
#[derive(Debug, Default)]
pub struct Receiver {
    meters: ConnMap<Meter>,
    /// The next report, while there is anybody to report on.
    report_at: Option<Millis>,
}

impl Machine for Receiver {
    type Notice = Notice;

    fn handle(&mut self, now: Millis, input: Input<'_>, actions: &mut Actions<Notice>) {
        match input {
            Input::Accepted { conn, from, .. } => {
                self.meters.insert(conn, Meter::new(from, now));
                self.report_at.get_or_insert(now + REPORT_MS);
            }
            Input::Bytes { conn, bytes } => {
                if let Some(meter) = self.meters.get_mut(conn) {
                    meter.total += bytes.len() as u64;
                }
            }
            Input::EndOfStream { conn } => actions.push(Action::Close { conn }),
            Input::Closed { conn, .. } => {
                if let Some(meter) = self.meters.remove(conn) {
                    actions.show(meter.in_all(now));
                }
            }
            Input::Tick => self.report(now, actions),
            Input::Stop => actions.push(Action::Exit { status: 0 }),
            _ => {}
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        self.report_at
    }
}

impl Receiver {
    fn report(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        let conns: Vec<_> = self.meters.iter().map(|(conn, _)| conn).collect();
        for &conn in &conns {
            if let Some(meter) = self.meters.get_mut(conn) {
                actions.show(meter.since_report(now));
            }
        }
        self.report_at = (!conns.is_empty()).then_some(now + REPORT_MS);
    }
}

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

    fn handle(&mut self, now: Millis, input: Input<'_>, actions: &mut Actions<Notice>) {
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
                actions.push(Action::Dial { dial, to: self.to, framing });
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
                std::io::ErrorKind::UnexpectedEof
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

    fn fail(&self, error: std::io::ErrorKind, actions: &mut Actions<Notice>) {
        actions.show(Notice::Failed(self.to, error));
        actions.push(Action::Exit { status: 1 });
    }
}
