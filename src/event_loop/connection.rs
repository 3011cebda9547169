//! One TCP connection: its stream, its two buffers, and its state.
//!
//! ```text
//! Dialing ──► Open ──► Ended ──► Closing      the machine asked; closes when output is out
//!    │         │ │ └──────────────►│
//!    │         │ └─► Broken ──►│   │         a write failed; still read to its end
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

/// Unsent output, in bytes, beyond which a connection is not read: a client that does not take
/// answers may not ask for more.
pub const OUTPUT_SOFT_BYTES: usize = 64 * 1024;

/// Unsent output, in bytes, beyond which a connection is closed, where one answer is not longer
/// than that by itself: see [`Connection::is_flooded`].
pub const OUTPUT_HARD_BYTES: usize = 1024 * 1024;

#[derive(Debug)]
pub(super) struct Connection<S> {
    pub(super) id: ConnId,
    pub(super) stream: S,
    pub(super) inbound: Inbound,
    pub(super) outbound: OutBuffer,
    pub(super) state: ConnectionState,
    /// Is on the list of connections with something to write or to finish.
    pub(super) is_dirty: bool,
    /// Is on the list of pending reads.
    pub(super) is_read_pending: bool,
    /// An event said that a short read is not all: the other side has ended its stream, or bytes
    /// lie behind an urgent one. True until the end has been read, or a read would block.
    pub(super) expects_more: bool,
    /// The machine was told of a backlog, and is to be told of its end.
    had_backlog: bool,
    /// It was not read because answers piled up. To be put on the list of pending reads when they
    /// are out: its edge is spent.
    pub(super) was_throttled: bool,
    /// The machine wants it not to be read for now.
    pub(super) is_paused: bool,
    wants_half_close: bool,
    /// The machine wants to know when all output is out.
    pub(super) awaits_drain: bool,
}

/// How received bytes are cut.
#[derive(Debug)]
pub(super) enum Inbound {
    /// Lines. The buffer keeps what is unfinished, and what was put back.
    Lines(LineBuffer),
    /// Nothing: each read is handed over whole.
    Raw,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ConnectionState {
    /// Not connected yet.
    Dialing(DialId),
    Open,
    /// Writing failed. What the kernel has received is still read, and then it closes.
    Broken(io::ErrorKind),
    /// The other side will send nothing more, and the machine knows.
    Ended,
    /// Closes when all output is out. What still arrives is not handed over.
    Closing,
    /// To be removed at the end of the turn.
    Closed(CloseReason),
    /// As `Closed`, but the machine never had it, or has been told already.
    Abandoned,
}

/// The result of an attempt to write.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Flushed {
    /// Everything is out.
    All {
        /// The machine had been told of a backlog.
        had_backlog: bool,
    },
    /// The kernel takes no more.
    Some {
        /// How many bytes wait.
        left: usize,
    },
    /// The connection is broken.
    Failed(io::ErrorKind),
}

impl Flushed {
    /// How many bytes wait, or why they never leave.
    pub(super) fn left(self) -> Result<usize, io::ErrorKind> {
        match self {
            Self::All { .. } => Ok(0),
            Self::Some { left } => Ok(left),
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

    /// Keeps bytes that may not be handed over now. Raw bytes are never put back.
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

    /// The bytes of an unfinished line.
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

    /// Whether what arrives is for the machine.
    pub(super) fn accepts_input(&self) -> bool {
        matches!(self.state, ConnectionState::Open | ConnectionState::Broken(_))
    }

    /// Whether it is to be read now.
    pub(super) fn is_readable(&self) -> bool {
        self.accepts_input() && !self.is_held_back()
    }

    /// Whether nothing is read for now: its answers pile up, or the machine wants it so.
    pub(super) fn is_held_back(&self) -> bool {
        self.is_throttled() || self.is_paused
    }

    /// Whether it is to be removed.
    pub(super) fn is_closed(&self) -> bool {
        matches!(self.state, ConnectionState::Closed(_) | ConnectionState::Abandoned)
    }

    /// Whether its answers pile up, so that it is not read for now.
    pub(super) fn is_throttled(&self) -> bool {
        self.outbound.len() >= OUTPUT_SOFT_BYTES
    }

    /// The bytes in its buffers that count for [`super::connections::HELD_BYTES_MAX`]. A line that
    /// has not ended does not count: it has a bound of its own.
    pub(super) fn held_bytes(&self) -> usize {
        self.outbound.held_bytes() + self.inbound.held_bytes()
    }

    /// Whether output waits that the kernel has not been offered yet.
    pub(super) fn has_fresh_output(&self) -> bool {
        !self.outbound.is_empty() && !self.had_backlog
    }

    /// Whether there is nothing to write, to end or to tell of.
    pub(super) fn is_settled(&self) -> bool {
        let is_closing = !matches!(self.state, ConnectionState::Open | ConnectionState::Ended);
        let is_awaited = self.wants_half_close || self.awaits_drain;
        self.outbound.is_empty() && !is_closing && !is_awaited
    }

    /// Whether more output waits than one long answer on top of the soft bound. Nothing is read
    /// beyond [`OUTPUT_SOFT_BYTES`], so only a machine that sends unasked comes here.
    pub(super) fn is_flooded(&self, longest_answer: usize) -> bool {
        self.outbound.len() > OUTPUT_HARD_BYTES.max(4 * longest_answer)
    }

    /// Frees the buffers of a connection that is to be closed.
    pub(super) fn forget_buffers(&mut self) {
        self.outbound.clear();
        let _ = self.inbound.take_back();
    }

    /// Closes when all output is out; at once where it never will be.
    pub(super) fn finish(&mut self) {
        let reason = self.end_reason();
        let is_broken = reason != CloseReason::Asked;
        self.state =
            if is_broken { ConnectionState::Closed(reason) } else { ConnectionState::Closing };
    }

    /// The reason to tell when the machine wants it closed: not all output is out where a write
    /// has failed, although the machine does not know yet.
    pub(super) fn end_reason(&self) -> CloseReason {
        if let ConnectionState::Broken(kind) = self.state {
            CloseReason::Failed(kind)
        } else {
            CloseReason::Asked
        }
    }

    pub(super) fn half_close(&mut self) {
        self.wants_half_close = true;
    }

    /// Writes what the kernel takes; when everything is out, half-closes if that was asked for.
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
                Flushed::Some { left: self.outbound.len() }
            }
            Err(error) => Flushed::Failed(error.kind()),
        }
    }
}

/// A stream of an [`Os`], as the output buffer wants it.
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

    /// There are thousands, most of them idle. (In a debug build mio's streams are larger.)
    #[test]
    fn a_connection_fills_a_cache_line_and_no_more() {
        let stream = size_of::<TcpStream>().next_multiple_of(8) - 4;
        let connection = size_of::<Connection<TcpStream>>();
        assert!(connection <= 60 + stream, "{connection}");
        assert_eq!(size_of::<Inbound>(), size_of::<LineBuffer>(), "raw framing costs nothing");
    }
}
