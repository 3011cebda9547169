//! One TCP connection: its stream, what half-arrived, what half-left, and where it stands.
//!
//! Knows no other connection and decides nothing. Read next: [`super::connections`].

use std::io::{self, Read};
use std::net::{Shutdown, SocketAddr};

use mio::net::TcpStream;

use super::inbound::Inbound;
use crate::buffers::output::OutBuffer;
use crate::machine::{CloseReason, ConnId, DialId, Framing};

/// Unsent output, in bytes, beyond which a connection is not read: who does not take answers
/// may not ask for more.
pub const OUTPUT_SOFT_BYTES: usize = 64 * 1024;

/// Unsent output, in bytes, beyond which a connection is closed, where one answer is not longer
/// than that by itself: see [`Connection::is_flooded`].
pub const OUTPUT_HARD_BYTES: usize = 1024 * 1024;

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) id: ConnId,
    pub(super) stream: TcpStream,
    pub(super) inbound: Inbound,
    pub(super) outbound: OutBuffer,
    pub(super) phase: Phase,
    /// Stands on the list of those with something to write or to finish.
    pub(super) is_dirty: bool,
    /// Stands on the list of those with something left to read.
    pub(super) is_left_over: bool,
    /// An event said that the other side is done; the end has not been read yet.
    pub(super) expects_end: bool,
    /// The machine was told of a backlog, and is to be told of its end.
    backlog_told: bool,
    /// It was not read because answers piled up.
    pub(super) was_throttled: bool,
    wants_half_close: bool,
    /// The machine wants to know when all output is out.
    pub(super) awaits_drain: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Phase {
    /// Not connected yet.
    Dialing(DialId),
    Open,
    /// The other side will send nothing more, and the machine knows.
    Ended,
    /// Closes when all output is out. What still arrives is not heard.
    Closing,
    /// To be removed at the end of the turn.
    Closed(CloseReason),
    /// As `Closed`, but the machine never had it, or has been told already.
    Abandoned,
}

/// What became of an attempt to write.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Flushed {
    /// Everything is out.
    All {
        /// It was not before.
        tell: bool,
    },
    /// The kernel takes no more.
    Some {
        /// How much waits.
        left: usize,
    },
    /// There is nobody to write to.
    Failed(io::ErrorKind),
}

impl Connection {
    pub(super) fn new(id: ConnId, stream: TcpStream, framing: Framing, phase: Phase) -> Self {
        Self {
            id,
            stream,
            inbound: Inbound::new(framing),
            outbound: OutBuffer::default(),
            phase,
            is_dirty: false,
            is_left_over: false,
            expects_end: false,
            backlog_told: false,
            was_throttled: false,
            wants_half_close: false,
            awaits_drain: false,
        }
    }

    /// Whether lines that arrive are for the machine.
    pub(super) fn is_heard(&self) -> bool {
        self.phase == Phase::Open
    }

    /// Whether it is to be removed.
    pub(super) fn is_closed(&self) -> bool {
        matches!(self.phase, Phase::Closed(_) | Phase::Abandoned)
    }

    /// Whether its answers pile up, so that it is not read for now.
    pub(super) fn is_throttled(&self) -> bool {
        self.outbound.len() >= OUTPUT_SOFT_BYTES
    }

    /// What its buffers hold that counts for [`super::connections::HELD_BYTES_MAX`]. An unfinished
    /// line does not: it has a bound of its own.
    pub(super) fn held_bytes(&self) -> usize {
        self.outbound.held_bytes() + self.inbound.held_bytes()
    }

    /// Whether something waits that the kernel has not been offered yet.
    pub(super) fn has_fresh_output(&self) -> bool {
        !self.outbound.is_empty() && !self.backlog_told
    }

    /// Frees what is held: nobody will be sent it, and nobody hear it.
    pub(super) fn forget_buffers(&mut self) {
        self.outbound.clear();
        let _ = self.inbound.take_held();
    }

    /// Whether more piles up than one long answer on top of what is allowed: since nothing is
    /// read beyond [`OUTPUT_SOFT_BYTES`], only a machine that talks unasked comes here.
    pub(super) fn is_flooded(&self, longest_answer: usize) -> bool {
        self.outbound.len() > OUTPUT_HARD_BYTES.max(4 * longest_answer)
    }

    pub(super) fn read(&self, scratch: &mut [u8]) -> io::Result<usize> {
        (&self.stream).read(scratch)
    }

    pub(super) fn half_close(&mut self) {
        self.wants_half_close = true;
    }

    /// Writes what the kernel takes; when everything is out, half-closes if that was asked for.
    pub(super) fn flush(&mut self) -> Flushed {
        match self.outbound.write_to(&mut &self.stream) {
            Ok(()) => {
                if std::mem::take(&mut self.wants_half_close) {
                    // It fails where the other side has reset already; the read will say so.
                    let _ = self.stream.shutdown(Shutdown::Write);
                }
                Flushed::All { tell: std::mem::take(&mut self.backlog_told) }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.backlog_told = true;
                Flushed::Some { left: self.outbound.len() }
            }
            Err(error) => Flushed::Failed(error.kind()),
        }
    }

    /// How a dial ended; `None`: it has not. The six steps of mio's documentation of
    /// [`TcpStream::connect`]: a writable event alone proves nothing.
    pub(super) fn dial_result(&self) -> Option<Result<(), io::ErrorKind>> {
        if let Ok(Some(error)) | Err(error) = self.stream.take_error() {
            return Some(Err(error.kind()));
        }
        match self.stream.peer_addr() {
            Ok(other) if self.is_itself(other) => Some(Err(io::ErrorKind::ConnectionRefused)),
            Ok(_) => Some(Ok(())),
            Err(error) if error.kind() == io::ErrorKind::NotConnected => None,
            Err(error) => Some(Err(error.kind())),
        }
    }

    /// A dial to a port of this machine where nobody listens may be given that very port for
    /// its own end, and then connects to itself.
    fn is_itself(&self, other: SocketAddr) -> bool {
        self.stream.local_addr().is_ok_and(|local| local == other)
    }
}

#[cfg(test)]
mod tests {
    use socket2::{Domain, Socket, Type};

    use super::*;
    use crate::buffers::lines::LineBuffer;

    /// A socket that was bound first and dials its own address: TCP's simultaneous open with one
    /// end. Without `bind` the kernel's choice of a port leads there by chance, once in thousands.
    fn connected_to_itself() -> TcpStream {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("any port");
        let own = socket.local_addr().expect("its address");
        socket.connect(&own).expect("Linux connects it");
        socket.set_nonblocking(true).expect("non-blocking");
        TcpStream::from_std(socket.into())
    }

    /// There are thousands, most of them idle. (In a debug build mio's streams are larger.)
    #[test]
    fn a_connection_fills_a_cache_line_and_no_more() {
        let stream = size_of::<TcpStream>().next_multiple_of(8) - 4;
        assert!(size_of::<Connection>() <= 60 + stream, "{}", size_of::<Connection>());
        assert_eq!(size_of::<Inbound>(), size_of::<LineBuffer>(), "the other framings are free");
    }

    #[test]
    fn a_connection_to_itself_is_a_refused_one() {
        let id = ConnId { slot: 0, generation: 0 };
        let phase = Phase::Dialing(DialId(1));
        let connection = Connection::new(id, connected_to_itself(), Framing::Raw, phase);
        assert_eq!(connection.dial_result(), Some(Err(io::ErrorKind::ConnectionRefused)));
    }
}
