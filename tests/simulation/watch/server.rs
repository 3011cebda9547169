//! Watches the server: a second, simple directory, which learns from the network's side.
//!
//! It parses every line again, and compares what the server sends, closes and remembers. Read next:
//! [`super::peer`], the same for peers.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};

use papo::directory::{Directory, Rules};
use papo::machine::{ConnId, LineEnd, Millis};
use papo::wire::name::Name;

use super::roster::{Entry, Online, addr_reply, list_reply};
use super::rule::Rule;
use super::{Violation, hold};

/// Three times the handout's five seconds.
const EXPIRY_MS: u64 = 15_000;

/// How much later a silent client may still be online.
const GRACE_MS: u64 = 500;

/// The bad line with this number closes a client.
const BAD_LINES_MAX: u8 = 8;

#[derive(Debug, Default)]
pub(crate) struct DirectoryWatch {
    rules: Rules,
    clients: BTreeMap<ConnId, Client>,
    pub(crate) online: Online,
    is_stopping: bool,
    /// The world's time.
    pub(crate) now: u64,
}

#[derive(Debug)]
struct Client {
    from: SocketAddr,
    /// The server's address that it reached.
    reached: IpAddr,
    /// When it connected, or last sent USER or KEEP.
    renewed: Millis,
    is_member: bool,
    bad_lines: u8,
    asked: VecDeque<Asked>,
    /// Output waits, so replies may wait, too.
    is_backlogged: bool,
    /// Why it must be closed.
    must_close: Option<&'static str>,
    is_closing: bool,
    /// It is closed only for its silence.
    has_expired: bool,
}

/// A reply that is due, and the version of the roster at the request.
#[derive(Debug)]
struct Asked {
    version: usize,
    /// The name of ADDR, or none for LIST.
    name: Option<String>,
}

enum Meaning {
    User(String, u16),
    List,
    Keep,
    Addr(String),
    Disc,
    Nothing,
}

impl DirectoryWatch {
    pub(crate) fn new(rules: Rules) -> Self {
        Self { rules, ..Self::default() }
    }

    /// The process has ended, and its memory is lost.
    pub(crate) fn forget(&mut self) {
        self.clients.clear();
        self.online.forget();
        self.is_stopping = false;
    }

    pub(crate) fn accepted(
        &mut self,
        now: Millis,
        conn: ConnId,
        from: SocketAddr,
        reached: IpAddr,
    ) {
        let client = Client {
            from,
            reached,
            renewed: now,
            is_member: false,
            bad_lines: 0,
            asked: VecDeque::new(),
            is_backlogged: false,
            must_close: None,
            is_closing: false,
            has_expired: false,
        };
        let all = self.clients.len();
        self.clients.insert(conn, client);
        let same = self.clients.values().filter(|other| other.from.ip() == from.ip()).count();
        if all >= self.rules.clients_max {
            self.end(conn, "the server is full");
        }
        if !from.ip().is_loopback() && same > self.rules.per_address_max {
            self.end(conn, "too many come from there");
        }
        if self.is_stopping {
            self.end(conn, "the server stops");
        }
    }

    pub(crate) fn line(&mut self, now: Millis, conn: ConnId, line: &[u8], end: LineEnd) {
        let version = self.online.version();
        let Some(client) = self.clients.get_mut(&conn) else { return };
        if client.is_closing || line.is_empty() {
            return;
        }
        match end {
            LineEnd::Terminator => {}
            LineEnd::Rest if !client.is_member => {
                return self.end(conn, "its first line has no end");
            }
            LineEnd::Rest | LineEnd::Cut => return,
        }
        match (client.is_member, meaning(line)) {
            (false, Meaning::User(name, port)) if self.online.find(&name).is_none() => {
                client.is_member = true;
                client.renewed = now;
                let address = SocketAddr::new(client.from.ip(), port);
                self.online.join(Entry { conn, name, address, since: self.now });
            }
            (false, Meaning::User(..)) => self.end(conn, "the name is taken"),
            (false, _) => self.end(conn, "the first line is not USER"),
            (true, Meaning::Keep) => client.renewed = now,
            (true, Meaning::List) => client.asked.push_back(Asked { version, name: None }),
            (true, Meaning::Addr(name)) => {
                client.asked.push_back(Asked { version, name: Some(name) });
            }
            (true, Meaning::Disc) => self.end(conn, "it sent DISC"),
            (true, Meaning::User(..) | Meaning::Nothing) => {
                client.bad_lines += 1;
                if client.bad_lines == BAD_LINES_MAX {
                    self.end(conn, "it sent too many bad lines");
                }
            }
        }
    }

    /// An unfinished first line. If it cannot become USER, the client is closed.
    pub(crate) fn pending(&mut self, conn: ConnId, line: &[u8]) {
        let Some(client) = self.clients.get(&conn) else { return };
        let begins_well = line.starts_with(b"USER ") || b"USER ".starts_with(line);
        if !client.is_member && !begins_well && line != b"\r" {
            self.end(conn, "the first bytes are not USER");
        }
    }

    /// A connection must be closed, or is closed.
    pub(crate) fn end(&mut self, conn: ConnId, why: &'static str) {
        if let Some(client) = self.clients.get_mut(&conn) {
            client.must_close.get_or_insert(why);
        }
        self.online.leave(conn);
    }

    pub(crate) fn end_all(&mut self) {
        self.is_stopping = true;
        let everyone: Vec<_> = self.clients.keys().copied().collect();
        everyone.into_iter().for_each(|conn| self.end(conn, "the server stops"));
    }

    pub(crate) fn closed(&mut self, conn: ConnId) {
        self.clients.remove(&conn);
        self.online.leave(conn);
    }

    pub(crate) fn backlog(&mut self, conn: ConnId, bytes: usize) {
        if let Some(client) = self.clients.get_mut(&conn) {
            client.is_backlogged = bytes > 0;
        }
    }

    /// The server closes or cuts a connection.
    pub(crate) fn on_close(&mut self, now: Millis, conn: ConnId) -> Result<(), Violation> {
        let Some(client) = self.clients.get_mut(&conn) else { return Ok(()) };
        let silent_ms = now.since(client.renewed);
        client.has_expired = client.must_close.is_none() && !client.is_closing;
        client.is_closing = true;
        let may_end = client.must_close.is_some() || silent_ms >= EXPIRY_MS;
        self.end(conn, "it was closed");
        let found = || format!("{conn:?} was closed {silent_ms} ms after USER or KEEP");
        hold(may_end, Rule::ClosedForReason, found)
    }

    /// The server has cut a connection with unread input, which came at this time. If it came
    /// before the deadline, the client must not expire.
    pub(crate) fn cuts_unread(&self, conn: ConnId, since: Millis) -> Result<(), Violation> {
        let has_input = |it: &Client| it.has_expired && since <= it.renewed + EXPIRY_MS;
        let is_wrong = self.clients.get(&conn).is_some_and(has_input);
        let found = || format!("{conn:?} is cut with unread input");
        hold(!is_wrong, Rule::NoExpiryWithUnreadInput, found)
    }

    pub(crate) fn sends(&mut self, conn: ConnId, bytes: &[u8]) -> Result<(), Violation> {
        let edition = self.rules.edition;
        let Some(client) = self.clients.get_mut(&conn) else { return Ok(()) };
        let (from, reached) = (client.from, client.reached);
        let mut expected = Vec::new();
        while let Some(asked) = client.asked.pop_front() {
            for online in self.online.since(asked.version) {
                let reply = match &asked.name {
                    None => Some(list_reply(online, conn)),
                    Some(name) => online
                        .iter()
                        .find(|entry| entry.name == *name)
                        .map(|entry| addr_reply(edition, entry, from, reached)),
                };
                if reply.as_deref() == Some(bytes) {
                    return Ok(());
                }
                expected.push(reply.unwrap_or_default().escape_ascii().to_string());
            }
            if !asked.may_be_unanswered(&self.online) {
                break;
            }
        }
        let found = || format!("\"{}\", due was {expected:?}", bytes.escape_ascii());
        hold(false, Rule::RepliesMatchRequests, found)
    }

    /// All that was due is done.
    pub(crate) fn check_due(&mut self) -> Result<(), Violation> {
        for (conn, client) in &self.clients {
            let must_close = client.must_close.filter(|_| !client.is_closing);
            let found = || format!("{conn:?} is open, but {must_close:?}");
            hold(must_close.is_none(), Rule::OffenderClosed, found)?;
            let late = client.asked.iter().find(|asked| !asked.may_be_unanswered(&self.online));
            let late = late.filter(|_| !client.is_backlogged && !client.is_closing);
            let found = || format!("{conn:?} asked for {late:?}");
            hold(late.is_none(), Rule::EveryRequestAnswered, found)?;
        }
        for client in self.clients.values_mut().filter(|client| !client.is_backlogged) {
            client.asked.clear();
        }
        Ok(())
    }

    /// The roster is as it should be.
    pub(crate) fn compare(&self, directory: &Directory) -> Result<(), Violation> {
        let online = self.online.now();
        let is_known = |entry: &Entry| {
            let found = directory.roster().find(entry.name.as_bytes());
            found.is_some_and(|member| member.address() == entry.address)
        };
        let count = directory.roster().len();
        let is_same = count == online.len() && online.iter().all(is_known);
        hold(is_same, Rule::RosterMatchesClients, || format!("{count} instead of {online:?}"))
    }

    /// No silent client is still connected. `late_ms`: how much later the server may notice it.
    pub(crate) fn check_expiry(&self, now: Millis, late_ms: u64) -> Result<(), Violation> {
        let most = EXPIRY_MS + GRACE_MS + late_ms;
        let overdue = self.clients.iter().find(|(_, it)| now.since(it.renewed) > most);
        let found = || format!("at {now:?} there is {overdue:?}");
        hold(overdue.is_none(), Rule::SilentClientExpires, found)
    }
}

impl Asked {
    /// Only a request for a person who is not online may stay without an answer.
    fn may_be_unanswered(&self, online: &Online) -> bool {
        let Some(name) = &self.name else { return false };
        let is_there = |online: &Vec<Entry>| online.iter().any(|entry| entry.name == *name);
        !online.since(self.version).iter().all(is_there)
    }
}

fn meaning(line: &[u8]) -> Meaning {
    let Ok(text) = std::str::from_utf8(line) else { return Meaning::Nothing };
    if let Some(user) = text.strip_prefix("USER ") {
        return user
            .split_once(':')
            .and_then(|(name, port)| registration(name, port))
            .unwrap_or(Meaning::Nothing);
    }
    if let Some(name) = text.strip_prefix("ADDR ") {
        let name = name.trim();
        let is_name = !name.is_empty() && !name.contains(':');
        return if is_name { Meaning::Addr(name.to_string()) } else { Meaning::Nothing };
    }
    match text.trim_end_matches([' ', '\t', '\n', '\x0B', '\x0C', '\r']) {
        "LIST" => Meaning::List,
        "KEEP" => Meaning::Keep,
        "DISC" => Meaning::Disc,
        _ => Meaning::Nothing,
    }
}

fn registration(name: &str, port: &str) -> Option<Meaning> {
    let name = Name::parse(name.as_bytes()).ok()?;
    let digits = port.trim_matches([' ', '\t', '\n', '\x0B', '\x0C', '\r']);
    let is_number = digits.len() <= 5 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let port = digits.parse().ok().filter(|&port: &u16| is_number && port > 0)?;
    Some(Meaning::User(name.to_string(), port))
}
