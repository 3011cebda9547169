//! Callers whose names are checked, and people whom a question to the server finds in an open
//! conversation: what the peer shows of them says what else is due.
//!
//! A part of [`PeerWatch`].

use std::net::IpAddr;

use papo::machine::ConnId;
use papo::peer::notice::Partner;

use super::super::links::{Link, Phase};
use super::{PeerWatch, Shown};

impl PeerWatch {
    /// The conversation of a caller begins or goes on, and shows what was held.
    pub(super) fn open(&mut self, conn: ConnId, is_plain: bool) {
        let Some(link) = self.links.get_mut(&conn) else { return };
        let Phase::Introduced { name, held } = link.phase.clone() else { return };
        let Some(ip) = link.other else { return };
        let known = self.talks.with(&name, ip);
        let id = known.unwrap_or_else(|| self.talks.open(&name, ip, is_plain, conn));
        link.phase = Phase::Talking(id);
        link.was_held = true;
        match known {
            Some(id) => self.talks.add(id, conn),
            None => self.expect(id, Shown::Connected),
        }
        for text in held {
            self.talks.hear(id);
            self.expect(id, |label| Shown::Text(label, text));
        }
        self.join_introduced(&name, ip);
    }

    /// The peer leaves. A caller who has said a name hears a goodbye, and what they said is shown.
    pub(super) fn open_all(&mut self) {
        for conn in self.links.keys().copied().collect::<Vec<_>>() {
            self.open(conn, false);
        }
    }

    pub(super) fn join_introduced(&mut self, name: &str, ip: IpAddr) {
        let theirs =
            self.links.iter().find(|(_, link)| link.is_introduced(name) && link.other == Some(ip));
        if let Some(conn) = theirs.map(|(conn, _)| *conn) {
            self.open(conn, false);
        }
    }

    /// Calls that were held became one conversation at one moment, so each of them may be the one
    /// that carries the texts. The first text shows which one it is.
    pub(super) fn learn_oldest(&mut self, conn: ConnId) {
        let Some(Phase::Talking(id)) = self.links.get(&conn).map(|link| &link.phase) else {
            return;
        };
        let id = *id;
        let first = self.talks.get(id).and_then(|talk| talk.conns.first().copied());
        let Some(first) = first.filter(|&first| first != conn) else { return };
        let may_be =
            |conn| self.links.get(conn).is_some_and(|link| link.was_held && !link.has_spoken);
        if !may_be(&conn) || !may_be(&first) {
            return;
        }
        self.talks.put_first(id, conn);
        let owed = self.links.get_mut(&first).map(|link| std::mem::take(&mut link.owed));
        if let Some(link) = self.links.get_mut(&conn) {
            link.owed = owed.unwrap_or_default();
        }
    }

    /// The peer shows that a conversation has begun: with a caller whose name was being checked,
    /// where nothing else makes it due.
    pub(crate) fn shows_connected(&mut self, who: &Partner) {
        if !self.due.contains(&Shown::Connected(who.label.clone())) {
            let is_plain = who.trust.is_plain();
            let name = who.label.split(':').next().unwrap_or_default();
            let fits = |link: &Link| {
                link.is_introduced(name)
                    && link
                        .other
                        .is_some_and(|ip| self.talks.next_label(name, ip, is_plain) == who.label)
            };
            let callers = self.links.iter().filter(|(_, link)| fits(link));
            if let Some((&conn, _)) = callers.min_by_key(|(_, link)| link.since) {
                self.open(conn, is_plain);
            }
        }
        self.shows(Shown::Connected(who.label.clone()));
    }

    /// The person whom `/chat` looked for is in a conversation already, and that is the target.
    pub(crate) fn shows_target(&mut self, who: &Partner) {
        if let Some(id) = self.found(&who.label, None) {
            self.expect(id, Shown::Target);
            self.talks.aim(id);
        }
        self.shows(Shown::Target(who.label.clone()));
    }

    /// The peer shows that a text is on its way. The text of `/msg` is due in the conversation that
    /// the server's answer has led to, even where earlier texts must leave first.
    pub(crate) fn shows_said(&mut self, who: &Partner, text: &[u8]) {
        if let Some(id) = self.found(&who.label, Some(text)) {
            self.owe(id, text);
        }
        self.shows(Shown::Said(who.label.clone(), text.to_vec()));
    }

    /// Whether the text of `/msg` is refused, because nobody reads in the conversation that the
    /// server's answer has led to. Then it is not wanted any more.
    pub(super) fn refuses_wanted(&mut self, label: &str) -> bool {
        let text = self.wanted.as_ref().and_then(|wanted| wanted.text.clone());
        text.is_some_and(|text| self.found(label, Some(&text)).is_some())
    }

    /// The text of `/msg` is said at once: it is due on this connection.
    pub(super) fn owe_wanted(&mut self, conn: ConnId, line: &[u8]) {
        let phase = self.links.get(&conn).map(|link| link.phase.clone());
        let Some(Phase::Talking(id)) = phase else { return };
        let Some(label) = self.talks.label(id) else { return };
        if let Some(id) = self.found(&label, Some(line)) {
            self.owe(id, line);
        }
    }

    /// The open conversation that the server's answer has led to.
    fn found(&mut self, label: &str, text: Option<&[u8]>) -> Option<u32> {
        let id = self.talks.find(label)?;
        let talk = self.talks.get(id)?;
        self.wanted.take_if(|it| it.name == talk.name && it.text.as_deref() == text)?;
        Some(id)
    }
}
