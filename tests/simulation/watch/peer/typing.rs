//! The wishes of the person, and the partners to whom the typed texts may go.
//!
//! The other half of [`PeerWatch`].

use std::collections::{BTreeMap, BTreeSet};

use papo::machine::{ConnId, Millis};
use papo::peer::notice::ConversationRow;
use papo::wire::name::Name;

use super::super::links::Phase;
use super::super::rule::Rule;
use super::super::typed::{Command, command, split_message};
use super::super::{Violation, hold};
use super::{PeerWatch, Shown, Wanted};

/// The events that say where a text may go. All typed texts are unique.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    /// The names that the last LIST brought to the screen.
    pub(crate) online: Vec<String>,
    /// The label that the screen shows as the target.
    pub(crate) shown_target: Option<String>,
    /// The last texts of replies, and in which conversation somebody had written last.
    replies: BTreeMap<Vec<u8>, Option<u32>>,
    /// Typed lines that are neither command nor text.
    unknown: BTreeSet<Vec<u8>>,
}

impl PeerWatch {
    pub(crate) fn typed(&mut self, now: Millis, line: &[u8]) -> Result<(), Violation> {
        let found = || format!("the call to {:?} has not ended", self.wanted);
        hold(self.wanted.is_none(), Rule::CallsEndBeforeTheNextLine, found)?;
        match (command(line), self.me.is_some()) {
            (Command::Exit, _) => self.leave(now),
            (_, false) => {
                self.me = Name::parse(line).ok().map(|name| name.to_string());
                self.was_just_named = self.me.is_some();
            }
            (Command::Chat(name), true) => match self.talks.find(name) {
                Some(id) => self.aim(id),
                None => self.want(name, None),
            },
            (Command::Message(rest), true) => self.message(rest),
            (Command::Reply(text), true) => self.reply(text),
            (Command::Next, true) => match self.talks.longest_unread() {
                Some(id) => self.aim(id),
                None => self.due.push_back(Shown::NothingUnread),
            },
            (Command::Peers, true) => self.due.push_back(Shown::Peers(self.talks.rows())),
            (Command::Bye(name), true) => self.bye(name),
            (Command::List, true) => self.lists_due += 1,
            (Command::Unknown, true) => _ = self.desk.unknown.insert(line.to_vec()),
            (Command::Text(b"") | Command::Other, true) => {}
            (Command::Text(text), true) => return self.text(text),
        }
        Ok(())
    }

    pub(crate) fn leave(&mut self, now: Millis) {
        self.leaving_since.get_or_insert(now);
        self.wanted = None;
        self.open_all();
        for id in self.talks.ids() {
            self.part(id);
        }
    }

    fn aim(&mut self, id: u32) {
        self.expect(id, Shown::Target);
        self.talks.aim(id);
    }

    fn want(&mut self, name: &str, text: Option<Vec<u8>>) {
        if let Ok(name) = Name::parse(name.as_bytes())
            && self.me.as_deref() != Some(name.as_str())
        {
            self.wanted = Some(Wanted { name: name.to_string(), text });
        }
    }

    fn message(&mut self, rest: &str) {
        let is_known = |name: &str| {
            self.talks.find(name).is_some() || self.desk.online.iter().any(|it| it == name)
        };
        // Where two names match, the person is asked.
        let Some((name, text)) = split_message(rest, is_known) else { return };
        match self.talks.find(name) {
            _ if text.is_empty() => {}
            Some(id) => self.owe(id, text.as_bytes()),
            None if is_protocol(text.as_bytes()) => self.due.push_back(Shown::NotSent),
            None => self.want(name, Some(text.as_bytes().to_vec())),
        }
    }

    /// To who wrote last, or to nobody: not to who wrote before, nor to a namesake.
    fn reply(&mut self, text: &str) {
        let to = self.talks.last_heard().filter(|&id| self.talks.get(id).is_some());
        match to {
            Some(id) => {
                self.expect(id, Shown::Replying);
                self.owe(id, text.as_bytes());
            }
            None => self.due.push_back(Shown::NotSent),
        }
        if text != "DISC" {
            self.desk.replies.insert(text.as_bytes().to_vec(), to);
        }
    }

    fn text(&mut self, text: &[u8]) -> Result<(), Violation> {
        let target = self.talks.target();
        let label = target.and_then(|id| self.talks.label(id));
        match target {
            Some(id) => self.owe(id, text),
            None => self.due.push_back(Shown::NotSent),
        }
        let shown = &self.desk.shown_target;
        hold(label == *shown, Rule::TargetIsShown, || format!("{shown:?}, target is {label:?}"))
    }

    fn bye(&mut self, name: Option<&str>) {
        let meant = match name {
            Some(name) => self.talks.find(name),
            None => self.talks.target(),
        };
        match meant {
            Some(id) => {
                self.expect(id, Shown::Ended);
                self.part(id);
            }
            None => self.due.push_back(Shown::NotSent),
        }
    }

    fn part(&mut self, id: u32) {
        let label = self.talks.label(id).unwrap_or_default();
        for conn in self.talks.end(id) {
            if let Some(link) = self.links.get_mut(&conn) {
                link.part(&label);
            }
        }
    }

    /// A text is to be said in this conversation, on its oldest connection.
    pub(super) fn owe(&mut self, id: u32, text: &[u8]) {
        if is_protocol(text) {
            self.due.push_back(Shown::NotSent);
            return;
        }
        self.expect(id, |label| Shown::Said(label, text.to_vec()));
        self.desk.replies.remove(text);
        let conn = self.talks.get(id).and_then(|talk| talk.conns.first());
        if let Some(link) = conn.and_then(|conn| self.links.get_mut(conn)) {
            link.owed.push_back(text.to_vec());
        }
    }

    /// The peer says that the text that was typed last is not sent, because nobody reads there.
    pub(crate) fn refused(&mut self, label: &str) {
        if self.refuses_wanted(label) {
            return;
        }
        let talk = self.talks.find(label).and_then(|id| self.talks.get(id));
        let conn = talk.and_then(|talk| talk.conns.first());
        if let Some(link) = conn.and_then(|conn| self.links.get_mut(conn)) {
            link.owed.pop_back();
            let is_said = |due: &Shown| matches!(due, Shown::Said(to, _) if to == label);
            if self.due.back().is_some_and(is_said) {
                self.due.pop_back();
            }
        }
    }

    /// Whether this may be said here at all, whatever is owed.
    pub(super) fn may_say(&self, conn: ConnId, line: &[u8]) -> Result<(), Violation> {
        let found = || format!("\"{}\" on {conn:?}", line.escape_ascii());
        hold(!self.desk.unknown.contains(line), Rule::UnknownIsNeverSaid, found)?;
        let Some(&meant) = self.desk.replies.get(line) else { return Ok(()) };
        let talk = meant.and_then(|id| self.talks.get(id));
        let is_meant = talk.is_some_and(|talk| talk.conns.contains(&conn));
        // Or the conversation is over by now, and this was said before its goodbye.
        let is_over = self.links.get(&conn).is_none_or(|link| link.phase != Phase::Unnamed)
            && meant.is_some()
            && talk.is_none();
        hold(is_meant || is_over, Rule::RepliesGoToWhoWroteLast, found)
    }
}

fn is_protocol(text: &[u8]) -> bool {
    text == b"DISC" || text.starts_with(b"USER ")
}

/// A line of `/peers`: the label, whether it is the target, and what is unread.
pub(crate) fn row(row: &ConversationRow) -> (String, bool, usize) {
    (row.who.label.clone(), row.is_target, row.unread)
}
