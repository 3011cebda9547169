//! An operating system that a test scripts. It records the calls of the loop.
//!
//! Each event comes from the test, and only the test moves the clock. Read next: [`super::fairness`],
//! whose tests show its use.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::net::{Ipv4Addr, Shutdown, SocketAddr};
use std::time::Duration;

use papo::event_loop::os::{AcceptFault, Os, Readiness};
use papo::machine::Millis;

/// The number of a stream, in the order in which streams were made.
pub(crate) type StreamId = usize;

/// One thing that the kernel has received on a stream.
#[derive(Clone, Debug)]
pub(crate) enum Arrival {
    /// Bytes. One read takes as many of them as its buffer holds.
    Bytes(Vec<u8>),
    /// An urgent byte: a read stops before it, and the next read begins after it.
    Urgent,
    /// The end of the stream.
    End,
    /// An error. One read returns it, and then the stream is at its end, but for an interrupted read.
    Error(io::ErrorKind),
}

/// An event for the next poll.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ready {
    /// A connection waits to be accepted.
    Listener,
    /// Bytes have arrived.
    Readable(StreamId),
    /// A write may be taken, or a dial has ended.
    Writable(StreamId),
    /// The other side has ended its stream. Bytes may have arrived, too.
    ReadClosed(StreamId),
    /// An urgent byte has arrived.
    Priority(StreamId),
}

/// The calls of the loop, in order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Call {
    Accept(StreamId),
    /// A read, and the number of bytes. A read that would block is not recorded.
    Read(StreamId, usize),
    /// A write, and how many bytes the kernel took.
    Write(StreamId, usize),
    Shutdown(StreamId, Shutdown),
    ResetAtClose(StreamId),
    Close(StreamId),
}

#[derive(Debug, Default)]
pub(crate) struct ScriptedOs {
    pub(crate) now: Millis,
    /// How long the next poll sleeps: the clock is so much later when it returns.
    pub(crate) poll_takes_ms: u64,
    /// The next poll is interrupted by a signal and brings nothing.
    pub(crate) poll_is_interrupted: bool,
    /// The next poll fails.
    pub(crate) poll_fails: Option<io::ErrorKind>,
    /// How long each read takes.
    pub(crate) read_takes_ms: u64,
    /// How long the last poll was allowed to sleep.
    pub(crate) last_timeout: Option<Duration>,
    /// How the dials end. `None`: they have not ended.
    pub(crate) dial_ends: Option<Result<(), io::ErrorKind>>,
    /// How the next calls of accept fail, one after the other: see [`ScriptedOs::accept_fault`].
    pub(crate) accept_fails: VecDeque<io::ErrorKind>,
    /// The datagrams that arrive, or the errors that come in their place.
    pub(crate) datagrams: VecDeque<Result<&'static str, io::ErrorKind>>,
    /// The kernel takes no datagram.
    pub(crate) refuses_datagrams: bool,
    /// Where datagrams went.
    pub(crate) sent_to: Vec<SocketAddr>,
    events: Vec<Readiness>,
    listener_token: usize,
    /// Connections that wait to be accepted.
    callers: VecDeque<StreamId>,
    streams: Vec<Stream>,
    calls: Vec<Call>,
}

#[derive(Debug)]
struct Stream {
    token: usize,
    arrived: VecDeque<Arrival>,
    /// How many bytes the kernel still takes.
    room: usize,
    write_fails: Option<io::ErrorKind>,
}

impl ScriptedOs {
    pub(crate) fn listener(&mut self) -> Listener {
        Listener
    }

    /// A client connects: a stream that waits to be accepted.
    pub(crate) fn call(&mut self) -> StreamId {
        let stream = self.new_stream();
        self.callers.push_back(stream);
        stream
    }

    /// The stream that was made last.
    pub(crate) fn last_stream(&self) -> StreamId {
        self.streams.len() - 1
    }

    /// The next poll brings these events, in this order.
    pub(crate) fn poll_brings(&mut self, ready: &[Ready]) {
        self.events = ready.iter().map(|&ready| self.readiness(ready)).collect();
    }

    pub(crate) fn arrive(&mut self, stream: StreamId, arrival: Arrival) {
        let arrived = &mut self.streams[stream].arrived;
        // One read takes what has arrived in several pieces.
        if let (Some(Arrival::Bytes(all)), Arrival::Bytes(more)) = (arrived.back_mut(), &arrival) {
            all.extend_from_slice(more);
        } else {
            arrived.push_back(arrival);
        }
    }

    /// The kernel takes only so many more bytes on this stream.
    pub(crate) fn set_room(&mut self, stream: StreamId, bytes: usize) {
        self.streams[stream].room = bytes;
    }

    /// From now on a write on this stream fails.
    pub(crate) fn break_writing(&mut self, stream: StreamId, kind: io::ErrorKind) {
        self.streams[stream].write_fails = Some(kind);
    }

    pub(crate) fn forget_calls(&mut self) {
        self.calls.clear();
    }

    /// The calls of the loop since the last call of this.
    pub(crate) fn take_calls(&mut self) -> Vec<Call> {
        std::mem::take(&mut self.calls)
    }

    /// The reads among that: the streams, and how much was read.
    pub(crate) fn take_reads(&mut self) -> Vec<(StreamId, usize)> {
        let read = |call| {
            if let Call::Read(stream, bytes) = call { Some((stream, bytes)) } else { None }
        };
        self.take_calls().into_iter().filter_map(read).collect()
    }

    fn new_stream(&mut self) -> StreamId {
        let stream =
            Stream { token: 0, arrived: VecDeque::new(), room: usize::MAX, write_fails: None };
        self.streams.push(stream);
        self.streams.len() - 1
    }

    fn readiness(&self, ready: Ready) -> Readiness {
        let of = |stream: StreamId| Readiness { token: self.streams[stream].token, ..NOTHING };
        match ready {
            Ready::Listener => Readiness { token: self.listener_token, readable: true, ..NOTHING },
            Ready::Readable(stream) => Readiness { readable: true, ..of(stream) },
            Ready::Writable(stream) => Readiness { writable: true, ..of(stream) },
            Ready::ReadClosed(stream) => {
                Readiness { readable: true, read_closed: true, ..of(stream) }
            }
            Ready::Priority(stream) => Readiness { readable: true, priority: true, ..of(stream) },
        }
    }
}

const NOTHING: Readiness = Readiness {
    token: 0,
    readable: false,
    writable: false,
    read_closed: false,
    write_closed: false,
    error: false,
    priority: false,
};

/// The one listening socket.
#[derive(Debug)]
pub(crate) struct Listener;

fn would_block<T>() -> io::Result<T> {
    Err(io::ErrorKind::WouldBlock.into())
}

fn an_address() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000))
}

impl Os for ScriptedOs {
    type Stream = StreamId;
    type Listener = Listener;
    type Datagrams = ();

    const SHORT_READ_EMPTIES: bool = true;

    fn now(&self) -> Millis {
        self.now
    }

    fn poll(&mut self, ready: &mut Vec<Readiness>, timeout: Option<Duration>) -> io::Result<()> {
        self.last_timeout = timeout;
        self.now = self.now + std::mem::take(&mut self.poll_takes_ms);
        if std::mem::take(&mut self.poll_is_interrupted) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        if let Some(kind) = self.poll_fails.take() {
            return Err(kind.into());
        }
        ready.append(&mut self.events);
        Ok(())
    }

    fn watch_listener(&mut self, _listener: &mut Listener, token: usize) -> io::Result<()> {
        self.listener_token = token;
        Ok(())
    }

    fn watch_stream(&mut self, stream: &mut StreamId, token: usize) -> io::Result<()> {
        self.streams[*stream].token = token;
        Ok(())
    }

    fn watch_datagrams(&mut self, _socket: &mut (), _token: usize) -> io::Result<()> {
        Ok(())
    }

    fn accept(&mut self, _listener: &Listener) -> io::Result<(StreamId, SocketAddr)> {
        if let Some(kind) = self.accept_fails.pop_front() {
            return Err(kind.into());
        }
        let Some(stream) = self.callers.pop_front() else { return would_block() };
        self.calls.push(Call::Accept(stream));
        Ok((stream, an_address()))
    }

    fn accept_fault(error: &io::Error) -> AcceptFault {
        match error.kind() {
            io::ErrorKind::ConnectionAborted => AcceptFault::CallerGone,
            io::ErrorKind::QuotaExceeded => AcceptFault::NoDescriptor,
            io::ErrorKind::OutOfMemory => AcceptFault::Exhausted,
            _ => AcceptFault::Fatal,
        }
    }

    fn give_up_spare(&mut self) {}

    fn take_spare(&mut self) {}

    fn dial(&mut self, _to: SocketAddr, _give_up: Duration) -> io::Result<StreamId> {
        Ok(self.new_stream())
    }

    fn dial_result(&mut self, _stream: &StreamId) -> Option<Result<(), io::ErrorKind>> {
        self.dial_ends
    }

    fn local_address(&self, _stream: &StreamId) -> io::Result<SocketAddr> {
        Ok(an_address())
    }

    fn peer_address(&self, _stream: &StreamId) -> io::Result<SocketAddr> {
        Ok(an_address())
    }

    fn read(&mut self, stream: &StreamId, buffer: &mut [u8]) -> io::Result<usize> {
        self.now = self.now + self.read_takes_ms;
        let arrived = &mut self.streams[*stream].arrived;
        while matches!(arrived.front(), Some(Arrival::Urgent)) {
            arrived.pop_front();
        }
        let count = match arrived.front_mut() {
            None | Some(Arrival::Urgent) => return would_block(),
            Some(Arrival::End) => 0,
            Some(Arrival::Error(io::ErrorKind::Interrupted)) => {
                arrived.pop_front();
                return Err(io::ErrorKind::Interrupted.into());
            }
            Some(Arrival::Error(kind)) => {
                let error = io::Error::from(*kind);
                arrived[0] = Arrival::End;
                return Err(error);
            }
            Some(Arrival::Bytes(bytes)) => take(bytes, buffer),
        };
        if matches!(arrived.front(), Some(Arrival::Bytes(bytes)) if bytes.is_empty()) {
            arrived.pop_front();
        }
        self.calls.push(Call::Read(*stream, count));
        Ok(count)
    }

    fn write(&mut self, stream: &StreamId, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let offered: usize = slices.iter().map(|slice| slice.len()).sum();
        let found = &mut self.streams[*stream];
        if let Some(kind) = found.write_fails {
            return Err(kind.into());
        }
        if found.room == 0 {
            return would_block();
        }
        let taken = offered.min(found.room);
        found.room -= taken;
        self.calls.push(Call::Write(*stream, taken));
        Ok(taken)
    }

    fn shutdown(&mut self, stream: &StreamId, how: Shutdown) {
        self.calls.push(Call::Shutdown(*stream, how));
    }

    fn reset_at_close(&mut self, stream: &StreamId) {
        self.calls.push(Call::ResetAtClose(*stream));
    }

    fn close(&mut self, stream: StreamId) {
        self.calls.push(Call::Close(stream));
    }

    fn receive(&mut self, _socket: &(), buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let text = self.datagrams.pop_front().unwrap_or(Err(io::ErrorKind::WouldBlock))?;
        buffer[..text.len()].copy_from_slice(text.as_bytes());
        Ok((text.len(), an_address()))
    }

    fn send(&mut self, _socket: &(), _bytes: &[u8], to: SocketAddr) -> io::Result<()> {
        self.sent_to.push(to);
        if self.refuses_datagrams { would_block() } else { Ok(()) }
    }
}

/// As many bytes as the buffer holds. What is left stays.
fn take(bytes: &mut Vec<u8>, buffer: &mut [u8]) -> usize {
    let count = bytes.len().min(buffer.len());
    buffer[..count].copy_from_slice(&bytes[..count]);
    bytes.drain(..count);
    count
}
