//! The receiver: it counts bytes, and throws them away.
//!
//! The lecture's receiver never ends: at the end of a stream `recv` returns nothing, again and
//! again, and raises no error. Read next: [`super::sender`].

use super::{Meter, REPORT_MS};
use crate::conn_map::ConnMap;
use crate::lab::Notice;
use crate::machine::{Action, Actions, Input, Machine, Millis, Typed};

/// Counts bytes, and throws them away.
#[derive(Debug, Default)]
pub struct Receiver {
    meters: ConnMap<Meter>,
    /// The time of the next report. `None`: no sender is connected.
    report_at: Option<Millis>,
}

impl Machine for Receiver {
    type Notice = Notice;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Notice>) {
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
