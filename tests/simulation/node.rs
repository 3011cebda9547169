//! A process and its host, as the world of one server has them.
//!
//! The host does what `papo peer` does around a turn: it hands over typed lines when the machine
//! accepts them, and takes the notices. The watchers see everything. Read next: [`super::process`]
//! and [`super::logged`].

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use papo::event_loop::recorder::HostStep;
use papo::event_loop::{EventLoop, TICK_WAITS_MS_MAX};
use papo::machine::{Framing, Typed};

use super::any_machine::AnyMachine;
use super::clock::Clock;
use super::kernel::SimOs;
use super::logged::{LogEntry, LoggedMachine};
use super::network::Network;
use super::planted::{Bug, PlantedMachine};
use super::process::Process;
use super::recorded::SimRecorder;
use super::schedule::NodeId;
use super::watch::Watch;

type Loop<const EMPTIES: bool> = EventLoop<LoggedMachine, SimOs<EMPTIES>, SimRecorder>;

pub(crate) struct Node<const EMPTIES: bool> {
    id: NodeId,
    pub(crate) process: Process<LoggedMachine, SimRecorder, EMPTIES>,
    log: Receiver<LogEntry>,
    pub(crate) typed: VecDeque<Typed>,
    /// A change of the host's output that the loop must learn of: it is full, or not any more.
    pub(crate) output_full: Option<bool>,
}

impl<const EMPTIES: bool> Node<EMPTIES> {
    /// It starts. `now`: by the world's time.
    pub(crate) fn new(
        id: NodeId,
        machine: AnyMachine,
        bug: Option<Bug>,
        (clock, now): (Clock, u64),
        recorder: SimRecorder,
    ) -> Self {
        let (writer, log) = channel();
        let framing = Framing::Lines(machine.accept_limit());
        let os = SimOs::new(id, clock, now, writer.clone());
        let machine = LoggedMachine::new(PlantedMachine::new(machine, bug), writer);
        let process = Process::new(os, machine, framing, recorder);
        Self { id, process, log, typed: VecDeque::new(), output_full: None }
    }

    /// One turn of the loop and its host.
    pub(crate) fn turn(&mut self, network: &mut Box<Network>, watch: &mut Watch) {
        let id = self.id;
        watch.on_turn(id, network.schedule.now);
        self.process.turn(network, |event_loop, exit| {
            if let Some(full) = self.output_full.take() {
                event_loop.output_full(full);
            }
            hand_over(&mut self.typed, event_loop);
            let shown = event_loop.notices().count();
            self.log.try_iter().for_each(|seen| watch.see(id, seen));
            watch.on_shown(id, shown);
            if exit.is_none() {
                watch_sleep(id, event_loop, watch);
            }
            let now = event_loop.now();
            watch.after_turn(id, now, event_loop.machine().planted());
        });
    }

    /// The recording of this process, which has no more turns.
    pub(crate) fn take_recording(&mut self) -> Option<Vec<u8>> {
        self.process.event_loop.end_recording();
        self.process.event_loop.recorder().as_mut().map(|it| std::mem::take(it.sink()))
    }

    /// Reports what has happened since the last time to the watchers.
    pub(crate) fn read_log(&self, watch: &mut Watch) {
        self.log.try_iter().for_each(|seen| watch.see(self.id, seen));
    }

    pub(crate) fn os(&mut self) -> &mut SimOs<EMPTIES> {
        self.process.event_loop.os()
    }

    /// How late a tick may come just now.
    pub(crate) fn late_ms_max(&self) -> u64 {
        let is_behind = self.process.event_loop.timeout() == Some(Duration::ZERO);
        if is_behind { TICK_WAITS_MS_MAX } else { 0 }
    }
}

/// Hands over typed lines while the machine accepts them.
fn hand_over<const EMPTIES: bool>(typed: &mut VecDeque<Typed>, event_loop: &mut Loop<EMPTIES>) {
    while event_loop.accepts_command()
        && let Some(typed) = typed.pop_front()
    {
        if let Typed::Line(line) = &typed {
            event_loop.record(HostStep::Typed(line));
        }
        event_loop.command(&typed);
    }
}

/// Has the watchers check what the loop leaves behind when it goes to sleep.
fn watch_sleep<const EMPTIES: bool>(id: NodeId, event_loop: &mut Loop<EMPTIES>, watch: &mut Watch) {
    let timeout = event_loop.timeout();
    if timeout == Some(Duration::ZERO) {
        return;
    }
    let os = event_loop.os();
    for (conn, sock) in os.watched() {
        watch.on_sleep(id, conn, os.reported(sock));
    }
    watch.on_listener_sleep(timeout, os.has_reported_callers());
}
