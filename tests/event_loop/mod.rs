//! The event loop alone, on an operating system that does what a test says.
//!
//! The simulator runs the same loop for hours of simulated time, with random faults. Here each test
//! scripts in a few lines what the kernel does, call by call, and what the loop must do then. So each
//! trap of `docs/READING.md` has one test that shows it.
//!
//! | file | about |
//! | --- | --- |
//! | [`scripted_os`] | the operating system of these tests |
//! | [`obedient`] | the machine of these tests: it does what a line says, and records its inputs |
//! | [`accepting`] | new connections when no descriptor is left |
//! | [`fairness`] | which connection is read when, and how many bytes of it |
//! | [`slots`] | no event and no action reaches the wrong connection |
//! | [`time`] | when a tick comes, and how long the loop may sleep |
//! | [`bounds`] | the limits of output that waits |
//! | [`pauses`] | connections that the machine has paused |
//! | [`recorder`] | the calls of a recorder, and their order |
//! | [`cutting`] | a raw connection that changes to lines |
//! | [`endings`] | the ways in which a connection ends, and the inputs about it |
//! | [`from_host`] | the methods that a host calls |
//! | [`sockets`] | the options of real sockets |
//! | `hosts` | a host with a loop of its own, which waits for ours |

mod accepting;
mod bounds;
mod cutting;
mod endings;
mod fairness;
mod from_host;
/// mio over poll(2) has no descriptor to sleep on.
#[cfg(not(mio_unsupported_force_poll_poll))]
mod hosts;
mod obedient;
mod pauses;
#[cfg(feature = "full")]
mod recorder;
mod scripted_os;
mod slots;
mod sockets;
mod time;

use std::time::Duration;

use papo::event_loop::EventLoop;
use papo::machine::{ConnId, Framing, LineLimit, Millis};

use obedient::{Do, Heard, Obedient};
use scripted_os::{Arrival, Ready, ScriptedOs, StreamId};

/// Lines of the tests are short.
const LIMIT: LineLimit = LineLimit { keep: 1024, close: 1024 };

/// A loop, and the clients that are connected to it.
pub(crate) struct World {
    pub(crate) event_loop: EventLoop<Obedient, ScriptedOs>,
}

/// One connection, as the operating system and as the machine know it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client {
    pub(crate) stream: StreamId,
    pub(crate) conn: ConnId,
}

impl World {
    /// A loop that has accepted `COUNT` connections and has no work left.
    pub(crate) fn with_clients<const COUNT: usize>() -> (Self, [Client; COUNT]) {
        Self::with_clients_framed(Framing::Lines(LIMIT))
    }

    /// The same with another framing.
    pub(crate) fn with_clients_framed<const COUNT: usize>(
        framing: Framing,
    ) -> (Self, [Client; COUNT]) {
        let mut event_loop = EventLoop::on(ScriptedOs::default(), Obedient::default());
        let listener = event_loop.os().listener();
        event_loop.listen(listener, framing).expect("nothing refuses it");
        let mut world = Self { event_loop };
        let clients = std::array::from_fn(|_| world.accept());
        world.os().forget_calls();
        world.take_heard();
        (world, clients)
    }

    /// Accepts one connection, in a turn of its own.
    pub(crate) fn accept(&mut self) -> Client {
        let stream = self.os().call();
        self.take_heard();
        self.turn(&[Ready::Listener]);
        let Some(Heard::Accepted(conn)) = self.take_heard().first().cloned() else {
            panic!("the connection was not accepted")
        };
        Client { stream, conn }
    }

    pub(crate) fn os(&mut self) -> &mut ScriptedOs {
        self.event_loop.os()
    }

    /// One turn. The poller reports these sources, in this order.
    pub(crate) fn turn(&mut self, ready: &[Ready]) {
        self.os().poll_brings(ready);
        self.event_loop.turn(None).expect("the poller works");
    }

    /// The kernel receives something. The loop has no event yet.
    pub(crate) fn arrive(&mut self, client: Client, arrival: Arrival) {
        self.os().arrive(client.stream, arrival);
    }

    /// The kernel receives text. The loop has no event yet.
    pub(crate) fn send(&mut self, client: Client, text: &str) {
        self.arrive(client, Arrival::Bytes(text.as_bytes().to_vec()));
    }

    /// The machine does something that no input has caused.
    pub(crate) fn command(&mut self, client: Client, what: Do) {
        self.event_loop.command(&(client.conn, what));
    }

    /// The inputs of the machine since the last call.
    pub(crate) fn take_heard(&mut self) -> Vec<Heard> {
        self.event_loop.notices().collect()
    }

    /// The lines among these inputs, in order.
    pub(crate) fn take_lines(&mut self) -> Vec<String> {
        let line_of = |heard| if let Heard::Line(_, line) = heard { Some(line) } else { None };
        self.take_heard().into_iter().filter_map(line_of).collect()
    }

    /// Turns until the loop has no work without an event. Returns the machine's inputs.
    pub(crate) fn settle(&mut self) -> Vec<Heard> {
        let mut heard = self.take_heard();
        while self.has_work() {
            self.turn(&[]);
            heard.extend(self.take_heard());
        }
        heard
    }

    pub(crate) fn set_clock(&mut self, now_ms: u64) {
        self.os().now = Millis(now_ms);
    }

    /// Whether the loop must not sleep.
    pub(crate) fn has_work(&self) -> bool {
        self.event_loop.timeout() == Some(Duration::ZERO)
    }
}

/// An event that says that a client has sent something.
pub(crate) fn readable(client: Client) -> Ready {
    Ready::Readable(client.stream)
}
