//! The clients of a load: their connections, unanswered questions and KEEPs.
//!
//! Knows no text of the protocol. Read next: [`super::expectation`].

use std::collections::VecDeque;

use super::expectation::{Question, as_number};
use super::rules::Mix;
use super::{DIALS_AT_ONCE_MAX, UNANSWERED_MAX};
use crate::conn_map::ConnMap;
use crate::machine::{ConnId, DialId, Millis};

/// A question without an answer yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenQuestion {
    /// The question.
    pub(super) question: Question,
    /// When its latency began, by the stopwatch.
    pub(super) since_us: u64,
}

/// All clients, by index.
#[derive(Debug)]
pub(super) struct Clients {
    list: Vec<SimulatedClient>,
    by_conn: ConnMap<usize>,
    /// How many have registered.
    pub(super) registered: usize,
    connected: usize,
    dialing: usize,
    unanswered: usize,
    /// The client that gets the next question of an open loop.
    cursor: usize,
    /// The clients that are not connected.
    resting: Vec<usize>,
    /// When each client's KEEP is due, the earliest first. All intervals are the same, so a client
    /// that has just sent KEEP goes to the end.
    keeps: VecDeque<(Millis, usize)>,
    keep_interval_ms: u64,
}

#[derive(Clone, Debug, Default)]
struct SimulatedClient {
    conn: Option<ConnId>,
    number: u32,
    dialed_at_us: u64,
    /// The unanswered questions, oldest first. Answers come in this order.
    asked: VecDeque<OpenQuestion>,
}

impl Clients {
    /// `count` clients, none of them connected.
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

    /// The number in its name.
    pub(super) fn number(&self, client: usize) -> u32 {
        self.list[client].number
    }

    /// When it began to connect, or should have begun.
    pub(super) fn dialed_at_us(&self, client: usize) -> u64 {
        self.list[client].dialed_at_us
    }

    /// The next client to connect, unless [`DIALS_AT_ONCE_MAX`] are connecting.
    pub(super) fn take_undialed(&mut self) -> Option<usize> {
        if self.dialing < DIALS_AT_ONCE_MAX { self.resting.pop() } else { None }
    }

    /// The next client to connect again.
    pub(super) fn take_resting(&mut self) -> Option<usize> {
        self.resting.pop()
    }

    /// Notes that a client connects, and returns the number of its dial.
    pub(super) fn dial(&mut self, client: usize, number: u32, since_us: u64) -> DialId {
        debug_assert!(self.list[client].conn.is_none(), "one connection each");
        self.list[client].number = number;
        self.list[client].dialed_at_us = since_us;
        self.dialing += 1;
        DialId(as_number(client))
    }

    /// Notes that a dial has succeeded, and returns its client.
    pub(super) fn opened(&mut self, dial: DialId, conn: ConnId) -> usize {
        let client = dial.0 as usize;
        self.list[client].conn = Some(conn);
        self.by_conn.insert(conn, client);
        self.dialing -= 1;
        self.connected += 1;
        client
    }

    /// Forgets a client's connection, and returns how many questions it leaves unanswered.
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

    /// Lets a client connect again later.
    pub(super) fn rest(&mut self, client: usize) {
        self.resting.push(client);
    }

    /// Notes a question, and returns its connection. `None`: the client is not connected.
    pub(super) fn ask(&mut self, client: usize, asked: OpenQuestion) -> Option<ConnId> {
        let it = &mut self.list[client];
        let conn = it.conn?;
        it.asked.push_back(asked);
        self.unanswered += 1;
        Some(conn)
    }

    /// Takes the oldest unanswered question. `None`: there is none.
    pub(super) fn take_asked(&mut self, client: usize) -> Option<OpenQuestion> {
        let asked = self.list[client].asked.pop_front()?;
        self.unanswered -= 1;
        Some(asked)
    }

    /// How many of a client's questions have no answer yet.
    pub(super) fn unanswered(&self, client: usize) -> usize {
        self.list[client].asked.len()
    }

    /// How many questions of all clients have no answer yet.
    pub(super) fn all_unanswered(&self) -> usize {
        self.unanswered
    }

    /// Whether no client waits for an answer or a connection.
    pub(super) fn is_quiet(&self) -> bool {
        self.unanswered + self.dialing == 0
    }

    /// The client of the next operation of an open loop, in turn. `None`: it has too many
    /// unanswered questions. Then all clients wait, and the later latencies show it.
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

    /// Lets a client send KEEP from now on.
    pub(super) fn begin_keeping(&mut self, now: Millis, client: usize) {
        self.keeps.push_back((now + self.keep_interval_ms, client));
    }

    /// Spreads the KEEPs of all clients evenly over the interval. No client waits longer than two
    /// intervals, and a server allows three.
    pub(super) fn spread_keeps(&mut self, now: Millis) {
        let count = self.keeps.len() as u64;
        let interval_ms = self.keep_interval_ms;
        for (index, keep) in self.keeps.iter_mut().enumerate() {
            keep.0 = now + interval_ms * (index as u64 + 1) / count;
        }
    }

    /// The next client whose KEEP is due.
    pub(super) fn next_to_keep(&mut self, now: Millis) -> Option<ConnId> {
        while let Some(&(due, client)) = self.keeps.front().filter(|(due, _)| *due <= now) {
            self.keeps.pop_front();
            if let Some(conn) = self.list[client].conn {
                // Counted from `due`, to keep the spread, but never in the past.
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
