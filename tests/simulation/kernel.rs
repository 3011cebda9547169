//! The operating system of one simulated process, as [`papo::event_loop`] wants it.
//!
//! It has sockets, a poller and a clock. Calls may be cut short and interrupted. The network is
//! lent to the process for a turn ([`SimOs::network`]), so nothing is shared. Each call is in the
//! log. Read next: [`super::poller`], then [`super::network`].

use std::convert::Infallible;
use std::io::{self, ErrorKind, IoSlice};
use std::net::{Shutdown, SocketAddr};
use std::sync::mpsc::Sender;
use std::time::Duration;

use papo::event_loop::TICK_WAITS_MS_MAX;
use papo::event_loop::os::{AcceptFault, Os, Readiness};
use papo::machine::{ConnId, Millis};

use super::clock::Clock;
use super::link::{Side, Sock, SockState};
use super::logged::LogEntry;
use super::network::Network;
use super::schedule::NodeId;

/// The tokens of connections follow those of listeners.
pub(super) const FIRST_CONNECTION: usize = 8;

/// The error of accept(2) and socket(2) without a free descriptor: EMFILE on Linux.
const NO_DESCRIPTOR: i32 = 24;

#[derive(Debug)]
pub(crate) struct SimStream {
    sock: Sock,
    /// The machine's id for it, once it is watched.
    conn: Option<ConnId>,
}

#[derive(Debug)]
pub(crate) struct SimListener;

/// A place in the loop's slab.
#[derive(Debug, Default)]
pub(super) struct Slot {
    pub(super) sock: Option<Sock>,
    /// How many streams were in this place before.
    pub(super) generation: u32,
}

#[derive(Debug)]
pub(crate) struct SimOs<const EMPTIES: bool> {
    pub(super) node: NodeId,
    pub(crate) clock: Clock,
    /// The network while the process runs. Otherwise an empty one.
    pub(crate) network: Box<Network>,
    log: Sender<LogEntry>,
    pub(super) slots: Vec<Slot>,
    /// The time of the process, in the world's time. In a turn it may be a little ahead.
    pub(super) at: u64,
    /// When the last poll began that was not interrupted.
    pub(super) polled_at: u64,
    /// The process was stopped in its sleep, at this time, and continues now.
    pub(crate) stopped_at: Option<u64>,
    has_spare: bool,
    open_streams: usize,
    pub(crate) descriptors_max: usize,
}

impl<const EMPTIES: bool> SimOs<EMPTIES> {
    pub(crate) fn new(node: NodeId, clock: Clock, now: u64, log: Sender<LogEntry>) -> Self {
        Self {
            node,
            clock,
            network: Box::default(),
            log,
            slots: Vec::new(),
            at: now,
            polled_at: now,
            stopped_at: None,
            has_spare: false,
            open_streams: 0,
            descriptors_max: usize::MAX,
        }
    }

    /// The computer sleeps for so long: the clock does not advance.
    pub(crate) fn stand_still(&mut self, pause_ms: u64) {
        self.clock.stand_still(pause_ms);
        self.at += pause_ms;
        self.polled_at += pause_ms;
    }

    /// Plans the next turn: at once if there are events, or at the end of the loop's sleep.
    pub(crate) fn plan_turn(&mut self, timeout: Option<Duration>) {
        let (now, soon) = (self.network.schedule.now, self.network.rng.within(0..2));
        if self.has_events() || timeout == Some(Duration::ZERO) {
            self.network.schedule.wake(self.node, now + soon);
        } else if let Some(timeout) = timeout {
            let timeout_ms = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
            let wakes_at = self.clock.when(self.now() + timeout_ms);
            self.network.schedule.wake(self.node, wakes_at);
        }
    }

    /// The process ends, and its kernel closes all sockets.
    pub(crate) fn kill(&self, network: &mut Network) {
        network.stop_listening(self.node);
        let socks: Vec<_> = self.watched().map(|(_, sock)| sock).collect();
        socks.into_iter().for_each(|sock| network.close(sock));
    }

    /// Allows so many more streams.
    pub(crate) fn leave_descriptors(&mut self, count: usize) {
        self.descriptors_max = self.open_streams + usize::from(self.has_spare) + count;
    }

    /// Since when input waits to be read, unless the process may be behind with it.
    fn unread_since(&self, sock: Sock) -> Option<Millis> {
        let end = &self.network.links[sock.link].ends[sock.side as usize];
        let may_be_behind =
            end.known_since.is_some_and(|since| self.at >= since + TICK_WAITS_MS_MAX);
        let is_excused = may_be_behind || end.state != SockState::Open;
        end.unread_since.filter(|_| !is_excused).map(|since| self.clock.show(since))
    }

    pub(super) fn interrupted(&mut self) -> io::Result<()> {
        let network = &mut self.network;
        let percent = network.conditions.interrupted_percent;
        self.at += u64::from(network.rng.chance(percent));
        if network.rng.chance(percent) {
            return Err(ErrorKind::Interrupted.into());
        }
        Ok(())
    }

    fn needs_descriptor(&self) -> io::Result<()> {
        if self.open_streams + usize::from(self.has_spare) < self.descriptors_max {
            return Ok(());
        }
        Err(io::Error::from_raw_os_error(NO_DESCRIPTOR))
    }

    fn note(&self, seen: LogEntry) {
        // The log of a killed process has no reader.
        let _ = self.log.send(seen);
    }
}

impl<const EMPTIES: bool> Os for SimOs<EMPTIES> {
    type Stream = SimStream;
    type Listener = SimListener;
    /// This world has no datagrams.
    type Datagrams = Infallible;

    const SHORT_READ_EMPTIES: bool = EMPTIES;

    fn now(&self) -> Millis {
        self.clock.show(self.at)
    }

    fn poll(&mut self, ready: &mut Vec<Readiness>, timeout: Option<Duration>) -> io::Result<()> {
        self.note(LogEntry::Polled { may_sleep: timeout != Some(Duration::ZERO) });
        self.poll_once(ready)
    }

    fn watch_listener(&mut self, _: &mut SimListener, _: usize) -> io::Result<()> {
        self.take_spare();
        Ok(())
    }

    fn watch_stream(&mut self, stream: &mut SimStream, token: usize) -> io::Result<()> {
        let index = token - FIRST_CONNECTION;
        if index == self.slots.len() {
            self.slots.push(Slot::default());
        }
        let slot = &mut self.slots[index];
        assert!(slot.sock.is_none(), "one source, one token");
        slot.sock = Some(stream.sock);
        let number = papo::machine::slot_number(index);
        let conn = ConnId { slot: number, generation: slot.generation };
        stream.conn = Some(conn);
        self.note(LogEntry::Opened(conn, stream.sock));
        let now = self.network.schedule.now;
        self.network.links[stream.sock.link].end(stream.sock.side).poll_state.set_edge(now);
        Ok(())
    }

    fn watch_datagrams(&mut self, socket: &mut Infallible, _: usize) -> io::Result<()> {
        match *socket {}
    }

    fn accept(&mut self, _: &SimListener) -> io::Result<(SimStream, SocketAddr)> {
        self.interrupted()?;
        // Linux reports a full table even if no caller waits.
        self.needs_descriptor()?;
        let Some(sock) = self.network.backlogs[self.node].pop_front() else {
            self.network.listener_polls[self.node].rearm();
            return Err(ErrorKind::WouldBlock.into());
        };
        self.note(LogEntry::Accepted);
        let is_broken = matches!(self.network.state(sock), SockState::Broken(_));
        if is_broken && self.network.rng.percent(50) {
            self.network.close(sock);
            return Err(ErrorKind::ConnectionAborted.into());
        }
        self.open_streams += 1;
        let from = self.network.links[sock.link].from;
        Ok((SimStream { sock, conn: None }, from))
    }

    fn accept_fault(error: &io::Error) -> AcceptFault {
        match error.kind() {
            ErrorKind::Interrupted | ErrorKind::ConnectionAborted => AcceptFault::CallerGone,
            _ if error.raw_os_error() == Some(NO_DESCRIPTOR) => AcceptFault::NoDescriptor,
            _ => AcceptFault::Exhausted,
        }
    }

    fn give_up_spare(&mut self) {
        self.has_spare = false;
    }

    fn take_spare(&mut self) {
        self.has_spare = self.has_spare || self.needs_descriptor().is_ok();
    }

    fn dial(&mut self, to: SocketAddr, _: Duration) -> io::Result<SimStream> {
        self.needs_descriptor()?;
        let sock = self.network.dial(self.node, to);
        if let SockState::Broken(kind) = self.network.state(sock)
            && self.network.rng.percent(50)
        {
            self.network.close(sock);
            return Err(kind.into());
        }
        self.open_streams += 1;
        Ok(SimStream { sock, conn: None })
    }

    fn dial_result(&mut self, stream: &SimStream) -> Option<Result<(), ErrorKind>> {
        match self.network.state(stream.sock) {
            SockState::Opening => None,
            SockState::Open => Some(Ok(())),
            SockState::Broken(kind) => Some(Err(kind)),
            SockState::Closed => unreachable!("nobody else closes this socket"),
        }
    }

    fn local_address(&self, stream: &SimStream) -> io::Result<SocketAddr> {
        let link = &self.network.links[stream.sock.link];
        Ok(if stream.sock.side == Side::Dialer { link.from } else { link.to })
    }

    fn peer_address(&self, stream: &SimStream) -> io::Result<SocketAddr> {
        let link = &self.network.links[stream.sock.link];
        Ok(if stream.sock.side == Side::Dialer { link.to } else { link.from })
    }

    fn read(&mut self, stream: &SimStream, buffer: &mut [u8]) -> io::Result<usize> {
        let result =
            self.interrupted().and_then(|()| self.network.read(stream.sock, buffer, EMPTIES));
        if let Some(conn) = stream.conn {
            let bytes = match &result {
                Ok(count) => Ok(buffer[..*count].to_vec()),
                Err(error) => Err(error.kind()),
            };
            self.note(LogEntry::Read(conn, stream.sock, bytes));
        }
        result
    }

    fn write(&mut self, stream: &SimStream, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.interrupted()?;
        let room = self.network.links[stream.sock.link].out(stream.sock.side).room();
        let mut bytes = Vec::new();
        for slice in slices {
            let left = room.max(1) - bytes.len();
            bytes.extend_from_slice(&slice[..slice.len().min(left)]);
        }
        let result = self.network.write(stream.sock, &bytes);
        match (&result, stream.conn) {
            (Ok(count), _) => {
                bytes.truncate(*count);
                self.note(LogEntry::Wrote(stream.sock, bytes));
            }
            (Err(error), Some(conn)) if error.kind() != ErrorKind::WouldBlock => {
                self.note(LogEntry::WriteFailed(conn));
            }
            (Err(_), _) => {}
        }
        result
    }

    fn shutdown(&mut self, stream: &SimStream, how: Shutdown) {
        if let (Shutdown::Both, Some(conn)) = (how, stream.conn)
            && let Some(since) = self.unread_since(stream.sock)
        {
            self.note(LogEntry::CutUnread(conn, since));
        }
        if self.network.state(stream.sock) == SockState::Open {
            self.network.half_close(stream.sock);
        }
    }

    /// The loop closes the stream in the same turn and does nothing with it before.
    fn reset_at_close(&mut self, stream: &SimStream) {
        self.network.reset(stream.sock);
    }

    fn close(&mut self, stream: SimStream) {
        self.network.close(stream.sock);
        self.open_streams -= 1;
        if let Some(conn) = stream.conn {
            let slot = &mut self.slots[conn.slot as usize];
            (slot.sock, slot.generation) = (None, conn.generation + 1);
            self.note(LogEntry::Removed(conn));
        }
    }

    fn receive(&mut self, socket: &Infallible, _: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        match *socket {}
    }

    fn send(&mut self, socket: &Infallible, _: &[u8], _: SocketAddr) -> io::Result<()> {
        match *socket {}
    }
}
