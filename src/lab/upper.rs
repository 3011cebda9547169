//! The lecture's first example: a text comes back in upper case. Port 12000.
//!
//! Over UDP a text is a datagram, and that is all. Over TCP nothing says where it ends, and the
//! lecture has two clients: Python's sends no line end and waits; Java's sends one, but each letter
//! by itself. Both are content when a text ends with a line feed, or when nothing has followed it
//! for a while. Then the server answers and closes. Read next: [`super::farewell`], for why that
//! takes a file of its own.

use super::farewell::Farewells;
use super::{Notice, change_case};
use crate::conn_map::ConnMap;
use crate::machine::{Action, Actions, ConnId, Input, Machine, Millis, Typed};
use crate::timer_wheel::TimerWheel;

/// How long nothing must follow a text for it to be whole, in milliseconds. The second letter of
/// Java's client leaves when the first is acknowledged: once around the world may lie between.
pub const REST_WAITS_MS: u64 = 300;

/// Longest text, in bytes. Of a longer one the beginning is answered.
pub const TEXT_BYTES_MAX: usize = 16 * 1024;

/// Answers once in upper case.
#[derive(Debug, Default)]
pub struct Upper {
    clients: ConnMap<Client>,
    /// A key for each client who has begun a text; the true deadline stands with the client.
    wheel: TimerWheel<ConnId>,
    farewells: Farewells,
}

#[derive(Debug)]
enum Client {
    /// Its text so far, and when that is all if no more comes.
    Speaking(Vec<u8>, Millis),
    /// What else it sends is thrown away.
    Answered,
}

impl Machine for Upper {
    type Notice = Notice;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Notice>) {
        match input {
            Input::Bytes { conn, bytes } => self.on_bytes(now, conn, bytes, actions),
            // In some alphabets a capital letter is longer, up to three times: an answer that
            // fits no datagram any more is lost, as datagrams may be.
            Input::Datagram { from, bytes } => {
                actions.send_to(from, |out| out.extend(change_case(bytes, str::to_uppercase)));
            }
            Input::EndOfStream { conn } => {
                self.answer(now, conn, actions);
                actions.push(Action::Close { conn });
            }
            Input::Closed { conn, .. } => {
                self.clients.remove(conn);
            }
            Input::Tick => self.on_tick(now, actions),
            Input::Stop => actions.push(Action::Exit { status: 0 }),
            _ => {}
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        let deadlines = [self.wheel.next_deadline(), self.farewells.next_deadline()];
        deadlines.into_iter().flatten().min()
    }
}

impl Upper {
    fn on_bytes(&mut self, now: Millis, conn: ConnId, bytes: &[u8], actions: &mut Actions<Notice>) {
        let ends_at = now + REST_WAITS_MS;
        if self.clients.get(conn).is_none() {
            self.clients.insert(conn, Client::Speaking(Vec::new(), ends_at));
            self.wheel.arm(now, ends_at, conn);
        }
        let Some(Client::Speaking(text, at)) = self.clients.get_mut(conn) else { return };
        *at = ends_at;
        let room = TEXT_BYTES_MAX - text.len();
        text.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if text.ends_with(b"\n") || text.len() == TEXT_BYTES_MAX {
            self.answer(now, conn, actions);
        }
    }

    /// Takes what has come for the text, and says goodbye.
    fn answer(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<Notice>) {
        let Some(client) = self.clients.get_mut(conn) else { return };
        if let Client::Speaking(text, _) = std::mem::replace(client, Client::Answered) {
            actions.send(conn, |out| out.extend(change_case(&text, str::to_uppercase)));
            self.farewells.part(now, conn, actions);
        }
    }

    fn on_tick(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        while let Some(conn) =
            self.wheel.pop_expired(now, |conn| self.clients.get(*conn)?.ends_at())
        {
            self.answer(now, conn, actions);
        }
        self.farewells.tick(now, actions);
    }
}

impl Client {
    /// When its text is whole if no more comes.
    fn ends_at(&self) -> Option<Millis> {
        match self {
            Self::Speaking(_, at) => Some(*at),
            Self::Answered => None,
        }
    }
}
