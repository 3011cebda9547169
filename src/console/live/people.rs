//! The people, for the prompt and for TAB: names, and their order.
//!
//! All of it comes from notices. Must never know a message.

use crate::peer::notice::{ConversationId, Partner, Standing};
use crate::wire::name::Name;

/// Most names of a LIST that TAB completes.
pub const NAMES_MAX: usize = 4_096;

/// Most partners that TAB offers before the other names.
pub const RECENT_MAX: usize = 32;

/// The people.
#[derive(Debug, Default)]
pub(super) struct People {
    standing: Standing,
    /// Labels of partners, the one of the last message or call first.
    recent: Vec<String>,
    /// The last LIST. `None`: no LIST was received.
    online: Option<Vec<String>>,
    /// Conversations with unread messages, the one with the oldest first.
    unread: Vec<Partner>,
    /// The person who wrote last.
    last_writer: Option<Partner>,
}

impl People {
    pub(super) fn me(&self) -> Option<&Name> {
        self.standing.me.as_ref()
    }

    pub(super) fn target(&self) -> Option<&Partner> {
        self.standing.target.as_ref()
    }

    pub(super) fn has_conversations(&self) -> bool {
        !self.standing.open.is_empty()
    }

    /// Whether this conversation is open.
    pub(super) fn is_open(&self, id: ConversationId) -> bool {
        self.standing.open.iter().any(|who| who.id == id)
    }

    /// The person who gets a `/reply`.
    pub(super) fn last_writer(&self) -> Option<&Partner> {
        self.last_writer.as_ref().filter(|who| self.is_open(who.id))
    }

    /// The labels of the open conversations, and the names of the last LIST.
    pub(super) fn known(&self) -> impl Iterator<Item = &[u8]> {
        let labels = self.standing.open.iter().map(|who| who.label.as_bytes());
        labels.chain(self.online.iter().flatten().map(String::as_bytes))
    }

    pub(super) fn unread(&self) -> &[Partner] {
        &self.unread
    }

    pub(super) fn set_standing(&mut self, standing: Standing) {
        self.standing = standing;
        let Standing { target, open, .. } = &self.standing;
        let is_target = |id: ConversationId| target.as_ref().is_some_and(|who| who.id == id);
        self.unread.retain(|unread| open.iter().any(|who| who.id == unread.id));
        self.unread.retain(|unread| !is_target(unread.id));
        if let Some(label) = self.target().map(|who| who.label.clone()) {
            self.put_first(&label);
        }
    }

    /// Puts a partner before the others.
    pub(super) fn put_first(&mut self, label: &str) {
        self.recent.retain(|other| other != label);
        self.recent.insert(0, label.to_string());
        self.recent.truncate(RECENT_MAX);
    }

    /// Notes a received message. True: it is not in the current conversation.
    pub(super) fn note_message(&mut self, from: &Partner) -> bool {
        self.put_first(&from.label);
        self.last_writer = Some(from.clone());
        if self.target().is_some_and(|who| who.id == from.id) {
            return false;
        }
        if self.is_open(from.id) && !self.unread.iter().any(|other| other.id == from.id) {
            self.unread.push(from.clone());
        }
        true
    }

    /// Sets the names of a LIST. Text that is no name is left out.
    pub(super) fn set_online(&mut self, online: &[Vec<u8>]) {
        let names = online.iter().filter_map(|name| Name::parse(name).ok());
        self.online = Some(names.take(NAMES_MAX).map(|name| name.to_string()).collect());
    }

    /// Whether a LIST was received.
    pub(super) fn has_list(&self) -> bool {
        self.online.is_some()
    }

    /// The names for TAB: partners first, then the names online.
    pub(super) fn names(&self) -> Vec<String> {
        let is_new = |name: &&String| !self.recent.contains(name);
        let online = self.online.iter().flatten();
        self.recent.iter().chain(online.filter(is_new)).cloned().collect()
    }
}
