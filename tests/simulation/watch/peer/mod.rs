//! Watches one peer: what it shows and sends must follow from what it received and what was typed.
//!
//! Every input is interpreted a second time. The model notes what the screen must show and which
//! texts each connection must send, and compares. Here are the inputs from others, and the checks;
//! [`typing`] has the person's lines. Read next: [`super::duties`].

mod callers;
pub(crate) mod typing;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};

use papo::machine::{ConnId, LineEnd, Millis};

use super::super::link::Sock;
use super::commands::caller;
use super::conn_state::{ConnState, Phase};
use super::conversations::Conversations;
use super::losses::Break;
use super::rule::Rule;
use super::{Violation, hold};
use callers::SilentCalls;
use typing::TypedState;

/// How many callers from one address may have no name: after a second, and before.
const NAMELESS_MAX: usize = 16;
const NAMELESS_YOUNG_MAX: usize = 128;

/// How long a peer that exits waits for others.
const LEAVE_WITHIN_MS: u64 = 1_500;

/// A notice that must follow from the inputs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Shown {
    Connected(String),
    Ended(String),
    Target(String),
    Text(String, Vec<u8>),
    /// The typed text is on its way to this person.
    Said(String, Vec<u8>),
    Replying(String),
    /// The typed text is not sent.
    NotSent,
    NothingUnread,
    Peers(Vec<(String, bool, usize)>),
}

#[derive(Debug, Default)]
pub(crate) struct PeerWatch {
    /// `None`: the next typed line is the name.
    pub(crate) me: Option<String>,
    /// It checks the names of callers with the server.
    verifies: bool,
    is_script: bool,
    /// The name was typed in this input, so `AskName` may come late.
    pub(crate) was_just_named: bool,
    pub(crate) conversations: Conversations,
    pub(crate) typed_state: TypedState,
    silent_calls: SilentCalls,
    conns: BTreeMap<ConnId, ConnState>,
    /// The person whom `/chat` or `/msg` looks for, until the call ends.
    pub(crate) wanted: Option<Wanted>,
    due: VecDeque<Shown>,
    shown: Vec<Shown>,
    pub(crate) exiting_since: Option<Millis>,
    /// How many LIST requests the peer may still send: one for each `/list`, and one after each
    /// ADDR as its fence.
    lists_due: u32,
    /// The names of callers, which it may check with the server.
    callers: BTreeSet<String>,
    /// It has asked to exit. The rest of the turn does not count.
    has_exited: bool,
    /// In this input: lines that did not leave, lines that were reported as undelivered, and
    /// connections that broke.
    unsent: usize,
    reported: usize,
    broken: Option<Break>,
}

#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) name: String,
    pub(super) text: Option<Vec<u8>>,
}

impl PeerWatch {
    pub(crate) fn new(me: Option<String>, verifies: bool, is_script: bool) -> Self {
        Self { me, verifies, is_script, ..Self::default() }
    }

    pub(crate) fn accepted(&mut self, now: Millis, conn: ConnId, from: SocketAddr) {
        if self.exiting_since.is_none() {
            self.make_room(now, from.ip());
        }
        let mut state = ConnState::new(now, from.ip(), Phase::Unnamed);
        state.must_close = self.exiting_since.is_some();
        self.conns.insert(conn, state);
    }

    /// If too many callers from one address have no name, the oldest is cut.
    fn make_room(&mut self, now: Millis, ip: IpAddr) {
        let is_nameless = |state: &ConnState| state.phase == Phase::Unnamed && state.other == ip;
        let nameless = self.conns.iter_mut().filter(|(_, state)| is_nameless(state));
        let mut nameless: Vec<_> =
            nameless.map(|(conn, state)| (state.since, *conn, state)).collect();
        nameless.sort_by_key(|&(since, conn, _)| (since, conn));
        let count = nameless.len();
        if let Some((since, _, oldest)) = nameless.first_mut() {
            let is_young = now.since(*since) < 1_000;
            let most = if is_young { NAMELESS_YOUNG_MAX } else { NAMELESS_MAX };
            oldest.must_close |= count >= most;
        }
    }

    /// A call has succeeded.
    pub(crate) fn on_call(&mut self, now: Millis, conn: ConnId, to: SocketAddr) {
        let Some(wanted) = self.wanted.take().filter(|_| self.exiting_since.is_none()) else {
            let mut state = ConnState::new(now, to.ip(), Phase::Ended);
            state.must_close = true;
            self.conns.insert(conn, state);
            return;
        };
        let known = self.conversations.with(&wanted.name, to.ip());
        let id =
            known.unwrap_or_else(|| self.conversations.begin(&wanted.name, to.ip(), true, conn));
        let mut state = ConnState::new(now, to.ip(), Phase::Talking(id));
        state.owes_user = true;
        self.conns.insert(conn, state);
        match known {
            Some(id) => self.conversations.add(id, conn),
            None => self.expect(id, Shown::Connected),
        }
        self.join_introduced(&wanted.name, to.ip());
        match wanted.text {
            Some(_) if self.conversations.is_namesake(id) => self.due.push_back(Shown::NotSent),
            Some(text) => self.expect_text(id, &text),
            None => self.conversations.set_target(id),
        }
    }

    pub(crate) fn pending(&mut self, conn: ConnId, length: usize) {
        if let Some(state) = self.conns.get_mut(&conn) {
            state.reads.push(length);
        }
    }

    pub(crate) fn backlog(&mut self, conn: ConnId, bytes: usize) {
        if let Some(state) = self.conns.get_mut(&conn) {
            state.backlog = bytes;
        }
    }

    pub(crate) fn line(&mut self, now: Millis, conn: ConnId, line: &[u8], end: LineEnd) {
        let lines = self.conns.get_mut(&conn).map(|state| state.cut(line, end));
        for line in lines.unwrap_or_default() {
            self.whole_line(now, conn, &line);
        }
    }

    fn whole_line(&mut self, now: Millis, conn: ConnId, line: &[u8]) {
        let is_folded = self.is_folded(conn);
        let Some(state) = self.conns.get_mut(&conn) else { return };
        match state.phase.clone() {
            Phase::Unnamed if state.must_close => {}
            Phase::Unnamed => self.first_line(now, conn, line),
            Phase::Introduced { .. } if line == b"DISC" && is_folded => self.end_folded(conn),
            Phase::Introduced { .. } if line == b"DISC" => {
                self.open(conn, false);
                self.whole_line(now, conn, line);
            }
            Phase::Introduced { .. } => state.hold(line),
            Phase::Talking(id) if line == b"DISC" => self.on_disc(now, id, conn),
            Phase::Talking(id) => {
                let text = line.to_vec();
                self.conversations.receive(id);
                self.expect(id, |label| Shown::Text(label, text));
            }
            Phase::Closing(_) if line == b"DISC" => state.phase = Phase::Ended,
            Phase::Closing(label) => self.due.push_back(Shown::Text(label, line.to_vec())),
            Phase::Ended => {}
        }
    }

    fn first_line(&mut self, now: Millis, conn: ConnId, line: &[u8]) {
        let Some(state) = self.conns.get_mut(&conn) else { return };
        let name = caller(line).filter(|name| Some(name) != self.me.as_ref());
        let Some(name) = name else {
            state.must_close = true;
            return;
        };
        self.callers.insert(name.clone());
        match self.conversations.with(&name, state.other) {
            Some(id) => {
                self.conversations.add(id, conn);
                state.phase = Phase::Talking(id);
            }
            None => {
                state.since = now;
                state.phase = Phase::Introduced { name, held: Vec::new() };
                if !self.verifies && !self.silent_calls.is_full() {
                    self.open(conn, true);
                }
            }
        }
    }

    /// They have sent DISC: the conversation ends on all its connections.
    fn on_disc(&mut self, now: Millis, id: u32, conn: ConnId) {
        self.count_silent_end(now, id);
        let label = self.conversations.label(id).unwrap_or_default();
        self.due.push_back(Shown::Ended(label.clone()));
        for other in self.conversations.end(id) {
            if let Some(state) = self.conns.get_mut(&other) {
                if other == conn {
                    state.phase = Phase::Ended;
                } else {
                    state.end(&label);
                }
            }
        }
    }

    pub(crate) fn ended(&mut self, now: Millis, conn: ConnId) {
        if self.is_folded(conn) {
            return self.end_folded(conn);
        }
        self.open(conn, false);
        let Some(state) = self.conns.get_mut(&conn) else { return };
        let before = std::mem::replace(&mut state.phase, Phase::Ended);
        if let Phase::Talking(id) = before {
            self.end_link(now, id, conn);
        }
    }

    fn end_link(&mut self, now: Millis, id: u32, conn: ConnId) {
        if self.conversations.get(id).is_some_and(|it| it.conns == [conn]) {
            self.count_silent_end(now, id);
        }
        if let Some(label) = self.conversations.leave(id, conn) {
            self.due.push_back(Shown::Ended(label));
        }
    }

    fn end_folded(&mut self, conn: ConnId) {
        if let Some(state) = self.conns.get_mut(&conn) {
            state.phase = Phase::Ended;
        }
    }

    pub(crate) fn on_tick(&mut self, now: Millis) {
        self.silent_calls.on_tick(now);
    }

    pub(crate) fn closed(&mut self, now: Millis, conn: ConnId) {
        self.ended(now, conn);
        self.conns.remove(&conn);
    }

    fn expect(&mut self, id: u32, shown: impl FnOnce(String) -> Shown) {
        let label = self.conversations.label(id).unwrap_or_default();
        self.due.push_back(shown(label));
    }

    pub(crate) fn shows(&mut self, shown: Shown) {
        self.shown.push(shown);
    }

    /// The peer sends this to another peer.
    pub(crate) fn sends(&mut self, conn: ConnId, bytes: &[u8]) -> Result<(), Violation> {
        let me = self.me.clone().unwrap_or_default();
        self.expect_wanted_text(conn, bytes.strip_suffix(b"\r\n").unwrap_or(bytes));
        self.may_send(conn, bytes.trim_ascii_end())?;
        self.learn_oldest(conn);
        self.conns.get_mut(&conn).map_or(Ok(()), |state| state.sends(&me, bytes))
    }

    /// The peer sends a request to the server, which its person or a caller's name must need.
    pub(crate) fn on_request(&mut self, bytes: &[u8]) -> Result<(), Violation> {
        let is_due = match bytes.strip_prefix(b"ADDR ") {
            Some(name) => {
                self.lists_due += 1;
                let name = String::from_utf8_lossy(name.trim_ascii()).into_owned();
                let is_wanted = self.wanted.as_ref().is_some_and(|wanted| wanted.name == name);
                let is_own = self.me.as_ref() == Some(&name);
                is_wanted || is_own || self.callers.contains(&name)
            }
            None if bytes == b"LIST\r\n" => {
                let is_due = self.lists_due > 0;
                self.lists_due = self.lists_due.saturating_sub(1);
                is_due
            }
            None => bytes == b"KEEP\r\n" || bytes.starts_with(b"USER "),
        };
        hold(is_due, Rule::NoUnaskedRequest, || bytes.escape_ascii().to_string())
    }

    /// The peer sends nothing more here.
    pub(crate) fn on_half_close(&mut self, conn: ConnId) -> Result<(), Violation> {
        self.conns.get_mut(&conn).map_or(Ok(()), ConnState::on_half_close)
    }

    /// The peer closes or cuts a connection with another peer.
    pub(crate) fn on_close(&mut self, now: Millis, conn: ConnId) -> Result<(), Violation> {
        let is_leaving = self.exiting_since.is_some();
        self.conns.get_mut(&conn).map_or(Ok(()), |state| state.on_close(now, is_leaving))
    }

    /// So many sent lines of this connection did not leave, and it is closed now.
    pub(crate) fn lost_lines(&mut self, conn: ConnId, lines: usize) {
        let Some(state) = self.conns.get(&conn).filter(|state| state.phase != Phase::Unnamed)
        else {
            return;
        };
        self.unsent += lines + state.texts_due.len();
    }

    pub(crate) fn on_break(&mut self, conn: ConnId, sock: Sock) {
        let Some(state) = self.conns.get(&conn).filter(|_| !self.has_exited) else { return };
        if !matches!(state.phase, Phase::Unnamed | Phase::Introduced { .. }) {
            let broken = self.broken.get_or_insert_default();
            broken.socks.push(sock);
            broken.texts_due += state.texts_due.len();
        }
    }

    pub(crate) fn take_break(&mut self) -> Option<Break> {
        let reported = std::mem::take(&mut self.reported);
        self.broken.take().map(|broken| Break { reported, ..broken })
    }

    pub(crate) fn shows_undelivered(&mut self, lines: usize) {
        self.reported += lines;
    }

    /// The process exits in order: every partner must have DISC.
    pub(crate) fn on_exit(&mut self, now: Millis) -> Result<(), Violation> {
        self.has_exited = true;
        let since = self.exiting_since.unwrap_or(now);
        let owes =
            |state: &&ConnState| matches!(state.phase, Phase::Closing(_)) && !state.has_sent_end;
        let left = self.conns.values().find(owes).filter(|_| now.since(since) < LEAVE_WITHIN_MS);
        hold(left.is_none(), Rule::ExitSendsDisc, || format!("no DISC to {left:?}"))
    }

    /// The connections with conversations.
    pub(crate) fn conversation_conns(&self) -> impl Iterator<Item = ConnId> {
        let is_talking = |state: &ConnState| matches!(state.phase, Phase::Talking(_));
        self.conns.iter().filter(move |(_, state)| is_talking(state)).map(|(conn, _)| *conn)
    }

    pub(crate) fn check_time(&mut self, now: Millis) -> Result<(), Violation> {
        let may_wait = self.silent_calls.is_full();
        self.conns.values_mut().try_for_each(|state| state.check(now, may_wait))
    }

    /// After every input, exactly what was due is shown.
    pub(crate) fn check(&mut self) -> Result<(), Violation> {
        self.was_just_named = false;
        if self.has_exited {
            return Ok(());
        }
        let unsent = std::mem::take(&mut self.unsent);
        let found = || format!("{} reported, {unsent} never left", self.reported);
        hold(self.reported >= unsent, Rule::UnsentLinesReported, found)?;
        let shown = std::mem::take(&mut self.shown);
        let due = std::mem::take(&mut self.due);
        let found = || format!("{shown:?} instead of {due:?}");
        hold(due == shown, Rule::ScreenMatchesEvents, found)?;
        let open = self.conns.iter().find(|(_, state)| state.must_close);
        hold(open.is_none(), Rule::BadCallerCut, || format!("{open:?} is open"))
    }
}
