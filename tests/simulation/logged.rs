//! A machine with a log of all that passes between it and its loop.
//!
//! The kernel of the process writes into the same log, so the entries are in the order of events.
//! The watchers read it after each turn. Read next: [`super::watch`].

use std::io::ErrorKind;
use std::sync::mpsc::Sender;

use papo::machine::{Action, Actions, ConnId, Input, LineEnd, Machine, Millis, Typed};

use super::any_machine::{AnyNotice, bytes_of, pass_on};
use super::link::Sock;
use super::planted::PlantedMachine;

#[derive(Debug)]
pub(crate) enum LogEntry {
    /// The loop polls. It may have slept before.
    Polled {
        may_sleep: bool,
    },
    Accepted,
    /// A stream is watched. If it becomes a connection, the machine knows it by this id.
    Opened(ConnId, Sock),
    Read(ConnId, Sock, Result<Vec<u8>, ErrorKind>),
    /// The kernel has accepted these bytes.
    Wrote(Sock, Vec<u8>),
    WriteFailed(ConnId),
    /// A connection is cut while input waits there, since this time.
    CutUnread(ConnId, Millis),
    Removed(ConnId),
    Input(Millis, OwnedInput),
    /// An action, and the bytes that it sends.
    Action(Millis, Action<AnyNotice>, Vec<u8>),
    /// The machine has handled its last input. This is its next deadline.
    Handled(Millis, Option<Millis>),
}

/// An input that owns its bytes.
#[derive(Debug)]
pub(crate) enum OwnedInput {
    Line(ConnId, Vec<u8>, LineEnd),
    Pending(ConnId, Vec<u8>),
    Command(Typed),
    Plain(Input<'static, Typed>),
}

impl OwnedInput {
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
            Input::Bytes { .. } | Input::Datagram { .. } => panic!("every machine here uses lines"),
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

#[derive(Debug)]
pub(crate) struct LoggedMachine {
    planted: PlantedMachine,
    log: Sender<LogEntry>,
}

impl LoggedMachine {
    pub(crate) fn new(planted: PlantedMachine, log: Sender<LogEntry>) -> Self {
        Self { planted, log }
    }

    pub(crate) fn planted(&self) -> &PlantedMachine {
        &self.planted
    }

    fn pass(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<AnyNotice>) {
        self.note(LogEntry::Input(now, OwnedInput::new(input)));
        let mut wanted = Actions::default();
        self.planted.handle(now, input, &mut wanted);
        while let Some(action) = wanted.pop() {
            let bytes = bytes_of(&action, &wanted).to_vec();
            for _ in 0..self.planted.action_count(&action) {
                pass_on(&action, &bytes, &mut |told| told, actions);
            }
            self.note(LogEntry::Action(now, action, bytes));
        }
        self.note(LogEntry::Handled(now, self.planted.next_deadline()));
    }

    fn note(&self, seen: LogEntry) {
        // The log of a killed process has no reader.
        let _ = self.log.send(seen);
    }
}

impl Machine for LoggedMachine {
    type Notice = AnyNotice;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<AnyNotice>) {
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
