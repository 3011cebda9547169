//! People at other servers, from full reads and from the stream, and dead servers.
//!
//! The replica is in the directory's roster, so LIST and ADDR find it. The rule of this file:
//! entries are taken in the order of the stream, and the engine decides a name that is being
//! claimed here. Read first: [`super::claims`].

use std::collections::BTreeSet;

use super::Clustered;
use super::claims::ClaimState;
use super::engine::{BATCH_MAX, Change, NameRecord, News, Page, ServerId, StreamEntry};
use super::notice::Notice;
use super::session::Position;
use crate::directory::roster::remote::NameOwner;
use crate::machine::{Actions, Millis};
use crate::wire::name::Name;

/// Most people at other servers. Others cannot be found from here.
pub(super) const PEOPLE_MAX: usize = 1 << 20;

/// Most other servers.
pub(super) const SERVERS_MAX: usize = 1_024;

/// The other servers that have people in the replica. A server's number is its index. A number is
/// used again.
#[derive(Debug, Default)]
pub(super) struct KnownServers {
    servers: Vec<Option<ServerId>>,
    /// Dead servers that have been reported, and still have people.
    gone: BTreeSet<ServerId>,
    /// Too many people have been reported.
    is_crowded: bool,
    /// Foreign data in the engine has been reported.
    has_foreign: bool,
}

impl KnownServers {
    pub(super) fn iter(&self) -> impl Iterator<Item = ServerId> {
        self.servers.iter().flatten().copied()
    }

    pub(super) fn count(&self) -> usize {
        self.servers.iter().flatten().count()
    }

    fn find(&self, server: ServerId) -> Option<u16> {
        let place = self.servers.iter().position(|it| *it == Some(server))?;
        u16::try_from(place).ok()
    }

    /// The number of a server, which may be new. `None`: there are too many servers.
    fn number(&mut self, server: ServerId) -> Option<u16> {
        if let Some(number) = self.find(server) {
            return Some(number);
        }
        let place = self.servers.iter().position(Option::is_none).unwrap_or_else(|| {
            self.servers.push(None);
            self.servers.len() - 1
        });
        if place >= SERVERS_MAX {
            self.servers.truncate(SERVERS_MAX);
            return None;
        }
        self.servers[place] = Some(server);
        u16::try_from(place).ok()
    }

    /// Notes that the lease of this server has not ended.
    pub(super) fn on_alive(&mut self, server: ServerId) {
        self.gone.remove(&server);
    }

    fn forget(&mut self, number: u16, server: ServerId) {
        self.gone.remove(&server);
        self.servers[usize::from(number)] = None;
    }
}

impl Clustered {
    /// Takes a page of a full read.
    pub(super) fn take_page(&mut self, page: Page, actions: &mut Actions<Notice>) {
        if page.skipped > 0 {
            self.report_foreign(actions);
        }
        for (server, record) in page.people {
            if server != self.session.me() {
                self.on_joined(server, record, None, actions);
            } else if !self.has_here(&record.name) && !self.claims.release(record.name) {
                return;
            }
        }
    }

    /// Whether a person here has this name, or waits for it.
    fn has_here(&self, name: &Name) -> bool {
        let owner = self.directory.roster().owner_of(name.as_bytes());
        matches!(owner, Some(NameOwner::Local(_))) || self.claims.is_awaited(name)
    }

    /// Takes entries of the stream.
    pub(super) fn on_entries(
        &mut self,
        now: Millis,
        entries: Vec<StreamEntry>,
        actions: &mut Actions<Notice>,
    ) {
        for StreamEntry { id, news } in entries {
            let Some(position) = self.session.position() else { return };
            if id <= position.last {
                continue;
            }
            let Some(news) = news else {
                self.session.set_position(Position { last: id, ..position });
                self.report_foreign(actions);
                continue;
            };
            if news.epoch != position.epoch || news.seq != position.seq + 1 {
                return self.read_again(now, actions);
            }
            self.session.set_position(Position { last: id, seq: news.seq, ..position });
            self.on_news(news, actions);
        }
    }

    fn on_news(&mut self, news: News, actions: &mut Actions<Notice>) {
        let News { seq, server, changes, .. } = news;
        let is_own = server == self.session.me();
        for change in changes {
            match change {
                Change::Joined(record) if is_own => {
                    self.claims.see_own(&record.name, seq);
                    self.directory.roster_mut().leave_remote(record.name.as_bytes());
                }
                Change::Left(_) if is_own => {}
                Change::Joined(record) => self.on_joined(server, record, Some(seq), actions),
                Change::Left(name) => self.on_left(server, &name, seq),
            }
        }
    }

    /// Gives a name to another server, by an entry of the stream or by a page (`None`).
    fn on_joined(
        &mut self,
        server: ServerId,
        record: NameRecord,
        seq: Option<u64>,
        actions: &mut Actions<Notice>,
    ) {
        let owner = self.directory.roster().owner_of(record.name.as_bytes());
        match self.claims.state_of(owner, seq) {
            ClaimState::Ours => return,
            ClaimState::Open => {
                self.claims.see(record.name.clone(), seq.unwrap_or(0), Some((server, record)));
                return;
            }
            ClaimState::Lost(conn) => {
                let why = self.why_lost(&record.name, Some(record.address));
                self.claims.drop_held(conn);
                self.directory.expel(conn, why, actions);
            }
            ClaimState::Free => {}
        }
        if self.claims.is_awaited(&record.name) {
            let owner = Some((server, record.clone()));
            self.claims.see(record.name.clone(), seq.unwrap_or(0), owner);
        }
        if !self.add_to_replica(server, record)
            && !std::mem::replace(&mut self.servers.is_crowded, true)
        {
            actions.show(Notice::Crowded);
        }
    }

    fn on_left(&mut self, server: ServerId, name: &Name, seq: u64) {
        self.claims.see_left(name, seq);
        let number = self.servers.find(server);
        let owner = self.directory.roster().owner_of(name.as_bytes());
        if number.is_some_and(|number| owner == Some(NameOwner::Remote(number))) {
            self.directory.roster_mut().leave_remote(name.as_bytes());
        }
    }

    /// Puts a person of another server into the replica. `false`: there is no room.
    pub(super) fn add_to_replica(&mut self, server: ServerId, record: NameRecord) -> bool {
        let reading = self.session.reading();
        let Some(number) = self.servers.number(server) else { return false };
        let roster = self.directory.roster_mut();
        let NameRecord { name, address, arrival } = record;
        if matches!(roster.owner_of(name.as_bytes()), Some(NameOwner::Local(_))) {
            return true;
        }
        let has_room = roster.remote_count() < PEOPLE_MAX;
        if has_room {
            roster.join_remote(name, address, arrival, (number, reading));
        }
        has_room
    }

    /// The lease of another server has ended. A script checks the lease again and releases its
    /// names, and every server reads that in the stream. So a server that returns meanwhile can
    /// claim its names only after the release.
    pub(super) fn on_server_gone(
        &mut self,
        now: Millis,
        server: ServerId,
        actions: &mut Actions<Notice>,
    ) {
        let Some(number) = self.servers.find(server) else { return };
        if self.claims.is_releasing_of(server) || self.session.is_sweeping() {
            return;
        }
        let names: Vec<_> = self.directory.roster().names_of_server(number).cloned().collect();
        if names.is_empty() {
            return self.servers.forget(number, server);
        }
        for names in names.chunks(BATCH_MAX) {
            self.claims.release_of(server, names.to_vec());
        }
        if self.servers.gone.insert(server) {
            actions.show(Notice::ServerGone { server, people: names.len() });
        } else {
            // It was released before, so the replica has a name that the engine lacks.
            self.read_again(now, actions);
        }
    }

    fn report_foreign(&mut self, actions: &mut Actions<Notice>) {
        if !std::mem::replace(&mut self.servers.has_foreign, true) {
            actions.show(Notice::Foreign);
        }
    }
}
