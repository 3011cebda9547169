//! Moves bytes: one thread, one poller, every descriptor, and the clock.
//!
//! Knows no word of the protocol. What arrives becomes an [`Input`], what the machine wants
//! becomes system calls. One turn:
//!
//! ```text
//! wait       until an event, the machine's next deadline, or not at all where work is left over
//! left over  connections that stopped at their budget in the last turn
//! serve      signals, listener, connections, keyboard
//! tick       if the deadline has passed, and after all reading
//! settle     write what there is to write, remove what is to be removed, and nowhere else
//! ```
//!
//! | file | has |
//! | --- | --- |
//! | [`token`] | what an event is about |
//! | [`connection`], [`connections`] | streams and their buffers |
//! | [`listener`], [`socket`] | who comes in; the options of every socket |
//! | [`keyboard`], [`screen`] | stdin and stdout |
//! | [`signals`], [`clock`] | the operating system's wishes, and the time |
//! | [`perform`] | what the machine wants, done |

mod clock;
pub mod connection;
mod connections;
mod keyboard;
pub mod listener;
mod perform;
pub mod screen;
mod signals;
pub mod socket;
mod token;

use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;

use mio::net::TcpListener;
use mio::{Events, Poll};

use crate::machine::{
    Actions, CloseReason, Input, LineEnd, LineLimit, Machine, Millis, Output, Terminal, Typed,
};
use crate::wire::line_buffer::LineTooLong;

use clock::Clock;
use connection::Phase;
use connections::Connections;
use keyboard::Keyboard;
use listener::{ACCEPTS_PER_TURN, Listener};
use screen::Screen;
use signals::Signals;
use token::Source;

/// Most bytes read from one connection in one turn: with more to come it goes to the end of the
/// queue, so that a loud one cannot starve the others. The one read buffer of the program.
pub const READ_BYTES_PER_TURN: usize = 16 * 1024;

/// Most events taken from the poller at once.
pub const EVENTS_PER_TURN: usize = 1024;

/// How long a tick that is due may wait for the reading to catch up, in milliseconds. A server
/// that was stopped finds thousands of KEEPs in the kernel: they are heard before anybody is
/// taken for gone.
pub const TICK_WAITS_MS_MAX: u64 = 500;

/// The log target of `--trace`: every line of the protocol, with its direction and other end.
pub const TRACE_TARGET: &str = "papo::wire";

/// How long the last words may take to reach a screen that does not take them, in milliseconds.
const LAST_WORDS_MS: u64 = 500;

/// A machine on real sockets.
///
/// Machine, connections and actions are separate fields on purpose: a line is handed to the
/// machine straight out of a connection's buffer, which the compiler allows only because it
/// can see that the machine lives elsewhere.
pub struct EventLoop<M: Machine, T> {
    poll: Poll,
    events: Events,
    /// The last wait brought as many events as it can: there may be more.
    has_more_events: bool,
    clock: Clock,
    /// One reading of the clock a turn.
    now: Millis,
    tick_due_since: Option<Millis>,
    listener: Option<Listener>,
    connections: Connections,
    keyboard: Option<Keyboard>,
    screen: Option<Screen>,
    signals: Option<Signals>,
    scratch: Vec<u8>,
    longest_answer: usize,
    machine: M,
    terminal: T,
    actions: Actions<M::Notice>,
    output: Output,
    screen_is_gone: bool,
    exit: Option<u8>,
}

impl<M: Machine, T: Terminal<Notice = M::Notice>> EventLoop<M, T> {
    /// A loop with nothing to watch yet.
    ///
    /// # Errors
    ///
    /// If the system has no poller for us.
    pub fn new(machine: M, terminal: T) -> io::Result<Self> {
        let clock = Clock::start();
        let now = clock.now();
        Ok(Self {
            poll: Poll::new()?,
            events: Events::with_capacity(EVENTS_PER_TURN),
            has_more_events: false,
            clock,
            now,
            tick_due_since: None,
            listener: None,
            connections: Connections::default(),
            keyboard: None,
            screen: None,
            signals: None,
            scratch: vec![0; READ_BYTES_PER_TURN],
            longest_answer: 0,
            machine,
            terminal,
            actions: Actions::default(),
            output: Output::default(),
            screen_is_gone: false,
            exit: None,
        })
    }

    /// Lets people in, through a socket of [`socket::listen`]. `limit` is for their lines.
    ///
    /// # Errors
    ///
    /// If the poller refuses the socket.
    pub fn listen(&mut self, socket: TcpListener, limit: LineLimit) -> io::Result<()> {
        self.listener = Some(Listener::register(socket, limit, self.poll.registry())?);
        Ok(())
    }

    /// Reads stdin and writes to stdout.
    ///
    /// # Errors
    ///
    /// If the poller refuses stdin for another reason than its being always ready.
    pub fn watch_console(&mut self) -> io::Result<()> {
        self.keyboard = Some(Keyboard::register(self.poll.registry())?);
        self.screen = Some(Screen::register(self.poll.registry()));
        Ok(())
    }

    /// Takes SIGINT, SIGTERM and SIGHUP for [`Input::Stop`].
    ///
    /// # Errors
    ///
    /// If the system does not let us catch them.
    pub fn watch_signals(&mut self) -> io::Result<()> {
        self.signals = Some(Signals::register(self.poll.registry())?);
        Ok(())
    }

    /// Turns until the machine wants to exit, and returns the status it wants.
    ///
    /// # Errors
    ///
    /// Only if the poller itself fails. No connection's error comes here.
    pub fn run(&mut self) -> io::Result<u8> {
        let status = loop {
            if let Some(status) = self.turn(None)? {
                break status;
            }
        };
        self.say_last_words()?;
        Ok(status)
    }

    /// One turn, sleeping for `timeout` at most; forever with `None`. Some: the machine wants to
    /// exit with this status, and there should be no further turn.
    ///
    /// # Errors
    ///
    /// Only if the poller itself fails.
    pub fn turn(&mut self, timeout: Option<Duration>) -> io::Result<Option<u8>> {
        self.wait(timeout)?;
        self.serve_left_over();
        self.serve_events();
        self.accept();
        self.read_keyboard();
        self.tick();
        self.settle();
        Ok(self.exit)
    }

    /// The machine, to be asked.
    #[must_use]
    pub fn machine(&self) -> &M {
        &self.machine
    }

    /// The terminal, where a host program has its own: to collect what was shown, and to type.
    pub fn terminal(&mut self) -> &mut T {
        &mut self.terminal
    }

    fn wait(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        let sleep = self.sleep(timeout);
        match self.poll.poll(&mut self.events, sleep) {
            // A signal came; its own event tells which.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => self.events.clear(),
            Err(error) => return Err(error),
            Ok(()) => {}
        }
        self.has_more_events = self.events.iter().count() == EVENTS_PER_TURN;
        self.now = self.clock.now();
        Ok(())
    }

    fn sleep(&self, timeout: Option<Duration>) -> Option<Duration> {
        let now = self.clock.now();
        let keyboard = self.keyboard.as_ref().is_some_and(Keyboard::is_ready);
        let typed = keyboard && self.machine.wants_typed();
        if self.connections.left_over_count() > 0 || typed {
            return Some(Duration::ZERO);
        }
        let listener = self.listener.as_ref().and_then(|listener| listener.next_deadline(now));
        let deadlines = [self.machine.next_deadline(), listener].into_iter().flatten();
        let sleep = deadlines.min().map(|deadline| clock::until(now, deadline));
        sleep.into_iter().chain(timeout).min()
    }

    /// Hands one input to the machine and does at once what it wants. The only way to it, so
    /// nothing can be forgotten in between; but for [`Self::hand_over`], where lines come from.
    fn feed(&mut self, input: Input<'_>) {
        self.machine.handle(self.now, input, &mut self.actions);
        self.perform();
    }

    fn serve_left_over(&mut self) {
        // Only those that are on the list now: who stops at its budget again is served again
        // in the next turn.
        for _ in 0..self.connections.left_over_count() {
            let Some(slot) = self.connections.next_left_over() else { break };
            self.resume(slot);
            self.read(slot);
        }
    }

    fn serve_events(&mut self) {
        let events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        for event in &events {
            match Source::from(event.token()) {
                Source::Signals => self.on_signals(),
                Source::Listener => {
                    if let Some(listener) = &mut self.listener {
                        listener.on_event();
                    }
                }
                Source::Keyboard => {
                    if let Some(keyboard) = &mut self.keyboard {
                        keyboard.on_event();
                    }
                }
                // Every turn tries to write to the screen; this event only ended the sleep.
                Source::Screen => {}
                Source::Connection(slot) => {
                    if event.is_writable() || event.is_error() || event.is_write_closed() {
                        self.on_writable(slot);
                    }
                    let is_over = event.is_read_closed() || event.is_error();
                    if is_over {
                        self.connections.expect_end(slot);
                    }
                    if event.is_readable() || is_over {
                        self.read(slot);
                    }
                }
            }
        }
        self.events = events;
    }

    fn on_signals(&mut self) {
        if self.signals.as_mut().is_some_and(Signals::take) {
            self.feed(Input::Stop);
        }
    }

    fn accept(&mut self) {
        for _ in 0..ACCEPTS_PER_TURN {
            let Some(listener) = &mut self.listener else { return };
            let limit = listener.limit;
            let Some(caller) = listener.accept(self.now) else { return };
            let registry = self.poll.registry();
            match self.connections.insert(caller.stream, limit, Phase::Open, registry) {
                Ok(conn) => {
                    let (from, reached) = (caller.from, caller.reached);
                    self.feed(Input::Accepted { conn, from, reached });
                }
                // Dropping the stream closes it. The kernel has no memory to watch it with.
                Err(error) => log::warn!("event=register_failed error={:?}", error.kind()),
            }
        }
    }

    /// A dial has ended, or output that waited may go on.
    fn on_writable(&mut self, slot: usize) {
        let Some(connection) = self.connections.at(slot) else { return };
        let Phase::Dialing(dial) = connection.phase else {
            if !connection.outbound.is_empty() {
                self.connections.mark_dirty(slot);
            }
            return;
        };
        let conn = connection.id;
        match connection.dial_result() {
            None => {}
            Some(Ok(())) => {
                connection.phase = Phase::Open;
                self.feed(Input::Dialed { dial, result: Ok(conn) });
            }
            Some(Err(error)) => {
                self.connections.close(slot, Phase::Abandoned);
                self.feed(Input::Dialed { dial, result: Err(error) });
            }
        }
    }

    /// Reads once, and hands over every line.
    ///
    /// A read that did not fill the buffer has emptied the socket (epoll(7)); one more, only to be
    /// told so, would be a third of all system calls. Unless an event has said that the other
    /// side is done: its edge comes once, so reading goes on until the end is seen.
    fn read(&mut self, slot: usize) {
        let Some(connection) = self.connections.at(slot) else { return };
        if !connection.is_heard() || connection.is_throttled() {
            return;
        }
        let expects_more = connection.expects_end;
        let mut scratch = std::mem::take(&mut self.scratch);
        match connection.read(&mut scratch) {
            Ok(0) => self.on_end_of_stream(slot),
            Ok(count) => {
                self.hand_over(slot, &scratch[..count]);
                if expects_more || count == scratch.len() {
                    self.connections.leave_over(slot);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                self.connections.leave_over(slot);
            }
            Err(error) => {
                let reason = CloseReason::Failed(error.kind());
                self.connections.close(slot, Phase::Closed(reason));
            }
        }
        self.scratch = scratch;
    }

    /// Lines that were put back when answers piled up, now that they no longer do.
    fn resume(&mut self, slot: usize) {
        let Some(connection) = self.connections.at(slot) else { return };
        if connection.is_heard() && !connection.is_throttled() {
            let held = connection.inbound.take_back();
            self.hand_over(slot, &held);
        }
    }

    fn hand_over(&mut self, slot: usize, mut fresh: &[u8]) {
        while !fresh.is_empty() {
            let Some(connection) = self.connections.at(slot) else { return };
            if !connection.is_heard() {
                return;
            }
            if connection.is_throttled() {
                connection.inbound.put_back(fresh);
                return;
            }
            let conn = connection.id;
            match connection.inbound.next_line(fresh) {
                Ok((used, Some(line))) => {
                    perform::trace_in(&connection.stream, line.bytes);
                    let input = Input::Line { conn, line: line.bytes, end: line.end };
                    self.machine.handle(self.now, input, &mut self.actions);
                    fresh = &fresh[used..];
                    self.perform();
                }
                Ok((_, None)) => {
                    if !connection.inbound.has_ended_a_line() {
                        self.feed(Input::Pending { conn });
                    }
                    return;
                }
                Err(LineTooLong) => {
                    self.connections.close(slot, Phase::Closed(CloseReason::LineTooLong));
                    return;
                }
            }
        }
    }

    fn on_end_of_stream(&mut self, slot: usize) {
        let Some(connection) = self.connections.at(slot) else { return };
        let conn = connection.id;
        self.end_line(slot);
        self.perform();
        let Some(connection) = self.connections.at(slot).filter(|it| it.is_heard()) else { return };
        connection.phase = Phase::Ended;
        self.feed(Input::EndOfStream { conn });
    }

    /// Takes an unfinished line for a line. What the machine wants then is to be performed.
    fn end_line(&mut self, slot: usize) {
        let Some(connection) = self.connections.at(slot) else { return };
        let conn = connection.id;
        let Some(rest) = connection.inbound.take_rest() else { return };
        perform::trace_in(&connection.stream, &rest);
        let input = Input::Line { conn, line: &rest, end: LineEnd::Rest };
        self.machine.handle(self.now, input, &mut self.actions);
    }

    fn read_keyboard(&mut self) {
        self.hand_over_typed();
        let Some(keyboard) = &mut self.keyboard else { return };
        if !keyboard.is_ready() || !self.machine.wants_typed() {
            return;
        }
        match keyboard.read(&mut self.scratch, self.poll.registry()) {
            Some(0) => self.terminal.end_typing(),
            Some(count) => self.terminal.type_bytes(&self.scratch[..count]),
            None => return,
        }
        self.hand_over_typed();
    }

    /// Hands over typed lines for as long as the machine wants them: it may want one, and no
    /// second one before that has taken effect.
    fn hand_over_typed(&mut self) {
        while self.exit.is_none() && self.machine.wants_typed() {
            match self.terminal.next_typed() {
                Some(Typed::Line(line)) => self.feed(Input::Typed(&line)),
                Some(Typed::End) => self.feed(Input::TypedEnd),
                None => return,
            }
        }
    }

    fn tick(&mut self) {
        if self.machine.next_deadline().is_none_or(|deadline| deadline > self.now) {
            self.tick_due_since = None;
            return;
        }
        let since = *self.tick_due_since.get_or_insert(self.now);
        let is_behind = self.has_more_events || self.connections.left_over_count() > 0;
        if is_behind && self.now.since(since) < TICK_WAITS_MS_MAX {
            return;
        }
        self.tick_due_since = None;
        self.feed(Input::Tick);
        debug_assert!(
            self.exit.is_some() || self.machine.next_deadline().is_none_or(|at| at > self.now),
            "after a tick the next deadline lies ahead, or the loop would spin"
        );
        self.hand_over_typed();
    }

    /// Writes out what is to be shown at the end, as far as the screen takes it in time.
    fn say_last_words(&mut self) -> io::Result<()> {
        let deadline = self.clock.now() + LAST_WORDS_MS;
        while self.screen.as_ref().is_some_and(|screen| !screen.is_empty()) {
            let now = self.clock.now();
            if now >= deadline {
                break;
            }
            self.poll.poll(&mut self.events, Some(clock::until(now, deadline))).or_else(
                |error| {
                    if error.kind() == io::ErrorKind::Interrupted { Ok(()) } else { Err(error) }
                },
            )?;
            self.flush_screen();
        }
        Ok(())
    }
}

/// The poller's descriptor: readable when a turn would find something to do. For a host program
/// with a loop of its own. (Not `AsFd`: mio offers only the number.)
impl<M: Machine, T> AsRawFd for EventLoop<M, T> {
    fn as_raw_fd(&self) -> RawFd {
        self.poll.as_raw_fd()
    }
}
