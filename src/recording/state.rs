//! The changes in the state of the server's machine since they were last written.
//!
//! It only reads the machine. Read next: [`super::Recording`].

use std::collections::BTreeMap;

use super::ConnName;
use super::json::Object;
use crate::directory::{Directory, Presence};
use crate::machine::{ConnId, Machine, Millis};

/// A machine that can be recorded.
pub trait Recorded: Machine {
    /// The machine's own deadline, without that of a machine around it.
    fn recorded_deadline(&self) -> Option<Millis> {
        self.next_deadline()
    }

    /// The directory inside, if there is one. Its people are then in the recording.
    fn directory(&self) -> Option<&Directory> {
        None
    }
}

impl Recorded for Directory {
    fn directory(&self) -> Option<&Directory> {
        Some(self)
    }
}

#[cfg(feature = "peer")]
impl Recorded for crate::peer::Peer {}

/// The state as it was last written.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The time of each person's last USER or KEEP.
    heard_at: BTreeMap<ConnId, Millis>,
    /// The keys of the timer wheel, in the order of its slots.
    keys: Vec<(ConnId, Millis)>,
}

impl Known {
    /// Forgets everything, so the whole state counts as changed.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Writes the changes after the other keys of a turn. Only the `touched` connections and the
    /// wheel can have changed.
    pub(super) fn write(&mut self, directory: &Directory, touched: &[ConnId], out: &mut String) {
        let online = self.write_online(directory, touched);
        let offline = self.write_offline(directory, touched);
        let (armed, disarmed) = self.write_keys(directory);
        let lists =
            [("online", online), ("offline", offline), ("armed", armed), ("disarmed", disarmed)];
        if lists.iter().all(|(_, list)| list.is_empty()) {
            return;
        }
        out.push_str(",\"state\":");
        let mut state = Object::begin(out);
        for (key, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
            let out = state.key(key);
            out.push('[');
            out.push_str(&list);
            out.push(']');
        }
        state.end();
    }

    fn write_online(&mut self, directory: &Directory, touched: &[ConnId]) -> String {
        let mut list = String::new();
        for &conn in touched {
            let Some(presence) = directory.presence(conn) else { continue };
            if self.heard_at.insert(conn, presence.heard_at) != Some(presence.heard_at) {
                write_presence(conn, &presence, &mut list);
            }
        }
        list
    }

    fn write_offline(&mut self, directory: &Directory, touched: &[ConnId]) -> String {
        let mut list = String::new();
        for &conn in touched {
            if directory.presence(conn).is_none() && self.heard_at.remove(&conn).is_some() {
                super::json::separate(&mut list);
                super::json::push_text(&mut list, &ConnName(conn).to_string());
            }
        }
        list
    }

    /// Writes the changed keys of the wheel. An unchanged wheel gives its keys in the same order.
    fn write_keys(&mut self, directory: &Directory) -> (String, String) {
        let (mut armed, mut disarmed) = (String::new(), String::new());
        let keys: Vec<_> = directory.timer_keys().collect();
        if keys != self.keys {
            let [new, old] = [&keys, &self.keys].map(|keys| sorted(keys));
            write_missing(&new, &old, &mut armed);
            write_missing(&old, &new, &mut disarmed);
            self.keys = keys;
        }
        (armed, disarmed)
    }
}

fn sorted(keys: &[(ConnId, Millis)]) -> Vec<(ConnId, Millis)> {
    let mut keys = keys.to_vec();
    keys.sort_unstable();
    keys
}

/// Writes the keys of `some` that `others` lacks. Both are sorted.
fn write_missing(some: &[(ConnId, Millis)], others: &[(ConnId, Millis)], list: &mut String) {
    for (conn, at) in some.iter().filter(|&key| others.binary_search(key).is_err()) {
        let mut key = Object::begin(list);
        key.word("conn", ConnName(*conn));
        key.number("at", at.0);
        key.end();
    }
}

fn write_presence(conn: ConnId, presence: &Presence<'_>, list: &mut String) {
    let mut entry = Object::begin(list);
    entry.word("conn", ConnName(conn));
    entry.text("name", presence.name.as_str());
    entry.word("address", presence.address);
    entry.number("heard_at", presence.heard_at.0);
    entry.number("expires_at", presence.expires_at.0);
    entry.end();
}
