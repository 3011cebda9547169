//! One process: the program's own event loop on the model of an operating system.
//!
//! Its host is the caller's. Between two turns the process sleeps, and the world goes on. Read
//! next: [`super::kernel`].

use papo::event_loop::EventLoop;
use papo::event_loop::recorder::{Recorder, Unrecorded};
use papo::machine::{Framing, Machine};

use super::kernel::{SimListener, SimOs};
use super::network::Network;

pub(crate) struct Process<M: Machine, R: Recorder<M> = Unrecorded, const EMPTIES: bool = true> {
    pub(crate) event_loop: EventLoop<M, SimOs<EMPTIES>, R>,
    /// A signal asks the process to end in its next turn.
    pub(crate) stop_asked: bool,
    pub(crate) exited: Option<u8>,
}

impl<M: Machine, R: Recorder<M>, const EMPTIES: bool> Process<M, R, EMPTIES> {
    /// It starts, and listens.
    pub(crate) fn new(os: SimOs<EMPTIES>, machine: M, framing: Framing, recorder: R) -> Self {
        let mut event_loop = EventLoop::recorded_on(os, machine, recorder);
        event_loop.listen(SimListener, framing).expect("the model accepts every listener");
        Self { event_loop, stop_asked: false, exited: None }
    }

    /// One turn of the loop, then the work of its `host`, then the plan for the next turn.
    pub(crate) fn turn(
        &mut self,
        network: &mut Box<Network>,
        host: impl FnOnce(&mut EventLoop<M, SimOs<EMPTIES>, R>, Option<u8>),
    ) {
        let event_loop = &mut self.event_loop;
        std::mem::swap(network, &mut event_loop.os().network);
        self.exited = event_loop.turn(None).expect("the model's poll does not fail").exit;
        if std::mem::take(&mut self.stop_asked) {
            event_loop.stop();
        }
        host(event_loop, self.exited);
        if self.exited.is_none() {
            let timeout = event_loop.timeout();
            event_loop.os().plan_turn(timeout);
        }
        std::mem::swap(network, &mut event_loop.os().network);
        if self.exited.is_some() {
            self.kill(network);
        }
    }

    /// The process ends, and its kernel closes all sockets.
    pub(crate) fn kill(&mut self, network: &mut Network) {
        self.event_loop.os().kill(network);
    }
}
