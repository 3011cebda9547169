//! The machine of `papo who`: it asks a server who is online, and disconnects.
//!
//! The handout's server answers LIST only after USER, so the machine first registers a name of its
//! own. It takes no calls. Must never know a socket, a clock or a screen. Read next:
//! [`crate::peer`], which stays registered.
//!
//! ```text
//! Waiting ──► Dialing ──USER──► Settling ──LIST──► Asked ──the answer──► Leaving ──► exit 0
//!    every state but the last ──refused, closed, or too late──► exit 1
//! ```

use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::SocketAddr;

use crate::machine::{Action, Actions, ConnId, DialId, Framing, Input, Machine, Millis};
use crate::wire::name::Name;
use crate::wire::reply::{self, Reply};
use crate::wire::request::Request;
use crate::wire::{DIAL_BEFORE_NEXT_MS, NON_REPLY_BYTES_MAX, REPLY_LIMIT, SERVER_GIVE_UP};

/// The pause between USER and LIST, in milliseconds. Many servers take one `recv` for one message,
/// and would read both as a name.
pub const SETTLE_MS: u64 = 250;

/// How long the server must be silent until an answer without a line end counts, in milliseconds.
pub const QUIET_MS: u64 = 1_000;

/// Longest time for the end of the connection, in milliseconds.
pub const LEAVE_WITHIN_MS: u64 = 1_000;

/// The port in USER: "discard". Nobody should call, and no program listens there.
const DISCARD_PORT: u16 = 9;

/// The beginning of the name of each query.
const NAME_START: &str = "papo-who-";

/// A name that most likely no person has.
#[must_use]
pub fn query_name(number: u32) -> Name {
    Name::parse(format!("{NAME_START}{number:08x}").as_bytes()).expect("letters and digits")
}

/// Whether a client with this name and port is such a query, and no person: a person cannot be
/// called at this port.
#[must_use]
pub fn is_query(name: &Name, port: u16) -> bool {
    name.as_str().starts_with(NAME_START) && port == DISCARD_PORT
}

/// The choices of the person who asks.
#[derive(Clone, Debug)]
pub struct Rules {
    /// All addresses of all servers, tried in turn. Not empty.
    pub servers: Vec<SocketAddr>,
    /// The name to register. Nobody should have it.
    pub name: Name,
    /// Longest time for everything, in milliseconds.
    pub within_ms: u64,
}

/// The result. There is one for each run, unless a signal ends it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Notice {
    /// The names online, in the order of the server.
    Online(Vec<Vec<u8>>),
    /// The server cannot be reached.
    NoServer {
        /// The last server tried.
        server: SocketAddr,
        /// The reason.
        error: ErrorKind,
    },
    /// The server has closed the connection without an answer.
    Closed {
        /// The server.
        server: SocketAddr,
        /// The beginning of its first line, which was no answer.
        said: Option<Vec<u8>>,
    },
    /// The server did not answer in time.
    Silent {
        /// The server.
        server: SocketAddr,
        /// The beginning of its first line, which was no answer.
        said: Option<Vec<u8>>,
    },
}

/// The question to a server.
#[derive(Debug)]
pub struct WhoQuery {
    rules: Rules,
    /// The place of the current server in `rules.servers`.
    server: usize,
    state: WhoState,
    give_up_at: Millis,
    /// When an unanswered dial is given up for the next server.
    dial_next_at: Option<Millis>,
    /// When an answer without a line end counts.
    quiet_at: Option<Millis>,
    /// The beginning of the first line of the current server that is no answer.
    said: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum WhoState {
    Waiting,
    Dialing,
    Settling { conn: ConnId, ask_at: Millis },
    Asked(ConnId),
    Leaving { conn: ConnId, by: Millis },
    Over,
}

impl Machine for WhoQuery {
    type Notice = Notice;
    type Command = Infallible;

    fn handle(&mut self, now: Millis, input: Input<'_, Infallible>, actions: &mut Actions<Notice>) {
        match input {
            Input::Tick => self.on_tick(now, actions),
            Input::Dialed { result, .. } => self.on_dialed(now, result, actions),
            Input::Line { conn, line, .. } if self.state == WhoState::Asked(conn) => {
                self.on_line(now, conn, line, actions);
            }
            Input::Line { line, .. } => self.note_said(line),
            Input::Pending { conn, .. } if self.state == WhoState::Asked(conn) => {
                self.quiet_at = Some(now + QUIET_MS);
            }
            Input::EndOfStream { conn } | Input::Closed { conn, .. } => {
                self.on_end(now, conn, actions);
            }
            Input::Stop => self.exit(1, actions),
            // There is one short output.
            Input::Pending { .. }
            | Input::Backlog { .. }
            | Input::OutputFull(_)
            | Input::Report(_) => {}
            // It has no listener, and asked for none of these inputs.
            Input::Accepted { .. }
            | Input::Bytes { .. }
            | Input::Datagram { .. }
            | Input::Drained { .. } => {}
            Input::Command(never) => match *never {},
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        match self.state {
            WhoState::Waiting => Some(Millis(0)),
            WhoState::Settling { ask_at, .. } => Some(ask_at.min(self.give_up_at)),
            WhoState::Dialing => Some(self.dial_next_at.unwrap_or(self.give_up_at)),
            WhoState::Asked(_) => {
                Some(self.quiet_at.unwrap_or(self.give_up_at).min(self.give_up_at))
            }
            WhoState::Leaving { by, .. } => Some(by),
            WhoState::Over => None,
        }
    }
}

impl WhoQuery {
    /// A query that has not begun.
    ///
    /// # Panics
    ///
    /// If `rules` name no server.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        assert!(!rules.servers.is_empty(), "rules name a server");
        let (state, give_up_at) = (WhoState::Waiting, Millis(0));
        let (dial_next_at, quiet_at, said) = (None, None, None);
        Self { rules, server: 0, state, give_up_at, dial_next_at, quiet_at, said }
    }

    fn on_tick(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        match self.state {
            WhoState::Waiting => {
                self.give_up_at = now + self.rules.within_ms;
                self.dial(now, actions);
            }
            WhoState::Leaving { by, .. } if now >= by => self.exit(0, actions),
            WhoState::Leaving { .. } | WhoState::Over => {}
            WhoState::Dialing | WhoState::Settling { .. } | WhoState::Asked(_)
                if now >= self.give_up_at =>
            {
                let (server, said) = (self.server(), self.said.take());
                self.fail(Notice::Silent { server, said }, actions);
            }
            WhoState::Dialing if self.dial_next_at.is_some_and(|at| now >= at) => {
                self.dial_next_at = None;
                actions.push(Action::Abandon { dial: self.dial_id() });
            }
            WhoState::Settling { conn, ask_at } if now >= ask_at => {
                actions.send(conn, |out| Request::List.encode(out));
                self.state = WhoState::Asked(conn);
            }
            WhoState::Asked(conn) if self.quiet_at.is_some_and(|at| now >= at) => {
                self.quiet_at = None;
                actions.push(Action::EndLine { conn });
            }
            WhoState::Dialing | WhoState::Settling { .. } | WhoState::Asked(_) => {}
        }
    }

    fn on_dialed(
        &mut self,
        now: Millis,
        result: Result<ConnId, ErrorKind>,
        actions: &mut Actions<Notice>,
    ) {
        match (self.state, result) {
            (WhoState::Dialing, Ok(conn)) => {
                let user = Request::User { name: self.rules.name.clone(), port: DISCARD_PORT };
                actions.send(conn, |out| user.encode(out));
                self.state = WhoState::Settling { conn, ask_at: now + SETTLE_MS };
            }
            (WhoState::Dialing, Err(_)) if self.has_next() => self.dial_next(now, actions),
            // The reset came from a server, which is full. A port without a listener refuses.
            (WhoState::Dialing, Err(ErrorKind::ConnectionReset)) => {
                self.fail(Notice::Closed { server: self.server(), said: None }, actions);
            }
            (WhoState::Dialing, Err(error)) => {
                self.fail(Notice::NoServer { server: self.server(), error }, actions);
            }
            (_, Ok(conn)) => actions.push(Action::Abort { conn }),
            (_, Err(_)) => {}
        }
    }

    fn note_said(&mut self, line: &[u8]) {
        let excerpt = &line[..line.len().min(NON_REPLY_BYTES_MAX)];
        self.said.get_or_insert_with(|| excerpt.to_vec());
    }

    /// Only notes every line but a LIST, because some servers send a greeting.
    fn on_line(&mut self, now: Millis, conn: ConnId, line: &[u8], actions: &mut Actions<Notice>) {
        let Some(Reply::List(list)) = Reply::parse(line) else { return self.note_said(line) };
        let own = self.rules.name.as_bytes();
        // Some servers list the asker, too.
        let others = reply::names(list).filter(|name| *name != own).map(<[u8]>::to_vec);
        actions.show(Notice::Online(others.collect()));
        actions.push(Action::Close { conn });
        self.state = WhoState::Leaving { conn, by: now + LEAVE_WITHIN_MS };
    }

    /// The server closed the connection: it may be full, so the next server is tried.
    fn on_end(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<Notice>) {
        match self.state {
            WhoState::Leaving { conn: left, .. } if left == conn => self.exit(0, actions),
            WhoState::Settling { conn: ours, .. } | WhoState::Asked(ours) if ours == conn => {
                self.quiet_at = None;
                if self.has_next() {
                    return self.dial_next(now, actions);
                }
                let (server, said) = (self.server(), self.said.take());
                self.fail(Notice::Closed { server, said }, actions);
            }
            WhoState::Waiting
            | WhoState::Dialing
            | WhoState::Settling { .. }
            | WhoState::Asked(_)
            | WhoState::Leaving { .. }
            | WhoState::Over => {}
        }
    }

    fn has_next(&self) -> bool {
        self.server + 1 < self.rules.servers.len()
    }

    fn dial_next(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        self.server += 1;
        self.said = None;
        self.dial(now, actions);
    }

    fn dial_id(&self) -> DialId {
        DialId(u32::try_from(self.server).unwrap_or(u32::MAX))
    }

    fn dial(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        self.state = WhoState::Dialing;
        let next_at = (now + DIAL_BEFORE_NEXT_MS).min(self.give_up_at);
        self.dial_next_at = self.has_next().then_some(next_at);
        let dial = self.dial_id();
        let framing = Framing::Lines(REPLY_LIMIT);
        let (to, give_up) = (self.server(), SERVER_GIVE_UP);
        actions.push(Action::Dial { dial, to, framing, give_up });
    }

    fn fail(&mut self, why: Notice, actions: &mut Actions<Notice>) {
        actions.show(why);
        self.exit(1, actions);
    }

    fn exit(&mut self, status: u8, actions: &mut Actions<Notice>) {
        self.state = WhoState::Over;
        actions.push(Action::Exit { status });
    }

    fn server(&self) -> SocketAddr {
        self.rules.servers[self.server]
    }
}
