//! The lecture's first example: a text comes back in upper case. Port 12000.
//!
//! Over UDP a text is a datagram, and that is all. Over TCP it is what the first read brings, as in
//! the lecture's `recv(1024)`: its clients end no line, so there is nothing else to go by. Then the
//! server closes. Read next: [`super::farewell`], for why that takes a file of its own.

use super::farewell::Farewells;
use super::{Notice, change_case};
use crate::conn_map::ConnMap;
use crate::machine::{Action, Actions, Input, Machine, Millis};

/// Answers once in upper case.
#[derive(Debug, Default)]
pub struct Upper {
    /// Who has been answered. What else they send is thrown away.
    answered: ConnMap<()>,
    farewells: Farewells,
}

impl Machine for Upper {
    type Notice = Notice;

    fn handle(&mut self, now: Millis, input: Input<'_>, actions: &mut Actions<Notice>) {
        match input {
            Input::Bytes { conn, bytes } if self.answered.get(conn).is_none() => {
                self.answered.insert(conn, ());
                actions.send(conn, |out| out.extend(change_case(bytes, str::to_uppercase)));
                self.farewells.part(now, conn, actions);
            }
            // In some alphabets a capital letter is longer, up to three times: an answer that
            // fits no datagram any more is lost, as datagrams may be.
            Input::Datagram { from, bytes } => {
                actions.send_to(from, |out| out.extend(change_case(bytes, str::to_uppercase)));
            }
            Input::EndOfStream { conn } => actions.push(Action::Close { conn }),
            Input::Closed { conn, .. } => {
                self.answered.remove(conn);
            }
            Input::Tick => self.farewells.tick(now, actions),
            Input::Stop => actions.push(Action::Exit { status: 0 }),
            _ => {}
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        self.farewells.next_deadline()
    }
}
