//! Several servers, one directory: names are shared through Redis or Valkey.
//!
//! [`Clustered`] is a [`Directory`] with a replica of everybody who is registered at other servers,
//! and a link to the engine. LIST, ADDR and KEEP are answered by the directory, from memory. A USER
//! waits until the engine has given the name, or for [`claims::PATIENCE_MS`]. Without an engine all
//! goes on with what is known, and everybody is claimed when it is back.
//!
//! | file | about |
//! | --- | --- |
//! | [`engine`] | every operation on the engine: the only file that knows a command |
//! | `resp` | the engine's protocol, bounded |
//! | `link` | one connection: commands that wait for replies |
//! | [`session`] | dials, lease, epoch, full reads, trouble and reconnection |
//! | [`claims`] | claims of names: newcomers, people here, names to be given back |
//! | [`replica`] | people at other servers: pages, entries of the stream, servers that are gone |
//! | [`notice`], [`rules`] | notices for people, choices of a person |
//!
//! Must never know a socket, a clock, or how its notices are worded. Read first:
//! [`crate::directory`].

pub mod claims;
pub mod engine;
pub mod link;
pub mod notice;
pub mod replica;
pub mod resp;
pub mod rules;
pub mod session;

use std::convert::Infallible;

use crate::directory::{self, Directory};
use crate::machine::{Action, Actions, Input, LoopCounts, Machine, Millis};

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
    /// It was told to stop; when it stops, whatever the engine says.
    stops_at: Option<Millis>,
}

/// How long a server that stops waits for the engine to take its names back, in milliseconds.
pub const STOP_WITHIN_MS: u64 = 1_000;

impl Machine for Clustered {
    type Notice = Notice;
    type Command = Infallible;

    fn handle(&mut self, now: Millis, input: Input<'_, Infallible>, actions: &mut Actions<Notice>) {
        match input {
            Input::Dialed { dial, result } => self.on_dialed(now, dial, result, actions),
            Input::Bytes { conn, bytes } => self.on_bytes(now, conn, bytes, actions),
            Input::EndOfStream { conn } if self.session.owns(conn) => {
                let reason = crate::machine::CloseReason::Asked;
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
    /// One with nobody in it. It dials the engine at its first tick.
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

    /// The directory within: everybody who is online, here and elsewhere.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// How the names are shared, in numbers.
    #[must_use]
    pub fn sharing(&self) -> Sharing {
        let (claims, releases) = self.claims.counts();
        Sharing {
            has_lease: self.session.is_in(),
            lag: self.session.lag(),
            claims,
            releases,
            remote: self.directory.roster().remote_count(),
            servers: self.servers.count(),
        }
    }

    /// Tells that a connection was turned away before the directory heard of it.
    #[cfg(feature = "full")]
    pub(crate) fn report_refusal(
        &mut self,
        from: crate::wire::address::Endpoint,
        why: directory::notice::Refusal,
        actions: &mut Actions<Notice>,
    ) {
        self.directory.report_refusal(from, why, actions);
    }

    /// The consequences of one input: most have none.
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
        self.let_in_overdue(now, actions);
        self.keep_session(now, actions);
    }

    fn stop_if_done(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        let is_late = self.stops_at.is_some_and(|at| at <= now);
        let is_given_back = !self.session.is_in() || self.claims.is_idle();
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
