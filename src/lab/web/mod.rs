//! Web: the files below one folder, over HTTP (RFC 9112). Port 8001.
//!
//! All the other services come together here: a request that arrives in pieces, several of them in
//! one, answers longer than memory, clients that send half a request and wait, and a goodbye behind
//! an error. This file is the life of a connection. Read next: [`request`], then [`files`].
//!
//! ```text
//! bytes → request → files → response (and a file) → sending, piece by piece
//!            └──────────────── an error ↗
//! ```

pub mod files;
pub mod request;
pub mod response;
mod sending;
pub mod status;

pub use files::{Files, Found, Missing};

use super::farewell::Farewells;
use super::{Notice, WallClock};
use crate::conn_map::ConnMap;
use crate::machine::{Action, Actions, ConnId, Input, Machine, Millis, Typed};
use crate::timer_wheel::TimerWheel;
use request::{HEAD_BYTES_MAX, Request};
use response::Response;
use sending::Sending;

/// How long a client may take for a whole request, and stay without one, in milliseconds. Counted
/// from the end of the last answer: a byte now and then does not renew it.
pub const REQUEST_WAIT_MS: u64 = 15_000;

/// Bytes of a file that are in memory at once, for each client that is sent one.
pub const FILE_PIECE_BYTES: usize = 64 * 1024;

/// Serves files.
#[derive(Debug)]
pub struct Web<F: Files, C> {
    files: F,
    clock: C,
    clients: ConnMap<Client<F::File>>,
    /// A key for each client; the true deadline stands with the client.
    wheel: TimerWheel<ConnId>,
    farewells: Farewells,
}

/// One connection.
#[derive(Debug)]
struct Client<F> {
    /// Of the next requests, what has arrived and could not be answered yet. At most a little over
    /// [`HEAD_BYTES_MAX`], or one read.
    head: Vec<u8>,
    deadline: Millis,
    /// The file that it is being sent.
    sending: Option<Sending<F>>,
    /// The last answer has been given.
    is_over: bool,
}

/// Where something happened, and what is to be done about it.
struct Turn<'a> {
    now: Millis,
    conn: ConnId,
    actions: &'a mut Actions<Notice>,
}

impl<F: Files, C: WallClock> Machine for Web<F, C> {
    type Notice = Notice;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Notice>) {
        match input {
            Input::Accepted { conn, .. } => self.on_accepted(now, conn),
            Input::Bytes { conn, bytes } => self.on_bytes(&mut Turn { now, conn, actions }, bytes),
            Input::Drained { conn } => self.on_drained(&mut Turn { now, conn, actions }),
            Input::EndOfStream { conn } => self.on_end_of_stream(conn, actions),
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

impl<F: Files, C: WallClock> Web<F, C> {
    /// Serves `files`, and dates its answers by `clock`.
    #[must_use]
    pub fn new(files: F, clock: C) -> Self {
        let (wheel, farewells) = (TimerWheel::default(), Farewells::default());
        Self { files, clock, clients: ConnMap::default(), wheel, farewells }
    }

    fn on_accepted(&mut self, now: Millis, conn: ConnId) {
        let deadline = now + REQUEST_WAIT_MS;
        let client = Client { head: Vec::new(), deadline, sending: None, is_over: false };
        self.clients.insert(conn, client);
        self.wheel.arm(now, deadline, conn);
    }

    /// Most requests arrive whole, and are read where they lie.
    fn on_bytes(&mut self, turn: &mut Turn<'_>, bytes: &[u8]) {
        let Some(client) = self.clients.get_mut(turn.conn).filter(|client| !client.is_over) else {
            return;
        };
        let mut kept = std::mem::take(&mut client.head);
        let all = if kept.is_empty() {
            bytes
        } else {
            kept.extend_from_slice(bytes);
            &kept
        };
        let used = self.answer_all(turn, all);
        let Some(client) = self.clients.get_mut(turn.conn) else { return };
        let rest = &all[used..];
        // Behind a long answer somebody asks and asks.
        if client.sending.is_some() && rest.len() > HEAD_BYTES_MAX {
            turn.actions.push(Action::Abort { conn: turn.conn });
        } else if !client.is_over {
            client.head = rest.to_vec();
        }
    }

    /// Answers the requests in `bytes`, up to one whose answer takes longer. Says how many bytes
    /// those were.
    fn answer_all(&mut self, turn: &mut Turn<'_>, bytes: &[u8]) -> usize {
        let mut used = 0;
        loop {
            let is_free = |client: &Client<_>| client.sending.is_none() && !client.is_over;
            if !self.clients.get(turn.conn).is_some_and(is_free) {
                return used;
            }
            match Request::parse(&bytes[used..]) {
                Ok(Some((length, request))) => {
                    used += length;
                    let (response, file) = files::answer(&self.files, &request);
                    self.respond(turn, &response, file);
                }
                Ok(None) => return used,
                // Where the next request begins is unknown now.
                Err(status) => {
                    let mut response = Response::error(status);
                    response.closes = true;
                    self.respond(turn, &response, None);
                    return bytes.len();
                }
            }
        }
    }

    /// What is short leaves in one piece with its head; the rest of what is long waits.
    fn respond(&mut self, turn: &mut Turn<'_>, response: &Response, file: Option<F::File>) {
        let mut sending = file.map(|file| Sending::new(file, response));
        let date_s = self.clock.unix_seconds();
        turn.actions.send(turn.conn, |out| {
            response.write(date_s, out);
            if let Some(sending) = &mut sending {
                sending.read_piece(&self.files, out);
            }
        });
        match sending.filter(|sending| !sending.is_done()) {
            None => self.end_answer(turn, response.closes),
            sending => {
                turn.actions.push(Action::AwaitDrain { conn: turn.conn });
                if let Some(client) = self.clients.get_mut(turn.conn) {
                    client.sending = sending;
                }
            }
        }
    }

    fn on_drained(&mut self, turn: &mut Turn<'_>) {
        let conn = turn.conn;
        let Some(client) = self.clients.get_mut(conn) else { return };
        let Some(sending) = &mut client.sending else { return };
        client.deadline = turn.now + REQUEST_WAIT_MS;
        let mut is_there = false;
        turn.actions.send(conn, |out| is_there = sending.read_piece(&self.files, out));
        if !is_there {
            // The file has become shorter. Its reader can tell that only by a connection that
            // breaks: the length was announced.
            turn.actions.push(Action::Abort { conn });
        } else if !sending.is_done() {
            turn.actions.push(Action::AwaitDrain { conn });
        } else {
            let closes = sending.closes;
            client.sending = None;
            self.end_answer(turn, closes);
            // What was asked meanwhile.
            self.on_bytes(turn, b"");
        }
    }

    fn end_answer(&mut self, turn: &mut Turn<'_>, closes: bool) {
        let Some(client) = self.clients.get_mut(turn.conn) else { return };
        client.deadline = turn.now + REQUEST_WAIT_MS;
        if closes {
            client.is_over = true;
            self.farewells.part(turn.now, turn.conn, turn.actions);
        }
    }

    /// It asks for nothing more. What it is being sent it may still want.
    fn on_end_of_stream(&mut self, conn: ConnId, actions: &mut Actions<Notice>) {
        let Some(client) = self.clients.get_mut(conn) else { return };
        match &mut client.sending {
            Some(sending) => sending.closes = true,
            None => actions.push(Action::Close { conn }),
        }
    }

    fn on_tick(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        while let Some(conn) =
            self.wheel.pop_expired(now, |conn| Some(self.clients.get(*conn)?.deadline))
        {
            actions.push(Action::Abort { conn });
        }
        self.farewells.tick(now, actions);
    }
}
