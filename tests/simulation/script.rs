//! A machine that follows a script: the clients that no rule of ours made.
//!
//! It dials, says bytes, waits, hangs up, in any order and with any bytes; and it answers calls
//! the way other people's programs do. Read next: [`super::corpus`], which writes the scripts.

use std::collections::VecDeque;
use std::net::SocketAddr;

use papo::machine::{
    Action, Actions, ConnId, DialId, Framing, Input, LineLimit, Machine, Millis, Typed,
};

use super::brain::Told;

/// One thing to do.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Dial(SocketAddr),
    Say(Vec<u8>),
    Pause(u64),
    /// Does not read, or reads again.
    Deafen,
    Listen,
    HalfClose,
    Close,
    Abort,
}

/// How it behaves towards those who call it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Manner {
    /// The end that it puts behind its texts: CR LF, LF or nothing.
    pub(crate) line_end: &'static [u8],
    /// It says something when it is called, and for every line that it hears.
    pub(crate) talks: bool,
    /// It closes when the other side says goodbye. Some programs never do.
    pub(crate) closes: bool,
    /// It never reads what its callers say: their answers pile up.
    pub(crate) is_deaf: bool,
}

/// A script and how far it got.
#[derive(Debug)]
pub(crate) struct Script {
    steps: VecDeque<Step>,
    manner: Manner,
    /// The connection that it opened last.
    conn: Option<ConnId>,
    /// The one that closed last. It is still spoken to: a loop must put up with that.
    gone: Option<ConnId>,
    is_dialing: bool,
    dials: u32,
    next_at: Option<Millis>,
}

impl Script {
    pub(crate) fn new(steps: Vec<Step>, manner: Manner) -> Self {
        Self {
            steps: steps.into(),
            manner,
            conn: None,
            gone: None,
            is_dialing: false,
            dials: 0,
            next_at: Some(Millis(0)),
        }
    }

    fn go_on(&mut self, now: Millis, actions: &mut Actions<Told>) {
        while !self.is_dialing && self.next_at.is_none() {
            match (self.steps.pop_front(), self.conn) {
                (None, _) => return,
                (Some(Step::Dial(to)), _) => self.dial(to, actions),
                (Some(Step::Pause(pause_ms)), _) => self.next_at = Some(now + pause_ms.max(1)),
                (Some(Step::Say(bytes)), Some(conn)) => {
                    actions.send(conn, |out| out.extend_from_slice(&bytes));
                }
                (Some(Step::Deafen), Some(conn)) => actions.push(Action::Pause { conn }),
                (Some(Step::Listen), Some(conn)) => actions.push(Action::Resume { conn }),
                (Some(Step::HalfClose), Some(conn)) => actions.push(Action::HalfClose { conn }),
                (Some(Step::Close), Some(conn)) => actions.push(Action::Close { conn }),
                (Some(Step::Abort), Some(conn)) => actions.push(Action::Abort { conn }),
                (Some(_), None) => {}
            }
        }
    }

    fn dial(&mut self, to: SocketAddr, actions: &mut Actions<Told>) {
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

    fn on_line(&self, conn: ConnId, line: &[u8], actions: &mut Actions<Told>) {
        if Some(conn) == self.conn {
            return;
        }
        if line == b"DISC" && self.manner.closes {
            actions.push(Action::Close { conn });
        } else if line != b"DISC" && self.manner.talks {
            actions.send(conn, |out| {
                out.extend_from_slice(b"sei...");
                out.extend_from_slice(self.manner.line_end);
            });
        }
    }
}

impl Machine for Script {
    type Notice = Told;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Told>) {
        if let Input::Closed { conn, .. } = input {
            self.gone = Some(conn);
        }
        match input {
            Input::Dialed { result, .. } => {
                self.conn = result.ok();
                self.is_dialing = false;
            }
            Input::Accepted { conn, .. } if self.manner.is_deaf => {
                actions.push(Action::Pause { conn });
            }
            Input::Closed { conn, .. } if Some(conn) == self.conn => self.conn = None,
            Input::Line { conn, line, .. } => self.on_line(conn, line, actions),
            Input::EndOfStream { conn } if self.manner.closes => {
                actions.push(Action::Close { conn });
            }
            Input::Tick => {
                self.next_at = None;
                if let Some(gone) = self.gone {
                    actions.send(gone, |out| out.extend_from_slice(b"oi\r\n"));
                }
            }
            Input::Stop => actions.push(Action::Exit { status: 0 }),
            Input::Accepted { .. }
            | Input::Pending { .. }
            | Input::EndOfStream { .. }
            | Input::Backlog { .. }
            | Input::Bytes { .. }
            | Input::OutputFull(_)
            | Input::Datagram { .. }
            | Input::Drained { .. }
            | Input::Closed { .. }
            | Input::Command(_)
            | Input::Report(_) => {}
        }
        self.go_on(now, actions);
    }

    fn next_deadline(&self) -> Option<Millis> {
        self.next_at
    }
}
