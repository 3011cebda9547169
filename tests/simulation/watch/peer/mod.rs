//! Watches one peer: what it shows and says must follow from what it heard and what was typed.
//!
//! Every input is understood here again. What should be shown because of it is noted, and so
//! are the texts that each connection is owed; what is really shown and said is compared. Here is
//! what others do and what is checked; `typing` has what the person wants. Read next:
//! [`super::keeping`], the same peer towards the server.

mod callers;
pub(crate) mod typing;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};

use papo::machine::{ConnId, LineEnd, Millis};

use super::super::link::Sock;
use super::links::{Link, Phase};
use super::losses::Break;
use super::rule::Rule;
use super::talks::Talks;
use super::typed::caller;
use super::{Violation, hold};
use typing::Desk;

/// How many from one address may be without a name after a second, and before.
const NAMELESS_MAX: usize = 16;
const NAMELESS_YOUNG_MAX: usize = 128;

/// How long a peer waits for others when it leaves.
const LEAVE_WITHIN_MS: u64 = 1_500;

/// Something on the screen that must follow from what happened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Shown {
    Connected(String),
    Ended(String),
    Target(String),
    Text(String, Vec<u8>),
    /// The typed text is on its way to somebody.
    Said(String, Vec<u8>),
    Replying(String),
    /// The typed text goes nowhere.
    NotSent,
    NothingUnread,
    Peers(Vec<(String, bool, usize)>),
}

/// The state that one peer should have.
#[derive(Debug, Default)]
pub(crate) struct PeerWatch {
    /// `None`: the next typed line is the name.
    pub(crate) me: Option<String>,
    /// It checks the names of callers with the server.
    verifies: bool,
    /// The name was typed in this input: it may be asked for late.
    pub(crate) was_just_named: bool,
    pub(crate) talks: Talks,
    pub(crate) desk: Desk,
    links: BTreeMap<ConnId, Link>,
    /// The name that `/chat` or `/msg` looks for, until that has ended one way or the other.
    pub(crate) wanted: Option<Wanted>,
    due: VecDeque<Shown>,
    shown: Vec<Shown>,
    pub(crate) leaving_since: Option<Millis>,
    /// How many LIST requests the peer may still make: one for each `/list`, and one behind each
    /// ADDR as its fence.
    lists_due: u32,
    /// The names that callers gave, which may be checked with the server.
    callers: BTreeSet<String>,
    /// It wants to exit: what it does for the rest of that turn does not count.
    has_exited: bool,
    /// Lines that are known not to have left, and those that the person was told of.
    undelivered_least: usize,
    undelivered_told: usize,
    /// The connections that broke in this input, and the notices in it.
    broken: Option<Break>,
    told_now: usize,
}

/// A call that was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) name: String,
    pub(super) text: Option<Vec<u8>>,
}

impl PeerWatch {
    pub(crate) fn new(me: Option<String>, verifies: bool) -> Self {
        Self { me, verifies, ..Self::default() }
    }

    pub(crate) fn accepted(&mut self, now: Millis, conn: ConnId, from: SocketAddr) {
        if self.leaving_since.is_none() {
            self.make_room(now, from.ip());
        }
        let mut link = Link::new(now, from.ip(), Phase::Unnamed);
        link.must_go = self.leaving_since.is_some();
        self.links.insert(conn, link);
    }

    /// Where too many from one address have no name, the oldest goes.
    fn make_room(&mut self, now: Millis, ip: IpAddr) {
        let is_nameless = |link: &Link| link.phase == Phase::Unnamed && link.other == Some(ip);
        let nameless = self.links.iter_mut().filter(|(_, link)| is_nameless(link));
        let mut nameless: Vec<_> = nameless.map(|(conn, link)| (link.since, *conn, link)).collect();
        nameless.sort_by_key(|&(since, conn, _)| (since, conn));
        let count = nameless.len();
        if let Some((since, _, oldest)) = nameless.first_mut() {
            let is_young = now.since(*since) < 1_000;
            let most = if is_young { NAMELESS_YOUNG_MAX } else { NAMELESS_MAX };
            oldest.must_go |= count >= most;
        }
    }

    /// A call was answered.
    pub(crate) fn answered(&mut self, now: Millis, conn: ConnId, to: SocketAddr) {
        let Some(wanted) = self.wanted.take().filter(|_| self.leaving_since.is_none()) else {
            let mut link = Link::new(now, to.ip(), Phase::Parted);
            link.must_go = true;
            self.links.insert(conn, link);
            return;
        };
        let known = self.talks.with(&wanted.name, to.ip());
        let id = known.unwrap_or_else(|| self.talks.open(&wanted.name, to.ip(), true, conn));
        let mut link = Link::new(now, to.ip(), Phase::Talking(id));
        link.owes_name = true;
        self.links.insert(conn, link);
        match known {
            Some(id) => self.talks.add(id, conn),
            None => self.expect(id, Shown::Connected),
        }
        self.join_introduced(&wanted.name, to.ip());
        match wanted.text {
            Some(text) => self.owe(id, &text),
            None => self.talks.aim(id),
        }
    }

    pub(crate) fn pending(&mut self, conn: ConnId, length: usize) {
        if let Some(link) = self.links.get_mut(&conn) {
            link.pending(length);
        }
    }

    pub(crate) fn backlog(&mut self, conn: ConnId, bytes: usize) {
        if let Some(link) = self.links.get_mut(&conn) {
            link.backlog = bytes;
        }
    }

    pub(crate) fn line(&mut self, now: Millis, conn: ConnId, line: &[u8], end: LineEnd) {
        let lines = self.links.get_mut(&conn).map(|link| link.cut(line, end));
        for line in lines.unwrap_or_default() {
            self.whole_line(now, conn, &line);
        }
    }

    fn whole_line(&mut self, now: Millis, conn: ConnId, line: &[u8]) {
        let Some(link) = self.links.get_mut(&conn) else { return };
        match link.phase.clone() {
            Phase::Unnamed if link.must_go => {}
            Phase::Unnamed => self.first_line(now, conn, line),
            Phase::Introduced { .. } if line == b"DISC" => {
                self.open(conn, false);
                self.whole_line(now, conn, line);
            }
            Phase::Introduced { .. } => link.hold(line),
            Phase::Talking(id) if line == b"DISC" => self.goodbye(id, conn),
            Phase::Talking(id) => {
                let text = line.to_vec();
                self.talks.hear(id);
                self.expect(id, |label| Shown::Text(label, text));
            }
            Phase::Parting(_) if line == b"DISC" => link.phase = Phase::Parted,
            Phase::Parting(label) => self.due.push_back(Shown::Text(label, line.to_vec())),
            Phase::Parted => {}
        }
    }

    fn first_line(&mut self, now: Millis, conn: ConnId, line: &[u8]) {
        let Some(link) = self.links.get_mut(&conn) else { return };
        let name = caller(line).filter(|name| Some(name) != self.me.as_ref());
        let Some(name) = name else {
            link.must_go = true;
            return;
        };
        self.callers.insert(name.clone());
        let ip = link.other.expect("a caller has an address");
        match self.talks.with(&name, ip) {
            Some(id) => {
                self.talks.add(id, conn);
                link.phase = Phase::Talking(id);
            }
            None => {
                link.since = now;
                link.phase = Phase::Introduced { name, held: Vec::new() };
                if !self.verifies {
                    self.open(conn, true);
                }
            }
        }
    }

    /// They said goodbye: the conversation is over on all its connections.
    fn goodbye(&mut self, id: u32, conn: ConnId) {
        let label = self.talks.label(id).unwrap_or_default();
        self.due.push_back(Shown::Ended(label.clone()));
        for other in self.talks.lose(id) {
            if let Some(link) = self.links.get_mut(&other) {
                if other == conn {
                    link.phase = Phase::Parted;
                } else {
                    link.part(&label);
                }
            }
        }
    }

    pub(crate) fn ended(&mut self, conn: ConnId) {
        self.open(conn, false);
        let Some(link) = self.links.get_mut(&conn) else { return };
        let before = std::mem::replace(&mut link.phase, Phase::Parted);
        if let Phase::Talking(id) = before
            && let Some(label) = self.talks.leave(id, conn)
        {
            self.due.push_back(Shown::Ended(label));
        }
    }

    pub(crate) fn closed(&mut self, conn: ConnId) {
        self.ended(conn);
        self.links.remove(&conn);
    }

    fn expect(&mut self, id: u32, shown: impl FnOnce(String) -> Shown) {
        let label = self.talks.label(id).unwrap_or_default();
        self.due.push_back(shown(label));
    }

    /// The peer shows this.
    pub(crate) fn shows(&mut self, shown: Shown) {
        self.shown.push(shown);
    }

    /// The peer says this to another peer.
    pub(crate) fn says(&mut self, conn: ConnId, bytes: &[u8]) -> Result<(), Violation> {
        let me = self.me.clone().unwrap_or_default();
        self.owe_wanted(conn, bytes.strip_suffix(b"\r\n").unwrap_or(bytes));
        self.may_say(conn, bytes.trim_ascii_end())?;
        self.learn_oldest(conn);
        self.links.get_mut(&conn).map_or(Ok(()), |link| link.says(&me, bytes))
    }

    /// The peer asks the server: only what its person wants to know, and who a caller is.
    pub(crate) fn asks(&mut self, bytes: &[u8]) -> Result<(), Violation> {
        let is_due = match bytes.strip_prefix(b"ADDR ") {
            Some(name) => {
                self.lists_due += 1;
                let name = String::from_utf8_lossy(name.trim_ascii()).into_owned();
                let is_wanted = self.wanted.as_ref().is_some_and(|wanted| wanted.name == name);
                let is_own = self.me.as_ref() == Some(&name);
                is_wanted || is_own || self.callers.contains(&name)
            }
            None if bytes == b"LIST\r\n" => {
                let is_due = self.lists_due > 0;
                self.lists_due = self.lists_due.saturating_sub(1);
                is_due
            }
            None => bytes == b"KEEP\r\n" || bytes.starts_with(b"USER "),
        };
        hold(is_due, Rule::NothingIsAskedUnasked, || bytes.escape_ascii().to_string())
    }

    /// The peer says no more here.
    pub(crate) fn half_closes(&mut self, conn: ConnId) -> Result<(), Violation> {
        self.links.get_mut(&conn).map_or(Ok(()), Link::half_closes)
    }

    /// The peer closes or cuts a connection with another peer.
    pub(crate) fn ends(&mut self, now: Millis, conn: ConnId) -> Result<(), Violation> {
        let may_leave = self.leaving_since.is_some();
        self.links.get_mut(&conn).map_or(Ok(()), |link| link.ends(now, may_leave))
    }

    /// That many lines for this connection never left, and it is gone now.
    pub(crate) fn lost_lines(&mut self, conn: ConnId, lines: usize) {
        let Some(link) = self.links.get(&conn).filter(|link| link.phase != Phase::Unnamed) else {
            return;
        };
        self.undelivered_least += lines + link.owed.len();
    }

    /// A connection is gone, and perhaps because it broke.
    pub(crate) fn breaks(&mut self, conn: ConnId, sock: Sock, broke: bool) {
        let Some(link) = self.links.get(&conn).filter(|_| !self.has_exited) else { return };
        let counts = match link.phase {
            Phase::Unnamed | Phase::Introduced { .. } => false,
            Phase::Talking(_) | Phase::Parting(_) | Phase::Parted => broke,
        };
        if counts {
            let broken = self.broken.get_or_insert_default();
            broken.socks.push(sock);
            broken.owed += link.owed.len();
        }
    }

    /// The process ends, with all that is still open.
    pub(crate) fn breaks_all(&mut self, sock: impl Fn(&ConnId) -> Option<Sock>) {
        for conn in self.links.keys().copied().collect::<Vec<_>>() {
            if let Some(sock) = sock(&conn) {
                self.breaks(conn, sock, false);
            }
        }
    }

    pub(crate) fn take_break(&mut self) -> Option<Break> {
        let told = std::mem::take(&mut self.told_now);
        self.broken.take().map(|broken| Break { told, ..broken })
    }

    pub(crate) fn shows_undelivered(&mut self, lines: usize) {
        self.undelivered_told += lines;
        self.told_now += lines;
    }

    /// The process ends because it was asked to: nobody is left without a goodbye.
    pub(crate) fn exits(&mut self, now: Millis) -> Result<(), Violation> {
        self.has_exited = true;
        let since = self.leaving_since.unwrap_or(now);
        let owes = |link: &&Link| matches!(link.phase, Phase::Parting(_)) && !link.has_parted;
        let left = self.links.values().find(owes).filter(|_| now.since(since) < LEAVE_WITHIN_MS);
        hold(left.is_none(), Rule::LeavingSaysGoodbye, || format!("not to {left:?}"))
    }

    /// The partners, and the connections to them.
    pub(crate) fn talking(&self) -> impl Iterator<Item = ConnId> {
        let is_talking = |link: &Link| matches!(link.phase, Phase::Talking(_));
        self.links.iter().filter(move |(_, link)| is_talking(link)).map(|(conn, _)| *conn)
    }

    /// Looks at the time.
    pub(crate) fn check_time(&mut self, now: Millis) -> Result<(), Violation> {
        self.links.values_mut().try_for_each(|link| link.check(now))
    }

    /// After every input: what should have been shown was, and nothing else.
    pub(crate) fn check(&mut self) -> Result<(), Violation> {
        self.was_just_named = false;
        if self.has_exited {
            return Ok(());
        }
        let least = std::mem::take(&mut self.undelivered_least);
        let told = std::mem::take(&mut self.undelivered_told);
        let found = || format!("{told} reported, {least} never left");
        hold(told >= least, Rule::LostLinesAreTold, found)?;
        let shown = std::mem::take(&mut self.shown);
        let due = std::mem::take(&mut self.due);
        let found = || format!("{shown:?} instead of {due:?}");
        hold(due == shown, Rule::ScreenShowsWhatHappened, found)?;
        let open = self.links.iter().find(|(_, link)| link.must_go);
        hold(open.is_none(), Rule::NamelessAreCutOff, || format!("{open:?} is open"))
    }
}
