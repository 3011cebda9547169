//! The people to whom a person should be talking, and where the next typed line should go: the
//! rules once more, as plainly as they can be written.
//!
//! Read next: [`super::peer`], which tells this what happened.

use std::collections::BTreeMap;
use std::net::IpAddr;

use papo::machine::ConnId;

/// One conversation.
#[derive(Clone, Debug)]
pub(crate) struct Talk {
    id: u32,
    pub(crate) name: String,
    label: String,
    pub(crate) ip: IpAddr,
    /// The connections that carry it, oldest first.
    pub(crate) conns: Vec<ConnId>,
    /// The numbers of the lines that came while it was not the target, among all that came.
    unread: Vec<u32>,
}

/// All conversations of one person.
#[derive(Debug, Default)]
pub(crate) struct Talks {
    talks: Vec<Talk>,
    opened: u32,
    /// The names that are labels, and where the person is.
    bare: BTreeMap<String, IpAddr>,
    target: Option<u32>,
    heard: u32,
    /// Where the last line came. That conversation may be over.
    last_heard: Option<u32>,
}

impl Talks {
    pub(crate) fn with(&self, name: &str, ip: IpAddr) -> Option<u32> {
        self.talks.iter().find(|talk| talk.name == name && talk.ip == ip).map(|talk| talk.id)
    }

    /// One more road for an old conversation.
    pub(crate) fn add(&mut self, id: u32, conn: ConnId) {
        let talk = self.talks.iter_mut().find(|talk| talk.id == id);
        talk.expect("it is open").conns.push(conn);
    }

    /// This one of its connections is the oldest.
    pub(crate) fn put_first(&mut self, id: u32, conn: ConnId) {
        if let Some(talk) = self.talks.iter_mut().find(|talk| talk.id == id) {
            talk.conns.sort_by_key(|&other| other != conn);
        }
    }

    /// A conversation begins. `is_plain`: the name needs no mark.
    pub(crate) fn open(&mut self, name: &str, ip: IpAddr, is_plain: bool, conn: ConnId) -> u32 {
        let label = self.next_label(name, ip, is_plain);
        if label == name {
            self.bare.insert(label.clone(), ip);
        }
        self.opened += 1;
        let (id, name) = (self.opened, name.to_string());
        self.talks.push(Talk { id, name, label, ip, conns: vec![conn], unread: Vec::new() });
        id
    }

    /// The name alone for people who are who they say, and never for a second one.
    pub(crate) fn next_label(&self, name: &str, ip: IpAddr, is_plain: bool) -> String {
        let is_free = self.bare.get(name).is_none_or(|&holder| holder == ip);
        if is_plain && is_free { name.to_string() } else { format!("{name}:{}", self.opened + 1) }
    }

    /// A connection is gone. Some: it was the last, and that was the conversation's name.
    pub(crate) fn leave(&mut self, id: u32, conn: ConnId) -> Option<String> {
        let label = self.label(id)?;
        let talk = self.talks.iter_mut().find(|talk| talk.id == id)?;
        talk.conns.retain(|&other| other != conn);
        if !talk.conns.is_empty() {
            return None;
        }
        self.lose(id);
        Some(label)
    }

    /// The other side ended it. Returns what carried it.
    pub(crate) fn lose(&mut self, id: u32) -> Vec<ConnId> {
        self.end(id)
    }

    /// The person ended it. Returns what carried it.
    pub(crate) fn end(&mut self, id: u32) -> Vec<ConnId> {
        self.target = self.target.filter(|&target| target != id);
        let place = self.talks.iter().position(|talk| talk.id == id);
        place.map(|place| self.talks.remove(place).conns).unwrap_or_default()
    }

    /// How a conversation is called, for life.
    pub(crate) fn label(&self, id: u32) -> Option<String> {
        Some(self.get(id)?.label.clone())
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

    /// The person who wrote last, there still or not.
    pub(crate) fn last_heard(&self) -> Option<u32> {
        self.last_heard
    }

    /// Where the oldest line lies that was not read.
    pub(crate) fn longest_unread(&self) -> Option<u32> {
        let oldest = |talk: &Talk| Some((*talk.unread.first()?, talk.id));
        self.talks.iter().filter_map(oldest).min().map(|(_, id)| id)
    }

    /// The rows that `/peers` must show.
    pub(crate) fn rows(&self) -> Vec<(String, bool, usize)> {
        let is_target = |talk: &Talk| self.target == Some(talk.id);
        let label = |talk: &Talk| self.label(talk.id).unwrap_or_default();
        let row = |talk: &Talk| (label(talk), is_target(talk), talk.unread.len());
        self.talks.iter().map(row).collect()
    }

    /// The screen shows a target that the person has not chosen: only who is alone and needs no
    /// mark may be that.
    pub(crate) fn follow(&mut self, label: &str, is_plain: bool) {
        let may_be = self.target.is_none() && is_plain && self.talks.len() == 1;
        if let Some(id) = self.find(label).filter(|_| may_be) {
            self.aim(id);
        }
    }
}
