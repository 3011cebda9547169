//! The names of callers: when the server is asked about one, and what its answer means.
//!
//! A conversation opens when the answer comes, so that its label is right from the start. The
//! caller's texts are held until then. If the answer takes too long, the conversation opens
//! without it, and the caller is marked (R8). Must never mark a person whom we called. Read next:
//! [`super::labels`].
//!
//! ```text
//! caller   USER Bruno ──►                     Oi ──►
//! server                ADDR Bruno ──► ◄── ADDR 10.0.0.2:21500
//! shown                                       Connected to Bruno, Bruno: Oi
//! ```

use std::net::IpAddr;

use super::Chat;
use super::link::Link;
use super::phase::Introduced;
use super::place::Place;
use crate::machine::{Actions, ConnId, Millis};
use crate::peer::notice::{ConversationId, Notice, Trust};
use crate::peer::server::lookup::{Lookup, LookupResult};
use crate::wire::name::Name;

/// Whether callers are checked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Checks {
    /// The rules say no.
    Off,
    /// There is no connection to a server now.
    Waiting,
    /// The server can be asked.
    On,
}

/// A person whose name is to be checked.
struct Candidate {
    conn: ConnId,
    name: Name,
    place: Place,
    since: Millis,
}

impl Chat {
    /// Whether there is a connection to a server. When it is lost, all names that are not confirmed
    /// are to be checked again by the next one.
    pub(crate) fn set_server(&mut self, is_connected: bool) {
        let was_connected = self.checks == Checks::On;
        if self.checks == Checks::Off || was_connected == is_connected {
            return;
        }
        self.checks = if is_connected { Checks::On } else { Checks::Waiting };
        if is_connected {
            return;
        }
        for (_, link) in self.links.iter_mut() {
            if let Some(caller) = link.introduced_mut() {
                caller.wants_check = true;
            }
        }
        for id in self.talks.ids() {
            let is_plain = self.talks.get(id).is_none_or(|talk| talk.trust.is_plain());
            self.talks.want_check(id, !is_plain);
        }
    }

    /// A caller has sent its name.
    pub(super) fn on_introduced(
        &mut self,
        now: Millis,
        conn: ConnId,
        name: Name,
        actions: &mut Actions<Notice>,
    ) {
        let Some(link) = self.links.get_mut(conn) else { return };
        let is_known = self.talks.with(&name, link.other.ip()).is_some();
        let trust = match self.checks {
            Checks::Off => Some(Trust::Taken),
            Checks::Waiting => Some(Trust::Unchecked),
            Checks::On => None,
        };
        link.introduce(now, name, trust);
        if is_known || (trust.is_some() && !self.silent_calls.is_full()) {
            self.open(now, conn, actions);
        }
    }

    /// The time for the server's answer is over. While silent calls are not shown, a silent caller
    /// waits longer: until its first text, or until they are shown again.
    pub(super) fn open_late(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<Notice>) {
        let shown_at = self.silent_calls.next_deadline().filter(|_| self.silent_calls.is_full());
        let caller = self.links.get_mut(conn).and_then(Link::introduced_mut);
        let Some(caller) = caller.filter(|caller| caller.open_by <= now) else { return };
        if let Some(at) = shown_at.filter(|_| caller.is_silent()) {
            caller.trust.get_or_insert(Trust::Unchecked);
            caller.open_by = at;
        } else {
            self.open(now, conn, actions);
        }
    }

    /// A caller ends the call. True: it has sent no text and is only counted, because enough such
    /// calls were shown.
    pub(super) fn folds_silent(&mut self, now: Millis, conn: ConnId) -> bool {
        let caller = self.links.get(conn).and_then(Link::introduced);
        let is_folded = caller.is_some_and(Introduced::is_silent) && self.silent_calls.is_full();
        if is_folded {
            self.silent_calls.count(now);
        }
        is_folded
    }

    /// The next question to the server. The place with the fewest waiting callers comes first, so
    /// that a host that calls a hundred times delays mostly itself.
    pub(crate) fn next_check(&mut self) -> Option<Lookup> {
        let candidates = self.candidates();
        let waiting = |place: Place| candidates.iter().filter(|it| it.place == place).count();
        let next = candidates.iter().min_by_key(|it| (waiting(it.place), it.since))?;
        let (conn, name) = (next.conn, next.name.clone());
        let link = self.links.get_mut(conn)?;
        if let Some(caller) = link.introduced_mut() {
            caller.wants_check = false;
        } else if let Some(id) = link.talk() {
            self.talks.want_check(id, false);
        }
        Some(Lookup::Check { name, conn })
    }

    /// All who wait for a check.
    fn candidates(&self) -> Vec<Candidate> {
        if self.checks != Checks::On {
            return Vec::new();
        }
        let callers = self.links.iter().filter_map(|(conn, link)| {
            let caller = link.introduced().filter(|caller| caller.wants_check)?;
            let place = Place::of(link.other.ip());
            Some(Candidate { conn, name: caller.name.clone(), place, since: caller.since })
        });
        let talks = self.talks.iter().filter(|talk| talk.wants_check);
        let talks = talks.map(|talk| Candidate {
            conn: talk.links[0],
            name: talk.name.clone(),
            place: Place::of(talk.ip),
            since: Millis(0),
        });
        talks.chain(callers).collect()
    }

    /// The server has answered about the name of this caller.
    pub(crate) fn on_checked(
        &mut self,
        now: Millis,
        conn: ConnId,
        answer: &LookupResult,
        actions: &mut Actions<Notice>,
    ) {
        let Some(link) = self.links.get(conn) else { return };
        let trust = trust(answer, link.other.ip());
        let Some(id) = link.talk() else {
            return self.on_caller_checked(now, conn, trust, actions);
        };
        let is_settled = self.talks.get(id).is_none_or(|talk| talk.trust.is_plain());
        if !is_settled && trust != Trust::Unchecked {
            self.judge(id, link.other.ip(), trust, actions);
        }
    }

    fn on_caller_checked(
        &mut self,
        now: Millis,
        conn: ConnId,
        trust: Trust,
        actions: &mut Actions<Notice>,
    ) {
        let caller = self.links.get_mut(conn).and_then(Link::introduced_mut);
        let Some(caller) = caller else { return };
        caller.trust = Some(trust);
        if !caller.is_silent() || !self.silent_calls.is_full() {
            self.open(now, conn, actions);
        }
    }

    /// Opens the conversation of a caller whose name was being checked, or adds the call to an open
    /// one. Shows the texts that were held.
    pub(super) fn open(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<Notice>) {
        let Some(link) = self.links.get_mut(conn) else { return };
        let Some(caller) = link.introduced() else { return };
        let trust = caller.trust.unwrap_or(Trust::Unchecked);
        let (name, wants_check, from) = (caller.name.clone(), caller.wants_check, link.other.ip());
        let known = self.talks.with(&name, from);
        let id = known.unwrap_or_else(|| self.talks.open(&name, from, trust, conn));
        let held = link.begin(id);
        if known.is_some() {
            self.talks.add_link(id, conn);
        } else {
            self.talks.want_check(id, wants_check);
            self.show_with(id, actions, |who| Notice::Connected { who });
            if trust == Trust::Doubtful {
                self.show_with(id, actions, |who| Notice::NotVerified { who, from });
            }
            self.talks.offer(id);
            self.talks.settle_target(now);
        }
        for (text, cut) in held {
            self.on_text(id, &text, cut, actions);
        }
        self.join_introduced(now, &name, from, actions);
    }

    /// A conversation with this person is open, so their other calls become part of it.
    pub(super) fn join_introduced(
        &mut self,
        now: Millis,
        name: &Name,
        ip: IpAddr,
        actions: &mut Actions<Notice>,
    ) {
        let is_theirs = |link: &Link| {
            link.introduced().is_some_and(|caller| caller.name == *name) && link.other.ip() == ip
        };
        let theirs = self.links.iter().find(|(_, link)| is_theirs(link)).map(|(conn, _)| conn);
        if let Some(conn) = theirs {
            self.open(now, conn, actions);
        }
    }

    /// The server has answered about a person whose conversation is open.
    fn judge(
        &mut self,
        id: ConversationId,
        from: IpAddr,
        trust: Trust,
        actions: &mut Actions<Notice>,
    ) {
        let before = self.talks.get(id).map(|talk| talk.trust);
        self.talks.judge(id, trust);
        if before == Some(trust) {
            return;
        }
        match trust {
            Trust::Doubtful => {
                self.show_with(id, actions, |who| Notice::NotVerified { who, from });
            }
            Trust::Confirmed => self.show_with(id, actions, |who| Notice::Verified { who }),
            Trust::Taken | Trust::Unchecked | Trust::OtherFamily => {}
        }
    }
}

/// The meaning of an answer for a caller from this address. Ports are not compared: a call does not
/// come from the port that takes calls.
fn trust(answer: &LookupResult, from: IpAddr) -> Trust {
    let from = Place::of(from);
    match answer {
        LookupResult::At(address) if Place::of(address.ip()) == from => Trust::Confirmed,
        LookupResult::At(address) if !Place::of(address.ip()).is_comparable(from) => {
            Trust::OtherFamily
        }
        LookupResult::At(_) | LookupResult::NotOnline | LookupResult::Nowhere => Trust::Doubtful,
        LookupResult::Online { .. } | LookupResult::Silence => Trust::Unchecked,
    }
}
