//! Whom a person should be talking to, and where the next typed line should go: the rules once
//! more, as plainly as they can be written.
//!
//! Read next: [`super::peer`], which tells this what happened.

use std::net::IpAddr;

use papo::machine::{ConnId, Millis};

/// How long after the target went away nobody becomes the target unasked.
const TARGET_REST_MS: u64 = 3_000;

/// One conversation.
#[derive(Clone, Debug)]
pub(crate) struct Talk {
    id: u32,
    pub(crate) name: String,
    pub(crate) ip: IpAddr,
    /// What carries it, oldest first.
    pub(crate) conns: Vec<ConnId>,
    /// The numbers of the lines that came while it was not the target, among all that came.
    unread: Vec<u32>,
}

/// All conversations of one person.
#[derive(Debug, Default)]
pub(crate) struct Talks {
    talks: Vec<Talk>,
    opened: u32,
    target: Option<u32>,
    target_lost_at: Option<Millis>,
    heard: u32,
    /// Where the last line came. That conversation may be over.
    last_heard: Option<u32>,
}

impl Talks {
    /// A connection with this person there: a conversation of its own, or one more road for an
    /// old one. True: it began.
    pub(crate) fn join(&mut self, name: &str, ip: IpAddr, conn: ConnId) -> (u32, bool) {
        let known = self.talks.iter_mut().find(|talk| talk.name == name && talk.ip == ip);
        if let Some(talk) = known {
            talk.conns.push(conn);
            return (talk.id, false);
        }
        self.opened += 1;
        let id = self.opened;
        self.talks.push(Talk {
            id,
            name: name.to_string(),
            ip,
            conns: vec![conn],
            unread: Vec::new(),
        });
        (id, true)
    }

    /// A connection is gone. Some: it was the last, and that was the conversation's name.
    pub(crate) fn leave(&mut self, now: Millis, id: u32, conn: ConnId) -> Option<String> {
        let label = self.label(id)?;
        let talk = self.talks.iter_mut().find(|talk| talk.id == id)?;
        talk.conns.retain(|&other| other != conn);
        if !talk.conns.is_empty() {
            return None;
        }
        self.lose(now, id);
        Some(label)
    }

    /// The other side ended it. Returns what carried it.
    pub(crate) fn lose(&mut self, now: Millis, id: u32) -> Vec<ConnId> {
        if self.target == Some(id) {
            self.target_lost_at = Some(now);
        }
        self.end(id)
    }

    /// The person ended it. Returns what carried it.
    pub(crate) fn end(&mut self, id: u32) -> Vec<ConnId> {
        self.target = self.target.filter(|&target| target != id);
        let place = self.talks.iter().position(|talk| talk.id == id);
        place.map(|place| self.talks.remove(place).conns).unwrap_or_default()
    }

    /// How a conversation is called: by its name, and by its address as well where somebody
    /// else has had that name for longer.
    pub(crate) fn label(&self, id: u32) -> Option<String> {
        let talk = self.get(id)?;
        let first = self.talks.iter().find(|other| other.name == talk.name)?;
        let name = &talk.name;
        Some(if first.id == id { name.clone() } else { format!("{name}@{}", talk.ip) })
    }

    pub(crate) fn find(&self, label: &str) -> Option<u32> {
        let ids = self.talks.iter().map(|talk| talk.id);
        ids.into_iter().find(|&id| self.label(id).as_deref() == Some(label))
    }

    pub(crate) fn get(&self, id: u32) -> Option<&Talk> {
        self.talks.iter().find(|talk| talk.id == id)
    }

    pub(crate) fn ids(&self) -> Vec<u32> {
        self.talks.iter().map(|talk| talk.id).collect()
    }

    pub(crate) fn target(&self) -> Option<u32> {
        self.target
    }

    /// The person chose.
    pub(crate) fn aim(&mut self, id: u32) {
        self.target = Some(id);
        self.target_lost_at = None;
        if let Some(talk) = self.talks.iter_mut().find(|talk| talk.id == id) {
            talk.unread.clear();
        }
    }

    /// Something was said there.
    pub(crate) fn hear(&mut self, id: u32) {
        self.heard += 1;
        self.last_heard = Some(id);
        let is_other = |talk: &&mut Talk| talk.id == id && self.target != Some(id);
        if let Some(talk) = self.talks.iter_mut().find(is_other) {
            talk.unread.push(self.heard);
        }
    }

    /// Who wrote last, there still or not.
    pub(crate) fn last_heard(&self) -> Option<u32> {
        self.last_heard
    }

    /// Where the oldest line lies that was not read.
    pub(crate) fn longest_unread(&self) -> Option<u32> {
        let oldest = |talk: &Talk| Some((*talk.unread.first()?, talk.id));
        self.talks.iter().filter_map(oldest).min().map(|(_, id)| id)
    }

    /// What `/peers` must show.
    pub(crate) fn rows(&self) -> Vec<(String, bool, usize)> {
        let is_target = |talk: &Talk| self.target == Some(talk.id);
        let label = |talk: &Talk| self.label(talk.id).unwrap_or_default();
        let row = |talk: &Talk| (label(talk), is_target(talk), talk.unread.len());
        self.talks.iter().map(row).collect()
    }

    /// Somebody called: the target only where nobody else is there or just was.
    pub(crate) fn offer(&mut self, now: Millis, id: u32) {
        let was_lost = self.target_lost_at.is_some_and(|at| now.since(at) < TARGET_REST_MS);
        if self.talks.len() == 1 && !was_lost {
            self.aim(id);
        }
    }
}
