//! The other peers: calls, conversations, goodbyes.
//!
//! | file | what it knows |
//! | --- | --- |
//! | here | [`Chat`]: the person's side, and the deadlines |
//! | `arrivals` | the other side: calls, lines, ends of connections |
//! | `checks` | the names of callers, checked with the server |
//! | `saying` | the person's text, cut into lines that are no protocol |
//! | `fold` | notices that repeat: the first few are shown, the others are counted |
//! | `conversation`, `labels` | the open conversations, their target and their labels |
//! | `link`, `phase` | one connection, and its phases with their deadlines |
//! | `outgoing`, `delivery` | the texts of a connection, before and after they are sent |
//! | `standstill`, `unended` | output that does not move, and lines without an end |
//! | `place` | the addresses of one host |
//!
//! Must never know the connection to the server: [`super::Peer`] asks it for addresses. Read next:
//! `arrivals`.

mod arrivals;
mod checks;
mod conversation;
mod delivery;
mod fold;
mod labels;
mod link;
pub(super) mod outgoing;
mod phase;
mod place;
mod saying;
mod standstill;
mod unended;

pub(super) use checks::Checks;
pub use conversation::TARGET_REST_MS;
pub use delivery::{DOUBT_ELSEWHERE_MS, DOUBT_MS, OUTLIVED_MS};
pub use fold::{FOLD_MS, SILENT_CALLS_TOLD_MAX, TURNED_AWAY_TOLD_MAX};
pub use link::BACKLOG_MAX;
pub use outgoing::PIECE_BYTES_MAX;
pub use phase::{CHECK_HOLD_MS, EARLY_BYTES_MAX, LINGER_MAX_MS};
pub(crate) use saying::protocol_line;
pub use standstill::{STILL_MAX_MS, STILL_TOLD_MS};

use std::net::SocketAddr;

use conversation::Conversations;
use fold::Fold;
use link::Link;

use crate::conn_map::ConnMap;
use crate::machine::{Action, Actions, ConnId, DialId, Framing, GIVE_UP, Millis};
use crate::peer::notice::{ConversationId, ConversationRow, Ending, Notice, Partner, Trust};
use crate::wire::SPEECH_LIMIT;
use crate::wire::name::Name;
use crate::wire::reply::Edition;

/// Longest dial to another peer, in milliseconds.
pub(crate) const CALL_WITHIN_MS: u64 = 5_000;

/// Most connections with other peers at once.
pub const LINKS_MAX: usize = 1_024;

/// Most connections from one place ([`place::Place`]), so that one host cannot take all of
/// [`LINKS_MAX`]. A classroom behind one router has fewer.
pub const LINKS_PER_PLACE_MAX: usize = 256;

/// Most connections from one place that have sent no name for [`UNNAMED_PATIENCE_MS`]. A further
/// one closes the oldest.
pub const UNNAMED_MAX: usize = 16;

/// How long an unnamed caller cannot be closed for another, in milliseconds: an honest program
/// sends its name at once, and a whole class may call through one router.
pub const UNNAMED_PATIENCE_MS: u64 = 1_000;

/// Most connections from one place that have sent no name, however young they are.
pub const UNNAMED_YOUNG_MAX: usize = 128;

/// Longest excerpt of the first line of a caller that is turned away, in bytes.
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
    /// A command has failed.
    has_failed: bool,
    /// The other side has ended the last open conversation.
    is_left_alone: bool,
    /// Notices of callers that were turned away.
    turned_away: Fold,
    /// Notices of callers that sent a name and no text.
    silent_calls: Fold,
    /// The host's output is full: see [`Chat::hold_back`].
    output_full: bool,
    /// The connections that are not read because of that.
    paused: Vec<ConnId>,
}

/// A call that has not been answered.
#[derive(Debug)]
struct Call {
    dial: DialId,
    name: Name,
    to: SocketAddr,
    /// The text of `/msg`. `None`: the conversation becomes the target.
    text: Option<Vec<u8>>,
    /// `None`: it was given up, and the loop has not reported its end yet.
    give_up_at: Option<Millis>,
}

impl Chat {
    /// Calls are numbered from the one after `last_dial`.
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
            turned_away: Fold::new(TURNED_AWAY_TOLD_MAX),
            silent_calls: Fold::new(SILENT_CALLS_TOLD_MAX),
            output_full: false,
            paused: Vec::new(),
        }
    }

    /// Follows this edition from now on.
    pub(crate) fn follow(&mut self, edition: Edition) {
        self.edition = edition;
    }

    /// Whether a command has failed since this was called last.
    pub(crate) fn take_failure(&mut self) -> bool {
        std::mem::take(&mut self.has_failed)
    }

    /// Whether the other side has ended the last open conversation.
    pub(crate) fn is_left_alone(&self) -> bool {
        self.is_left_alone
    }

    /// The host's output is full, or has room again.
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

    /// While the output is full, pauses the partners: their texts wait in the kernel, and their
    /// writes stop. A caller is read until it has sent its name, which is one line.
    pub(crate) fn hold_back(&mut self, actions: &mut Actions<Notice>) {
        if !self.output_full {
            return;
        }
        for (conn, link) in self.links.iter_mut() {
            if link.name_by().is_none() && !self.paused.contains(&conn) {
                self.paused.push(conn);
                link.pause();
                actions.push(Action::Pause { conn });
            }
        }
    }

    /// Calls a person at the address that the server gave, or uses the open conversation with that
    /// person.
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
            self.continue_with(now, id, text, actions);
            return;
        }
        self.last_dial = DialId(self.last_dial.0.wrapping_add(1).max(1));
        let dial = self.last_dial;
        let give_up_at = Some(now + CALL_WITHIN_MS);
        self.calls.push(Call { dial, name, to, text, give_up_at });
        let framing = Framing::Lines(SPEECH_LIMIT);
        actions.push(Action::Dial { dial, to, framing, give_up: GIVE_UP });
    }

    fn continue_with(
        &mut self,
        now: Millis,
        id: ConversationId,
        text: Option<Vec<u8>>,
        actions: &mut Actions<Notice>,
    ) {
        if let Some(text) = text {
            self.message_to_name(now, id, &text, actions);
        } else {
            self.aim(id, actions);
        }
    }

    fn aim(&mut self, id: ConversationId, actions: &mut Actions<Notice>) {
        self.talks.aim(id);
        self.show_with(id, actions, |who| Notice::Target { who });
    }

    /// Whether a call is under way.
    pub(crate) fn is_calling(&self) -> bool {
        !self.calls.is_empty()
    }

    /// Whether a call to this person is under way.
    pub(crate) fn is_calling_to(&self, name: &Name) -> bool {
        self.calls.iter().any(|call| call.name == *name)
    }

    /// Makes the conversation with this label the target. False: there is none.
    pub(crate) fn switch_to(&mut self, label: &[u8], actions: &mut Actions<Notice>) -> bool {
        let Some(id) = self.talks.find(label) else { return false };
        self.aim(id, actions);
        true
    }

    /// Makes the conversation with the oldest unread text the target.
    pub(crate) fn switch_to_unread(&mut self, actions: &mut Actions<Notice>) {
        match self.talks.next_unread() {
            Some(id) => self.aim(id, actions),
            None => actions.show(Notice::NothingUnread),
        }
    }

    /// Sends a text to the person who wrote last, or to nobody if that conversation is over.
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

    /// Sends a text to the target.
    pub(crate) fn say(&mut self, now: Millis, text: &[u8], actions: &mut Actions<Notice>) {
        if let Some(id) = self.talks.target() {
            self.say_to(now, id, text, actions);
        } else {
            self.refuse_without_target(actions);
        }
    }

    fn refuse_without_target(&mut self, actions: &mut Actions<Notice>) {
        let is_empty = self.talks.is_empty();
        let notice = if is_empty { Notice::NoConversation } else { Notice::NoTarget };
        self.refuse(notice, actions);
    }

    /// Sends a text in the conversation with this label. False: there is none.
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

    /// Says goodbye in the conversation with this label, or to the target.
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
            (None, None) => self.refuse_without_target(actions),
        }
    }

    /// Says goodbye to everybody. The conversation with a caller whose name is being checked opens
    /// first, because that caller may have sent texts.
    pub(crate) fn leave(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        for conn in self.links.iter().map(|(conn, _)| conn).collect::<Vec<_>>() {
            self.open(now, conn, actions);
        }
        for id in self.talks.ids() {
            self.part(now, id, actions);
        }
        for call in self.calls.drain(..) {
            actions.push(Action::Abandon { dial: call.dial });
        }
        for (conn, link) in self.links.iter_mut().filter(|(_, link)| link.name_by().is_some()) {
            link.abort(conn, actions);
        }
    }

    /// Whether no connection is open.
    pub(crate) fn is_over(&self) -> bool {
        self.links.is_empty()
    }

    /// Reports the texts that are not delivered, because the program ends now.
    pub(crate) fn give_up(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        let all: Vec<_> = self.links.iter().map(|(conn, _)| conn).collect();
        for conn in all {
            let Some(link) = self.links.remove(conn) else { continue };
            let who = self.who_at(&link);
            self.has_failed |= report_delivery(now, &link, who, false, actions);
        }
    }

    /// Whether a text to the target or any goodbye has not left yet.
    pub(crate) fn is_busy(&self) -> bool {
        let target = self.talks.target().and_then(|id| self.talks.get(id));
        let target = target.and_then(|talk| self.links.get(talk.links[0]));
        target.is_some_and(Link::is_busy)
            || self.links.iter().any(|(_, link)| link.is_about_to_part())
    }

    /// Whether more than this many bytes wait for the pace on any connection.
    pub(crate) fn is_pacing(&self, bytes: usize) -> bool {
        self.links.iter().any(|(_, link)| link.is_pacing(bytes))
    }

    /// All open conversations, oldest first.
    pub(crate) fn rows(&self) -> Vec<ConversationRow> {
        let mut rows = self.talks.rows();
        for (row, id) in rows.iter_mut().zip(self.talks.ids()) {
            let links = self.talks.get(id).map_or(&[][..], |talk| &talk.links);
            row.waiting =
                links.iter().filter_map(|&conn| self.links.get(conn)).map(Link::waiting).sum();
        }
        rows
    }

    /// How often a label, the target or a mark has changed.
    pub(crate) fn changes(&self) -> u64 {
        self.talks.changes()
    }

    /// While a line is being typed, no conversation becomes the target unless it is chosen.
    pub(crate) fn set_typing(&mut self, is_typing: bool) {
        self.talks.set_typing(is_typing);
    }

    /// Whether the person waits for a call or for an answer of the server.
    pub(crate) fn set_waiting(&mut self, is_waiting: bool) {
        self.talks.set_waiting(is_waiting);
    }

    /// The person looks for somebody, so no caller becomes the target instead.
    pub(crate) fn withdraw_offers(&mut self) {
        self.talks.withdraw_offers();
    }

    /// Makes the only conversation the target, if that cannot be a mistake.
    pub(crate) fn settle_target(&mut self, now: Millis) {
        self.talks.settle_target(now);
    }

    /// Looks at the time. True: some text was sent.
    pub(crate) fn on_tick(&mut self, now: Millis, actions: &mut Actions<Notice>) -> bool {
        if let Some(count) = self.turned_away.on_tick(now) {
            actions.show(Notice::TurnedAway { count });
        }
        if let Some(count) = self.silent_calls.on_tick(now) {
            actions.show(Notice::SilentCalls { count });
        }
        let is_due = |at: Option<Millis>| at.is_some_and(|at| at <= now);
        let due = |(conn, link): (ConnId, &Link)| is_due(link.next_deadline()).then_some(conn);
        let mut sends = false;
        for conn in self.links.iter().filter_map(due).collect::<Vec<_>>() {
            self.open_late(now, conn, actions);
            self.report_standstill(now, conn, actions);
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

    fn report_standstill(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<Notice>) {
        let Some(link) = self.links.get_mut(conn) else { return };
        let (is_new, lines) = (link.standstill().take_note(now), link.waiting());
        let who = self.links.get(conn).and_then(|link| self.who_at(link));
        if let Some(who) = who.filter(|_| is_new && lines > 0) {
            actions.show(Notice::Standstill { who, lines });
        }
    }

    /// When to look at the time again. It scans all connections: a person has a few.
    pub(crate) fn next_deadline(&self) -> Option<Millis> {
        let links = self.links.iter().filter_map(|(_, link)| link.next_deadline());
        let calls = self.calls.iter().filter_map(|call| call.give_up_at);
        let folds = [&self.turned_away, &self.silent_calls].map(Fold::next_deadline);
        let others = [self.talks.next_deadline()].into_iter().chain(folds);
        links.chain(calls).chain(others.flatten()).min()
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

    /// The person at the other side of a connection.
    fn who_at(&self, link: &Link) -> Option<Partner> {
        link.talk().and_then(|id| self.talks.who(id)).or_else(|| link.parted_from())
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

/// Reports what became of the last texts on a connection that is gone. `broke`: there was a sign
/// that some are lost. True: some may be.
fn report_delivery(
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
