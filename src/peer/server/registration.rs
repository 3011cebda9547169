//! The connection to the server: USER, KEEP, and coming back when it is gone.
//!
//! Knows the one connection to the server and its times. Must never know conversations: they
//! go on without a server. Read next: [`super::lookup`], which uses this connection.

use std::io::ErrorKind;
use std::net::SocketAddr;

use super::babble::Babble;
use super::rebuff::Rebuffs;
use super::servers::Servers;
use crate::machine::{Action, Actions, CloseReason, ConnId, DialId, Framing, Millis};
use crate::peer::Rules;
use crate::peer::notice::{Fatal, Notice, Rebuff};
use crate::wire::name::Name;
use crate::wire::request::Request;
use crate::wire::{DIAL_BEFORE_NEXT_MS, REPLY_LIMIT, SERVER_GIVE_UP};

/// The dial to the server; the others count up from here.
pub const SERVER_DIAL: DialId = DialId(0);

/// How long a dial to the only address of a server may take, in milliseconds.
pub(crate) const DIAL_WITHIN_MS: u64 = 5_000;

/// A person who has waited this long for a dial is told what is waited for, in milliseconds.
pub(crate) const DIAL_TOLD_MS: u64 = 1_000;

/// A server that closes this soon after USER, in milliseconds, and has said nothing, has refused
/// the name: the handout gives it no other way to say so.
pub(crate) const REFUSAL_WITHIN_MS: u64 = 2_000;

/// How long a script waits after USER for such a refusal, in milliseconds, before it goes on.
pub(crate) const SETTLE_MS: u64 = 250;

/// How long a script that has a name waits for a server, in milliseconds, if it does not
/// [`Rules::stays`].
pub(crate) const SCRIPT_PATIENCE_MS: u64 = 5_000;

/// The pause after a refusal of a name that was ours before, in milliseconds: it is our own
/// ghost, and the server will notice within its expiry.
pub(crate) const GHOST_RETRY_MS: u64 = 2_000;

/// How long it may be our own ghost, in milliseconds: the server's expiry, and some. Then the
/// name is somebody's.
pub(crate) const GHOST_LIVES_MS: u64 = 20_000;

/// The peer's place in the directory.
#[derive(Debug)]
pub(crate) struct Registration {
    state: RegistrationState,
    servers: Servers,
    /// Those of servers that have some, to be looked up again.
    names: Vec<String>,
    /// Where we were registered last.
    home: Option<SocketAddr>,
    port: u16,
    keep_interval_ms: u64,
    scripted: bool,
    /// A first server is waited for without end.
    persists: bool,
    /// We were registered once for longer than a refusal takes.
    was_member: bool,
    /// When the peer began to look for a server under this name.
    started_at: Millis,
    rebuffs: Rebuffs,
    /// When a name that was ours was first refused.
    ghost_since: Option<Millis>,
    /// The server that had us closed the connection in order: it was not the line that broke.
    was_closed: bool,
    /// The person knows that somebody else has the name.
    is_loss_told: bool,
    /// The person knows that there is no server now.
    told: bool,
    /// The person knows that the servers' names are not known yet.
    is_unknown_told: bool,
    babble: Babble,
}

/// ```text
/// Idle ──► Waiting ──► Dialing ──► Joined ──► Waiting …
///  (no name)   ◄──────────┘ failed
/// ```
#[derive(Clone, Copy, Debug)]
enum RegistrationState {
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

/// The meaning of the end of the connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Lost {
    /// It was in use, and will be tried again.
    Offline,
    /// The server hung up before it let us in, and will be tried again.
    Rebuffed,
    /// The server said what is no reply, perhaps why it refuses the name, and hung up.
    TurnedAway,
    /// The server refused the name; a new one is needed.
    NameRefused,
    /// The name is, or may be, still held by our own earlier connection.
    Ghost,
    /// The server that had us closed in order, and the name is not to be had any more: most likely
    /// it was given to somebody else.
    NameGivenAway,
    /// The name was ours, and is somebody else's by now. It is tried again all the same.
    NameLost,
}

impl Registration {
    /// Not registered, and not trying to be.
    pub(crate) fn new(rules: &Rules) -> Self {
        let servers = Servers::new(&rules.servers, rules.seed);
        let has_server = servers.has_address() || !rules.names.is_empty();
        assert!(has_server, "a peer has a server to register with");
        Self {
            state: RegistrationState::Idle,
            servers,
            names: rules.names.clone(),
            home: None,
            port: rules.port,
            keep_interval_ms: rules.keep_interval_ms,
            scripted: rules.scripted,
            persists: rules.stays || !rules.scripted,
            was_member: false,
            started_at: Millis(0),
            rebuffs: Rebuffs::default(),
            ghost_since: None,
            was_closed: false,
            is_loss_told: false,
            told: false,
            is_unknown_told: false,
            babble: Babble::default(),
        }
    }

    /// Starts to register: at the next tick, which is due now.
    pub(crate) fn start(&mut self, now: Millis) {
        self.state = RegistrationState::Waiting { until: now };
        self.started_at = now;
    }

    /// Tries the same name again after a while, although it was refused. Says whether the person
    /// does not know yet.
    pub(crate) fn try_again(&mut self, now: Millis, actions: &mut Actions<Notice>) -> bool {
        self.retry(now, actions);
        !std::mem::replace(&mut self.told, true)
    }

    /// Stops, until another name is there to [`Registration::start`] with.
    pub(crate) fn rest(&mut self) {
        self.state = RegistrationState::Idle;
        self.was_member = false;
        self.ghost_since = None;
        self.told = false;
        self.is_loss_told = false;
    }

    /// Says whether the person does not know yet that somebody else has the name. Once for each
    /// absence.
    pub(crate) fn tells_loss(&mut self) -> bool {
        !std::mem::replace(&mut self.is_loss_told, true)
    }

    /// The connection, while there is one.
    pub(crate) fn conn(&self) -> Option<ConnId> {
        match self.state {
            RegistrationState::Joined { conn, .. } => Some(conn),
            RegistrationState::Idle
            | RegistrationState::Waiting { .. }
            | RegistrationState::Dialing { .. } => None,
        }
    }

    /// The server that is tried or has us.
    pub(crate) fn server(&self) -> SocketAddr {
        self.servers.address()
    }

    /// Whether a script may go on: registered, or registered before.
    pub(crate) fn is_settled(&self) -> bool {
        self.was_member || matches!(self.state, RegistrationState::Joined { settles_at: None, .. })
    }

    /// The dial has ended.
    pub(crate) fn on_dialed(
        &mut self,
        now: Millis,
        name: &Name,
        result: Result<ConnId, ErrorKind>,
        actions: &mut Actions<Notice>,
    ) {
        match result {
            Ok(conn) => self.join(now, name, conn, actions),
            // A port where nobody listens refuses. A server that resets was there, and hung up.
            Err(error @ ErrorKind::ConnectionReset) => {
                self.babble = Babble::default();
                self.on_rebuff(now, now, CloseReason::Failed(error), actions);
            }
            Err(error) => self.on_dial_failed(now, error, actions),
        }
    }

    /// The servers' names were looked up, and have these addresses.
    pub(crate) fn on_found(
        &mut self,
        now: Millis,
        found: &[Vec<SocketAddr>],
        actions: &mut Actions<Notice>,
    ) {
        self.servers.note_found(found);
        if self.servers.has_address() {
            return;
        }
        self.servers.use_found();
        if !self.servers.has_address() {
            if !std::mem::replace(&mut self.is_unknown_told, true) {
                actions.show(Notice::ServersUnknown { names: self.names.clone() });
            }
        } else if let RegistrationState::Waiting { .. } = self.state {
            self.state = RegistrationState::Waiting { until: now };
        }
    }

    /// An answer came from the server, so it has not refused us.
    pub(crate) fn on_heard(&mut self, name: &Name, actions: &mut Actions<Notice>) {
        if let RegistrationState::Joined { heard, .. } = &mut self.state {
            *heard = true;
            self.babble.on_reply();
            self.rebuffs = Rebuffs::default();
            self.settle(name, actions);
        }
    }

    /// The words of the server that are no reply. They let nobody in.
    pub(crate) fn babble(&mut self) -> &mut Babble {
        &mut self.babble
    }

    /// The connection is gone.
    pub(crate) fn on_lost(
        &mut self,
        now: Millis,
        reason: CloseReason,
        actions: &mut Actions<Notice>,
    ) -> Lost {
        let RegistrationState::Joined { since, heard, .. } = self.state else {
            return Lost::Offline;
        };
        let is_early = !heard && now.since(since) < REFUSAL_WITHIN_MS;
        if is_early && !self.was_member {
            return self.on_rebuff(now, since, reason, actions);
        }
        self.was_member = true;
        self.tell(Notice::Offline { server: self.server() }, actions);
        if is_early && reason == CloseReason::Asked {
            return self.on_refused_return(now);
        }
        self.ghost_since = None;
        self.was_closed = reason == CloseReason::Asked;
        // A server that lets us in and drops us at once is asked less and less often.
        if now.since(since) >= REFUSAL_WITHIN_MS {
            self.servers.note_held();
        }
        self.retry(now, actions);
        Lost::Offline
    }

    /// A server does not take the name back that was ours.
    fn on_refused_return(&mut self, now: Millis) -> Lost {
        self.servers.leave_server();
        self.state = RegistrationState::Waiting { until: now + GHOST_RETRY_MS };
        let ghost_since = *self.ghost_since.get_or_insert(now);
        match now.since(ghost_since) < GHOST_LIVES_MS {
            // A server that closes in order leaves no ghost: it gave the name to somebody else, as
            // one of several does that could not reach the others for a while.
            true if self.was_closed => Lost::NameGivenAway,
            true => Lost::Ghost,
            false => Lost::NameLost,
        }
    }

    /// A server ended the connection soon after the first USER.
    fn on_rebuff(
        &mut self,
        now: Millis,
        since: Millis,
        reason: CloseReason,
        actions: &mut Actions<Notice>,
    ) -> Lost {
        let is_late = now.since(since) >= SETTLE_MS;
        let server = self.server();
        let Some(how) = self.rebuffs.judge(server, reason, self.babble.take(), is_late) else {
            self.state = RegistrationState::Idle;
            return Lost::NameRefused;
        };
        let has_said = matches!(how, Rebuff::Said(_));
        self.told &= !has_said || self.scripted;
        let is_round_over = self.retry(now, actions);
        if self.persists && (has_said || is_round_over) {
            self.tell(Notice::Rebuffed { server, how }, actions);
        }
        if has_said { Lost::TurnedAway } else { Lost::Rebuffed }
    }

    /// Leaves the directory for good.
    pub(crate) fn leave(&mut self, actions: &mut Actions<Notice>) {
        match self.state {
            RegistrationState::Joined { conn, .. } => actions.push(Action::Close { conn }),
            RegistrationState::Dialing { .. } => {
                actions.push(Action::Abandon { dial: SERVER_DIAL })
            }
            RegistrationState::Idle | RegistrationState::Waiting { .. } => {}
        }
        self.state = RegistrationState::Idle;
    }

    /// Looks at the time: another attempt, a dial that takes too long, a KEEP.
    pub(crate) fn on_tick(&mut self, now: Millis, name: &Name, actions: &mut Actions<Notice>) {
        match self.state {
            RegistrationState::Waiting { until } if until <= now => self.dial(now, actions),
            RegistrationState::Dialing { give_up_at: Some(at), .. } if at <= now => {
                actions.push(Action::Abandon { dial: SERVER_DIAL });
                self.state = RegistrationState::Dialing { give_up_at: None, tell_at: None };
            }
            RegistrationState::Dialing { give_up_at, tell_at: Some(at) } if at <= now => {
                actions.show(Notice::Dialing { server: self.server() });
                self.state = RegistrationState::Dialing { give_up_at, tell_at: None };
            }
            RegistrationState::Joined { .. } => self.keep_alive(now, name, actions),
            RegistrationState::Idle
            | RegistrationState::Waiting { .. }
            | RegistrationState::Dialing { .. } => {}
        }
    }

    /// When to look at the time again.
    pub(crate) fn next_deadline(&self) -> Option<Millis> {
        let own = match self.state {
            RegistrationState::Idle => None,
            RegistrationState::Waiting { until } => Some(until),
            RegistrationState::Dialing { give_up_at, tell_at } => tell_at.or(give_up_at),
            RegistrationState::Joined { settles_at: Some(at), keep_at, .. } => {
                Some(at.min(keep_at))
            }
            RegistrationState::Joined { settles_at: None, keep_at, .. } => Some(keep_at),
        };
        let patience = self.is_impatient().then_some(self.started_at + SCRIPT_PATIENCE_MS);
        own.into_iter().chain(patience).min()
    }

    /// A script that has had no server for too long.
    pub(crate) fn gives_up(&self, now: Millis) -> Option<Fatal> {
        let is_over = self.is_impatient() && now >= self.started_at + SCRIPT_PATIENCE_MS;
        is_over.then(|| self.failure())
    }

    /// Why a script that has no server cannot go on.
    pub(crate) fn failure(&self) -> Fatal {
        match self.rebuffs.last() {
            Some((server, how)) => Fatal::Rebuffed { server: *server, how: how.clone() },
            None => Fatal::NoServer { servers: self.servers.names() },
        }
    }

    fn is_impatient(&self) -> bool {
        let seeks = matches!(
            self.state,
            RegistrationState::Waiting { .. } | RegistrationState::Dialing { .. }
        );
        !self.persists && !self.was_member && seeks
    }

    fn dial(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        self.servers.use_found();
        if !self.servers.has_address() {
            return self.pause(now, actions);
        }
        let to = self.server();
        let framing = Framing::Lines(REPLY_LIMIT);
        let give_up = SERVER_GIVE_UP;
        actions.push(Action::Dial { dial: SERVER_DIAL, to, framing, give_up });
        let tell_at = (!self.scripted && !self.told).then_some(now + DIAL_TOLD_MS);
        let has_others = self.servers.has_others();
        let within_ms = if has_others { DIAL_BEFORE_NEXT_MS } else { DIAL_WITHIN_MS };
        self.state = RegistrationState::Dialing { give_up_at: Some(now + within_ms), tell_at };
    }

    fn on_dial_failed(&mut self, now: Millis, error: ErrorKind, actions: &mut Actions<Notice>) {
        self.rebuffs.forget(self.server());
        if !self.servers.leave_address() {
            // Not a pause of no length: this may be a tick, behind which no deadline is due.
            return self.dial(now, actions);
        }
        if self.persists {
            let notice = match self.rebuffs.last().cloned() {
                Some((server, how)) => Notice::Rebuffed { server, how },
                None => Notice::NoServer { servers: self.servers.names(), error },
            };
            self.tell(notice, actions);
        }
        self.pause(now, actions);
    }

    fn join(&mut self, now: Millis, name: &Name, conn: ConnId, actions: &mut Actions<Notice>) {
        self.babble = Babble::default();
        let user = Request::User { name: name.clone(), port: self.port };
        actions.send(conn, |out| user.encode(out));
        let keep_at = now + self.keep_interval_ms;
        let settles_at = Some(now + SETTLE_MS);
        self.state =
            RegistrationState::Joined { conn, since: now, keep_at, heard: false, settles_at };
    }

    /// Sends a KEEP where one is due. Intervals are counted from the last one due, not from the
    /// last one sent, so that small delays do not add up; missed ones are not made up for.
    fn keep_alive(&mut self, now: Millis, name: &Name, actions: &mut Actions<Notice>) {
        let interval_ms = self.keep_interval_ms;
        let RegistrationState::Joined { conn, keep_at, settles_at, .. } = &mut self.state else {
            return;
        };
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
        let RegistrationState::Joined { settles_at, .. } = &mut self.state else { return };
        if settles_at.take().is_none() {
            return;
        }
        let server = self.server();
        let is_elsewhere = self.home.replace(server).is_some_and(|home| home != server);
        if self.was_member && is_elsewhere {
            actions.show(Notice::OnlineElsewhere { server });
        } else if self.was_member || (self.scripted && (self.told || self.is_unknown_told)) {
            actions.show(Notice::BackOnline);
        } else if !self.scripted {
            actions.show(Notice::Welcome { name: name.clone() });
        }
        self.told = false;
        self.is_unknown_told = false;
        self.is_loss_told = false;
    }

    /// Tries the next server: at once, or after a pause where each was tried. Says which.
    fn retry(&mut self, now: Millis, actions: &mut Actions<Notice>) -> bool {
        let is_round_over = self.servers.leave_server();
        if is_round_over {
            self.pause(now, actions);
        } else {
            self.state = RegistrationState::Waiting { until: now };
        }
        is_round_over
    }

    /// A name may lead elsewhere when the pause is over.
    fn pause(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        if !self.names.is_empty() {
            actions.show(Notice::AddressesWanted);
        }
        self.state = RegistrationState::Waiting { until: now + self.servers.next_pause_ms() };
    }

    fn tell(&mut self, notice: Notice, actions: &mut Actions<Notice>) {
        if !self.told {
            self.told = true;
            actions.show(notice);
        }
    }
}
