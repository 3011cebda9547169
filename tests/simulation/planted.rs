//! Planted bugs: a test plants each one and asserts that the watchers report the rule beside it.
//!
//! Each is a mistake that somebody could make in a machine, or between a machine and its loop.
//! Together they cover every watcher and every call between loop and machine. A bug of the loop
//! itself is a patch of the program: `tests/traps`. Read next: [`super::watch`].

use papo::machine::{Action, Actions, CloseReason, Input, Machine, Millis, Typed};
use papo::peer::notice::Notice;
use papo::peer::server::SERVER_DIAL;

use super::brain::{Brain, Told, bytes_of, pass_on};
use super::watch::rule::Rule;

/// A mistake.
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
    /// One text in ten is not sent.
    TextDropped,
    /// KEEP is not sent.
    KeepDropped,
    /// One lost line is not counted.
    LossUnderstated,
}

/// Each bug, and a rule that it breaks.
pub(crate) const PLANTED: [(Bug, Rule); 14] = [
    (Bug::ClosedTwice, Rule::ClosedOnce),
    (Bug::SentTwice, Rule::BytesArriveAsSaid),
    (Bug::CommandTooEarly, Rule::CallsEndBeforeTheNextLine),
    (Bug::DeadlineIsNow, Rule::TickMovesTheDeadline),
    (Bug::WakesTooOften, Rule::WhoHasNothingToDoSleeps),
    (Bug::EmptyListWithoutSpace, Rule::RepliesAreDue),
    (Bug::BreakIgnored, Rule::RosterIsWhoIsThere),
    (Bug::BreakIgnored, Rule::ScreenShowsWhatHappened),
    (Bug::ReplyToTarget, Rule::RepliesGoToWhoWroteLast),
    (Bug::CallsWrongPort, Rule::CallsGoToWhoWasAskedFor),
    (Bug::TextDropped, Rule::TypedIsSaid),
    (Bug::KeepDropped, Rule::KeepComesInTime),
    (Bug::LossUnderstated, Rule::LostLinesAreTold),
    (Bug::LossUnderstated, Rule::LossesAreCounted),
];

/// A machine that may have a bug.
#[derive(Debug)]
pub(crate) struct Planted {
    brain: Brain,
    bug: Option<Bug>,
    now: Millis,
}

impl Planted {
    pub(crate) fn new(brain: Brain, bug: Option<Bug>) -> Self {
        Self { brain, bug, now: Millis(0) }
    }

    pub(crate) fn brain(&self) -> &Brain {
        &self.brain
    }

    /// How often the loop hands over this input.
    pub(crate) fn input_count(&self, input: &Input<'_, Typed>) -> usize {
        let is_closed = matches!(input, Input::Closed { .. });
        if self.bug == Some(Bug::ClosedTwice) && is_closed { 2 } else { 1 }
    }

    /// How often the loop performs this action.
    pub(crate) fn action_count(&self, action: &Action<Told>) -> usize {
        let is_send = matches!(action, Action::Send { .. });
        if self.bug == Some(Bug::SentTwice) && is_send { 2 } else { 1 }
    }

    /// The action that the machine with the bug wants. `None`: nothing.
    fn change(
        &self,
        bug: Bug,
        action: Action<Told>,
        bytes: &[u8],
        actions: &mut Actions<Told>,
    ) -> Option<Action<Told>> {
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
                Action::Show(Told::Peer(Notice::Undelivered { who, lines })),
            ) => Some(Action::Show(Told::Peer(Notice::Undelivered { who, lines: lines - 1 }))),
            (_, action) => Some(action),
        }
    }
}

/// The text that the machine with the bug takes for the typed line.
fn misread(input: &Input<'_, Typed>) -> Option<Typed> {
    let Input::Command(Typed::Line(line)) = input else { return None };
    line.strip_prefix(b"/reply ").map(|text| Typed::Line(text.to_vec()))
}

impl Machine for Planted {
    type Notice = Told;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Told>) {
        self.now = now;
        let Some(bug) = self.bug.filter(|_| !matches!(self.brain, Brain::Script(_))) else {
            return self.brain.handle(now, input, actions);
        };
        let is_break = matches!(input, Input::Closed { reason: CloseReason::Failed(_), .. });
        if bug == Bug::BreakIgnored && is_break {
            return;
        }
        let misread = misread(&input).filter(|_| bug == Bug::ReplyToTarget);
        let input = misread.as_ref().map_or(input, Input::Command);
        let mut wanted = Actions::default();
        self.brain.handle(now, input, &mut wanted);
        while let Some(action) = wanted.pop() {
            let bytes = bytes_of(&action, &wanted);
            if let Some(action) = self.change(bug, action, bytes, actions) {
                pass_on(&action, bytes, &mut |told| told, actions);
            }
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        let next = self.brain.next_deadline();
        match (&self.brain, self.bug) {
            (Brain::Peer(..), Some(Bug::WakesTooOften)) => next.map(|it| it.min(self.now + 50)),
            (Brain::Peer(..), Some(Bug::DeadlineIsNow)) => Some(self.now),
            _ => next,
        }
    }

    fn accepts_command(&self) -> bool {
        self.bug == Some(Bug::CommandTooEarly) || self.brain.accepts_command()
    }
}
