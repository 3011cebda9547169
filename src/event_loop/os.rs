//! The calls that the event loop makes to an operating system.
//!
//! [`Os`] has two implementations. [`super::mio_os::MioOs`] is the real one. The simulator
//! (`tests/simulation`) has a model of a kernel, and runs the same loop on it. The compiler chooses
//! the implementation, so a call costs no more than the system call itself.
//!
//! An implementation decides nothing. Read next: [`super::mio_os`].

use std::fmt::Debug;
use std::io::{self, IoSlice};
use std::net::{Shutdown, SocketAddr};
use std::time::Duration;

use crate::machine::Millis;

/// Most readiness events that one [`Os::poll`] may report. After this many, more may wait.
pub const EVENTS_PER_TURN: usize = 1024;

/// One event of the poller: a source, and the calls that became possible on it.
///
/// The loop registers each source once and edge-triggered: an event reports a *change*, and it
/// comes once. A flag that is set without reason (a spurious wake-up) does no harm: the next call
/// returns [`io::ErrorKind::WouldBlock`].
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

/// Why an accept failed, other than by [`io::ErrorKind::WouldBlock`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AcceptFault {
    /// The caller has disconnected already. Another caller may wait.
    CallerGone,
    /// All descriptors are in use. The caller still waits.
    NoDescriptor,
    /// The system has no memory or no buffers for a while.
    Exhausted,
    /// This is no listening socket, and will not become one.
    Fatal,
}

/// Sockets, a poller and a clock.
///
/// Only [`Os::poll`] blocks. A call that can do nothing now returns
/// [`io::ErrorKind::WouldBlock`]. After that, the next edge of the source will come.
pub trait Os {
    /// A TCP connection, or one that is being dialed.
    type Stream: Debug;
    /// A listening socket.
    type Listener: Debug;
    /// A UDP socket.
    type Datagrams: Debug;

    /// Whether a read that does not fill the buffer has emptied the socket, so that the next byte
    /// brings a new edge. True for epoll(7) and kqueue(2). If it is false, the loop reads on until
    /// [`io::ErrorKind::WouldBlock`].
    const SHORT_READ_EMPTIES: bool;

    /// The monotonic clock, in milliseconds since the loop began.
    fn now(&self) -> Millis;

    /// Waits until a source is ready, or `timeout` has passed (`None`: no bound), and appends at
    /// most [`EVENTS_PER_TURN`] events to `ready`.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::Interrupted`] if a signal came first. After any other error the poller is
    /// of no use.
    fn poll(&mut self, ready: &mut Vec<Readiness>, timeout: Option<Duration>) -> io::Result<()>;

    /// Registers a listening socket, for incoming connections.
    ///
    /// # Errors
    ///
    /// Those of the poller.
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
    /// Those of accept(2). [`Os::accept_fault`] sorts them.
    fn accept(&mut self, listener: &Self::Listener) -> io::Result<(Self::Stream, SocketAddr)>;

    /// The fault that an error of [`Os::accept`] stands for.
    fn accept_fault(error: &io::Error) -> AcceptFault;

    /// Closes the one spare descriptor. With it, the loop can accept a caller and reset the
    /// connection, instead of leaving the caller in the kernel's queue.
    fn give_up_spare(&mut self);

    /// Opens the spare descriptor again, if the system has one.
    fn take_spare(&mut self);

    /// Begins to connect. A writable event reports that the dial has succeeded or failed.
    ///
    /// # Errors
    ///
    /// The errors that the system knows at once.
    fn dial(&mut self, to: SocketAddr, give_up: Duration) -> io::Result<Self::Stream>;

    /// The result of a dial. `None`: it has not ended.
    fn dial_result(&mut self, stream: &Self::Stream) -> Option<Result<(), io::ErrorKind>>;

    /// Our own address on this connection.
    ///
    /// # Errors
    ///
    /// If the connection is broken already.
    fn local_address(&self, stream: &Self::Stream) -> io::Result<SocketAddr>;

    /// The other side's address.
    ///
    /// # Errors
    ///
    /// If the connection is broken already.
    fn peer_address(&self, stream: &Self::Stream) -> io::Result<SocketAddr>;

    /// Reads once. 0 is the end of the stream.
    ///
    /// # Errors
    ///
    /// Those of read(2).
    fn read(&mut self, stream: &Self::Stream, buffer: &mut [u8]) -> io::Result<usize>;

    /// Writes once. Returns how many bytes the kernel took: any part of them.
    ///
    /// # Errors
    ///
    /// Those of writev(2).
    fn write(&mut self, stream: &Self::Stream, slices: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Ends one direction, or both. It may fail if the other side has reset the connection already;
    /// the next read reports that.
    fn shutdown(&mut self, stream: &Self::Stream, how: Shutdown);

    /// Makes [`Os::close`] reset the connection instead of ending it in order.
    fn reset_at_close(&mut self, stream: &Self::Stream);

    /// Closes a stream. No event comes for it afterwards.
    fn close(&mut self, stream: Self::Stream);

    /// Receives one whole datagram.
    ///
    /// # Errors
    ///
    /// Those of recvfrom(2).
    fn receive(
        &mut self,
        socket: &Self::Datagrams,
        buffer: &mut [u8],
    ) -> io::Result<(usize, SocketAddr)>;

    /// Sends one datagram.
    ///
    /// # Errors
    ///
    /// Those of sendto(2).
    fn send(&mut self, socket: &Self::Datagrams, bytes: &[u8], to: SocketAddr) -> io::Result<()>;
}
