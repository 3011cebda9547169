//! The engine's process: connections for the model, and reports of what it does.
//!
//! Read next: [`super::world`].

use std::collections::BTreeMap;

use papo::machine::{Action, Actions, ConnId, Input, Machine, Millis};

use super::model::{Answer, EntryId, Model, Reply, take_command, write_reply};

/// The events of the engine that the world must know.
#[derive(Clone, Debug)]
pub(crate) enum EngineNews {
    /// A name was given: the name and its value.
    Given(String, String),
    /// This server entered without a lease.
    Lapsed(String),
    /// A command and its answer, for the trace.
    Called(#[expect(dead_code, reason = "for the trace")] String),
}

/// FLUSHALL, by an operator.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flush;

/// The engine's process: the model and its connections.
#[derive(Debug)]
pub(crate) struct EngineHost {
    pub(crate) model: Model,
    started: u64,
    clients: BTreeMap<ConnId, Client>,
}

#[derive(Debug, Default)]
struct Client {
    received: Vec<u8>,
    /// It waits until then for entries after this one.
    waits: Option<(EntryId, Millis)>,
}

impl EngineHost {
    pub(crate) fn new(model: Model, started: u64) -> Self {
        Self { model, started, clients: BTreeMap::new() }
    }

    fn serve(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<EngineNews>) {
        let Some(client) = self.clients.get_mut(&conn) else { return };
        while client.waits.is_none()
            && let Some(words) = take_command(&mut client.received)
        {
            let answer = self.model.call(self.started + now.0, &words);
            let called = format!("{conn:?} {} -> {answer:?}", brief(&words));
            actions.show(EngineNews::Called(called));
            match answer {
                Answer::Now(reply) => drop(actions.send(conn, |out| write_reply(&reply, out))),
                Answer::Wait { behind, block_ms } => client.waits = Some((behind, now + block_ms)),
            }
        }
    }

    /// Answers the clients that wait, if there are entries or their time is over.
    fn answer_waiting(&mut self, now: Millis, actions: &mut Actions<EngineNews>) {
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

/// A command without the texts and names of scripts.
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
            _ => {}
        }
        self.answer_waiting(now, actions);
        let given = std::mem::take(&mut self.model.given).into_iter();
        given.for_each(|(name, value)| actions.show(EngineNews::Given(name, value)));
        let lapsed = std::mem::take(&mut self.model.lapsed).into_iter();
        lapsed.for_each(|server| actions.show(EngineNews::Lapsed(server)));
    }

    fn next_deadline(&self) -> Option<Millis> {
        self.clients.values().filter_map(|client| client.waits).map(|(_, until)| until).min()
    }
}
