//! The rules of certain times, whatever happened before: deadlines while it goes on, and
//! once all faults have stopped, that everything has come right.
//!
//! The other rules are looked at after every event; see [`super::watch`].

use std::net::SocketAddr;

use papo::directory::PER_ADDRESS_MAX;
use papo::machine::ConnId;

use super::agenda::Event;
use super::cast::{Part, SERVER_HOST};
use super::link::{Side, Sock, Standing};
use super::network::Place;
use super::watch::roster::Entry;
use super::watch::rule::Rule;
use super::watch::{Role, Violation, hold};
use super::world::{CHECK_EVERY_MS, SERVER, World};

/// How many turns a second a process may need where nothing happens.
const TURNS_A_SECOND: u64 = 5;

/// How long after it was let go on a process may be behind.
const CATCH_UP_MS: u64 = 700;

impl<const EMPTIES: bool> World<EMPTIES> {
    /// Looks at everything that has a deadline.
    pub(crate) fn check_time(&mut self) {
        self.network.agenda.plan_in(CHECK_EVERY_MS, Event::Check);
        for node in 0..self.nodes.len() {
            let mut result = self.check_node(node);
            if let Err(violation) = &mut result {
                violation.found.insert_str(0, &format!("{}: ", self.watch.label(node)));
            }
            self.watch.judge(result);
        }
    }

    fn check_node(&mut self, node: usize) -> Result<(), Violation> {
        let now = self.network.agenda.now;
        let is_behind = now < self.network.agenda.thawed_at(node) + CATCH_UP_MS;
        let Some(process) = self.nodes[node].as_mut().filter(|_| !is_behind) else {
            return Ok(());
        };
        let now = process.os().clock.show(now);
        match &mut self.watch.roles[node] {
            Role::Directory => self.watch.directory.check_expiry(now, process.late_ms_max()),
            Role::Peer(peer, keeping) => {
                keeping.check(now, peer.leaving_since).and_then(|()| peer.check_time(now))
            }
            Role::Stranger => Ok(()),
        }
    }

    /// Twenty seconds after the last fault: who is there is in LIST, who is not is out.
    pub(crate) fn begin_rest(&mut self) {
        self.turns_before_rest = self.watch.turns.clone();
        for node in 1..self.nodes.len() {
            let result = self.check_online(node);
            self.watch.judge(result);
        }
        let online = self.watch.directory.online.now().to_vec();
        for entry in online {
            let sock = self.watch.sock(SERVER, entry.conn);
            let client = sock.map(|sock| self.network.standing(sock.other()));
            let is_open = client == Some(Standing::Open);
            let found = || format!("{} is online, its socket is {client:?}", entry.name);
            self.watch.judge(hold(is_open, Rule::TheDeadAreGone, found));
        }
    }

    fn check_online(&self, node: usize) -> Result<(), Violation> {
        let (Some(_), Role::Peer(peer, _)) = (&self.nodes[node], &self.watch.roles[node]) else {
            return Ok(());
        };
        let Some(me) = peer.me.as_ref().filter(|_| peer.leaving_since.is_none()) else {
            return Ok(());
        };
        let Place { host, port } = self.network.place(node);
        if host == SERVER_HOST && self.cast.rules.per_address_max < PER_ADDRESS_MAX {
            // Too many may sit there.
            return Ok(());
        }
        // Another node may have the name.
        let is_online = self.watch.directory.online.find(me).is_some();
        hold(is_online, Rule::TheLivingAreOnline, || format!("{me}, port {port}, is not"))
    }

    /// Where nothing happens, hardly anything is done.
    pub(crate) fn check_rest(&mut self) {
        let clients = self.watch.directory.online.now().len() as u64;
        let seconds = super::world::REST_MS / 1_000;
        for node in 0..self.nodes.len() {
            let turns = self.watch.turns[node] - self.turns_before_rest[node];
            let most = seconds * (TURNS_A_SECOND + if node == SERVER { clients } else { 0 });
            let found = || format!("node {node} ran {turns} turns in {seconds} s");
            self.watch.judge(hold(turns <= most, Rule::WhoHasNothingToDoSleeps, found));
        }
    }

    /// Nobody talks to somebody who is gone and does not know it.
    pub(crate) fn check_talks(&mut self) {
        for node in 0..self.nodes.len() {
            let (Some(_), Role::Peer(peer, _)) = (&self.nodes[node], &self.watch.roles[node])
            else {
                continue;
            };
            let conns: Vec<_> = peer.talking().collect();
            let socks = conns.into_iter().filter_map(|conn| self.watch.sock(node, conn));
            let others: Vec<_> = socks.map(|sock| self.network.standing(sock.other())).collect();
            let are_open = others.iter().all(|&other| other == Standing::Open);
            let label = self.watch.label(node);
            let result =
                hold(are_open, Rule::NobodyTalksToTheDead, || format!("{label}: {others:?}"));
            self.watch.judge(result);
        }
    }

    /// Where nothing went wrong, everything that one person's peer said to another's was heard.
    pub(crate) fn check_delivery(&mut self) {
        if !self.is_calm {
            return;
        }
        for link in 0..self.network.links.len() {
            if !self.is_between_people(link) {
                continue;
            }
            for side in [Side::Dialer, Side::Listener] {
                let unheard = self.watch.streams.unheard(Sock { link, side });
                let found = || format!("link {link}: \"{}\"", unheard.escape_ascii());
                let result = hold(unheard.is_empty(), Rule::EverythingIsDelivered, found);
                self.watch.judge(result);
            }
        }
    }

    /// Both ends are people's, and the callee heard who called.
    fn is_between_people(&self, link: usize) -> bool {
        let is_person = |node: usize| matches!(self.cast.parts[node], Part::Person { .. });
        let ends = &self.network.links[link].ends;
        let caller = Sock { link, side: Side::Dialer };
        ends.iter().all(|end| end.node.is_some_and(is_person))
            && self.watch.streams.has_heard_a_line(caller)
    }
}

#[test]
fn somebody_dead_who_is_online_is_found() {
    let mut world = World::<true>::new(super::rng::Rng::new(0), None);
    world.run();
    assert_eq!(world.watch.violation, None);
    let conn = ConnId { slot: 1_000, generation: 0 };
    let address = SocketAddr::from(([10, 0, 0, 77], 20_000));
    let ghost = Entry { conn, name: "Fantasma".to_string(), address, since: 0 };
    world.watch.directory.online.join(ghost);
    world.begin_rest();
    let rule = world.watch.violation.map(|(_, violation)| violation.rule);
    assert_eq!(rule, Some(Rule::TheDeadAreGone));
}
