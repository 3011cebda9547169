//! Everything between this peer and other peers: calls, conversations, goodbyes.
//!
//! | file | what it knows |
//! | --- | --- |
//! | here | [`Chat`]: what the person wants, and what is due |
//! | `arrivals` | what the others do: they call, send text, say goodbye, disappear |
//! | `checks` | whether callers are who they say |
//! | `saying` | the person's text, as lines that are no protocol |
//! | `fold` | lines on the screen that repeat are counted |
//! | `conversation`, `labels` | the open conversations, the target, and how each is called |
//! | `link`, `call_state` | one connection, and its phases |
//! | `outgoing`, `unsent`, `unproven` | the texts of a connection: waiting, leaving, left |
//! | `standstill`, `goodbye`, `unended` | its output stands still, its end, a line without an end |
//! | `place` | which addresses are of one host |
//!
//! Must never know the server: an address comes from [`super::Peer`], which asked for it. Read
//! next: `arrivals`.

mod arrivals;
mod call_state;
mod checks;
mod conversation;
mod fold;
mod goodbye;
mod labels;
mod link;
pub(super) mod outgoing;
mod place;
mod saying;
mod standstill;
mod unended;
mod unproven;
mod unsent;

pub use call_state::{CHECK_HOLD_MS, EARLY_BYTES_MAX};
pub(super) use checks::Checks;
pub use conversation::TARGET_REST_MS;
pub use fold::{FOLD_MS, TURNED_AWAY_TOLD_MAX};
pub use goodbye::LINGER_MAX_MS;
pub use link::BACKLOG_MAX;
pub use outgoing::PIECE_BYTES_MAX;
pub(super) use saying::protocol_line;
pub use standstill::{STILL_MAX_MS, STILL_TOLD_MS};
pub use unproven::{DOUBT_ELSEWHERE_MS, DOUBT_MS, OUTLIVED_MS};

use std::net::SocketAddr;

use call_state::CallState;
use conversation::Conversations;
use fold::Fold;
use link::Link;

use crate::conn_map::ConnMap;
use crate::machine::{Action, Actions, ConnId, DialId, Framing, GIVE_UP, Millis};
use crate::peer::notice::{ConversationId, ConversationRow, Ending, Notice, Partner, Trust};
use crate::wire::SPEECH_LIMIT;
use crate::wire::name::Name;
use crate::wire::reply::Edition;

/// How long a call may take to be answered by the other side's system, in milliseconds.
pub(crate) const CALL_WITHIN_MS: u64 = 5_000;

/// Most connections with other peers at once.
pub const LINKS_MAX: usize = 1_024;

/// Most connections from one place ([`place::Place`]), so that no host has all of
/// [`LINKS_MAX`]. A classroom behind one router is below it.
pub const LINKS_PER_PLACE_MAX: usize = 256;

/// Most connections from one place that have said no name for [`UNNAMED_PATIENCE_MS`]. The oldest
/// makes room.
pub const UNNAMED_MAX: usize = 16;

/// How long a caller is left alone before it may have to make room, in milliseconds: an honest
/// program says its name at once, and a whole class may call through one router.
pub const UNNAMED_PATIENCE_MS: u64 = 1_000;

/// Most connections from one place that have said no name, however young they are.
pub const UNNAMED_YOUNG_MAX: usize = 128;

/// So much is shown of the first line of a caller that is turned away, in bytes.
pub const FIRST_LINE_BYTES_MAX: usize = 120;

/// All calls and conversations.
#[derive(Debug)]
pub(crate) struct Chat {
    edition: Edition,
    pace_ms: u64,
    checks: Checks,
    links: ConnMap<Link>,
    talks: Conversations,
    calls: Vec<Call>,
    last_dial: DialId,
    /// Something could not be done that was asked for.
    has_failed: bool,
    /// The other side has ended the last conversation that was open.
    is_left_alone: bool,
    turned_away: Fold,
    /// The host's output takes nothing more: see [`Chat::hold_back`].
    output_full: bool,
    /// Connections that are not read for that.
    paused: Vec<ConnId>,
}

/// Somebody is being called.
#[derive(Debug)]
struct Call {
    dial: DialId,
    name: Name,
    to: SocketAddr,
    /// The first text: that of `/msg`. Without it, the person wants to talk there now.
    text: Option<Vec<u8>>,
    /// `None`: given up already, its end is awaited.
    give_up_at: Option<Millis>,
}

impl Chat {
    /// Nobody yet. Dials are counted on from `last_dial`.
    pub(crate) fn new(edition: Edition, pace_ms: u64, checks: Checks, last_dial: DialId) -> Self {
        Self {
            edition,
            pace_ms,
            checks,
            links: ConnMap::default(),
            talks: Conversations::default(),
            calls: Vec::new(),
            last_dial,
            has_failed: false,
            is_left_alone: false,
            turned_away: Fold::default(),
            output_full: false,
            paused: Vec::new(),
        }
    }

    /// Follows this edition of the handout from now on.
    pub(crate) fn follow(&mut self, edition: Edition) {
        self.edition = edition;
    }

    /// Whether anything could not be done that was asked for since the last call of this.
    pub(crate) fn takes_failure(&mut self) -> bool {
        std::mem::take(&mut self.has_failed)
    }

    /// Whether the other side has ended the last conversation that was open.
    pub(crate) fn is_left_alone(&self) -> bool {
        self.is_left_alone
    }

    /// The host's output takes nothing more, or takes again.
    pub(crate) fn on_output_full(
        &mut self,
        now: Millis,
        full: bool,
        actions: &mut Actions<Notice>,
    ) {
        self.output_full = full;
        if full {
            return;
        }
        for conn in self.paused.drain(..) {
            if let Some(link) = self.links.get_mut(conn) {
                link.resume(now);
                actions.push(Action::Resume { conn });
            }
        }
    }

    /// While the output is full, has no partner's text read: it waits in the kernel, and the
    /// sender notices. A caller is read until it has said its name, which is one line.
    pub(crate) fn hold_back(&mut self, actions: &mut Actions<Notice>) {
        if !self.output_full {
            return;
        }
        for (conn, link) in self.links.iter_mut() {
            if *link.state() != CallState::Unnamed && !self.paused.contains(&conn) {
                self.paused.push(conn);
                link.pause();
                actions.push(Action::Pause { conn });
            }
        }
    }

    /// Calls somebody whom the server says to be there, or goes on where a conversation with that
    /// person is open.
    pub(crate) fn call(
        &mut self,
        now: Millis,
        name: Name,
        to: SocketAddr,
        text: Option<Vec<u8>>,
        actions: &mut Actions<Notice>,
    ) {
        if let Some(id) = self.talks.with(&name, to.ip()) {
            self.talks.judge(id, Trust::Confirmed);
            self.go_on_with(now, id, text, actions);
            return;
        }
        self.last_dial = DialId(self.last_dial.0.wrapping_add(1).max(1));
        let dial = self.last_dial;
        let give_up_at = Some(now + CALL_WITHIN_MS);
        self.calls.push(Call { dial, name, to, text, give_up_at });
        let framing = Framing::Lines(SPEECH_LIMIT);
        actions.push(Action::Dial { dial, to, framing, give_up: GIVE_UP });
    }

    fn go_on_with(
        &mut self,
        now: Millis,
        id: ConversationId,
        text: Option<Vec<u8>>,
        actions: &mut Actions<Notice>,
    ) {
        if let Some(text) = text {
            self.message(now, id, &text, actions);
        } else {
            self.talks.aim(id);
            self.show_with(id, actions, |who| Notice::Target { who });
        }
    }

    /// Whether somebody is being called.
    pub(crate) fn is_calling(&self) -> bool {
        !self.calls.is_empty()
    }

    /// Whether this person is being called.
    pub(crate) fn is_calling_to(&self, name: &Name) -> bool {
        self.calls.iter().any(|call| call.name == *name)
    }

    /// Makes an open conversation the target. False: there is none with that label.
    pub(crate) fn switch_to(&mut self, label: &[u8], actions: &mut Actions<Notice>) -> bool {
        let Some(id) = self.talks.find(label) else { return false };
        self.talks.aim(id);
        self.show_with(id, actions, |who| Notice::Target { who });
        true
    }

    /// Makes the conversation the target in which something unread has waited longest.
    pub(crate) fn switch_to_unread(&mut self, actions: &mut Actions<Notice>) {
        let Some(id) = self.talks.next_unread() else {
            actions.show(Notice::NothingUnread);
            return;
        };
        self.talks.aim(id);
        self.show_with(id, actions, |who| Notice::Target { who });
    }

    /// Says something to who wrote last, and to nobody else if that conversation is over.
    pub(crate) fn reply(&mut self, now: Millis, text: &[u8], actions: &mut Actions<Notice>) {
        let Some((id, label)) = self.talks.last_heard() else {
            self.refuse(Notice::NobodyWrote, actions);
            return;
        };
        if self.talks.get(id).is_none() {
            let name = label.as_bytes().to_vec();
            self.refuse(Notice::NotTalkingTo { name }, actions);
            return;
        }
        self.show_with(id, actions, |who| Notice::Replying { who });
        self.say_to(now, id, text, actions);
    }

    /// Says something in the target conversation.
    pub(crate) fn say(&mut self, now: Millis, text: &[u8], actions: &mut Actions<Notice>) {
        match self.talks.target() {
            Some(id) => {
                self.say_to(now, id, text, actions);
            }
            None if self.talks.is_empty() => self.refuse(Notice::NoConversation, actions),
            None => self.refuse(Notice::NoTarget, actions),
        }
    }

    /// Says something in an open conversation. False: there is none with that label.
    pub(crate) fn say_to_label(
        &mut self,
        now: Millis,
        label: &[u8],
        text: &[u8],
        actions: &mut Actions<Notice>,
    ) -> bool {
        let found = self.talks.find(label);
        if let Some(id) = found {
            self.message(now, id, text, actions);
        }
        found.is_some()
    }

    /// Says goodbye to one, or to the target.
    pub(crate) fn bye(&mut self, now: Millis, label: Option<&[u8]>, actions: &mut Actions<Notice>) {
        let found = match label {
            Some(label) => self.talks.find(label),
            None => self.talks.target(),
        };
        match (found, label) {
            (Some(id), _) => {
                self.show_with(id, actions, |who| Notice::Ended { who, how: Ending::ByUs });
                self.part(now, id, actions);
            }
            (None, Some(name)) => {
                self.refuse(Notice::NotTalkingTo { name: name.to_vec() }, actions);
            }
            (None, None) if self.talks.is_empty() => self.refuse(Notice::NoConversation, actions),
            (None, None) => self.refuse(Notice::NoTarget, actions),
        }
    }

    /// Says goodbye to everybody, for good. A caller whose name is being checked is somebody: they
    /// have seen that we answered the call, and may have written.
    pub(crate) fn leave(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        for conn in self.links.iter().map(|(conn, _)| conn).collect::<Vec<_>>() {
            self.open(now, conn, Trust::Unchecked, actions);
        }
        for id in self.talks.ids() {
            self.part(now, id, actions);
        }
        for call in self.calls.drain(..) {
            actions.push(Action::Abandon { dial: call.dial });
        }
        let unnamed = self.links.iter().filter(|(_, link)| *link.state() == CallState::Unnamed);
        for conn in unnamed.map(|(conn, _)| conn).collect::<Vec<_>>() {
            self.hang_up(conn, actions);
        }
    }

    /// Whether no connection is left.
    pub(crate) fn is_over(&self) -> bool {
        self.links.is_empty()
    }

    /// Tells of lines that will not be delivered, because the program ends now.
    pub(crate) fn give_up(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        let all: Vec<_> = self.links.iter().map(|(conn, _)| conn).collect();
        for conn in all {
            let Some(link) = self.links.remove(conn) else { continue };
            let who = self.who_at(&link);
            self.has_failed |= show_fate(now, &link, who, false, actions);
        }
    }

    /// Whether something that was typed is still on its way out: text to the target, or a
    /// goodbye to anybody.
    pub(crate) fn is_busy(&self) -> bool {
        let target = self.talks.target().and_then(|id| self.talks.get(id));
        let target = target.and_then(|talk| self.links.get(talk.links[0]));
        target.is_some_and(Link::is_busy)
            || self.links.iter().any(|(_, link)| link.is_about_to_part())
    }

    /// Whether more than this many bytes wait anywhere for nothing but the pace.
    pub(crate) fn is_pacing(&self, bytes: usize) -> bool {
        self.links.iter().any(|(_, link)| link.is_pacing(bytes))
    }

    /// For `/peers`.
    pub(crate) fn rows(&self) -> Vec<ConversationRow> {
        let mut rows = self.talks.rows();
        for (row, id) in rows.iter_mut().zip(self.talks.ids()) {
            let links = self.talks.get(id).map_or(&[][..], |talk| &talk.links);
            row.waiting =
                links.iter().filter_map(|&conn| self.links.get(conn)).map(Link::waiting).sum();
        }
        rows
    }

    /// How often anything of [`Chat::rows`] has changed.
    pub(crate) fn changes(&self) -> u64 {
        self.talks.changes()
    }

    /// Whether a line is being typed: then nobody becomes the target who was not chosen.
    pub(crate) fn set_typing(&mut self, is_typing: bool) {
        self.talks.set_typing(is_typing);
    }

    /// Whether the person waits for a call or an answer.
    pub(crate) fn set_waiting(&mut self, is_waiting: bool) {
        self.talks.set_waiting(is_waiting);
    }

    /// The person looks for somebody: no caller becomes the target instead.
    pub(crate) fn withdraw_offers(&mut self) {
        self.talks.withdraw_offers();
    }

    /// The only conversation becomes the target where nobody can mistake it.
    pub(crate) fn settle_target(&mut self, now: Millis) {
        self.talks.settle_target(now);
    }

    /// Looks at the time. True: some text was sent.
    pub(crate) fn on_tick(&mut self, now: Millis, actions: &mut Actions<Notice>) -> bool {
        if let Some(count) = self.turned_away.on_tick(now) {
            actions.show(Notice::TurnedAway { count });
        }
        let is_due = |at: Option<Millis>| at.is_some_and(|at| at <= now);
        let due = |(conn, link): (ConnId, &Link)| is_due(link.next_deadline()).then_some(conn);
        let mut sends = false;
        for conn in self.links.iter().filter_map(due).collect::<Vec<_>>() {
            if self.links.get(conn).is_some_and(|link| is_due(link.early.open_by())) {
                self.open(now, conn, Trust::Unchecked, actions);
            }
            self.tell_standstill(now, conn, actions);
            if let Some(link) = self.links.get_mut(conn) {
                sends |= link.on_tick(now, conn, self.edition, actions);
            }
        }
        for call in self.calls.iter_mut().filter(|call| is_due(call.give_up_at)) {
            call.give_up_at = None;
            actions.push(Action::Abandon { dial: call.dial });
        }
        sends
    }

    fn tell_standstill(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<Notice>) {
        let Some(link) = self.links.get_mut(conn) else { return };
        let (is_new, lines) = (link.standstill().take_note(now), link.waiting());
        let who = self.links.get(conn).and_then(|link| self.who_at(link));
        if let Some(who) = who.filter(|_| is_new && lines > 0) {
            actions.show(Notice::Standstill { who, lines });
        }
    }

    /// When to look at the time again. A scan: a person has a few conversations, not thousands.
    pub(crate) fn next_deadline(&self) -> Option<Millis> {
        let links = self.links.iter().filter_map(|(_, link)| link.next_deadline());
        let calls = self.calls.iter().filter_map(|call| call.give_up_at);
        let others = [self.talks.next_deadline(), self.turned_away.next_deadline()];
        links.chain(calls).chain(others.into_iter().flatten()).min()
    }

    fn refuse(&mut self, notice: Notice, actions: &mut Actions<Notice>) {
        self.has_failed = true;
        actions.show(notice);
    }

    fn part(&mut self, now: Millis, id: ConversationId, actions: &mut Actions<Notice>) {
        let Some(who) = self.talks.who(id) else { return };
        let talk = self.talks.remove(id);
        for conn in talk.map(|talk| talk.links).unwrap_or_default() {
            if let Some(link) = self.links.get_mut(conn) {
                link.part(now, conn, who.clone(), self.edition, actions);
            }
        }
    }

    /// With whom a connection is, or was.
    fn who_at(&self, link: &Link) -> Option<Partner> {
        match link.state() {
            CallState::Talking(id) => self.talks.who(*id),
            CallState::Unnamed
            | CallState::Introduced(_)
            | CallState::Parting(_)
            | CallState::Parted(_) => link.parted_from(),
        }
    }

    fn show_with(
        &self,
        id: ConversationId,
        actions: &mut Actions<Notice>,
        notice: impl FnOnce(Partner) -> Notice,
    ) {
        if let Some(who) = self.talks.who(id) {
            actions.show(notice(who));
        }
    }
}

/// Tells what became of the last lines on a connection that is gone. `broke`: there was a sign
/// that some are lost. Says whether some are, or may be.
fn show_fate(
    now: Millis,
    link: &Link,
    who: Option<Partner>,
    broke: bool,
    actions: &mut Actions<Notice>,
) -> bool {
    let lines = link.undelivered(now, broke);
    match who {
        Some(who) if lines > 0 => actions.show(Notice::Undelivered { who, lines }),
        Some(who) if link.awaits_answer() => actions.show(Notice::GoodbyeTaken { who }),
        _ => {}
    }
    lines > 0
}
