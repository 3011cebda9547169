//! A simple client of several servers: it sends USER and KEEP, asks for LIST, and changes to the
//! next server when it loses its own.

use std::net::SocketAddr;
use std::time::Duration;

use papo::machine::{Action, Actions, ConnId, DialId, Framing, Input, Machine, Millis};
use papo::wire::REQUEST_LIMIT;

const DIAL: DialId = DialId(1);
const KEEP_EVERY_MS: u64 = 5_000;
const LIST_EVERY_MS: u64 = 1_000;

/// Without an answer for so long, it changes to the next server.
const SILENT_MS: u64 = 5_000;

/// The command to change to the next server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Move;

#[derive(Debug, Default)]
pub(crate) struct Member {
    name: String,
    port: u16,
    servers: Vec<SocketAddr>,
    server: usize,
    state: State,
    /// The time of its next step.
    due: Millis,
    keep_at: Millis,
    asked_at: Option<Millis>,
    /// How often it was closed since its last answer.
    failures: u64,
    /// The last answer to LIST on this connection.
    answer: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum State {
    #[default]
    Idle,
    Dialing,
    Open(ConnId),
}

impl Member {
    pub(crate) fn new(name: &str, port: u16, (servers, first): (Vec<SocketAddr>, usize)) -> Self {
        Self { name: name.to_string(), port, servers, server: first, ..Self::default() }
    }

    /// The server of its connection or dial.
    pub(crate) fn server(&self) -> usize {
        self.server % self.servers.len()
    }

    /// How long it has waited for an answer to LIST.
    pub(crate) fn owed_ms(&self, now: Millis) -> u64 {
        self.asked_at.map_or(0, |at| now.since(at))
    }

    /// Its name and the names in its last LIST, while it is registered.
    pub(crate) fn list(&self) -> Option<(String, Vec<String>)> {
        let line = str::from_utf8(self.answer.as_ref()?).expect("names of ours are UTF-8");
        let names = line.strip_prefix("LIST ").expect("the server sends only LIST").split(':');
        let names = names.filter(|name| !name.is_empty()).map(str::to_string).collect();
        Some((self.name.clone(), names))
    }

    fn step(&mut self, now: Millis, actions: &mut Actions<()>) {
        match self.state {
            State::Idle => {
                let to = self.servers[self.server()];
                let (framing, give_up) = (Framing::Lines(REQUEST_LIMIT), Duration::from_secs(15));
                actions.push(Action::Dial { dial: DIAL, to, framing, give_up });
                (self.state, self.due) = (State::Dialing, now + 2_000);
            }
            State::Dialing => {
                actions.push(Action::Abandon { dial: DIAL });
                self.change_server(now);
            }
            State::Open(conn) if self.owed_ms(now) >= SILENT_MS => {
                actions.push(Action::Abort { conn });
                self.change_server(now);
            }
            State::Open(conn) => self.send_requests(now, conn, actions),
        }
    }

    fn send_requests(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<()>) {
        if self.keep_at <= now {
            actions.send(conn, |out| out.extend(b"KEEP\r\n"));
            self.keep_at = now + KEEP_EVERY_MS;
        }
        if self.asked_at.is_none() {
            actions.send(conn, |out| out.extend(b"LIST\r\n"));
            self.asked_at = Some(now);
        }
        self.due = now + LIST_EVERY_MS;
    }

    /// It dials the first time at once, and then after longer and longer pauses.
    fn change_server(&mut self, now: Millis) {
        self.state = State::Idle;
        self.server += 1;
        self.asked_at = None;
        self.answer = None;
        self.due = now + (10 + self.failures * 200).min(2_000);
        self.failures += 1;
    }
}

impl Machine for Member {
    type Notice = ();
    type Command = Move;

    fn handle(&mut self, now: Millis, input: Input<'_, Move>, actions: &mut Actions<()>) {
        match input {
            Input::Dialed { result: Ok(conn), .. } if self.state == State::Dialing => {
                self.state = State::Open(conn);
                let (name, port) = (&self.name, self.port);
                actions.send(conn, |out| out.extend(format!("USER {name}:{port}\r\n").bytes()));
                (self.keep_at, self.due) = (now + KEEP_EVERY_MS, now + 10);
            }
            Input::Dialed { result: Ok(conn), .. } => actions.push(Action::Abort { conn }),
            Input::Dialed { result: Err(_), .. } if self.state == State::Dialing => {
                self.change_server(now);
            }
            Input::Line { conn, line, .. } if self.state == State::Open(conn) => {
                self.answer = Some(line.to_vec());
                self.asked_at = None;
                self.failures = 0;
            }
            Input::EndOfStream { conn } => actions.push(Action::Close { conn }),
            Input::Closed { conn, .. } if self.state == State::Open(conn) => {
                self.change_server(now);
            }
            Input::Command(Move) => {
                if let State::Open(conn) = self.state {
                    actions.push(Action::Abort { conn });
                    self.change_server(now);
                }
            }
            Input::Tick if self.due <= now => self.step(now, actions),
            _ => {}
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        Some(self.due)
    }
}
