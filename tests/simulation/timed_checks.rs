//! The checks that depend on time: deadlines during the run, and everything that must have
//! recovered after the last fault.
//!
//! [`super::watch`] has the checks after each event.

use std::net::SocketAddr;

use papo::directory::PER_ADDRESS_MAX;
use papo::machine::ConnId;

use super::link::{Side, Sock, SockState};
use super::network::Place;
use super::schedule::Event;
use super::setup::{Part, SERVER_HOST};
use super::watch::roster::Entry;
use super::watch::rule::Rule;
use super::watch::{Role, Violation, hold};
use super::world::{CHECK_EVERY_MS, SERVER, World};

/// How many turns a second an idle process may need.
const TURNS_A_SECOND: u64 = 5;

/// How long after a stop a process may be behind.
const CATCH_UP_MS: u64 = 700;

impl<const EMPTIES: bool> World<EMPTIES> {
    /// Checks all deadlines.
    pub(crate) fn check_time(&mut self) {
        self.network.schedule.plan_in(CHECK_EVERY_MS, Event::Check);
        for node in 0..self.nodes.len() {
            let mut result = self.check_node(node);
            if let Err(violation) = &mut result {
                violation.found.insert_str(0, &format!("{}: ", self.watch.label(node)));
            }
            self.watch.judge(result);
        }
    }

    fn check_node(&mut self, node: usize) -> Result<(), Violation> {
        let now = self.network.schedule.now;
        let is_behind = now < self.network.schedule.resumed_at(node) + CATCH_UP_MS;
        let Some(process) = self.nodes[node].as_mut().filter(|_| !is_behind) else {
            return Ok(());
        };
        let now = process.os().clock.show(now);
        match &mut self.watch.roles[node] {
            Role::Directory => self.watch.directory.check_expiry(now, process.late_ms_max()),
            Role::Peer(peer, duties) => {
                duties.check(now, peer.exiting_since).and_then(|()| peer.check_time(now))
            }
            Role::Stranger => Ok(()),
        }
    }

    /// Twenty seconds after the last fault, LIST has every live peer and no dead one.
    pub(crate) fn begin_rest(&mut self) {
        self.turns_before_rest = self.watch.turns.clone();
        for node in 1..self.nodes.len() {
            let result = self.check_online(node);
            self.watch.judge(result);
        }
        let online = self.watch.directory.online.now().to_vec();
        for entry in online {
            let sock = self.watch.sock(SERVER, entry.conn);
            let client = sock.map(|sock| self.network.state(sock.other()));
            let is_open = client == Some(SockState::Open);
            let found = || format!("{} is online, its socket is {client:?}", entry.name);
            self.watch.judge(hold(is_open, Rule::DeadPeersGone, found));
        }
    }

    fn check_online(&self, node: usize) -> Result<(), Violation> {
        let (Some(_), Role::Peer(peer, _)) = (&self.nodes[node], &self.watch.roles[node]) else {
            return Ok(());
        };
        let Some(me) = peer.me.as_ref().filter(|_| peer.exiting_since.is_none()) else {
            return Ok(());
        };
        let Place { host, port } = self.network.places[node];
        if host == SERVER_HOST && self.setup.rules.per_address_max < PER_ADDRESS_MAX {
            // The server may have refused it: too many connections from one address.
            return Ok(());
        }
        // Another node may have the name.
        let is_online = self.watch.directory.online.find(me).is_some();
        hold(is_online, Rule::LivePeersOnline, || format!("{me}, port {port}, is not"))
    }

    /// Idle processes run few turns.
    pub(crate) fn check_rest(&mut self) {
        let clients = self.watch.directory.online.now().len() as u64;
        let seconds = super::world::REST_MS / 1_000;
        for node in 0..self.nodes.len() {
            let turns = self.watch.turns[node] - self.turns_before_rest[node];
            let most = seconds * (TURNS_A_SECOND + if node == SERVER { clients } else { 0 });
            let found = || format!("node {node} ran {turns} turns in {seconds} s");
            self.watch.judge(hold(turns <= most, Rule::IdleProcessSleeps, found));
        }
    }

    /// No conversation is with a peer that has left.
    pub(crate) fn check_conversations(&mut self) {
        for node in 0..self.nodes.len() {
            let (Some(_), Role::Peer(peer, _)) = (&self.nodes[node], &self.watch.roles[node])
            else {
                continue;
            };
            let conns: Vec<_> = peer.conversation_conns().collect();
            let socks = conns.into_iter().filter_map(|conn| self.watch.sock(node, conn));
            let others: Vec<_> = socks.map(|sock| self.network.state(sock.other())).collect();
            let are_open = others.iter().all(|&other| other == SockState::Open);
            let label = self.watch.label(node);
            let result =
                hold(are_open, Rule::NoConversationWithDead, || format!("{label}: {others:?}"));
            self.watch.judge(result);
        }
    }

    /// Without faults, all texts between two peers were read.
    pub(crate) fn check_delivery(&mut self) {
        if !self.is_calm {
            return;
        }
        for link in 0..self.network.links.len() {
            if !self.is_between_peers(link) {
                continue;
            }
            for side in [Side::Dialer, Side::Listener] {
                let not_read = self.watch.streams.not_read(Sock { link, side });
                let found = || format!("link {link}: \"{}\"", not_read.escape_ascii());
                let result = hold(not_read.is_empty(), Rule::TextsDelivered, found);
                self.watch.judge(result);
            }
        }
    }

    /// Both ends are peers, and the callee has read the caller's name.
    fn is_between_peers(&self, link: usize) -> bool {
        let is_person = |node: usize| matches!(self.setup.parts[node], Part::Person { .. });
        let ends = &self.network.links[link].ends;
        let caller = Sock { link, side: Side::Dialer };
        ends.iter().all(|end| end.node.is_some_and(is_person))
            && self.watch.streams.has_line_read(caller)
    }
}

#[test]
fn a_dead_peer_that_is_online_is_found() {
    let mut world = World::<true>::new(super::rng::Rng::new(0), None);
    world.run();
    assert_eq!(world.watch.violation, None);
    let conn = ConnId { slot: 1_000, generation: 0 };
    let address = SocketAddr::from(([10, 0, 0, 77], 20_000));
    let ghost = Entry { conn, name: "Fantasma".to_string(), address, since: 0 };
    world.watch.directory.online.join(ghost);
    world.begin_rest();
    let rule = world.watch.violation.map(|(_, violation)| violation.rule);
    assert_eq!(rule, Some(Rule::DeadPeersGone));
}
