//! Who one talks to, and to whom the next typed line goes.
//!
//! A conversation is between two people and may ride on several connections: when both call at
//! once, or when a program of somebody else's answers over a connection of its own. Knows names
//! and which connections carry them; must never know what is said. Read next: [`super::chat`].

use std::net::IpAddr;

use super::notice::{Row, Who};
use crate::machine::{ConnId, Millis};
use crate::wire::name::Name;

/// How long after the target went away a caller does not become the target by itself, in
/// milliseconds: the line that is being typed was meant for somebody else.
pub const TARGET_REST_MS: u64 = 3_000;

/// A conversation, by number: names come twice.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TalkId(u32);

/// One conversation.
#[derive(Debug)]
pub struct Talk {
    /// Its number.
    pub id: TalkId,
    /// With whom.
    pub name: Name,
    /// Where that person is. Somebody of the same name elsewhere is somebody else.
    pub ip: IpAddr,
    /// The server did not confirm the name.
    pub doubtful: bool,
    /// The server did confirm it, or gave the address that was called.
    pub is_confirmed: bool,
    /// Lines that came while it was not the target.
    pub unread: usize,
    /// The number of the first of them, among all that came.
    unread_since: u64,
    /// The connections that carry it, oldest first. Never empty.
    pub links: Vec<ConnId>,
}

/// All open conversations, oldest first.
#[derive(Debug, Default)]
pub struct Conversations {
    talks: Vec<Talk>,
    opened: u32,
    target: Option<TalkId>,
    target_lost_at: Option<Millis>,
    /// Who wrote last, and how it was called then: the conversation may be over.
    last_heard: Option<(TalkId, String)>,
    /// Counts the lines that came.
    heard: u64,
    /// Counts what changes anything of [`Conversations::rows`].
    changes: u64,
}

impl Conversations {
    /// Adds a connection to the conversation with this person, which begins with it if there is
    /// none. Says whether it began.
    pub fn join(&mut self, name: &Name, ip: IpAddr, conn: ConnId) -> (TalkId, bool) {
        let same = |talk: &&mut Talk| talk.name == *name && talk.ip == ip;
        if let Some(talk) = self.talks.iter_mut().find(same) {
            talk.links.push(conn);
            return (talk.id, false);
        }
        let id = TalkId(self.opened);
        self.opened += 1;
        self.changes += 1;
        let name = name.clone();
        let talk = Talk {
            id,
            name,
            ip,
            doubtful: false,
            is_confirmed: false,
            unread: 0,
            unread_since: 0,
            links: vec![conn],
        };
        self.talks.push(talk);
        (id, true)
    }

    /// Takes a connection out. True: it was the last one, and the conversation is over.
    pub fn leave(&mut self, now: Millis, id: TalkId, conn: ConnId) -> bool {
        let Some(talk) = self.get_mut(id) else { return false };
        talk.links.retain(|&link| link != conn);
        let is_over = talk.links.is_empty();
        if is_over {
            self.lose(now, id);
        }
        is_over
    }

    /// Ends a conversation because the other side left.
    pub fn lose(&mut self, now: Millis, id: TalkId) -> Option<Talk> {
        if self.target == Some(id) {
            self.target_lost_at = Some(now);
        }
        self.remove(id)
    }

    /// Ends a conversation because the person said so.
    pub fn remove(&mut self, id: TalkId) -> Option<Talk> {
        let place = self.talks.iter().position(|talk| talk.id == id)?;
        if self.target == Some(id) {
            self.target = None;
        }
        self.changes += 1;
        Some(self.talks.remove(place))
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, id: TalkId) -> Option<&Talk> {
        self.talks.iter().find(|talk| talk.id == id)
    }

    /// Takes note that the server does not confirm the name.
    pub fn doubt(&mut self, id: TalkId) {
        if let Some(talk) = self.get_mut(id) {
            (talk.doubtful, talk.is_confirmed) = (true, false);
            self.changes += 1;
        }
    }

    /// Takes note that the server confirms the name.
    pub fn confirm(&mut self, id: TalkId) {
        if let Some(talk) = self.get_mut(id) {
            talk.is_confirmed = !talk.doubtful;
        }
    }

    /// Takes note that something was said there.
    pub fn hear(&mut self, id: TalkId) {
        self.heard += 1;
        let (heard, is_target) = (self.heard, self.target == Some(id));
        let Some(talk) = self.get_mut(id) else { return };
        if !is_target {
            talk.unread_since = if talk.unread == 0 { heard } else { talk.unread_since };
            talk.unread += 1;
        }
        self.last_heard = self.who(id).map(|who| (id, who.label));
    }

    /// Who wrote last, and how it was called then. Its conversation may be over.
    #[must_use]
    pub fn last_heard(&self) -> Option<(TalkId, &str)> {
        self.last_heard.as_ref().map(|(id, label)| (*id, &label[..]))
    }

    /// Where something unread has waited longest.
    #[must_use]
    pub fn next_unread(&self) -> Option<TalkId> {
        let unread = self.talks.iter().filter(|talk| talk.unread > 0);
        unread.min_by_key(|talk| talk.unread_since).map(|talk| talk.id)
    }

    /// How often anything of [`Conversations::rows`] has changed: to see quickly that it has not.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// The one that the person means by this.
    #[must_use]
    pub fn find(&self, label: &[u8]) -> Option<TalkId> {
        let label = label.trim_ascii();
        let meant = |talk: &&Talk| self.label(talk).as_bytes() == label;
        self.talks.iter().find(meant).map(|talk| talk.id)
    }

    /// Where typed text goes.
    #[must_use]
    pub fn target(&self) -> Option<TalkId> {
        self.target
    }

    /// The person chose.
    pub fn aim(&mut self, id: TalkId) {
        self.changes += u64::from(self.target != Some(id));
        self.target = Some(id);
        self.target_lost_at = None;
        if let Some(talk) = self.get_mut(id) {
            talk.unread = 0;
        }
    }

    /// Somebody else began: becomes the target only where there is none, and none was a moment
    /// ago. A line that is being typed must never go to another person than it was meant for.
    pub fn offer(&mut self, now: Millis, id: TalkId) {
        let is_alone = self.talks.len() == 1;
        let was_lost = self.target_lost_at.is_some_and(|at| now.since(at) < TARGET_REST_MS);
        if is_alone && !was_lost {
            self.aim(id);
        }
    }

    /// How a conversation is called on the screen.
    #[must_use]
    pub fn who(&self, id: TalkId) -> Option<Who> {
        let talk = self.get(id)?;
        Some(Who { label: self.label(talk), doubtful: talk.doubtful })
    }

    /// All of them, for `/peers`; what waits to leave is for [`super::chat`] to add.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let row = |talk: &Talk| Row {
            who: Who { label: self.label(talk), doubtful: talk.doubtful },
            is_target: self.target == Some(talk.id),
            is_confirmed: talk.is_confirmed,
            unread: talk.unread,
            waiting: 0,
        };
        self.talks.iter().map(row).collect()
    }

    /// All of them, by number.
    #[must_use]
    pub fn ids(&self) -> Vec<TalkId> {
        self.talks.iter().map(|talk| talk.id).collect()
    }

    /// Whether none is open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.talks.is_empty()
    }

    fn get_mut(&mut self, id: TalkId) -> Option<&mut Talk> {
        self.talks.iter_mut().find(|talk| talk.id == id)
    }

    /// The name alone for the first who has it; with the address for everybody after.
    fn label(&self, talk: &Talk) -> String {
        let first = self.talks.iter().find(|other| other.name == talk.name);
        if first.is_none_or(|first| first.id == talk.id) {
            talk.name.to_string()
        } else {
            format!("{}@{}", talk.name, talk.ip)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(talks: &mut Conversations, name: &str, last_byte: u8, slot: u32) -> (TalkId, bool) {
        let name = Name::parse(name.as_bytes()).expect("a name");
        talks.join(&name, IpAddr::from([10, 0, 0, last_byte]), ConnId { slot, generation: 0 })
    }

    #[test]
    fn two_connections_between_two_people_are_one_conversation() {
        let mut talks = Conversations::default();
        let (id, began) = join(&mut talks, "Ana", 1, 0);
        assert!(began);
        assert_eq!(join(&mut talks, "Ana", 1, 1), (id, false));
        assert!(!talks.leave(Millis(0), id, ConnId { slot: 0, generation: 0 }));
        assert!(talks.leave(Millis(0), id, ConnId { slot: 1, generation: 0 }));
        assert!(talks.is_empty());
    }

    #[test]
    fn the_same_name_elsewhere_is_somebody_else() {
        let mut talks = Conversations::default();
        let (ana, _) = join(&mut talks, "Ana", 1, 0);
        let (other, began) = join(&mut talks, "Ana", 2, 1);
        assert!(began);
        assert_eq!(talks.find(b"Ana"), Some(ana));
        assert_eq!(talks.find(b"Ana@10.0.0.2"), Some(other));
    }

    #[test]
    fn a_caller_becomes_the_target_only_where_nobody_was() {
        let mut talks = Conversations::default();
        let (ana, _) = join(&mut talks, "Ana", 1, 0);
        talks.offer(Millis(0), ana);
        assert_eq!(talks.target(), Some(ana));
        let (bruno, _) = join(&mut talks, "Bruno", 2, 1);
        talks.offer(Millis(0), bruno);
        assert_eq!(talks.target(), Some(ana), "the target is not stolen");

        talks.leave(Millis(10), ana, ConnId { slot: 0, generation: 0 });
        talks.remove(bruno);
        let (camila, _) = join(&mut talks, "Camila", 3, 2);
        talks.offer(Millis(20), camila);
        assert_eq!(talks.target(), None, "a line may be half typed");
    }
}
