//! The conversations of a person and the target of the next typed line: a second, simple model.
//!
//! Read next: [`super::peer`], which updates it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use papo::machine::ConnId;

#[derive(Clone, Debug)]
pub(crate) struct Conversation {
    pub(crate) name: String,
    label: String,
    ip: IpAddr,
    /// Its connections, oldest first.
    pub(crate) conns: Vec<ConnId>,
    /// The other side called, and has sent no text.
    pub(crate) is_silent_call: bool,
    /// The numbers of its unread lines, among all lines of the person.
    unread: Vec<u32>,
}

#[derive(Debug, Default)]
pub(crate) struct Conversations {
    /// By a number that counts all conversations.
    open: BTreeMap<u32, Conversation>,
    opened: u32,
    /// The names that are labels without a number, and the addresses of these people.
    plain_labels: BTreeMap<String, IpAddr>,
    target: Option<u32>,
    lines: u32,
    /// The conversation of the last line. It may have ended.
    last_writer: Option<u32>,
}

impl Conversations {
    /// The conversation with this person at this address.
    pub(crate) fn with(&self, name: &str, ip: IpAddr) -> Option<u32> {
        let is_with = |it: &Conversation| it.name == name && it.ip == ip;
        self.open.iter().find(|(_, it)| is_with(it)).map(|(id, _)| *id)
    }

    pub(crate) fn add(&mut self, id: u32, conn: ConnId) {
        self.open.get_mut(&id).expect("it is open").conns.push(conn);
    }

    /// Makes this connection the oldest.
    pub(crate) fn put_first(&mut self, id: u32, conn: ConnId) {
        if let Some(it) = self.open.get_mut(&id) {
            it.conns.sort_by_key(|&other| other != conn);
        }
    }

    /// Begins a conversation. `is_plain`: the name needs no mark.
    pub(crate) fn begin(&mut self, name: &str, ip: IpAddr, is_plain: bool, conn: ConnId) -> u32 {
        let label = self.next_label(name, ip, is_plain);
        if label == name {
            self.plain_labels.insert(label.clone(), ip);
        }
        self.opened += 1;
        let (name, conns, unread) = (name.to_string(), vec![conn], Vec::new());
        self.open.insert(
            self.opened,
            Conversation { name, label, ip, conns, is_silent_call: false, unread },
        );
        self.opened
    }

    /// The name alone, if it needs no mark and is not used by another person.
    pub(crate) fn next_label(&self, name: &str, ip: IpAddr, is_plain: bool) -> String {
        let is_free = self.plain_labels.get(name).is_none_or(|&holder| holder == ip);
        if is_plain && is_free { name.to_string() } else { format!("{name}:{}", self.opened + 1) }
    }

    /// Whether the name belonged to another person before.
    pub(crate) fn is_namesake(&self, id: u32) -> bool {
        self.get(id).is_some_and(|it| {
            self.plain_labels.get(&it.name).is_some_and(|&holder| holder != it.ip)
        })
    }

    /// A connection has closed. Some: the label of the conversation that ended with it.
    pub(crate) fn leave(&mut self, id: u32, conn: ConnId) -> Option<String> {
        let it = self.open.get_mut(&id)?;
        it.conns.retain(|&other| other != conn);
        let label = it.conns.is_empty().then(|| it.label.clone())?;
        self.end(id);
        Some(label)
    }

    /// One side has ended it. Returns its connections.
    pub(crate) fn end(&mut self, id: u32) -> Vec<ConnId> {
        self.target = self.target.filter(|&target| target != id);
        self.open.remove(&id).map(|it| it.conns).unwrap_or_default()
    }

    pub(crate) fn label(&self, id: u32) -> Option<String> {
        Some(self.get(id)?.label.clone())
    }

    pub(crate) fn find(&self, label: &str) -> Option<u32> {
        self.open.iter().find(|(_, it)| it.label == label).map(|(id, _)| *id)
    }

    pub(crate) fn get(&self, id: u32) -> Option<&Conversation> {
        self.open.get(&id)
    }

    /// The oldest connection.
    pub(crate) fn first_conn(&self, id: u32) -> Option<ConnId> {
        self.get(id)?.conns.first().copied()
    }

    pub(crate) fn ids(&self) -> Vec<u32> {
        self.open.keys().copied().collect()
    }

    pub(crate) fn target(&self) -> Option<u32> {
        self.target
    }

    pub(crate) fn set_target(&mut self, id: u32) {
        self.target = Some(id);
        if let Some(it) = self.open.get_mut(&id) {
            it.unread.clear();
        }
    }

    pub(crate) fn receive(&mut self, id: u32) {
        self.lines += 1;
        self.last_writer = Some(id);
        self.set_silent_call(id, false);
        if let Some(it) = self.open.get_mut(&id).filter(|_| self.target != Some(id)) {
            it.unread.push(self.lines);
        }
    }

    pub(crate) fn set_silent_call(&mut self, id: u32, is_silent: bool) {
        if let Some(it) = self.open.get_mut(&id) {
            it.is_silent_call = is_silent;
        }
    }

    /// The conversation of the last writer. It may have ended.
    pub(crate) fn last_writer(&self) -> Option<u32> {
        self.last_writer
    }

    /// The conversation with the oldest unread line.
    pub(crate) fn longest_unread(&self) -> Option<u32> {
        let oldest = |(id, it): (&u32, &Conversation)| Some((*it.unread.first()?, *id));
        self.open.iter().filter_map(oldest).min().map(|(_, id)| id)
    }

    /// The rows that `/peers` must show.
    pub(crate) fn rows(&self) -> Vec<(String, bool, usize)> {
        let is_target = |id: &u32| self.target == Some(*id);
        let rows = self.open.iter();
        rows.map(|(id, it)| (it.label.clone(), is_target(id), it.unread.len())).collect()
    }

    /// The screen shows a target that the person has not chosen. It may be only the person of the
    /// one conversation, without a mark.
    pub(crate) fn follow(&mut self, label: &str, is_plain: bool) {
        let may_be = self.target.is_none() && is_plain && self.open.len() == 1;
        if let Some(id) = self.find(label).filter(|_| may_be) {
            self.set_target(id);
        }
    }
}
