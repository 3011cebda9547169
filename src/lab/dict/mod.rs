//! Dict: many clients share one dictionary. Port 9999.
//!
//! The guide's client sends a text without any end to it and takes one `recv` for the answer;
//! other programs send lines, several at once. TCP keeps no messages apart, so a text that has no
//! end gets one when nothing has followed it for a moment, and its answer has none either. That is
//! all of this file; what a text says stands in [`texts`]. For several clients at once the guide
//! needs threads and then locks; here nobody else runs while a command is carried out. Read next:
//! [`texts`], then [`super::client`].

pub mod texts;

use super::Notice;
use crate::conn_map::ConnMap;
use crate::machine::{Action, Actions, ConnId, Input, LineEnd, Machine, Millis, Typed};
use crate::timer_wheel::TimerWheel;
use texts::Texts;

/// How long the rest of a text may take that has no line end, in milliseconds.
pub const REST_WAITS_MS: u64 = 20;

/// The dictionary, and who waits for the end of a text.
#[derive(Debug, Default)]
pub struct Dict {
    texts: Texts,
    /// Who has begun a text, and when that is all if no more comes.
    unended: ConnMap<Millis>,
    /// A key for each of them; the true deadline stands in the table.
    wheel: TimerWheel<ConnId>,
}

impl Machine for Dict {
    type Notice = Notice;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Notice>) {
        match input {
            Input::Pending { conn, .. } => self.on_pending(now, conn),
            Input::Line { conn, line, end } => {
                self.unended.remove(conn);
                let answer = self.texts.answer(line, end == LineEnd::Cut);
                actions.send(conn, |out| {
                    out.extend_from_slice(&answer);
                    out.extend_from_slice(if end == LineEnd::Rest { b"" } else { b"\n" });
                });
            }
            Input::EndOfStream { conn } => actions.push(Action::Close { conn }),
            Input::Closed { conn, .. } => {
                self.unended.remove(conn);
            }
            Input::Tick => self.on_tick(now, actions),
            Input::Stop => actions.push(Action::Exit { status: 0 }),
            _ => {}
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        self.wheel.next_deadline()
    }
}

impl Dict {
    /// An empty one. `is_adding_implicitly`: what is no command is stored, as in the guide's
    /// earlier exercise.
    #[must_use]
    pub fn new(is_adding_implicitly: bool) -> Self {
        Self { texts: Texts::new(is_adding_implicitly), ..Self::default() }
    }

    /// More of a text has come, and no end of it.
    fn on_pending(&mut self, now: Millis, conn: ConnId) {
        let ends_at = now + REST_WAITS_MS;
        match self.unended.get_mut(conn) {
            Some(at) => *at = ends_at,
            None => {
                self.unended.insert(conn, ends_at);
                self.wheel.arm(now, ends_at, conn);
            }
        }
    }

    fn on_tick(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        while let Some(conn) = self.wheel.pop_expired(now, |conn| self.unended.get(*conn).copied())
        {
            self.unended.remove(conn);
            // It comes back as a line with the end `Rest`.
            actions.push(Action::EndLine { conn });
        }
    }
}
