//! Web: the files below one folder, over HTTP (RFC 9112). Port 8001.
//!
//! All the other services come together here: a request that arrives in pieces, several of them in
//! one, answers longer than memory, clients that send half a request and wait, and a goodbye behind
//! an error. [`request`] reads requests, [`response`] writes heads; [`Files`] is all that is known
//! of a disk. Read next: [`request`].

pub mod request;
pub mod response;

use super::farewell::Farewells;
use super::{Notice, WallClock};
use crate::conn_map::ConnMap;
use crate::machine::{Action, Actions, ConnId, Input, Machine, Millis};
use crate::timer_wheel::TimerWheel;
use request::{HEAD_BYTES_MAX, Method, Request};
use response::{Response, Status};

/// How long a client may take for a whole request, and stay without one, in milliseconds. Counted
/// from the end of the last answer: a byte now and then does not renew it.
pub const REQUEST_WAIT_MS: u64 = 15_000;

/// Bytes of a file that are in memory at once, for each client that is sent one.
pub const FILE_PIECE_BYTES: usize = 64 * 1024;

/// The folder that is served. Implemented where files are opened; a machine has no descriptor.
pub trait Files {
    /// A file that is open.
    type File;

    /// Opens what is below the root under these names, which are neither `.` nor `..` and have no
    /// slash.
    ///
    /// # Errors
    ///
    /// Where there is no file that may be served.
    fn open(&self, names: &[&str]) -> Result<Found<Self::File>, Missing>;

    /// Appends what stands at `at`, at most `bytes_max` bytes, and says how many those are: 0
    /// behind the end, or where nothing can be read any more.
    fn read(&self, file: &Self::File, at: u64, bytes_max: usize, out: &mut Vec<u8>) -> usize;
}

/// What there is under a name.
#[derive(Debug)]
pub enum Found<F> {
    /// A file, its length in bytes, and when it was changed, in seconds since 1970.
    File {
        /// To read from.
        file: F,
        /// In bytes.
        length: u64,
        /// In seconds since 1970.
        modified_s: u64,
    },
    /// A folder.
    Folder,
}

/// Why there is nothing to serve.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Missing {
    /// No such name.
    NotFound,
    /// It is there, and may not be read, or is no file, or leads out of the root.
    Forbidden,
    /// Not now: descriptors have run out.
    Unavailable,
}

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

#[derive(Debug)]
struct Sending<F> {
    file: F,
    at: u64,
    length: u64,
    closes: bool,
}

impl<F: Files, C: WallClock> Machine for Web<F, C> {
    type Notice = Notice;

    fn handle(&mut self, now: Millis, input: Input<'_>, actions: &mut Actions<Notice>) {
        match input {
            Input::Accepted { conn, .. } => self.on_accepted(now, conn),
            Input::Bytes { conn, bytes } => self.on_bytes(now, conn, bytes, actions),
            Input::Drained { conn } => self.on_drained(now, conn, actions),
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
    fn on_bytes(&mut self, now: Millis, conn: ConnId, bytes: &[u8], actions: &mut Actions<Notice>) {
        let Some(client) = self.clients.get_mut(conn).filter(|client| !client.is_over) else {
            return;
        };
        let mut kept = std::mem::take(&mut client.head);
        let all = if kept.is_empty() {
            bytes
        } else {
            kept.extend_from_slice(bytes);
            &kept
        };
        let used = self.answer_all(now, conn, all, actions);
        let Some(client) = self.clients.get_mut(conn) else { return };
        let rest = &all[used..];
        // Behind a long answer somebody asks and asks.
        if client.sending.is_some() && rest.len() > HEAD_BYTES_MAX {
            actions.push(Action::Abort { conn });
        } else if !client.is_over {
            client.head = rest.to_vec();
        }
    }

    /// Answers the requests in `bytes`, up to one whose answer takes longer. Says how many bytes
    /// those were.
    fn answer_all(
        &mut self,
        now: Millis,
        conn: ConnId,
        bytes: &[u8],
        actions: &mut Actions<Notice>,
    ) -> usize {
        let mut used = 0;
        loop {
            let is_free = |client: &Client<_>| client.sending.is_none() && !client.is_over;
            if !self.clients.get(conn).is_some_and(is_free) {
                return used;
            }
            match Request::parse(&bytes[used..]) {
                Ok(Some((length, request))) => {
                    used += length;
                    self.answer(now, conn, &request, actions);
                }
                Ok(None) => return used,
                Err(status) => {
                    let response = Response::error(status, true);
                    self.respond(now, conn, &response, b"", actions);
                    return bytes.len();
                }
            }
        }
    }

    fn answer(
        &mut self,
        now: Millis,
        conn: ConnId,
        request: &Request<'_>,
        actions: &mut Actions<Notice>,
    ) {
        match self.find(request) {
            Ok((file, response)) if request.method == Method::Head || !response.has_body() => {
                drop(file);
                self.respond(now, conn, &response, b"", actions);
            }
            Ok((file, response)) => self.send_file(now, conn, file, &response, actions),
            Err(response) => self.respond(now, conn, &response, b"", actions),
        }
    }

    /// The file that is asked for, or the answer that says why there is none.
    fn find(&self, request: &Request<'_>) -> Result<(F::File, Response), Response> {
        let closes = request.closes;
        let error = |status| Response::error(status, closes).without_body_if(request);
        let path = request.path().map_err(error)?;
        let mut names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
        names.retain(|name| *name != ".");
        if names.contains(&"..") {
            return Err(error(Status::Forbidden));
        }
        let mut found = self.files.open(&names).map_err(|missing| error(missing.into()))?;
        if matches!(found, Found::Folder) {
            if !path.ends_with('/') {
                // Or the names in the page would be looked for beside the folder.
                return Err(Response::moved(&request.as_folder(), closes).without_body_if(request));
            }
            names.push("index.html");
            found = self.files.open(&names).map_err(|missing| match missing {
                // There is a folder, and nothing to show of it.
                Missing::NotFound => error(Status::Forbidden),
                Missing::Forbidden | Missing::Unavailable => error(missing.into()),
            })?;
        }
        let Found::File { file, length, modified_s } = found else {
            return Err(error(Status::Forbidden));
        };
        let name = names.last().copied().unwrap_or_default();
        let is_fresh = request.is_modified_since(modified_s);
        Ok((file, Response::file(name, length, modified_s, is_fresh, closes)))
    }

    /// What is short leaves in one piece with its head.
    fn send_file(
        &mut self,
        now: Millis,
        conn: ConnId,
        file: F::File,
        response: &Response,
        actions: &mut Actions<Notice>,
    ) {
        let (length, closes) = (response.length, response.closes);
        let bytes_max = piece_bytes(length);
        let mut first = Vec::with_capacity(bytes_max);
        let at = self.files.read(&file, 0, bytes_max, &mut first) as u64;
        if at == length {
            self.respond(now, conn, response, &first, actions);
            return;
        }
        let date_s = self.clock.unix_seconds();
        actions.send(conn, |out| {
            response.write_head(date_s, out);
            out.extend_from_slice(&first);
        });
        actions.push(Action::AwaitDrain { conn });
        if let Some(client) = self.clients.get_mut(conn) {
            client.sending = Some(Sending { file, at, length, closes });
        }
    }

    /// The next piece. A file that has become shorter cannot be sent to its end, and its reader can
    /// tell that only by a connection that breaks.
    fn on_drained(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<Notice>) {
        let Some(client) = self.clients.get_mut(conn) else { return };
        let Some(sending) = &mut client.sending else { return };
        client.deadline = now + REQUEST_WAIT_MS;
        let (files, bytes_max) = (&self.files, piece_bytes(sending.length - sending.at));
        let mut count = 0;
        actions.send(conn, |out| count = files.read(&sending.file, sending.at, bytes_max, out));
        sending.at += count as u64;
        if count == 0 {
            actions.push(Action::Abort { conn });
        } else if sending.at < sending.length {
            actions.push(Action::AwaitDrain { conn });
        } else {
            let closes = sending.closes;
            client.sending = None;
            self.end_answer(now, conn, closes, actions);
            self.on_bytes(now, conn, b"", actions);
        }
    }

    fn respond(
        &mut self,
        now: Millis,
        conn: ConnId,
        response: &Response,
        body: &[u8],
        actions: &mut Actions<Notice>,
    ) {
        let date_s = self.clock.unix_seconds();
        actions.send(conn, |out| {
            response.write_head(date_s, out);
            response.write_text(out);
            out.extend_from_slice(body);
        });
        self.end_answer(now, conn, response.closes, actions);
    }

    fn end_answer(
        &mut self,
        now: Millis,
        conn: ConnId,
        closes: bool,
        actions: &mut Actions<Notice>,
    ) {
        let Some(client) = self.clients.get_mut(conn) else { return };
        client.deadline = now + REQUEST_WAIT_MS;
        if closes {
            client.is_over = true;
            self.farewells.part(now, conn, actions);
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
        while let Some(conn) = self.wheel.pop_due(now) {
            let Some(client) = self.clients.get(conn) else { continue };
            if client.deadline > now {
                self.wheel.arm(now, client.deadline, conn);
            } else {
                actions.push(Action::Abort { conn });
            }
        }
        self.farewells.tick(now, actions);
    }
}

fn piece_bytes(left: u64) -> usize {
    usize::try_from(left).map_or(FILE_PIECE_BYTES, |left| left.min(FILE_PIECE_BYTES))
}
