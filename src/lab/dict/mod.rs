//! Dict: many clients share one dictionary. Port 9999.
//!
//! The guide's client sends a text without a line end, and takes one `recv` for the answer. Other
//! programs send lines, several at once. TCP does not separate messages. So a text without a line
//! end ends with [`REST_WAITS_MS`] of silence, and its answer has no line end either. This file is
//! only about that, and [`texts`] about the commands. To serve several clients at once the guide
//! needs threads, and then locks. Here no other code runs during a command. Read next: [`texts`],
//! then [`super::client`].

pub mod texts;

use super::Notice;
use crate::conn_map::ConnMap;
use crate::machine::{Action, Actions, ConnId, Input, LineEnd, Machine, Millis, Typed};
use crate::timer_wheel::TimerWheel;
use texts::Texts;

/// How long the rest of a text may take, in milliseconds, if the text has no line end.
pub const REST_WAITS_MS: u64 = 20;

/// The dictionary, and the clients whose text has not ended.
#[derive(Debug, Default)]
pub struct Dict {
    texts: Texts,
    /// The clients that have begun a text, and when it ends if nothing follows. `None`: this client
    /// has sent a line end before, so only a line end ends its texts.
    unended: ConnMap<Option<Millis>>,
    /// A key for each of them. The true deadline is in the table.
    wheel: TimerWheel<ConnId>,
}

impl Machine for Dict {
    type Notice = Notice;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Notice>) {
        match input {
            Input::Pending { conn, .. } => self.on_pending(now, conn),
            Input::Line { conn, line, end } => {
                self.on_text_end(conn, end);
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
    /// An empty dictionary. With `is_adding_implicitly` a text that is no command is stored, as in
    /// the guide's earlier exercise.
    #[must_use]
    pub fn new(is_adding_implicitly: bool) -> Self {
        Self { texts: Texts::new(is_adding_implicitly), ..Self::default() }
    }

    /// More of a text has come, without a line end.
    fn on_pending(&mut self, now: Millis, conn: ConnId) {
        let ends_at = now + REST_WAITS_MS;
        match self.unended.get_mut(conn) {
            Some(None) => {}
            Some(Some(at)) => *at = ends_at,
            None => {
                self.unended.insert(conn, Some(ends_at));
                self.wheel.arm(now, ends_at, conn);
            }
        }
    }

    fn on_text_end(&mut self, conn: ConnId, end: LineEnd) {
        let has_ended_one = matches!(self.unended.remove(conn), Some(None));
        if has_ended_one || end == LineEnd::Terminator {
            self.unended.insert(conn, None);
        }
    }

    fn on_tick(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        let ends_at = |unended: &ConnMap<Option<Millis>>, conn: &ConnId| *unended.get(*conn)?;
        while let Some(conn) = self.wheel.pop_expired(now, |conn| ends_at(&self.unended, conn)) {
            self.unended.remove(conn);
            // The text then comes as a line with the end `Rest`.
            actions.push(Action::EndLine { conn });
        }
    }
}
