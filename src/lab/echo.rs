//! Echo (RFC 862): all bytes come back unchanged. Port 7 in the RFC, 7007 here.
//!
//! The whole protocol is in the first two arms of `handle`. Three things are *not* here: a buffer,
//! a loop until everything is written, and a second thread. The event loop keeps the bytes that the
//! kernel does not take, and it does not read from a client that does not read. Read next:
//! [`super::upper`].

use super::Notice;
use super::source_filter::SourceFilter;
use crate::machine::{Action, Actions, Input, Machine, Millis, Typed};

/// Sends everything back.
#[derive(Clone, Debug, Default)]
pub struct Echo {
    sources: SourceFilter,
}

impl Machine for Echo {
    type Notice = Notice;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Notice>) {
        match input {
            // The bytes may be half a line, three lines, or half a letter. An echo need not know.
            Input::Bytes { conn, bytes } => {
                actions.send(conn, |out| out.extend_from_slice(bytes));
            }
            // A datagram is a message, and comes back as one, even if it is empty.
            Input::Datagram { from, bytes } if self.sources.may_answer(now, from) => {
                actions.send_to(from, |out| out.extend_from_slice(bytes));
            }
            // The client sends no more, and still reads (`echo text | nc -N host 7007`). `Close`
            // sends the queued bytes before it closes the connection.
            Input::EndOfStream { conn } => actions.push(Action::Close { conn }),
            Input::Stop => actions.push(Action::Exit { status: 0 }),
            _ => {}
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        None
    }
}

impl Echo {
    /// Answers the datagrams that `sources` lets through.
    #[must_use]
    pub fn new(sources: SourceFilter) -> Self {
        Self { sources }
    }
}
