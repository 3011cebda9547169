//! Asks a server who is online, and leaves: the machine of `papo who`.
//!
//! The handout answers LIST only to those who have said USER, so this registers under a name of
//! its own first. It takes no calls. Must never know a socket, a clock or a screen. Read next:
//! [`crate::peer`], which does all that and stays.
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
use crate::wire::{DIAL_BEFORE_NEXT_MS, REPLY_LIMIT, SERVER_GIVE_UP};

/// How long after USER the LIST goes out, in milliseconds: many servers take what one `recv`
/// brings for one message, and would read both as a name.
pub const SETTLE_MS: u64 = 250;

/// How long a server is silent before an answer without a line end counts, in milliseconds.
pub const QUIET_MS: u64 = 1_000;

/// How long the end of the connection may take, in milliseconds.
pub const LEAVE_WITHIN_MS: u64 = 1_000;

/// The port that the server is told. Nobody listens there, because nobody is to call: it is the
/// one that is called "discard".
const NO_PORT: u16 = 9;

/// The beginning of the name of each query.
const NAME_START: &str = "papo-who-";

/// A name that most likely no person has.
#[must_use]
pub fn query_name(number: u32) -> Name {
    Name::parse(format!("{NAME_START}{number:08x}").as_bytes()).expect("letters and digits")
}

/// Whether a client with this name and port is such a query. A person with this name would not be
/// hidden: nobody can be called at this port.
#[must_use]
pub fn is_query(name: &Name, port: u16) -> bool {
    name.as_str().starts_with(NAME_START) && port == NO_PORT
}

/// The choices of the person who asks.
#[derive(Clone, Debug)]
pub struct Rules {
    /// All addresses of all servers, tried in turn. Not empty.
    pub servers: Vec<SocketAddr>,
    /// The name to register: one that nobody has.
    pub name: Name,
    /// How long everything may take, in milliseconds.
    pub within_ms: u64,
}

/// The result of the question. One for each run, unless the person ends it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Notice {
    /// These are online, in the order of the server.
    Online(Vec<Vec<u8>>),
    /// This server cannot be reached.
    NoServer {
        /// The last one tried.
        server: SocketAddr,
        /// The reason.
        error: ErrorKind,
    },
    /// This server has closed the connection without an answer.
    Closed {
        /// Which one.
        server: SocketAddr,
    },
    /// This server did not answer in time.
    Silent {
        /// Which one.
        server: SocketAddr,
    },
}

/// One question to one server.
#[derive(Debug)]
pub struct WhoQuery {
    rules: Rules,
    /// Which of the servers is tried.
    server: usize,
    state: WhoState,
    give_up_at: Millis,
    /// When a dial that nobody answers is given up for the next server.
    dial_next_at: Option<Millis>,
    /// When an answer without a line end counts.
    quiet_at: Option<Millis>,
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
            Input::Pending { conn, .. } if self.state == WhoState::Asked(conn) => {
                self.quiet_at = Some(now + QUIET_MS);
            }
            Input::EndOfStream { conn } | Input::Closed { conn, .. } => {
                self.on_end(now, conn, actions);
            }
            Input::Stop => self.exit(1, actions),
            // It has said all that it has to ask, or has not asked yet.
            Input::Line { .. }
            | Input::Pending { .. }
            | Input::Backlog { .. }
            | Input::OutputFull(_)
            | Input::Report(_) => {}
            // It listens nowhere, and asked for none of these.
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
    /// One that is about to ask.
    ///
    /// # Panics
    ///
    /// If `rules` name no server.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        assert!(!rules.servers.is_empty(), "a server is asked");
        let (state, give_up_at) = (WhoState::Waiting, Millis(0));
        Self { rules, server: 0, state, give_up_at, dial_next_at: None, quiet_at: None }
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
                self.fail(Notice::Silent { server: self.server() }, actions);
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
                let user = Request::User { name: self.rules.name.clone(), port: NO_PORT };
                actions.send(conn, |out| user.encode(out));
                self.state = WhoState::Settling { conn, ask_at: now + SETTLE_MS };
            }
            (WhoState::Dialing, Err(_)) if self.has_next() => self.dial_next(now, actions),
            // A port where nobody listens refuses. A server that resets was there: it is full.
            (WhoState::Dialing, Err(ErrorKind::ConnectionReset)) => {
                self.fail(Notice::Closed { server: self.server() }, actions);
            }
            (WhoState::Dialing, Err(error)) => {
                self.fail(Notice::NoServer { server: self.server(), error }, actions);
            }
            (_, Ok(conn)) => actions.push(Action::Abort { conn }),
            (_, Err(_)) => {}
        }
    }

    /// Anything but a LIST is skipped: some servers greet.
    fn on_line(&mut self, now: Millis, conn: ConnId, line: &[u8], actions: &mut Actions<Notice>) {
        let Some(Reply::List(list)) = Reply::parse(line) else { return };
        let own = self.rules.name.as_bytes();
        // Not every server leaves the asker out.
        let others = reply::names(list).filter(|name| *name != own).map(<[u8]>::to_vec);
        actions.show(Notice::Online(others.collect()));
        actions.push(Action::Close { conn });
        self.state = WhoState::Leaving { conn, by: now + LEAVE_WITHIN_MS };
    }

    /// A server that is full may have a neighbour that is not.
    fn on_end(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<Notice>) {
        match self.state {
            WhoState::Leaving { conn: left, .. } if left == conn => self.exit(0, actions),
            WhoState::Settling { conn: ours, .. } | WhoState::Asked(ours) if ours == conn => {
                self.quiet_at = None;
                if self.has_next() {
                    return self.dial_next(now, actions);
                }
                self.fail(Notice::Closed { server: self.server() }, actions);
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
