//! The world of one seed: nodes, the network between them, and faults.
//!
//! Time goes from event to event. For a minute, people type, strangers disturb and faults happen.
//! Then all faults stop, and everything must recover. Read next: [`super::watch`], which has the
//! rules.

use std::ops::Range;

use papo::machine::Typed;

use super::clock::Clock;
use super::faults::{Conditions, Fault};
use super::link::SockState;
use super::network::Network;
use super::node::Node;
use super::planted::Bug;
use super::recorded::Recordings;
use super::rng::Rng;
use super::schedule::{Event, NodeId};
use super::setup::{Part, Setup};
use super::watch::Watch;
use super::workload::Person;

pub(crate) const SERVER: NodeId = 0;

const FAULTS_END_MS: u64 = 60_000;

/// How long recovery may take.
const RECOVERY_MS: u64 = 20_000;

/// How long the idle world is watched after that.
pub(crate) const REST_MS: u64 = 6_000;

pub(crate) const CHECK_EVERY_MS: u64 = 250;

/// A world. `EMPTIES` is `SHORT_READ_EMPTIES` of its pollers (see [`papo::event_loop::os::Os`]).
pub(crate) struct World<const EMPTIES: bool> {
    pub(crate) network: Box<Network>,
    pub(crate) watch: Watch,
    pub(crate) setup: Setup,
    pub(crate) nodes: Vec<Option<Node<EMPTIES>>>,
    people: Vec<Option<Person>>,
    names: Vec<String>,
    bug: Option<Bug>,
    pub(crate) recordings: Recordings,
    rng: Rng,
    pub(crate) is_calm: bool,
    /// The turns of each node before the idle time began.
    pub(crate) turns_before_rest: Vec<u64>,
}

impl<const EMPTIES: bool> World<EMPTIES> {
    pub(crate) fn new(mut rng: Rng, bug: Option<Bug>) -> Self {
        let conditions = Conditions::draw(&mut rng);
        let setup = Setup::draw(&mut rng);
        let network = Network::new(setup.places.clone(), conditions, rng.fork());
        let watch = Watch::new(setup.rules, setup.labels());
        let has_non_reader = setup.has_non_reader();
        let people = setup.parts.iter().map(|it| person(it, has_non_reader, &mut rng)).collect();
        let mut world = Self {
            is_calm: network.conditions.is_calm(),
            network: Box::new(network),
            watch,
            names: setup.names(),
            people,
            nodes: setup.parts.iter().map(|_| None).collect(),
            setup,
            bug,
            recordings: Recordings::default(),
            rng,
            turns_before_rest: Vec::new(),
        };
        world.watch.has_faults = !world.is_calm;
        world.plan_everything();
        world
    }

    fn plan_everything(&mut self) {
        let schedule = &mut self.network.schedule;
        schedule.plan(0, Event::Start(SERVER));
        for node in 1..self.setup.parts.len() {
            schedule.plan(self.rng.within(0..4_000), Event::Start(node));
        }
        if self.network.conditions.fault_every_ms > 0 {
            schedule.plan(self.rng.within(0..5_000), Event::Fault);
        }
        schedule.plan(CHECK_EVERY_MS, Event::Check);
        schedule.plan(FAULTS_END_MS, Event::FaultsEnd);
        schedule.plan(FAULTS_END_MS + RECOVERY_MS, Event::Rest);
        schedule.plan(FAULTS_END_MS + RECOVERY_MS + REST_MS, Event::End);
    }

    /// Runs until the end, or until a rule is broken.
    pub(crate) fn run(&mut self) {
        while let Some(event) = self.network.schedule.next() {
            self.watch.now = self.network.schedule.now;
            if event == Event::End {
                self.check_rest();
                self.check_conversations();
                self.check_delivery();
                self.watch.check_losses();
                return;
            }
            self.on_event(event);
            if self.watch.violation.is_some() {
                return;
            }
        }
    }

    /// The last steps before a panic.
    pub(crate) fn read_logs(&mut self) {
        for process in self.nodes.iter().flatten() {
            process.read_log(&mut self.watch);
        }
    }

    fn on_event(&mut self, event: Event) {
        match event {
            Event::Turn(node) => self.turn(node),
            Event::Arrival(sock) => self.network.on_arrival(sock),
            Event::Overdue(sock) => self.network.on_overdue(sock),
            Event::Probe(sock) => self.network.on_probe(sock),
            Event::Person(node) => self.type_something(node),
            Event::Fault => self.inject_fault(),
            Event::ShortageEnds(node) => self.end_shortage(node),
            Event::Check => self.check_time(),
            Event::Start(node) => self.start(node),
            Event::FaultsEnd => self.end_faults(),
            Event::Rest => self.begin_rest(),
            Event::End => {}
        }
    }

    fn turn(&mut self, node: NodeId) {
        let Some(process) = &mut self.nodes[node] else { return };
        process.turn(&mut self.network, &mut self.watch);
        let Some(status) = process.process.exited else { return };
        self.keep_recording(node);
        self.nodes[node] = None;
        self.watch.on_exit(node, status);
        if node == SERVER || self.rng.percent(60) {
            self.plan_start(node, 15_000);
        }
    }

    /// A node's process starts with an empty memory.
    fn start(&mut self, node: NodeId) {
        let now = self.network.schedule.now;
        let is_stranger = matches!(self.setup.parts[node], Part::Stranger { .. });
        if self.nodes[node].is_some() || (is_stranger && now >= FAULTS_END_MS) {
            return;
        }
        let drift = self.network.conditions.drift_max;
        let clock = Clock::new(now, self.rng.within(1000 - drift..1001 + drift));
        let machine = self.setup.machine(node, &mut self.rng);
        self.watch.on_start(node, &self.setup.parts[node]);
        let recorder = self.recordings.begin(node, &self.setup.labels()[node], now);
        self.nodes[node] = Some(Node::new(node, machine, self.bug, (clock, now), recorder));
        self.network.listen(node);
        self.network.schedule.freeze(node, now);
        if self.people[node].is_some() {
            self.network.schedule.plan_in(self.rng.within(0..3_000), Event::Person(node));
        }
    }

    fn plan_start(&mut self, node: NodeId, most_ms: u64) {
        let at = self.network.schedule.now + self.rng.within(0..most_ms);
        self.network.schedule.plan(at.min(FAULTS_END_MS), Event::Start(node));
    }

    /// Keeps the recordings of the processes that still run.
    pub(crate) fn keep_recordings(&mut self) {
        (0..self.nodes.len()).for_each(|node| self.keep_recording(node));
    }

    fn keep_recording(&mut self, node: NodeId) {
        if let Some(lines) = self.nodes[node].as_mut().and_then(Node::take_recording) {
            self.recordings.keep(node, lines);
        }
    }

    fn kill(&mut self, node: NodeId) {
        self.keep_recording(node);
        if let Some(mut process) = self.nodes[node].take() {
            self.watch.note(node, format_args!("is killed"));
            process.process.kill(&mut self.network);
            self.watch.on_kill(node);
        }
    }

    fn type_something(&mut self, node: NodeId) {
        let now = self.network.schedule.now;
        let (Some(process), Some(person)) = (&mut self.nodes[node], &mut self.people[node]) else {
            return;
        };
        if now >= FAULTS_END_MS {
            return;
        }
        if self.rng.percent(1) {
            process.process.stop_asked = true;
        } else if self.rng.percent(1) {
            process.typed.push_back(Typed::End);
        } else if process.typed.len() < 4 {
            let line = if self.watch.needs_name(node) {
                person.another_name()
            } else {
                person.next_line(&self.names, &mut self.rng)
            };
            process.typed.push_back(Typed::Line(line.into_bytes()));
        }
        self.network.schedule.wake(node, now);
        let pause_ms = person.think(&mut self.rng);
        self.network.schedule.plan_in(pause_ms, Event::Person(node));
    }

    fn inject_fault(&mut self) {
        let conditions = &self.network.conditions;
        let Some(fault) = conditions.draw_fault(&mut self.rng) else { return };
        let pause_ms = self.rng.within(0..2 * conditions.fault_every_ms);
        self.network.schedule.plan_in(pause_ms, Event::Fault);
        self.watch.mark(&format!("Fault {fault:?}"));
        match fault {
            Fault::Stall => self.open_blackhole(100..5_000),
            Fault::Blackhole => self.open_blackhole(5_000..40_000),
            Fault::Unplug => self.unplug_one(),
            Fault::Cut => self.cut(),
            Fault::SpuriousWake => self.wake_all(),
            Fault::Freeze => self.freeze(),
            Fault::Suspend => self.suspend(),
            Fault::KillServer => self.end_server(),
            Fault::KillPeer => self.kill_peer(),
            Fault::Descriptors => self.take_descriptors(),
            Fault::Output => self.fill_output(),
        }
    }

    fn cut(&mut self) {
        if let Some(link) = self.some_link() {
            self.watch.note_world(format_args!("link {link} is cut"));
            self.network.cut(link);
        }
    }

    fn kill_peer(&mut self) {
        let node = self.rng.within(1..self.nodes.len() as u64) as usize;
        self.kill(node);
        if self.rng.percent(70) {
            self.plan_start(node, 20_000);
        }
    }

    /// For a while, a process can open hardly any descriptor.
    fn take_descriptors(&mut self) {
        let node = self.rng.index(self.nodes.len());
        let most = self.rng.index(4);
        if let Some(process) = &mut self.nodes[node] {
            self.watch.note(node, format_args!("may open {most} more"));
            process.os().leave_descriptors(most);
            self.network.schedule.plan_in(self.rng.within(100..10_000), Event::ShortageEnds(node));
        }
    }

    /// For a while, the output of a peer's host is full.
    fn fill_output(&mut self) {
        let node = self.rng.within(1..self.nodes.len() as u64) as usize;
        self.set_output_full(node, true);
        self.network.schedule.plan_in(self.rng.within(100..20_000), Event::ShortageEnds(node));
    }

    /// Ends a shortage of descriptors and output.
    fn end_shortage(&mut self, node: NodeId) {
        if let Some(process) = &mut self.nodes[node] {
            process.os().descriptors_max = usize::MAX;
        }
        self.set_output_full(node, false);
    }

    fn set_output_full(&mut self, node: NodeId, full: bool) {
        if let Some(process) = &mut self.nodes[node] {
            process.output_full = Some(full);
            let now = self.network.schedule.now;
            self.network.schedule.wake(node, now);
        }
    }

    /// Kills the server, or asks it to end.
    fn end_server(&mut self) {
        match &mut self.nodes[SERVER] {
            Some(server) if self.rng.percent(30) => {
                server.process.stop_asked = true;
                let now = self.network.schedule.now;
                self.network.schedule.wake(SERVER, now);
            }
            Some(_) | None => {
                self.kill(SERVER);
                self.plan_start(SERVER, 15_000);
            }
        }
    }

    fn open_blackhole(&mut self, how_long: Range<u64>) {
        let Some(link) = self.some_link() else { return };
        let until = self.network.schedule.now + self.rng.within(how_long);
        let which = self.rng.within(0..3);
        self.watch.note_world(format_args!("link {link} has a blackhole ({which}) until {until}"));
        self.network.open_blackholes(link, which, until);
    }

    fn unplug_one(&mut self) {
        let node = self.rng.index(self.nodes.len());
        let until = self.network.schedule.now + self.rng.within(100..20_000);
        self.unplug(node, until);
    }

    fn unplug(&mut self, node: NodeId, until: u64) {
        self.watch.note(node, format_args!("is unplugged until {until}"));
        for link in self.used_links() {
            if self.network.links[link].ends.iter().any(|end| end.node == Some(node)) {
                self.network.open_blackholes(link, 2, until);
            }
        }
    }

    fn used_links(&self) -> Vec<usize> {
        let is_used = |&link: &usize| {
            let ends = &self.network.links[link].ends;
            ends.iter().any(|end| matches!(end.state, SockState::Open | SockState::Opening))
        };
        (0..self.network.links.len()).filter(is_used).collect()
    }

    fn some_link(&mut self) -> Option<usize> {
        let used = self.used_links();
        (!used.is_empty()).then(|| used[self.rng.index(used.len())])
    }

    fn freeze(&mut self) {
        let is_server = self.rng.percent(30);
        let node = if is_server { SERVER } else { self.rng.index(self.nodes.len()) };
        let until = self.network.schedule.now + self.rng.within(100..20_000);
        let is_frozen = self.network.schedule.is_frozen(node);
        let now = self.network.schedule.now;
        let Some(process) = self.nodes[node].as_mut().filter(|_| !is_frozen) else { return };
        process.os().stopped_at = Some(now);
        self.watch.on_freeze(node, process.os().clock.show(until));
        self.watch.note(node, format_args!("is stopped until {until}"));
        self.network.schedule.freeze(node, until);
    }

    /// A computer sleeps: its clocks stop, and its links carry nothing.
    fn suspend(&mut self) {
        let node = self.rng.within(1..self.nodes.len() as u64) as usize;
        let now = self.network.schedule.now;
        let until = (now + self.rng.within(100..40_000)).min(FAULTS_END_MS);
        let is_frozen = self.network.schedule.is_frozen(node);
        let Some(process) = self.nodes[node].as_mut().filter(|_| !is_frozen) else { return };
        process.os().stand_still(until - now);
        self.watch.on_freeze(node, process.os().clock.show(until));
        self.unplug(node, until);
        self.network.schedule.freeze(node, until);
    }

    /// All processes wake up without an event.
    fn wake_all(&mut self) {
        let now = self.network.schedule.now;
        for node in 0..self.nodes.len() {
            self.network.schedule.wake(node, now + self.rng.within(0..5));
        }
    }

    /// All faults stop, strangers are killed, and the server runs.
    fn end_faults(&mut self) {
        self.watch.note_world(format_args!("all faults stop"));
        let now = self.network.schedule.now;
        self.network.conditions.end_faults();
        self.network.repair_all();
        for node in 0..self.nodes.len() {
            if self.network.schedule.is_frozen(node) {
                self.network.schedule.freeze(node, now);
            }
            self.end_shortage(node);
            if matches!(self.setup.parts[node], Part::Stranger { .. }) {
                self.kill(node);
            }
        }
        self.start(SERVER);
    }
}

fn person(part: &Part, has_non_reader: bool, rng: &mut Rng) -> Option<Person> {
    match part {
        Part::Person { name, .. } => Some(Person::new(name, has_non_reader, rng)),
        Part::Server | Part::Stranger { .. } => None,
    }
}
