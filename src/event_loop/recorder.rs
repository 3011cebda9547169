//! The happenings of a turn, one by one, as the loop tells them to a recorder.
//!
//! A [`Recorder`] is a type parameter of [`super::EventLoop`]. With [`Unrecorded`], which does
//! nothing, its calls are compiled to nothing: a lookup costs the same instructions as without
//! them. The loop knows neither a format nor a file; [`crate::recording`] has both.
//!
//! ```text
//! turn_over ─► woke ─► part, step, input, action ... ─► host ... ─► turn_over ─► woke ─► ...
//! (the last)   |----------------- one turn --------------------|
//! ```
//!
//! A turn is over when the loop is about to wait again: what the host does behind it belongs to
//! it. Read next: [`super::EventLoop::turn`].

use std::io;
use std::net::SocketAddr;

use super::connection::{Connection, ConnectionState};
use super::connections::Connections;
use super::os::{Os, Readiness};
use super::token::{self, Source};
use crate::buffers::lines::{Line, LineEnd};
use crate::buffers::output::OutBuffer;
use crate::machine::{Action, Actions, ConnId, Input, Machine, Millis};

/// Hears what happens in a loop whose machine is an `M`. Each method does nothing where it is not
/// implemented.
pub trait Recorder<M: Machine> {
    /// Whether anything is recorded now. Where not, the loop saves the system calls that only a
    /// recorder wants.
    fn is_on(&self) -> bool {
        false
    }

    /// A wait is over, and a turn begins.
    fn woke<O: Os>(&mut self, _wake: &Wake<'_, O>) {}

    /// The next part of the turn begins.
    fn part(&mut self, _part: Part) {}

    /// The loop has done something.
    fn step(&mut self, _step: LoopStep<'_>) {}

    /// The machine was told something. Its actions are not performed yet.
    fn input(&mut self, _input: &Input<'_, M::Command>, _machine: &M) {}

    /// An action of the machine is about to be performed.
    fn action(&mut self, _action: &Action<M::Notice>, _actions: &Actions<M::Notice>) {}

    /// The host has done something.
    fn host(&mut self, _step: HostStep<'_>) {}

    /// The turn is over.
    fn turn_over<O: Os>(&mut self, _state: &LoopState<'_, M, O>) {}
}

/// Records nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unrecorded;

impl<M: Machine> Recorder<M> for Unrecorded {}

/// A recorder that is there or not, as the person who runs the program wants it. One type of loop
/// does for both, at the price of a comparison in each call.
impl<M: Machine, R: Recorder<M>> Recorder<M> for Option<R> {
    fn is_on(&self) -> bool {
        self.as_ref().is_some_and(Recorder::is_on)
    }

    fn woke<O: Os>(&mut self, wake: &Wake<'_, O>) {
        if let Some(recorder) = self {
            recorder.woke(wake);
        }
    }

    fn part(&mut self, part: Part) {
        if let Some(recorder) = self {
            recorder.part(part);
        }
    }

    fn step(&mut self, step: LoopStep<'_>) {
        if let Some(recorder) = self {
            recorder.step(step);
        }
    }

    fn input(&mut self, input: &Input<'_, M::Command>, machine: &M) {
        if let Some(recorder) = self {
            recorder.input(input, machine);
        }
    }

    fn action(&mut self, action: &Action<M::Notice>, actions: &Actions<M::Notice>) {
        if let Some(recorder) = self {
            recorder.action(action, actions);
        }
    }

    fn host(&mut self, step: HostStep<'_>) {
        if let Some(recorder) = self {
            recorder.host(step);
        }
    }

    fn turn_over<O: Os>(&mut self, state: &LoopState<'_, M, O>) {
        if let Some(recorder) = self {
            recorder.turn_over(state);
        }
    }
}

/// A part of a turn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    /// The work that the last turn left over.
    LeftOver,
    /// The sources that were ready.
    Serve,
    /// The machine's deadline.
    Tick,
    /// Writing and removing.
    Settle,
    /// The host's work between this turn and the next.
    Host,
}

/// Something that the loop has done, beside telling the machine and obeying it.
#[derive(Clone, Copy, Debug)]
pub enum LoopStep<'a> {
    /// A connection is there: it was accepted or dialed, and the machine is about to hear of it.
    Connected {
        /// Which one.
        conn: ConnId,
        /// The other side's address. `None`: it is gone again already.
        other: Option<SocketAddr>,
        /// Our own address on it.
        own: Option<SocketAddr>,
    },
    /// One read.
    Read {
        /// Of which connection.
        conn: ConnId,
        /// All of the buffer that was offered. The bytes are at its beginning.
        buffer: &'a [u8],
        /// How many came (0: the end of the stream), or what went wrong.
        result: &'a io::Result<usize>,
    },
    /// A line was cut out of what was read. The machine hears of it next.
    Line {
        /// Of which connection.
        conn: ConnId,
        /// The line.
        line: Line<'a>,
        /// The bytes that are being cut.
        fresh: &'a [u8],
        /// How much of `fresh` is used up by the line.
        used: usize,
    },
    /// An unfinished line was taken for a finished one. The machine hears of it next.
    LineRest {
        /// Of which connection.
        conn: ConnId,
        /// The bytes there were.
        bytes: &'a [u8],
        /// How it ended: by nothing, or cut.
        end: LineEnd,
    },
    /// Bytes that were read wait, because the connection is held back.
    PutBack {
        /// Which one.
        conn: ConnId,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// The output of a connection is about to be offered to the kernel.
    Offered {
        /// Of which connection.
        conn: ConnId,
        /// All of it.
        output: &'a OutBuffer,
    },
    /// The kernel has answered.
    Taken {
        /// Of which connection.
        conn: ConnId,
        /// How many bytes it has left over, or what went wrong.
        result: Result<usize, io::ErrorKind>,
    },
}

/// Something that the host has done behind a turn.
#[derive(Clone, Copy, Debug)]
pub enum HostStep<'a> {
    /// Bytes came from stdin.
    Key(&'a [u8]),
    /// A line was typed, and goes to the machine as a command.
    Typed(&'a [u8]),
    /// A notice was told, in these words.
    Notice(&'a str),
    /// This was shown to the person, with its colours.
    Screen(&'a [u8]),
}

/// The end of a wait.
#[derive(Debug)]
pub struct Wake<'a, O: Os> {
    /// The number of the turn that begins, from 1.
    pub turn: u64,
    /// When the wait began.
    pub before: Millis,
    /// When it was over.
    pub now: Millis,
    /// How long it could have taken, in milliseconds. `None`: for as long as it takes.
    pub timeout_ms: Option<u64>,
    /// A signal ended it.
    pub is_interrupted: bool,
    pub(super) ready: &'a [Readiness],
    pub(super) connections: &'a Connections<O>,
}

/// A source that is ready.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ready {
    /// The listener of this number.
    Listener(usize),
    /// The UDP socket.
    Datagrams,
    /// A connection.
    Connection(ConnId),
    /// A source of the host's, by its number from [`token::HOST_TOKENS`] on.
    Host(usize),
}

impl<O: Os> Wake<'_, O> {
    /// The sources that are ready, in the order of the poller.
    pub fn ready(&self) -> impl Iterator<Item = (Ready, Readiness)> {
        self.ready.iter().filter_map(|event| Some((self.source(event.token)?, *event)))
    }

    fn source(&self, token: usize) -> Option<Ready> {
        Some(match token::source_of(token) {
            Source::Listener(index) => Ready::Listener(index),
            Source::Datagrams => Ready::Datagrams,
            Source::Connection(slot) => Ready::Connection(self.connections.id_at(slot)?),
            Source::Host => Ready::Host(token - token::HOST_TOKENS.0),
        })
    }
}

/// The state of the loop when a turn is over.
#[derive(Debug)]
pub struct LoopState<'a, M, O: Os> {
    /// The machine, to be asked.
    pub machine: &'a M,
    pub(super) connections: &'a Connections<O>,
}

/// One connection, as it is when a turn is over.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionView<'a> {
    /// Its state: `open`, for example.
    pub state: &'static str,
    /// The bytes of its unfinished line.
    pub held: &'a [u8],
    /// How many bytes were put back, to be handed over later.
    pub waiting_bytes: usize,
    /// How many bytes of output are not out.
    pub backlog_bytes: usize,
    /// The machine wants it not to be read for now.
    pub is_paused: bool,
    /// It is not read for now, because its answers pile up.
    pub is_throttled: bool,
}

impl<M, O: Os> LoopState<'_, M, O> {
    /// Looks at one connection. `None`: it is gone.
    #[must_use]
    pub fn connection(&self, conn: ConnId) -> Option<ConnectionView<'_>> {
        self.connections.look(conn).map(ConnectionView::of)
    }

    /// The connections that stopped reading before there was nothing more.
    pub fn pending_reads(&self) -> impl Iterator<Item = ConnId> {
        self.connections.pending_reads().filter_map(|slot| self.connections.id_at(slot))
    }
}

impl<'a> ConnectionView<'a> {
    fn of<S>(connection: &'a Connection<S>) -> Self {
        Self {
            state: state_name(connection.state),
            held: connection.inbound.pending(),
            waiting_bytes: connection.inbound.held_bytes(),
            backlog_bytes: connection.outbound.len(),
            is_paused: connection.is_paused,
            is_throttled: connection.is_throttled(),
        }
    }
}

fn state_name(state: ConnectionState) -> &'static str {
    match state {
        ConnectionState::Dialing(_) => "dialing",
        ConnectionState::Open => "open",
        ConnectionState::Broken(_) => "broken",
        ConnectionState::Ended => "ended",
        ConnectionState::Closing => "closing",
        ConnectionState::Closed(_) | ConnectionState::Abandoned => "closed",
    }
}
