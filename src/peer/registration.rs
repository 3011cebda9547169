//! The connection to the server: USER, KEEP, and coming back when it is gone.
//!
//! Knows the one connection to the server and its times. Must never know conversations: they
//! go on without a server. Read next: [`super::lookup`], which uses this connection.

use std::io::ErrorKind;
use std::net::SocketAddr;

use super::Rules;
use super::notice::{Fatal, Notice};
use crate::machine::{Action, Actions, ConnId, DialId, Framing, Millis};
use crate::wire::name::Name;
use crate::wire::request::Request;
use crate::wire::{REPLY_LIMIT, SERVER_GIVE_UP};

/// The dial to the server; the others count up from here.
pub const SERVER_DIAL: DialId = DialId(0);

/// How long a dial to the server may take, in milliseconds.
pub const DIAL_WITHIN_MS: u64 = 5_000;

/// A person who has waited this long for a dial is told what is waited for, in milliseconds.
pub const DIAL_TOLD_MS: u64 = 1_000;

/// A server that closes this soon after USER, in milliseconds, and has said nothing, has refused
/// the name: the handout gives it no other way to say so.
pub const REFUSAL_WITHIN_MS: u64 = 2_000;

/// So much is shown of what a server says that is no reply, in bytes.
pub const BABBLE_BYTES_MAX: usize = 120;

/// How long a script waits after USER for such a refusal, in milliseconds, before it goes on.
pub const SETTLE_MS: u64 = 250;

/// How long a script waits for a server, in milliseconds, if it does not [`Rules::stays`].
pub const SCRIPT_PATIENCE_MS: u64 = 5_000;

/// The first pause before another attempt, in milliseconds. It doubles up to the longest, and
/// is spread by half of itself both ways: ten thousand peers must not come back at once.
pub const RETRY_FIRST_MS: u64 = 250;

/// The longest pause before another attempt, in milliseconds.
pub const RETRY_LONGEST_MS: u64 = 5_000;

/// The pause after a refusal of a name that was ours before, in milliseconds: it is our own
/// ghost, and the server will notice within its expiry.
pub const GHOST_RETRY_MS: u64 = 2_000;

/// How long it may be our own ghost, in milliseconds: the server's expiry, and some. Then the
/// name is somebody's.
pub const GHOST_LIVES_MS: u64 = 20_000;

/// The peer's place in the directory.
#[derive(Debug)]
pub struct Registration {
    state: State,
    servers: Vec<SocketAddr>,
    /// Which of `servers` is tried, or has us.
    server: usize,
    port: u16,
    keep_interval_ms: u64,
    scripted: bool,
    /// A first server is waited for without end.
    persists: bool,
    retry_ms: u64,
    random: u64,
    /// We were registered once for longer than a refusal takes.
    was_member: bool,
    /// When a name that was ours was first refused.
    ghost_since: Option<Millis>,
    /// The person knows that there is no server now.
    told: bool,
    /// The first line on this connection that is no reply, or its beginning. A person may
    /// understand it: another protocol's at a wrong port, or why the server refuses a name.
    babble: Option<Vec<u8>>,
}

/// ```text
/// Idle ──► Waiting ──► Dialing ──► Joined ──► Waiting …
///  (no name)   ◄──────────┘ failed
/// ```
#[derive(Clone, Copy, Debug)]
enum State {
    Idle,
    Waiting {
        until: Millis,
    },
    /// `give_up_at`, `None`: given up already, its end is awaited. `tell_at`, `None`: nobody is to
    /// be told, or not any more.
    Dialing {
        give_up_at: Option<Millis>,
        tell_at: Option<Millis>,
    },
    /// `settles_at`: when silence after USER means that we are in. `None`: it did.
    Joined {
        conn: ConnId,
        since: Millis,
        keep_at: Millis,
        heard: bool,
        settles_at: Option<Millis>,
    },
}

/// What the end of the connection meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lost {
    /// It was in use, and will be tried again.
    Offline,
    /// The server refused the name; a new one is needed.
    NameRefused,
    /// The name is, or may be, still held by our own earlier connection.
    Ghost,
    /// The name was ours, and is somebody else's by now. It is tried again all the same.
    NameLost,
}

impl Registration {
    /// Not registered, and not trying to be.
    #[must_use]
    pub fn new(rules: &Rules) -> Self {
        Self {
            state: State::Idle,
            servers: rules.servers.clone(),
            server: 0,
            port: rules.port,
            keep_interval_ms: rules.keep_interval_ms,
            scripted: rules.scripted,
            persists: rules.stays || !rules.scripted,
            retry_ms: RETRY_FIRST_MS,
            random: rules.seed | 1,
            was_member: false,
            ghost_since: None,
            told: false,
            babble: None,
        }
    }

    /// Starts to register: at the next tick, which is due now.
    pub fn start(&mut self, now: Millis) {
        self.state = State::Waiting { until: now };
    }

    /// Stops, until another name is there to [`Registration::start`] with.
    pub fn rest(&mut self) {
        self.state = State::Idle;
        self.was_member = false;
        self.ghost_since = None;
        self.told = false;
    }

    /// The connection, while there is one.
    #[must_use]
    pub fn conn(&self) -> Option<ConnId> {
        match self.state {
            State::Joined { conn, .. } => Some(conn),
            State::Idle | State::Waiting { .. } | State::Dialing { .. } => None,
        }
    }

    /// The server that is tried or has us.
    #[must_use]
    pub fn server(&self) -> SocketAddr {
        self.servers[self.server]
    }

    /// Whether a script may go on: registered, or registered before.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.was_member || matches!(self.state, State::Joined { settles_at: None, .. })
    }

    /// The dial has ended.
    pub fn on_dialed(
        &mut self,
        now: Millis,
        name: &Name,
        result: Result<ConnId, ErrorKind>,
        actions: &mut Actions<Notice>,
    ) {
        match result {
            Ok(conn) => self.join(now, name, conn, actions),
            Err(error) => self.on_dial_failed(now, error, actions),
        }
    }

    /// An answer came from the server, so it has not refused us.
    pub fn on_heard(&mut self, name: &Name, actions: &mut Actions<Notice>) {
        if let State::Joined { heard, .. } = &mut self.state {
            *heard = true;
            self.settle(name, actions);
        }
    }

    /// Words came that are no reply. They let nobody in.
    pub fn on_babble(&mut self, line: &[u8]) {
        self.babble.get_or_insert_with(|| line[..line.len().min(BABBLE_BYTES_MAX)].to_vec());
    }

    /// The connection is gone.
    pub fn on_lost(&mut self, now: Millis, actions: &mut Actions<Notice>) -> Lost {
        let State::Joined { since, heard, .. } = self.state else { return Lost::Offline };
        let refused = !heard && now.since(since) < REFUSAL_WITHIN_MS;
        if refused && !self.was_member {
            self.state = State::Idle;
            if let Some(line) = self.babble.take() {
                actions.show(Notice::ServerSaid { server: self.server(), line });
            }
            return Lost::NameRefused;
        }
        self.was_member = true;
        self.tell(Notice::Offline { server: self.server() }, actions);
        if refused {
            self.state = State::Waiting { until: now + GHOST_RETRY_MS };
            let ghost_since = *self.ghost_since.get_or_insert(now);
            let is_ghost = now.since(ghost_since) < GHOST_LIVES_MS;
            return if is_ghost { Lost::Ghost } else { Lost::NameLost };
        }
        self.ghost_since = None;
        // Who lets us in and throws us out is not asked four times a second.
        if now.since(since) >= REFUSAL_WITHIN_MS {
            self.retry_ms = RETRY_FIRST_MS;
        }
        self.retry(now);
        Lost::Offline
    }

    /// Leaves the directory for good.
    pub fn leave(&mut self, actions: &mut Actions<Notice>) {
        match self.state {
            State::Joined { conn, .. } => actions.push(Action::Close { conn }),
            State::Dialing { .. } => actions.push(Action::Abandon { dial: SERVER_DIAL }),
            State::Idle | State::Waiting { .. } => {}
        }
        self.state = State::Idle;
    }

    /// Looks at the time: another attempt, a dial that takes too long, a KEEP.
    pub fn on_tick(&mut self, now: Millis, name: &Name, actions: &mut Actions<Notice>) {
        match self.state {
            State::Waiting { until } if until <= now => self.dial(now, actions),
            State::Dialing { give_up_at: Some(at), .. } if at <= now => {
                actions.push(Action::Abandon { dial: SERVER_DIAL });
                self.state = State::Dialing { give_up_at: None, tell_at: None };
            }
            State::Dialing { give_up_at, tell_at: Some(at) } if at <= now => {
                actions.show(Notice::Dialing { server: self.server() });
                self.state = State::Dialing { give_up_at, tell_at: None };
            }
            State::Joined { .. } => self.keep_alive(now, name, actions),
            State::Idle | State::Waiting { .. } | State::Dialing { .. } => {}
        }
    }

    /// When to look at the time again.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Millis> {
        let own = match self.state {
            State::Idle => None,
            State::Waiting { until } => Some(until),
            State::Dialing { give_up_at, tell_at } => tell_at.or(give_up_at),
            State::Joined { settles_at: Some(at), keep_at, .. } => Some(at.min(keep_at)),
            State::Joined { settles_at: None, keep_at, .. } => Some(keep_at),
        };
        let patience = self.is_impatient().then_some(Millis(SCRIPT_PATIENCE_MS));
        own.into_iter().chain(patience).min()
    }

    /// A script that has had no server for too long.
    #[must_use]
    pub fn gives_up(&self, now: Millis) -> Option<Fatal> {
        let too_long = self.is_impatient() && now.0 >= SCRIPT_PATIENCE_MS;
        too_long.then(|| Fatal::NoServer { server: self.server() })
    }

    fn is_impatient(&self) -> bool {
        let seeks = matches!(self.state, State::Waiting { .. } | State::Dialing { .. });
        !self.persists && !self.was_member && seeks
    }

    fn dial(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        let to = self.server();
        let framing = Framing::Lines(REPLY_LIMIT);
        let give_up = SERVER_GIVE_UP;
        actions.push(Action::Dial { dial: SERVER_DIAL, to, framing, give_up });
        let tell_at = (!self.scripted && !self.told).then_some(now + DIAL_TOLD_MS);
        self.state = State::Dialing { give_up_at: Some(now + DIAL_WITHIN_MS), tell_at };
    }

    fn on_dial_failed(&mut self, now: Millis, error: ErrorKind, actions: &mut Actions<Notice>) {
        let server = self.server();
        if self.persists {
            self.tell(Notice::NoServer { server, error }, actions);
        }
        self.server = (self.server + 1) % self.servers.len();
        self.retry(now);
    }

    fn join(&mut self, now: Millis, name: &Name, conn: ConnId, actions: &mut Actions<Notice>) {
        self.babble = None;
        let user = Request::User { name: name.clone(), port: self.port };
        actions.send(conn, |out| user.encode(out));
        let keep_at = now + self.keep_interval_ms;
        let settles_at = Some(now + SETTLE_MS);
        self.state = State::Joined { conn, since: now, keep_at, heard: false, settles_at };
    }

    /// Sends a KEEP where one is due. Intervals are counted from the last one due, not from the
    /// last one sent, so that small delays do not add up; missed ones are not made up for.
    fn keep_alive(&mut self, now: Millis, name: &Name, actions: &mut Actions<Notice>) {
        let interval_ms = self.keep_interval_ms;
        let State::Joined { conn, keep_at, settles_at, .. } = &mut self.state else { return };
        if *keep_at <= now {
            actions.send(*conn, |out| Request::Keep.encode(out));
            let missed = now.since(*keep_at) / interval_ms;
            *keep_at = *keep_at + (missed + 1) * interval_ms;
        }
        if settles_at.is_some_and(|at| at <= now) {
            self.settle(name, actions);
        }
    }

    /// The server has had the time to refuse the name and has not, so far.
    fn settle(&mut self, name: &Name, actions: &mut Actions<Notice>) {
        let State::Joined { settles_at, .. } = &mut self.state else { return };
        if settles_at.take().is_none() {
            return;
        }
        if self.was_member || (self.scripted && self.told) {
            actions.show(Notice::BackOnline);
        } else if !self.scripted {
            actions.show(Notice::Welcome { name: name.clone() });
        }
        self.told = false;
    }

    fn retry(&mut self, now: Millis) {
        let spread_ms = self.next_random() % (self.retry_ms + 1);
        self.state = State::Waiting { until: now + self.retry_ms / 2 + spread_ms };
        self.retry_ms = (self.retry_ms * 2).min(RETRY_LONGEST_MS);
    }

    fn tell(&mut self, notice: Notice, actions: &mut Actions<Notice>) {
        if !self.told {
            self.told = true;
            actions.show(notice);
        }
    }

    /// xorshift64: spreads attempts, guards nothing.
    fn next_random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }
}
