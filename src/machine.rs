//! The seam between the machines, which decide, and the event loop, which performs.
//!
//! A [`Machine`] gets an [`Input`] (what happened) and a time ([`Millis`]), and returns
//! [`Action`]s (what the loop is to do). A machine has no socket, no clock and no screen. So the
//! same machine runs on the real operating system and in the deterministic simulator of
//! `tests/simulation`: both under [`crate::event_loop`].
//!
//! Nothing here may name mio, a socket, a terminal or the protocol. Read next:
//! [`crate::directory`], the smaller of the two main machines.

mod actions;

pub use crate::buffers::lines::{LineEnd, LineLimit};
pub use crate::buffers::output::SharedText;
#[cfg(feature = "full")]
pub(crate) use actions::HIDDEN;
pub use actions::{Actions, Span};

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::Add;
use std::time::Duration;

/// A point in time: milliseconds since the event loop started. Only the loop reads a clock. A
/// machine gets the time as a number, so a test can choose it.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Millis(pub u64);

impl Millis {
    /// The time since `earlier`, in milliseconds; 0 if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<u64> for Millis {
    type Output = Self;

    fn add(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

/// The id of one connection. It is never used again.
///
/// `slot` is a place in the event loop's slab. The next connection may get the same slot, with
/// another `generation`. So a machine may keep a `ConnId` for ever, and an action for a connection
/// that has closed cannot reach the next one in its slot.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ConnId {
    /// Place in the event loop's slab.
    pub slot: u32,
    /// How many connections used that place before.
    pub generation: u32,
}

/// The number of a listening socket, in the order in which they were added to the event loop.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ListenerId(pub u8);

/// The number of a dial. The machine chooses it, and the event loop returns it with the result.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DialId(pub u32);

/// Why a connection was closed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CloseReason {
    /// The machine closed it.
    Asked,
    /// The operating system reported an error, for example a reset.
    Failed(io::ErrorKind),
    /// A line grew past [`LineLimit::close`].
    LineTooLong,
    /// The other side does not read: the unsent output grew past the event loop's bound.
    SlowReader,
}

/// How the received bytes of a connection are cut. Each listener and each dial has a framing. A
/// connection may change from raw bytes to lines once: see [`Action::CutLines`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Framing {
    /// Into lines: [`Input::Line`], [`Input::Pending`].
    Lines(LineLimit),
    /// Not cut: the bytes of one read are one [`Input::Bytes`]. TCP may join two sends into one
    /// read, or split one send into two reads. The machine finds the messages.
    Raw,
}

/// How long sent bytes may stay unacknowledged before the system closes a connection, unless the
/// machine chooses another time. A slow partner is not a dead one: a laptop that sleeps, or a
/// reader that pauses, may come back. The default of Linux is about a quarter of an hour.
pub const GIVE_UP: Duration = Duration::from_secs(180);

/// Everything that can happen to a machine.
#[derive(Debug)]
pub enum Input<'a, C> {
    /// A client connected to a listener.
    Accepted {
        /// The listener.
        listener: ListenerId,
        /// The new connection.
        conn: ConnId,
        /// The client's address, an IPv4-mapped address written as IPv4.
        from: SocketAddr,
        /// Our own address that the client connected to. For a caller from loopback: loopback.
        reached: IpAddr,
    },
    /// A dial has ended. There is exactly one for each [`Action::Dial`], also after
    /// [`Action::Abandon`].
    Dialed {
        /// The number that the machine chose.
        dial: DialId,
        /// The open connection, or the error.
        result: Result<ConnId, io::ErrorKind>,
    },
    /// A line arrived.
    Line {
        /// The connection.
        conn: ConnId,
        /// Its bytes without the terminator. They may be no UTF-8.
        line: &'a [u8],
        /// How it ended.
        end: LineEnd,
    },
    /// Bytes arrived, and the last of them are an unfinished line. Some programs never send a line
    /// end; see [`Action::EndLine`].
    Pending {
        /// The connection.
        conn: ConnId,
        /// The unfinished line so far.
        line: &'a [u8],
    },
    /// Bytes arrived on a connection with [`Framing::Raw`].
    Bytes {
        /// The connection.
        conn: ConnId,
        /// The bytes of one read: at least one.
        bytes: &'a [u8],
    },
    /// A datagram arrived.
    Datagram {
        /// The sender, an IPv4-mapped address written as IPv4.
        from: SocketAddr,
        /// The whole datagram. It may be empty.
        bytes: &'a [u8],
    },
    /// The other side will send nothing more. It may still read.
    EndOfStream {
        /// The connection.
        conn: ConnId,
    },
    /// The kernel did not take all output. Comes after each such write, and once with 0 when the
    /// kernel has taken the rest.
    Backlog {
        /// The connection.
        conn: ConnId,
        /// How many bytes are left in the output buffer.
        bytes: usize,
    },
    /// The kernel has taken all output. The answer to [`Action::AwaitDrain`].
    Drained {
        /// The connection.
        conn: ConnId,
    },
    /// The connection is closed. This is the last input for its [`ConnId`], and comes once.
    Closed {
        /// The connection.
        conn: ConnId,
        /// Why.
        reason: CloseReason,
    },
    /// A command of the host, or of the person who uses it.
    Command(&'a C),
    /// Whether the host's output (a pipe, a file) is full. A machine that shows received text
    /// answers `true` with [`Action::Pause`] and `false` with [`Action::Resume`].
    OutputFull(bool),
    /// The operating system asks the program to end.
    Stop,
    /// The operator asks for the program's state. The counts are the event loop's part of it.
    Report(LoopCounts),
    /// The time of [`Machine::next_deadline`] has come.
    Tick,
}

/// By hand, because a derived implementation would require that the command is `Copy`.
impl<C> Clone for Input<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Input<'_, C> {}

impl<'a, C> Input<'a, C> {
    /// The same input for a machine with another type of command. `None`: it is a command.
    #[must_use]
    pub fn without_command<D>(self) -> Option<Input<'a, D>> {
        Some(match self {
            Self::Accepted { listener, conn, from, reached } => {
                Input::Accepted { listener, conn, from, reached }
            }
            Self::Dialed { dial, result } => Input::Dialed { dial, result },
            Self::Line { conn, line, end } => Input::Line { conn, line, end },
            Self::Pending { conn, line } => Input::Pending { conn, line },
            Self::Bytes { conn, bytes } => Input::Bytes { conn, bytes },
            Self::Datagram { from, bytes } => Input::Datagram { from, bytes },
            Self::EndOfStream { conn } => Input::EndOfStream { conn },
            Self::Backlog { conn, bytes } => Input::Backlog { conn, bytes },
            Self::Drained { conn } => Input::Drained { conn },
            Self::Closed { conn, reason } => Input::Closed { conn, reason },
            Self::OutputFull(full) => Input::OutputFull(full),
            Self::Stop => Input::Stop,
            Self::Report(figures) => Input::Report(figures),
            Self::Tick => Input::Tick,
            Self::Command(_) => return None,
        })
    }
}

/// The counts of the event loop. A count of events begins when the loop starts.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct LoopCounts {
    /// Connections now.
    pub connections: usize,
    /// Unsent output of all of them together, in bytes.
    pub pending_bytes: usize,
    /// Accepted connections.
    pub accepted: u64,
    /// Callers that were reset at once, because no descriptor was free.
    pub shed: u64,
    /// Turns of the loop.
    pub turns: u64,
}

/// A request of a machine to the event loop. `N` is the machine's type of notice.
#[derive(Debug)]
pub enum Action<N> {
    /// Add these bytes ([`Actions::bytes`]) to the end of the output buffer.
    Send {
        /// The connection.
        conn: ConnId,
        /// The bytes, in the arena of [`Actions`].
        span: Span,
    },
    /// Add bytes that many connections share to the output buffer, without a copy.
    SendShared {
        /// The connection.
        conn: ConnId,
        /// The bytes, and the part that is left out of them.
        shared: SharedText,
    },
    /// Hand over the unfinished line as a line ([`LineEnd::Rest`], or [`LineEnd::Cut`]).
    EndLine {
        /// The connection.
        conn: ConnId,
    },
    /// Change the framing of a connection in mid-stream, from [`Framing::Raw`] to lines: the
    /// machine has read a beginning that is no line. The framing never changes back.
    CutLines {
        /// The connection.
        conn: ConnId,
        /// The limit for its lines.
        limit: LineLimit,
        /// Bytes that were handed over already and belong to the first lines, in the arena of
        /// [`Actions`].
        rest: Span,
    },
    /// Send these bytes as one datagram. If the kernel does not take it at once, it is dropped and
    /// counted.
    SendTo {
        /// The receiver.
        to: SocketAddr,
        /// The bytes, in the arena of [`Actions`].
        span: Span,
    },
    /// Give an [`Input::Drained`] when the kernel has taken all output. It comes in a later turn,
    /// even if the kernel takes everything at once. So a machine that answers it with more output
    /// takes turns with the other connections, and a stream of any length needs the memory of one
    /// piece.
    AwaitDrain {
        /// The connection.
        conn: ConnId,
    },
    /// Stop reading this connection, its end of stream included. Its bytes wait in the kernel, and
    /// the sender has to wait (backpressure). Lines that were read already come after
    /// [`Action::Resume`]; the bytes of a raw read are handed over whole.
    Pause {
        /// The connection.
        conn: ConnId,
    },
    /// Read it again.
    Resume {
        /// The connection.
        conn: ConnId,
    },
    /// When all output is out, shut down the sending direction, and read on.
    HalfClose {
        /// The connection.
        conn: ConnId,
    },
    /// When all output is out, close. Nothing more is read.
    Close {
        /// The connection.
        conn: ConnId,
    },
    /// Close now, both ways. Unsent output is lost.
    Abort {
        /// The connection.
        conn: ConnId,
    },
    /// The same with a reset, for where the other side would take an end of the stream for an
    /// answer.
    Reset {
        /// The connection.
        conn: ConnId,
    },
    /// Open a connection.
    Dial {
        /// A number that comes back with the result.
        dial: DialId,
        /// The address to connect to.
        to: SocketAddr,
        /// How the received bytes are cut.
        framing: Framing,
        /// How long sent bytes may stay unacknowledged before the system closes the connection
        /// (tcp(7), `TCP_USER_TIMEOUT`).
        give_up: Duration,
    },
    /// Give up a dial. Its [`Input::Dialed`] has [`io::ErrorKind::TimedOut`], unless the machine
    /// has the result already.
    Abandon {
        /// The dial.
        dial: DialId,
    },
    /// Give this notice to the host, which shows it to a person or writes it to a log.
    Show(N),
    /// End the program with this status.
    Exit {
        /// The status for the operating system.
        status: u8,
    },
}

/// A part that decides, without sockets, clock or screen: the directory, the peer, the load
/// generator, the checks, and the services of the lab.
pub trait Machine {
    /// The type of its notices for people.
    type Notice;

    /// The type of the commands that people give it.
    type Command;

    /// Reacts to one input at the time `now`. Never blocks, never fails, never reads a clock.
    ///
    /// It returns no `Result` on purpose: so no `?` can end the loop, which serves all connections,
    /// because of one client's mistake. A machine must ignore a [`ConnId`] that it does not know.
    fn handle(
        &mut self,
        now: Millis,
        input: Input<'_, Self::Command>,
        actions: &mut Actions<Self::Notice>,
    );

    /// When it needs the next [`Input::Tick`]. After a tick at `t` it is `None` or later than `t`.
    fn next_deadline(&self) -> Option<Millis>;

    /// Whether it takes a command now. If not, the host keeps its commands: a script on stdin waits
    /// until its last command has taken effect.
    fn accepts_command(&self) -> bool {
        true
    }
}

/// The command of a machine that takes whole lines from a person.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Typed {
    /// A line, without its end.
    Line(Vec<u8>),
    /// The end of all input. Comes once.
    End,
}

/// An index of a slab, as the `slot` of a [`ConnId`].
///
/// # Panics
///
/// Beyond 2³² connections at once. No system has descriptors for so many.
#[must_use]
pub fn slot_number(slot: usize) -> u32 {
    u32::try_from(slot).expect("fewer than 2^32 connections at once")
}
