//! The connections of a load: which clients are connected, the questions of each, and the KEEPs.
//!
//! Knows no text of the protocol and counts nothing. Read next: [`super::expectation`].

use std::collections::VecDeque;

use super::expectation::{Question, as_number};
use super::rules::Mix;
use super::{DIALS_AT_ONCE_MAX, UNANSWERED_MAX};
use crate::conn_map::ConnMap;
use crate::machine::{ConnId, DialId, Millis};

/// A question without an answer yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenQuestion {
    /// Which.
    pub(super) question: Question,
    /// The moment from which its latency counts, by the stopwatch.
    pub(super) since_us: u64,
}

/// All of them, by their places 0, 1, 2…
#[derive(Debug)]
pub(super) struct Clients {
    list: Vec<SimulatedClient>,
    by_conn: ConnMap<usize>,
    /// How many have registered.
    pub(super) registered: usize,
    connected: usize,
    dialing: usize,
    unanswered: usize,
    /// Where the next question of an open loop goes.
    cursor: usize,
    /// Those that come and go, while they are gone.
    resting: Vec<usize>,
    /// When the KEEP of each client is due, the next one first. All intervals are the same, so a
    /// client that has just said KEEP goes to the end.
    keeps: VecDeque<(Millis, usize)>,
    keep_interval_ms: u64,
}

#[derive(Clone, Debug, Default)]
struct SimulatedClient {
    conn: Option<ConnId>,
    number: u32,
    dialed_at_us: u64,
    /// Oldest first: answers come in the order of their questions.
    asked: VecDeque<OpenQuestion>,
}

impl Clients {
    /// So many, none of them connected.
    pub(super) fn new(count: usize, keep_interval_ms: u64) -> Self {
        Self {
            list: vec![SimulatedClient::default(); count],
            by_conn: ConnMap::default(),
            registered: 0,
            connected: 0,
            dialing: 0,
            unanswered: 0,
            cursor: 0,
            resting: (0..count).rev().collect(),
            keeps: VecDeque::new(),
            keep_interval_ms,
        }
    }

    /// How many are connected.
    pub(super) fn connected(&self) -> usize {
        self.connected
    }

    /// The client that has this connection.
    pub(super) fn of(&self, conn: ConnId) -> Option<usize> {
        self.by_conn.get(conn).copied()
    }

    /// The number that its name is made of.
    pub(super) fn number(&self, client: usize) -> u32 {
        self.list[client].number
    }

    /// When it began to connect, or was to.
    pub(super) fn dialed_at_us(&self, client: usize) -> u64 {
        self.list[client].dialed_at_us
    }

    /// The next that is not connected and should be, while few enough are on their way.
    pub(super) fn take_undialed(&mut self) -> Option<usize> {
        if self.dialing < DIALS_AT_ONCE_MAX { self.resting.pop() } else { None }
    }

    /// The next that has left and may come back.
    pub(super) fn take_resting(&mut self) -> Option<usize> {
        self.resting.pop()
    }

    /// Notes that a client connects from now on, and says under which number to dial.
    pub(super) fn dial(&mut self, client: usize, number: u32, since_us: u64) -> DialId {
        debug_assert!(self.list[client].conn.is_none(), "one connection each");
        self.list[client].number = number;
        self.list[client].dialed_at_us = since_us;
        self.dialing += 1;
        DialId(as_number(client))
    }

    /// Notes that a dial has succeeded, and says whose it was.
    pub(super) fn opened(&mut self, dial: DialId, conn: ConnId) -> usize {
        let client = dial.0 as usize;
        self.list[client].conn = Some(conn);
        self.by_conn.insert(conn, client);
        self.dialing -= 1;
        self.connected += 1;
        client
    }

    /// Forgets a client's connection; how many of its questions have no answer.
    pub(super) fn leave(&mut self, client: usize) -> usize {
        let it = &mut self.list[client];
        let unanswered = it.asked.len();
        it.asked.clear();
        if let Some(conn) = it.conn.take() {
            self.by_conn.remove(conn);
            self.connected -= 1;
        }
        self.unanswered -= unanswered;
        unanswered
    }

    /// Lets a client that left be dialed again.
    pub(super) fn rest(&mut self, client: usize) {
        self.resting.push(client);
    }

    /// Notes a question, and says where to send it. `None`: the client is not connected.
    pub(super) fn ask(&mut self, client: usize, asked: OpenQuestion) -> Option<ConnId> {
        let it = &mut self.list[client];
        let conn = it.conn?;
        it.asked.push_back(asked);
        self.unanswered += 1;
        Some(conn)
    }

    /// Takes the question that an answer must be for. `None`: nothing was asked.
    pub(super) fn take_asked(&mut self, client: usize) -> Option<OpenQuestion> {
        let asked = self.list[client].asked.pop_front()?;
        self.unanswered -= 1;
        Some(asked)
    }

    /// How many of a client's questions have no answer yet.
    pub(super) fn unanswered(&self, client: usize) -> usize {
        self.list[client].asked.len()
    }

    /// The same of all clients.
    pub(super) fn all_unanswered(&self) -> usize {
        self.unanswered
    }

    /// Whether nobody waits for an answer, nor for a connection.
    pub(super) fn is_quiet(&self) -> bool {
        self.unanswered + self.dialing == 0
    }

    /// The client that is to do the next operation of an open loop, in turn. `None`: the client
    /// whose turn it is has more unanswered than it may. Then all wait, and the latency of what
    /// they will ask shows it.
    pub(super) fn next_free(&mut self, mix: Mix) -> Option<usize> {
        if mix == Mix::Churn {
            return self.resting.pop();
        }
        for _ in 0..self.list.len() {
            let client = self.cursor;
            if self.list[client].conn.is_none() {
                self.cursor = (client + 1) % self.list.len();
                continue;
            }
            if self.unanswered(client) >= UNANSWERED_MAX {
                return None;
            }
            self.cursor = (client + 1) % self.list.len();
            return Some(client);
        }
        None
    }

    /// From now on a client says KEEP.
    pub(super) fn begin_keeping(&mut self, now: Millis, client: usize) {
        self.keeps.push_back((now + self.keep_interval_ms, client));
    }

    /// Spreads the KEEPs of all evenly over the interval. Nobody waits longer than two intervals,
    /// and a server allows three.
    pub(super) fn spread_keeps(&mut self, now: Millis) {
        let count = self.keeps.len() as u64;
        let interval_ms = self.keep_interval_ms;
        for (place, keep) in self.keeps.iter_mut().enumerate() {
            keep.0 = now + interval_ms * (place as u64 + 1) / count;
        }
    }

    /// A client whose KEEP is due. To be called until there is none.
    pub(super) fn next_to_keep(&mut self, now: Millis) -> Option<ConnId> {
        while let Some(&(due, client)) = self.keeps.front().filter(|(due, _)| *due <= now) {
            self.keeps.pop_front();
            if let Some(conn) = self.list[client].conn {
                // Not from now: the spread would be lost. Nor in the past, after a long stop.
                let next = (due + self.keep_interval_ms).max(now + 1);
                self.keeps.push_back((next, client));
                return Some(conn);
            }
        }
        None
    }

    /// When the next KEEP is due.
    pub(super) fn next_keep(&self) -> Option<Millis> {
        self.keeps.front().map(|(due, _)| *due)
    }
}
