//! The connection to the server: USER, KEEP, and the next attempt when it is gone.
//!
//! Must never know a conversation. Read next: [`super::lookup`], which uses this connection.

use std::io::ErrorKind;
use std::net::SocketAddr;

use super::non_replies::NonReplies;
use super::rejections::Rejections;
use super::servers::Servers;
use crate::machine::{Action, Actions, CloseReason, ConnId, DialId, Framing, Millis};
use crate::peer::Rules;
use crate::peer::notice::{Fatal, Notice, Rejection};
use crate::wire::name::Name;
use crate::wire::request::Request;
use crate::wire::{DIAL_BEFORE_NEXT_MS, REPLY_LIMIT, SERVER_GIVE_UP};

/// The number of every dial to the server. Calls have higher numbers.
pub const SERVER_DIAL: DialId = DialId(0);

/// Longest dial to the server, in milliseconds, where there is no other address to try.
pub(crate) const DIAL_WITHIN_MS: u64 = 5_000;

/// After this time in a dial, in milliseconds, the person is told which address is dialed.
pub(crate) const DIAL_TOLD_MS: u64 = 1_000;

/// A server that closes so soon after USER, in milliseconds, without a line has refused the name:
/// the handout gives it no other way.
pub(crate) const REFUSAL_WITHIN_MS: u64 = 2_000;

/// How long a script waits after USER for a refusal, in milliseconds.
pub(crate) const SETTLE_MS: u64 = 250;

/// How long a script that has a name waits for a server, in milliseconds, without
/// [`Rules::stays`].
pub(crate) const SCRIPT_PATIENCE_MS: u64 = 5_000;

/// The pause after a refusal of a name that we had, in milliseconds. A ghost is most likely in the
/// way: our own earlier connection, which the server removes at its expiry.
pub(crate) const GHOST_RETRY_MS: u64 = 2_000;

/// Longest life of a ghost, in milliseconds: the server's expiry and some seconds. After it, the
/// name belongs to somebody else.
pub(crate) const GHOST_LIVES_MS: u64 = 20_000;

/// The connection to the server, or the way to one.
#[derive(Debug)]
pub(crate) struct Registration {
    state: RegistrationState,
    servers: Servers,
    /// The names of servers, for the host to look up again.
    names: Vec<String>,
    /// The server at which we were registered last.
    home: Option<SocketAddr>,
    port: u16,
    keep_interval_ms: u64,
    scripted: bool,
    /// The wait for the first server has no end.
    persists: bool,
    /// We were registered once for longer than a refusal takes.
    was_member: bool,
    /// When the peer began to look for a server under this name.
    started_at: Millis,
    rejections: Rejections,
    /// When a server first refused a name that we had.
    ghost_since: Option<Millis>,
    /// The last server that had us closed in order, so it keeps no ghost.
    was_closed: bool,
    reported: Reported,
    non_replies: NonReplies,
}

/// Facts that the person has been told since we were registered last, so that each is told once.
#[derive(Debug, Default)]
struct Reported {
    /// There is no server now.
    absence: bool,
    /// Somebody else has the name.
    name_lost: bool,
    /// No address of any server is known.
    no_address: bool,
}

/// ```text
/// Idle ──► Waiting ──► Dialing ──► Joined ──► Waiting …
///  (no name)   ◄──────────┘ failed
/// ```
#[derive(Clone, Copy, Debug)]
enum RegistrationState {
    Idle,
    /// The next attempt is made then.
    Waiting {
        until: Millis,
    },
    /// `report_at`: when the person is told, once.
    Dialing {
        give_up_at: Millis,
        report_at: Option<Millis>,
    },
    /// The dial was given up, and the loop has not reported its end yet.
    Abandoned,
    /// `heard`: a reply has come. `settles_at`: when silence after USER means that the server has
    /// taken the name, `None` after that.
    Joined {
        conn: ConnId,
        since: Millis,
        keep_at: Millis,
        heard: bool,
        settles_at: Option<Millis>,
    },
}

/// The meaning of the end of the connection. But for `NameRefused`, the same name is tried again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Lost {
    /// We were registered.
    Offline,
    /// The server closed before it had taken the name, and not because of it.
    Rejected,
    /// The same, and the server had sent something that is no reply: perhaps the reason.
    TurnedAway,
    /// The server refused the name.
    NameRefused,
    /// Our own earlier connection may still have the name.
    Ghost,
    /// The last server closed in order, and another refuses the name. It was most likely given to
    /// somebody else.
    NameGivenAway,
    /// The name has been refused for longer than a ghost lives.
    NameTaken,
}

impl Registration {
    /// Not registered, and without an attempt before [`Registration::start`].
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
            rejections: Rejections::default(),
            ghost_since: None,
            was_closed: false,
            reported: Reported::default(),
            non_replies: NonReplies::default(),
        }
    }

    /// Makes the first attempt at the next tick, which is due now.
    pub(crate) fn start(&mut self, now: Millis) {
        self.state = RegistrationState::Waiting { until: now };
        self.started_at = now;
    }

    /// Tries the refused name again after a pause. True: the person has not been told.
    pub(crate) fn try_again(&mut self, now: Millis, actions: &mut Actions<Notice>) -> bool {
        self.retry(now, actions);
        !std::mem::replace(&mut self.reported.absence, true)
    }

    /// Makes no further attempt before [`Registration::start`] with another name.
    pub(crate) fn rest(&mut self) {
        self.state = RegistrationState::Idle;
        self.was_member = false;
        self.ghost_since = None;
        self.reported = Reported::default();
    }

    /// Somebody else has the name. True: the person has not been told.
    pub(crate) fn reports_name_lost(&mut self) -> bool {
        !std::mem::replace(&mut self.reported.name_lost, true)
    }

    /// The connection, while there is one.
    pub(crate) fn conn(&self) -> Option<ConnId> {
        match self.state {
            RegistrationState::Joined { conn, .. } => Some(conn),
            RegistrationState::Idle
            | RegistrationState::Waiting { .. }
            | RegistrationState::Dialing { .. }
            | RegistrationState::Abandoned => None,
        }
    }

    /// The address that is tried, or at which we are registered.
    pub(crate) fn server(&self) -> SocketAddr {
        self.servers.address()
    }

    /// Whether a script may go on: we are registered, or were before.
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
            // A port without a listener refuses. A server that resets was there and closed.
            Err(error @ ErrorKind::ConnectionReset) => {
                self.non_replies = NonReplies::default();
                self.on_rejected(now, now, CloseReason::Failed(error), actions);
            }
            Err(error) => self.on_dial_failed(now, error, actions),
        }
    }

    /// The host has looked the names up: these are the addresses of each server.
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
            if !std::mem::replace(&mut self.reported.no_address, true) {
                actions.show(Notice::ServersUnknown { names: self.names.clone() });
            }
        } else if let RegistrationState::Waiting { .. } = self.state {
            self.state = RegistrationState::Waiting { until: now };
        }
    }

    /// A reply came, so the server has taken the name.
    pub(crate) fn on_heard(&mut self, name: &Name, actions: &mut Actions<Notice>) {
        if let RegistrationState::Joined { heard, .. } = &mut self.state {
            *heard = true;
            self.non_replies.on_reply();
            self.rejections = Rejections::default();
            self.settle(name, actions);
        }
    }

    /// Lines of the server that are no replies. They do not mean that it has taken the name.
    pub(crate) fn non_replies(&mut self) -> &mut NonReplies {
        &mut self.non_replies
    }

    /// The connection has ended.
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
            return self.on_rejected(now, since, reason, actions);
        }
        self.was_member = true;
        self.report(Notice::Offline { server: self.server() }, actions);
        if is_early && reason == CloseReason::Asked {
            return self.on_refused_return(now);
        }
        self.ghost_since = None;
        self.was_closed = reason == CloseReason::Asked;
        // Otherwise the pauses go on growing: a server that drops us at once has not held us.
        if now.since(since) >= REFUSAL_WITHIN_MS {
            self.servers.note_held();
        }
        self.retry(now, actions);
        Lost::Offline
    }

    /// A server refuses the name that we had.
    fn on_refused_return(&mut self, now: Millis) -> Lost {
        self.servers.leave_server();
        self.state = RegistrationState::Waiting { until: now + GHOST_RETRY_MS };
        let ghost_since = *self.ghost_since.get_or_insert(now);
        match now.since(ghost_since) < GHOST_LIVES_MS {
            // A server that closes in order keeps no ghost. One of several servers closes so when
            // the others have given the name away while it could not reach them.
            true if self.was_closed => Lost::NameGivenAway,
            true => Lost::Ghost,
            false => Lost::NameTaken,
        }
    }

    /// A server ended the connection soon after USER, and we were never registered.
    fn on_rejected(
        &mut self,
        now: Millis,
        since: Millis,
        reason: CloseReason,
        actions: &mut Actions<Notice>,
    ) -> Lost {
        let is_late = now.since(since) >= SETTLE_MS;
        let server = self.server();
        let Some(how) = self.rejections.judge(server, reason, self.non_replies.take(), is_late)
        else {
            self.state = RegistrationState::Idle;
            return Lost::NameRefused;
        };
        let has_said = matches!(how, Rejection::Said(_));
        self.reported.absence &= !has_said || self.scripted;
        let is_round_over = self.retry(now, actions);
        if self.persists && (has_said || is_round_over) {
            self.report(Notice::Rejected { server, how }, actions);
        }
        if has_said { Lost::TurnedAway } else { Lost::Rejected }
    }

    /// Closes the connection, and makes no further attempt.
    pub(crate) fn leave(&mut self, actions: &mut Actions<Notice>) {
        match self.state {
            RegistrationState::Joined { conn, .. } => actions.push(Action::Close { conn }),
            RegistrationState::Dialing { .. } => {
                actions.push(Action::Abandon { dial: SERVER_DIAL })
            }
            RegistrationState::Idle
            | RegistrationState::Waiting { .. }
            | RegistrationState::Abandoned => {}
        }
        self.state = RegistrationState::Idle;
    }

    /// Looks at the time: another attempt, a dial that takes too long, a KEEP.
    pub(crate) fn on_tick(&mut self, now: Millis, name: &Name, actions: &mut Actions<Notice>) {
        match self.state {
            RegistrationState::Waiting { until } if until <= now => self.dial(now, actions),
            RegistrationState::Dialing { give_up_at, .. } if give_up_at <= now => {
                actions.push(Action::Abandon { dial: SERVER_DIAL });
                self.state = RegistrationState::Abandoned;
            }
            RegistrationState::Dialing { give_up_at, report_at: Some(at) } if at <= now => {
                actions.show(Notice::Dialing { server: self.server() });
                self.state = RegistrationState::Dialing { give_up_at, report_at: None };
            }
            RegistrationState::Joined { .. } => self.keep_alive(now, name, actions),
            RegistrationState::Idle
            | RegistrationState::Waiting { .. }
            | RegistrationState::Dialing { .. }
            | RegistrationState::Abandoned => {}
        }
    }

    /// When to look at the time again.
    pub(crate) fn next_deadline(&self) -> Option<Millis> {
        let own = match self.state {
            RegistrationState::Idle | RegistrationState::Abandoned => None,
            RegistrationState::Waiting { until } => Some(until),
            RegistrationState::Dialing { give_up_at, report_at } => report_at.or(Some(give_up_at)),
            RegistrationState::Joined { settles_at, keep_at, .. } => {
                settles_at.into_iter().chain([keep_at]).min()
            }
        };
        let patience = self.is_impatient().then_some(self.started_at + SCRIPT_PATIENCE_MS);
        own.into_iter().chain(patience).min()
    }

    /// The error of a script that has had no server for too long.
    pub(crate) fn gives_up(&self, now: Millis) -> Option<Fatal> {
        let is_over = self.is_impatient() && now >= self.started_at + SCRIPT_PATIENCE_MS;
        is_over.then(|| self.failure())
    }

    /// Why a script that has no server cannot go on.
    pub(crate) fn failure(&self) -> Fatal {
        match self.rejections.last() {
            Some((server, how)) => Fatal::Rejected { server: *server, how: how.clone() },
            None => Fatal::NoServer { servers: self.servers.names() },
        }
    }

    fn is_impatient(&self) -> bool {
        let seeks = matches!(
            self.state,
            RegistrationState::Waiting { .. }
                | RegistrationState::Dialing { .. }
                | RegistrationState::Abandoned
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
        let is_reported = self.scripted || self.reported.absence;
        let report_at = (!is_reported).then_some(now + DIAL_TOLD_MS);
        let has_others = self.servers.has_others();
        let within_ms = if has_others { DIAL_BEFORE_NEXT_MS } else { DIAL_WITHIN_MS };
        self.state = RegistrationState::Dialing { give_up_at: now + within_ms, report_at };
    }

    fn on_dial_failed(&mut self, now: Millis, error: ErrorKind, actions: &mut Actions<Notice>) {
        self.rejections.forget(self.server());
        if !self.servers.leave_address() {
            // At once: after a tick, no deadline may be due now.
            return self.dial(now, actions);
        }
        if self.persists {
            let notice = match self.rejections.last().cloned() {
                Some((server, how)) => Notice::Rejected { server, how },
                None => Notice::NoServer { servers: self.servers.names(), error },
            };
            self.report(notice, actions);
        }
        self.pause(now, actions);
    }

    fn join(&mut self, now: Millis, name: &Name, conn: ConnId, actions: &mut Actions<Notice>) {
        self.non_replies = NonReplies::default();
        let user = Request::User { name: name.clone(), port: self.port };
        actions.send(conn, |out| user.encode(out));
        let keep_at = now + self.keep_interval_ms;
        let settles_at = Some(now + SETTLE_MS);
        self.state =
            RegistrationState::Joined { conn, since: now, keep_at, heard: false, settles_at };
    }

    /// Sends a KEEP if one is due. The next is due an interval after the time at which this one was
    /// due, so that small delays do not add up. Missed KEEPs are not sent later.
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

    /// The server has taken the name, or has at least not refused it in time.
    fn settle(&mut self, name: &Name, actions: &mut Actions<Notice>) {
        let RegistrationState::Joined { settles_at, .. } = &mut self.state else { return };
        if settles_at.take().is_none() {
            return;
        }
        let server = self.server();
        let is_elsewhere = self.home.replace(server).is_some_and(|home| home != server);
        if self.was_member && is_elsewhere {
            actions.show(Notice::OnlineElsewhere { server });
        } else if self.was_member
            || (self.scripted && (self.reported.absence || self.reported.no_address))
        {
            actions.show(Notice::BackOnline);
        } else if !self.scripted {
            actions.show(Notice::Welcome { name: name.clone() });
        }
        self.reported = Reported::default();
    }

    /// Tries the next server: at once, or after a pause if each was tried. True: after a pause.
    fn retry(&mut self, now: Millis, actions: &mut Actions<Notice>) -> bool {
        let is_round_over = self.servers.leave_server();
        if is_round_over {
            self.pause(now, actions);
        } else {
            self.state = RegistrationState::Waiting { until: now };
        }
        is_round_over
    }

    /// Waits before the next attempt. The host looks the names up meanwhile.
    fn pause(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        if !self.names.is_empty() {
            actions.show(Notice::AddressesWanted);
        }
        self.state = RegistrationState::Waiting { until: now + self.servers.next_pause_ms() };
    }

    fn report(&mut self, notice: Notice, actions: &mut Actions<Notice>) {
        if !std::mem::replace(&mut self.reported.absence, true) {
            actions.show(notice);
        }
    }
}
