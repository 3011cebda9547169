//! Does what the planted bugs say: a machine around a machine, that changes what goes in and
//! what comes out.
//!
//! Without a bug it changes nothing. The driver has a few bugs of its own to offer. Read next:
//! [`server`] and [`peer`].

mod peer;
mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use papo::machine::{Actions, ConnId, DialId, Input, Machine, Millis, Typed};
use papo::peer::notice::Standing;
use papo::peer::registration::SERVER_DIAL;

use super::brain::{Brain, Told, pass_on};
use super::planted::Bug;

/// A machine that may have a bug.
#[derive(Debug)]
pub(crate) struct Planted {
    brain: Brain,
    bug: Option<Bug>,
    memory: Memory,
}

/// What the bugs need to remember.
#[derive(Debug, Default)]
struct Memory {
    now: Millis,
    /// The connection to the server, and what was said there first.
    server: Option<ConnId>,
    user: Vec<u8>,
    /// Where callers came from, and the last that said a name.
    callers: BTreeMap<ConnId, IpAddr>,
    last_caller: Option<ConnId>,
    /// Connections with a name on either side.
    named: BTreeSet<ConnId>,
    /// The last connection that is gone.
    gone: Option<ConnId>,
    /// Whose connection each name's is.
    holders: BTreeMap<Vec<u8>, ConnId>,
    /// The last answer for each name that was asked for, and the question that is handled now.
    answers: BTreeMap<Vec<u8>, Vec<u8>>,
    asked: Option<(ConnId, Vec<u8>)>,
    held: Vec<(ConnId, Vec<u8>)>,
    calls: Vec<DialId>,
    texts: BTreeMap<ConnId, Vec<u8>>,
    texts_said: u32,
    renamed: Option<String>,
    last_speaker: Option<String>,
    standing: Standing,
}

impl Planted {
    pub(crate) fn new(brain: Brain, bug: Option<Bug>) -> Self {
        Self { brain, bug, memory: Memory::default() }
    }

    pub(crate) fn brain(&self) -> &Brain {
        &self.brain
    }

    pub(crate) fn bug(&self) -> Option<Bug> {
        self.bug
    }
}

impl Machine for Planted {
    type Notice = Told;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Told>) {
        let Some(bug) = self.bug else {
            self.brain.handle(now, input, actions);
            return;
        };
        self.memory.now = now;
        self.memory.remember(&input);
        match self.brain {
            Brain::Directory(_) => self.handle_server(bug, input, actions),
            Brain::Peer(..) => self.handle_peer(bug, input, actions),
            Brain::Script(_) => self.brain.handle(now, input, actions),
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        let next = self.brain.next_deadline();
        match (&self.brain, self.bug) {
            (Brain::Directory(_), Some(Bug::NeverExpires)) => None,
            (Brain::Peer(..), Some(Bug::NeverSleeps)) => {
                next.map(|next| next.min(self.memory.now + 50))
            }
            (Brain::Peer(..), Some(Bug::NeverExits)) => next.filter(|&next| next > self.memory.now),
            (Brain::Peer(..), Some(Bug::DeadlineStands)) => Some(self.memory.now),
            _ => next,
        }
    }

    fn accepts_command(&self) -> bool {
        self.bug == Some(Bug::TypedUnasked) || self.brain.accepts_command()
    }
}

impl Memory {
    fn remember(&mut self, input: &Input<'_, Typed>) {
        self.asked = None;
        match *input {
            Input::Dialed { dial: SERVER_DIAL, result: Ok(conn) } => self.server = Some(conn),
            Input::Dialed { dial, result } => {
                self.calls.retain(|&call| call != dial);
                self.named.extend(result.ok());
            }
            Input::Accepted { conn, from, .. } => {
                self.callers.insert(conn, from.ip());
            }
            Input::Line { conn, line, .. } => self.remember_line(conn, line),
            Input::Closed { conn, .. } => self.forget(conn),
            Input::Pending { .. }
            | Input::EndOfStream { .. }
            | Input::Backlog { .. }
            | Input::Bytes { .. }
            | Input::OutputFull(_)
            | Input::Datagram { .. }
            | Input::Drained { .. }
            | Input::Command(_)
            | Input::Stop
            | Input::Report(_)
            | Input::Tick => {}
        }
    }

    fn remember_line(&mut self, conn: ConnId, line: &[u8]) {
        if let Some(name) = line.strip_prefix(b"ADDR ") {
            self.asked = Some((conn, name.to_vec()));
        }
        if let Some(name) = user_name(line) {
            self.holders.entry(name.to_vec()).or_insert(conn);
            self.last_caller = Some(conn);
            self.named.insert(conn);
        }
    }

    fn forget(&mut self, conn: ConnId) {
        self.gone = Some(conn);
        self.holders.retain(|_, holder| *holder != conn);
        self.last_caller = self.last_caller.filter(|&caller| caller != conn);
        self.callers.remove(&conn);
        self.named.remove(&conn);
        self.texts.remove(&conn);
    }
}

/// The name in `USER name`, or in `USER name:port`.
fn user_name(line: &[u8]) -> Option<&[u8]> {
    line.strip_prefix(b"USER ")?.split(|&byte| byte == b':').next()
}
