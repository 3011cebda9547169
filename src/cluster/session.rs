//! The session with the engine: dials, the lease of this server, the epoch, full reads, and
//! reconnection.
//!
//! It has two connections: one for commands, and one that waits for entries of the stream. If
//! either fails, both are closed and the next engine is tried. Read next: [`super::claims`].

use redis_protocol::resp2::types::OwnedFrame;

use super::Clustered;
use super::engine::{
    BLOCK_MS, Claimed, Entered, EntryId, Epoch, Keys, Loaded, Operation, Page, Released, SCRIPTS,
    Script, ServerId, entries, leases, renewed,
};
use super::link::{Link, PendingReply, REPLY_WITHIN_MS};
use super::notice::{Notice, Trouble};
use super::rules::{Engine, Rules};
use crate::machine::{Actions, ConnId, DialId, Millis};

/// The dial of the connection for commands. No machine around this one uses the same number.
pub const COMMANDS_DIAL: DialId = DialId(0x7261_0001);
/// The dial of the connection for the stream.
pub const CHANGES_DIAL: DialId = DialId(0x7261_0002);

/// How often our lease is renewed, in milliseconds: a third of its length.
pub const RENEW_EVERY_MS: u64 = 5_000;

/// How often the leases of all servers are checked, in milliseconds. Ours may be gone too, after
/// FLUSHALL.
pub const LOOK_EVERY_MS: u64 = 1_500;

/// The first pause before an engine is tried again, in milliseconds. It doubles.
pub const RETRY_FIRST_MS: u64 = 100;

/// The longest such pause, in milliseconds. Names must be claimed within 5 s after an engine
/// returns.
pub const RETRY_LONGEST_MS: u64 = 1_000;

/// The shortest time between two full reads, in milliseconds. Foreign entries must not cause them
/// without a pause.
pub const READ_EVERY_MS: u64 = 1_000;

/// How long people of the last epoch are kept, in milliseconds. The other servers may need this
/// time to claim them again.
pub const SWEEP_AFTER_MS: u64 = 5_000;

/// The session with the engine.
#[derive(Debug)]
pub(super) struct Session {
    engines: Vec<Engine>,
    /// The index of the engine that is in use, or is tried next.
    engine: usize,
    keys: Keys,
    loaded: Loaded,
    commands: Link,
    changes: Link,
    state: SessionState,
    retry_ms: u64,
    renew_at: Millis,
    look_at: Millis,
    /// The position of the replica in the stream. `None`: there has been no full read.
    position: Option<Position>,
    /// The replica lacks names, so a full read must follow.
    must_read: bool,
    /// The number of the last full read.
    reading: u16,
    /// When people are removed whom the last full read did not find.
    sweep_at: Option<Millis>,
    /// The next full read does not begin before this time.
    read_again_at: Millis,
    /// The number of the newest known entry of the stream.
    seq: u64,
    /// For each engine, the last trouble that was reported.
    reported: Vec<Option<Trouble>>,
    /// The engine works, and that has been reported.
    is_up: bool,
    leaving: LeaseEnd,
}

/// Whether this server has ended its lease itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum LeaseEnd {
    No,
    Asked,
    Done,
}

/// ```text
/// Away ──► Connecting ──► Entering ──► Reading ──► Following ──► Away
///               (dial, password,   ▲ (pages)          │
///                scripts)          └──────────────────┘ lease lost, gap, another epoch
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum SessionState {
    Away { retry_at: Millis },
    Connecting,
    Entering,
    Reading,
    Following,
}

/// A position in the stream.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Position {
    pub(super) epoch: Epoch,
    pub(super) seq: u64,
    pub(super) last: EntryId,
}

impl Session {
    pub(super) fn new(rules: Rules) -> Self {
        assert!(!rules.engines.is_empty(), "a server that shares names has an engine");
        let reported = rules.engines.iter().map(|_| None).collect();
        Self {
            engines: rules.engines,
            engine: 0,
            keys: Keys::new(&rules.prefix, rules.server),
            loaded: Loaded::default(),
            commands: Link::new(COMMANDS_DIAL),
            changes: Link::new(CHANGES_DIAL),
            state: SessionState::Away { retry_at: Millis(0) },
            retry_ms: RETRY_FIRST_MS,
            renew_at: Millis(0),
            look_at: Millis(0),
            position: None,
            must_read: false,
            sweep_at: None,
            reading: 0,
            read_again_at: Millis(0),
            seq: 0,
            reported,
            is_up: false,
            leaving: LeaseEnd::No,
        }
    }

    pub(super) fn owns(&self, conn: ConnId) -> bool {
        self.commands.owns(conn) || self.changes.owns(conn)
    }

    /// Whether our lease is held, as far as we know, and names can be claimed.
    pub(super) fn has_lease(&self) -> bool {
        matches!(self.state, SessionState::Reading | SessionState::Following)
    }

    pub(super) fn me(&self) -> ServerId {
        self.keys.server()
    }

    pub(super) fn position(&self) -> Option<Position> {
        self.position
    }

    pub(super) fn set_position(&mut self, position: Position) {
        self.seq = self.seq.max(position.seq);
        self.position = Some(position);
    }

    /// Lets a full read follow as soon as possible.
    pub(super) fn demand_read(&mut self) {
        self.must_read = true;
    }

    /// Whether people of the last epoch are still kept.
    pub(super) fn is_sweeping(&self) -> bool {
        self.sweep_at.is_some()
    }

    pub(super) fn reading(&self) -> u16 {
        self.reading
    }

    pub(super) fn note_seq(&mut self, seq: u64) {
        self.seq = self.seq.max(seq);
    }

    pub(super) fn lag(&self) -> u64 {
        self.position.map_or(0, |it| self.seq.saturating_sub(it.seq))
    }

    pub(super) fn connections(&self) -> usize {
        usize::from(self.commands.is_open()) + usize::from(self.changes.is_open())
    }

    /// Sends a command on the connection for commands.
    pub(super) fn ask(
        &mut self,
        now: Millis,
        operation: Operation<'_>,
        asked: PendingReply,
        actions: &mut Actions<Notice>,
    ) {
        let with = (&self.keys, &self.loaded);
        self.commands.ask(now + REPLY_WITHIN_MS, operation, asked, with, actions);
    }

    pub(super) fn deadline(&self) -> Option<Millis> {
        let own = match self.state {
            SessionState::Away { retry_at } => Some(retry_at),
            SessionState::Connecting | SessionState::Entering => None,
            SessionState::Reading | SessionState::Following => {
                Some(self.renew_at.min(self.look_at))
            }
        };
        let reread = self.wants_read().then_some(self.read_again_at);
        let late = [self.commands.deadline(), self.changes.deadline()];
        late.into_iter().chain([own, reread, self.sweep_at]).flatten().min()
    }

    /// Lets a full read follow, if one is under way: it will not come to its end.
    fn give_up_reading(&mut self) {
        self.must_read |= self.state == SessionState::Reading;
    }

    fn wants_read(&self) -> bool {
        self.state == SessionState::Following && self.must_read
    }

    fn engine(&self) -> &Engine {
        &self.engines[self.engine]
    }

    /// Logs in on a connection that has just opened.
    fn log_in(&mut self, now: Millis, is_commands: bool, actions: &mut Actions<Notice>) {
        let Engine { user, password, database, .. } = &self.engines[self.engine];
        let link = if is_commands { &mut self.commands } else { &mut self.changes };
        let (with, late) = ((&self.keys, &self.loaded), now + REPLY_WITHIN_MS);
        if let Some(password) = password {
            let login = Operation::Authenticate { user: user.as_deref(), password };
            link.ask(late, login, PendingReply::Login, with, actions);
        }
        if *database != 0 {
            link.ask(late, Operation::Select(*database), PendingReply::Login, with, actions);
        }
    }

    fn follow(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        let Some(position) = self.position.filter(|_| !self.must_read) else { return };
        if self.state == SessionState::Following
            && self.changes.is_open()
            && !self.changes.is_waiting()
        {
            let (with, late) = ((&self.keys, &self.loaded), now + BLOCK_MS + REPLY_WITHIN_MS);
            self.changes.ask(
                late,
                Operation::Follow(position.last),
                PendingReply::Follow,
                with,
                actions,
            );
        }
    }
}

impl Clustered {
    /// Does the work that is due: the next dial, late replies, leases, full reads.
    pub(super) fn keep_session(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        let late = self.session.commands.check(now).and(self.session.changes.check(now));
        if let Err(why) = late {
            self.on_trouble(now, why, actions);
        }
        match self.session.state {
            SessionState::Away { retry_at } if retry_at <= now => {
                let to = self.session.engine().address;
                self.session.state = SessionState::Connecting;
                self.session.commands.dial(now, to, actions);
            }
            SessionState::Away { .. } | SessionState::Connecting | SessionState::Entering => {}
            SessionState::Reading | SessionState::Following => self.keep_lease(now, actions),
        }
        if self.session.wants_read() && self.session.read_again_at <= now {
            self.enter(now, actions);
        }
        if self.session.sweep_at.is_some_and(|at| at <= now) {
            self.sweep();
        }
    }

    /// Removes people whom neither the last full read nor the stream has named.
    fn sweep(&mut self) {
        self.session.sweep_at = None;
        let reading = self.session.reading;
        self.directory.roster_mut().sweep_remote(reading);
    }

    fn keep_lease(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        if self.session.renew_at <= now {
            self.session.renew_at = now + RENEW_EVERY_MS;
            self.session.ask(now, Operation::Renew, PendingReply::Renew, actions);
        }
        if self.session.look_at <= now {
            self.session.look_at = now + LOOK_EVERY_MS;
            let mut servers = vec![self.session.me()];
            servers.extend(self.servers.iter());
            let operation = Operation::Leases(&servers);
            self.session.ask(now, operation, PendingReply::Leases(servers.clone()), actions);
        }
    }

    pub(super) fn on_dialed(
        &mut self,
        now: Millis,
        dial: DialId,
        result: Result<ConnId, std::io::ErrorKind>,
        actions: &mut Actions<Notice>,
    ) {
        let session = &mut self.session;
        let is_commands = dial == COMMANDS_DIAL;
        let link = match dial {
            COMMANDS_DIAL => &mut session.commands,
            CHANGES_DIAL => &mut session.changes,
            _ => return,
        };
        let was_open = link.is_open();
        if let Err(why) = link.on_dialed(result, actions) {
            return self.on_trouble(now, why, actions);
        }
        if was_open || !link.is_open() {
            return;
        }
        session.log_in(now, is_commands, actions);
        if is_commands {
            for script in SCRIPTS {
                session.ask(now, Operation::Load(script), PendingReply::Load(script), actions);
            }
        } else {
            session.follow(now, actions);
        }
    }

    pub(super) fn on_bytes(
        &mut self,
        now: Millis,
        conn: ConnId,
        bytes: &[u8],
        actions: &mut Actions<Notice>,
    ) {
        let is_commands = self.session.commands.owns(conn);
        if !self.session.owns(conn) {
            return;
        }
        self.link(is_commands).push(bytes);
        // A reply may be trouble, which closes the connection.
        while self.session.owns(conn) {
            match self.link(is_commands).next() {
                Ok(Some((asked, reply))) => self.on_reply(now, asked, &reply, actions),
                Ok(None) => return,
                Err(why) => self.on_trouble(now, why, actions),
            }
        }
    }

    fn link(&mut self, is_commands: bool) -> &mut Link {
        if is_commands { &mut self.session.commands } else { &mut self.session.changes }
    }

    fn on_reply(
        &mut self,
        now: Millis,
        asked: PendingReply,
        reply: &OwnedFrame,
        actions: &mut Actions<Notice>,
    ) {
        if self.take_reply(now, asked, reply, actions).is_none() {
            self.on_trouble(now, Trouble::Nonsense, actions);
        }
    }

    /// Takes a reply. `None`: it has another shape than the command's.
    fn take_reply(
        &mut self,
        now: Millis,
        asked: PendingReply,
        reply: &OwnedFrame,
        actions: &mut Actions<Notice>,
    ) -> Option<()> {
        match asked {
            PendingReply::Login => self.session.follow(now, actions),
            PendingReply::Load(script) => {
                self.session.loaded.keep(script, reply).then_some(())?;
                if script == Script::Read {
                    self.enter(now, actions);
                }
            }
            PendingReply::Enter => self.on_entered(now, Entered::read(reply)?, actions),
            PendingReply::Claim(claims) => match Claimed::read(reply, claims.len())? {
                Claimed::Answered { seq, arrivals } => {
                    self.on_claimed(now, claims, (seq, arrivals), actions);
                }
                Claimed::Outside => {
                    self.claims.on_answered();
                    self.on_lease_lost(now, actions);
                }
            },
            PendingReply::Release(owner, names) => match Released::read(reply)? {
                Released::At(seq) => {
                    self.session.note_seq(seq);
                    self.claims.on_answered();
                }
                Released::Outside => {
                    self.claims.take_back(PendingReply::Release(owner, names));
                    self.on_lease_lost(now, actions);
                }
            },
            PendingReply::Read => self.on_page(now, Page::read(reply)?, actions),
            PendingReply::Renew => {
                self.session.retry_ms = RETRY_FIRST_MS;
                if !renewed(reply)? {
                    self.on_lease_lost(now, actions);
                }
            }
            PendingReply::Leases(servers) => {
                let lives = leases(reply, servers.len())?;
                self.on_leases(now, &servers, &lives, actions);
            }
            PendingReply::Follow => {
                let entries = entries(reply)?;
                if self.session.state == SessionState::Following {
                    self.on_entries(now, entries, actions);
                }
                self.session.follow(now, actions);
            }
            PendingReply::Leave => self.session.leaving = LeaseEnd::Done,
        }
        Some(())
    }

    fn on_leases(
        &mut self,
        now: Millis,
        servers: &[ServerId],
        lives: &[bool],
        actions: &mut Actions<Notice>,
    ) {
        for (&server, &lives) in servers.iter().zip(lives) {
            if lives {
                self.servers.on_alive(server);
            } else if server == self.session.me() {
                self.on_lease_lost(now, actions);
            } else {
                self.on_server_gone(now, server, actions);
            }
        }
    }

    /// Takes the lease, and asks for the position of the stream. Claims follow.
    fn enter(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        self.session.give_up_reading();
        self.session.state = SessionState::Entering;
        self.session.read_again_at = now + READ_EVERY_MS;
        // A new epoch needs a number that no other server chooses.
        let fresh = Epoch(self.session.me().0.rotate_left(32) ^ now.0);
        self.session.ask(now, Operation::Enter { fresh }, PendingReply::Enter, actions);
    }

    fn on_entered(&mut self, now: Millis, entered: Entered, actions: &mut Actions<Notice>) {
        let Entered { epoch, seq, last, is_held } = entered;
        // An engine that has lost its last entries counts on from an older one. The same number may
        // then be another entry.
        let is_at = |it: &Position| it.seq == seq && it.last == last;
        let goes_on = |it: &Position| is_at(it) || (it.seq < seq && it.last < last);
        let before = self.session.position.filter(|it| it.epoch == epoch);
        let kept = before.filter(|it| goes_on(it) && !self.session.must_read);
        let session = &mut self.session;
        session.seq = seq;
        session.renew_at = now + RENEW_EVERY_MS;
        session.look_at = now;
        self.claims.start(epoch, is_held, self.directory.roster());
        if session.changes.is_closed() {
            let to = session.engine().address;
            session.changes.dial(now, to, actions);
        }
        if kept.is_some() {
            return self.on_all_read(now, epoch, actions);
        }
        // In a new epoch the other servers are still claiming their names again.
        if before.is_none() && session.position.is_some() {
            session.sweep_at = Some(now + SWEEP_AFTER_MS);
        }
        session.position = Some(Position { epoch, seq, last });
        session.must_read = false;
        session.state = SessionState::Reading;
        session.reading = session.reading.wrapping_add(1);
        session.ask(now, Operation::Read { cursor: 0 }, PendingReply::Read, actions);
    }

    fn on_page(&mut self, now: Millis, page: Page, actions: &mut Actions<Notice>) {
        if self.session.state != SessionState::Reading {
            return;
        }
        let Some(Position { epoch, .. }) = self.session.position else { return };
        let cursor = page.cursor;
        self.take_page(page, actions);
        if cursor != 0 {
            let operation = Operation::Read { cursor };
            return self.session.ask(now, operation, PendingReply::Read, actions);
        }
        if !self.session.is_sweeping() {
            self.sweep();
        }
        self.on_all_read(now, epoch, actions);
    }

    fn on_all_read(&mut self, now: Millis, epoch: Epoch, actions: &mut Actions<Notice>) {
        self.session.state = SessionState::Following;
        self.session.look_at = now;
        if !std::mem::replace(&mut self.session.is_up, true) {
            let engine = self.session.engine().address;
            actions.show(Notice::Up { engine, epoch });
            self.session.reported.fill(None);
        }
        self.session.follow(now, actions);
        self.keep_lease(now, actions);
    }

    /// Our lease or the epoch has ended. The other servers may have released our names.
    fn on_lease_lost(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        if self.session.has_lease() && self.session.leaving == LeaseEnd::No {
            actions.show(Notice::LeaseLost);
            self.enter(now, actions);
        }
    }

    /// Reads all names again: the stream has a gap, or another epoch.
    pub(super) fn read_again(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        self.session.demand_read();
        if self.session.wants_read() && self.session.read_again_at <= now {
            self.enter(now, actions);
        }
    }

    /// Closes both connections. The next engine is tried after a pause, which doubles each time.
    pub(super) fn on_trouble(&mut self, now: Millis, why: Trouble, actions: &mut Actions<Notice>) {
        let session = &mut self.session;
        if matches!(session.state, SessionState::Away { .. }) {
            return;
        }
        session.give_up_reading();
        // After a full read the stream goes on at a later entry, so a bad one does not return.
        session.must_read |=
            matches!(why, Trouble::TooLong | Trouble::NotRedis(_) | Trouble::Nonsense);
        let unanswered = session.commands.close(actions);
        session.changes.close(actions);
        session.state = SessionState::Away { retry_at: now + session.retry_ms };
        session.retry_ms = (session.retry_ms * 2).min(RETRY_LONGEST_MS);
        let engine = session.engine().address;
        let reported = &mut session.reported[session.engine];
        if std::mem::take(&mut session.is_up) || reported.as_ref() != Some(&why) {
            *reported = Some(why.clone());
            actions.show(Notice::Down { engine, why });
        }
        session.engine = (session.engine + 1) % session.engines.len();
        for asked in unanswered {
            self.claims.take_back(asked);
        }
    }

    /// Ends our lease, once. Returns whether it has ended, as far as we know.
    pub(super) fn leave(&mut self, now: Millis, actions: &mut Actions<Notice>) -> bool {
        if self.session.leaving == LeaseEnd::No && self.session.has_lease() {
            self.session.leaving = LeaseEnd::Asked;
            self.session.ask(now, Operation::Leave, PendingReply::Leave, actions);
        }
        self.session.leaving == LeaseEnd::Done || !self.session.has_lease()
    }
}
