//! The operating system of one simulated process, as [`papo::event_loop`] wants it.
//!
//! Sockets, a poller and a clock, all of them made up. Calls are cut short and interrupted. What
//! there is beyond the process is lent to it for a turn ([`SimOs::network`]), so nothing is
//! shared. All that happens is told to the diary. Read next: [`super::poller`], then
//! [`super::network`].

use std::io::{self, ErrorKind, IoSlice};
use std::net::{Shutdown, SocketAddr};
use std::sync::mpsc::Sender;
use std::time::Duration;

use papo::event_loop::os::{AcceptFault, Os, Readiness};
use papo::machine::{ConnId, Millis};

use super::agenda::NodeId;
use super::clock::Clock;
use super::link::{Side, Sock, Standing};
use super::network::Network;
use super::witness::Seen;

/// Sockets of a loop come behind those of its listeners.
pub(super) const FIRST_CONNECTION: usize = 8;

/// accept(2) and socket(2): no descriptor is left (EMFILE on Linux).
const NO_DESCRIPTOR: i32 = 24;

/// As [`papo::event_loop::TICK_WAITS_MS_MAX`]: reading may be behind for so long.
const BEHIND_MS_MAX: u64 = papo::event_loop::TICK_WAITS_MS_MAX;

/// A stream, as a loop holds it.
#[derive(Debug)]
pub(crate) struct SimStream {
    sock: Sock,
    /// Once it is watched: what machines must know it by.
    conn: Option<ConnId>,
}

/// The listening socket of a node.
#[derive(Debug)]
pub(crate) struct SimListener;

/// There are no datagrams in this world.
#[derive(Debug)]
pub(crate) enum NoDatagrams {}

/// A place in the slab of the loop, as seen from outside.
#[derive(Debug, Default)]
pub(super) struct Slot {
    pub(super) sock: Option<Sock>,
    /// How many streams were there before.
    pub(super) generation: u32,
}

#[derive(Debug)]
pub(crate) struct SimOs<const EMPTIES: bool> {
    pub(super) node: NodeId,
    pub(crate) clock: Clock,
    /// Everything outside, while the process runs. Otherwise an empty one.
    pub(crate) network: Box<Network>,
    diary: Sender<Seen>,
    pub(super) slots: Vec<Slot>,
    /// The time of the process, in the world's time. In a turn it may run ahead a little.
    pub(super) at: u64,
    /// When the last poll began that was not interrupted.
    pub(super) polled_at: u64,
    /// The process was stopped in its sleep, at this time, and goes on now.
    pub(crate) stopped_at: Option<u64>,
    has_spare: bool,
    open_streams: usize,
    /// How many descriptors there may be.
    pub(crate) descriptors_max: usize,
}

impl<const EMPTIES: bool> SimOs<EMPTIES> {
    pub(crate) fn new(node: NodeId, clock: Clock, now: u64, diary: Sender<Seen>) -> Self {
        Self {
            node,
            clock,
            network: Box::default(),
            diary,
            slots: Vec::new(),
            at: now,
            polled_at: now,
            stopped_at: None,
            has_spare: false,
            open_streams: 0,
            descriptors_max: usize::MAX,
        }
    }

    /// The computer sleeps for so long: no time passes here.
    pub(crate) fn stand_still(&mut self, pause_ms: u64) {
        self.clock.stand_still(pause_ms);
        self.at += pause_ms;
        self.polled_at += pause_ms;
    }

    /// Plans the next turn of this process: at once where there is news, or when its loop's sleep
    /// is over.
    pub(crate) fn plan_turn(&mut self, timeout: Option<Duration>) {
        let (now, soon) = (self.network.agenda.now, self.network.rng.within(0..2));
        if self.has_news() || timeout == Some(Duration::ZERO) {
            self.network.agenda.wake(self.node, now + soon);
        } else if let Some(timeout) = timeout {
            let timeout_ms = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
            let wakes_at = self.clock.when(self.now() + timeout_ms);
            self.network.agenda.wake(self.node, wakes_at);
        }
    }

    /// The process is gone: its kernel closes what it had open.
    pub(crate) fn kill(&self, network: &mut Network) {
        network.stop_listening(self.node);
        let socks: Vec<_> = self.watched().map(|(_, sock)| sock).collect();
        socks.into_iter().for_each(|sock| network.close(sock));
    }

    /// No more than so many streams can be opened.
    pub(crate) fn leave_descriptors(&mut self, count: usize) {
        self.descriptors_max = self.open_streams + usize::from(self.has_spare) + count;
    }

    /// Since when something waits to be read, unless the process may be behind with it.
    fn unread_since(&self, sock: Sock) -> Option<Millis> {
        let end = &self.network.links[sock.link].ends[sock.side as usize];
        let may_be_behind = end.known_since.is_some_and(|since| self.at >= since + BEHIND_MS_MAX);
        let is_excused = may_be_behind || end.standing != Standing::Open;
        end.unread_since.filter(|_| !is_excused).map(|since| self.clock.show(since))
    }

    pub(super) fn interrupted(&mut self) -> io::Result<()> {
        let network = &mut self.network;
        self.at += network.weather.draw_call_ms(&mut network.rng);
        if network.weather.interrupts(&mut network.rng) {
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

    fn tell(&self, seen: Seen) {
        // Nobody reads the diary of a process that was killed.
        let _ = self.diary.send(seen);
    }
}

impl<const EMPTIES: bool> Os for SimOs<EMPTIES> {
    type Stream = SimStream;
    type Listener = SimListener;
    type Datagrams = NoDatagrams;

    const SHORT_READ_EMPTIES: bool = EMPTIES;

    fn now(&self) -> Millis {
        self.clock.show(self.at)
    }

    fn poll(&mut self, ready: &mut Vec<Readiness>, timeout: Option<Duration>) -> io::Result<()> {
        self.tell(Seen::Polled { may_sleep: timeout != Some(Duration::ZERO) });
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
        self.tell(Seen::Opened(conn, stream.sock));
        let now = self.network.agenda.now;
        self.network.links[stream.sock.link].end(stream.sock.side).alarm.ring(now);
        Ok(())
    }

    fn watch_datagrams(&mut self, socket: &mut NoDatagrams, _: usize) -> io::Result<()> {
        match *socket {}
    }

    fn accept(&mut self, _: &SimListener) -> io::Result<(SimStream, SocketAddr)> {
        self.interrupted()?;
        // With a full table the system says so even where nobody waits.
        self.needs_descriptor()?;
        let Some(sock) = self.network.accept(self.node) else {
            self.network.knocks[self.node].arm();
            return Err(ErrorKind::WouldBlock.into());
        };
        self.tell(Seen::Accepted);
        let is_broken = matches!(self.network.standing(sock), Standing::Broken(_));
        if is_broken && self.network.rng.percent(50) {
            self.network.close(sock);
            return Err(ErrorKind::ConnectionAborted.into());
        }
        self.open_streams += 1;
        let from = self.network.links[sock.link].from;
        Ok((SimStream { sock, conn: None }, from))
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "a model makes few errors")]
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
        if let Standing::Broken(kind) = self.network.standing(sock)
            && self.network.rng.percent(50)
        {
            self.network.close(sock);
            return Err(kind.into());
        }
        self.open_streams += 1;
        Ok(SimStream { sock, conn: None })
    }

    fn dial_result(&mut self, stream: &SimStream) -> Option<Result<(), ErrorKind>> {
        match self.network.standing(stream.sock) {
            Standing::Opening => None,
            Standing::Open => Some(Ok(())),
            Standing::Broken(kind) => Some(Err(kind)),
            Standing::Closed => unreachable!("nobody else closes this socket"),
        }
    }

    fn local_address(&self, stream: &SimStream) -> io::Result<SocketAddr> {
        let link = &self.network.links[stream.sock.link];
        Ok(match stream.sock.side {
            Side::Dialer => link.from,
            Side::Listener => SocketAddr::new(link.reached, link.to.port()),
        })
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
            self.tell(Seen::Read(conn, stream.sock, bytes));
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
                self.tell(Seen::Wrote(stream.sock, bytes));
            }
            (Err(error), Some(conn)) if error.kind() != ErrorKind::WouldBlock => {
                self.tell(Seen::WriteFailed(conn));
            }
            (Err(_), _) => {}
        }
        result
    }

    fn shutdown(&mut self, stream: &SimStream, how: Shutdown) {
        if let (Shutdown::Both, Some(conn)) = (how, stream.conn)
            && let Some(since) = self.unread_since(stream.sock)
        {
            self.tell(Seen::CutUnread(conn, since));
        }
        if self.network.standing(stream.sock) == Standing::Open {
            self.network.half_close(stream.sock);
        }
    }

    fn close(&mut self, stream: SimStream) {
        self.network.close(stream.sock);
        self.open_streams -= 1;
        if let Some(conn) = stream.conn {
            let slot = &mut self.slots[conn.slot as usize];
            (slot.sock, slot.generation) = (None, conn.generation + 1);
            self.tell(Seen::Removed(conn));
        }
    }

    fn receive(&mut self, socket: &NoDatagrams, _: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        match *socket {}
    }

    fn send(&mut self, socket: &NoDatagrams, _: &[u8], _: SocketAddr) -> io::Result<()> {
        match *socket {}
    }
}
