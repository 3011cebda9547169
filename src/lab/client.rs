//! The client: keyboard to socket, and socket to screen, at the same time.
//!
//! The lecture's client needs two goroutines for that ("seu cliente deve ler e escrever ao mesmo
//! tempo"). Here both are inputs of one machine. Behind the last typed line it half-closes: it has
//! said all and still listens, so that no answer is cut off. Over UDP there is no end to be heard,
//! only silence. Read next: [`super::throughput`].

use std::net::SocketAddr;

use super::Notice;
use crate::machine::{
    Action, Actions, CloseReason, ConnId, DialId, Framing, GIVE_UP, Input, Machine, Millis, Typed,
};

/// How long to wait for further answers behind the last typed line, in milliseconds.
pub const ANSWERS_WAIT_MS: u64 = 5000;

/// The same over UDP, where nobody says that there are no more.
pub const DATAGRAMS_WAIT_MS: u64 = 1000;

/// Unsent bytes beyond which the keyboard, or the file that is one, has to wait.
pub const TYPED_AHEAD_BYTES_MAX: usize = 64 * 1024;

/// By what the lines travel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Transport {
    /// One connection.
    Tcp,
    /// A datagram each.
    Udp,
}

/// A person, or a script, at the keyboard of a service.
#[derive(Debug)]
pub struct Client {
    to: SocketAddr,
    transport: Transport,
    exit_word: Vec<u8>,
    phase: Phase,
    unsent_bytes: usize,
    /// When to leave, unless something comes before.
    leaves_at: Option<Millis>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    New,
    Dialing,
    /// With a connection, or without one over UDP.
    Talking(Option<ConnId>),
    /// Said all.
    Listening,
}

impl Machine for Client {
    type Notice = Notice;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Notice>) {
        match input {
            Input::Tick => self.on_tick(actions),
            Input::Dialed { result: Ok(conn), .. } => self.phase = Phase::Talking(Some(conn)),
            Input::Dialed { result: Err(error), .. } => self.fail(error, actions),
            Input::Command(Typed::Line(line)) if *line == self.exit_word => {
                self.say_no_more(now, actions)
            }
            Input::Command(Typed::Line(line)) => self.say(line, actions),
            Input::Command(Typed::End) => self.say_no_more(now, actions),
            Input::Bytes { bytes, .. } => self.hear(now, bytes.to_vec(), actions),
            Input::Datagram { from, bytes } if from == self.to => {
                self.hear(now, [bytes, b"\n"].concat(), actions);
            }
            Input::Backlog { bytes, .. } => self.unsent_bytes = bytes,
            Input::Closed { reason: CloseReason::Failed(error), .. } => self.fail(error, actions),
            Input::EndOfStream { .. } | Input::Closed { .. } | Input::Stop => {
                actions.push(Action::Exit { status: 0 });
            }
            _ => {}
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        if self.phase == Phase::New { Some(Millis(0)) } else { self.leaves_at }
    }

    fn accepts_command(&self) -> bool {
        matches!(self.phase, Phase::Talking(_)) && self.unsent_bytes < TYPED_AHEAD_BYTES_MAX
    }
}

impl Client {
    /// Talks to `to` until a line is the exit word.
    #[must_use]
    pub fn new(to: SocketAddr, transport: Transport, exit_word: &str) -> Self {
        let exit_word = exit_word.as_bytes().to_vec();
        Self { to, transport, exit_word, phase: Phase::New, unsent_bytes: 0, leaves_at: None }
    }

    fn on_tick(&mut self, actions: &mut Actions<Notice>) {
        match (self.phase, self.transport) {
            (Phase::New, Transport::Udp) => self.phase = Phase::Talking(None),
            (Phase::New, Transport::Tcp) => {
                self.phase = Phase::Dialing;
                let (dial, framing) = (DialId(0), Framing::Raw);
                actions.push(Action::Dial { dial, to: self.to, framing, give_up: GIVE_UP });
            }
            _ => actions.push(Action::Exit { status: 0 }),
        }
    }

    fn say(&self, line: &[u8], actions: &mut Actions<Notice>) {
        match self.phase {
            Phase::Talking(Some(conn)) => {
                actions.send(conn, |out| out.extend([line, b"\n"].concat()));
            }
            Phase::Talking(None) => actions.send_to(self.to, |out| out.extend_from_slice(line)),
            Phase::New | Phase::Dialing | Phase::Listening => {}
        }
    }

    fn say_no_more(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        if let Phase::Talking(Some(conn)) = self.phase {
            actions.push(Action::HalfClose { conn });
        }
        self.phase = Phase::Listening;
        self.wait_for_more(now);
    }

    fn hear(&mut self, now: Millis, bytes: Vec<u8>, actions: &mut Actions<Notice>) {
        actions.show(Notice::Said(bytes));
        if self.phase == Phase::Listening {
            self.wait_for_more(now);
        }
    }

    fn wait_for_more(&mut self, now: Millis) {
        let wait_ms = match self.transport {
            Transport::Tcp => ANSWERS_WAIT_MS,
            Transport::Udp => DATAGRAMS_WAIT_MS,
        };
        self.leaves_at = Some(now + wait_ms);
    }

    fn fail(&self, error: std::io::ErrorKind, actions: &mut Actions<Notice>) {
        actions.show(Notice::Failed(self.to, error));
        actions.push(Action::Exit { status: 1 });
    }
}
