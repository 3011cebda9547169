//! A part of [`PeerWatch`]: callers whose names are checked, and open conversations that the
//! server's answer leads to. Here the peer's notices say what else is due.

use std::net::IpAddr;

use papo::machine::{ConnId, Millis};
use papo::peer::notice::Partner;

use super::super::conn_state::{ConnState, Phase};
use super::{PeerWatch, Shown};

/// The calls without a text that were shown in this minute.
#[derive(Debug, Default)]
pub(super) struct SilentCalls {
    since: Option<Millis>,
    shown: usize,
}

impl SilentCalls {
    pub(super) fn is_full(&self) -> bool {
        self.shown >= 10
    }

    fn count(&mut self, now: Millis) {
        if !self.is_full() {
            self.since.get_or_insert(now);
            self.shown += 1;
        }
    }

    pub(super) fn on_tick(&mut self, now: Millis) {
        if self.since.is_some_and(|since| now.since(since) >= 60_000) {
            *self = Self::default();
        }
    }
}

impl PeerWatch {
    /// The conversation of a caller begins or continues, and the held lines are shown.
    pub(super) fn open(&mut self, conn: ConnId, is_plain: bool) {
        let Some(state) = self.conns.get_mut(&conn) else { return };
        let Phase::Introduced { name, held } = state.phase.clone() else { return };
        let ip = state.other;
        let known = self.conversations.with(&name, ip);
        let id = known.unwrap_or_else(|| self.conversations.begin(&name, ip, is_plain, conn));
        state.phase = Phase::Talking(id);
        state.was_held = true;
        match known {
            Some(id) => self.conversations.add(id, conn),
            None => {
                self.conversations.set_silent_call(id, true);
                self.expect(id, Shown::Connected);
            }
        }
        for text in held {
            self.conversations.receive(id);
            self.expect(id, |label| Shown::Text(label, text));
        }
        self.join_introduced(&name, ip);
    }

    /// Whether the end of this call is only counted: the caller has sent no text, and enough such
    /// calls were shown.
    pub(super) fn is_folded(&self, conn: ConnId) -> bool {
        let state = self.conns.get(&conn);
        let is_silent = state.is_some_and(
            |state| matches!(&state.phase, Phase::Introduced { held, .. } if held.is_empty()),
        );
        is_silent && self.silent_calls.is_full()
    }

    /// A conversation ends, and its end is shown.
    pub(super) fn count_silent_end(&mut self, now: Millis, id: u32) {
        if self.conversations.get(id).is_some_and(|it| it.is_silent_call) {
            self.silent_calls.count(now);
        }
    }

    /// The peer exits. Callers with a name get DISC, and their lines are shown.
    pub(super) fn open_all(&mut self) {
        for conn in self.conns.keys().copied().collect::<Vec<_>>() {
            self.open(conn, false);
        }
    }

    pub(super) fn join_introduced(&mut self, name: &str, ip: IpAddr) {
        let is_meant = |it: &ConnState| it.is_introduced(name) && it.other == ip;
        let theirs = self.conns.iter().find(|(_, state)| is_meant(state));
        if let Some((&conn, _)) = theirs {
            self.open(conn, false);
        }
    }

    /// Held calls became one conversation at the same time, so each of them may carry the texts.
    /// The first text shows which one.
    pub(super) fn learn_oldest(&mut self, conn: ConnId) {
        let phase = self.conns.get(&conn).map(|state| &state.phase);
        let Some(&Phase::Talking(id)) = phase else { return };
        let first = self.conversations.first_conn(id);
        let Some(first) = first.filter(|&first| first != conn) else { return };
        let may_be = |conn| self.conns.get(conn).is_some_and(|it| it.was_held && !it.has_sent_text);
        if !may_be(&conn) || !may_be(&first) {
            return;
        }
        self.conversations.put_first(id, conn);
        let due = self.conns.get_mut(&first).map(|it| std::mem::take(&mut it.texts_due));
        if let Some(state) = self.conns.get_mut(&conn) {
            state.texts_due = due.unwrap_or_default();
        }
    }

    /// The peer shows that a conversation has begun. If nothing else made that due, it is with a
    /// caller whose name was being checked.
    pub(crate) fn shows_connected(&mut self, who: &Partner) {
        if !self.due.contains(&Shown::Connected(who.label.clone())) {
            let is_plain = who.trust.is_plain();
            let name = who.label.split(':').next().unwrap_or_default();
            let fits = |state: &ConnState| {
                state.is_introduced(name)
                    && self.conversations.next_label(name, state.other, is_plain) == who.label
            };
            let callers = self.conns.iter().filter(|(_, state)| fits(state));
            if let Some((&conn, _)) = callers.min_by_key(|(_, state)| state.since) {
                self.open(conn, is_plain);
            }
        }
        self.shows(Shown::Connected(who.label.clone()));
    }

    /// The person that `/chat` looked for is in a conversation already, which is now the target.
    pub(crate) fn shows_target(&mut self, who: &Partner) {
        if let Some(id) = self.found_conversation(&who.label, None) {
            self.expect(id, Shown::Target);
            self.conversations.set_target(id);
        }
        self.shows(Shown::Target(who.label.clone()));
    }

    /// The peer shows that a text is on its way. The text of `/msg` is due in the conversation that
    /// the server's answer led to, even if earlier texts must leave first.
    pub(crate) fn shows_said(&mut self, who: &Partner, text: &[u8]) {
        if let Some(id) = self.found_conversation(&who.label, Some(text))
            && !self.conversations.is_namesake(id)
        {
            self.expect_text(id, text);
        }
        self.shows(Shown::Said(who.label.clone(), text.to_vec()));
    }

    /// The text of `/msg` goes back to the person, because somebody else had the name before.
    pub(crate) fn shows_namesake(&mut self, who: &Partner, text: &[u8]) {
        let id = self.found_conversation(&who.label, Some(text));
        if id.is_some_and(|id| self.conversations.is_namesake(id)) {
            self.due.push_back(Shown::NotSent);
        }
        self.shows(Shown::NotSent);
    }

    /// Whether the text of `/msg` is refused, because the other side of the conversation does not
    /// read. Then it is not wanted any more.
    pub(super) fn refuses_wanted(&mut self, label: &str) -> bool {
        let text = self.wanted.as_ref().and_then(|wanted| wanted.text.clone());
        text.is_some_and(|text| self.found_conversation(label, Some(&text)).is_some())
    }

    /// The text of `/msg` is sent at once: it is due on this connection.
    pub(super) fn expect_wanted_text(&mut self, conn: ConnId, line: &[u8]) {
        let phase = self.conns.get(&conn).map(|state| &state.phase);
        let Some(&Phase::Talking(id)) = phase else { return };
        let Some(label) = self.conversations.label(id) else { return };
        if let Some(id) = self.found_conversation(&label, Some(line)) {
            self.expect_text(id, line);
        }
    }

    /// The open conversation that the server's answer led to.
    fn found_conversation(&mut self, label: &str, text: Option<&[u8]>) -> Option<u32> {
        let id = self.conversations.find(label)?;
        let conversation = self.conversations.get(id)?;
        self.wanted.take_if(|it| it.name == conversation.name && it.text.as_deref() == text)?;
        Some(id)
    }
}
