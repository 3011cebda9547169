//! The seam between deciding and doing.
//!
//! Here live the few types that everything else agrees on: a [`Machine`] is told what happened
//! ([`Input`]) and when ([`Millis`]), and answers with what it wants done ([`Action`]). A machine
//! has no socket, no clock and no screen, so the same machine runs on the real operating system
//! and in the deterministic simulator of `tests/simulation`: both under [`crate::event_loop`].
//!
//! Nothing here may name mio, a socket, a terminal or the protocol. Read next:
//! [`crate::directory`], the smaller of the two machines.

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

/// A point in time: milliseconds since the event loop started. Only an operating system's clock
/// makes these. For everything else they are numbers, so a test can decide what time it is.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Millis(pub u64);

impl Millis {
    /// How long ago `earlier` was, in milliseconds; 0 if it lies ahead.
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

/// One connection, for as long as anybody may speak of it.
///
/// `slot` is its place in the event loop's slab and is used again after the connection is gone;
/// the pair is never used again. So a machine may keep a `ConnId` for as long as it likes, and
/// an action for a connection that has just closed reaches nobody instead of a stranger.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ConnId {
    /// Place in the event loop's slab.
    pub slot: u32,
    /// How many connections used that place before.
    pub generation: u32,
}

/// A listening socket of the event loop, by the order in which they were added.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ListenerId(pub u8);

/// An outgoing connection that is not one yet. Chosen by the machine, echoed by the event loop.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DialId(pub u32);

/// Why a connection is gone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CloseReason {
    /// The machine asked for it.
    Asked,
    /// The operating system reported an error, a reset among them.
    Failed(io::ErrorKind),
    /// A line grew past [`LineLimit::close`].
    LineTooLong,
    /// The other side does not read: its unsent output grew past the event loop's bound.
    SlowReader,
}

/// How a stream of bytes is cut before it is handed over. Each listener and each dial has
/// one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Framing {
    /// Lines: [`Input::Line`], [`Input::Pending`].
    Lines(LineLimit),
    /// Nothing: what one read brings is one [`Input::Bytes`]. Two sends may arrive as one and one
    /// as two; what a message is, the machine says.
    Raw,
}

/// How long sent bytes may stay unacknowledged before the system gives a connection up, where a
/// machine wants nothing else. A slow partner is not a dead one: a laptop that sleeps, or a reader
/// that pauses, may come back. Linux alone would try for a quarter of an hour.
pub const GIVE_UP: Duration = Duration::from_secs(180);

/// Everything that can happen to a machine.
#[derive(Debug)]
pub enum Input<'a, C> {
    /// Somebody connected to our listener.
    Accepted {
        /// The listener that it came in by.
        listener: ListenerId,
        /// The new connection.
        conn: ConnId,
        /// Where it comes from, an IPv4-mapped address written as IPv4.
        from: SocketAddr,
        /// The address of ours by which it came. For a caller from loopback: loopback.
        reached: IpAddr,
    },
    /// A dial has ended, one way or the other. Exactly one for every [`Action::Dial`],
    /// [`Action::Abandon`] or not.
    Dialed {
        /// The number that the machine gave.
        dial: DialId,
        /// The open connection, or what went wrong.
        result: Result<ConnId, io::ErrorKind>,
    },
    /// A line arrived.
    Line {
        /// Where it arrived.
        conn: ConnId,
        /// Its bytes without the terminator, as they came: UTF-8 or not.
        line: &'a [u8],
        /// How it ended.
        end: LineEnd,
    },
    /// Bytes arrived, and the last of them are no whole line. Some programs never end one; see
    /// [`Action::EndLine`].
    Pending {
        /// Where they arrived.
        conn: ConnId,
        /// All there is of the unfinished line.
        line: &'a [u8],
    },
    /// Bytes arrived on a connection with [`Framing::Raw`].
    Bytes {
        /// Where they arrived.
        conn: ConnId,
        /// At least one, and as many as one read brought.
        bytes: &'a [u8],
    },
    /// A datagram arrived.
    Datagram {
        /// The sender, an IPv4-mapped address written as IPv4.
        from: SocketAddr,
        /// All of it: datagrams have limits of their own, and may be empty.
        bytes: &'a [u8],
    },
    /// The other side will send nothing more. It may still be reading.
    EndOfStream {
        /// The connection whose stream ended.
        conn: ConnId,
    },
    /// The kernel did not take everything. Told after each attempt that leaves something
    /// over, and once with 0 when the backlog is gone.
    Backlog {
        /// The connection whose output it is.
        conn: ConnId,
        /// How much of it is still here, in bytes.
        bytes: usize,
    },
    /// The kernel has taken all output, as [`Action::AwaitDrain`] wanted to know.
    Drained {
        /// The connection whose output is out.
        conn: ConnId,
    },
    /// The connection is gone. Exactly once, and the last word on this [`ConnId`].
    Closed {
        /// Which one.
        conn: ConnId,
        /// Why.
        reason: CloseReason,
    },
    /// The host wants something, or the person in front of it.
    Command(&'a C),
    /// The host's output (a pipe, a file) takes nothing more for now, or takes again. A machine
    /// that shows what connections bring answers with [`Action::Pause`], or with
    /// [`Action::Resume`].
    OutputFull(bool),
    /// The operating system asks the program to end.
    Stop,
    /// The person who runs the program asks for its state. The event loop's part of the answer.
    Report(LoopCounts),
    /// The moment named by [`Machine::next_deadline`] has come.
    Tick,
}

impl<C> Clone for Input<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<'a, C> Input<'a, C> {
    /// The same for a machine that takes other commands, or none. `None`: it is a command.
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

/// By hand, because a derived one would want the command itself to be `Copy`.
impl<C> Copy for Input<'_, C> {}

/// The counts of the event loop, since it started where nothing else is said.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct LoopCounts {
    /// Connections now.
    pub connections: usize,
    /// Output that waits for all of them together, in bytes.
    pub pending_bytes: usize,
    /// Connections that came in.
    pub accepted: u64,
    /// Those that were sent away at the door, because there was no descriptor for them.
    pub shed: u64,
    /// Turns of the loop.
    pub turns: u64,
}

/// Everything a machine may ask for. `N` is what it may show.
#[derive(Debug)]
pub enum Action<N> {
    /// Queue these bytes ([`Actions::bytes`]) behind what is queued already.
    Send {
        /// For whom.
        conn: ConnId,
        /// Where they lie in the arena of [`Actions`].
        span: Span,
    },
    /// Queue bytes that many connections share, without copying them.
    SendShared {
        /// For whom.
        conn: ConnId,
        /// The bytes, and what to leave out of them.
        shared: SharedText,
    },
    /// Take what has arrived of an unfinished line for a line ([`LineEnd::Rest`], or
    /// [`LineEnd::Cut`]).
    EndLine {
        /// Where.
        conn: ConnId,
    },
    /// Cut what still comes on a connection with [`Framing::Raw`] into lines: its beginning, which
    /// is no line, has been understood. For good; there is no way back.
    CutLines {
        /// Which one.
        conn: ConnId,
        /// For its lines.
        limit: LineLimit,
        /// Bytes that were handed over already and belong to the lines: they are the first to be
        /// cut. Where they lie in the arena of [`Actions`].
        rest: Span,
    },
    /// Send these bytes as one datagram. It may get lost, here already: one that the kernel does
    /// not take at once is dropped and counted.
    SendTo {
        /// To whom.
        to: SocketAddr,
        /// Where the bytes lie in the arena of [`Actions`].
        span: Span,
    },
    /// Say so ([`Input::Drained`]) when the kernel has taken all output. It is said in a later
    /// turn, however soon it is true: who answers with more output takes turns with the others,
    /// and so a stream of any length needs the memory of one piece.
    AwaitDrain {
        /// The connection whose output it is.
        conn: ConnId,
    },
    /// Read nothing more from this connection for now, its end included: what it sends waits in
    /// the kernel, and the sender notices. Lines that were read already come behind
    /// [`Action::Resume`], where bytes are cut into lines; a raw read is handed over whole.
    Pause {
        /// Which one.
        conn: ConnId,
    },
    /// Read it again.
    Resume {
        /// Which one.
        conn: ConnId,
    },
    /// When all output is out, say that no more will come, and read on.
    HalfClose {
        /// Which one.
        conn: ConnId,
    },
    /// When all output is out, close. Nothing more is read.
    Close {
        /// Which one.
        conn: ConnId,
    },
    /// Close now, both ways, whatever is still queued.
    Abort {
        /// Which one.
        conn: ConnId,
    },
    /// The same with a reset: the other side is told that nothing of this counts, where an end of
    /// the stream would be an answer.
    Reset {
        /// Which one.
        conn: ConnId,
    },
    /// Open a connection.
    Dial {
        /// A number to know the result by.
        dial: DialId,
        /// Where to.
        to: SocketAddr,
        /// How the bytes of the other side are cut.
        framing: Framing,
        /// How long sent bytes may stay unacknowledged before the system gives the connection up
        /// (tcp(7), `TCP_USER_TIMEOUT`).
        give_up: Duration,
    },
    /// Give a dial up. Its [`Input::Dialed`] comes with [`io::ErrorKind::TimedOut`], unless
    /// the result was under way already.
    Abandon {
        /// Which one.
        dial: DialId,
    },
    /// Show this to the person, or write it to the log.
    Show(N),
    /// End the program with this status.
    Exit {
        /// The status for the operating system.
        status: u8,
    },
}

/// Decides. Implemented by the directory, the peer, the load generator, and the services of the
/// lab.
pub trait Machine {
    /// The type of the facts that it tells people.
    type Notice;

    /// The type of the commands that people give it.
    type Command;

    /// Reacts to one input at `now`. Never blocks, never fails, never reads a clock.
    ///
    /// It returns nothing on purpose: with no `Result` there is no `?` by which the mistake of
    /// one peer could unwind the loop that serves all the others. A machine must put up with a
    /// [`ConnId`] that it does not know: what it asked for may meet a connection that is gone.
    fn handle(
        &mut self,
        now: Millis,
        input: Input<'_, Self::Command>,
        actions: &mut Actions<Self::Notice>,
    );

    /// When it next wants [`Input::Tick`]. After a tick at `t` this is `None` or later than `t`.
    fn next_deadline(&self) -> Option<Millis>;

    /// Whether the next command may be handed over. Where this says no, commands wait at the host:
    /// that is how a script on stdin behaves like a patient person.
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

/// A slab's index as it stands in a [`ConnId`].
///
/// # Panics
///
/// Beyond 2³² connections at once, which no machine has descriptors for.
#[must_use]
pub fn slot_number(slot: usize) -> u32 {
    u32::try_from(slot).expect("fewer than 2^32 connections at once")
}
