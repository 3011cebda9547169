//! One process: the program's own event loop on a made-up operating system, and its host.
//!
//! The host does what `papo peer` does around a turn: it hands over typed lines when they are
//! wanted, and takes what is to be shown. Between two turns the process sleeps, and the world
//! goes on. Read next: [`super::kernel`] and [`super::witness`], the two ends of the loop.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use papo::event_loop::EventLoop;
use papo::event_loop::os::Os;
use papo::event_loop::recorder::HostStep;
use papo::machine::{Framing, Millis, Typed};

use super::agenda::NodeId;
use super::brain::Brain;
use super::clock::Clock;
use super::kernel::{SimListener, SimOs};
use super::network::Network;
use super::planted::Bug;
use super::recorded::SimRecorder;
use super::sabotage::Planted;
use super::watch::Watch;
use super::witness::{Seen, Witness};

/// How late a tick may come because reading has to catch up.
const TICK_WAITS_MS_MAX: u64 = papo::event_loop::TICK_WAITS_MS_MAX;

/// A process.
pub(crate) struct Node<const EMPTIES: bool> {
    id: NodeId,
    event_loop: EventLoop<Witness, SimOs<EMPTIES>, SimRecorder>,
    diary: Receiver<Seen>,
    pub(crate) typed: VecDeque<Typed>,
    pub(crate) stop_asked: bool,
    /// The host's output takes nothing more, or takes again: to be told.
    pub(crate) output_full: Option<bool>,
    pub(crate) exited: Option<u8>,
}

impl<const EMPTIES: bool> Node<EMPTIES> {
    /// It starts. `now`: by the world's time.
    pub(crate) fn new(
        id: NodeId,
        brain: Brain,
        bug: Option<Bug>,
        (clock, now): (Clock, u64),
        recorder: SimRecorder,
    ) -> Self {
        let (writer, diary) = channel();
        let framing = Framing::Lines(brain.accept_limit());
        let os = SimOs::new(id, clock, now, writer.clone());
        let machine = Witness::new(Planted::new(brain, bug), writer);
        let mut event_loop = EventLoop::recorded_on(os, machine, recorder);
        event_loop.listen(SimListener, framing).expect("a made-up poller takes everything");
        Self {
            id,
            event_loop,
            diary,
            typed: VecDeque::new(),
            stop_asked: false,
            output_full: None,
            exited: None,
        }
    }

    /// One turn of the loop, what its host does around it, and the plan for the next.
    pub(crate) fn turn(&mut self, network: &mut Box<Network>, watch: &mut Watch) {
        watch.on_turn(self.id, network.agenda.now);
        std::mem::swap(network, &mut self.os().network);
        let turn = self.event_loop.turn(None).expect("a made-up poller does not fail");
        self.host();
        let shown = self.event_loop.notices().count();
        self.read_diary(watch);
        watch.on_shown(self.id, shown);
        self.exited = turn.exit;
        if self.exited.is_none() {
            self.watch_sleep(watch);
            let timeout = self.event_loop.timeout();
            self.event_loop.os().plan_turn(timeout);
        }
        watch.after_turn(self.id, self.now(), self.event_loop.machine().planted());
        std::mem::swap(network, &mut self.os().network);
        if self.exited.is_some() {
            self.kill(network);
        }
    }

    /// The process is gone: its kernel closes what it had open.
    pub(crate) fn kill(&mut self, network: &mut Network) {
        self.event_loop.os().kill(network);
    }

    /// The recording of this process, which has no more turns to come.
    pub(crate) fn take_recording(&mut self) -> Option<Vec<u8>> {
        self.event_loop.end_recording();
        self.event_loop.recorder().as_mut().map(|recorder| std::mem::take(recorder.sink()))
    }

    /// Tells the watchers what has happened since the last time.
    pub(crate) fn read_diary(&self, watch: &mut Watch) {
        self.diary.try_iter().for_each(|seen| watch.see(self.id, seen));
    }

    pub(crate) fn os(&mut self) -> &mut SimOs<EMPTIES> {
        self.event_loop.os()
    }

    /// How late a tick may come just now.
    pub(crate) fn late_ms_max(&self) -> u64 {
        let is_behind = self.event_loop.timeout() == Some(Duration::ZERO);
        if is_behind { TICK_WAITS_MS_MAX } else { 0 }
    }

    fn now(&mut self) -> Millis {
        self.os().now()
    }

    /// Hands over the host's commands, and typed lines for as long as the machine wants them.
    fn host(&mut self) {
        if std::mem::take(&mut self.stop_asked) {
            self.event_loop.stop();
        }
        if let Some(full) = self.output_full.take() {
            self.event_loop.output_full(full);
        }
        while self.event_loop.accepts_command() {
            match self.typed.pop_front() {
                Some(typed) => {
                    if let Typed::Line(line) = &typed {
                        self.event_loop.record(HostStep::Typed(line));
                    }
                    self.event_loop.command(&typed);
                }
                None => return,
            }
        }
    }

    /// Has the watchers look at what the loop leaves behind when it goes to sleep.
    fn watch_sleep(&mut self, watch: &mut Watch) {
        let timeout = self.event_loop.timeout();
        if timeout == Some(Duration::ZERO) {
            return;
        }
        let os = self.event_loop.os();
        for (conn, sock) in os.watched() {
            watch.on_sleep(self.id, conn, os.told(sock));
        }
        watch.on_listener_sleep(self.id, timeout, os.has_told_of_callers());
    }
}
