//! The open conversations, and which of them the next text goes to.
//!
//! A conversation is between two people and may ride on several connections: when both call at
//! once, or when somebody else's program answers over a connection of its own. It keeps its
//! identity and its label for life (R9). Knows names and which connections carry them; must
//! never know what is said. Read next: [`super::labels`].

use std::net::IpAddr;

use super::labels::Labels;
use crate::machine::{ConnId, Millis};
use crate::peer::notice::{ConversationId, ConversationRow, Partner, Trust};
use crate::wire::name::Name;

/// How long after the target went away another caller does not become the target, in
/// milliseconds: the line that is being typed was meant for somebody else.
pub const TARGET_REST_MS: u64 = 3_000;

/// One conversation.
#[derive(Debug)]
pub(super) struct Talk {
    /// Its number.
    pub(super) id: ConversationId,
    /// With whom.
    pub(super) name: Name,
    /// Where that person is. Somebody of the same name elsewhere is somebody else.
    pub(super) ip: IpAddr,
    /// The server's word about the name.
    pub(super) trust: Trust,
    /// The server is to be asked about the name.
    pub(super) wants_check: bool,
    /// Lines that came while it was not the target.
    pub(super) unread: usize,
    /// The connections that carry it, oldest first. Never empty.
    pub(super) links: Vec<ConnId>,
    /// Fixed when it opens.
    label: String,
    /// The number of the first unread line, among all that came.
    unread_since: u64,
    /// It began with a call from outside while no other was open: it may become the target
    /// without being chosen.
    may_be_target: bool,
}

/// All open conversations, oldest first.
#[derive(Debug, Default)]
pub(super) struct Conversations {
    talks: Vec<Talk>,
    opened: u32,
    labels: Labels,
    target: Option<ConversationId>,
    lost_target: Option<LostTarget>,
    /// A line is being typed: nobody becomes the target who was not chosen.
    is_typing: bool,
    /// The person waits for a call or an answer, and what is typed meanwhile is not for callers.
    is_waiting: bool,
    /// The conversation in which the last line came, and its label: it may be over.
    last_heard: Option<(ConversationId, String)>,
    /// Counts the lines that came.
    heard: u64,
    /// Counts what changes anything of [`Conversations::rows`].
    changes: u64,
}

/// The target that went away.
#[derive(Debug)]
struct LostTarget {
    at: Millis,
    name: Name,
    ip: IpAddr,
}

impl Conversations {
    /// The conversation with this person.
    pub(super) fn with(&self, name: &Name, ip: IpAddr) -> Option<ConversationId> {
        self.talks.iter().find(|talk| talk.name == *name && talk.ip == ip).map(|talk| talk.id)
    }

    /// Adds a connection to a conversation.
    pub(super) fn add_link(&mut self, id: ConversationId, conn: ConnId) {
        if let Some(talk) = self.get_mut(id) {
            talk.links.push(conn);
        }
    }

    /// Opens a conversation, which gets its number and its label.
    pub(super) fn open(
        &mut self,
        name: &Name,
        ip: IpAddr,
        trust: Trust,
        conn: ConnId,
    ) -> ConversationId {
        self.opened += 1;
        self.changes += 1;
        let id = ConversationId(self.opened);
        let talk = Talk {
            id,
            name: name.clone(),
            ip,
            trust,
            wants_check: false,
            unread: 0,
            links: vec![conn],
            label: self.labels.give(id, name, ip, trust),
            unread_since: 0,
            may_be_target: false,
        };
        self.talks.push(talk);
        id
    }

    /// Takes a connection out. True: it was the last one, and the conversation is over.
    pub(super) fn leave(&mut self, now: Millis, id: ConversationId, conn: ConnId) -> bool {
        let Some(talk) = self.get_mut(id) else { return false };
        talk.links.retain(|&link| link != conn);
        let is_over = talk.links.is_empty();
        if is_over {
            self.lose(now, id);
        }
        is_over
    }

    /// Ends a conversation because the other side left.
    pub(super) fn lose(&mut self, now: Millis, id: ConversationId) -> Option<Talk> {
        let was_target = self.target == Some(id);
        let talk = self.remove(id)?;
        if was_target {
            let (name, ip) = (talk.name.clone(), talk.ip);
            self.lost_target = Some(LostTarget { at: now, name, ip });
        }
        Some(talk)
    }

    /// Ends a conversation because the person said so.
    pub(super) fn remove(&mut self, id: ConversationId) -> Option<Talk> {
        let place = self.talks.iter().position(|talk| talk.id == id)?;
        if self.target == Some(id) {
            self.target = None;
        }
        self.changes += 1;
        Some(self.talks.remove(place))
    }

    /// One of them.
    pub(super) fn get(&self, id: ConversationId) -> Option<&Talk> {
        self.talks.iter().find(|talk| talk.id == id)
    }

    /// All of them, oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Talk> {
        self.talks.iter()
    }

    /// Takes note of what the server says of the name.
    pub(super) fn judge(&mut self, id: ConversationId, trust: Trust) {
        if let Some(talk) = self.get_mut(id) {
            talk.wants_check = false;
            let before = std::mem::replace(&mut talk.trust, trust);
            self.changes += u64::from(before != trust);
        }
    }

    /// Whether the server is to be asked about the name.
    pub(super) fn want_check(&mut self, id: ConversationId, wants: bool) {
        if let Some(talk) = self.get_mut(id) {
            talk.wants_check = wants;
        }
    }

    /// Takes note that something was said there.
    pub(super) fn hear(&mut self, id: ConversationId) {
        self.heard += 1;
        let (heard, is_target) = (self.heard, self.target == Some(id));
        let Some(talk) = self.get_mut(id) else { return };
        if !is_target {
            talk.unread_since = if talk.unread == 0 { heard } else { talk.unread_since };
            talk.unread += 1;
        }
        let label = talk.label.clone();
        self.last_heard = Some((id, label));
    }

    /// The conversation in which the last line came, and its label. It may be over.
    pub(super) fn last_heard(&self) -> Option<(ConversationId, &str)> {
        self.last_heard.as_ref().map(|(id, label)| (*id, &label[..]))
    }

    /// Where something unread has waited longest.
    pub(super) fn next_unread(&self) -> Option<ConversationId> {
        let unread = self.talks.iter().filter(|talk| talk.unread > 0);
        unread.min_by_key(|talk| talk.unread_since).map(|talk| talk.id)
    }

    /// How often anything of [`Conversations::rows`] has changed: to see quickly that it has not.
    pub(super) fn changes(&self) -> u64 {
        self.changes
    }

    /// The conversation with this label. Labels are exact: a name that somebody only claims is
    /// not the label of a conversation.
    pub(super) fn find(&self, label: &[u8]) -> Option<ConversationId> {
        let label = label.trim_ascii();
        self.talks.iter().find(|talk| talk.label.as_bytes() == label).map(|talk| talk.id)
    }

    /// Where typed text goes.
    pub(super) fn target(&self) -> Option<ConversationId> {
        self.target
    }

    /// The person chose.
    pub(super) fn aim(&mut self, id: ConversationId) {
        self.withdraw_offers();
        self.changes += u64::from(self.target != Some(id));
        self.target = Some(id);
        self.lost_target = None;
        if let Some(talk) = self.get_mut(id) {
            talk.unread = 0;
        }
    }

    /// A caller began this one. It may become the target without being chosen, if it is the only
    /// one that is open.
    pub(super) fn offer(&mut self, id: ConversationId) {
        let is_alone = self.talks.len() == 1 && !self.is_waiting;
        if let Some(talk) = self.get_mut(id) {
            talk.may_be_target = is_alone;
        }
    }

    /// The person looks for somebody: what is typed from now on is meant for that one.
    pub(super) fn withdraw_offers(&mut self) {
        for talk in &mut self.talks {
            talk.may_be_target = false;
        }
    }

    /// Whether a line is being typed.
    pub(super) fn set_typing(&mut self, is_typing: bool) {
        self.is_typing = is_typing;
    }

    /// Whether the person waits for a call or an answer.
    pub(super) fn set_waiting(&mut self, is_waiting: bool) {
        self.is_waiting = is_waiting;
    }

    /// Makes the only conversation the target where nobody can mistake it: its person is who they
    /// say, no line is being typed, and no other target went away a moment ago.
    pub(super) fn settle_target(&mut self, now: Millis) {
        let [only] = &self.talks[..] else { return };
        let is_resting = self.rests_until(only).is_some_and(|until| now < until);
        let may_be = only.may_be_target && only.trust.is_plain();
        if self.target.is_none() && may_be && !self.is_typing && !is_resting {
            self.aim(only.id);
        }
    }

    /// When [`Conversations::settle_target`] may come to another result by itself.
    pub(super) fn next_deadline(&self) -> Option<Millis> {
        let [only] = &self.talks[..] else { return None };
        let waits = self.target.is_none() && only.may_be_target && only.trust.is_plain();
        self.rests_until(only).filter(|_| waits && !self.is_typing)
    }

    /// Until when the target that went away keeps this one from becoming the target. The same
    /// person is the one that a half typed line was meant for.
    fn rests_until(&self, talk: &Talk) -> Option<Millis> {
        let lost = self.lost_target.as_ref()?;
        let is_same = lost.name == talk.name && lost.ip == talk.ip;
        (!is_same).then(|| lost.at + TARGET_REST_MS)
    }

    /// How a conversation is called on the screen.
    pub(super) fn who(&self, id: ConversationId) -> Option<Partner> {
        self.get(id).map(Talk::who)
    }

    /// All of them, for `/peers`; what waits to leave is for [`super::Chat`] to add.
    pub(super) fn rows(&self) -> Vec<ConversationRow> {
        let row = |talk: &Talk| ConversationRow {
            who: talk.who(),
            is_target: self.target == Some(talk.id),
            unread: talk.unread,
            waiting: 0,
        };
        self.talks.iter().map(row).collect()
    }

    /// All of them, by number.
    pub(super) fn ids(&self) -> Vec<ConversationId> {
        self.talks.iter().map(|talk| talk.id).collect()
    }

    /// Whether none is open.
    pub(super) fn is_empty(&self) -> bool {
        self.talks.is_empty()
    }

    fn get_mut(&mut self, id: ConversationId) -> Option<&mut Talk> {
        self.talks.iter_mut().find(|talk| talk.id == id)
    }
}

impl Talk {
    fn who(&self) -> Partner {
        Partner { id: self.id, label: self.label.clone(), trust: self.trust }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conn(slot: u32) -> ConnId {
        ConnId { slot, generation: 0 }
    }

    fn open(talks: &mut Conversations, name: &str, last_byte: u8, trust: Trust) -> ConversationId {
        let name = Name::parse(name.as_bytes()).expect("a name");
        let ip = IpAddr::from([10, 0, 0, last_byte]);
        let id = talks.open(&name, ip, trust, conn(u32::from(last_byte)));
        talks.offer(id);
        id
    }

    #[test]
    fn two_connections_between_two_people_are_one_conversation() {
        let mut talks = Conversations::default();
        let ana = open(&mut talks, "Ana", 1, Trust::Confirmed);
        assert_eq!(
            talks.with(&Name::parse(b"Ana").expect("a name"), [10, 0, 0, 1].into()),
            Some(ana)
        );
        talks.add_link(ana, conn(9));
        assert!(!talks.leave(Millis(0), ana, conn(1)));
        assert!(talks.leave(Millis(0), ana, conn(9)));
        assert!(talks.is_empty());
    }

    #[test]
    fn a_caller_becomes_the_target_only_where_nobody_was() {
        let mut talks = Conversations::default();
        let ana = open(&mut talks, "Ana", 1, Trust::Confirmed);
        talks.settle_target(Millis(0));
        assert_eq!(talks.target(), Some(ana));
        let bruno = open(&mut talks, "Bruno", 2, Trust::Confirmed);
        talks.settle_target(Millis(0));
        assert_eq!(talks.target(), Some(ana), "the target is not stolen");

        talks.leave(Millis(10), ana, conn(1));
        talks.settle_target(Millis(10_000));
        assert_eq!(talks.target(), None, "Bruno was not alone when he called");
        talks.remove(bruno);
        let camila = open(&mut talks, "Camila", 3, Trust::Confirmed);
        talks.settle_target(Millis(20));
        assert_eq!(talks.target(), None, "a line may be half typed");
        assert_eq!(talks.next_deadline(), Some(Millis(10 + TARGET_REST_MS)));
        talks.settle_target(Millis(10 + TARGET_REST_MS));
        assert_eq!(talks.target(), Some(camila));
    }

    #[test]
    fn nobody_becomes_the_target_under_a_line_or_without_being_confirmed() {
        let mut talks = Conversations::default();
        talks.set_typing(true);
        let ana = open(&mut talks, "Ana", 1, Trust::Unchecked);
        talks.settle_target(Millis(0));
        assert_eq!(talks.target(), None);
        talks.set_typing(false);
        talks.settle_target(Millis(0));
        assert_eq!(talks.target(), None);
        talks.judge(ana, Trust::Confirmed);
        talks.settle_target(Millis(0));
        assert_eq!(talks.target(), Some(ana));
    }

    #[test]
    fn the_same_person_is_the_target_again_at_once() {
        let mut talks = Conversations::default();
        let first = open(&mut talks, "Ana", 1, Trust::Confirmed);
        talks.settle_target(Millis(0));
        talks.lose(Millis(10), first);
        let second = open(&mut talks, "Ana", 1, Trust::Confirmed);
        talks.settle_target(Millis(20));
        assert_eq!(talks.target(), Some(second));
    }
}
