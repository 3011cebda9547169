//! The simulated world of one seed: nodes, the network between them, and what befalls both.
//!
//! Time goes from event to event; nothing happens that is not on the agenda. For a minute
//! people type, strangers bother and faults strike; then all faults stop, and everything must
//! come right again. Read next: [`super::watch`], which says what right is.

use std::ops::Range;

use papo::machine::Typed;

use super::agenda::{Event, NodeId};
use super::cast::{Cast, Part};
use super::clock::Clock;
use super::faults::{Fault, Weather};
use super::link::{Side, Sock, Standing};
use super::network::Network;
use super::node::Node;
use super::planted::Bug;
use super::recorded::Recordings;
use super::rng::Rng;
use super::watch::Watch;
use super::workload::Person;

/// The node of the server.
pub(crate) const SERVER: NodeId = 0;

/// When all faults stop.
const HEAL_AT_MS: u64 = 60_000;

/// How long everything may take to come right again.
const RECOVERY_MS: u64 = 20_000;

/// How long the world is watched at rest after that.
pub(crate) const REST_MS: u64 = 6_000;

/// How often the watchers look at the time.
pub(crate) const CHECK_EVERY_MS: u64 = 250;

/// Everything there is.
///
/// `EMPTIES`: what its pollers are like (`SHORT_READ_EMPTIES` of [`papo::event_loop::os::Os`]).
pub(crate) struct World<const EMPTIES: bool> {
    pub(crate) network: Box<Network>,
    pub(crate) watch: Watch,
    pub(crate) cast: Cast,
    pub(crate) nodes: Vec<Option<Node<EMPTIES>>>,
    people: Vec<Option<Person>>,
    names: Vec<String>,
    bug: Option<Bug>,
    pub(crate) recordings: Recordings,
    rng: Rng,
    pub(crate) is_calm: bool,
    /// How many turns each node had run when the rest began.
    pub(crate) turns_before_rest: Vec<u64>,
}

impl<const EMPTIES: bool> World<EMPTIES> {
    pub(crate) fn new(mut rng: Rng, bug: Option<Bug>) -> Self {
        let weather = Weather::draw(&mut rng);
        let cast = Cast::draw(&mut rng);
        let network = Network::new(cast.places.clone(), weather, rng.fork());
        let watch = Watch::new(cast.rules, cast.labels());
        let mut world = Self {
            is_calm: network.weather.is_calm(),
            network: Box::new(network),
            watch,
            names: cast.names(),
            people: cast.parts.iter().map(|part| person(part, cast.has_deaf(), &mut rng)).collect(),
            nodes: cast.parts.iter().map(|_| None).collect(),
            cast,
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
        let agenda = &mut self.network.agenda;
        agenda.plan(0, Event::Start(SERVER));
        for node in 1..self.cast.parts.len() {
            agenda.plan(self.rng.within(0..4_000), Event::Start(node));
        }
        if self.network.weather.fault_every_ms > 0 {
            agenda.plan(self.rng.within(0..5_000), Event::Fault);
        }
        agenda.plan(CHECK_EVERY_MS, Event::Check);
        agenda.plan(HEAL_AT_MS, Event::Heal);
        agenda.plan(HEAL_AT_MS + RECOVERY_MS, Event::Rest);
        agenda.plan(HEAL_AT_MS + RECOVERY_MS + REST_MS, Event::End);
    }

    /// Runs until the end, or until a rule is broken.
    pub(crate) fn run(&mut self) {
        while let Some(event) = self.network.agenda.next() {
            self.watch.now = self.network.agenda.now;
            if event == Event::End {
                self.check_rest();
                self.check_talks();
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

    /// The steps before something panicked.
    pub(crate) fn read_diaries(&mut self) {
        for process in self.nodes.iter().flatten() {
            process.read_diary(&mut self.watch);
        }
    }

    fn on_event(&mut self, event: Event) {
        match event {
            Event::Turn(node) => self.turn(node),
            Event::Arrival(sock) => self.network.on_arrival(sock),
            Event::Overdue(sock) => self.network.on_overdue(sock),
            Event::Probe(sock) => self.network.on_probe(sock),
            Event::Person(node) => self.type_something(node),
            Event::Fault => self.strike(),
            Event::Relief(node) => self.relieve(node),
            Event::Check => self.check_time(),
            Event::Start(node) => self.start(node),
            Event::Heal => self.heal(),
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

    /// The process of a node starts, with nothing in memory.
    fn start(&mut self, node: NodeId) {
        let now = self.network.agenda.now;
        let is_stranger = matches!(self.cast.parts[node], Part::Stranger { .. });
        if self.nodes[node].is_some() || (is_stranger && now >= HEAL_AT_MS) {
            return;
        }
        let drift = self.network.weather.drift_max;
        let clock = Clock::new(now, self.rng.within(1000 - drift..1001 + drift));
        let brain = self.cast.brain(node, &mut self.rng);
        self.watch.on_start(node, &self.cast.parts[node]);
        let recorder = self.recordings.begin(node, &self.cast.labels()[node], now);
        self.nodes[node] = Some(Node::new(node, brain, self.bug, (clock, now), recorder));
        self.network.listen(node);
        self.network.agenda.freeze(node, now);
        if self.people[node].is_some() {
            self.network.agenda.plan_in(self.rng.within(0..3_000), Event::Person(node));
        }
    }

    fn plan_start(&mut self, node: NodeId, most_ms: u64) {
        let at = self.network.agenda.now + self.rng.within(0..most_ms);
        self.network.agenda.plan(at.min(HEAL_AT_MS), Event::Start(node));
    }

    /// Keeps what was recorded of the processes that are still there.
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
        let now = self.network.agenda.now;
        let (Some(process), Some(person)) = (&mut self.nodes[node], &mut self.people[node]) else {
            return;
        };
        if now >= HEAL_AT_MS {
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
        self.network.agenda.wake(node, now);
        let pause_ms = person.think(&mut self.rng);
        self.network.agenda.plan_in(pause_ms, Event::Person(node));
    }

    fn strike(&mut self) {
        let weather = &self.network.weather;
        let Some(fault) = weather.draw_fault(&mut self.rng) else { return };
        let pause_ms = self.rng.within(0..2 * weather.fault_every_ms);
        self.network.agenda.plan_in(pause_ms, Event::Fault);
        self.watch.mark(&format!("Fault {fault:?}"));
        match fault {
            Fault::Stall => self.open_hole(100..5_000),
            Fault::Hole => self.open_hole(5_000..40_000),
            Fault::Unplug => self.unplug_one(),
            Fault::Cut => self.cut(),
            Fault::Nudge => self.nudge(),
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

    /// For a while a process may open hardly anything.
    fn take_descriptors(&mut self) {
        let node = self.rng.index(self.nodes.len());
        let most = self.rng.index(4);
        if let Some(process) = &mut self.nodes[node] {
            self.watch.note(node, format_args!("may open {most} more"));
            process.os().leave_descriptors(most);
            self.network.agenda.plan_in(self.rng.within(100..10_000), Event::Relief(node));
        }
    }

    /// For a while the host of a peer shows nothing.
    fn fill_output(&mut self) {
        let node = self.rng.within(1..self.nodes.len() as u64) as usize;
        self.tell_output(node, true);
        self.network.agenda.plan_in(self.rng.within(100..20_000), Event::Relief(node));
    }

    /// A node has descriptors again, and its output takes again.
    fn relieve(&mut self, node: NodeId) {
        if let Some(process) = &mut self.nodes[node] {
            process.os().descriptors_max = usize::MAX;
        }
        self.tell_output(node, false);
    }

    fn tell_output(&mut self, node: NodeId, full: bool) {
        if let Some(process) = &mut self.nodes[node] {
            process.output_full = Some(full);
            let now = self.network.agenda.now;
            self.network.agenda.wake(node, now);
        }
    }

    /// By force, or in order.
    fn end_server(&mut self) {
        match &mut self.nodes[SERVER] {
            Some(server) if self.rng.percent(30) => {
                server.process.stop_asked = true;
                let now = self.network.agenda.now;
                self.network.agenda.wake(SERVER, now);
            }
            Some(_) | None => {
                self.kill(SERVER);
                self.plan_start(SERVER, 15_000);
            }
        }
    }

    fn open_hole(&mut self, how_long: Range<u64>) {
        let Some(link) = self.some_link() else { return };
        let until = self.network.agenda.now + self.rng.within(how_long);
        let which = self.rng.within(0..3);
        self.watch.note_world(format_args!("link {link} has a hole ({which}) until {until}"));
        if which != 0 {
            self.network.open_hole(Sock { link, side: Side::Dialer }, until);
        }
        if which != 1 {
            self.network.open_hole(Sock { link, side: Side::Listener }, until);
        }
    }

    fn unplug_one(&mut self) {
        let node = self.rng.index(self.nodes.len());
        let until = self.network.agenda.now + self.rng.within(100..20_000);
        self.unplug(node, until);
    }

    fn unplug(&mut self, node: NodeId, until: u64) {
        self.watch.note(node, format_args!("is unplugged until {until}"));
        for link in self.used_links() {
            if self.network.links[link].ends.iter().any(|end| end.node == Some(node)) {
                self.network.open_hole(Sock { link, side: Side::Dialer }, until);
                self.network.open_hole(Sock { link, side: Side::Listener }, until);
            }
        }
    }

    fn used_links(&self) -> Vec<usize> {
        let is_used = |&link: &usize| {
            let ends = &self.network.links[link].ends;
            ends.iter().any(|end| matches!(end.standing, Standing::Open | Standing::Opening))
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
        let until = self.network.agenda.now + self.rng.within(100..20_000);
        let is_frozen = self.network.agenda.is_frozen(node);
        let now = self.network.agenda.now;
        let Some(process) = self.nodes[node].as_mut().filter(|_| !is_frozen) else { return };
        process.os().stopped_at = Some(now);
        self.watch.on_freeze(node, process.os().clock.show(until));
        self.watch.note(node, format_args!("is stopped until {until}"));
        self.network.agenda.freeze(node, until);
    }

    /// A computer sleeps: its clocks stand still, and nobody reaches it.
    fn suspend(&mut self) {
        let node = self.rng.within(1..self.nodes.len() as u64) as usize;
        let now = self.network.agenda.now;
        let until = (now + self.rng.within(100..40_000)).min(HEAL_AT_MS);
        let is_frozen = self.network.agenda.is_frozen(node);
        let Some(process) = self.nodes[node].as_mut().filter(|_| !is_frozen) else { return };
        process.os().stand_still(until - now);
        self.watch.on_freeze(node, process.os().clock.show(until));
        self.unplug(node, until);
        self.network.agenda.freeze(node, until);
    }

    /// Processes wake up and find nothing to do.
    fn nudge(&mut self) {
        let now = self.network.agenda.now;
        for node in 0..self.nodes.len() {
            self.network.agenda.wake(node, now + self.rng.within(0..5));
        }
    }

    /// All faults stop, strangers leave, the server is there.
    fn heal(&mut self) {
        self.watch.note_world(format_args!("all faults stop"));
        let now = self.network.agenda.now;
        self.network.weather.heal();
        for link in 0..self.network.links.len() {
            for side in [Side::Dialer, Side::Listener] {
                self.network.mend(Sock { link, side });
            }
        }
        for node in 0..self.nodes.len() {
            if self.network.agenda.is_frozen(node) {
                self.network.agenda.freeze(node, now);
            }
            self.relieve(node);
            if matches!(self.cast.parts[node], Part::Stranger { .. }) {
                self.kill(node);
            }
        }
        self.start(SERVER);
    }
}

fn person(part: &Part, has_deaf: bool, rng: &mut Rng) -> Option<Person> {
    match part {
        Part::Person { name, .. } => Some(Person::new(name, has_deaf, rng)),
        Part::Server | Part::Stranger { .. } => None,
    }
}
