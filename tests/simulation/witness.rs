//! Stands between a loop and its machine, and writes down all that passes.
//!
//! The kernel of the process writes into the same diary, so it tells everything in the order in
//! which it happened. The watchers read it behind each turn. Nothing is judged here. Read next:
//! [`super::watch`].

use std::io::ErrorKind;
use std::sync::mpsc::Sender;

use papo::machine::{Action, Actions, ConnId, Input, LineEnd, Machine, Millis, Typed};

use super::brain::{Told, bytes_of, pass_on};
use super::link::Sock;
use super::planted::Planted;

/// One entry of the diary of a process.
#[derive(Debug)]
pub(crate) enum Seen {
    /// The loop asks what is ready; it may have slept before.
    Polled {
        may_sleep: bool,
    },
    /// A caller was taken from the listener.
    Accepted,
    /// A stream is watched. If it is one already, a machine must know it as this.
    Opened(ConnId, Sock),
    /// A read, and what it brought.
    Read(ConnId, Sock, Result<Vec<u8>, ErrorKind>),
    /// The kernel has taken these bytes.
    Wrote(Sock, Vec<u8>),
    /// The kernel takes nothing any more.
    WriteFailed(ConnId),
    /// A connection is cut off, and something waits to be read there since then.
    CutUnread(ConnId, Millis),
    /// A stream is given back.
    Removed(ConnId),
    Heard(Millis, Kept),
    /// An action, and the bytes that it sends.
    Wants(Millis, Action<Told>, Vec<u8>),
    /// The machine has no more to say to what it heard last. The moment that it wants to be
    /// woken up at.
    Handled(Millis, Option<Millis>),
}

/// An input, kept for later.
#[derive(Debug)]
pub(crate) enum Kept {
    Line(ConnId, Vec<u8>, LineEnd),
    Pending(ConnId, Vec<u8>),
    Command(Typed),
    Plain(Input<'static, Typed>),
}

impl Kept {
    fn new(input: Input<'_, Typed>) -> Self {
        Self::Plain(match input {
            Input::Line { conn, line, end } => return Self::Line(conn, line.to_vec(), end),
            Input::Pending { conn, line } => return Self::Pending(conn, line.to_vec()),
            Input::Command(command) => return Self::Command(command.clone()),
            Input::Accepted { listener, conn, from, reached } => {
                Input::Accepted { listener, conn, from, reached }
            }
            Input::Dialed { dial, result } => Input::Dialed { dial, result },
            Input::EndOfStream { conn } => Input::EndOfStream { conn },
            Input::Backlog { conn, bytes } => Input::Backlog { conn, bytes },
            Input::Drained { conn } => Input::Drained { conn },
            Input::Closed { conn, reason } => Input::Closed { conn, reason },
            Input::OutputFull(full) => Input::OutputFull(full),
            Input::Report(figures) => Input::Report(figures),
            Input::Stop => Input::Stop,
            Input::Tick => Input::Tick,
            Input::Bytes { .. } | Input::Datagram { .. } => panic!("everybody speaks in lines"),
        })
    }

    pub(crate) fn input(&self) -> Input<'_, Typed> {
        match self {
            Self::Line(conn, line, end) => Input::Line { conn: *conn, line, end: *end },
            Self::Pending(conn, line) => Input::Pending { conn: *conn, line },
            Self::Command(command) => Input::Command(command),
            Self::Plain(input) => *input,
        }
    }
}

/// A machine with a diary.
#[derive(Debug)]
pub(crate) struct Witness {
    planted: Planted,
    diary: Sender<Seen>,
}

impl Witness {
    pub(crate) fn new(planted: Planted, diary: Sender<Seen>) -> Self {
        Self { planted, diary }
    }

    pub(crate) fn planted(&self) -> &Planted {
        &self.planted
    }

    fn pass(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Told>) {
        self.tell(Seen::Heard(now, Kept::new(input)));
        let mut wanted = Actions::default();
        self.planted.handle(now, input, &mut wanted);
        while let Some(action) = wanted.pop() {
            let bytes = bytes_of(&action, &wanted).to_vec();
            for _ in 0..self.planted.action_count(&action) {
                pass_on(&action, &bytes, &mut |told| told, actions);
            }
            self.tell(Seen::Wants(now, action, bytes));
        }
        self.tell(Seen::Handled(now, self.planted.next_deadline()));
    }

    fn tell(&self, seen: Seen) {
        // Nobody reads the diary of a process that was killed.
        let _ = self.diary.send(seen);
    }
}

impl Machine for Witness {
    type Notice = Told;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Told>) {
        for _ in 0..self.planted.input_count(&input) {
            self.pass(now, input, actions);
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        self.planted.next_deadline()
    }

    fn accepts_command(&self) -> bool {
        self.planted.accepts_command()
    }
}
