//! The trait by which a recorder follows a turn of the loop, step by step.
//!
//! A [`Recorder`] is a type parameter of [`super::EventLoop`]. The calls of [`Unrecorded`] compile
//! to nothing: a lookup costs the same instructions as without them. The loop knows neither a
//! format nor a file; [`crate::recording`] has both.
//!
//! ```text
//! turn_over ─► woke ─► part, step, input, action ... ─► host ... ─► turn_over ─► woke ─► ...
//! (the last)   |----------------- one turn --------------------|
//! ```
//!
//! A turn is over when the loop is about to wait again. So the host's steps after `turn` belong to
//! that turn. Read next: [`super::EventLoop::turn`].

use std::io;
use std::net::SocketAddr;

use super::connection::{Connection, ConnectionState};
use super::connections::Connections;
use super::os::{Os, Readiness};
use super::token::{self, Source};
use crate::buffers::lines::{Line, LineEnd};
use crate::buffers::output::OutBuffer;
use crate::machine::{Action, Actions, ConnId, Input, Machine, Millis};

/// Follows a loop whose machine is an `M`. The default of each method does nothing.
pub trait Recorder<M: Machine> {
    /// Whether the recorder records now. If not, the loop saves the system calls that only a
    /// recorder needs.
    fn is_on(&self) -> bool {
        false
    }

    /// A wait is over, and a turn begins.
    fn woke<O: Os>(&mut self, _wake: &Wake<'_, O>) {}

    /// The next part of the turn begins.
    fn part(&mut self, _part: Part) {}

    /// The loop has done something.
    fn step(&mut self, _step: LoopStep<'_>) {}

    /// The machine has handled an input. Its actions are not performed yet.
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

/// An optional recorder. One type of loop serves with and without it, and each call costs a
/// comparison.
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

/// A step of the loop, other than an input or an action.
#[derive(Clone, Copy, Debug)]
pub enum LoopStep<'a> {
    /// A connection was accepted or dialed. Its input follows.
    Connected {
        /// The connection.
        conn: ConnId,
        /// The other side's address. `None`: the other side has disconnected already.
        other: Option<SocketAddr>,
        /// Our own address on it.
        own: Option<SocketAddr>,
    },
    /// One read.
    Read {
        /// The connection.
        conn: ConnId,
        /// The whole read buffer. The bytes are at its beginning.
        buffer: &'a [u8],
        /// How many bytes came (0: the end of the stream), or the error.
        result: &'a io::Result<usize>,
    },
    /// A line was cut out of the bytes of a read. Its input follows.
    Line {
        /// The connection.
        conn: ConnId,
        /// The line.
        line: Line<'a>,
        /// The bytes that are being cut.
        fresh: &'a [u8],
        /// How many bytes of `fresh` the line uses up.
        used: usize,
    },
    /// An unfinished line counts as a line. Its input follows.
    LineRest {
        /// The connection.
        conn: ConnId,
        /// The bytes of the line.
        bytes: &'a [u8],
        /// [`LineEnd::Rest`] or [`LineEnd::Cut`].
        end: LineEnd,
    },
    /// Bytes of a read were put back, because the connection is paused or throttled.
    PutBack {
        /// The connection.
        conn: ConnId,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// The output of a connection is about to be offered to the kernel.
    Offered {
        /// The connection.
        conn: ConnId,
        /// The whole output.
        output: &'a OutBuffer,
    },
    /// The result of the write.
    Taken {
        /// The connection.
        conn: ConnId,
        /// How many bytes are left over, or the error.
        result: Result<usize, io::ErrorKind>,
    },
}

/// A step of the host after a turn.
#[derive(Clone, Copy, Debug)]
pub enum HostStep<'a> {
    /// Bytes came from stdin.
    Key(&'a [u8]),
    /// A line was typed. It goes to the machine as a command.
    Typed(&'a [u8]),
    /// A notice of the machine, as a sentence.
    Notice(&'a str),
    /// Bytes for the screen, colors included.
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
    /// The longest time that the wait could take, in milliseconds. `None`: no bound.
    pub timeout_ms: Option<u64>,
    /// A signal ended it.
    pub is_interrupted: bool,
    pub(super) ready: &'a [Readiness],
    pub(super) connections: &'a Connections<O>,
}

/// A source that is ready.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ready {
    /// The listener with this number.
    Listener(usize),
    /// The UDP socket.
    Datagrams,
    /// A connection.
    Connection(ConnId),
    /// A source of the host. Numbers begin at [`token::HOST_TOKENS`].
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
    /// The machine.
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
    /// How many bytes of output the kernel has not taken.
    pub backlog_bytes: usize,
    /// The machine has paused it.
    pub is_paused: bool,
    /// It is not read, because its unsent output is at the soft bound.
    pub is_throttled: bool,
}

impl<M, O: Os> LoopState<'_, M, O> {
    /// The view of one connection. `None`: it is gone.
    #[must_use]
    pub fn connection(&self, conn: ConnId) -> Option<ConnectionView<'_>> {
        self.connections.get(conn).map(ConnectionView::of)
    }

    /// The connections on the list of pending reads.
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
