//! The calls that the event loop makes to an operating system.
//!
//! [`Os`] has two implementations. [`super::mio_os::MioOs`] is the real one. The simulator's model
//! of a kernel (`tests/simulation`) is the other: it runs the very same loop. Both are chosen when
//! the program is compiled, so a call costs nothing more than the system call itself.
//!
//! Nothing here may decide anything. Read next: [`super::mio_os`].

use std::fmt::Debug;
use std::io::{self, IoSlice};
use std::net::{Shutdown, SocketAddr};
use std::time::Duration;

use crate::machine::Millis;

/// Most readiness events that one [`Os::poll`] may report. With as many as this there may be more.
pub const EVENTS_PER_TURN: usize = 1024;

/// One event of the poller: a source, and what became possible on it.
///
/// The loop registers each source once and edge-triggered: an event tells of a *change*, and it
/// comes once. Flags that are set for no reason (a spurious wake-up) do no harm: the next call
/// answers [`io::ErrorKind::WouldBlock`].
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Readiness {
    /// The number under which the source was registered.
    pub token: usize,
    /// A read or an accept may bring something.
    pub readable: bool,
    /// A write may be taken, or a dial has ended.
    pub writable: bool,
    /// The other side will send nothing more.
    pub read_closed: bool,
    /// Nothing can be written any more.
    pub write_closed: bool,
    /// The socket has an error.
    pub error: bool,
    /// An urgent byte is in the stream (tcp(7)): a read stops in front of it.
    pub priority: bool,
}

/// Why an accept brought nobody, when it was not for want of a caller.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AcceptFault {
    /// The caller is gone already. The next one may be there.
    CallerGone,
    /// All descriptors are in use. The caller still waits.
    NoDescriptor,
    /// The system lacks something else, and will for a while.
    Exhausted,
    /// This is no listening socket any more, and will not become one again.
    Fatal,
}

/// Sockets, a poller and a clock.
///
/// No call blocks but [`Os::poll`]. Where a call could not do anything now it answers
/// [`io::ErrorKind::WouldBlock`]; after that the next edge of the source will come.
pub trait Os {
    /// A TCP connection, or one that is being dialed.
    type Stream: Debug;
    /// A listening socket.
    type Listener: Debug;
    /// A UDP socket.
    type Datagrams: Debug;

    /// Whether a read that does not fill the buffer has emptied the socket, so that the next byte
    /// brings a new edge. True for epoll(7) and kqueue(2). Where it is false, the loop reads on
    /// until [`io::ErrorKind::WouldBlock`].
    const SHORT_READ_EMPTIES: bool;

    /// The monotonic clock, in milliseconds since the loop began.
    fn now(&self) -> Millis;

    /// Waits until something is ready, or `timeout` has passed (`None`: for as long as it takes),
    /// and appends at most [`EVENTS_PER_TURN`] events to `ready`.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::Interrupted`] where a signal came first; all others are the poller's end.
    fn poll(&mut self, ready: &mut Vec<Readiness>, timeout: Option<Duration>) -> io::Result<()>;

    /// Registers a listening socket, for incoming callers.
    ///
    /// # Errors
    ///
    /// Those of the poller, here and in the two calls that follow.
    fn watch_listener(&mut self, listener: &mut Self::Listener, token: usize) -> io::Result<()>;

    /// Registers a stream, once and for both directions.
    ///
    /// # Errors
    ///
    /// Those of the poller.
    fn watch_stream(&mut self, stream: &mut Self::Stream, token: usize) -> io::Result<()>;

    /// Registers a UDP socket, for reading.
    ///
    /// # Errors
    ///
    /// Those of the poller.
    fn watch_datagrams(&mut self, socket: &mut Self::Datagrams, token: usize) -> io::Result<()>;

    /// Takes the next caller.
    ///
    /// # Errors
    ///
    /// accept(2)'s. [`Os::accept_fault`] sorts them.
    fn accept(&mut self, listener: &Self::Listener) -> io::Result<(Self::Stream, SocketAddr)>;

    /// The fault behind an error of [`Os::accept`].
    fn accept_fault(error: &io::Error) -> AcceptFault;

    /// Gives up the one descriptor that is held in reserve, so that a caller can be accepted and
    /// closed, instead of waiting in the kernel's queue without a word.
    fn give_up_spare(&mut self);

    /// Takes a descriptor in reserve again, if there is one to be had.
    fn take_spare(&mut self);

    /// Begins to connect. A writable event tells that it has ended, one way or the other.
    ///
    /// # Errors
    ///
    /// Those that are known at once.
    fn dial(&mut self, to: SocketAddr, give_up: Duration) -> io::Result<Self::Stream>;

    /// How a dial ended. `None`: it has not ended.
    fn dial_result(&mut self, stream: &Self::Stream) -> Option<Result<(), io::ErrorKind>>;

    /// Our own address on this connection.
    ///
    /// # Errors
    ///
    /// Where the connection is broken already; so in the next call.
    fn local_address(&self, stream: &Self::Stream) -> io::Result<SocketAddr>;

    /// The other side's address.
    ///
    /// # Errors
    ///
    /// Where the connection is broken already.
    fn peer_address(&self, stream: &Self::Stream) -> io::Result<SocketAddr>;

    /// Reads once. 0 is the end of the stream.
    ///
    /// # Errors
    ///
    /// read(2)'s.
    fn read(&mut self, stream: &Self::Stream, buffer: &mut [u8]) -> io::Result<usize>;

    /// Writes once, and tells how many bytes were taken: any number of them.
    ///
    /// # Errors
    ///
    /// writev(2)'s.
    fn write(&mut self, stream: &Self::Stream, slices: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Ends one direction, or both. It may fail where the other side has reset the connection
    /// already; the next read tells the same.
    fn shutdown(&mut self, stream: &Self::Stream, how: Shutdown);

    /// Has [`Os::close`] reset the connection instead of ending it in order.
    fn reset_at_close(&mut self, stream: &Self::Stream);

    /// Gives a stream back. Its events end with it.
    fn close(&mut self, stream: Self::Stream);

    /// Receives one datagram whole.
    ///
    /// # Errors
    ///
    /// recvfrom(2)'s.
    fn receive(
        &mut self,
        socket: &Self::Datagrams,
        buffer: &mut [u8],
    ) -> io::Result<(usize, SocketAddr)>;

    /// Sends one datagram.
    ///
    /// # Errors
    ///
    /// sendto(2)'s.
    fn send(&mut self, socket: &Self::Datagrams, bytes: &[u8], to: SocketAddr) -> io::Result<()>;
}
