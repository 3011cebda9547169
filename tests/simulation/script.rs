//! A machine that follows a script: the clients that are not papo.
//!
//! It dials, sends bytes, waits and closes, in any order, and it answers callers as other people's
//! programs do. Read next: [`super::strangers`], which writes the scripts.

use std::collections::VecDeque;
use std::net::SocketAddr;

use papo::machine::{
    Action, Actions, ConnId, DialId, Framing, Input, LineLimit, Machine, Millis, Typed,
};

use super::any_machine::AnyNotice;

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Dial(SocketAddr),
    Send(Vec<u8>),
    Pause(u64),
    StopReading,
    ResumeReading,
    HalfClose,
    Close,
    Abort,
}

/// How it treats its callers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Manner {
    /// The end of its texts: CR LF, LF or nothing.
    pub(crate) line_end: &'static [u8],
    /// It answers each line.
    pub(crate) answers: bool,
    /// It closes after the other side's DISC. Some programs never do.
    pub(crate) closes: bool,
    /// It never reads from its callers.
    pub(crate) reads_nothing: bool,
}

/// A script and its position.
#[derive(Debug, Default)]
pub(crate) struct Script {
    steps: VecDeque<Step>,
    manner: Manner,
    /// The connection that it opened last.
    conn: Option<ConnId>,
    /// The connection that closed last. It sends there, too: a loop must ignore that.
    last_closed: Option<ConnId>,
    is_dialing: bool,
    dials: u32,
    next_at: Option<Millis>,
}

impl Script {
    pub(crate) fn new(steps: Vec<Step>, manner: Manner) -> Self {
        let (steps, next_at) = (steps.into(), Some(Millis(0)));
        Self { steps, manner, next_at, ..Self::default() }
    }

    fn run_steps(&mut self, now: Millis, actions: &mut Actions<AnyNotice>) {
        while !self.is_dialing && self.next_at.is_none() {
            match (self.steps.pop_front(), self.conn) {
                (None, _) => return,
                (Some(Step::Dial(to)), _) => self.dial(to, actions),
                (Some(Step::Pause(pause_ms)), _) => self.next_at = Some(now + pause_ms.max(1)),
                (Some(Step::Send(bytes)), Some(conn)) => {
                    actions.send(conn, |out| out.extend_from_slice(&bytes));
                }
                (Some(Step::StopReading), Some(conn)) => actions.push(Action::Pause { conn }),
                (Some(Step::ResumeReading), Some(conn)) => actions.push(Action::Resume { conn }),
                (Some(Step::HalfClose), Some(conn)) => actions.push(Action::HalfClose { conn }),
                (Some(Step::Close), Some(conn)) => actions.push(Action::Close { conn }),
                (Some(Step::Abort), Some(conn)) => actions.push(Action::Abort { conn }),
                (Some(_), None) => {}
            }
        }
    }

    fn dial(&mut self, to: SocketAddr, actions: &mut Actions<AnyNotice>) {
        self.dials += 1;
        self.is_dialing = true;
        let limit = LineLimit { keep: 1 << 22, close: 1 << 22 };
        actions.push(Action::Dial {
            dial: DialId(self.dials),
            to,
            framing: Framing::Lines(limit),
            give_up: papo::machine::GIVE_UP,
        });
    }

    fn on_line(&self, conn: ConnId, line: &[u8], actions: &mut Actions<AnyNotice>) {
        if Some(conn) == self.conn {
            return;
        }
        if line == b"DISC" && self.manner.closes {
            actions.push(Action::Close { conn });
        } else if line != b"DISC" && self.manner.answers {
            actions.send(conn, |out| {
                out.extend_from_slice(b"sei...");
                out.extend_from_slice(self.manner.line_end);
            });
        }
    }
}

impl Machine for Script {
    type Notice = AnyNotice;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<AnyNotice>) {
        if let Input::Closed { conn, .. } = input {
            self.last_closed = Some(conn);
        }
        match input {
            Input::Dialed { result, .. } => {
                self.conn = result.ok();
                self.is_dialing = false;
            }
            Input::Accepted { conn, .. } if self.manner.reads_nothing => {
                actions.push(Action::Pause { conn });
            }
            Input::Closed { conn, .. } if Some(conn) == self.conn => self.conn = None,
            Input::Line { conn, line, .. } => self.on_line(conn, line, actions),
            Input::EndOfStream { conn } if self.manner.closes => {
                actions.push(Action::Close { conn });
            }
            Input::Tick => {
                self.next_at = None;
                if let Some(last_closed) = self.last_closed {
                    actions.send(last_closed, |out| out.extend_from_slice(b"oi\r\n"));
                }
            }
            Input::Stop => actions.push(Action::Exit { status: 0 }),
            _ => {}
        }
        self.run_steps(now, actions);
    }

    fn next_deadline(&self) -> Option<Millis> {
        self.next_at
    }
}
