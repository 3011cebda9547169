//! Processes of this world: servers, the engine and people, each a machine in the program's own
//! event loop on the made-up operating system.
//!
//! Read next: [`super::world`].

use std::collections::BTreeMap;
use std::sync::mpsc::channel;

use papo::event_loop::EventLoop;
use papo::machine::{Action, Actions, ConnId, Framing, Input, Machine, Millis};

use super::model::{Answer, EntryId, Model, Reply, take_command, write_reply};
use crate::agenda::NodeId;
use crate::clock::Clock;
use crate::kernel::{SimListener, SimOs};
use crate::network::Network;

/// A process.
pub(crate) struct Process<M: Machine> {
    pub(crate) event_loop: EventLoop<M, SimOs<true>>,
    pub(crate) has_exited: bool,
    /// For the machine, at its next turn.
    pub(crate) order: Option<M::Command>,
    pub(crate) stop_asked: bool,
}

impl<M: Machine> Process<M> {
    pub(crate) fn new(id: NodeId, machine: M, now: u64, framing: Framing) -> Self {
        // Nobody reads the diary here.
        let os = SimOs::new(id, Clock::new(now, 1_000), now, channel().0);
        let mut event_loop = EventLoop::on(os, machine);
        event_loop.listen(SimListener, framing).expect("a made-up poller takes everything");
        Self { event_loop, has_exited: false, order: None, stop_asked: false }
    }

    /// One turn of the loop; what was told in it.
    pub(crate) fn turn(&mut self, network: &mut Box<Network>) -> Vec<M::Notice> {
        std::mem::swap(network, &mut self.event_loop.os().network);
        let turn = self.event_loop.turn(None).expect("a made-up poller does not fail");
        if let Some(order) = self.order.take() {
            self.event_loop.command(&order);
        }
        if std::mem::take(&mut self.stop_asked) {
            self.event_loop.stop();
        }
        let notices = self.event_loop.notices().collect();
        self.has_exited = turn.exit.is_some();
        if !self.has_exited {
            let timeout = self.event_loop.timeout();
            self.event_loop.os().plan_turn(timeout);
        }
        std::mem::swap(network, &mut self.event_loop.os().network);
        if self.has_exited {
            self.kill(network);
        }
        notices
    }

    /// The process is gone: its kernel closes what it had open.
    pub(crate) fn kill(&mut self, network: &mut Network) {
        self.event_loop.os().kill(network);
    }
}

/// News of the engine's process for the world.
#[derive(Clone, Debug)]
pub(crate) enum EngineNews {
    /// A name, and its value.
    Given(String, String),
    /// This server had no lease when it entered.
    Lapsed(String),
    /// A command, and the answer: for people who read the story.
    Called(#[expect(dead_code, reason = "read by the story, which writes all of it")] String),
}

/// FLUSHALL, by somebody at the engine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flush;

/// The engine's process: the model, and a connection for each end of a server's.
#[derive(Debug)]
pub(crate) struct EngineHost {
    pub(crate) model: Model,
    started: u64,
    is_told: bool,
    clients: BTreeMap<ConnId, Client>,
}

#[derive(Debug, Default)]
struct Client {
    received: Vec<u8>,
    /// It waits for entries behind this one, until then.
    waits: Option<(EntryId, Millis)>,
}

impl EngineHost {
    pub(crate) fn new(model: Model, started: u64, is_told: bool) -> Self {
        Self { model, started, is_told, clients: BTreeMap::new() }
    }

    fn serve(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<EngineNews>) {
        let Some(client) = self.clients.get_mut(&conn) else { return };
        while client.waits.is_none()
            && let Some(words) = take_command(&mut client.received)
        {
            let answer = self.model.call(self.started + now.0, &words);
            if self.is_told {
                actions
                    .show(EngineNews::Called(format!("{conn:?} {} -> {answer:?}", brief(&words))));
            }
            match answer {
                Answer::Now(reply) => drop(actions.send(conn, |out| write_reply(&reply, out))),
                Answer::Wait { behind, block_ms } => client.waits = Some((behind, now + block_ms)),
            }
        }
    }

    /// Those who wait hear of what has come, or that nothing has.
    fn tell_waiting(&mut self, now: Millis, actions: &mut Actions<EngineNews>) {
        for (&conn, client) in &mut self.clients {
            let Some((behind, until)) = client.waits else { continue };
            let none = || (until <= now).then_some(Reply::NoArray);
            if let Some(reply) = self.model.read(behind).or_else(none) {
                client.waits = None;
                actions.send(conn, |out| write_reply(&reply, out));
            }
        }
    }
}

/// A command, without the texts and names of scripts.
fn brief(words: &[String]) -> String {
    let is_short = |word: &&String| word.len() < 30;
    words.iter().filter(is_short).map(|word| format!("{word} ")).collect()
}

impl Machine for EngineHost {
    type Notice = EngineNews;
    type Command = Flush;

    fn handle(&mut self, now: Millis, input: Input<'_, Flush>, actions: &mut Actions<EngineNews>) {
        match input {
            Input::Accepted { conn, .. } => drop(self.clients.insert(conn, Client::default())),
            Input::Bytes { conn, bytes } => {
                let Some(client) = self.clients.get_mut(&conn) else { return };
                client.received.extend_from_slice(bytes);
                self.serve(now, conn, actions);
            }
            Input::EndOfStream { conn } => actions.push(Action::Close { conn }),
            Input::Closed { conn, .. } => drop(self.clients.remove(&conn)),
            Input::Command(Flush) => self.model.flush(),
            Input::Dialed { .. }
            | Input::Line { .. }
            | Input::Pending { .. }
            | Input::Datagram { .. }
            | Input::Backlog { .. }
            | Input::Drained { .. }
            | Input::OutputFull(_)
            | Input::Stop
            | Input::Report(_)
            | Input::Tick => {}
        }
        self.tell_waiting(now, actions);
        let given = std::mem::take(&mut self.model.given).into_iter();
        given.for_each(|(name, value)| actions.show(EngineNews::Given(name, value)));
        let lapsed = std::mem::take(&mut self.model.lapsed).into_iter();
        lapsed.for_each(|server| actions.show(EngineNews::Lapsed(server)));
    }

    fn next_deadline(&self) -> Option<Millis> {
        self.clients.values().filter_map(|client| client.waits).map(|(_, until)| until).min()
    }
}
