//! The machine of `papo check`: it plays the other side of a program, and judges by rules whether
//! the program does what the handout says.
//!
//! [`server`] and [`peer`] have the rules, as data; a [`lane`] tries one of them, and this machine
//! runs the lanes: some alone, most side by side, the rough ones last. The sentences of a rule,
//! and the advice for a program that broke it, are in `console/check`. Must never know a socket, a
//! process, a language.
//!
//! | file | has |
//! | --- | --- |
//! | [`rule`], [`step`] | what a rule is, and the steps by which it is tried |
//! | [`server`], [`peer`] | the rules of a server, and of a peer |
//! | [`lane`], [`asking`], [`of_peer`] | one rule on its way |
//! | [`played`], [`screen`] | the server that the checker plays for a peer; the peer's screen |
//! | [`wires`], [`judge`], [`transcript`] | connections, lines, and what was seen |
//! | [`scene`], [`evidence`] | what all lanes share |
//! | [`pairs`] | everybody with everybody |
//! | [`notice`] | what the host is told |

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "three functions share the steps: each takes its own and hands on the rest"
)]

mod asking;
mod evidence;
mod judge;
mod lane;
pub mod notice;
mod of_peer;
pub mod pairs;
pub mod peer;
mod played;
pub mod rule;
mod scene;
mod screen;
pub mod server;
pub mod step;
pub mod transcript;
mod wires;

use std::net::SocketAddr;

use crate::conn_map::ConnMap;
use crate::machine::{Action, Actions, ConnId, DialId, Input, ListenerId, Machine, Millis};
use crate::wire::reply::Edition;

use evidence::Evidence;
use lane::Lane;
use notice::{Notice, Report};
use played::{Running, TestedProgram};
use rule::{Fault, Finding, Rule, Seen, Stage, Verdict};
use scene::{LaneContext, Scene};
use transcript::{Event, SERVER};
use wires::{Wire, WireState};

/// The time between the beginnings of two lanes that run side by side: a program may have a short
/// queue for those who connect.
const STAGGER_MS: u64 = 25;

/// How often progress is told.
pub const PROGRESS_EVERY_MS: u64 = 1_000;

/// The status where a rule is broken.
pub const STATUS_BROKEN: u8 = 1;

/// The plan of a check.
#[derive(Debug)]
pub struct Plan {
    /// Where the server listens.
    pub target: SocketAddr,
    /// The edition that is asked for. `None`: either.
    pub edition: Option<Edition>,
    /// The rules to try. Empty: all.
    pub only: Vec<String>,
    /// A random number, so that the names of this run meet no others.
    pub tag: u16,
}

/// News from the host about the programs that it has started.
#[derive(Debug)]
pub enum Command {
    /// A program has written this on its screen.
    Written {
        /// Which one, where there are several.
        program: usize,
        /// The bytes that it has written.
        bytes: Vec<u8>,
    },
    /// A program has ended.
    Ended {
        /// Which one.
        program: usize,
    },
}

/// The first listener of a check of a peer: there the server is played. At the second, people are.
pub const SERVER_LISTENER: ListenerId = ListenerId(0);

/// How a peer is to be checked.
#[derive(Debug)]
pub struct PeerPlan {
    /// Where the server listens that the checker plays.
    pub listening: SocketAddr,
    /// Where the people listen whom it plays: another port, so that a program that calls the
    /// wrong one is found out.
    pub people: SocketAddr,
    /// The edition that is asked for. `None`: the one that works.
    pub edition: Option<Edition>,
    /// The rules to try. Empty: all.
    pub only: Vec<String>,
    /// A random number, so that the names of this run meet no others.
    pub tag: u16,
    /// How many lines of a login there are to type.
    pub logins: usize,
    /// A person starts the program and types: its screen is not seen.
    pub by_hand: bool,
}

/// The owner of a connection.
#[derive(Clone, Copy, Debug)]
enum Owner {
    /// A wire of a lane.
    Wire(usize, usize),
    /// The program's, to the server that is played.
    Server,
    /// Not known: no call was expected.
    Stranger,
}

/// A check that is under way.
#[derive(Debug)]
pub struct Check {
    only: Vec<String>,
    rules: &'static [Rule],
    scene: Scene,
    /// One for each rule that has steps, in the order in which they begin.
    lanes: Vec<Lane>,
    /// How many of them have begun.
    begun: usize,
    begin_at: Millis,
    conns: ConnMap<Owner>,
    started: Option<Millis>,
    wake_at: Option<Millis>,
    progress_at: Millis,
    is_over: bool,
}

impl Machine for Check {
    type Notice = Notice;
    type Command = Command;

    fn handle(&mut self, now: Millis, input: Input<'_, Command>, actions: &mut Actions<Notice>) {
        if self.is_over {
            return;
        }
        self.started.get_or_insert(now);
        match input {
            Input::Accepted { listener, conn, .. } => self.on_accepted(now, listener, conn),
            Input::Command(Command::Written { bytes, .. }) => {
                self.scene.program.screen.write(now, bytes)
            }
            Input::Command(Command::Ended { .. }) => self.scene.program.state = Running::Ended,
            Input::Dialed { dial, result } => self.on_dialed(now, dial, result, actions),
            Input::Bytes { conn, bytes } => self.on_bytes(now, conn, bytes),
            Input::EndOfStream { conn } => self.on_end(now, conn, actions),
            Input::Closed { conn, .. } => {
                self.end_conn(now, conn);
                self.conns.remove(conn);
            }
            Input::Stop => self.give_up(now, &Fault::new(Seen::Interrupted), actions),
            // Nothing else is asked for, or it is only time that has passed.
            _ => {}
        }
        self.go(now, actions);
    }

    fn next_deadline(&self) -> Option<Millis> {
        if self.is_over { None } else { Some(self.wake_at.unwrap_or(Millis(0))) }
    }
}

impl Check {
    /// A check of a server. It begins with the first tick.
    #[must_use]
    pub fn of_server(plan: Plan) -> Self {
        let Plan { target, edition, only, tag } = plan;
        let program = TestedProgram::new(target, target, String::new(), 0, false);
        let evidence = Evidence::default();
        let scene = Scene { target, edition, is_peer: false, program, evidence };
        Self::new(server::RULES, only, tag, scene)
    }

    /// A check of a peer. The host is told when to start it, and what to type.
    #[must_use]
    pub fn of_peer(plan: PeerPlan) -> Self {
        let PeerPlan { listening, people, edition, only, tag, logins, by_hand } = plan;
        let name = format!("Zeca{tag:04x}");
        let mut program = TestedProgram::new(listening, people, name, logins, by_hand);
        program.edition = edition.unwrap_or(Edition::Of2024);
        let evidence = Evidence::default();
        let scene = Scene { target: listening, edition, is_peer: true, program, evidence };
        Self::new(peer::RULES, only, tag, scene)
    }

    fn new(rules: &'static [Rule], only: Vec<String>, tag: u16, scene: Scene) -> Self {
        let is_wanted = |rule: &&Rule| is_tried(rule, rules, &only);
        let mut tried: Vec<_> = rules.iter().filter(is_wanted).collect();
        if !scene.is_peer {
            tried.sort_by_key(|rule| (rule.stage as u8, !rule.waits()));
        }
        let tried = tried.into_iter().enumerate();
        let lanes = tried.map(|(index, rule)| Lane::new(rule, index, tag));
        Self {
            rules,
            scene,
            lanes: lanes.collect(),
            only,
            begun: 0,
            begin_at: Millis(0),
            conns: ConnMap::default(),
            started: None,
            wake_at: None,
            progress_at: Millis(0),
            is_over: false,
        }
    }

    /// The program under test has opened a connection.
    fn on_accepted(&mut self, now: Millis, listener: ListenerId, conn: ConnId) {
        let index = self.begun.saturating_sub(1);
        let program = &mut self.scene.program;
        let owner = if listener == SERVER_LISTENER {
            // A second connection takes the place of the first: it has come back.
            program.user = None;
            program.server = Wire::open(conn);
            Owner::Server
        } else if let Some(wire) = program.expected.pop_front() {
            self.lanes[index].wires[wire] = Wire::open(conn);
            Owner::Wire(index, wire)
        } else {
            Owner::Stranger
        };
        let number = match owner {
            Owner::Wire(_, wire) => wire,
            Owner::Server | Owner::Stranger => SERVER,
        };
        self.note(now, number, Event::Accepted, b"");
        self.conns.insert(conn, owner);
    }

    /// Writes down what happened on the program's own connections, in the rule that is tried.
    fn note(&mut self, now: Millis, wire: usize, event: Event, bytes: &[u8]) {
        if let Some(lane) = self.lanes.get_mut(self.begun.saturating_sub(1)) {
            lane.transcript.push(now, wire, event, bytes);
        }
    }

    fn on_dialed(
        &mut self,
        now: Millis,
        dial: DialId,
        result: Result<ConnId, std::io::ErrorKind>,
        actions: &mut Actions<Notice>,
    ) {
        let (index, wire) = lane::lane_of(dial);
        let lane = &mut self.lanes[index];
        match result {
            Ok(conn) if lane.finding.is_some() => actions.push(Action::Abort { conn }),
            Ok(conn) => {
                lane.wires[wire] = Wire::open(conn);
                lane.transcript.push(now, wire, Event::Opened, b"");
                self.conns.insert(conn, Owner::Wire(index, wire));
            }
            Err(kind) => lane.wires[wire].state = WireState::Failed(kind),
        }
    }

    fn on_bytes(&mut self, now: Millis, conn: ConnId, bytes: &[u8]) {
        match self.conns.get(conn).copied() {
            Some(Owner::Wire(index, wire)) => {
                let lane = &mut self.lanes[index];
                lane.transcript.push(now, wire, Event::Came, bytes);
                lane.wires[wire].take(now, bytes);
            }
            Some(Owner::Server) if self.scene.program.server.conn == Some(conn) => {
                self.note(now, SERVER, Event::Came, bytes);
                self.scene.program.server.take(now, bytes);
            }
            Some(Owner::Server | Owner::Stranger) | None => {}
        }
    }

    fn on_end(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<Notice>) {
        self.end_conn(now, conn);
        actions.push(Action::Close { conn });
    }

    fn end_conn(&mut self, now: Millis, conn: ConnId) {
        match self.conns.get(conn).copied() {
            Some(Owner::Wire(index, wire)) => self.end_wire(now, index, wire),
            Some(Owner::Server) => {
                let server = &mut self.scene.program.server;
                if server.conn == Some(conn) && server.state == WireState::Open {
                    server.state = WireState::Ended(now);
                    self.note(now, SERVER, Event::ClosedByThem, b"");
                }
            }
            Some(Owner::Stranger) | None => {}
        }
    }

    fn end_wire(&mut self, now: Millis, index: usize, wire: usize) {
        let lane = &mut self.lanes[index];
        if lane.wires[wire].state == WireState::Open {
            lane.wires[wire].state = WireState::Ended(now);
            lane.transcript.push(now, wire, Event::ClosedByThem, b"");
            self.scene.program.closed_at = Some(now);
        }
    }

    /// Ends all lanes that have no finding yet.
    fn give_up(&mut self, now: Millis, why: &Fault, actions: &mut Actions<Notice>) {
        let mut context = LaneContext { now, scene: &mut self.scene, actions };
        for lane in self.lanes.iter_mut().filter(|lane| lane.finding.is_none()) {
            lane.end(Verdict::Untried(why.clone()), &mut context);
        }
        self.begun = self.lanes.len();
    }

    /// Lets every lane take the steps that it can take, and begins new ones.
    fn go(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        let mut wake_at = None;
        loop {
            self.serve_program(now, actions);
            let mut context = LaneContext { now, scene: &mut self.scene, actions };
            for lane in &mut self.lanes[..self.begun] {
                let until = lane.go(&mut context);
                wake_at = wake_at.into_iter().chain(until).min();
            }
            self.look_for_the_end(now, actions);
            match self.begin_next(now) {
                Begin::Now => wake_at = None,
                Begin::At(at) => {
                    wake_at = wake_at.into_iter().chain(at).min();
                    break;
                }
            }
        }
        if self.lanes.iter().all(|lane| lane.finding.is_some()) {
            return self.report(now, actions);
        }
        self.tell_progress(now, actions);
        let answers = self.scene.program.next_deadline().map(|at| at.max(now + 1));
        self.wake_at = wake_at.into_iter().chain(answers).chain([self.progress_at]).min();
    }

    /// Lets the server that is played answer.
    fn serve_program(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        let Scene { program, evidence, is_peer, .. } = &mut self.scene;
        if !*is_peer {
            return;
        }
        if let Some(lane) = self.lanes.get_mut(self.begun.saturating_sub(1)) {
            program.serve(now, evidence, &mut lane.transcript, actions);
        }
    }

    /// Gives up where all further tries are useless.
    fn look_for_the_end(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        let why = self.lanes[..self.begun].iter().find_map(|lane| {
            let verdict = &lane.finding.as_ref()?.verdict;
            let is_bad = matches!(verdict, Verdict::Broken(_)) && lane.rule.stage == Stage::Alone;
            let is_bad = is_bad || lane.found_it_down;
            is_bad.then(|| Fault::new(Seen::Needs).about(lane.rule.id.as_bytes()))
        });
        if let Some(why) = why {
            self.give_up(now, &why, actions);
        }
    }

    fn begin_next(&mut self, now: Millis) -> Begin {
        let Some(next) = self.lanes.get(self.begun) else { return Begin::At(None) };
        let stage = next.rule.stage;
        let is_busy = |lane: &Lane| {
            let is_alone = stage != Stage::Together || lane.rule.stage != stage;
            lane.finding.is_none() && is_alone
        };
        if self.lanes[..self.begun].iter().any(is_busy) {
            return Begin::At(None);
        }
        if now < self.begin_at {
            return Begin::At(Some(self.begin_at));
        }
        self.begin_at = now + STAGGER_MS;
        self.begun += 1;
        Begin::Now
    }

    fn tell_progress(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        if now < self.progress_at {
            return;
        }
        let is_first = self.progress_at == Millis(0);
        self.progress_at = now + PROGRESS_EVERY_MS;
        let done = self.lanes.iter().filter(|lane| lane.finding.is_some()).count();
        let trying = self.lanes[..self.begun].iter().find(|lane| lane.finding.is_none());
        if let Some(lane) = trying.filter(|_| !is_first) {
            let total = self.lanes.len();
            actions.show(Notice::Progress { done, total, rule: lane.rule.id });
        }
    }

    fn report(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        self.is_over = true;
        let reported =
            |rule: &&Rule| self.only.is_empty() || self.only.iter().any(|id| id == rule.id);
        let findings: Vec<_> =
            self.rules.iter().filter(reported).map(|rule| self.finding(rule)).collect();
        let is_broken = |finding: &Finding| matches!(finding.verdict, Verdict::Broken(_));
        let status = if findings.iter().any(is_broken) { STATUS_BROKEN } else { 0 };
        let elapsed_ms = now.since(self.started.unwrap_or(now));
        let edition = self.scene.evidence.edition();
        actions.show(Notice::Report(Report { findings, edition, elapsed_ms }));
        actions.push(Action::Exit { status });
    }

    fn finding(&self, rule: &Rule) -> Finding {
        let tried = self.lanes.iter().find(|lane| lane.rule.id == rule.id);
        match tried.and_then(|lane| lane.finding.clone()) {
            Some(finding) => finding,
            None => self.scene.watched(rule),
        }
    }
}

/// When the next lane begins.
enum Begin {
    Now,
    /// Later, or when the others are over.
    At(Option<Millis>),
}

/// A rule that is only watched needs all the others that take no long time. A rule of one edition
/// needs the rule by which the edition of the program is found out.
fn is_tried(rule: &Rule, rules: &[Rule], only: &[String]) -> bool {
    let named = |rule: &Rule| only.iter().any(|id| id == rule.id);
    let watches = || rules.iter().any(|it| it.stage == Stage::Watched && named(it));
    let is_quick = || !rule.waits() && (rule.stage != Stage::Rough || is_of_peer(rules));
    let finds_edition = || {
        rule.id == lane::EDITION_RULE && rules.iter().any(|it| named(it) && it.edition.is_some())
    };
    let is_wanted = only.is_empty() || named(rule) || (is_quick() && watches()) || finds_edition();
    !rule.steps.is_empty() && is_wanted
}

fn is_of_peer(rules: &[Rule]) -> bool {
    rules.iter().any(|rule| rule.id == lane::EDITION_RULE)
}
