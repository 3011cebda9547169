//! Claims of names in the engine: of newcomers, who wait for an answer, and of people here; and
//! releases of names.
//!
//! Read first: [`super::session`]. Read next: [`super::replica`].

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;

use super::Clustered;
use super::engine::{BATCH_MAX, Claim, Epoch, NameRecord, Operation, ServerId};
use super::link::PendingReply;
use super::notice::Notice;
use crate::conn_map::ConnMap;
use crate::directory::notice::LeaveReason;
use crate::directory::roster::remote::NameOwner;
use crate::directory::roster::{Member, Roster};
use crate::directory::shared::NameClaim;
use crate::machine::{Actions, ConnId, Millis};
use crate::wire::name::Name;

/// How long a USER waits for its claim, in milliseconds. Then it is admitted without one. No
/// shorter than the peer's `REFUSAL_WITHIN_MS`, so that a peer takes no later loss of its name for
/// a refusal.
pub(super) const PATIENCE_MS: u64 = 2_000;

/// Most claims and releases without a reply. Names that come meanwhile share the next one, so many
/// joins cost the engine few commands.
pub(super) const UNDER_WAY_MAX: usize = 4;

/// Most names that wait to be released. A full read finds the others again.
pub(super) const RELEASES_MAX: usize = 65_536;

/// The claims and releases of this server.
#[derive(Debug, Default)]
pub(super) struct Claims {
    /// Everybody who is connected here and has sent USER: newcomers, and people in the roster.
    people: ConnMap<Person>,
    /// The newcomers, by the names for which they wait.
    newcomers: BTreeMap<Name, ConnId>,
    /// The newcomers, and until when each waits. The earliest is first.
    patience: VecDeque<(Millis, ConnId)>,
    /// The next names to claim, by connection. Some may be closed.
    queue: VecDeque<ConnId>,
    /// Names of this server that are released before anything is claimed.
    releases: VecDeque<Name>,
    /// Names that are released before those: of dead servers, and of commands without a reply.
    release_batches: VecDeque<(ServerId, Vec<Name>)>,
    /// How many claims and releases have no reply yet.
    under_way: usize,
    /// The last stream entry of each name that is being claimed here.
    seen: BTreeMap<Name, Seen>,
    epoch: Option<Epoch>,
    /// Our lease has not ended since the last claims, so the same claims need no new entries.
    is_quiet: bool,
}

/// Whether this server holds a person's name in the engine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Held {
    /// Not yet, or not any more.
    Queued,
    /// A claim was sent.
    Sent,
    /// Yes, by this entry of the stream or an earlier one.
    Claimed(u64),
}

/// A person who is connected here and has sent USER.
#[derive(Debug)]
struct Person {
    held: Held,
    /// The claim of a newcomer, who is not in the roster yet. In a box, because few wait at a time.
    wish: Option<Box<NameClaim>>,
}

/// A stream entry about a name that was being claimed here.
#[derive(Debug)]
pub(super) struct Seen {
    seq: u64,
    /// The owner. `None`: the name was released.
    owner: Option<(ServerId, NameRecord)>,
}

/// Our side of a name that the stream gives to another server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ClaimState {
    /// No person here has it.
    Free,
    /// A person here has it by a later entry.
    Ours,
    /// A person here has lost it by this entry.
    Lost(ConnId),
    /// A person here has it, and the reply to the claim has not come.
    Open,
}

impl Claims {
    pub(super) fn has_work(&self) -> bool {
        !self.queue.is_empty() || !self.releases.is_empty() || !self.release_batches.is_empty()
    }

    /// Whether every release is sent, and every command has its reply.
    pub(super) fn is_idle(&self) -> bool {
        self.releases.is_empty() && self.under_way == 0
    }

    pub(super) fn deadline(&self) -> Option<Millis> {
        self.patience.front().map(|(at, _)| *at)
    }

    /// How many names are not claimed yet, and how many are not released yet.
    pub(super) fn counts(&self) -> (usize, usize) {
        let is_unclaimed = |(_, it): &(ConnId, &Person)| !matches!(it.held, Held::Claimed(_));
        (self.people.iter().filter(is_unclaimed).count(), self.releases.len())
    }

    /// A newcomer has disconnected.
    pub(super) fn forget_newcomer(&mut self, conn: ConnId) {
        if let Some((wish, _)) = self.take_newcomer(conn) {
            self.seen.remove(&wish.name);
        }
    }

    /// Queues the names of everybody here, newcomers first: our lease is new, or in a new epoch.
    pub(super) fn start(&mut self, epoch: Epoch, is_held: bool, roster: &Roster) {
        self.is_quiet = is_held && self.epoch == Some(epoch);
        self.epoch = Some(epoch);
        self.queue.clear();
        let newcomers = self.newcomers.values().copied();
        for conn in newcomers.chain(roster.local_members().map(|(conn, _)| conn)) {
            if let Some(person) = self.people.get_mut(conn) {
                person.held = Held::Queued;
                self.queue.push_back(conn);
            }
        }
    }

    /// Takes back a command without a reply. [`Claims::start`] claims its names again. Names to
    /// release come first again.
    pub(super) fn take_back(&mut self, asked: PendingReply) {
        if let PendingReply::Release(owner, names) = asked {
            self.under_way -= 1;
            if self.epoch.is_some() {
                self.release_batches.push_front((owner, names));
            }
        } else if matches!(asked, PendingReply::Claim(_)) {
            self.under_way -= 1;
        }
    }

    /// Notes that a claim or a release has its reply.
    pub(super) fn on_answered(&mut self) {
        self.under_way -= 1;
    }

    /// Queues a name for release. `false`: there are too many.
    pub(super) fn release(&mut self, name: Name) -> bool {
        let has_room = self.releases.len() < RELEASES_MAX;
        if has_room {
            self.releases.push_back(name);
        }
        has_room
    }

    /// Queues names of a dead server for release.
    pub(super) fn release_of(&mut self, server: ServerId, names: Vec<Name>) {
        self.release_batches.push_back((server, names));
    }

    pub(super) fn is_releasing_of(&self, server: ServerId) -> bool {
        self.release_batches.iter().any(|(other, _)| *other == server)
    }

    /// Whether a newcomer waits for this name.
    pub(super) fn is_awaited(&self, name: &Name) -> bool {
        self.newcomers.contains_key(name)
    }

    /// Our side of a name that this stream entry, or a page (`None`), gives to another server.
    pub(super) fn state_of(&self, owner: Option<NameOwner>, seq: Option<u64>) -> ClaimState {
        let Some(NameOwner::Local(conn)) = owner else { return ClaimState::Free };
        match self.people.get(conn).map(|it| it.held) {
            Some(Held::Claimed(since)) if seq.is_some_and(|seq| seq <= since) => ClaimState::Ours,
            Some(Held::Claimed(_)) => ClaimState::Lost(conn),
            Some(Held::Queued | Held::Sent) | None => ClaimState::Open,
        }
    }

    /// Keeps a stream entry about a name that is being claimed.
    pub(super) fn see(&mut self, name: Name, seq: u64, owner: Option<(ServerId, NameRecord)>) {
        self.seen.insert(name, Seen { seq, owner });
    }

    /// The same for an entry that releases the name.
    pub(super) fn see_left(&mut self, name: &Name, seq: u64) {
        if let Some(seen) = self.seen.get_mut(name) {
            *seen = Seen { seq, owner: None };
        } else if self.is_awaited(name) {
            self.see(name.clone(), seq, None);
        }
    }

    /// Drops what was kept before this entry, which is our own.
    pub(super) fn see_own(&mut self, name: &Name, seq: u64) {
        if self.seen.get(name).is_some_and(|seen| seen.seq < seq) {
            self.seen.remove(name);
        }
    }

    /// Forgets a person here whose name is lost: it must not be released.
    pub(super) fn drop_held(&mut self, conn: ConnId) {
        self.people.remove(conn);
    }

    fn take_seen(&mut self, name: &Name) -> Option<(ServerId, NameRecord)> {
        self.seen.remove(name)?.owner
    }

    /// The newcomer who waits for this name.
    fn wish_for(&self, name: &Name) -> Option<&NameClaim> {
        self.people.get(*self.newcomers.get(name)?)?.wish.as_deref()
    }

    /// Removes a newcomer.
    fn take_newcomer(&mut self, conn: ConnId) -> Option<(NameClaim, Held)> {
        let wish = self.people.get_mut(conn)?.wish.take()?;
        self.newcomers.remove(&wish.name);
        let Person { held, .. } = self.people.remove(conn)?;
        Some((*wish, held))
    }

    fn set_held(&mut self, conn: ConnId, held: Held) {
        if let Some(person) = self.people.get_mut(conn) {
            person.held = held;
        }
    }

    /// The next names to claim, and the connection of each.
    fn next_batch(&mut self, roster: &Roster) -> (Vec<(ConnId, Name)>, Vec<Claim>) {
        let (mut whose, mut claims) = (Vec::new(), Vec::new());
        while claims.len() < BATCH_MAX
            && let Some(conn) = self.queue.pop_front()
        {
            let Some(claim) = self.claim_of(conn, roster) else { continue };
            whose.push((conn, claim.name.clone()));
            claims.push(claim);
        }
        (whose, claims)
    }

    fn claim_of(&mut self, conn: ConnId, roster: &Roster) -> Option<Claim> {
        let person = self.people.get_mut(conn)?;
        if let Some(wish) = &person.wish {
            person.held = Held::Sent;
            let NameClaim { name, address, .. } = *wish.clone();
            return Some(Claim { name, address, arrival: 0, is_new: true });
        }
        if person.held != Held::Queued {
            return None;
        }
        let (member, arrival) = roster.local_member(conn)?;
        person.held = Held::Sent;
        let (name, address) = (member.name.clone(), member.address());
        Some(Claim { name, address, arrival, is_new: false })
    }
}

impl Clustered {
    /// A client has sent USER.
    pub(super) fn on_wish(&mut self, now: Millis, wish: NameClaim, actions: &mut Actions<Notice>) {
        let NameClaim { conn, ref name, address } = wish;
        if let Some(other) = self.claims.wish_for(name) {
            let before = other.conn;
            if other.address != address {
                return self.directory.refuse_name(conn, name.clone(), actions);
            }
            // The same person has connected again.
            self.claims.take_newcomer(before);
            self.directory.refuse_name(before, name.clone(), actions);
        }
        let roster = self.directory.roster();
        let is_other = roster.find(name.as_bytes()).is_some_and(|it| it.address() != address);
        let is_here = matches!(roster.owner_of(name.as_bytes()), Some(NameOwner::Local(_)));
        if is_other && (is_here || !self.session.has_lease()) {
            return self.directory.refuse_name(conn, name.clone(), actions);
        }
        self.claims.patience.push_back((now + PATIENCE_MS, conn));
        self.claims.queue.push_back(conn);
        self.claims.newcomers.insert(name.clone(), conn);
        let newcomer = Person { held: Held::Queued, wish: Some(Box::new(wish)) };
        self.claims.people.insert(conn, newcomer);
    }

    /// A person has left the roster.
    pub(super) fn on_gone(&mut self, conn: ConnId, name: Name) {
        let Some(_) = self.claims.people.remove(conn) else { return };
        if let Some((server, record)) = self.claims.take_seen(&name) {
            self.add_to_replica(server, record);
        }
        if !self.claims.release(name) {
            self.session.demand_read();
        }
    }

    /// Admits the newcomers whose claims have no reply in time.
    pub(super) fn admit_overdue(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        while let Some(&(at, conn)) = self.claims.patience.front()
            && at <= now
        {
            self.claims.patience.pop_front();
            let Some((wish, held)) = self.claims.take_newcomer(conn) else { continue };
            self.admit_unclaimed(now, wish, held, actions);
        }
    }

    fn admit_unclaimed(
        &mut self,
        now: Millis,
        wish: NameClaim,
        held: Held,
        actions: &mut Actions<Notice>,
    ) {
        let NameClaim { conn, ref name, address } = wish;
        let found = self.directory.roster().find(name.as_bytes());
        if found.is_some_and(|it| it.address() != address) {
            self.claims.seen.remove(name);
            return self.directory.refuse_name(conn, name.clone(), actions);
        }
        actions.show(Notice::Unclaimed { name: name.clone(), address });
        self.admit(now, wish, (None, held), actions);
    }

    /// Puts a newcomer into the roster, unless the connection has closed.
    fn admit(
        &mut self,
        now: Millis,
        wish: NameClaim,
        (arrival, held): (Option<u64>, Held),
        actions: &mut Actions<Notice>,
    ) {
        let NameClaim { conn, ref name, .. } = wish;
        if self.directory.awaits_name(conn) {
            self.make_room(name, actions);
            self.directory.admit(now, wish, arrival, actions);
            self.claims.people.insert(conn, Person { held, wish: None });
        } else if held != Held::Queued {
            self.release_if_unwanted(wish.name);
        }
    }

    /// Removes the same person's older connection, here or at another server.
    fn make_room(&mut self, name: &Name, actions: &mut Actions<Notice>) {
        match self.directory.roster().owner_of(name.as_bytes()) {
            Some(NameOwner::Local(before)) => {
                self.claims.drop_held(before);
                self.directory.expel(before, LeaveReason::TakenOver, actions);
            }
            Some(NameOwner::Remote(_)) => {
                self.directory.roster_mut().leave_remote(name.as_bytes());
            }
            None => {}
        }
    }

    /// Sends releases, and then claims. A release after the next claim of the same name would undo
    /// it.
    pub(super) fn send_claims(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        while self.session.has_lease()
            && self.claims.under_way < UNDER_WAY_MAX
            && self.claims.has_work()
            && let Some(epoch) = self.claims.epoch
        {
            if let Some((owner, names)) = self.next_release() {
                let operation = Operation::Release { epoch, owner, names: &names };
                let asked = PendingReply::Release(owner, names.clone());
                self.session.ask(now, operation, asked, actions);
                self.claims.under_way += 1;
                continue;
            }
            let (whose, claims) = self.claims.next_batch(self.directory.roster());
            if claims.is_empty() {
                continue;
            }
            let is_quiet = self.claims.is_quiet;
            let operation = Operation::Claim { epoch, is_quiet, claims: &claims };
            self.session.ask(now, operation, PendingReply::Claim(whose), actions);
            self.claims.under_way += 1;
        }
    }

    /// The next names to release, without those that a person here has again: their release would
    /// come after their claim.
    fn next_release(&mut self) -> Option<(ServerId, Vec<Name>)> {
        while let Some((owner, mut names)) = self.take_release() {
            if owner == self.session.me() {
                names.retain(|name| !self.is_ours_again(name));
            }
            if !names.is_empty() {
                return Some((owner, names));
            }
        }
        None
    }

    fn is_ours_again(&self, name: &Name) -> bool {
        let owner = self.directory.roster().owner_of(name.as_bytes());
        let newcomer = self.claims.wish_for(name).and_then(|it| self.claims.people.get(it.conn));
        let is_being_claimed = newcomer.is_some_and(|it| it.held == Held::Sent);
        is_being_claimed || matches!(owner, Some(NameOwner::Local(_)))
    }

    fn take_release(&mut self) -> Option<(ServerId, Vec<Name>)> {
        let batch = self.claims.release_batches.pop_front();
        let own = || {
            let count = self.claims.releases.len().min(BATCH_MAX);
            let names: Vec<_> = self.claims.releases.drain(..count).collect();
            (!names.is_empty()).then(|| (self.session.me(), names))
        };
        batch.or_else(own)
    }

    /// The reply to a claim.
    pub(super) fn on_claimed(
        &mut self,
        now: Millis,
        claims: Vec<(ConnId, Name)>,
        (seq, arrivals): (u64, Vec<Option<u64>>),
        actions: &mut Actions<Notice>,
    ) {
        self.claims.under_way -= 1;
        self.session.note_seq(seq);
        for ((conn, name), arrival) in claims.into_iter().zip(arrivals) {
            let person = self.claims.people.get(conn);
            if person.is_some_and(|it| it.wish.is_some()) {
                self.on_newcomer_claimed(now, conn, &name, (seq, arrival), actions);
            } else if person.is_some_and(|it| it.held == Held::Sent) {
                self.on_member_claimed(conn, &name, (seq, arrival), actions);
            } else if arrival.is_some() {
                self.release_if_unwanted(name);
            }
        }
    }

    fn on_newcomer_claimed(
        &mut self,
        now: Millis,
        conn: ConnId,
        name: &Name,
        (seq, arrival): (u64, Option<u64>),
        actions: &mut Actions<Notice>,
    ) {
        let later = self.claims.seen.remove(name).filter(|seen| seen.seq > seq);
        let is_lost = later.as_ref().is_some_and(|seen| seen.owner.is_some());
        if arrival.is_some() && later.is_some() && !is_lost {
            return self.claims.queue.push_back(conn);
        }
        let Some((wish, _)) = self.claims.take_newcomer(conn) else { return };
        if arrival.is_none() || is_lost {
            return self.directory.refuse_name(conn, name.clone(), actions);
        }
        self.admit(now, wish, (arrival, Held::Claimed(seq)), actions);
    }

    fn on_member_claimed(
        &mut self,
        conn: ConnId,
        name: &Name,
        (seq, arrival): (u64, Option<u64>),
        actions: &mut Actions<Notice>,
    ) {
        let seen = self.claims.seen.remove(name);
        let later = seen.as_ref().filter(|seen| seen.seq > seq);
        match (arrival, later.map(|seen| seen.owner.is_some())) {
            (Some(arrival), None) => {
                self.directory.roster_mut().set_arrival(conn, arrival);
                self.claims.set_held(conn, Held::Claimed(seq));
            }
            (Some(_), Some(false)) => {
                self.claims.set_held(conn, Held::Queued);
                self.claims.queue.push_back(conn);
            }
            (None, _) | (Some(_), Some(true)) => {
                let owner = seen.and_then(|seen| seen.owner);
                let other = owner.as_ref().map(|(_, record)| record.address);
                let why = self.why_lost(name, other);
                self.claims.drop_held(conn);
                self.directory.expel(conn, why, actions);
                if let Some((server, record)) = owner {
                    self.add_to_replica(server, record);
                }
            }
        }
    }

    /// Why a person here loses the name to a person at the address `other`.
    pub(super) fn why_lost(&self, name: &Name, other: Option<SocketAddr>) -> LeaveReason {
        let here = self.directory.roster().find(name.as_bytes()).map(Member::address);
        if here.is_some() && here == other { LeaveReason::TakenOver } else { LeaveReason::NameLost }
    }

    /// Releases a claimed name whose person has disconnected, unless another person here wants it.
    fn release_if_unwanted(&mut self, name: Name) {
        let owner = self.directory.roster().owner_of(name.as_bytes());
        let is_wanted = self.claims.is_awaited(&name) || matches!(owner, Some(NameOwner::Local(_)));
        if !is_wanted && !self.claims.release(name) {
            self.session.demand_read();
        }
    }
}
