//! Whether callers are who they say: what the server is to be asked, and what its answer means.
//!
//! A conversation opens when the answer is there, so that its label is right from the start. The
//! caller's text in the meantime is held. An answer that takes long opens the conversation
//! without it: then the caller is marked (R8). Read next: `arrivals`.
//!
//! ```text
//! caller   USER Bruno ──►                     Oi ──►
//! server                ADDR Bruno ──► ◄── ADDR 10.0.0.2:21500
//! shown                                       Connected to Bruno, Bruno: Oi
//! ```

use std::net::IpAddr;

use super::Chat;
use super::call_state::CallState;
use super::link::Link;
use super::place::Place;
use crate::machine::{Actions, ConnId, Millis};
use crate::peer::notice::{Notice, Trust};
use crate::peer::server::lookup::{Lookup, LookupResult};
use crate::wire::name::Name;

/// Whether callers are checked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Checks {
    /// The person does not want it.
    Off,
    /// There is no server now.
    Waiting,
    /// The server can be asked.
    On,
}

/// Somebody to be checked.
struct Candidate {
    conn: ConnId,
    name: Name,
    place: Place,
    since: Millis,
}

impl Chat {
    /// The server is there, or is not. One that comes back is asked again about everybody whom it
    /// did not confirm.
    pub(crate) fn set_server(&mut self, is_there: bool) {
        let was_there = self.checks == Checks::On;
        if self.checks == Checks::Off || was_there == is_there {
            return;
        }
        self.checks = if is_there { Checks::On } else { Checks::Waiting };
        if is_there {
            return;
        }
        for conn in self.links.iter().map(|(conn, _)| conn).collect::<Vec<_>>() {
            if let Some(link) = self.links.get_mut(conn) {
                link.early.wants_check = matches!(link.state(), CallState::Introduced(_));
            }
        }
        for id in self.talks.ids() {
            let is_plain = self.talks.get(id).is_none_or(|talk| talk.trust.is_plain());
            self.talks.want_check(id, !is_plain);
        }
    }

    /// A caller has said its name.
    pub(super) fn on_introduced(
        &mut self,
        now: Millis,
        conn: ConnId,
        name: Name,
        actions: &mut Actions<Notice>,
    ) {
        let Some(link) = self.links.get_mut(conn) else { return };
        let is_known = self.talks.with(&name, link.other.ip()).is_some();
        link.introduce(now, name);
        match self.checks {
            Checks::Off => self.open(now, conn, Trust::Taken, actions),
            Checks::On if !is_known => {}
            Checks::On | Checks::Waiting => self.open(now, conn, Trust::Unchecked, actions),
        }
    }

    /// The next caller to ask the server about. Callers from the place with the fewest waiting go
    /// first, so that one who calls a hundred times delays mostly themselves.
    pub(crate) fn next_check(&mut self) -> Option<Lookup> {
        let candidates = self.candidates();
        let waiting = |place: Place| candidates.iter().filter(|it| it.place == place).count();
        let next = candidates.iter().min_by_key(|it| (waiting(it.place), it.since))?;
        let (conn, name) = (next.conn, next.name.clone());
        let link = self.links.get_mut(conn)?;
        link.early.wants_check = false;
        if let CallState::Talking(id) = *link.state() {
            self.talks.want_check(id, false);
        }
        Some(Lookup::Check { name, conn })
    }

    /// Everybody who waits. People who have left are not among them.
    fn candidates(&self) -> Vec<Candidate> {
        if self.checks != Checks::On {
            return Vec::new();
        }
        let callers = self.links.iter().filter(|(_, link)| link.early.wants_check);
        let callers = callers.filter_map(|(conn, link)| {
            let CallState::Introduced(name) = link.state() else { return None };
            let place = Place::of(link.other.ip());
            Some(Candidate { conn, name: name.clone(), place, since: link.early.since() })
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

    /// The server has said where the person is whose name this caller gave.
    pub(crate) fn on_checked(
        &mut self,
        now: Millis,
        conn: ConnId,
        answer: &LookupResult,
        actions: &mut Actions<Notice>,
    ) {
        let Some(link) = self.links.get(conn) else { return };
        let trust = trust(answer, link.other.ip());
        match *link.state() {
            CallState::Introduced(_) => self.open(now, conn, trust, actions),
            CallState::Talking(id) => {
                let is_settled = self.talks.get(id).is_none_or(|talk| talk.trust.is_plain());
                if !is_settled && trust != Trust::Unchecked {
                    self.judge(conn, trust, actions);
                }
            }
            CallState::Unnamed | CallState::Parting(_) | CallState::Parted(_) => {}
        }
    }

    /// The conversation of a caller that was held begins, or goes on, and what was held is shown.
    pub(super) fn open(
        &mut self,
        now: Millis,
        conn: ConnId,
        trust: Trust,
        actions: &mut Actions<Notice>,
    ) {
        let Some(link) = self.links.get_mut(conn) else { return };
        let CallState::Introduced(name) = link.state().clone() else { return };
        let from = link.other.ip();
        let known = self.talks.with(&name, from);
        let id = known.unwrap_or_else(|| self.talks.open(&name, from, trust, conn));
        let wants_check = link.early.wants_check;
        let early = link.name_heard(id);
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
        for (text, cut) in early {
            self.on_text(id, &text, cut, actions);
        }
        self.join_introduced(now, &name, from, actions);
    }

    /// A conversation with this person is open: their other calls are part of it.
    pub(super) fn join_introduced(
        &mut self,
        now: Millis,
        name: &Name,
        ip: IpAddr,
        actions: &mut Actions<Notice>,
    ) {
        let is_theirs = |link: &Link| {
            matches!(link.state(), CallState::Introduced(other) if other == name)
                && link.other.ip() == ip
        };
        let theirs = self.links.iter().find(|(_, link)| is_theirs(link)).map(|(conn, _)| conn);
        if let Some(conn) = theirs {
            self.open(now, conn, Trust::Unchecked, actions);
        }
    }

    /// The server has spoken about somebody whose conversation is open.
    fn judge(&mut self, conn: ConnId, trust: Trust, actions: &mut Actions<Notice>) {
        let Some(link) = self.links.get(conn) else { return };
        let CallState::Talking(id) = *link.state() else { return };
        let from = link.other.ip();
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

/// The meaning of an answer for a caller from this address. The port is the one for calls, and so
/// another one.
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
