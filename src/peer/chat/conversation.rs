//! The open conversations, and the *target*: the one that receives the person's text.
//!
//! A conversation is between two people and may have several connections: when both call at once,
//! or when another program answers over a connection of its own. It keeps its number and its label
//! for life (R9). Must never know a text. Read next: [`super::labels`].

use std::net::IpAddr;

use super::labels::Labels;
use crate::machine::{ConnId, Millis};
use crate::peer::notice::{ConversationId, ConversationRow, Partner, Trust};
use crate::wire::name::Name;

/// How long after the target has left no other caller becomes the target, in milliseconds: a
/// half-typed line may be for the one who has left.
pub const TARGET_REST_MS: u64 = 3_000;

/// One conversation.
#[derive(Debug)]
pub(super) struct Talk {
    /// Its number.
    pub(super) id: ConversationId,
    pub(super) name: Name,
    /// A person with the same name at another address is another person.
    pub(super) ip: IpAddr,
    /// Whether the server confirms the name.
    pub(super) trust: Trust,
    /// The server is to be asked about the name.
    pub(super) wants_check: bool,
    /// The other side called, and has sent no text.
    pub(super) is_silent_call: bool,
    /// Texts that came while it was not the target.
    pub(super) unread: usize,
    /// Its connections, oldest first. Never empty.
    pub(super) links: Vec<ConnId>,
    /// Fixed when it opens.
    label: String,
    /// The number of the first unread text among all that came.
    unread_since: u64,
    /// It may become the target without being chosen: it began with a call from the other side
    /// while no other was open.
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
    /// A line is being typed: no conversation becomes the target unless it is chosen.
    is_typing: bool,
    /// The person waits for a call or an answer: text that is typed now is not for callers.
    is_waiting: bool,
    /// The conversation of the last text, and its label. It may be over.
    last_heard: Option<(ConversationId, String)>,
    /// Counts the texts that came.
    heard: u64,
    /// Counts the changes of labels, marks and the target.
    changes: u64,
}

/// A target whose other side has left.
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
            is_silent_call: false,
            unread: 0,
            links: vec![conn],
            label: self.labels.give(id, name, ip, trust),
            unread_since: 0,
            may_be_target: false,
        };
        self.talks.push(talk);
        id
    }

    /// Removes a connection. True: it was the last one, and the conversation is over.
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

    /// Ends a conversation.
    pub(super) fn remove(&mut self, id: ConversationId) -> Option<Talk> {
        let place = self.talks.iter().position(|talk| talk.id == id)?;
        if self.target == Some(id) {
            self.target = None;
        }
        self.changes += 1;
        Some(self.talks.remove(place))
    }

    pub(super) fn get(&self, id: ConversationId) -> Option<&Talk> {
        self.talks.iter().find(|talk| talk.id == id)
    }

    /// All of them, oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Talk> {
        self.talks.iter()
    }

    /// Stores the server's answer about the name.
    pub(super) fn judge(&mut self, id: ConversationId, trust: Trust) {
        if let Some(talk) = self.get_mut(id) {
            talk.wants_check = false;
            let before = std::mem::replace(&mut talk.trust, trust);
            self.changes += u64::from(before != trust);
        }
    }

    /// Stores whether the server is to be asked about the name.
    pub(super) fn want_check(&mut self, id: ConversationId, wants: bool) {
        if let Some(talk) = self.get_mut(id) {
            talk.wants_check = wants;
        }
    }

    /// A text came.
    pub(super) fn hear(&mut self, id: ConversationId) {
        self.heard += 1;
        let (heard, is_target) = (self.heard, self.target == Some(id));
        let Some(talk) = self.get_mut(id) else { return };
        talk.is_silent_call = false;
        if !is_target {
            talk.unread_since = if talk.unread == 0 { heard } else { talk.unread_since };
            talk.unread += 1;
        }
        let label = talk.label.clone();
        self.last_heard = Some((id, label));
    }

    /// The conversation of the last text, and its label. It may be over.
    pub(super) fn last_heard(&self) -> Option<(ConversationId, &str)> {
        self.last_heard.as_ref().map(|(id, label)| (*id, &label[..]))
    }

    /// The conversation with the oldest unread text.
    pub(super) fn next_unread(&self) -> Option<ConversationId> {
        let unread = self.talks.iter().filter(|talk| talk.unread > 0);
        unread.min_by_key(|talk| talk.unread_since).map(|talk| talk.id)
    }

    /// How often a label, a mark or the target has changed.
    pub(super) fn changes(&self) -> u64 {
        self.changes
    }

    /// The conversation with exactly this label.
    pub(super) fn find(&self, label: &[u8]) -> Option<ConversationId> {
        let label = label.trim_ascii();
        self.talks.iter().find(|talk| talk.label.as_bytes() == label).map(|talk| talk.id)
    }

    /// Whether the name of this conversation belonged to another machine before.
    pub(super) fn is_namesake(&self, id: ConversationId) -> bool {
        self.get(id).is_some_and(|talk| self.labels.are_of_another(&talk.name, talk.ip))
    }

    /// The conversation that receives the person's text.
    pub(super) fn target(&self) -> Option<ConversationId> {
        self.target
    }

    /// The person chooses the target.
    pub(super) fn aim(&mut self, id: ConversationId) {
        self.withdraw_offers();
        self.changes += u64::from(self.target != Some(id));
        self.target = Some(id);
        self.lost_target = None;
        if let Some(talk) = self.get_mut(id) {
            talk.unread = 0;
        }
    }

    /// A caller began this one. If no other is open, it may become the target without being chosen.
    pub(super) fn offer(&mut self, id: ConversationId) {
        let is_alone = self.talks.len() == 1 && !self.is_waiting;
        if let Some(talk) = self.get_mut(id) {
            talk.may_be_target = is_alone;
            talk.is_silent_call = true;
        }
    }

    /// The person looks for somebody, and text that is typed from now on is for that one.
    pub(super) fn withdraw_offers(&mut self) {
        for talk in &mut self.talks {
            talk.may_be_target = false;
        }
    }

    pub(super) fn set_typing(&mut self, is_typing: bool) {
        self.is_typing = is_typing;
    }

    pub(super) fn set_waiting(&mut self, is_waiting: bool) {
        self.is_waiting = is_waiting;
    }

    /// Makes the only conversation the target, if that cannot be a mistake: its name is plain, no
    /// line is being typed, and no other target has left a moment ago.
    pub(super) fn settle_target(&mut self, now: Millis) {
        let [only] = &self.talks[..] else { return };
        let is_resting = self.rests_until(only).is_some_and(|until| now < until);
        let may_be = only.may_be_target && only.trust.is_plain();
        if self.target.is_none() && may_be && !self.is_typing && !is_resting {
            self.aim(only.id);
        }
    }

    /// When [`Conversations::settle_target`] can have another result because of the time.
    pub(super) fn next_deadline(&self) -> Option<Millis> {
        let [only] = &self.talks[..] else { return None };
        let waits = self.target.is_none() && only.may_be_target && only.trust.is_plain();
        self.rests_until(only).filter(|_| waits && !self.is_typing)
    }

    /// Until when this one does not become the target, because another target has left and a
    /// half-typed line may be for that one. `None`: it may at once.
    fn rests_until(&self, talk: &Talk) -> Option<Millis> {
        let lost = self.lost_target.as_ref()?;
        let is_same = lost.name == talk.name && lost.ip == talk.ip;
        (!is_same).then(|| lost.at + TARGET_REST_MS)
    }

    /// The other side of a conversation, for notices.
    pub(super) fn who(&self, id: ConversationId) -> Option<Partner> {
        self.get(id).map(Talk::who)
    }

    /// All of them, for `/peers`. [`super::Chat`] adds the texts that wait.
    pub(super) fn rows(&self) -> Vec<ConversationRow> {
        let row = |talk: &Talk| ConversationRow {
            who: talk.who(),
            is_target: self.target == Some(talk.id),
            unread: talk.unread,
            waiting: 0,
        };
        self.talks.iter().map(row).collect()
    }

    /// The numbers of all, oldest first.
    pub(super) fn ids(&self) -> Vec<ConversationId> {
        self.talks.iter().map(|talk| talk.id).collect()
    }

    /// Whether no conversation is open.
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
    fn a_caller_becomes_the_target_only_if_no_other_is_open() {
        let mut talks = Conversations::default();
        let ana = open(&mut talks, "Ana", 1, Trust::Confirmed);
        talks.settle_target(Millis(0));
        assert_eq!(talks.target(), Some(ana));
        let bruno = open(&mut talks, "Bruno", 2, Trust::Confirmed);
        talks.settle_target(Millis(0));
        assert_eq!(talks.target(), Some(ana), "there is a target");

        talks.leave(Millis(10), ana, conn(1));
        talks.settle_target(Millis(10_000));
        assert_eq!(talks.target(), None, "Bruno was not alone when he called");
        talks.remove(bruno);
        let camila = open(&mut talks, "Camila", 3, Trust::Confirmed);
        talks.settle_target(Millis(20));
        assert_eq!(talks.target(), None, "a half-typed line may be for Ana");
        assert_eq!(talks.next_deadline(), Some(Millis(10 + TARGET_REST_MS)));
        talks.settle_target(Millis(10 + TARGET_REST_MS));
        assert_eq!(talks.target(), Some(camila));
    }

    #[test]
    fn a_caller_becomes_no_target_while_a_line_is_typed_or_before_it_is_confirmed() {
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
