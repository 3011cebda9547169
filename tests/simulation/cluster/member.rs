//! Somebody who is online by one of several servers, as simple as such a program can be: it says
//! USER and KEEP, asks LIST, and goes to the next server when its own is gone.

use std::net::SocketAddr;
use std::time::Duration;

use papo::machine::{Action, Actions, ConnId, DialId, Framing, Input, Machine, Millis};
use papo::wire::REQUEST_LIMIT;

const DIAL: DialId = DialId(1);
const KEEP_EVERY_MS: u64 = 5_000;
const LIST_EVERY_MS: u64 = 1_000;

/// Without an answer for so long, the server is as good as gone.
const SILENT_MS: u64 = 5_000;

/// Goes to another server, for no reason.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Move;

/// A member.
#[derive(Debug)]
pub(crate) struct Member {
    name: String,
    port: u16,
    servers: Vec<SocketAddr>,
    server: usize,
    state: State,
    /// When it does something next.
    due: Millis,
    keep_at: Millis,
    asked_at: Option<Millis>,
    /// How often it was turned away since it was last answered.
    failures: u64,
    /// The last answer to LIST on this connection.
    answer: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Idle,
    Dialing,
    Open(ConnId),
}

impl Member {
    pub(crate) fn new(name: &str, port: u16, (servers, first): (Vec<SocketAddr>, usize)) -> Self {
        Self {
            name: name.to_string(),
            port,
            servers,
            server: first,
            state: State::Idle,
            due: Millis(0),
            keep_at: Millis(0),
            asked_at: None,
            failures: 0,
            answer: None,
        }
    }

    /// The server that it is at, or tries.
    pub(crate) fn server(&self) -> usize {
        self.server % self.servers.len()
    }

    /// How long an answer to LIST has been owed.
    pub(crate) fn owed_ms(&self, now: Millis) -> u64 {
        self.asked_at.map_or(0, |at| now.since(at))
    }

    /// Its name, and those in the last answer to LIST, while it is in.
    pub(crate) fn list(&self) -> Option<(String, Vec<String>)> {
        let line = str::from_utf8(self.answer.as_ref()?).expect("names of ours are UTF-8");
        let names = line.strip_prefix("LIST ").expect("nothing else is said").split(':');
        let names = names.filter(|name| !name.is_empty()).map(str::to_string).collect();
        Some((self.name.clone(), names))
    }

    fn go_on(&mut self, now: Millis, actions: &mut Actions<()>) {
        match self.state {
            State::Idle => {
                let to = self.servers[self.server()];
                let (framing, give_up) = (Framing::Lines(REQUEST_LIMIT), Duration::from_secs(15));
                actions.push(Action::Dial { dial: DIAL, to, framing, give_up });
                (self.state, self.due) = (State::Dialing, now + 2_000);
            }
            State::Dialing => {
                actions.push(Action::Abandon { dial: DIAL });
                self.goes_elsewhere(now);
            }
            State::Open(conn) if self.owed_ms(now) >= SILENT_MS => {
                actions.push(Action::Abort { conn });
                self.goes_elsewhere(now);
            }
            State::Open(conn) => self.talk(now, conn, actions),
        }
    }

    fn talk(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<()>) {
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

    /// The first time at once, then slower and slower.
    fn goes_elsewhere(&mut self, now: Millis) {
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
                self.goes_elsewhere(now);
            }
            Input::Line { conn, line, .. } if self.state == State::Open(conn) => {
                self.answer = Some(line.to_vec());
                self.asked_at = None;
                self.failures = 0;
            }
            Input::EndOfStream { conn } => actions.push(Action::Close { conn }),
            Input::Closed { conn, .. } if self.state == State::Open(conn) => {
                self.goes_elsewhere(now);
            }
            Input::Command(Move) => {
                if let State::Open(conn) = self.state {
                    actions.push(Action::Abort { conn });
                    self.goes_elsewhere(now);
                }
            }
            Input::Tick if self.due <= now => self.go_on(now, actions),
            Input::Accepted { .. }
            | Input::Dialed { .. }
            | Input::Line { .. }
            | Input::Pending { .. }
            | Input::Bytes { .. }
            | Input::Datagram { .. }
            | Input::Backlog { .. }
            | Input::Drained { .. }
            | Input::Closed { .. }
            | Input::OutputFull(_)
            | Input::Stop
            | Input::Report(_)
            | Input::Tick => {}
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        Some(self.due)
    }
}
