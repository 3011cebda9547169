//! Planted bugs: a test plants each one and asserts that the watchers report the rule beside it.
//!
//! Each is a mistake that somebody could make in a machine, or between a machine and its loop.
//! Together they cover every watcher and every call between loop and machine. A bug of the loop
//! itself is a patch of the program: `tests/traps`. Read next: [`super::watch`].

use papo::machine::{Action, Actions, CloseReason, Input, Machine, Millis, Typed};
use papo::peer::notice::Notice;
use papo::peer::server::SERVER_DIAL;

use super::any_machine::{AnyMachine, AnyNotice, bytes_of, pass_on};
use super::watch::rule::Rule;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Bug {
    // Between the loop and the machine.
    /// The end of a connection is reported twice.
    ClosedTwice,
    /// Each sent text leaves twice.
    SentTwice,
    /// The next typed line is handed over before the machine accepts it.
    CommandTooEarly,
    /// The deadline of a peer is always now.
    DeadlineIsNow,
    /// A peer wants to wake up twenty times a second.
    WakesTooOften,
    // In the server.
    /// The server sends `LIST` without its space to a client that is alone.
    EmptyListWithoutSpace,
    // In server and peers.
    /// A broken connection is not noticed.
    BreakIgnored,
    // In the peer.
    /// A reply goes to the target.
    ReplyToTarget,
    /// A call goes to the port beside the right one.
    CallsWrongPort,
    /// Some texts are not sent.
    TextDropped,
    /// KEEP is not sent.
    KeepDropped,
    /// One lost line is not counted.
    LossUnderstated,
}

/// Each bug, and a rule that it breaks.
pub(crate) const PLANTED: [(Bug, Rule); 14] = [
    (Bug::ClosedTwice, Rule::ClosedOnce),
    (Bug::SentTwice, Rule::BytesInOrder),
    (Bug::CommandTooEarly, Rule::CallEndsBeforeNextLine),
    (Bug::DeadlineIsNow, Rule::TickMovesDeadline),
    (Bug::WakesTooOften, Rule::IdleProcessSleeps),
    (Bug::EmptyListWithoutSpace, Rule::RepliesMatchRequests),
    (Bug::BreakIgnored, Rule::RosterMatchesClients),
    (Bug::BreakIgnored, Rule::ScreenMatchesEvents),
    (Bug::ReplyToTarget, Rule::ReplyToLastWriter),
    (Bug::CallsWrongPort, Rule::CallToWantedPerson),
    (Bug::TextDropped, Rule::TypedTextSent),
    (Bug::KeepDropped, Rule::KeepInTime),
    (Bug::LossUnderstated, Rule::UnsentLinesReported),
    (Bug::LossUnderstated, Rule::LostLinesCounted),
];

/// A machine that may have a bug.
#[derive(Debug)]
pub(crate) struct PlantedMachine {
    machine: AnyMachine,
    bug: Option<Bug>,
    now: Millis,
}

impl PlantedMachine {
    pub(crate) fn new(machine: AnyMachine, bug: Option<Bug>) -> Self {
        Self { machine, bug, now: Millis(0) }
    }

    pub(crate) fn machine(&self) -> &AnyMachine {
        &self.machine
    }

    /// How often the loop hands over this input.
    pub(crate) fn input_count(&self, input: &Input<'_, Typed>) -> usize {
        let is_closed = matches!(input, Input::Closed { .. });
        if self.bug == Some(Bug::ClosedTwice) && is_closed { 2 } else { 1 }
    }

    /// How often the loop performs this action.
    pub(crate) fn action_count(&self, action: &Action<AnyNotice>) -> usize {
        let is_send = matches!(action, Action::Send { .. });
        if self.bug == Some(Bug::SentTwice) && is_send { 2 } else { 1 }
    }

    /// The action that the machine with the bug wants. `None`: nothing.
    fn change(
        &self,
        bug: Bug,
        action: Action<AnyNotice>,
        bytes: &[u8],
        actions: &mut Actions<AnyNotice>,
    ) -> Option<Action<AnyNotice>> {
        match (bug, action) {
            (Bug::EmptyListWithoutSpace, Action::SendShared { conn, shared })
                if shared.bytes.len() - shared.skip.len() == b"LIST \r\n".len() =>
            {
                actions.send(conn, |out| out.extend_from_slice(b"LIST\r\n"));
                None
            }
            (Bug::CallsWrongPort, Action::Dial { dial, mut to, framing, give_up })
                if dial != SERVER_DIAL =>
            {
                to.set_port(to.port() ^ 1);
                Some(Action::Dial { dial, to, framing, give_up })
            }
            (Bug::KeepDropped, Action::Send { .. }) if bytes == b"KEEP\r\n" => None,
            // The workload numbers its texts.
            (Bug::TextDropped, Action::Send { .. }) if bytes.ends_with(b"7\r\n") => None,
            (
                Bug::LossUnderstated,
                Action::Show(AnyNotice::Peer(Notice::Undelivered { who, lines })),
            ) => Some(Action::Show(AnyNotice::Peer(Notice::Undelivered { who, lines: lines - 1 }))),
            (_, action) => Some(action),
        }
    }
}

/// The text that the machine with the bug takes for the typed line.
fn misread(input: &Input<'_, Typed>) -> Option<Typed> {
    let Input::Command(Typed::Line(line)) = input else { return None };
    line.strip_prefix(b"/reply ").map(|text| Typed::Line(text.to_vec()))
}

impl Machine for PlantedMachine {
    type Notice = AnyNotice;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<AnyNotice>) {
        self.now = now;
        let Some(bug) = self.bug.filter(|_| !matches!(self.machine, AnyMachine::Script(_))) else {
            return self.machine.handle(now, input, actions);
        };
        let is_break = matches!(input, Input::Closed { reason: CloseReason::Failed(_), .. });
        if bug == Bug::BreakIgnored && is_break {
            return;
        }
        let misread = misread(&input).filter(|_| bug == Bug::ReplyToTarget);
        let input = misread.as_ref().map_or(input, Input::Command);
        let mut wanted = Actions::default();
        self.machine.handle(now, input, &mut wanted);
        while let Some(action) = wanted.pop() {
            let bytes = bytes_of(&action, &wanted);
            if let Some(action) = self.change(bug, action, bytes, actions) {
                pass_on(&action, bytes, &mut |told| told, actions);
            }
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        let next = self.machine.next_deadline();
        match (&self.machine, self.bug) {
            (AnyMachine::Peer(..), Some(Bug::WakesTooOften)) => {
                next.map(|it| it.min(self.now + 50))
            }
            (AnyMachine::Peer(..), Some(Bug::DeadlineIsNow)) => Some(self.now),
            _ => next,
        }
    }

    fn accepts_command(&self) -> bool {
        self.bug == Some(Bug::CommandTooEarly) || self.machine.accepts_command()
    }
}
