//! The watchers: each compares one part of the program with a second, simple model of it.
//!
//! They see everything between kernels, loops and machines. A model learns from the network's side
//! and never from the machine's own memory. The first broken rule ends the run.
//!
//! | file | watches |
//! | --- | --- |
//! | [`seam`], [`dispatch`] | inputs, actions and calls; they give them to the other watchers |
//! | [`streams`] | bytes and lines, on all links |
//! | [`event_loop`] | the event loop of each process |
//! | [`server`], [`roster`] | the server |
//! | [`peer`], [`conversations`] | what a peer shows |
//! | [`conn_state`], [`commands`] | what a peer sends to other peers, and what was typed |
//! | [`losses`] | a peer's report of lost lines |
//! | [`duties`] | a peer's duties that have a time |
//!
//! [`rule`] has all rules, and [`trace`] the steps of the run.

pub(crate) mod commands;
pub(crate) mod conn_state;
pub(crate) mod conversations;
pub(crate) mod dispatch;
pub(crate) mod duties;
pub(crate) mod event_loop;
pub(crate) mod losses;
pub(crate) mod peer;
pub(crate) mod roster;
pub(crate) mod rule;
mod seam;
pub(crate) mod server;
pub(crate) mod streams;
pub(crate) mod trace;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use papo::directory;
use papo::machine::{ConnId, DialId, LineLimit, Millis};
use papo::wire::{REQUEST_LIMIT, SPEECH_LIMIT};

use super::link::Sock;
use super::schedule::NodeId;
use super::setup::Part;
use super::world::SERVER;

use duties::DutyWatch;
use event_loop::LoopWatch;
use losses::Break;
use peer::PeerWatch;
use rule::Rule;
use server::DirectoryWatch;
use streams::Streams;
use trace::Trace;

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Violation {
    pub(crate) rule: Rule,
    pub(crate) found: String,
}

/// A violation if a rule does not hold. `found`: what was seen.
pub(crate) fn hold(
    holds: bool,
    rule: Rule,
    found: impl FnOnce() -> String,
) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation { rule, found: found() }) }
}

/// The watchers of one node.
#[derive(Debug)]
pub(crate) enum Role {
    Directory,
    Peer(Box<PeerWatch>, DutyWatch),
    Stranger,
}

#[derive(Debug, Default)]
pub(crate) struct Watch {
    pub(crate) now: u64,
    pub(crate) trace: Trace,
    pub(crate) violation: Option<(u64, Violation)>,
    pub(crate) directory: DirectoryWatch,
    pub(crate) streams: Streams,
    pub(crate) roles: Vec<Role>,
    labels: Vec<String>,
    loops: Vec<LoopWatch>,
    /// The address of each dial, and the limit for the lines that come back.
    dials: BTreeMap<(NodeId, DialId), (SocketAddr, LineLimit)>,
    /// Connections between peers that broke.
    breaks: Vec<(NodeId, Break)>,
    /// There may be faults in this seed, so answers may be old.
    pub(crate) has_faults: bool,
    /// The events that have happened at least once, by name.
    pub(crate) marks: BTreeSet<String>,
    /// The last input was a tick.
    is_tick: bool,
    /// The number of turns of each node.
    pub(crate) turns: Vec<u64>,
}

impl Watch {
    pub(crate) fn new(rules: directory::Rules, labels: Vec<String>) -> Self {
        let nodes = labels.len();
        Self {
            directory: DirectoryWatch::new(rules),
            roles: std::iter::repeat_with(|| Role::Stranger).take(nodes).collect(),
            labels,
            loops: std::iter::repeat_with(LoopWatch::default).take(nodes).collect(),
            has_faults: true,
            turns: vec![0; nodes],
            ..Self::default()
        }
    }

    pub(crate) fn note(&mut self, node: NodeId, what: std::fmt::Arguments<'_>) {
        self.trace.note(self.now, &self.labels[node], what);
    }

    pub(crate) fn note_world(&mut self, what: std::fmt::Arguments<'_>) {
        self.trace.note(self.now, "---", what);
    }

    /// Notes an event by the first two words of its text.
    pub(crate) fn mark(&mut self, what: &str) {
        let is_letter = |character: char| character.is_alphanumeric();
        let words: Vec<_> = what.split(|it| !is_letter(it)).filter(|it| !it.is_empty()).collect();
        self.marks.insert(words[..words.len().min(2)].join(" "));
    }

    pub(crate) fn label(&self, node: NodeId) -> &str {
        &self.labels[node]
    }

    pub(crate) fn sock(&self, node: NodeId, conn: ConnId) -> Option<Sock> {
        self.loops[node].streams.get(&conn).map(|desc| desc.sock)
    }

    pub(crate) fn on_turn(&mut self, node: NodeId, now: u64) {
        self.now = now;
        self.turns[node] += 1;
    }

    /// The machine of a node gets a connection.
    fn on_open(&mut self, node: NodeId, conn: ConnId, dial: Option<DialId>) {
        let Some(sock) = self.sock(node, conn) else { return };
        let dialed = dial.and_then(|dial| self.dials.get(&(node, dial)));
        let accepted = if node == SERVER { REQUEST_LIMIT } else { SPEECH_LIMIT };
        self.streams.open(sock, dialed.map_or(accepted, |(_, limit)| *limit));
    }

    pub(crate) fn on_read(&mut self, sock: Sock, bytes: &[u8]) {
        let result = self.streams.read(sock, bytes);
        self.judge(result);
    }

    pub(crate) fn on_start(&mut self, node: NodeId, part: &Part) {
        self.note(node, format_args!("starts"));
        self.roles[node] = match part {
            Part::Server => Role::Directory,
            Part::Person { rules, .. } => {
                let me = rules.name.as_ref().map(|name| name.to_string());
                let watch = PeerWatch::new(me, rules.verify, rules.scripted);
                Role::Peer(Box::new(watch), DutyWatch::new(rules.scripted))
            }
            Part::Stranger { .. } => Role::Stranger,
        };
    }

    pub(crate) fn on_exit(&mut self, node: NodeId, status: u8) {
        self.note(node, format_args!("exits with {status}"));
        if let Role::Peer(_, duties) = &self.roles[node] {
            self.judge(duties.exits(status));
        }
        self.on_kill(node);
    }

    /// A process has ended, and its memory is lost.
    pub(crate) fn on_kill(&mut self, node: NodeId) {
        if matches!(self.roles[node], Role::Directory) {
            self.directory.forget();
        }
        self.roles[node] = Role::Stranger;
        self.loops[node] = LoopWatch::default();
    }

    pub(crate) fn on_freeze(&mut self, node: NodeId, until: Millis) {
        if let Role::Peer(_, duties) = &mut self.roles[node] {
            duties.resumed_at = until;
        }
    }

    /// The next line that this person types is a name.
    pub(crate) fn needs_name(&self, node: NodeId) -> bool {
        matches!(&self.roles[node], Role::Peer(peer, _) if peer.me.is_none())
    }

    /// A connection has closed. Some of its output may not have left.
    fn on_unsent(&mut self, node: NodeId, conn: ConnId) {
        let Some(sock) = self.sock(node, conn) else { return };
        let lines = self.streams.texts_in_last(sock, self.streams.unsent(sock));
        if let Role::Peer(peer, _) = &mut self.roles[node] {
            peer.lost_lines(conn, lines);
        }
    }

    /// Keeps the first violation.
    pub(crate) fn judge(&mut self, result: Result<(), Violation>) {
        if let Err(violation) = result {
            self.violation.get_or_insert((self.now, violation));
        }
    }

    /// The first violation, or else a panic, and the last steps before it.
    pub(crate) fn report(&self) -> String {
        let last = self.trace.last_lines();
        let (at, broken) = match &self.violation {
            Some((at, Violation { rule, found })) => {
                (*at, format!("{rule:?}: {}\n  found: {found}", rule.text()))
            }
            None => (self.now, "a panic, which is printed above".to_string()),
        };
        format!("at {at} ms: {broken}\nthe last steps (time, node, step):\n{last}")
    }

    #[track_caller]
    pub(crate) fn assert_unbroken(&self) {
        assert!(self.violation.is_none(), "{}", self.report());
    }
}
