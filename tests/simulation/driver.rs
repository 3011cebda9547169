//! Runs one machine in the simulated world, by the same rules as the mio loop does in the real
//! one: `papo::event_loop` is the original, this is its double.
//!
//! One call of [`Driver::turn`] is one turn of the loop: accept, typed lines, connections, tick,
//! settle. Nothing about what the lines mean. Read next: [`super::brain`], what is run here, and
//! [`super::watch`], which sees everything that passes.

use papo::machine::{Action, Actions, Input, LineLimit, Machine, Millis, Typed};
use std::collections::VecDeque;

use super::agenda::NodeId;
use super::brain::{Brain, Told};
use super::clock::Clock;
use super::connection::{Connections, Phase};
use super::network::Network;
use super::planted::Bug;
use super::sabotage::Planted;
use super::watch::rule::Rule;
use super::watch::{Violation, Watch};

/// Most connections accepted in one turn.
const ACCEPT_BUDGET: usize = 64;

/// How long a tick that is due waits for the reading to catch up.
const TICK_WAITS_MS_MAX: u64 = 500;

/// A process: one machine, its connections and its clock.
#[derive(Debug)]
pub(crate) struct Driver {
    pub(crate) node: NodeId,
    pub(crate) machine: Planted,
    pub(crate) clock: Clock,
    accept_limit: LineLimit,
    pub(crate) connections: Connections,
    pub(crate) actions: Actions<Told>,
    /// One buffer for all reading.
    pub(crate) scratch: Vec<u8>,
    pub(crate) typed: VecDeque<Typed>,
    stop_asked: bool,
    /// Some source still had something when its budget was used up.
    pub(crate) is_leftover: bool,
    tick_due_since: Option<Millis>,
    turns: usize,
    /// Never reads: a client that lets answers pile up.
    pub(crate) is_deaf: bool,
    pub(crate) exited: Option<u8>,
}

impl Driver {
    pub(crate) fn new(node: NodeId, brain: Brain, bug: Option<Bug>, clock: Clock) -> Self {
        Self {
            node,
            accept_limit: brain.accept_limit(),
            machine: Planted::new(brain, bug),
            clock,
            connections: Connections::default(),
            actions: Actions::default(),
            scratch: Vec::new(),
            typed: VecDeque::new(),
            stop_asked: false,
            is_leftover: false,
            tick_due_since: None,
            turns: 0,
            is_deaf: false,
            exited: None,
        }
    }

    pub(crate) fn ask_to_stop(&mut self) {
        self.stop_asked = true;
    }

    /// One turn, and the plan for the next.
    pub(crate) fn turn(&mut self, network: &mut Network, watch: &mut Watch) {
        watch.on_turn(self.node, network.agenda.now);
        self.is_leftover = false;
        self.turns += 1;
        if self.machine.bug() == Some(Bug::TimersBeforeReading) {
            self.tick(network, watch);
        }
        if std::mem::take(&mut self.stop_asked) {
            self.feed(Input::Stop, network, watch);
        }
        // Events come in no particular order.
        for place in 0..self.connections.slots() {
            self.serve((place + self.turns) % self.connections.slots(), network, watch);
        }
        self.accept(network, watch);
        self.type_lines(network, watch);
        self.tick(network, watch);
        self.settle(network, watch);
        // What has settled may be what typed lines waited for.
        while self.type_lines(network, watch) {
            self.settle(network, watch);
        }
        if self.exited.is_some() {
            self.kill(network, watch);
        }
        self.plan(network);
        watch.after_turn(self.node, self.clock.show(network.agenda.now), &self.machine);
    }

    /// The process is gone: its kernel closes what it had open.
    pub(crate) fn kill(&mut self, network: &mut Network, watch: &mut Watch) {
        self.exited.get_or_insert(137);
        network.stop_listening(self.node);
        for slot in 0..self.connections.slots() {
            if let Some(connection) = self.connections.remove(slot) {
                watch.on_killed(self.node, connection.id);
                network.close(connection.sock);
            }
        }
    }

    /// How late a tick may come because reading has to catch up.
    pub(crate) fn late_ms_max(&self) -> u64 {
        if self.is_leftover { TICK_WAITS_MS_MAX } else { 0 }
    }

    fn plan(&mut self, network: &mut Network) {
        if self.exited.is_some() {
            return;
        }
        let now = network.agenda.now;
        if self.is_leftover || self.stop_asked {
            network.agenda.wake(self.node, now + 1);
        } else if let Some(deadline) = self.machine.next_deadline() {
            network.agenda.wake(self.node, self.clock.when(deadline));
        }
    }

    fn accept(&mut self, network: &mut Network, watch: &mut Watch) {
        for _ in 0..ACCEPT_BUDGET {
            let Some(sock) = network.accept(self.node) else { return };
            let conn = self.connections.insert(sock, self.accept_limit, Phase::Open);
            watch.on_open(self.node, conn, sock, self.accept_limit);
            let link = &network.links[sock.link];
            let (from, reached) = (link.from, link.reached);
            self.feed(
                Input::Accepted { listener: papo::machine::ListenerId(0), conn, from, reached },
                network,
                watch,
            );
        }
        self.is_leftover = true;
    }

    /// Hands over typed lines for as long as the machine wants them. Says whether there was any.
    fn type_lines(&mut self, network: &mut Network, watch: &mut Watch) -> bool {
        let mut any = false;
        while self.exited.is_none() && self.machine.accepts_command() {
            match self.typed.pop_front() {
                Some(typed) => self.feed(Input::Command(&typed), network, watch),
                None => break,
            }
            any = true;
        }
        any
    }

    /// After all reading, so that whoever speaks in time is heard; but not put off for ever.
    fn tick(&mut self, network: &mut Network, watch: &mut Watch) {
        let now = self.clock.show(network.agenda.now);
        if self.machine.next_deadline().is_none_or(|deadline| deadline > now) {
            self.tick_due_since = None;
            return;
        }
        let since = *self.tick_due_since.get_or_insert(now);
        if self.is_leftover && now.since(since) < TICK_WAITS_MS_MAX {
            return;
        }
        self.tick_due_since = None;
        self.feed(Input::Tick, network, watch);
        let next = self.machine.next_deadline();
        if self.exited.is_none() && next.is_some_and(|next| next <= now) {
            let found = format!("after a tick at {now:?} the next deadline is {next:?}");
            watch.fail(Violation::new(Rule::TickMovesTheDeadline, found));
        }
    }

    /// The one way into the machine, and out of it.
    pub(crate) fn feed(
        &mut self,
        input: Input<'_, Typed>,
        network: &mut Network,
        watch: &mut Watch,
    ) {
        self.hand(input, network, watch);
        while let Some(action) = self.actions.pop() {
            let now = self.clock.show(network.agenda.now);
            self.tell_unread(&action, network, watch);
            watch.on_action(self.node, now, &action, &self.actions);
            self.perform(action, network, watch);
        }
        watch.after_input(self.node, &self.machine);
    }

    /// Whom the machine cuts off while something that it said is still to be read.
    fn tell_unread(&mut self, action: &Action<Told>, network: &Network, watch: &mut Watch) {
        if let Action::Abort { conn } = *action
            && let Some(connection) = self.connections.get(conn)
            && connection.phase == Phase::Open
            && !connection.ended
            && !connection.is_throttled()
            && network.is_readable(connection.sock)
            && !self.is_leftover
        {
            watch.on_unread(self.node, conn);
        }
    }

    /// As [`Driver::feed`], from within an action: what the machine wants now comes behind what
    /// it wanted before.
    pub(crate) fn hand(&mut self, input: Input<'_, Typed>, network: &Network, watch: &mut Watch) {
        let now = self.clock.show(network.agenda.now);
        watch.on_input(self.node, now, &input);
        self.machine.handle(now, input, &mut self.actions);
    }
}
