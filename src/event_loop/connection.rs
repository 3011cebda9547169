//! One TCP connection: its stream, its two buffers, and its state.
//!
//! ```text
//! Dialing ──► Open ──► Ended ──► Closing      the machine asked: closes when all output is out
//!    │         │ │ └──────────────►│
//!    │         │ └─► Broken ──►│   │         a write failed: still read to its end
//!    ▼         └───────────────▼───▼
//! Abandoned                  Closed          removed at the end of the turn
//! ```
//!
//! `docs/ARCHITECTURE.md` has the event of each edge.
//!
//! A connection knows no other connection and decides nothing. Read next:
//! [`super::connections`].

use std::io::{self, IoSlice, Write};
use std::net::Shutdown;

use super::os::Os;
use crate::buffers::lines::LineBuffer;
use crate::buffers::output::{OutBuffer, Spare};
use crate::machine::{CloseReason, ConnId, DialId, Framing};

/// Unsent output, in bytes, from which on a connection is not read (backpressure): a client that
/// does not read its answers cannot ask for more.
pub const OUTPUT_SOFT_BYTES: usize = 64 * 1024;

/// Unsent output, in bytes, beyond which a connection is closed, unless a single answer may be that
/// long: see [`Connection::is_flooded`].
pub const OUTPUT_HARD_BYTES: usize = 1024 * 1024;

#[derive(Debug)]
pub(super) struct Connection<S> {
    pub(super) id: ConnId,
    pub(super) stream: S,
    pub(super) inbound: Inbound,
    pub(super) outbound: OutBuffer,
    pub(super) state: ConnectionState,
    /// It is on the dirty list, for [`super::EventLoop::settle`].
    pub(super) is_dirty: bool,
    /// It is on the list of pending reads.
    pub(super) is_read_pending: bool,
    /// More may follow a short read: an event reported the end of the stream, or an urgent byte.
    /// True until the end has been read, or a read returns `WouldBlock`.
    pub(super) expects_more: bool,
    /// The last write was partial: the machine waits for an `Input::Backlog` with 0.
    had_backlog: bool,
    /// It reached the soft bound, so an edge may have come unread. When the output is below the
    /// bound again, it goes on the list of pending reads.
    pub(super) was_throttled: bool,
    /// The machine has paused it.
    pub(super) is_paused: bool,
    /// The machine asked for a half-close, and output still waits.
    pub(super) wants_half_close: bool,
    /// The machine asked for an input when all output is out.
    pub(super) awaits_drain: bool,
}

/// The received bytes, by the connection's framing.
#[derive(Debug)]
pub(super) enum Inbound {
    /// Cut into lines. The buffer keeps an unfinished line, or bytes that were put back.
    Lines(LineBuffer),
    /// Not cut: the bytes of each read are handed over whole.
    Raw,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ConnectionState {
    /// Not connected yet.
    Dialing(DialId),
    Open,
    /// A write failed. The bytes that the kernel has received are still read; then it closes.
    Broken(io::ErrorKind),
    /// The other side will send nothing more, and the machine knows that.
    Ended,
    /// Closes when all output is out. Bytes that still arrive are not handed over.
    Closing,
    /// To be removed at the end of the turn, with an [`crate::machine::Input::Closed`].
    Closed(CloseReason),
    /// As `Closed`, but without an input: a dial that failed or was given up.
    Abandoned,
}

/// The result of an attempt to write.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Flushed {
    /// The kernel has taken all output.
    All {
        /// The write before was partial.
        had_backlog: bool,
    },
    /// The kernel has taken only a part.
    Partial {
        /// How many bytes are left.
        left: usize,
    },
    /// The connection is broken.
    Failed(io::ErrorKind),
}

impl Flushed {
    /// How many bytes are left, or the error of the write.
    pub(super) fn left(self) -> Result<usize, io::ErrorKind> {
        match self {
            Self::All { .. } => Ok(0),
            Self::Partial { left } => Ok(left),
            Self::Failed(kind) => Err(kind),
        }
    }
}

impl Inbound {
    pub(super) fn new(framing: Framing) -> Self {
        match framing {
            Framing::Lines(limit) => Self::Lines(LineBuffer::new(limit)),
            Framing::Raw => Self::Raw,
        }
    }

    /// Keeps bytes that cannot be handed over now. Raw bytes are never put back.
    pub(super) fn put_back(&mut self, fresh: &[u8]) {
        if let Self::Lines(lines) = self {
            lines.put_back(fresh);
        }
    }

    /// Takes out the bytes that were put back.
    pub(super) fn take_back(&mut self) -> Vec<u8> {
        match self {
            Self::Lines(lines) => lines.take_back(),
            Self::Raw => Vec::new(),
        }
    }

    /// The bytes of the unfinished line.
    pub(super) fn pending(&self) -> &[u8] {
        match self {
            Self::Lines(lines) => lines.pending(),
            Self::Raw => &[],
        }
    }

    /// How many bytes were put back, to be handed over later.
    pub(super) fn held_bytes(&self) -> usize {
        match self {
            Self::Lines(lines) => lines.held_bytes(),
            Self::Raw => 0,
        }
    }
}

impl<S> Connection<S> {
    pub(super) fn new(id: ConnId, stream: S, framing: Framing, state: ConnectionState) -> Self {
        Self {
            id,
            stream,
            inbound: Inbound::new(framing),
            outbound: OutBuffer::default(),
            state,
            is_dirty: false,
            is_read_pending: false,
            expects_more: false,
            had_backlog: false,
            was_throttled: false,
            is_paused: false,
            wants_half_close: false,
            awaits_drain: false,
        }
    }

    /// Whether received bytes go to the machine.
    pub(super) fn accepts_input(&self) -> bool {
        matches!(self.state, ConnectionState::Open | ConnectionState::Broken(_))
    }

    /// Whether the loop may read it now.
    pub(super) fn is_readable(&self) -> bool {
        self.accepts_input() && !self.is_held_back()
    }

    /// Whether it is not read for now: it is throttled, or the machine has paused it.
    pub(super) fn is_held_back(&self) -> bool {
        self.is_throttled() || self.is_paused
    }

    /// Whether it is to be removed.
    pub(super) fn is_closed(&self) -> bool {
        matches!(self.state, ConnectionState::Closed(_) | ConnectionState::Abandoned)
    }

    /// Whether its unsent output is at the soft bound, so that it is not read for now.
    pub(super) fn is_throttled(&self) -> bool {
        self.outbound.len() >= OUTPUT_SOFT_BYTES
    }

    /// The bytes in its buffers that count for [`super::connections::HELD_BYTES_MAX`]. An
    /// unfinished line does not count: it has a bound of its own.
    pub(super) fn held_bytes(&self) -> usize {
        self.outbound.held_bytes() + self.inbound.held_bytes()
    }

    /// Whether output waits that was not offered to the kernel yet.
    pub(super) fn has_fresh_output(&self) -> bool {
        !self.outbound.is_empty() && !self.had_backlog
    }

    /// Whether [`super::EventLoop::settle`] has nothing to do for it.
    pub(super) fn is_settled(&self) -> bool {
        let is_closing = !matches!(self.state, ConnectionState::Open | ConnectionState::Ended);
        let is_awaited = self.wants_half_close || self.awaits_drain;
        self.outbound.is_empty() && !is_closing && !is_awaited
    }

    /// Whether far more output waits than one long answer above the soft bound. A throttled
    /// connection is not read, so only a machine that sends without being asked gets this far.
    pub(super) fn is_flooded(&self, longest_answer: usize) -> bool {
        self.outbound.len() > OUTPUT_HARD_BYTES.max(4 * longest_answer)
    }

    /// Frees its buffers, because it is to be closed.
    pub(super) fn forget_buffers(&mut self) {
        self.outbound.clear();
        let _ = self.inbound.take_back();
    }

    /// Closes when all output is out, or at once if a write has failed.
    pub(super) fn finish(&mut self) {
        let reason = self.end_reason();
        let is_broken = reason != CloseReason::Asked;
        self.state =
            if is_broken { ConnectionState::Closed(reason) } else { ConnectionState::Closing };
    }

    /// The reason of [`crate::machine::Input::Closed`] when the machine closes it. After a failed
    /// write it is the error, because not all output is out.
    pub(super) fn end_reason(&self) -> CloseReason {
        if let ConnectionState::Broken(kind) = self.state {
            CloseReason::Failed(kind)
        } else {
            CloseReason::Asked
        }
    }

    /// Writes what the kernel takes. When all output is out, it half-closes if the machine asked.
    pub(super) fn flush<O: Os<Stream = S>>(&mut self, os: &mut O, spare: &mut Spare) -> Flushed {
        let mut writer = StreamWriter { os, stream: &self.stream };
        match self.outbound.write_to(&mut writer, spare) {
            Ok(()) => {
                if std::mem::take(&mut self.wants_half_close) {
                    os.shutdown(&self.stream, Shutdown::Write);
                }
                Flushed::All { had_backlog: std::mem::take(&mut self.had_backlog) }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.had_backlog = true;
                Flushed::Partial { left: self.outbound.len() }
            }
            Err(error) => Flushed::Failed(error.kind()),
        }
    }
}

/// A stream of an [`Os`] as a [`Write`], for the output buffer.
struct StreamWriter<'a, O: Os> {
    os: &'a mut O,
    stream: &'a O::Stream,
}

impl<O: Os> Write for StreamWriter<'_, O> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.os.write(self.stream, &[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.os.write(self.stream, slices)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use mio::net::TcpStream;

    use super::*;

    /// A server has thousands of idle connections. (In a debug build mio's streams are larger.)
    #[test]
    fn a_connection_fills_a_cache_line_and_no_more() {
        let stream = size_of::<TcpStream>().next_multiple_of(8) - 4;
        let connection = size_of::<Connection<TcpStream>>();
        assert!(connection <= 60 + stream, "{connection}");
        assert_eq!(size_of::<Inbound>(), size_of::<LineBuffer>(), "raw framing costs nothing");
    }
}
