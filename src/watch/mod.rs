//! A machine with viewers, who watch its event loop in a browser.
//!
//! [`WithViewers`] is in front of another machine. It has its own listener for HTTP: `/` is a page,
//! `/events` has the turns of the event loop as server-sent events, and `/metrics` has numbers for
//! Prometheus. All other inputs go to the machine behind, which does not know the viewers.
//!
//! ```text
//! the loop's recorder ──► host ──► Command::Turns ──► gathered for 100 ms ──► each viewer
//!                                                     kept for a minute   ──► a new viewer
//! ```
//!
//! | file | has |
//! | --- | --- |
//! | [`request`] | requests of browsers, and the heads of the answers |
//! | [`events`] | the turns that are gathered, and those that are kept |
//! | [`metrics`] | numbers as text |
//!
//! Must never know a socket, a clock, or the meaning of a recorded turn. Read next: [`events`].

#![allow(clippy::wildcard_enum_match_arm, reason = "most inputs go to the machine behind")]

pub mod events;
pub mod metrics;
pub mod request;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::rc::Rc;

use crate::conn_map::ConnMap;
use crate::machine::{Action, Actions, ConnId, Input, ListenerId, Machine, Millis};
use events::Events;
use metrics::{Metric, text};
use request::{REQUEST_BYTES_MAX, Resource, WebRequest, head};

/// How long a request may take, in milliseconds.
pub const REQUEST_WITHIN_MS: u64 = 10_000;

/// Most connections of viewers. A class has one projector, and perhaps 30 laptops.
pub const VIEWERS_MAX: usize = 128;

/// A machine that can be watched.
pub trait Measured: Machine<Command = Infallible> {
    /// Its current numbers.
    fn metrics(&self) -> Vec<Metric>;
}

/// A command of the host.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Command {
    /// Lines of a recording, each with its LF.
    Turns(Vec<u8>),
}

/// A machine and its viewers.
#[derive(Debug)]
pub struct WithViewers<M> {
    machine: M,
    viewers: Option<Viewers>,
    accepted: u64,
}

/// The viewers, and the events that they get.
#[derive(Debug)]
pub struct Viewers {
    listener: ListenerId,
    /// The answer with the page.
    page: Rc<[u8]>,
    events: Events,
    connections: ConnMap<Viewer>,
    /// The deadline of each request, the earliest first.
    request_by: VecDeque<(Millis, ConnId)>,
    /// How many viewers have begun to watch.
    joined: u64,
}

/// The state of a viewer's connection.
#[derive(Debug)]
enum Viewer {
    /// Its request is not complete.
    Asking(Vec<u8>),
    /// It gets the turns.
    Watching,
    /// Its request has been answered.
    Ending,
}

impl Viewers {
    /// No viewers yet. They connect to `listener` and get `page`. `header` is the first line of the
    /// recording.
    #[must_use]
    pub fn new(listener: ListenerId, page: &str, policy: &str, header: &[u8]) -> Self {
        Self {
            listener,
            page: request::page(page, policy).into(),
            events: Events::new(header),
            connections: ConnMap::default(),
            request_by: VecDeque::new(),
            joined: 0,
        }
    }

    /// Whether an input is for the viewers, and not for the machine behind.
    fn owns(&self, input: &Input<'_, Command>) -> bool {
        match *input {
            Input::Command(_) => true,
            Input::Accepted { listener, .. } => listener == self.listener,
            Input::Bytes { conn, .. }
            | Input::EndOfStream { conn }
            | Input::Backlog { conn, .. }
            | Input::Drained { conn }
            | Input::Closed { conn, .. } => self.connections.get(conn).is_some(),
            _ => false,
        }
    }

    fn handle<N>(
        &mut self,
        now: Millis,
        input: Input<'_, Command>,
        metrics: impl FnOnce() -> Vec<Metric>,
        actions: &mut Actions<N>,
    ) {
        match input {
            Input::Command(Command::Turns(lines)) => {
                let is_watched = self.watching() > 0;
                self.events.add(now, lines, is_watched);
                self.send_due(now, actions);
            }
            Input::Accepted { conn, .. } => self.on_accepted(now, conn, actions),
            Input::Bytes { conn, bytes } => self.on_bytes(conn, bytes, metrics, actions),
            // A browser that leaves the page reads no more either.
            Input::EndOfStream { conn } => actions.push(Action::Abort { conn }),
            Input::Closed { conn, .. } => {
                self.connections.remove(conn);
                self.request_by.retain(|(_, other)| *other != conn);
            }
            _ => {}
        }
    }

    fn on_accepted<N>(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<N>) {
        let is_full = self.connections.len() >= VIEWERS_MAX;
        self.connections.insert(conn, Viewer::Asking(Vec::new()));
        self.request_by.push_back((now + REQUEST_WITHIN_MS, conn));
        if is_full {
            self.answer(conn, request::refused(request::Refused::Full).as_bytes(), actions);
        }
    }

    /// Keeps bytes until they are a whole request, and answers it.
    fn on_bytes<N>(
        &mut self,
        conn: ConnId,
        fresh: &[u8],
        metrics: impl FnOnce() -> Vec<Metric>,
        actions: &mut Actions<N>,
    ) {
        let Some(Viewer::Asking(bytes)) = self.connections.get_mut(conn) else { return };
        let room = (REQUEST_BYTES_MAX + 1).saturating_sub(bytes.len());
        bytes.extend_from_slice(&fresh[..fresh.len().min(room)]);
        match request::read(bytes) {
            Ok(None) => {}
            Ok(Some(WebRequest { resource, is_head: true })) => {
                let answer = match resource {
                    Resource::Page => head(&self.page).to_vec(),
                    Resource::Events => head(request::EVENTS_HEAD.as_bytes()).to_vec(),
                    Resource::Metrics => head(self.metrics(metrics()).as_bytes()).to_vec(),
                };
                self.answer(conn, &answer, actions);
            }
            Ok(Some(WebRequest { resource: Resource::Page, .. })) => {
                actions.send_shared(conn, &self.page);
                self.end(conn, actions);
            }
            Ok(Some(WebRequest { resource: Resource::Events, .. })) => {
                self.begin_events(conn, actions);
            }
            Ok(Some(WebRequest { resource: Resource::Metrics, .. })) => {
                self.answer(conn, self.metrics(metrics()).as_bytes(), actions);
            }
            Err(refused) => self.answer(conn, request::refused(refused).as_bytes(), actions),
        }
    }

    /// The answer with all numbers.
    fn metrics(&self, mut all: Vec<Metric>) -> String {
        all.push(Metric::gauge("papo_viewers", "Browsers that watch.", self.watching()));
        request::metrics(&text(&all))
    }

    fn begin_events<N>(&mut self, conn: ConnId, actions: &mut Actions<N>) {
        if let Some(viewer) = self.connections.get_mut(conn) {
            *viewer = Viewer::Watching;
            self.joined += 1;
        }
        actions.send(conn, |out| out.extend_from_slice(request::EVENTS_HEAD.as_bytes()));
        for bytes in self.events.kept() {
            actions.send_shared(conn, bytes);
        }
    }

    fn watching(&self) -> u64 {
        let viewers = self.connections.iter().map(|(_, viewer)| viewer);
        viewers.filter(|viewer| matches!(viewer, Viewer::Watching)).count() as u64
    }

    fn answer<N>(&mut self, conn: ConnId, answer: &[u8], actions: &mut Actions<N>) {
        actions.send(conn, |out| out.extend_from_slice(answer));
        self.end(conn, actions);
    }

    fn end<N>(&mut self, conn: ConnId, actions: &mut Actions<N>) {
        if let Some(viewer) = self.connections.get_mut(conn) {
            *viewer = Viewer::Ending;
        }
        actions.push(Action::Close { conn });
    }

    fn on_tick<N>(&mut self, now: Millis, actions: &mut Actions<N>) {
        while let Some(&(by, conn)) = self.request_by.front()
            && by <= now
        {
            self.request_by.pop_front();
            if matches!(self.connections.get(conn), Some(Viewer::Asking(_) | Viewer::Ending)) {
                actions.push(Action::Abort { conn });
            }
        }
        self.send_due(now, actions);
    }

    fn send_due<N>(&mut self, now: Millis, actions: &mut Actions<N>) {
        let Some(bytes) = self.events.take_due(now) else { return };
        for (conn, viewer) in self.connections.iter() {
            if matches!(viewer, Viewer::Watching) {
                actions.send_shared(conn, &bytes);
            }
        }
    }

    fn on_stop<N>(&mut self, actions: &mut Actions<N>) {
        for (conn, _) in self.connections.iter() {
            actions.push(Action::Abort { conn });
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        let request_by = self.request_by.front().map(|(by, _)| *by);
        [request_by, self.events.due_at()].into_iter().flatten().min()
    }
}

impl<M: Measured> Machine for WithViewers<M> {
    type Notice = M::Notice;
    type Command = Command;

    fn handle(&mut self, now: Millis, input: Input<'_, Command>, actions: &mut Actions<M::Notice>) {
        if let Some(viewers) = &mut self.viewers
            && viewers.owns(&input)
        {
            let accepted = self.accepted;
            let metrics = || [self.machine.metrics(), counted(accepted)].concat();
            return viewers.handle(now, input, metrics, actions);
        }
        match input {
            Input::Tick => self.viewers.iter_mut().for_each(|it| it.on_tick(now, actions)),
            Input::Stop => self.viewers.iter_mut().for_each(|it| it.on_stop(actions)),
            Input::Accepted { .. } => self.accepted += 1,
            _ => {}
        }
        if let Some(input) = input.without_command() {
            self.machine.handle(now, input, actions);
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        let viewers = self.viewers.as_ref().and_then(Viewers::next_deadline);
        [viewers, self.machine.next_deadline()].into_iter().flatten().min()
    }
}

impl<M: Measured> WithViewers<M> {
    /// Puts viewers in front of a machine. `None`: no viewer can connect.
    #[must_use]
    pub fn new(machine: M, viewers: Option<Viewers>) -> Self {
        Self { machine, viewers, accepted: 0 }
    }

    /// The machine behind.
    #[must_use]
    pub fn machine(&self) -> &M {
        &self.machine
    }

    /// How many viewers have begun to watch. Each needs the whole state once.
    #[must_use]
    pub fn joined(&self) -> u64 {
        self.viewers.as_ref().map_or(0, |viewers| viewers.joined)
    }
}

fn counted(accepted: u64) -> Vec<Metric> {
    vec![Metric::counter("papo_connections_accepted_total", "Connections that came in.", accepted)]
}
