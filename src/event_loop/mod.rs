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
//! | [`connection`], [`connections`], [`inbound`] | streams and their buffers |
//! | [`datagrams`] | the one socket that has no connections |
//! | [`answering`] | what the connection that is being read is answered |
//! | [`listener`], [`socket`] | who comes in; the options of every socket |
//! | [`keyboard`], [`screen`] | stdin and stdout |
//! | [`console`] | both, where they are a terminal that is drawn on: raw mode, size, suspension |
//! | `last_words` | what is still to be shown when the loop has ended |
//! | [`signals`], [`clock`] | the operating system's wishes, and the time |
//! | `stopwatch` | finer time, for who measures |
//! | [`serve`], [`perform`] | the reading half, and the writing half: read them next |

mod answering;
pub mod clock;
pub mod connection;
pub mod connections;
mod console;
pub mod datagrams;
mod inbound;
mod keyboard;
mod last_words;
pub mod listener;
mod perform;
pub mod screen;
mod serve;
mod signals;
pub mod socket;
#[cfg(feature = "load")]
pub mod stopwatch;
mod token;

use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;

use mio::net::TcpListener;
use mio::{Events, Poll};

use crate::machine::{Actions, Figures, Framing, Input, Machine, Millis, Output, Terminal};

use answering::Answering;
use clock::Clock;
use connections::Connections;
use console::Console;
use datagrams::Datagrams;
use keyboard::Keyboard;
use listener::Listener;
use screen::Screen;
use signals::Signals;

/// Most bytes read from one connection in one turn: with more to come it goes to the end of the
/// queue, so that a loud one cannot starve the others. The one read buffer of the program.
pub const READ_BYTES_PER_TURN: usize = 16 * 1024;

/// The same where bytes are not cut into lines: a fast stream pays for a turn with each read. The
/// longest datagram fits. With twice this, a stream over loopback came in at two thirds of the
/// speed. The read buffer grows to this when such a socket is there.
pub const RAW_READ_BYTES: usize = 64 * 1024;

/// Most events taken from the poller at once.
pub const EVENTS_PER_TURN: usize = 1024;

/// How many connections are served by one reading of the clock.
const EVENTS_PER_READING: usize = 8;

/// How long a tick that is due may wait for the reading to catch up, in milliseconds. A server
/// that was stopped finds thousands of KEEPs in the kernel: they are heard before anybody is
/// taken for gone.
pub const TICK_WAITS_MS_MAX: u64 = 500;

/// The log target of `--trace`: every line of the protocol, with its direction and other end.
pub const TRACE_TARGET: &str = "papo::wire";

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
    /// Read at the beginning of a turn, with each accept, and every [`EVENTS_PER_READING`]: what a
    /// long turn hears late must not count from before it came.
    now: Millis,
    /// When the poll began that brought this turn's events.
    polled_at: Millis,
    tick_due_since: Option<Millis>,
    listener: Option<Listener>,
    datagrams: Option<Datagrams>,
    connections: Connections,
    keyboard: Option<Keyboard>,
    screen: Option<Screen>,
    errors: Option<Screen>,
    signals: Option<Signals>,
    /// Of a terminal that is drawn on.
    console: Option<Console>,
    time_told_at: Option<Millis>,
    scratch: Vec<u8>,
    answering: Answering,
    longest_answer: usize,
    machine: M,
    terminal: T,
    actions: Actions<M::Notice>,
    output: Output,
    screen_is_gone: bool,
    turns: u64,
    accepted: u64,
    /// The machine was asked to end.
    is_stopping: bool,
    exit: Option<u8>,
}

impl<M: Machine, T: Terminal<M::Command, Notice = M::Notice>> EventLoop<M, T> {
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
            polled_at: now,
            tick_due_since: None,
            listener: None,
            datagrams: None,
            connections: Connections::default(),
            keyboard: None,
            screen: None,
            errors: None,
            signals: None,
            console: None,
            time_told_at: None,
            scratch: vec![0; READ_BYTES_PER_TURN],
            answering: Answering::default(),
            longest_answer: 0,
            machine,
            terminal,
            actions: Actions::default(),
            output: Output::default(),
            screen_is_gone: false,
            turns: 0,
            accepted: 0,
            is_stopping: false,
            exit: None,
        })
    }

    /// Lets people in, through a socket of [`socket::listen`] or
    /// [`socket::create_tcp_server_socket`]. `framing` is for what they send.
    ///
    /// # Errors
    ///
    /// If the poller refuses the socket.
    pub fn listen(&mut self, socket: TcpListener, framing: Framing) -> io::Result<()> {
        self.grow_scratch(framing);
        self.listener = Some(Listener::register(socket, framing, self.poll.registry())?);
        Ok(())
    }

    /// Reads stdin, and writes to stdout and stderr.
    ///
    /// # Errors
    ///
    /// If the poller refuses stdin for another reason than its being always ready.
    ///
    /// # Panics
    ///
    /// With a terminal that is silent ([`Terminal::IS_SILENT`]).
    pub fn watch_console(&mut self) -> io::Result<()> {
        self.keyboard = Some(Keyboard::register(self.poll.registry())?);
        self.watch_screens();
        Ok(())
    }

    /// Writes to stdout and stderr, and reads nothing.
    ///
    /// # Panics
    ///
    /// With a terminal that is silent ([`Terminal::IS_SILENT`]).
    pub fn watch_screens(&mut self) {
        assert!(!T::IS_SILENT, "who is silent has no screen");
        self.screen = Some(Screen::register(rustix::stdio::stdout(), self.poll.registry()));
        self.errors = Some(Screen::register(rustix::stdio::stderr(), self.poll.registry()));
    }

    /// Takes SIGINT, SIGTERM and SIGHUP for [`Input::Stop`], and SIGUSR2 for [`Input::Report`].
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
    /// Only if the poller or the listener itself fails. No connection's error comes here.
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
    /// Only if the poller or the listener itself fails.
    pub fn turn(&mut self, timeout: Option<Duration>) -> io::Result<Option<u8>> {
        if self.exit.is_some() {
            // By what was shown since the last turn: nobody reads the screen any more.
            return Ok(self.exit);
        }
        self.wait(timeout)?;
        self.turns += 1;
        if !T::IS_SILENT {
            self.tell_time();
        }
        if !M::LINES_ONLY {
            self.tell_drained();
        }
        self.serve_left_over();
        self.serve_events();
        self.accept()?;
        if !M::LINES_ONLY {
            self.receive_datagrams();
        }
        if !T::IS_SILENT {
            self.read_keyboard();
            self.serve_wishes()?;
        }
        self.tick();
        self.settle();
        // What has settled may be what typed lines waited for.
        while !T::IS_SILENT && self.hand_over_typed() {
            self.settle();
        }
        Ok(self.exit)
    }

    /// The last reading of the clock: from when the last turn began or, where it was long, from
    /// later in it.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.now
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

    /// What the loop counts, for [`Input::Report`].
    fn figures(&self) -> Figures {
        Figures {
            connections: self.connections.count(),
            pending_bytes: self.connections.pending_bytes(),
            accepted: self.accepted,
            shed: self.listener.as_ref().map_or(0, Listener::shed_count),
            turns: self.turns,
        }
    }

    fn wait(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        let sleep = self.sleep(timeout);
        self.poll_once(sleep)?;
        self.now = self.clock.now();
        Ok(())
    }

    fn poll_once(&mut self, sleep: Option<Duration>) -> io::Result<()> {
        let before = self.clock.now();
        match self.poll.poll(&mut self.events, sleep) {
            Ok(()) => {
                self.has_more_events = self.events.iter().count() == EVENTS_PER_TURN;
                self.polled_at = before;
                Ok(())
            }
            // By a signal, or by having been stopped and continued.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                self.events.clear();
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn sleep(&self, timeout: Option<Duration>) -> Option<Duration> {
        let now = self.clock.now();
        let keyboard = self.keyboard.as_ref().is_some_and(Keyboard::is_ready);
        let typed = keyboard && (self.machine.accepts_command() || self.terminal.reads_ahead());
        let datagrams = self.datagrams.as_ref().is_some_and(|datagrams| datagrams.is_ready);
        let drained = self.connections.drained_count() > 0;
        if self.connections.left_over_count() > 0 || drained || datagrams || typed {
            return Some(Duration::ZERO);
        }
        let listener = self.listener.as_ref().and_then(|listener| listener.next_deadline(now));
        // The clock cuts off the part of a millisecond: one more, or a deadline could be early.
        let machine = self.machine.next_deadline().map(|deadline| deadline + 1);
        let keys = self.console.as_ref().and_then(Console::next_deadline);
        let deadlines = [machine, listener, keys].into_iter().flatten();
        let sleep = deadlines.min().map(|deadline| clock::until(now, deadline));
        sleep.into_iter().chain(timeout).min()
    }

    /// Hands one input to the machine and does at once what it wants. The only way to it, so
    /// nothing can be forgotten in between; but for [`Self::hand_over`], where lines come from.
    fn feed(&mut self, input: Input<'_, M::Command>) {
        self.machine.handle(self.now, input, &mut self.actions);
        self.perform();
    }

    /// Asks the machine to end; the second time there is no more asking, and `status` it is.
    fn stop(&mut self, status: u8) {
        if std::mem::replace(&mut self.is_stopping, true) {
            self.exit = self.exit.or(Some(status));
        } else {
            self.feed(Input::Stop);
        }
    }

    fn tick(&mut self) {
        // By the time before the last poll, not by that of now: all that had arrived by then has
        // been read. Between the two the process may have been stopped for a minute, and a tick
        // would expel everybody whose KEEP waits in the kernel.
        if self.machine.next_deadline().is_none_or(|deadline| deadline >= self.polled_at) {
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
    }
}

/// The poller's descriptor: readable when a turn would find something to do. For a host program
/// with a loop of its own. (Not `AsFd`: mio offers only the number.)
impl<M: Machine, T> AsRawFd for EventLoop<M, T> {
    fn as_raw_fd(&self) -> RawFd {
        self.poll.as_raw_fd()
    }
}
