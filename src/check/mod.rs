//! The machine of `papo check`: it plays the other side of a program, and judges by rules whether
//! the program does what the handout says.
//!
//! [`server`] and [`peer`] have the rules, as data. A `lane` tries one of them, and this machine
//! runs the lanes. The sentences of a rule, and the advice for a program that breaks it, are in
//! `console/check`. Must never know a socket, a process, a language.
//!
//! | file | has |
//! | --- | --- |
//! | [`rule`], `step` | what a rule is, and the steps by which it is tried |
//! | [`server`], [`peer`] | the rules of a server, and of a peer |
//! | `lane` | one rule that is being tried |
//! | `wait_steps`, `peer_steps` | the steps that wait, and the steps with a peer under test |
//! | `texts` | names and texts of a rule |
//! | `wires`, `judge` | connections, and the judgement on a line |
//! | `program`, `screen` | the peer under test with its played server, and its screen |
//! | `evidence` | what the lines of all rules show together |
//! | [`transcript`] | the events of a rule, for the report |
//! | [`pairs`] | every program of a class with every other |
//! | [`notice`] | notices for the host |

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "`Lane::take` names every step; other matches look for some kinds of many"
)]

mod evidence;
mod judge;
mod lane;
pub mod notice;
pub mod pairs;
pub mod peer;
mod peer_steps;
mod program;
pub mod rule;
mod screen;
pub mod server;
mod step;
mod texts;
pub mod transcript;
mod wait_steps;
mod wires;

use std::net::SocketAddr;

use crate::conn_map::ConnMap;
use crate::machine::{Action, Actions, ConnId, DialId, Input, ListenerId, Machine, Millis};
use crate::wire::reply::Edition;

use evidence::Evidence;
use lane::{Lane, LaneContext, Shared};
use notice::{Notice, Report};
use program::{Running, TestedProgram};
use rule::{Fault, Finding, Rule, Seen, Stage, Verdict};
use transcript::{Event, SERVER};
use wires::{Wire, WireState};

/// The time between the starts of two lanes. A program may have a short backlog.
const STAGGER_MS: u64 = 25;

/// How often progress is reported.
pub const PROGRESS_EVERY_MS: u64 = 1_000;

/// The exit status where a rule is broken.
pub const STATUS_BROKEN: u8 = 1;

/// The plan of a check of a server.
#[derive(Debug)]
pub struct Plan {
    /// Where the server listens.
    pub target: SocketAddr,
    /// The edition that the program must follow. `None`: either.
    pub edition: Option<Edition>,
    /// The rules to try. Empty: all.
    pub only: Vec<String>,
    /// A random number, so that no other run has the same names.
    pub tag: u16,
}

/// News from the host about the programs that it has started.
#[derive(Debug)]
pub enum Command {
    /// A program has written to its screen.
    Written {
        /// Its index, where there are several.
        program: usize,
        /// The bytes that it has written.
        bytes: Vec<u8>,
    },
    /// A program has ended.
    Ended {
        /// Its index.
        program: usize,
    },
}

/// The first listener of a check of a peer, for the played server. The second is for the people.
pub const SERVER_LISTENER: ListenerId = ListenerId(0);

/// The plan of a check of a peer.
#[derive(Debug)]
pub struct PeerPlan {
    /// Where the played server listens.
    pub listening: SocketAddr,
    /// Where the played people listen. It is another port, so that a call of the wrong one shows.
    pub people: SocketAddr,
    /// The edition that the program must follow. `None`: the one that works.
    pub edition: Option<Edition>,
    /// The rules to try. Empty: all.
    pub only: Vec<String>,
    /// A random number, so that no other run has the same names.
    pub tag: u16,
    /// How many lines a person types to log in.
    pub logins: usize,
    /// A person starts the program and types, and the check does not see its screen.
    pub by_hand: bool,
}

/// The owner of a connection.
#[derive(Clone, Copy, Debug)]
enum Owner {
    /// A wire of a lane.
    Wire(usize, usize),
    /// The program's connection to the played server.
    Server,
    /// A call that no rule expected.
    Stranger,
}

/// A check that is under way.
#[derive(Debug)]
pub struct Check {
    only: Vec<String>,
    rules: &'static [Rule],
    shared: Shared,
    /// One for each rule that is tried, in the order in which they begin.
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
                self.shared.program.screen.write(now, bytes)
            }
            Input::Command(Command::Ended { .. }) => self.shared.program.state = Running::Ended,
            Input::Dialed { dial, result } => self.on_dialed(now, dial, result, actions),
            Input::Bytes { conn, bytes } => self.on_bytes(now, conn, bytes),
            Input::EndOfStream { conn } => {
                self.end_conn(now, conn);
                actions.push(Action::Close { conn });
            }
            Input::Closed { conn, .. } => {
                self.end_conn(now, conn);
                self.conns.remove(conn);
            }
            Input::Stop => self.give_up(now, &Fault::new(Seen::Interrupted), actions),
            _ => {}
        }
        self.go(now, actions);
    }

    fn next_deadline(&self) -> Option<Millis> {
        if self.is_over { None } else { Some(self.wake_at.unwrap_or(Millis(0))) }
    }
}

impl Check {
    /// A check of a server. It begins at the first tick.
    #[must_use]
    pub fn of_server(plan: Plan) -> Self {
        let Plan { target, edition, only, tag } = plan;
        let program = TestedProgram::new(target, target, String::new(), 0, false);
        let evidence = Evidence::default();
        let shared = Shared { target, edition, is_peer: false, program, evidence };
        Self::new(server::RULES, only, tag, shared)
    }

    /// A check of a peer. Its notices tell the host when to start the peer and what to type.
    #[must_use]
    pub fn of_peer(plan: PeerPlan) -> Self {
        let PeerPlan { listening, people, edition, only, tag, logins, by_hand } = plan;
        let name = format!("Zeca{tag:04x}");
        let mut program = TestedProgram::new(listening, people, name, logins, by_hand);
        program.edition = edition.unwrap_or(Edition::Of2024);
        let evidence = Evidence::default();
        let shared = Shared { target: listening, edition, is_peer: true, program, evidence };
        Self::new(peer::RULES, only, tag, shared)
    }

    fn new(rules: &'static [Rule], only: Vec<String>, tag: u16, shared: Shared) -> Self {
        let is_wanted = |rule: &&Rule| is_tried(rule, rules, &only);
        let mut tried: Vec<_> = rules.iter().filter(is_wanted).collect();
        if !shared.is_peer {
            tried.sort_by_key(|rule| (rule.stage as u8, !rule.waits()));
        }
        let tried = tried.into_iter().enumerate();
        let lanes = tried.map(|(index, rule)| Lane::new(rule, index, tag));
        Self {
            rules,
            shared,
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

    /// The index of the lane that began last. In a check of a peer no other lane is at work.
    fn newest(&self) -> usize {
        self.begun.saturating_sub(1)
    }

    /// The program under test has opened a connection.
    fn on_accepted(&mut self, now: Millis, listener: ListenerId, conn: ConnId) {
        let index = self.newest();
        let program = &mut self.shared.program;
        let owner = if listener == SERVER_LISTENER {
            // The program has connected again.
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

    /// Adds an event to the transcript of the rule that is being tried.
    fn note(&mut self, now: Millis, wire: usize, event: Event, bytes: &[u8]) {
        let index = self.newest();
        if let Some(lane) = self.lanes.get_mut(index) {
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
            Some(Owner::Server) if self.shared.program.server.conn == Some(conn) => {
                self.note(now, SERVER, Event::Came, bytes);
                self.shared.program.server.take(now, bytes);
            }
            Some(Owner::Server | Owner::Stranger) | None => {}
        }
    }

    fn end_conn(&mut self, now: Millis, conn: ConnId) {
        match self.conns.get(conn).copied() {
            Some(Owner::Wire(index, wire)) => self.end_wire(now, index, wire),
            Some(Owner::Server) => {
                let server = &mut self.shared.program.server;
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
            self.shared.program.closed_at = Some(now);
        }
    }

    /// Ends all lanes that have no finding yet.
    fn give_up(&mut self, now: Millis, why: &Fault, actions: &mut Actions<Notice>) {
        let mut context = LaneContext { now, shared: &mut self.shared, actions };
        for lane in self.lanes.iter_mut().filter(|lane| lane.finding.is_none()) {
            lane.end(Verdict::Untried(why.clone()), &mut context);
        }
        self.begun = self.lanes.len();
    }

    /// Lets every lane take its steps, and begins new lanes.
    fn go(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        let mut wake_at = None;
        loop {
            self.serve_program(now, actions);
            let mut context = LaneContext { now, shared: &mut self.shared, actions };
            for lane in &mut self.lanes[..self.begun] {
                let until = lane.go(&mut context);
                wake_at = wake_at.into_iter().chain(until).min();
            }
            self.give_up_if_useless(now, actions);
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
        self.show_progress(now, actions);
        let answers = self.shared.program.next_deadline().map(|at| at.max(now + 1));
        self.wake_at = wake_at.into_iter().chain(answers).chain([self.progress_at]).min();
    }

    /// Lets the played server answer.
    fn serve_program(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        let index = self.newest();
        let Shared { program, evidence, is_peer, .. } = &mut self.shared;
        if !*is_peer {
            return;
        }
        if let Some(lane) = self.lanes.get_mut(index) {
            program.serve(now, evidence, &mut lane.transcript, actions);
        }
    }

    /// Gives up if no further rule can be tried.
    fn give_up_if_useless(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        let why = self.lanes[..self.begun].iter().find_map(|lane| {
            let verdict = &lane.finding.as_ref()?.verdict;
            let is_bad = matches!(verdict, Verdict::Broken(_)) && lane.rule.stage == Stage::Alone;
            let is_bad = is_bad || lane.found_program_down();
            is_bad.then(|| Fault::new(Seen::Needs).about(lane.rule.id.as_bytes()))
        });
        if let Some(why) = why {
            self.give_up(now, &why, actions);
        }
    }

    fn begin_next(&mut self, now: Millis) -> Begin {
        let Some(next) = self.lanes.get(self.begun) else { return Begin::At(None) };
        let is_alone = |lane: &Lane| self.shared.is_peer || lane.rule.stage != Stage::Together;
        let is_busy = |lane: &Lane| lane.finding.is_none() && (is_alone(next) || is_alone(lane));
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

    fn show_progress(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        if now < self.progress_at {
            return;
        }
        let is_first = self.progress_at == Millis(0);
        self.progress_at = now + PROGRESS_EVERY_MS;
        let is_done = |lane: &&Lane| lane.finding.is_some() && self.is_reported(lane.rule);
        let done = self.lanes.iter().filter(is_done).count();
        let trying = self.lanes[..self.begun].iter().find(|lane| lane.finding.is_none());
        if let Some(lane) = trying.filter(|_| !is_first) {
            let total = self.rules.iter().filter(|rule| self.is_reported(rule)).count();
            actions.show(Notice::Progress { done, total, rule: lane.rule.id });
        }
    }

    fn report(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        self.is_over = true;
        let reported = self.rules.iter().filter(|rule| self.is_reported(rule));
        let findings: Vec<_> = reported.map(|rule| self.finding(rule)).collect();
        let is_broken = |finding: &Finding| matches!(finding.verdict, Verdict::Broken(_));
        let status = if findings.iter().any(is_broken) { STATUS_BROKEN } else { 0 };
        let elapsed_ms = now.since(self.started.unwrap_or(now));
        let edition = self.shared.evidence.edition();
        actions.show(Notice::Report(Report { findings, edition, elapsed_ms }));
        actions.push(Action::Exit { status });
    }

    fn is_reported(&self, rule: &Rule) -> bool {
        self.only.is_empty() || self.only.iter().any(|id| id == rule.id)
    }

    fn finding(&self, rule: &Rule) -> Finding {
        let tried = self.lanes.iter().find(|lane| lane.rule.id == rule.id);
        match tried.and_then(|lane| lane.finding.clone()) {
            Some(finding) => finding,
            None => self.shared.evidence.finding(rule, self.shared.edition),
        }
    }
}

/// When the next lane begins.
enum Begin {
    Now,
    /// Later, or when the others are over.
    At(Option<Millis>),
}

/// Whether a rule is tried. A rule without steps needs the lines of all rules that are quick and
/// not rough. A rule of one edition needs the rule that finds out the edition.
fn is_tried(rule: &Rule, rules: &[Rule], only: &[String]) -> bool {
    let is_named = |rule: &Rule| only.iter().any(|id| id == rule.id);
    let watches = || rules.iter().any(|it| it.is_watched() && is_named(it));
    let is_quick = || !rule.waits() && rule.stage != Stage::Rough;
    let finds_edition = || {
        rule.id == lane::EDITION_RULE && rules.iter().any(|it| is_named(it) && it.edition.is_some())
    };
    let is_wanted =
        only.is_empty() || is_named(rule) || (is_quick() && watches()) || finds_edition();
    !rule.is_watched() && is_wanted
}
