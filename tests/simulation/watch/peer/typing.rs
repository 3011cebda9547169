//! A part of [`PeerWatch`]: the person's lines, and the conversations that may get their texts.

use std::collections::{BTreeMap, BTreeSet};

use papo::machine::{ConnId, Millis};
use papo::peer::notice::ConversationRow;
use papo::wire::name::Name;

use super::super::commands::{Command, command, split_message};
use super::super::conn_state::Phase;
use super::super::rule::Rule;
use super::super::{Violation, hold};
use super::{PeerWatch, Shown, Wanted};

/// The facts that decide where a text may go. All typed texts are unique.
#[derive(Debug, Default)]
pub(crate) struct TypedState {
    /// The names of the last LIST on the screen.
    pub(crate) online: Vec<String>,
    /// The name and the text of a `/msg`, which waits for the names online.
    message: Option<String>,
    /// The label of the target on the screen.
    pub(crate) shown_target: Option<String>,
    /// The texts of replies, each with the conversation of the last writer.
    replies: BTreeMap<Vec<u8>, Option<u32>>,
    unknown: BTreeSet<Vec<u8>>,
}

impl PeerWatch {
    pub(crate) fn typed(&mut self, now: Millis, line: &[u8]) -> Result<(), Violation> {
        let found = || format!("the call to {:?} has not ended", self.wanted);
        hold(self.wanted.is_none(), Rule::CallEndsBeforeNextLine, found)?;
        match (command(line), self.me.is_some()) {
            (Command::Exit, _) => self.exit(now),
            (_, false) => {
                self.me = Name::parse(line).ok().map(|name| name.to_string());
                self.was_just_named = self.me.is_some();
            }
            (Command::Chat(name), true) => match self.conversations.find(name) {
                Some(id) => self.set_target(id),
                None => self.want(name, None),
            },
            (Command::Message(rest), true) if rest.contains(' ') => {
                self.lists_due += 1;
                self.typed_state.message = Some(rest.to_string());
            }
            // A name without a text.
            (Command::Message(_), true) => {}
            (Command::Reply(text), true) => self.reply(text),
            (Command::Next, true) => match self.conversations.longest_unread() {
                Some(id) => self.set_target(id),
                None => self.due.push_back(Shown::NothingUnread),
            },
            (Command::Peers, true) => self.due.push_back(Shown::Peers(self.conversations.rows())),
            (Command::Bye(name), true) => self.bye(name),
            (Command::List, true) => self.lists_due += 1,
            (Command::Unknown, true) => _ = self.typed_state.unknown.insert(line.to_vec()),
            (Command::Text(b""), true)
                if self.is_script && !self.conversations.ids().is_empty() =>
            {
                return self.text(b" ");
            }
            (Command::Text(b"") | Command::Other, true) => {}
            (Command::Text(text), true) => return self.text(text),
        }
        Ok(())
    }

    pub(crate) fn exit(&mut self, now: Millis) {
        self.exiting_since.get_or_insert(now);
        self.wanted = None;
        self.typed_state.message = None;
        self.open_all();
        self.conversations.ids().into_iter().for_each(|id| self.end_conversation(id));
    }

    fn set_target(&mut self, id: u32) {
        self.expect(id, Shown::Target);
        self.conversations.set_target(id);
    }

    fn want(&mut self, name: &str, text: Option<Vec<u8>>) {
        if let Ok(name) = Name::parse(name.as_bytes())
            && self.me.as_deref() != Some(name.as_str())
        {
            self.wanted = Some(Wanted { name: name.to_string(), text });
        }
    }

    /// The peer knows the names online, or that no server answers: the `/msg` is split now.
    pub(crate) fn learns_names(&mut self, online: &[String]) {
        let Some(rest) = self.typed_state.message.take() else { return };
        let is_known = |name: &str| {
            self.conversations.find(name).is_some()
                || self.typed_state.online.iter().any(|it| it == name)
        };
        let is_online = |name: &str| online.iter().any(|it| it == name);
        // If two names fit, the peer asks; or one that is new and longer than the first word.
        let split = split_message(&rest, |name| is_known(name) || is_online(name));
        let is_clear = |(name, _): &(&str, &str)| !name.contains(' ') || is_known(name);
        let Some((name, text)) = split.filter(is_clear) else { return };
        match self.conversations.find(name) {
            _ if text.is_empty() => {}
            Some(id) => self.expect_text(id, text.as_bytes()),
            None if is_protocol(text.as_bytes()) => self.due.push_back(Shown::NotSent),
            None => self.want(name, Some(text.as_bytes().to_vec())),
        }
    }

    /// A reply goes to the last writer, or to nobody if that conversation has ended.
    fn reply(&mut self, text: &str) {
        let writer = self.conversations.last_writer();
        let to = writer.filter(|&id| self.conversations.get(id).is_some());
        match to {
            Some(id) => {
                self.expect(id, Shown::Replying);
                self.expect_text(id, text.as_bytes());
            }
            None => self.due.push_back(Shown::NotSent),
        }
        if text != "DISC" {
            self.typed_state.replies.insert(text.as_bytes().to_vec(), to);
        }
    }

    fn text(&mut self, text: &[u8]) -> Result<(), Violation> {
        let target = self.conversations.target();
        let label = target.and_then(|id| self.conversations.label(id));
        match target {
            Some(id) => self.expect_text(id, text),
            None => self.due.push_back(Shown::NotSent),
        }
        let shown = &self.typed_state.shown_target;
        hold(label == *shown, Rule::TargetShown, || format!("{shown:?}, target is {label:?}"))
    }

    fn bye(&mut self, name: Option<&str>) {
        let meant = match name {
            Some(name) => self.conversations.find(name),
            None => self.conversations.target(),
        };
        match meant {
            Some(id) => {
                self.expect(id, Shown::Ended);
                self.end_conversation(id);
            }
            None => self.due.push_back(Shown::NotSent),
        }
    }

    fn end_conversation(&mut self, id: u32) {
        let label = self.conversations.label(id).unwrap_or_default();
        for conn in self.conversations.end(id) {
            if let Some(state) = self.conns.get_mut(&conn) {
                state.end(&label);
            }
        }
    }

    /// A text must be sent in this conversation, on its oldest connection.
    pub(super) fn expect_text(&mut self, id: u32, text: &[u8]) {
        if is_protocol(text) {
            self.due.push_back(Shown::NotSent);
            return;
        }
        self.expect(id, |label| Shown::Said(label, text.to_vec()));
        self.typed_state.replies.remove(text);
        let conn = self.conversations.first_conn(id);
        if let Some(state) = conn.and_then(|conn| self.conns.get_mut(&conn)) {
            state.texts_due.push_back(text.to_vec());
        }
    }

    /// The peer reports that the last typed text is not sent, because the other side does not read.
    pub(crate) fn refused(&mut self, label: &str) {
        if self.refuses_wanted(label) {
            return;
        }
        let id = self.conversations.find(label);
        let conn = id.and_then(|id| self.conversations.first_conn(id));
        if let Some(state) = conn.and_then(|conn| self.conns.get_mut(&conn)) {
            state.texts_due.pop_back();
            let is_said = |due: &Shown| matches!(due, Shown::Said(to, _) if to == label);
            if self.due.back().is_some_and(is_said) {
                self.due.pop_back();
            }
        }
    }

    /// Whether this text may be sent here.
    pub(super) fn may_send(&self, conn: ConnId, line: &[u8]) -> Result<(), Violation> {
        let found = || format!("\"{}\" on {conn:?}", line.escape_ascii());
        hold(!self.typed_state.unknown.contains(line), Rule::UnknownCommandNotSent, found)?;
        let Some(&meant) = self.typed_state.replies.get(line) else { return Ok(()) };
        let conversation = meant.and_then(|id| self.conversations.get(id));
        let is_meant = conversation.is_some_and(|it| it.conns.contains(&conn));
        // If the conversation has ended, the text may be sent before its DISC.
        let is_over = self.conns.get(&conn).is_none_or(|state| state.phase != Phase::Unnamed)
            && meant.is_some()
            && conversation.is_none();
        hold(is_meant || is_over, Rule::ReplyToLastWriter, found)
    }
}

fn is_protocol(text: &[u8]) -> bool {
    text == b"DISC" || text.starts_with(b"USER ")
}

/// A row of `/peers`: the label, whether it is the target, and the number of unread lines.
pub(crate) fn row(row: &ConversationRow) -> (String, bool, usize) {
    (row.who.label.clone(), row.is_target, row.unread)
}
