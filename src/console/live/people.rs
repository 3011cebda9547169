//! The people who are there, as far as the screen must know: for the prompt, and for TAB.
//!
//! All of it was told by notices. Knows names and their order; must never know what was said.

use crate::peer::notice::{ConversationId, Partner, Standing};
use crate::wire::name::Name;

/// Most names of a LIST that TAB knows.
pub const NAMES_MAX: usize = 4_096;

/// Most partners that come before the others.
pub const RECENT_MAX: usize = 32;

/// The people.
#[derive(Debug, Default)]
pub(super) struct People {
    standing: Standing,
    /// Labels; who spoke or was spoken to last comes first.
    recent: Vec<String>,
    /// The last answer to LIST. `None`: there was none yet.
    online: Option<Vec<String>>,
    /// Open conversations other than the target in which something was said since the person was
    /// there. The one that has waited longest comes first.
    unread: Vec<Partner>,
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

    pub(super) fn unread(&self) -> &[Partner] {
        &self.unread
    }

    pub(super) fn stand(&mut self, standing: Standing) {
        self.standing = standing;
        let Standing { target, open, .. } = &self.standing;
        let is_target = |id: ConversationId| target.as_ref().is_some_and(|who| who.id == id);
        self.unread.retain(|unread| open.iter().any(|who| who.id == unread.id));
        self.unread.retain(|unread| !is_target(unread.id));
        if let Some(label) = self.target().map(|who| who.label.clone()) {
            self.meet(&label);
        }
    }

    /// Somebody is there whom the person may want to speak to next.
    pub(super) fn meet(&mut self, label: &str) {
        self.recent.retain(|other| other != label);
        self.recent.insert(0, label.to_string());
        self.recent.truncate(RECENT_MAX);
    }

    /// Somebody said something. True: outside the current conversation.
    pub(super) fn hear(&mut self, from: &Partner) -> bool {
        self.meet(&from.label);
        if self.target().is_some_and(|who| who.id == from.id) {
            return false;
        }
        let is_open = self.standing.open.iter().any(|who| who.id == from.id);
        if is_open && !self.unread.iter().any(|other| other.id == from.id) {
            self.unread.push(from.clone());
        }
        true
    }

    /// Takes the server's list of names. Text that is no name is never suggested.
    pub(super) fn see(&mut self, online: &[Vec<u8>]) {
        let names = online.iter().filter_map(|name| Name::parse(name).ok());
        self.online = Some(names.take(NAMES_MAX).map(|name| name.to_string()).collect());
    }

    /// Whether the server has ever said who is online.
    pub(super) fn knows_who_is_online(&self) -> bool {
        self.online.is_some()
    }

    /// For TAB: partners first, then everybody who is online.
    pub(super) fn names(&self) -> Vec<String> {
        let is_new = |name: &&String| !self.recent.contains(name);
        let online = self.online.iter().flatten();
        self.recent.iter().chain(online.filter(is_new)).cloned().collect()
    }
}
