//! The event loop: one thread and one poller serve all sockets and all deadlines.
//!
//! The loop must not know the protocol or a terminal. Received bytes become an [`Input`] of the
//! machine. The [`Action`]s of the machine become system calls of an [`Os`]. One turn:
//!
//! ```text
//! wait       sleep until an event or the machine's next deadline; do not sleep with work left over
//! left over  read the connections that stopped at their budget in the last turn
//! serve      serve the events of listeners, connections and datagrams; report the host's own
//! tick       after all reading: give the machine a tick, if its deadline has passed
//! settle     write what the kernel takes, and remove the closed connections
//! ```
//!
//! Each source is registered once, edge-triggered. If reading stops before
//! [`io::ErrorKind::WouldBlock`], no further event comes, so the connection goes on the list of
//! pending reads. A read that does not fill the buffer has emptied the socket (epoll(7)), so the
//! loop saves the system call that would return `WouldBlock`.
//!
//! | file | has |
//! | --- | --- |
//! | [`os`], [`mio_os`] | the system calls of the loop; their implementation by mio |
//! | [`connection`], [`connections`] | one stream with its buffers and state; the slab of all |
//! | [`listener`], `accept_errors` | accepting, and the errors of accept(2) |
//! | [`socket`] | sockets and their options |
//! | [`datagrams`] | the UDP socket |
//! | `token` | the token of each source of events |
//! | [`trace`] | each line of the protocol, for `--trace` |
//! | [`recorder`] | the trait by which a recorder follows a turn |
//!
//! stdin, stdout, signals and log files belong to the host, which adds its own sources to the same
//! poller ([`EventLoop::registry`]). Read next: [`EventLoop::turn`].

#[cfg_attr(windows, path = "accept_errors_windows.rs")]
mod accept_errors;
pub mod connection;
pub mod connections;
pub mod datagrams;
pub mod listener;
pub mod mio_os;
pub mod os;
pub mod recorder;
pub mod socket;
pub mod token;
pub mod trace;

use std::io;
use std::net::SocketAddr;
#[cfg(all(unix, not(mio_unsupported_force_poll_poll)))]
use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;

use mio::{Registry, Token};

use crate::buffers::lines::LineTooLong;
use crate::machine::{
    Action, Actions, CloseReason, ConnId, DialId, Framing, Input, LineLimit, ListenerId,
    LoopCounts, Machine, Millis, SharedText, Span,
};

use connection::{ConnectionState, Flushed, Inbound};
use connections::Connections;
use datagrams::Datagrams;
use listener::{ACCEPTS_PER_TURN, Listener};
use mio_os::MioOs;
use os::{EVENTS_PER_TURN, Os, Readiness};
use recorder::{HostStep, LoopState, LoopStep, Part, Recorder, Unrecorded, Wake};
use token::Source;

/// Most bytes read from one connection in one turn. A connection with more to read goes to the end
/// of the list of pending reads, so that a busy sender cannot starve the others. All connections
/// share one read buffer of this size.
pub const READ_BYTES_PER_TURN: usize = 16 * 1024;

/// The same for a connection with [`Framing::Raw`]. It is larger, because a fast stream costs one
/// turn for each read. The longest datagram (65,507 bytes) fits. With twice this size, a stream
/// over loopback had two thirds of the speed. The read buffer grows to this size with the first raw
/// socket.
pub const RAW_READ_BYTES: usize = 64 * 1024;

/// How many events the loop serves before it reads the clock again.
const EVENTS_PER_READING: usize = 8;

/// How long a tick that is due may wait for pending reads, in milliseconds. After a stop of the
/// process, thousands of KEEPs may wait in the kernel: the loop reads them before a client expires.
pub const TICK_WAITS_MS_MAX: u64 = 500;

/// A machine on the sockets of an operating system.
///
/// Machine, connections and actions are separate fields on purpose. The machine borrows a line from
/// a connection's buffer while it changes itself and the actions; the borrow checker allows that
/// only for separate fields.
pub struct EventLoop<M: Machine, O: Os = MioOs, R: Recorder<M> = Unrecorded> {
    os: O,
    /// The events of this turn.
    ready: Vec<Readiness>,
    /// The tokens of the host's own sources that are ready.
    host_ready: Vec<Token>,
    times: Times,
    listeners: Vec<Listener<O>>,
    datagrams: Option<Datagrams<O>>,
    connections: Connections<O>,
    read_buffer: Vec<u8>,
    machine: M,
    recorder: R,
    /// Empty between two inputs: the loop performs all actions of an input at once.
    actions: Actions<M::Notice>,
    /// The notices that the host has not taken yet.
    notices: Vec<M::Notice>,
    counts: Counts,
    exit: Option<u8>,
}

/// The readings of the clock that a turn uses.
#[derive(Debug)]
struct Times {
    /// The clock, read at the beginning of a turn, at each accept, and every
    /// [`EVENTS_PER_READING`] events. Without the later readings, a line that is read late in a
    /// long turn would have a time before its arrival.
    now: Millis,
    /// When the poll began that brought this turn's events. The loop reads all bytes that had
    /// arrived by then before it gives a tick.
    polled_at: Millis,
    /// Since when a due tick waits for pending reads.
    tick_due_since: Option<Millis>,
}

#[derive(Debug, Default)]
struct Counts {
    turns: u64,
    accepted: u64,
}

/// The result of one turn.
#[derive(Debug, Default)]
pub struct Turn {
    /// The machine ends the program with this status. The host should call no further turn.
    pub exit: Option<u8>,
    /// The tokens of the host's own sources that became ready. Takes no memory while it is empty.
    pub host_ready: Vec<Token>,
}

impl<M: Machine> EventLoop<M> {
    /// A loop on the real operating system, without a socket.
    ///
    /// # Errors
    ///
    /// If the system gives no poller.
    pub fn new(machine: M) -> io::Result<Self> {
        Self::recorded(machine, Unrecorded)
    }
}

impl<M: Machine, R: Recorder<M>> EventLoop<M, MioOs, R> {
    /// The same, with a recorder.
    ///
    /// # Errors
    ///
    /// If the system gives no poller.
    pub fn recorded(machine: M, recorder: R) -> io::Result<Self> {
        Ok(Self::recorded_on(MioOs::new()?, machine, recorder))
    }

    /// The registry of the poller. A host registers its own sources here (a keyboard, a signal, a
    /// waker), with tokens from [`token::HOST_TOKENS`] up. [`Turn::host_ready`] has the ready ones.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        self.os.registry()
    }
}

/// The poller's descriptor: readable while an event waits. A host with a loop of its own waits for
/// it, at most as long as [`EventLoop::timeout`] says. (Not `AsFd`, because mio offers only the
/// number.) A build for poll(2) or Windows has no such descriptor.
#[cfg(all(unix, not(mio_unsupported_force_poll_poll)))]
impl<M: Machine, R: Recorder<M>> AsRawFd for EventLoop<M, MioOs, R> {
    fn as_raw_fd(&self) -> RawFd {
        self.os.poll_descriptor().as_raw_fd()
    }
}

impl<M: Machine, O: Os> EventLoop<M, O> {
    /// A loop on `os`, without a socket.
    pub fn on(os: O, machine: M) -> Self {
        Self::recorded_on(os, machine, Unrecorded)
    }
}

impl<M: Machine, O: Os, R: Recorder<M>> EventLoop<M, O, R> {
    /// A loop on `os`, with a recorder.
    pub fn recorded_on(os: O, machine: M, recorder: R) -> Self {
        let now = os.now();
        Self {
            os,
            ready: Vec::new(),
            host_ready: Vec::new(),
            times: Times { now, polled_at: now, tick_due_since: None },
            listeners: Vec::new(),
            datagrams: None,
            connections: Connections::default(),
            read_buffer: vec![0; READ_BYTES_PER_TURN],
            machine,
            recorder,
            actions: Actions::default(),
            notices: Vec::new(),
            counts: Counts::default(),
            exit: None,
        }
    }

    /// Accepts connections from a socket of [`socket::listen`] or
    /// [`socket::create_tcp_server_socket`]. `framing` says how their bytes are cut. The first
    /// listener has the number 0, and [`Input::Accepted`] names it.
    ///
    /// # Errors
    ///
    /// If the poller refuses the socket.
    ///
    /// # Panics
    ///
    /// With more than [`token::LISTENERS_MAX`] listeners.
    pub fn listen(&mut self, mut socket: O::Listener, framing: Framing) -> io::Result<ListenerId> {
        self.grow_read_buffer(framing);
        let index = self.listeners.len();
        self.os.watch_listener(&mut socket, token::of_listener(index))?;
        let id = ListenerId(index as u8);
        self.listeners.push(Listener::new(id, socket, framing));
        Ok(id)
    }

    /// Receives and sends datagrams, through a socket of [`socket::create_udp_socket`].
    ///
    /// # Errors
    ///
    /// If the poller refuses the socket.
    pub fn bind(&mut self, mut socket: O::Datagrams, is_v6: bool) -> io::Result<()> {
        self.grow_read_buffer(Framing::Raw);
        self.os.watch_datagrams(&mut socket, token::of_datagrams())?;
        self.datagrams = Some(Datagrams::new(socket, is_v6));
        Ok(())
    }

    /// One turn. It sleeps until an event or a deadline, for `timeout` at most (`None`: no bound),
    /// and then does all work that needs no waiting. The host takes [`EventLoop::notices`] after
    /// each turn.
    ///
    /// # Errors
    ///
    /// Only if the poller or a listener itself fails. An error of a connection is an input of the
    /// machine.
    pub fn turn(&mut self, timeout: Option<Duration>) -> io::Result<Turn> {
        if self.exit.is_none() {
            self.wait(timeout)?;
            self.counts.turns += 1;
            self.recorder.part(Part::LeftOver);
            self.report_drained();
            self.read_left_over();
            self.recorder.part(Part::Serve);
            self.serve_events();
            self.accept()?;
            self.receive_datagrams();
            self.recorder.part(Part::Tick);
            self.tick();
            self.recorder.part(Part::Settle);
            self.settle();
            self.recorder.part(Part::Host);
        }
        Ok(Turn { exit: self.exit, host_ready: std::mem::take(&mut self.host_ready) })
    }

    /// How long the host may sleep before the next turn, if no source becomes ready. It is zero
    /// while work is left over, and never longer than the next deadline. `None`: no bound. A host
    /// with a loop of its own waits for the descriptor, at most this long, and then calls
    /// `turn(Some(Duration::ZERO))`.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout_at(self.os.now())
    }

    /// Whether the machine takes a command now. If not, the host keeps its commands: a script on
    /// stdin waits until its last command has taken effect.
    #[must_use]
    pub fn accepts_command(&self) -> bool {
        self.exit.is_none() && self.machine.accepts_command()
    }

    /// Gives the machine a command, and performs all its actions at once.
    pub fn command(&mut self, command: &M::Command) {
        self.feed_from_host(Input::Command(command));
    }

    /// Asks the machine to end in order. The host goes on with turns until one has [`Turn::exit`].
    pub fn stop(&mut self) {
        self.feed_from_host(Input::Stop);
    }

    /// Asks the machine for one report of its state.
    pub fn report(&mut self) {
        let figures = self.figures();
        self.feed_from_host(Input::Report(figures));
    }

    /// Tells the machine whether the host's output is full: see [`Input::OutputFull`].
    pub fn output_full(&mut self, full: bool) {
        self.feed_from_host(Input::OutputFull(full));
    }

    /// Takes the notices since the last call, in order.
    pub fn notices(&mut self) -> std::vec::Drain<'_, M::Notice> {
        self.notices.drain(..)
    }

    /// The same, with the recorder, so that the host can record what it does with them.
    pub fn notices_and_recorder(&mut self) -> (std::vec::Drain<'_, M::Notice>, &mut R) {
        (self.notices.drain(..), &mut self.recorder)
    }

    /// The recorder.
    pub fn recorder(&mut self) -> &mut R {
        &mut self.recorder
    }

    /// Records a step of the host.
    pub fn record(&mut self, step: HostStep<'_>) {
        self.recorder.host(step);
    }

    /// Records the end of the last turn. The loop does so itself before each wait; a host calls it
    /// when no more turns come.
    pub fn end_recording(&mut self) {
        self.recorder
            .turn_over(&LoopState { machine: &self.machine, connections: &self.connections });
    }

    /// The last reading of the clock: at the beginning of the last turn, or later in a long turn.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.times.now
    }

    /// The machine.
    #[must_use]
    pub fn machine(&self) -> &M {
        &self.machine
    }

    /// The operating system that the loop runs on.
    pub fn os(&mut self) -> &mut O {
        &mut self.os
    }

    /// How many datagrams the kernel did not take, so that they were dropped.
    #[must_use]
    pub fn dropped_datagrams(&self) -> u64 {
        self.datagrams.as_ref().map_or(0, |datagrams| datagrams.dropped)
    }

    fn figures(&self) -> LoopCounts {
        LoopCounts {
            connections: self.connections.count(),
            pending_bytes: self.connections.pending_bytes(),
            accepted: self.counts.accepted,
            shed: self.listeners.iter().map(|listener| listener.shed_count).sum(),
            turns: self.counts.turns,
        }
    }

    fn feed_from_host(&mut self, input: Input<'_, M::Command>) {
        if self.exit.is_none() {
            self.times.now = self.os.now();
            self.feed(input);
            self.settle();
        }
    }

    /// Grows the read buffer for a raw socket. A loop with lines alone keeps the small one.
    fn grow_read_buffer(&mut self, framing: Framing) {
        if framing == Framing::Raw {
            self.read_buffer.resize(RAW_READ_BYTES, 0);
        }
    }

    // Wait, and the work that needs no event.

    fn wait(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        self.end_recording();
        let before = self.os.now();
        let sleep = [self.timeout_at(before), timeout].into_iter().flatten().min();
        self.ready.clear();
        let polled = self.os.poll(&mut self.ready, sleep);
        let is_interrupted = polled.is_err();
        match polled {
            Ok(()) => self.times.polled_at = before,
            // A signal came, or the process was stopped and continued. The poll did not report
            // which bytes had arrived, so `polled_at` stays.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => self.ready.clear(),
            Err(error) => return Err(error),
        }
        self.times.now = self.os.now();
        self.record_wake(before, sleep, is_interrupted);
        Ok(())
    }

    fn record_wake(&mut self, before: Millis, sleep: Option<Duration>, is_interrupted: bool) {
        self.recorder.woke(&Wake {
            turn: self.counts.turns + 1,
            before,
            now: self.times.now,
            timeout_ms: sleep.map(|sleep| sleep.as_millis() as u64),
            is_interrupted,
            ready: &self.ready,
            connections: &self.connections,
        });
    }

    fn timeout_at(&self, now: Millis) -> Option<Duration> {
        let has_datagrams = self.datagrams.as_ref().is_some_and(|datagrams| datagrams.is_ready);
        let has_work = self.connections.has_work_left() || has_datagrams;
        if has_work || self.exit.is_some() || !self.notices.is_empty() {
            return Some(Duration::ZERO);
        }
        let listeners = self.listeners.iter().filter_map(|listener| listener.next_deadline(now));
        // The clock rounds down to a millisecond. Without the one more, a deadline could be early.
        let machine = self.machine.next_deadline().map(|deadline| deadline + 1);
        let next = machine.into_iter().chain(listeners).min()?;
        Some(Duration::from_millis(next.since(now)))
    }

    /// Only for the connections on the list now. If the machine answers with more output, the next
    /// `Drained` comes in the next turn.
    fn report_drained(&mut self) {
        for _ in 0..self.connections.drained_count() {
            let Some(conn) = self.connections.next_drained() else { break };
            if self.connections.get_mut(conn).is_some() {
                self.feed(Input::Drained { conn });
            }
        }
    }

    /// Only the connections on the list now. A connection that stops at its budget again is read
    /// again in the next turn.
    fn read_left_over(&mut self) {
        for _ in 0..self.connections.pending_read_count() {
            let Some(slot) = self.connections.next_pending_read() else { break };
            self.hand_over_held(slot);
            self.read(slot);
        }
    }

    // Serve: the reading half.

    fn serve_events(&mut self) {
        let ready = std::mem::take(&mut self.ready);
        for (count, event) in ready.iter().enumerate() {
            if count > 0 && count.is_multiple_of(EVENTS_PER_READING) {
                self.times.now = self.os.now();
            }
            match token::source_of(event.token) {
                Source::Listener(index) => {
                    if let Some(listener) = self.listeners.get_mut(index) {
                        listener.is_ready = true;
                    }
                }
                Source::Datagrams => {
                    if let Some(datagrams) = &mut self.datagrams {
                        datagrams.is_ready = true;
                    }
                }
                Source::Connection(slot) => self.on_connection_event(slot, event),
                Source::Host => self.host_ready.push(Token(event.token)),
            }
        }
        self.ready = ready;
    }

    fn on_connection_event(&mut self, slot: usize, event: &Readiness) {
        if event.writable || event.error || event.write_closed {
            self.on_writable(slot);
        }
        let is_over = event.read_closed || event.error;
        // A read stops at an urgent byte (tcp(7)), although more bytes may follow it.
        if (is_over || event.priority)
            && let Some(connection) = self.connections.at(slot)
        {
            connection.expects_more = true;
        }
        if event.readable || is_over {
            self.read(slot);
        }
    }

    /// The dial has ended, or the kernel takes output again.
    fn on_writable(&mut self, slot: usize) {
        let Some(connection) = self.connections.at(slot) else { return };
        if let ConnectionState::Dialing(dial) = connection.state {
            self.end_dial(slot, dial);
        } else if !connection.outbound.is_empty() {
            self.connections.mark_dirty(slot);
        }
    }

    fn end_dial(&mut self, slot: usize, dial: DialId) {
        let Some(connection) = self.connections.at(slot) else { return };
        let conn = connection.id;
        match self.os.dial_result(&connection.stream) {
            None => {}
            Some(Ok(())) => {
                connection.state = ConnectionState::Open;
                self.record_connected(conn);
                self.feed(Input::Dialed { dial, result: Ok(conn) });
            }
            Some(Err(error)) => {
                self.connections.close(slot, ConnectionState::Abandoned);
                self.feed(Input::Dialed { dial, result: Err(error) });
            }
        }
    }

    fn accept(&mut self) -> io::Result<()> {
        for index in 0..self.listeners.len() {
            for _ in 0..ACCEPTS_PER_TURN {
                if !self.accept_one(index)? {
                    break;
                }
            }
        }
        Ok(())
    }

    fn accept_one(&mut self, index: usize) -> io::Result<bool> {
        let listener = &mut self.listeners[index];
        let (id, framing) = (listener.id, listener.framing);
        let Some(caller) = listener.accept(&mut self.os, self.times.now)? else {
            return Ok(false);
        };
        self.times.now = self.os.now();
        self.counts.accepted += 1;
        let (from, reached) = (caller.from, caller.reached);
        match self.connections.insert(&mut self.os, caller.stream, framing, ConnectionState::Open) {
            Ok(conn) => {
                self.record_connected(conn);
                self.feed(Input::Accepted { listener: id, conn, from, reached });
            }
            // The kernel has no memory to register it. Dropping the stream closes it.
            Err(error) => log::warn!("event=register_failed error={:?}", error.kind()),
        }
        Ok(true)
    }

    /// Costs two system calls, so it is done only while a recorder is on.
    fn record_connected(&mut self, conn: ConnId) {
        if self.recorder.is_on()
            && let Some(connection) = self.connections.get_mut(conn)
        {
            let canonical = |it: SocketAddr| SocketAddr::new(it.ip().to_canonical(), it.port());
            let other = self.os.peer_address(&connection.stream).ok().map(canonical);
            let own = self.os.local_address(&connection.stream).ok().map(canonical);
            self.recorder.step(LoopStep::Connected { conn, other, own });
        }
    }

    /// Reads once, and gives the machine every line.
    fn read(&mut self, slot: usize) {
        let Some(connection) = self.connections.at(slot) else { return };
        if !connection.is_readable() {
            return;
        }
        if connection.inbound.held_bytes() > 0 {
            // The bytes that were put back come first.
            self.connections.requeue_read(slot);
            return;
        }
        let bytes_max = match connection.inbound {
            Inbound::Lines(_) => READ_BYTES_PER_TURN,
            Inbound::Raw => RAW_READ_BYTES,
        };
        // An event reported the end of the stream, or an urgent byte: more may follow a short read.
        // That edge comes once, so the loop reads on until the end or `WouldBlock`.
        let reads_on = connection.expects_more || !O::SHORT_READ_EMPTIES;
        let mut buffer = std::mem::take(&mut self.read_buffer);
        let room = &mut buffer[..bytes_max];
        let result = self.os.read(&connection.stream, room);
        self.recorder.step(LoopStep::Read { conn: connection.id, buffer: room, result: &result });
        match result {
            Ok(0) => self.on_end_of_stream(slot),
            Ok(count) => {
                self.hand_over(slot, &buffer[..count]);
                if reads_on || count == bytes_max {
                    self.connections.requeue_read(slot);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                connection.expects_more = false;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                self.connections.requeue_read(slot);
            }
            Err(error) => self.on_read_error(slot, error.kind()),
        }
        self.read_buffer = buffer;
    }

    /// Hands over bytes that were put back, if the connection may be read now.
    fn hand_over_held(&mut self, slot: usize) {
        if self.connections.at(slot).is_some_and(|it| it.is_readable()) {
            let held = self.connections.take_back(slot);
            self.hand_over(slot, &held);
        }
    }

    /// Hands over every line of one read, and then writes all answers with one system call, before
    /// the next connection is served. So a LIST text is usually out before a new one is made.
    fn hand_over(&mut self, slot: usize, fresh: &[u8]) {
        let Some(connection) = self.connections.at(slot) else { return };
        let conn = connection.id;
        self.hand_over_lines(slot, fresh);
        if self.connections.get_mut(conn).is_some_and(|it| it.has_fresh_output()) {
            self.flush(slot, conn);
        }
    }

    fn hand_over_lines(&mut self, slot: usize, mut fresh: &[u8]) {
        while !fresh.is_empty() {
            let Some(connection) = self.connections.at(slot) else { return };
            if !connection.accepts_input() {
                return;
            }
            let (conn, is_held_back) = (connection.id, connection.is_held_back());
            let (used, input) = match &mut connection.inbound {
                Inbound::Raw => (fresh.len(), Input::Bytes { conn, bytes: fresh }),
                Inbound::Lines(_) if is_held_back => {
                    self.recorder.step(LoopStep::PutBack { conn, bytes: fresh });
                    self.connections.put_back(slot, fresh);
                    return;
                }
                Inbound::Lines(lines) => match lines.next_line(fresh) {
                    Ok((used, Some(line))) => {
                        trace::line(&self.os, &connection.stream, &line);
                        self.recorder.step(LoopStep::Line { conn, line, fresh, used });
                        (used, Input::Line { conn, line: line.bytes, end: line.end })
                    }
                    Ok((used, None)) => (used, Input::Pending { conn, line: lines.pending() }),
                    Err(LineTooLong) => {
                        self.connections
                            .close(slot, ConnectionState::Closed(CloseReason::LineTooLong));
                        return;
                    }
                },
            };
            if let Input::Bytes { bytes, .. } = input {
                trace::received(&self.os, &connection.stream, bytes);
            }
            // Not `hand_to_machine`, because the input borrows the connection's buffer.
            self.machine.handle(self.times.now, input, &mut self.actions);
            self.recorder.input(&input, &self.machine);
            fresh = &fresh[used..];
            self.perform();
        }
    }

    fn on_end_of_stream(&mut self, slot: usize) {
        self.end_line(slot);
        self.perform();
        let Some(connection) = self.connections.at(slot).filter(|it| it.accepts_input()) else {
            return;
        };
        let conn = connection.id;
        if let ConnectionState::Broken(kind) = connection.state {
            self.connections.close(slot, ConnectionState::Closed(CloseReason::Failed(kind)));
            return;
        }
        connection.state = ConnectionState::Ended;
        self.feed(Input::EndOfStream { conn });
    }

    /// The connection is broken. The bytes that arrived before count as a line, ended or not.
    fn on_read_error(&mut self, slot: usize, kind: io::ErrorKind) {
        self.end_line(slot);
        self.perform();
        self.connections.close(slot, ConnectionState::Closed(CloseReason::Failed(kind)));
    }

    /// Hands over an unfinished line as a line. The caller performs the machine's actions.
    fn end_line(&mut self, slot: usize) {
        let Some(connection) = self.connections.at(slot).filter(|it| it.accepts_input()) else {
            return;
        };
        let Inbound::Lines(lines) = &mut connection.inbound else { return };
        let Some((line, end)) = lines.take_rest() else { return };
        trace::received(&self.os, &connection.stream, &line);
        let conn = connection.id;
        self.recorder.step(LoopStep::LineRest { conn, bytes: &line, end });
        self.hand_to_machine(Input::Line { conn, line: &line, end });
    }

    fn tick(&mut self) {
        // The deadline is compared with the time before the last poll, and not with `now`: all
        // bytes that had arrived by then have been read. Between the two times the process may have
        // been stopped for a minute. A tick by `now` would expel every client whose KEEP waits in
        // the kernel.
        let polled_at = self.times.polled_at;
        if self.machine.next_deadline().is_none_or(|deadline| deadline >= polled_at) {
            self.times.tick_due_since = None;
            return;
        }
        let since = *self.times.tick_due_since.get_or_insert(self.times.now);
        let may_have_more = self.ready.len() >= EVENTS_PER_TURN;
        let is_behind = may_have_more || self.connections.pending_read_count() > 0;
        if is_behind && self.times.now.since(since) < TICK_WAITS_MS_MAX {
            return;
        }
        self.times.tick_due_since = None;
        let now = self.times.now;
        self.feed(Input::Tick);
        debug_assert!(
            self.exit.is_some() || self.machine.next_deadline().is_none_or(|at| at > now),
            "after a tick the next deadline is later than now, or the loop would spin"
        );
    }

    // Perform and settle: the writing half.

    /// Gives one input to the machine, and performs its actions at once.
    fn feed(&mut self, input: Input<'_, M::Command>) {
        self.hand_to_machine(input);
        self.perform();
    }

    /// Performs every action in the queue, and the actions that follow from them.
    fn perform(&mut self) {
        while let Some(action) = self.actions.pop() {
            self.recorder.action(&action, &self.actions);
            match action {
                Action::Send { conn, span } => self.send(conn, &span),
                Action::SendShared { conn, shared } => self.send_shared(conn, &shared),
                Action::EndLine { conn } => {
                    if self.connections.get_mut(conn).is_some() {
                        self.end_line(conn.slot as usize);
                    }
                }
                Action::CutLines { conn, limit, rest } => self.cut_lines(conn, limit, &rest),
                Action::SendTo { to, span } => self.send_to(to, &span),
                Action::AwaitDrain { conn } => {
                    self.change(conn, |connection| connection.awaits_drain = true);
                }
                Action::Pause { conn } => {
                    self.change(conn, |connection| connection.is_paused = true)
                }
                Action::Resume { conn } => self.resume(conn),
                Action::HalfClose { conn } => {
                    self.change(conn, |connection| connection.wants_half_close = true);
                }
                Action::Close { conn } => self.change(conn, |connection| connection.finish()),
                Action::Abort { conn } => self.connections.abort(&mut self.os, conn),
                Action::Reset { conn } => self.connections.reset(&mut self.os, conn),
                Action::Dial { dial, to, framing, give_up } => {
                    self.dial(dial, to, framing, give_up);
                }
                Action::Abandon { dial } => self.abandon(dial),
                Action::Show(notice) => self.notices.push(notice),
                Action::Exit { status } => self.exit = self.exit.or(Some(status)),
            }
        }
    }

    /// Changes a connection, unless it is gone, and marks it for [`EventLoop::settle`].
    fn change(
        &mut self,
        conn: ConnId,
        change: impl FnOnce(&mut connection::Connection<O::Stream>),
    ) {
        if let Some(connection) = self.connections.get_mut(conn) {
            change(connection);
            self.connections.mark_dirty(conn.slot as usize);
        }
    }

    fn send(&mut self, conn: ConnId, span: &Span) {
        let Some(connection) = self.connections.get_mut(conn) else { return };
        trace::sent(&self.os, &connection.stream, self.actions.shown(span));
        self.connections.push(conn.slot as usize, self.actions.bytes(span));
    }

    fn send_shared(&mut self, conn: ConnId, shared: &SharedText) {
        let Some(connection) = self.connections.get_mut(conn) else { return };
        trace::sent_shared(&self.os, &connection.stream, shared);
        self.connections.push_shared(conn.slot as usize, shared);
    }

    /// The rest is treated as bytes that were put back: the next turn hands it over, before it
    /// reads the connection.
    fn cut_lines(&mut self, conn: ConnId, limit: LineLimit, rest: &Span) {
        let Some(connection) = self.connections.get_mut(conn) else { return };
        let is_raw = matches!(connection.inbound, Inbound::Raw);
        debug_assert!(is_raw, "lines are cut once");
        connection.inbound = Inbound::new(Framing::Lines(limit));
        let rest = self.actions.bytes(rest);
        if !rest.is_empty() {
            self.recorder.step(LoopStep::PutBack { conn, bytes: rest });
            self.connections.put_back(conn.slot as usize, rest);
            self.connections.requeue_read(conn.slot as usize);
        }
    }

    /// Puts the connection on the list of pending reads: the edge of the bytes that wait in the
    /// kernel has already come.
    fn resume(&mut self, conn: ConnId) {
        if let Some(connection) = self.connections.get_mut(conn) {
            connection.is_paused = false;
            self.connections.requeue_read(conn.slot as usize);
        }
    }

    fn dial(&mut self, dial: DialId, to: SocketAddr, framing: Framing, give_up: Duration) {
        self.grow_read_buffer(framing);
        let state = ConnectionState::Dialing(dial);
        let begun = self.os.dial(to, give_up);
        let begun =
            begun.and_then(|stream| self.connections.insert(&mut self.os, stream, framing, state));
        if let Err(error) = begun {
            self.hand_to_machine(Input::Dialed { dial, result: Err(error.kind()) });
        }
    }

    fn abandon(&mut self, dial: DialId) {
        if let Some(slot) = self.connections.dialing(dial) {
            self.connections.close(slot, ConnectionState::Abandoned);
            let result = Err(io::ErrorKind::TimedOut);
            self.hand_to_machine(Input::Dialed { dial, result });
        }
    }

    /// As [`EventLoop::feed`], for use within [`EventLoop::perform`]: the new actions go to the end
    /// of the queue.
    fn hand_to_machine(&mut self, input: Input<'_, M::Command>) {
        self.machine.handle(self.times.now, input, &mut self.actions);
        self.recorder.input(&input, &self.machine);
    }

    /// The end of a turn: writes all output that the kernel takes, and removes the closed
    /// connections. A removal may lead to new actions, so this goes on until the list is empty.
    fn settle(&mut self) {
        while let Some(slot) = self.connections.next_dirty() {
            self.settle_one(slot);
        }
    }

    /// Writes or removes one connection. No other function removes one.
    fn settle_one(&mut self, slot: usize) {
        let Some(connection) = self.connections.at(slot) else { return };
        if connection.is_settled() {
            return;
        }
        let conn = connection.id;
        match connection.state {
            ConnectionState::Abandoned => self.connections.remove(&mut self.os, slot),
            ConnectionState::Closed(reason) => {
                self.connections.remove(&mut self.os, slot);
                self.feed(Input::Closed { conn, reason });
            }
            ConnectionState::Dialing(_)
            | ConnectionState::Open
            | ConnectionState::Broken(_)
            | ConnectionState::Ended
            | ConnectionState::Closing => {
                self.flush(slot, conn);
            }
        }
    }

    /// Writes what the kernel takes. Removes no connection.
    fn flush(&mut self, slot: usize, conn: ConnId) {
        if let Some(connection) = self.connections.at(slot) {
            self.recorder.step(LoopStep::Offered { conn, output: &connection.outbound });
        }
        let flushed = self.connections.flush(&mut self.os, slot);
        if let Some(flushed) = flushed {
            self.recorder.step(LoopStep::Taken { conn, result: flushed.left() });
        }
        match flushed {
            None => {}
            Some(Flushed::All { had_backlog }) => self.on_flushed(slot, conn, had_backlog),
            Some(Flushed::Partial { left }) => {
                self.connections.shed_held();
                self.feed(Input::Backlog { conn, bytes: left });
                self.unthrottle(slot);
            }
            Some(Flushed::Failed(kind)) => self.on_write_error(slot, kind),
        }
    }

    fn on_flushed(&mut self, slot: usize, conn: ConnId, had_backlog: bool) {
        if self.connections.at(slot).is_some_and(|it| it.state == ConnectionState::Closing) {
            self.connections.close(slot, ConnectionState::Closed(CloseReason::Asked));
            return;
        }
        if had_backlog {
            self.feed(Input::Backlog { conn, bytes: 0 });
        }
        self.connections.note_drained(slot);
        self.unthrottle(slot);
    }

    /// A write failed. The bytes that the kernel has received are still read.
    fn on_write_error(&mut self, slot: usize, kind: io::ErrorKind) {
        let Some(connection) = self.connections.at(slot) else { return };
        if !connection.accepts_input() {
            self.connections.close(slot, ConnectionState::Closed(CloseReason::Failed(kind)));
            return;
        }
        connection.state = ConnectionState::Broken(kind);
        connection.expects_more = true;
        self.connections.forget_output(slot);
        self.connections.requeue_read(slot);
    }

    /// Reads a throttled connection again when its output is below the soft bound. It goes on the
    /// list of pending reads: the edge of the bytes that wait in the kernel has already come.
    fn unthrottle(&mut self, slot: usize) {
        let Some(connection) = self.connections.at(slot) else { return };
        if connection.was_throttled && !connection.is_throttled() {
            connection.was_throttled = false;
            self.connections.requeue_read(slot);
        }
    }
}
