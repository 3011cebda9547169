//! Web: the files below one folder, over HTTP (RFC 9110, RFC 9112). Port 8001.
//!
//! It has the problems of all other services: requests in pieces, several requests in one piece,
//! answers longer than memory, clients that send half a request and wait, clients that read slowly,
//! and a close after an error. This file has the states of a connection.
//!
//! ```text
//! bytes → request → answer → response, and a part of a file → sending, piece by piece
//!            └──────────────── an error ↗
//! ```
//!
//! | file | is about |
//! | --- | --- |
//! | [`request`], `headers`, [`path`] | the request |
//! | `answer`, [`files`] | the file and its bytes |
//! | `conditions`, [`range`], [`validators`] | whether it is sent, and how much of it |
//! | [`response`], [`status`] | the head of the answer |
//!
//! Read next: [`request`].

mod answer;
mod conditions;
pub mod files;
mod headers;
pub mod path;
pub mod range;
pub mod request;
pub mod response;
pub mod status;
pub mod validators;

pub use files::{Facts, Files, Found, Missing};

use super::lingering_close::LingeringCloses;
use super::{Notice, STALLED_MS, WallClock};
use crate::conn_map::ConnMap;
use crate::machine::{Action, Actions, ConnId, Input, Machine, Millis, Typed};
use crate::timer_wheel::TimerWheel;
use answer::{WebAnswer, answer};
use files::FileSending;
use request::{HEAD_BYTES_MAX, HttpRequest};
use response::Response;

/// How long a client may take for a whole request, in milliseconds. The time begins with the end of
/// the last answer, and single bytes do not renew it.
pub const REQUEST_WAIT_MS: u64 = 15_000;

/// Most bytes of answers in the queue of one client, without the head of the last answer. The next
/// piece, or the next answer, is made when the kernel has taken all of them.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Serves files.
#[derive(Debug)]
pub struct Web<F: Files, C> {
    files: F,
    clock: C,
    connections: ConnMap<Connection<F::File>>,
    /// A key for each connection. The true deadline is in the connection.
    wheel: TimerWheel<ConnId>,
    lingering: LingeringCloses,
}

/// The state of one connection.
#[derive(Debug)]
struct Connection<F> {
    /// Received bytes of requests that have not been answered.
    unread: Vec<u8>,
    /// The most bytes of answers that the kernel may not have taken yet.
    queued: usize,
    /// The file that is being sent, until all of it is queued.
    sending: Option<FileSending<F>>,
    /// The connection ends after the current answer.
    closes: bool,
    /// The next piece or answer waits until the kernel has taken all queued bytes.
    awaits_drain: bool,
    /// The kernel has not taken all queued bytes.
    is_behind: bool,
    /// It is not read, because `unread` is full.
    is_paused: bool,
    /// The time of the last progress: it was accepted, the kernel took some of an answer, or an
    /// answer was complete.
    progress_at: Millis,
    /// The client has ended its stream.
    has_ended: bool,
    /// The last answer is complete.
    is_over: bool,
}

/// The time and the connection of an input, and the actions that follow.
struct Context<'a> {
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
            Input::Bytes { conn, bytes } => {
                self.on_bytes(&mut Context { now, conn, actions }, bytes);
            }
            Input::Backlog { conn, bytes } => self.on_backlog(now, conn, bytes),
            Input::Drained { conn } => self.on_drained(&mut Context { now, conn, actions }),
            Input::EndOfStream { conn } => {
                self.on_end_of_stream(&mut Context { now, conn, actions });
            }
            Input::Closed { conn, .. } => {
                self.connections.remove(conn);
                self.lingering.on_closed(conn);
            }
            Input::Tick => self.on_tick(now, actions),
            Input::Stop => actions.push(Action::Exit { status: 0 }),
            _ => {}
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        let deadlines = [self.wheel.next_deadline(), self.lingering.next_deadline()];
        deadlines.into_iter().flatten().min()
    }
}

impl<F: Files, C: WallClock> Web<F, C> {
    /// Serves `files`, and dates its answers by `clock`.
    #[must_use]
    pub fn new(files: F, clock: C) -> Self {
        let (wheel, lingering) = (TimerWheel::default(), LingeringCloses::default());
        Self { files, clock, connections: ConnMap::default(), wheel, lingering }
    }

    fn on_accepted(&mut self, now: Millis, conn: ConnId) {
        self.connections.insert(conn, Connection::new(now));
        self.wheel.arm(now, now + REQUEST_WAIT_MS, conn);
    }

    /// Answers the requests in `bytes`, after the bytes that were kept. Most requests arrive in one
    /// piece, and are not copied.
    fn on_bytes(&mut self, context: &mut Context<'_>, bytes: &[u8]) {
        let Some(connection) = self.connections.get_mut(context.conn) else { return };
        let mut kept = std::mem::take(&mut connection.unread);
        let all = if kept.is_empty() {
            bytes
        } else {
            kept.extend_from_slice(bytes);
            &kept
        };
        let used = self.answer_all(context, all);
        self.keep(context, &all[used..]);
    }

    /// Answers requests until one is not complete or its answer must wait. Returns how many bytes
    /// they have.
    fn answer_all(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> usize {
        let mut used = 0;
        while self.connections.get(context.conn).is_some_and(Connection::may_be_answered) {
            match HttpRequest::parse(&bytes[used..]) {
                Ok(Some((length, request))) => {
                    used += length;
                    let answer = answer(&self.files, &request, self.now_s());
                    self.respond(context, answer);
                }
                Ok(None) => break,
                // The start of the next request is unknown now.
                Err(status) => {
                    let mut response = Response::error(status);
                    response.closes = true;
                    self.respond(context, WebAnswer { response, body: None });
                }
            }
        }
        used
    }

    /// Keeps the bytes that have not been answered. A client with too many of them is not read
    /// until its answers have been sent.
    fn keep(&mut self, context: &mut Context<'_>, rest: &[u8]) {
        let conn = context.conn;
        let Some(connection) = self.connections.get_mut(conn) else { return };
        // Bytes after the last answer are thrown away.
        let rest = if connection.is_over { b"" } else { rest };
        connection.unread = rest.to_vec();
        let may_read = rest.len() <= HEAD_BYTES_MAX;
        if may_read == connection.is_paused {
            connection.is_paused = !may_read;
            let action = if may_read { Action::Resume { conn } } else { Action::Pause { conn } };
            context.actions.push(action);
        }
        if connection.has_ended && connection.may_be_answered() {
            // The rest will never be a whole request.
            context.actions.push(Action::Close { conn });
        }
    }

    /// Sends a head with as much of the file as may be queued. The rest of the file waits.
    fn respond(&mut self, context: &mut Context<'_>, answer: WebAnswer<F::File>) {
        let now_s = self.now_s();
        let Some(connection) = self.connections.get_mut(context.conn) else { return };
        let WebAnswer { response, body: mut sending } = answer;
        connection.closes = response.closes;
        let room = ANSWER_BYTES_MAX.saturating_sub(connection.queued);
        connection.queued += context.actions.send(context.conn, |out| {
            response.write(now_s, out);
            if let Some(sending) = &mut sending {
                sending.read_piece(&self.files, room, out);
            }
        });
        connection.sending = sending.filter(|sending| !sending.is_done());
        if connection.sending.is_none() {
            self.end_answer(context);
        } else {
            connection.await_drain(context);
        }
    }

    /// All of an answer is queued.
    fn end_answer(&mut self, context: &mut Context<'_>) {
        let Some(connection) = self.connections.get_mut(context.conn) else { return };
        connection.progress_at = context.now;
        if connection.closes {
            connection.is_over = true;
            self.lingering.begin(context.now, context.conn, context.actions);
            if connection.has_ended {
                context.actions.push(Action::Close { conn: context.conn });
            }
        } else if connection.queued >= ANSWER_BYTES_MAX {
            connection.await_drain(context);
        }
    }

    /// The kernel has taken some of the answers, or all of them.
    fn on_backlog(&mut self, now: Millis, conn: ConnId, bytes: usize) {
        self.lingering.on_backlog(now, conn, bytes);
        let Some(connection) = self.connections.get_mut(conn) else { return };
        if bytes < connection.queued {
            connection.progress_at = now;
        }
        connection.is_behind = bytes > 0;
        connection.queued = bytes;
    }

    /// The kernel has taken all answers. The next piece of the file follows, or the next answer.
    fn on_drained(&mut self, context: &mut Context<'_>) {
        let Some(connection) = self.connections.get_mut(context.conn) else { return };
        connection.progress_at = context.now;
        connection.queued = 0;
        connection.awaits_drain = false;
        if let Some(sending) = connection.sending.take() {
            self.go_on_sending(context, sending);
        }
        self.on_bytes(context, b"");
    }

    fn go_on_sending(&mut self, context: &mut Context<'_>, mut sending: FileSending<F::File>) {
        let Some(connection) = self.connections.get_mut(context.conn) else { return };
        let (files, mut is_any) = (&self.files, false);
        connection.queued += context.actions.send(context.conn, |out| {
            is_any = sending.read_piece(files, ANSWER_BYTES_MAX, out);
        });
        if !is_any {
            // The file has become shorter than the announced length. Only an abort can tell that to
            // the client.
            connection.is_over = true;
            context.actions.push(Action::Abort { conn: context.conn });
        } else if sending.is_done() {
            self.end_answer(context);
        } else {
            connection.sending = Some(sending);
            connection.await_drain(context);
        }
    }

    /// The client sends no more requests. It may still want the answers to the last ones.
    fn on_end_of_stream(&mut self, context: &mut Context<'_>) {
        let Some(connection) = self.connections.get_mut(context.conn) else { return };
        connection.has_ended = true;
        if connection.is_over {
            context.actions.push(Action::Close { conn: context.conn });
        } else {
            self.on_bytes(context, b"");
        }
    }

    fn on_tick(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        while let Some(conn) =
            self.wheel.pop_expired(now, |conn| self.connections.get(*conn)?.deadline())
        {
            actions.push(Action::Abort { conn });
        }
        self.lingering.tick(now, actions);
    }

    fn now_s(&self) -> u64 {
        u64::try_from(self.clock.unix_seconds()).unwrap_or(0)
    }
}

impl<F> Connection<F> {
    fn new(now: Millis) -> Self {
        Self {
            unread: Vec::new(),
            queued: 0,
            sending: None,
            closes: false,
            awaits_drain: false,
            is_behind: false,
            is_paused: false,
            progress_at: now,
            has_ended: false,
            is_over: false,
        }
    }

    /// Whether the next request may be answered now.
    fn may_be_answered(&self) -> bool {
        !self.awaits_drain && !self.is_over
    }

    fn await_drain(&mut self, context: &mut Context<'_>) {
        self.awaits_drain = true;
        context.actions.push(Action::AwaitDrain { conn: context.conn });
    }

    /// When it is closed, unless there is progress before. If it is over, its deadline is in the
    /// lingering.
    fn deadline(&self) -> Option<Millis> {
        let is_sending = self.awaits_drain || self.is_behind;
        let wait_ms = if is_sending { STALLED_MS } else { REQUEST_WAIT_MS };
        (!self.is_over).then(|| self.progress_at + wait_ms)
    }
}
