//! Echo (RFC 862): what comes in goes out as it was. Port 7 there, 7007 here.
//!
//! The whole protocol is in the first two arms of `handle`. What is *not* here: no buffer, no loop
//! until everything is written, no second thread. The event loop keeps what the kernel does not
//! take, and does not read from a client who does not read. Read next: [`super::upper`].

use super::Notice;
use crate::machine::{Action, Actions, Input, Machine, Millis, Typed};

/// Sends everything back.
#[derive(Clone, Copy, Debug, Default)]
pub struct Echo;

impl Machine for Echo {
    type Notice = Notice;
    type Command = Typed;

    fn handle(&mut self, _now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Notice>) {
        match input {
            // Half a line, three lines, half a letter: an echo need not know.
            Input::Bytes { conn, bytes } => {
                actions.send(conn, |out| out.extend_from_slice(bytes));
            }
            // A datagram is a message, and comes back as one. The empty one, too.
            Input::Datagram { from, bytes } => {
                actions.send_to(from, |out| out.extend_from_slice(bytes));
            }
            // It has said all, and still listens (`echo text | nc -N host 7007`): what is on its
            // way back is delivered before the connection is closed.
            Input::EndOfStream { conn } => actions.push(Action::Close { conn }),
            Input::Stop => actions.push(Action::Exit { status: 0 }),
            _ => {}
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        None
    }
}
