//! The world of one seed: two or three servers, an engine, and clients that know all servers.
//!
//! For up to half a minute faults happen. Then nothing fails for as long, and the rules are
//! checked. This happens twice. Read next: [`super::rules`].

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::mpsc::channel;

use papo::cluster::Clustered;
use papo::cluster::engine::ServerId;
use papo::cluster::notice::Notice;
use papo::cluster::rules::{Engine, Rules};
use papo::directory;
use papo::directory::notice::{LeaveReason, Notice as DirectoryNotice};
use papo::event_loop::recorder::Unrecorded;
use papo::machine::{Framing, Machine};
use papo::wire::REQUEST_LIMIT;

use super::engine::{EngineHost, EngineNews, Flush};
use super::member::{Member, Move};
use super::model::{Mistakes, Model, parts};
use super::rules::{Bug, Rule};
use super::server::Server;
use crate::clock::Clock;
use crate::faults::{Conditions, faults};
use crate::kernel::SimOs;
use crate::network::{Network, Place, host_ip};
use crate::process::Process;
use crate::rng::Rng;
use crate::schedule::{Event, NodeId};
use crate::watch::trace::Trace;

const SERVER_PORT: u16 = 10_000;
const ENGINE_PORT: u16 = 6_379;

/// The longest time with faults in one round.
const FAULTS_MS_MAX: u64 = 30_000;

/// Time without faults after which everybody must be listed.
pub(super) const LISTED_WITHIN_MS: u64 = 6_000;

/// Time without faults after which nobody else may be listed: a lease ends, another server notices
/// it, and the names are released.
pub(super) const GONE_WITHIN_MS: u64 = 20_000;

/// The time without faults in one round.
const CALM_MS: u64 = 24_000;

const ROUNDS: u64 = 2;
pub(super) const CHECK_EVERY_MS: u64 = 250;

/// The longest time for the answer to a claim.
const ANSWERED_WITHIN_MS: u64 = 3_500;

/// The longest time for an answer to LIST behind a USER.
pub(super) const LIST_WITHIN_MS: u64 = 2_500;

faults! {
    /// Nothing passes from a server to the engine, back, or both.
    Partition,
    /// The connections of a server to the engine are reset.
    Cut,
    StopServer,
    StopEngine,
    KillServer,
    /// SIGTERM.
    EndServer,
    /// The engine is killed, and restarts with all data.
    EngineWithData,
    /// It restarts with data that is up to a second old.
    EngineWithOldData,
    /// It restarts without data.
    EngineEmpty,
    Flush,
    KillMember,
    MoveMember,
}

/// A process, or none.
pub(super) enum Node {
    Server(Box<Process<Server>>),
    Engine(Box<Process<EngineHost>>),
    Member(Box<Process<Member>>),
    Off,
}

/// A registered person, at one server.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) address: SocketAddr,
    /// Registered without an answer of the engine.
    is_marked: bool,
    pub(super) since: u64,
}

pub(crate) struct World {
    pub(super) network: Box<Network>,
    rng: Rng,
    pub(super) nodes: Vec<Node>,
    pub(super) servers: usize,
    pub(super) names: Vec<String>,
    /// The servers have another engine first in their list, which does not exist.
    has_dead_engine: bool,
    bug: Option<Bug>,
    /// The engine gets FLUSHALL in its next turn.
    must_flush: bool,
    /// Members that go to another server in their next turn.
    must_move: BTreeSet<NodeId>,
    faults: Vec<Fault>,
    /// Until when the links of a server to the engine carry nothing, and in which direction.
    blackholes: BTreeMap<NodeId, (u64, u64)>,
    links_seen: usize,
    /// The engine's data of a second ago, and its data while it is off.
    pub(super) old_data: Model,
    data: Model,
    /// Members that do not restart.
    left: BTreeSet<NodeId>,
    round: u64,
    faults_until: u64,
    /// Since when there are no faults.
    calm_since: Option<u64>,
    servers_started: u64,
    pub(super) ids: Vec<ServerId>,
    pub(super) held: Vec<BTreeMap<String, Held>>,
    marked: BTreeSet<(NodeId, String)>,
    /// When the engine last gave a name to a server.
    given: BTreeMap<(String, String), u64>,
    /// When each server last entered without a lease.
    lapsed: BTreeMap<String, u64>,
    data_lost_at: u64,
    pub(super) disturbed_at: Vec<u64>,
    pub(crate) marks: BTreeSet<String>,
    pub(crate) violation: Option<(Rule, String)>,
    pub(crate) trace: Trace,
}

impl World {
    pub(crate) fn new(seed: u64, bug: Option<Bug>, is_loud: bool) -> Self {
        let mut rng = Rng::new(seed);
        let servers = rng.within(2..4) as usize;
        let members = rng.within(3..9) as usize;
        let mut places = Vec::new();
        for host in 1..=servers as u8 {
            places.push(Place { host, port: SERVER_PORT });
        }
        places.push(Place { host: 9, port: ENGINE_PORT });
        let mut names = Vec::new();
        for number in 0..members {
            let is_rival = number > 0 && rng.percent(20);
            let of = if is_rival { rng.index(number) } else { number };
            names.push(format!("p{of}"));
            places.push(Place { host: 20 + number as u8, port: 20_000 + number as u16 });
        }
        let conditions =
            if rng.percent(50) { Conditions::calm() } else { Conditions::rough(&mut rng) };
        let mut data = Model::default();
        data.mistakes = Mistakes {
            gives_twice: bug == Some(Bug::GivenTwice),
            hides_releases: bug == Some(Bug::ReleaseNotInStream),
            hides_refusals: bug == Some(Bug::RefusalHidden),
        };
        data.entries_max = rng.percent(30).then(|| rng.within(1..6) as usize);
        let nodes = places.len();
        let mut world = Self {
            network: Box::new(Network::new(places, conditions, rng.fork())),
            nodes: (0..nodes).map(|_| Node::Off).collect(),
            servers,
            names,
            has_dead_engine: seed % 4 == 3,
            bug,
            must_flush: false,
            must_move: BTreeSet::new(),
            faults: FAULTS.iter().copied().filter(|_| rng.percent(50)).collect(),
            blackholes: BTreeMap::new(),
            links_seen: 0,
            old_data: data.clone(),
            data,
            left: BTreeSet::new(),
            round: 0,
            faults_until: 0,
            calm_since: None,
            servers_started: 0,
            ids: vec![ServerId(0); servers],
            held: vec![BTreeMap::new(); servers],
            marked: BTreeSet::new(),
            given: BTreeMap::new(),
            lapsed: BTreeMap::new(),
            data_lost_at: 0,
            disturbed_at: vec![0; nodes],
            marks: BTreeSet::new(),
            violation: None,
            trace: Trace::default(),
            rng,
        };
        world.trace.is_loud = is_loud;
        for node in 0..nodes {
            let at = world.rng.within(0..3_000);
            world.network.schedule.plan(at, Event::Start(node));
        }
        world.begin_round();
        world.network.schedule.plan(CHECK_EVERY_MS, Event::Check);
        world
    }

    pub(super) fn engine(&self) -> NodeId {
        self.servers
    }

    pub(super) fn now(&self) -> u64 {
        self.network.schedule.now
    }

    fn note(&mut self, text: std::fmt::Arguments<'_>) {
        self.trace.note(self.network.schedule.now, "", text);
    }

    fn begin_round(&mut self) {
        self.round += 1;
        self.calm_since = None;
        let length = self.rng.within(3_000..FAULTS_MS_MAX);
        self.faults_until = self.now() + length;
        let schedule = &mut self.network.schedule;
        schedule.plan_in(self.rng.within(0..6_000), Event::Fault);
        schedule.plan_in(length, Event::FaultsEnd);
        schedule.plan_in(length + CALM_MS, Event::Rest);
    }

    /// Runs until the end, or until a rule is broken.
    pub(crate) fn run(&mut self) {
        while let Some(event) = self.network.schedule.next() {
            match event {
                Event::Turn(node) => self.turn(node),
                Event::Arrival(sock) => self.network.on_arrival(sock),
                Event::Overdue(sock) => self.network.on_overdue(sock),
                Event::Probe(sock) => self.network.on_probe(sock),
                Event::Start(node) => self.start(node),
                Event::Fault => self.inject_fault(),
                Event::FaultsEnd => self.end_faults(),
                Event::Check => self.check(),
                Event::Rest => {
                    self.check_rest();
                    if self.round == ROUNDS || self.violation.is_some() {
                        return;
                    }
                    self.begin_round();
                }
                Event::Person(_) | Event::ShortageEnds(_) | Event::End => {}
            }
            if self.violation.is_some() {
                return;
            }
        }
    }

    pub(super) fn break_rule(&mut self, rule: Rule, found: String) {
        self.note(format_args!("BROKEN {rule:?}: {found}"));
        self.violation.get_or_insert((rule, found));
    }

    /// A panic, which is printed above.
    pub(super) fn panicked(&mut self) {
        self.break_rule(Rule::ServersSettle, "something panicked".to_string());
    }

    fn start(&mut self, node: NodeId) {
        if !matches!(self.nodes[node], Node::Off) || self.left.contains(&node) {
            return;
        }
        let now = self.now();
        self.note(format_args!("node {node} starts"));
        let lines = Framing::Lines(REQUEST_LIMIT);
        self.nodes[node] = if node < self.servers {
            let machine = Server::new(self.new_server(node), self.bug);
            Node::Server(process(node, now, machine, lines))
        } else if node == self.engine() {
            let machine = EngineHost::new(self.data.as_kept(), now);
            Node::Engine(process(node, now, machine, Framing::Raw))
        } else {
            let number = node - self.engine() - 1;
            let servers = (0..self.servers).map(|it| address(it as u8 + 1, SERVER_PORT)).collect();
            let first = self.rng.index(self.servers);
            let port = self.network.places[node].port;
            let member = Member::new(&self.names[number], port, (servers, first));
            Node::Member(process(node, now, member, lines))
        };
        self.network.listen(node);
        self.network.schedule.freeze(node, now);
    }

    fn new_server(&mut self, node: NodeId) -> Clustered {
        self.servers_started += 1;
        let server = ServerId(0xA0 + self.servers_started);
        self.ids[node] = server;
        self.disturbed_at[node] = self.now();
        let engine = |host: u8| {
            let address = address(host, ENGINE_PORT);
            Engine { address, user: None, password: None, database: 0 }
        };
        let dead = self.has_dead_engine.then(|| engine(8));
        let engines = dead.into_iter().chain([engine(9)]).collect();
        let rules = Rules { engines, prefix: "papo".to_string(), server };
        Clustered::new(directory::Rules::default(), rules)
    }

    fn turn(&mut self, node: NodeId) {
        let (mut notices, mut news) = (Vec::new(), Vec::new());
        let mut has_exited = false;
        match &mut self.nodes[node] {
            Node::Server(process) => {
                process.turn(&mut self.network, |it, _| notices.extend(it.notices()));
                has_exited = process.exited.is_some();
            }
            Node::Engine(process) => process.turn(&mut self.network, |it, _| {
                if std::mem::take(&mut self.must_flush) {
                    it.command(&Flush);
                }
                news.extend(it.notices());
            }),
            Node::Member(process) => process.turn(&mut self.network, |it, _| {
                if self.must_move.remove(&node) {
                    it.command(&Move);
                }
            }),
            Node::Off => return,
        }
        news.into_iter().for_each(|it| self.on_engine_news(it));
        self.blackhole_new_links();
        for notice in notices {
            self.on_notice(node, notice);
        }
        if has_exited {
            self.note(format_args!("node {node} has ended"));
            self.nodes[node] = Node::Off;
            self.forget_server(node);
            self.plan_return(node);
        }
    }

    fn forget_server(&mut self, node: NodeId) {
        if node < self.servers {
            self.held[node].clear();
            self.marked.retain(|(server, _)| *server != node);
        }
    }

    fn on_engine_news(&mut self, news: EngineNews) {
        let now = self.now();
        self.note(format_args!("engine: {news:?}"));
        match news {
            EngineNews::Given(name, value) => {
                self.given.insert((name, parts(&value).0.to_string()), now);
            }
            EngineNews::Lapsed(server) => drop(self.lapsed.insert(server, now)),
            EngineNews::Called(_) => {}
        }
    }

    fn on_notice(&mut self, node: NodeId, notice: Notice) {
        self.note(format_args!("server {node}: {notice:?}"));
        let now = self.now();
        match notice {
            Notice::Unclaimed { name, .. } => {
                self.marked.insert((node, name.to_string()));
                self.mark("Unclaimed");
            }
            Notice::Directory(DirectoryNotice::Joined { name, address, .. }) => {
                let name = name.to_string();
                let is_marked = self.marked.remove(&(node, name.clone()));
                let given = (name.clone(), self.ids[node].to_string());
                let is_given =
                    self.given.get(&given).is_some_and(|at| at + ANSWERED_WITHIN_MS >= now);
                // After a stop of the process, its answers wait in the kernel.
                let was_still = self.disturbed_at[node] + ANSWERED_WITHIN_MS >= now;
                if !is_marked && !is_given && !was_still {
                    let found = format!("{name} at server {node}");
                    self.break_rule(Rule::ClaimedOrLogged, found);
                }
                self.held[node].insert(name, Held { address, is_marked, since: now });
            }
            Notice::Directory(DirectoryNotice::Left { name, why, .. }) => {
                let held = self.held[node].remove(name.as_str());
                if why == LeaveReason::NameLost {
                    self.mark("NameLost");
                    self.check_loss(node, name.as_str(), held);
                }
                if why == LeaveReason::TakenOver {
                    self.mark("TakenOver");
                }
            }
            Notice::LeaseLost => self.mark("LeaseLost"),
            Notice::ServerGone { .. } => self.mark("ServerGone"),
            Notice::Down { .. } => self.mark("Down"),
            _ => {}
        }
    }

    fn mark(&mut self, event: &str) {
        self.marks.insert(event.to_string());
    }

    fn check_loss(&mut self, node: NodeId, name: &str, held: Option<Held>) {
        let Some(held) = held else { return };
        let lapsed_at = self.lapsed.get(&self.ids[node].to_string()).copied().unwrap_or(0);
        let is_excused = held.is_marked || lapsed_at.max(self.data_lost_at) >= held.since;
        if !is_excused {
            let found = format!("{name} at server {node}, since {}", held.since);
            self.break_rule(Rule::ClaimedNamesStay, found);
        }
    }

    fn inject_fault(&mut self) {
        let now = self.now();
        if now >= self.faults_until || self.faults.is_empty() {
            return;
        }
        let next = now + self.rng.within(100..8_000);
        if next < self.faults_until {
            self.network.schedule.plan(next, Event::Fault);
        }
        let fault = self.faults[self.rng.index(self.faults.len())];
        let server = self.rng.index(self.servers);
        let member = self.engine() + 1 + self.rng.index(self.names.len());
        self.note(format_args!("{fault:?} (server {server}, member {member})"));
        self.mark(&format!("{fault:?}"));
        match fault {
            Fault::Partition => self.partition(server),
            Fault::Cut => self.cut(server),
            Fault::StopServer => self.freeze(server, 25_000),
            Fault::StopEngine => self.freeze(self.engine(), 10_000),
            Fault::KillServer => self.kill(server),
            Fault::EndServer => {
                if let Node::Server(process) = &mut self.nodes[server] {
                    process.stop_asked = true;
                    self.network.schedule.wake(server, now);
                }
            }
            Fault::EngineWithData => self.restart_engine(None),
            Fault::EngineWithOldData => self.restart_engine(Some(self.old_data.clone())),
            Fault::EngineEmpty => {
                let mut empty = self.old_data.clone();
                empty.flush();
                self.restart_engine(Some(empty));
            }
            Fault::Flush => self.flush(),
            Fault::KillMember => {
                if self.rng.percent(40) {
                    self.left.insert(member);
                }
                self.kill(member);
            }
            Fault::MoveMember => {
                self.must_move.insert(member);
                self.network.schedule.wake(member, now);
            }
        }
    }

    /// One direction or both.
    fn partition(&mut self, server: NodeId) {
        let until = self.now() + self.rng.within(200..25_000);
        self.blackholes.insert(server, (until.min(self.faults_until), self.rng.within(0..3)));
        for link in 0..self.network.links.len() {
            self.blackhole_link(link);
        }
    }

    fn blackhole_new_links(&mut self) {
        for link in self.links_seen..self.network.links.len() {
            self.blackhole_link(link);
        }
        self.links_seen = self.network.links.len();
    }

    fn blackhole_link(&mut self, link: usize) {
        let Some(server) = self.server_of(link) else { return };
        if let Some(&(until, which)) = self.blackholes.get(&server)
            && until > self.now()
        {
            self.network.open_blackholes(link, which, until);
        }
    }

    /// The server of a link to the engine.
    fn server_of(&self, link: usize) -> Option<NodeId> {
        let link = &self.network.links[link];
        let dialer = link.ends[0].node.filter(|node| *node < self.servers)?;
        (link.to.port() == ENGINE_PORT).then_some(dialer)
    }

    fn cut(&mut self, server: NodeId) {
        for link in 0..self.network.links.len() {
            if self.server_of(link) == Some(server) {
                self.network.cut(link);
            }
        }
    }

    fn freeze(&mut self, node: NodeId, most_ms: u64) {
        let now = self.now();
        let until = (now + self.rng.within(200..most_ms)).min(self.faults_until);
        if self.network.schedule.is_frozen(node) || matches!(self.nodes[node], Node::Off) {
            return;
        }
        match &mut self.nodes[node] {
            Node::Server(process) => process.event_loop.os().stopped_at = Some(now),
            Node::Engine(process) => process.event_loop.os().stopped_at = Some(now),
            Node::Member(_) | Node::Off => {}
        }
        self.disturbed_at[node] = until;
        self.network.schedule.freeze(node, until);
    }

    fn kill(&mut self, node: NodeId) {
        self.must_flush &= node != self.engine();
        match std::mem::replace(&mut self.nodes[node], Node::Off) {
            Node::Server(mut process) => process.kill(&mut self.network),
            Node::Engine(mut process) => {
                process.kill(&mut self.network);
                self.data = process.event_loop.machine().model.as_kept();
            }
            Node::Member(mut process) => process.kill(&mut self.network),
            Node::Off => return,
        }
        self.forget_server(node);
        self.plan_return(node);
    }

    fn plan_return(&mut self, node: NodeId) {
        let at = self.now() + self.rng.within(0..15_000);
        self.network.schedule.plan(at.min(self.faults_until), Event::Start(node));
    }

    fn restart_engine(&mut self, data: Option<Model>) {
        self.kill(self.engine());
        if let Some(data) = data {
            self.data = data;
            self.lose_data();
        }
    }

    fn flush(&mut self) {
        let (engine, now) = (self.engine(), self.now());
        if matches!(self.nodes[engine], Node::Engine(_)) {
            self.must_flush = true;
            self.network.schedule.wake(engine, now);
            self.lose_data();
        }
    }

    /// From now on the engine may give every name to another server.
    fn lose_data(&mut self) {
        self.data_lost_at = self.now() + LISTED_WITHIN_MS;
    }

    fn end_faults(&mut self) {
        let now = self.now();
        self.note(format_args!("all faults stop"));
        self.blackholes.clear();
        self.network.repair_all();
        for node in 0..self.nodes.len() {
            if self.network.schedule.is_frozen(node) {
                self.disturbed_at[node] = now;
                self.network.schedule.freeze(node, now);
            }
            self.start(node);
        }
        self.calm_since = Some(now);
    }

    pub(super) fn calm_ms(&self) -> u64 {
        self.calm_since.map_or(0, |since| self.now() - since)
    }
}

fn process<M: Machine>(node: NodeId, now: u64, machine: M, framing: Framing) -> Box<Process<M>> {
    // Nothing reads the log in this world.
    let os = SimOs::new(node, Clock::new(now, 1_000), now, channel().0);
    Box::new(Process::new(os, machine, framing, Unrecorded))
}

fn address(host: u8, port: u16) -> SocketAddr {
    SocketAddr::new(host_ip(host), port)
}
