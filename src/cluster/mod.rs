//! Several servers, one directory: names are shared through Redis or Valkey.
//!
//! [`Clustered`] is a [`Directory`] with a replica of everybody who is registered at other servers,
//! and a session with the engine. The directory answers LIST, ADDR and KEEP from memory. A USER
//! waits for the engine's reply, or for `claims::PATIENCE_MS`. Without an engine the server goes
//! on with the names that it knows, and claims its names when the engine is back.
//!
//! | file | about |
//! | --- | --- |
//! | [`engine`] | every operation on the engine: the only folder that knows a command |
//! | `resp` | the engine's protocol, bounded |
//! | `link` | one connection, and its commands without replies |
//! | [`session`] | dials, lease, epoch, full reads, trouble and reconnection |
//! | `claims` | claims and releases of names |
//! | `replica` | people at other servers: pages, entries of the stream, dead servers |
//! | [`notice`], [`rules`] | notices for people, choices of a person |
//!
//! Must never know a socket, a clock, or how its notices are worded. Read first:
//! [`crate::directory`].

mod claims;
pub mod engine;
mod link;
pub mod notice;
mod replica;
mod resp;
pub mod rules;
pub mod session;

use std::convert::Infallible;

use crate::directory::{self, Directory};
use crate::machine::{Action, Actions, CloseReason, Input, LoopCounts, Machine, Millis};

use claims::Claims;
use notice::{Notice, Sharing};
use replica::KnownServers;
use rules::Rules;
use session::Session;

/// A server that shares its directory with others.
#[derive(Debug)]
pub struct Clustered {
    directory: Directory,
    session: Session,
    claims: Claims,
    servers: KnownServers,
    /// It stops at this time at the latest. `None`: it was not asked to stop.
    stops_at: Option<Millis>,
}

/// How long a server that stops waits until its names are released, in milliseconds.
pub const STOP_WITHIN_MS: u64 = 1_000;

impl Machine for Clustered {
    type Notice = Notice;
    type Command = Infallible;

    fn handle(&mut self, now: Millis, input: Input<'_, Infallible>, actions: &mut Actions<Notice>) {
        match input {
            Input::Dialed { dial, result } => self.on_dialed(now, dial, result, actions),
            Input::Bytes { conn, bytes } => self.on_bytes(now, conn, bytes, actions),
            Input::EndOfStream { conn } if self.session.owns(conn) => {
                let reason = CloseReason::Asked;
                self.on_trouble(now, notice::Trouble::Closed(reason), actions);
            }
            Input::Closed { conn, reason } if self.session.owns(conn) => {
                self.on_trouble(now, notice::Trouble::Closed(reason), actions);
            }
            Input::Report(figures) => self.report(figures, actions),
            Input::Closed { conn, .. } => {
                self.claims.forget_newcomer(conn);
                self.directory.handle_input(now, input, actions);
            }
            Input::Stop => {
                self.stops_at = Some(now + STOP_WITHIN_MS);
                self.directory.handle_input(now, input, actions);
            }
            Input::Tick => {
                self.directory.handle_input(now, input, actions);
                self.on_tick(now, actions);
            }
            Input::Accepted { .. }
            | Input::Line { .. }
            | Input::Pending { .. }
            | Input::Datagram { .. }
            | Input::EndOfStream { .. }
            | Input::Backlog { .. }
            | Input::Drained { .. }
            | Input::OutputFull(_)
            | Input::Command(_) => self.directory.handle_input(now, input, actions),
        }
        self.follow_up(now, actions);
    }

    fn next_deadline(&self) -> Option<Millis> {
        let own = [self.session.deadline(), self.claims.deadline(), self.stops_at];
        own.into_iter().chain([self.directory.next_deadline()]).flatten().min()
    }
}

impl Clustered {
    /// An empty directory. It dials the engine at its first tick.
    #[must_use]
    pub fn new(directory: directory::Rules, rules: Rules) -> Self {
        Self {
            directory: Directory::sharing(directory),
            session: Session::new(rules),
            claims: Claims::default(),
            servers: KnownServers::default(),
            stops_at: None,
        }
    }

    /// The directory inside: everybody who is online, here and at other servers.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// How the names are shared, in numbers.
    #[must_use]
    pub fn sharing(&self) -> Sharing {
        let (claims, releases) = self.claims.counts();
        Sharing {
            has_lease: self.session.has_lease(),
            lag: self.session.lag(),
            claims,
            releases,
            remote: self.directory.roster().remote_count(),
            servers: self.servers.count(),
        }
    }

    /// Reports that a connection was refused before the directory knew it.
    pub(crate) fn report_refusal(
        &mut self,
        from: crate::wire::address::Endpoint,
        why: directory::notice::Refusal,
        actions: &mut Actions<Notice>,
    ) {
        self.directory.report_refusal(from, why, actions);
    }

    /// Does what must follow an input. Most inputs need nothing.
    fn follow_up(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        while self.directory.has_name_changes() {
            let changes = self.directory.take_name_changes();
            for (conn, name) in changes.releases {
                self.on_gone(conn, name);
            }
            for wish in changes.claims {
                self.on_wish(now, wish, actions);
            }
        }
        if self.claims.has_work() {
            self.send_claims(now, actions);
        }
        if self.stops_at.is_some() {
            self.stop_if_done(now, actions);
        }
    }

    fn on_tick(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        self.admit_overdue(now, actions);
        self.keep_session(now, actions);
    }

    fn stop_if_done(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        let is_late = self.stops_at.is_some_and(|at| at <= now);
        let is_given_back = !self.session.has_lease() || self.claims.is_idle();
        if !self.directory.is_over() && !is_late {
            return;
        }
        if is_late || (is_given_back && self.leave(now, actions)) {
            self.stops_at = None;
            actions.push(Action::Exit { status: 0 });
        }
    }

    fn report(&mut self, mut figures: LoopCounts, actions: &mut Actions<Notice>) {
        figures.connections = figures.connections.saturating_sub(self.session.connections());
        actions.show(Notice::State(self.directory.state(figures), self.sharing()));
    }
}
