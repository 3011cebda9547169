//! A server of this world: the program's machine, and the bugs that are planted between it and
//! its loop.

use std::convert::Infallible;
use std::io::ErrorKind;

use papo::cluster::Clustered;
use papo::cluster::notice::Notice;
use papo::machine::{Actions, Input, Machine, Millis};

use super::rules::Bug;

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) machine: Clustered,
    bug: Option<Bug>,
    had_lease: bool,
}

impl Server {
    pub(crate) fn new(machine: Clustered, bug: Option<Bug>) -> Self {
        Self { machine, bug, had_lease: false }
    }
}

impl Machine for Server {
    type Notice = Notice;
    type Command = Infallible;

    fn handle(&mut self, now: Millis, input: Input<'_, Infallible>, actions: &mut Actions<Notice>) {
        let has_lease = self.machine.sharing().has_lease;
        self.had_lease |= has_lease;
        let input = match (self.bug, input) {
            (Some(Bug::NeverReturns), Input::Dialed { dial, result: Ok(_) })
                if self.had_lease && !has_lease =>
            {
                Input::Dialed { dial, result: Err(ErrorKind::ConnectionRefused) }
            }
            (Some(Bug::ListWaits), Input::Line { line: b"LIST", .. }) if !has_lease => return,
            (_, input) => input,
        };
        self.machine.handle(now, input, actions);
    }

    fn next_deadline(&self) -> Option<Millis> {
        self.machine.next_deadline()
    }
}
