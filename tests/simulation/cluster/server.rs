//! A server of this world: the machine of the program, and around it the mistakes that are planted
//! between it and the loop.

use std::convert::Infallible;
use std::io::ErrorKind;

use papo::cluster::Clustered;
use papo::cluster::notice::Notice;
use papo::machine::{Action, Actions, Input, Machine, Millis};

use super::rules::Bug;

/// A server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) machine: Clustered,
    bug: Option<Bug>,
    /// It has had a lease.
    was_in: bool,
    /// And lost it.
    was_out: bool,
}

impl Server {
    pub(crate) fn new(machine: Clustered, bug: Option<Bug>) -> Self {
        Self { machine, bug, was_in: false, was_out: false }
    }
}

impl Machine for Server {
    type Notice = Notice;
    type Command = Infallible;

    fn handle(&mut self, now: Millis, input: Input<'_, Infallible>, actions: &mut Actions<Notice>) {
        let is_in = self.machine.sharing().has_lease;
        self.was_in |= is_in;
        self.was_out |= self.was_in && !is_in;
        let input = match (self.bug, input) {
            (Some(Bug::NeverReturns), Input::Dialed { dial, result: Ok(_) })
                if self.was_in && !is_in =>
            {
                Input::Dialed { dial, result: Err(ErrorKind::ConnectionRefused) }
            }
            (Some(Bug::ListsWait), Input::Line { line: b"LIST", .. }) if !is_in => return,
            (Some(Bug::ShutsOut), Input::Line { conn, line, .. })
                if self.was_in && self.was_out && line.starts_with(b"USER p0") =>
            {
                actions.push(Action::Abort { conn });
                return;
            }
            (_, input) => input,
        };
        self.machine.handle(now, input, actions);
    }

    fn next_deadline(&self) -> Option<Millis> {
        self.machine.next_deadline()
    }
}
