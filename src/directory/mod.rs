//! The central server of the handout: it knows who is online, and at which address.
//!
//! [`Directory`] decides; [`roster`] has the names. Must never know a socket, a clock, or the words
//! of its notices. `docs/PROTOCOL.md` lists every case, and a test shows each. Read next:
//! [`crate::event_loop`], which runs this machine on real sockets.

mod addresses;
mod client;
pub mod notice;
pub mod roster;
mod rules;
#[cfg(feature = "full")]
pub(crate) mod shared;

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use crate::conn_map::ConnMap;
use crate::machine::{
    Action, Actions, CloseReason, ConnId, Input, LineEnd, LoopCounts, Machine, Millis,
};
use crate::timer_wheel::TimerWheel;
use crate::wire::address::Endpoint;
use crate::wire::name::Name;
use crate::wire::not_user::NotUser;
use crate::wire::reply;
use crate::wire::request::Request;

use addresses::{ConnectionCounts, OwnAddresses};
use client::{Client, ClientState};
use notice::{DirectoryCounts, Excerpt, LeaveReason, Notice, Refusal};
use roster::Roster;
pub use rules::Rules;

/// After how many intervals without KEEP a client expires (the handout: "3 vezes o tempo do
/// keepalive").
pub const KEEPS_MISSED_MAX: u64 = 3;

/// The number of the bad line that closes the connection of a registered client.
pub const BAD_LINES_MAX: u8 = 8;

/// Most memory of superseded LIST texts that are still being sent, in bytes. Beyond it, the slow
/// readers of the oldest texts are expelled.
pub const OLD_LISTS_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Most connections at once from one address. Loopback is exempt, because all clients of a class
/// may run on one test machine.
pub const PER_ADDRESS_MAX: usize = 64;

/// The central server.
#[derive(Debug)]
pub struct Directory {
    rules: Rules,
    clients: ConnMap<Client>,
    roster: Roster,
    /// One key for each client in `clients`. The key of a client that left stays until its tick.
    wheel: TimerWheel<ConnId>,
    own_addresses: OwnAddresses,
    connection_counts: ConnectionCounts,
    is_stopping: bool,
    /// How many connections were refused before they had a name.
    refused: u64,
    /// How many members expired.
    expired: u64,
    /// The changes for the other servers, if names are shared with them.
    #[cfg(feature = "full")]
    shared: Option<shared::NameChanges>,
}

/// One person online, for a recording and the metrics.
#[cfg(feature = "full")]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Presence<'a> {
    pub(crate) name: &'a Name,
    /// Where the person waits for calls.
    pub(crate) address: SocketAddr,
    /// When the last USER or KEEP came.
    pub(crate) heard_at: Millis,
    /// When the person expires, if no further KEEP comes.
    pub(crate) expires_at: Millis,
}

impl Machine for Directory {
    type Notice = Notice;
    type Command = Infallible;

    fn handle(&mut self, now: Millis, input: Input<'_, Infallible>, actions: &mut Actions<Notice>) {
        self.handle_input(now, input, actions);
    }

    fn next_deadline(&self) -> Option<Millis> {
        self.wheel.next_deadline()
    }
}

impl Directory {
    /// A directory without a client.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            clients: ConnMap::default(),
            roster: Roster::default(),
            wheel: TimerWheel::default(),
            own_addresses: OwnAddresses::default(),
            connection_counts: ConnectionCounts::default(),
            is_stopping: false,
            refused: 0,
            expired: 0,
            #[cfg(feature = "full")]
            shared: None,
        }
    }

    /// The people who are online.
    #[must_use]
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// The person on this connection.
    #[cfg(feature = "full")]
    pub(crate) fn presence(&self, conn: ConnId) -> Option<Presence<'_>> {
        let member = self.roster.get(conn)?;
        let expires_at = self.clients.get(conn)?.deadline;
        let heard_at = Millis(expires_at.since(Millis(self.expiry_ms())));
        Some(Presence { name: &member.name, address: member.address(), heard_at, expires_at })
    }

    /// All connections, also those without a USER.
    #[cfg(feature = "full")]
    pub(crate) fn connections(&self) -> impl Iterator<Item = ConnId> {
        self.clients.iter().map(|(conn, _)| conn)
    }

    /// The keys of the timer wheel, each with the time of its tick.
    #[cfg(feature = "full")]
    pub(crate) fn timer_keys(&self) -> impl Iterator<Item = (ConnId, Millis)> {
        self.wheel.keys().map(|(conn, at)| (*conn, at))
    }

    /// As [`Machine::handle`], for a machine that has a directory inside and its own notices.
    pub(crate) fn handle_input(
        &mut self,
        now: Millis,
        input: Input<'_, Infallible>,
        actions: &mut Actions<impl From<Notice>>,
    ) {
        match input {
            Input::Accepted { conn, from, reached, .. } => {
                self.on_accepted(now, conn, from, reached, actions);
            }
            Input::Line { conn, line, end } => self.on_line(now, conn, line, end, actions),
            Input::Pending { conn, line } => self.on_pending(conn, line, actions),
            // The client will ask nothing more. Its answers are still delivered.
            Input::EndOfStream { conn } => self.part(conn, LeaveReason::Closed, actions),
            Input::Closed { conn, reason } => self.on_closed(conn, reason, actions),
            Input::Stop => self.on_stop(actions),
            Input::Tick => self.on_tick(now, actions),
            Input::Report(counts) => actions.show(Notice::State(self.state(counts)).into()),
            Input::Backlog { conn, bytes } => self.on_backlog(conn, bytes),
            // It makes no dials, and the log has its own bound.
            Input::Dialed { .. } | Input::OutputFull(_) => {}
            // It asked for none of these inputs.
            Input::Bytes { .. } | Input::Datagram { .. } | Input::Drained { .. } => {}
            Input::Command(never) => match *never {},
        }
    }

    fn on_accepted(
        &mut self,
        now: Millis,
        conn: ConnId,
        from: SocketAddr,
        reached: IpAddr,
        actions: &mut Actions<impl From<Notice>>,
    ) {
        let refusal = self.count_connection(from.ip());
        let deadline = now + self.expiry_ms();
        let reached = self.own_addresses.place(reached);
        self.clients.insert(conn, Client::new(from.into(), reached, deadline));
        self.wheel.arm(now, deadline, conn);
        let has_room = refusal.is_none() && !self.is_stopping;
        if let Some(why) = refusal {
            self.report_refusal(from.into(), why, actions);
        }
        if !has_room {
            self.turn_away(conn, actions);
        }
    }

    fn on_line(
        &mut self,
        now: Millis,
        conn: ConnId,
        line: &[u8],
        end: LineEnd,
        actions: &mut Actions<impl From<Notice>>,
    ) {
        match end {
            LineEnd::Terminator => {}
            // The beginning of an instruction does not count: the connection may have ended in the
            // middle of a port.
            LineEnd::Rest => return self.on_unended(conn, line, actions),
            LineEnd::Cut => return,
        }
        let request = Request::parse(line);
        match self.clients.get(conn).map(|client| client.state) {
            Some(ClientState::Guest) if line.is_empty() => {}
            Some(ClientState::Guest) => match request {
                Ok(Request::User { name, port }) => self.on_user(now, conn, name, port, actions),
                _ => self.refuse_line(conn, line, actions),
            },
            Some(ClientState::Member) if line.is_empty() => {}
            Some(ClientState::Member) => match request {
                Ok(Request::Keep) => self.renew(now, conn),
                Ok(Request::List) => self.answer_list(conn, actions),
                Ok(Request::Addr(name)) => self.answer_addr(conn, name, actions),
                Ok(Request::Disc) => self.part(conn, LeaveReason::Closed, actions),
                Ok(Request::User { .. }) | Err(_) => self.on_bad_line(conn, line, actions),
            },
            #[cfg(feature = "full")]
            Some(ClientState::Claiming) => {}
            Some(ClientState::Ending) | None => {}
        }
    }

    /// A guest whose first bytes cannot become a USER speaks another protocol, and is refused at
    /// once: a TLS greeting, for example, has no line end. Other unfinished lines are kept for the
    /// log, in case no line end comes.
    fn on_pending(&mut self, conn: ConnId, line: &[u8], actions: &mut Actions<impl From<Notice>>) {
        let Some(client) = self.guest(conn) else { return };
        let may_become_user = line.iter().zip(b"USER ").all(|(byte, wanted)| byte == wanted);
        if may_become_user || line == b"\r" {
            client.unended = Some(Box::new(Excerpt::of(line)));
        } else {
            self.refuse_line(conn, line, actions);
        }
    }

    /// The stream has ended in the middle of a line.
    fn on_unended(&mut self, conn: ConnId, line: &[u8], actions: &mut Actions<impl From<Notice>>) {
        if !line.is_empty() && self.guest(conn).is_some() {
            self.refuse(conn, Refusal::Unended(Excerpt::of(line)), actions);
        }
    }

    fn guest(&mut self, conn: ConnId) -> Option<&mut Client> {
        self.clients.get_mut(conn).filter(|client| client.state == ClientState::Guest)
    }

    fn on_user(
        &mut self,
        now: Millis,
        conn: ConnId,
        name: Name,
        port: u16,
        actions: &mut Actions<impl From<Notice>>,
    ) {
        let Some(client) = self.clients.get_mut(conn) else { return };
        let address = SocketAddr::new(client.from.ip, port);
        #[cfg(feature = "full")]
        if let Some(shared) = &mut self.shared {
            client.state = ClientState::Claiming;
            client.unended = None;
            shared.ask(conn, name, address, actions);
            return;
        }
        self.let_in(now, conn, name, address, actions);
    }

    fn let_in(
        &mut self,
        now: Millis,
        conn: ConnId,
        name: Name,
        address: SocketAddr,
        actions: &mut Actions<impl From<Notice>>,
    ) {
        let Some(client) = self.clients.get_mut(conn) else { return };
        if self.roster.join(conn, name.clone(), address).is_err() {
            self.refuse(conn, Refusal::NameTaken(name), actions);
            return;
        }
        client.state = ClientState::Member;
        client.unended = None;
        self.renew(now, conn);
        actions.show(Notice::Joined { name, address, online: self.roster.len() }.into());
    }

    /// Stores one number: a KEEP costs no more. The wheel reads it later.
    fn renew(&mut self, now: Millis, conn: ConnId) {
        let expiry_ms = self.expiry_ms();
        if let Some(client) = self.clients.get_mut(conn) {
            client.deadline = now + expiry_ms;
        }
    }

    fn answer_list(&mut self, conn: ConnId, actions: &mut Actions<impl From<Notice>>) {
        let before = self.roster.list_version();
        let shared = self.roster.list_for(conn);
        let version = self.roster.list_version();
        if let Some(client) = self.clients.get_mut(conn) {
            client.list_version = version;
        }
        actions.push(Action::SendShared { conn, shared });
        if version != before {
            self.expel_slow_readers(actions);
        }
    }

    /// Each slow reader may hold another superseded LIST text in memory. This expels the readers of
    /// the oldest texts, until the other texts are within the bound. A reader that still makes
    /// progress holds a newer text.
    fn expel_slow_readers(&mut self, actions: &mut Actions<impl From<Notice>>) {
        let mut held_bytes = self.roster.old_lists_bytes();
        while held_bytes > OLD_LISTS_BYTES_MAX
            && let Some(oldest) = self.oldest_list_read()
        {
            held_bytes = held_bytes.saturating_sub(self.roster.shortest_old_list_bytes());
            let reads_it = |(_, it): &(ConnId, &Client)| it.reads_list(oldest);
            let readers = self.clients.iter().filter(reads_it).map(|(conn, _)| conn);
            for conn in readers.collect::<Vec<_>>() {
                self.expel(conn, LeaveReason::SlowReader, actions);
            }
        }
    }

    /// The version of the oldest superseded LIST text that is in a client's backlog.
    fn oldest_list_read(&self) -> Option<u32> {
        let current = self.roster.list_version();
        let clients = self.clients.iter().map(|(_, client)| client);
        let behind = clients.filter(|it| it.reads_list(it.list_version));
        behind.map(|it| it.list_version).filter(|&version| version != current).min()
    }

    /// Notes whether a client has a backlog. The event loop bounds its size, and the client's
    /// deadline bounds its time.
    fn on_backlog(&mut self, conn: ConnId, bytes: usize) {
        if let Some(client) = self.clients.get_mut(conn) {
            client.is_behind = bytes > 0;
        }
    }

    /// Sends nothing if nobody has that name (the handout: "Essa resposta só é enviada se o usuário
    /// procurado se encontra na lista").
    fn answer_addr(&self, conn: ConnId, name: &[u8], actions: &mut Actions<impl From<Notice>>) {
        let Some(member) = self.roster.find(name) else { return };
        let Some(asker) = self.clients.get(conn) else { return };
        let address = self.own_addresses.seen_by(asker.reached, member.endpoint);
        let edition = self.rules.edition;
        actions.send(conn, |out| reply::encode_addr(edition, &member.name, address, out));
    }

    fn on_bad_line(&mut self, conn: ConnId, line: &[u8], actions: &mut Actions<impl From<Notice>>) {
        let Some(client) = self.clients.get_mut(conn) else { return };
        client.bad_lines += 1;
        if client.bad_lines >= BAD_LINES_MAX {
            self.part(conn, LeaveReason::BadLines(Excerpt::of(line)), actions);
        }
    }

    fn on_closed(
        &mut self,
        conn: ConnId,
        reason: CloseReason,
        actions: &mut Actions<impl From<Notice>>,
    ) {
        self.leave_roster(conn, reason.into(), actions);
        if let Some(client) = self.clients.remove(conn) {
            self.connection_counts.leave(client.from.ip);
            if client.state == ClientState::Guest && reason == CloseReason::LineTooLong {
                let seen = client.unended.map(|it| *it).unwrap_or_default();
                self.report_refusal(client.from, Refusal::LineTooLong(seen), actions);
            }
        }
        self.exit_if_done(actions);
    }

    fn on_stop(&mut self, actions: &mut Actions<impl From<Notice>>) {
        self.is_stopping = true;
        let everyone: Vec<_> = self.clients.iter().map(|(conn, _)| conn).collect();
        for conn in everyone {
            self.expel(conn, LeaveReason::Closed, actions);
        }
        self.exit_if_done(actions);
    }

    fn on_tick(&mut self, now: Millis, actions: &mut Actions<impl From<Notice>>) {
        while let Some(conn) =
            self.wheel.pop_expired(now, |conn| Some(self.clients.get(*conn)?.deadline))
        {
            let Some(client) = self.clients.get_mut(conn) else { continue };
            let (state, from, unended) = (client.state, client.from, client.unended.take());
            if state == ClientState::Guest {
                let why = unended.map_or(Refusal::Silent, |line| Refusal::Unended(*line));
                self.report_refusal(from, why, actions);
            }
            self.expired += u64::from(state == ClientState::Member);
            self.expel(conn, LeaveReason::Expired, actions);
        }
    }

    /// Refuses a connection because of its first line.
    fn refuse_line(&mut self, conn: ConnId, line: &[u8], actions: &mut Actions<impl From<Notice>>) {
        let why = Refusal::NotUser { why: NotUser::of(line), line: Excerpt::of(line) };
        self.refuse(conn, why, actions);
    }

    /// Refuses a connection that has no name yet.
    fn refuse(&mut self, conn: ConnId, why: Refusal, actions: &mut Actions<impl From<Notice>>) {
        let Some(client) = self.clients.get_mut(conn) else { return };
        client.state = ClientState::Ending;
        client.unended = None;
        let from = client.from;
        self.report_refusal(from, why, actions);
        actions.push(Action::Close { conn });
    }

    /// Resets a connection beyond a limit. An end of the stream without a line would mean that the
    /// name is refused (R5), and the client has sent no name yet.
    fn turn_away(&mut self, conn: ConnId, actions: &mut Actions<impl From<Notice>>) {
        if let Some(client) = self.clients.get_mut(conn) {
            client.state = ClientState::Ending;
            actions.push(Action::Reset { conn });
        }
    }

    pub(crate) fn report_refusal(
        &mut self,
        from: Endpoint,
        why: Refusal,
        actions: &mut Actions<impl From<Notice>>,
    ) {
        self.refused += 1;
        actions.show(Notice::Refused { from: from.into(), why }.into());
    }

    /// Ends a connection in order: its answers are still delivered, until the client's deadline at
    /// most.
    fn part(&mut self, conn: ConnId, why: LeaveReason, actions: &mut Actions<impl From<Notice>>) {
        self.leave_roster(conn, why, actions);
        if let Some(client) = self.clients.get_mut(conn) {
            client.state = ClientState::Ending;
            actions.push(Action::Close { conn });
        }
    }

    /// Ends a connection by force (the handout: `shutdown(socket.SHUT_RDWR)`).
    pub(crate) fn expel(
        &mut self,
        conn: ConnId,
        why: LeaveReason,
        actions: &mut Actions<impl From<Notice>>,
    ) {
        self.leave_roster(conn, why, actions);
        if let Some(client) = self.clients.get_mut(conn) {
            client.state = ClientState::Ending;
            actions.push(Action::Abort { conn });
        }
    }

    fn leave_roster(
        &mut self,
        conn: ConnId,
        why: LeaveReason,
        actions: &mut Actions<impl From<Notice>>,
    ) {
        if let Some(member) = self.roster.leave(conn) {
            let online = self.roster.len();
            let address = member.address();
            let name = member.name;
            #[cfg(feature = "full")]
            if let Some(shared) = &mut self.shared {
                shared.releases.push((conn, name.clone()));
            }
            actions.show(Notice::Left { name, address, why, online }.into());
        }
    }

    pub(crate) fn state(&self, event_loop: LoopCounts) -> DirectoryCounts {
        let (refused, expired) = (self.refused, self.expired);
        DirectoryCounts { event_loop, names: self.roster.len(), refused, expired }
    }

    fn exit_if_done(&self, actions: &mut Actions<impl From<Notice>>) {
        if self.is_stopping && self.clients.is_empty() {
            #[cfg(feature = "full")]
            if self.shared.is_some() {
                return;
            }
            actions.push(Action::Exit { status: 0 });
        }
    }

    /// Counts a new connection. Returns the refusal if a limit is exceeded.
    fn count_connection(&mut self, ip: IpAddr) -> Option<Refusal> {
        let from_there = self.connection_counts.enter(ip);
        if self.clients.len() >= self.rules.clients_max {
            return Some(Refusal::ClientLimit);
        }
        (from_there > self.rules.per_address_max).then_some(Refusal::AddressLimit)
    }

    /// How long a client may be silent, in milliseconds. The clock rounds down, so the difference
    /// of two times may be almost a millisecond too long: one more makes up for it.
    fn expiry_ms(&self) -> u64 {
        self.rules.keep_interval_ms * KEEPS_MISSED_MAX + 1
    }
}
