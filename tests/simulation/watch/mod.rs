//! Sees everything that passes between kernels, loops and machines, and compares it with what
//! should.
//!
//! Each watcher is a small, plain model of one part, fed from the network's side and never from
//! the machine's own memory. The first rule that is broken ends the run.
//!
//! | file | watches |
//! | --- | --- |
//! | [`passing`], [`telling`] | everything, and pass it on |
//! | [`streams`] | bytes and lines, on all links |
//! | [`looping`] | the event loop of each process |
//! | [`server`], [`roster`] | the server |
//! | [`peer`], [`talks`], [`links`], [`typed`] | what a peer shows, and says to others |
//! | [`losses`] | what a peer tells of lines that did not arrive |
//! | [`keeping`] | a peer's duties in time |
//! | [`rule`] | nothing: it is the list of all rules |
//! | [`trace`] | nothing: it keeps the story so far |

pub(crate) mod keeping;
pub(crate) mod links;
pub(crate) mod looping;
pub(crate) mod losses;
mod passing;
pub(crate) mod peer;
pub(crate) mod roster;
pub(crate) mod rule;
pub(crate) mod server;
pub(crate) mod streams;
pub(crate) mod talks;
pub(crate) mod telling;
pub(crate) mod trace;
pub(crate) mod typed;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use papo::directory;
use papo::machine::{ConnId, DialId, LineLimit, Millis};
use papo::wire::{REQUEST_LIMIT, SPEECH_LIMIT};

use super::agenda::NodeId;
use super::cast::Part;
use super::link::Sock;
use super::world::SERVER;

use keeping::KeepWatch;
use looping::LoopWatch;
use losses::Break;
use peer::PeerWatch;
use rule::Rule;
use server::DirectoryWatch;
use streams::Streams;
use trace::Trace;

/// A rule that was broken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Violation {
    pub(crate) rule: Rule,
    pub(crate) found: String,
}

/// A violation where a rule does not hold. `found`: what was seen.
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
    Peer(Box<PeerWatch>, KeepWatch),
    Stranger,
}

/// All watchers.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(crate) now: u64,
    pub(crate) trace: Trace,
    pub(crate) violation: Option<(u64, Violation)>,
    pub(crate) directory: DirectoryWatch,
    pub(crate) streams: Streams,
    pub(crate) roles: Vec<Role>,
    labels: Vec<String>,
    loops: Vec<LoopWatch>,
    /// Where each node's dials go, and how long the lines may be that come back.
    dials: BTreeMap<(NodeId, DialId), (SocketAddr, LineLimit)>,
    /// Connections between peers that broke.
    breaks: Vec<(NodeId, Break)>,
    /// Something may go wrong in this seed, so that answers may be older than they look.
    pub(crate) has_faults: bool,
    /// The events that have happened at least once, by name.
    pub(crate) marks: BTreeSet<String>,
    /// The machine that was heard last was told the time.
    is_tick: bool,
    /// How many turns each node has run.
    pub(crate) turns: Vec<u64>,
}

impl Watch {
    pub(crate) fn new(rules: directory::Rules, labels: Vec<String>) -> Self {
        let nodes = labels.len();
        Self {
            now: 0,
            trace: Trace::default(),
            violation: None,
            directory: DirectoryWatch::new(rules),
            streams: Streams::default(),
            roles: std::iter::repeat_with(|| Role::Stranger).take(nodes).collect(),
            labels,
            loops: std::iter::repeat_with(LoopWatch::default).take(nodes).collect(),
            dials: BTreeMap::new(),
            breaks: Vec::new(),
            has_faults: true,
            marks: BTreeSet::new(),
            is_tick: false,
            turns: vec![0; nodes],
        }
    }

    pub(crate) fn note(&mut self, node: NodeId, what: std::fmt::Arguments<'_>) {
        self.trace.note(self.now, &self.labels[node], what);
    }

    pub(crate) fn note_world(&mut self, what: std::fmt::Arguments<'_>) {
        self.trace.note(self.now, "---", what);
    }

    /// Notes that this has happened: the first words of what it looks like.
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

    /// The machine of a node learns of a connection.
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

    /// A process starts.
    pub(crate) fn on_start(&mut self, node: NodeId, part: &Part) {
        self.note(node, format_args!("starts"));
        self.roles[node] = match part {
            Part::Server => Role::Directory,
            Part::Person { rules, .. } => {
                let me = rules.name.as_ref().map(|name| name.to_string());
                let watch = PeerWatch::new(me, rules.verify);
                Role::Peer(Box::new(watch), KeepWatch::new(rules.scripted))
            }
            Part::Stranger { .. } => Role::Stranger,
        };
    }

    /// A process has ended by itself.
    pub(crate) fn on_exit(&mut self, node: NodeId, status: u8) {
        self.note(node, format_args!("exits with {status}"));
        if let Role::Peer(_, keeping) = &self.roles[node] {
            self.judge(keeping.exits(status));
        }
        self.on_kill(node);
    }

    /// A process is gone, with all that it knew.
    pub(crate) fn on_kill(&mut self, node: NodeId) {
        if matches!(self.roles[node], Role::Directory) {
            self.directory.forget();
        }
        self.roles[node] = Role::Stranger;
        self.loops[node] = LoopWatch::default();
    }

    pub(crate) fn on_freeze(&mut self, node: NodeId, until: Millis) {
        if let Role::Peer(_, keeping) = &mut self.roles[node] {
            keeping.thawed_at = until;
        }
    }

    /// The person at this node was asked for another name.
    pub(crate) fn needs_name(&self, node: NodeId) -> bool {
        matches!(&self.roles[node], Role::Peer(peer, _) if peer.me.is_none())
    }

    /// A connection is cut, and something that had come there was not read.
    fn on_unread(&self, node: NodeId, conn: ConnId, since: Millis) -> Result<(), Violation> {
        match self.roles[node] {
            Role::Directory => self.directory.cuts_unread(conn, since),
            Role::Peer(..) | Role::Stranger => Ok(()),
        }
    }

    /// A connection is gone, and some of what was said there never left.
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
