//! Events of other peers: calls, answers, lines, ends of connections.
//!
//! A part of [`Chat`]. Must never know what the person typed. Read next: [`super::link`].

use std::io::ErrorKind;
use std::net::SocketAddr;

use super::link::{Link, NAME_WITHIN_MS};
use super::phase::Phase;
use super::place::Place;
use super::{
    Call, Chat, FIRST_LINE_BYTES_MAX, LINKS_MAX, LINKS_PER_PLACE_MAX, UNNAMED_MAX,
    UNNAMED_PATIENCE_MS, UNNAMED_YOUNG_MAX, report_delivery, unended,
};
use crate::machine::{Action, Actions, CloseReason, ConnId, DialId, LineEnd, Millis};
use crate::peer::notice::{BadFirstLine, ConversationId, Ending, Notice, Trust};
use crate::wire::name::Name;
use crate::wire::speech::{self, Speech};

impl Chat {
    /// Somebody called. The first line will have the name.
    pub(crate) fn on_accepted(
        &mut self,
        now: Millis,
        conn: ConnId,
        from: SocketAddr,
        actions: &mut Actions<Notice>,
    ) {
        let place = Place::of(from.ip());
        let is_from_there = |(_, link): &(ConnId, &Link)| Place::of(link.other.ip()) == place;
        let from_there = self.links.iter().filter(is_from_there).count();
        if self.links.len() >= LINKS_MAX || from_there >= LINKS_PER_PLACE_MAX {
            actions.push(Action::Abort { conn });
            return;
        }
        if let Some(oldest) = self.unnamed_to_close(now, place) {
            self.hang_up(oldest, actions);
        }
        self.links.insert(conn, Link::accepted(now, from, self.pace_ms));
    }

    /// The oldest unnamed caller from this place, if there are too many.
    fn unnamed_to_close(&self, now: Millis, from: Place) -> Option<ConnId> {
        let from_there = |(conn, link): (ConnId, &Link)| {
            let same = Place::of(link.other.ip()) == from;
            link.name_by().filter(|_| same).map(|name_by| (name_by, conn))
        };
        let unnamed: Vec<_> = self.links.iter().filter_map(from_there).collect();
        let (name_by, oldest) = *unnamed.iter().min()?;
        let had_time = now + (NAME_WITHIN_MS - UNNAMED_PATIENCE_MS) >= name_by;
        let most = if had_time { UNNAMED_MAX } else { UNNAMED_YOUNG_MAX };
        (unnamed.len() >= most).then_some(oldest)
    }

    /// A call was answered, or failed.
    pub(crate) fn on_dialed(
        &mut self,
        now: Millis,
        me: Option<&Name>,
        dial: DialId,
        result: Result<ConnId, ErrorKind>,
        actions: &mut Actions<Notice>,
    ) {
        let call = self.calls.iter().position(|call| call.dial == dial);
        let call = call.map(|place| self.calls.remove(place));
        match (call, me, result) {
            (Some(call), Some(me), Ok(conn)) => self.on_answered(now, me, call, conn, actions),
            (Some(call), _, Err(error)) => {
                self.refuse(Notice::Unreachable { name: call.name, error }, actions);
            }
            (_, _, Ok(conn)) => actions.push(Action::Abort { conn }),
            (None, _, Err(_)) => {}
        }
    }

    /// A line came.
    pub(crate) fn on_line(
        &mut self,
        now: Millis,
        me: Option<&Name>,
        conn: ConnId,
        line: &[u8],
        end: LineEnd,
        actions: &mut Actions<Notice>,
    ) {
        let Some(link) = self.links.get_mut(conn).filter(|link| !link.is_aborted()) else { return };
        let cuts = link.on_line(end);
        let lines = unended::cut_at(line, &cuts);
        for (place, line) in lines.iter().enumerate() {
            let is_cut = end == LineEnd::Cut && place + 1 == lines.len();
            self.on_whole_line(now, me, conn, line, is_cut, actions);
        }
    }

    fn on_whole_line(
        &mut self,
        now: Millis,
        me: Option<&Name>,
        conn: ConnId,
        line: &[u8],
        cut: bool,
        actions: &mut Actions<Notice>,
    ) {
        let Some(link) = self.links.get_mut(conn) else { return };
        let is_goodbye = Speech::parse(line) == Speech::Disc;
        if let Some(caller) = link.introduced_mut() {
            let is_held = !is_goodbye && caller.hold(line, cut);
            if is_held && caller.trust.is_none() {
                return;
            }
            if !(is_goodbye && self.folds_silent(now, conn)) {
                self.open(now, conn, actions);
            }
            if is_held {
                return;
            }
        }
        let Some(link) = self.links.get_mut(conn) else { return };
        match link.phase() {
            Phase::Unnamed { .. } => self.on_first_line(now, me, conn, line, actions),
            &Phase::Talking(id) => {
                self.on_heard(now, id, conn);
                if is_goodbye {
                    self.on_goodbye(now, id, conn, actions);
                } else {
                    self.on_text(id, line, cut, actions);
                }
            }
            Phase::Parting { who, .. } if is_goodbye => {
                let who = who.clone();
                show_answered(link, actions);
                link.stream_ended(now, conn, Some(who), actions);
            }
            Phase::Parting { who, .. } => {
                actions.show(Notice::Text { from: who.clone(), text: line.to_vec(), cut });
            }
            // A silent call that is only counted.
            Phase::Introduced(_) => link.goodbye_heard(now, conn, None, actions),
            Phase::Parted { .. } => {}
        }
    }

    pub(super) fn on_text(
        &mut self,
        id: ConversationId,
        text: &[u8],
        cut: bool,
        actions: &mut Actions<Notice>,
    ) {
        self.talks.hear(id);
        self.show_with(id, actions, |from| Notice::Text { from, text: text.to_vec(), cut });
    }

    /// A line on `from` proves that earlier texts have arrived: there and, after a longer time, on
    /// the other connections of the conversation.
    pub(super) fn on_heard(&mut self, now: Millis, id: ConversationId, from: ConnId) {
        for &conn in self.talks.get(id).map_or(&[][..], |talk| &talk.links) {
            match self.links.get_mut(conn) {
                Some(link) if conn == from => link.on_heard(now),
                Some(link) => link.on_heard_elsewhere(now),
                None => {}
            }
        }
    }

    /// Bytes came that are no line yet: the unfinished line is now this long.
    pub(crate) fn on_pending(&mut self, now: Millis, conn: ConnId, length: usize) {
        if let Some(link) = self.links.get_mut(conn) {
            link.on_pending(now, length);
        }
    }

    /// The other side sends nothing more.
    pub(crate) fn on_end_of_stream(
        &mut self,
        now: Millis,
        conn: ConnId,
        actions: &mut Actions<Notice>,
    ) {
        if !self.folds_silent(now, conn) {
            self.open(now, conn, actions);
        }
        let Some(link) = self.links.get_mut(conn) else { return };
        show_answered(link, actions);
        let talk = link.talk();
        let who = talk.and_then(|id| self.talks.who(id)).or_else(|| link.parted_from());
        link.stream_ended(now, conn, who, actions);
        if let Some(id) = talk {
            self.leave_talk(now, id, conn, Ending::ByThem, actions);
        }
    }

    /// The event loop reports how much the kernel has not taken. True: it took some.
    pub(crate) fn on_backlog(&mut self, now: Millis, conn: ConnId, bytes: usize) -> bool {
        self.links.get_mut(conn).is_some_and(|link| link.on_backlog(now, bytes))
    }

    /// A connection is gone.
    pub(crate) fn on_closed(
        &mut self,
        now: Millis,
        conn: ConnId,
        reason: CloseReason,
        actions: &mut Actions<Notice>,
    ) {
        if !self.folds_silent(now, conn) {
            self.open(now, conn, actions);
        }
        let Some(mut link) = self.links.remove(conn) else { return };
        let reason = if link.standstill().is_over(now) {
            CloseReason::Failed(ErrorKind::TimedOut)
        } else {
            reason
        };
        let who = self.who_at(&link);
        if let Some(id) = link.talk() {
            self.leave_talk(now, id, conn, ending(reason), actions);
        }
        self.has_failed |= report_delivery(now, &link, who, reason != CloseReason::Asked, actions);
    }

    fn on_answered(
        &mut self,
        now: Millis,
        me: &Name,
        call: Call,
        conn: ConnId,
        actions: &mut Actions<Notice>,
    ) {
        let ip = call.to.ip();
        let known = self.talks.with(&call.name, ip);
        // The server gave this address.
        let trust = Trust::Confirmed;
        let id = known.unwrap_or_else(|| self.talks.open(&call.name, ip, trust, conn));
        let mut link = Link::called(call.to, id, self.pace_ms);
        link.send_name(now, conn, me, actions);
        self.links.insert(conn, link);
        if known.is_some() {
            self.talks.add_link(id, conn);
            self.talks.judge(id, trust);
        } else {
            self.show_with(id, actions, |who| Notice::Connected { who });
        }
        self.join_introduced(now, &call.name, ip, actions);
        match call.text {
            Some(text) => self.message_to_name(now, id, &text, actions),
            None => self.talks.aim(id),
        }
    }

    fn on_first_line(
        &mut self,
        now: Millis,
        me: Option<&Name>,
        conn: ConnId,
        line: &[u8],
        actions: &mut Actions<Notice>,
    ) {
        match caller_name(me, line) {
            Ok(name) => self.on_introduced(now, conn, name, actions),
            Err(why) => self.turn_away(now, conn, why, line, actions),
        }
    }

    /// Closes a caller whose first line has no good name.
    fn turn_away(
        &mut self,
        now: Millis,
        conn: ConnId,
        why: BadFirstLine,
        line: &[u8],
        actions: &mut Actions<Notice>,
    ) {
        if let Some(link) = self.links.get(conn).filter(|_| self.turned_away.count(now)) {
            let said = line[..line.len().min(FIRST_LINE_BYTES_MAX)].to_vec();
            actions.show(Notice::BadCaller { from: link.other, why, said });
        }
        self.hang_up(conn, actions);
    }

    fn hang_up(&mut self, conn: ConnId, actions: &mut Actions<Notice>) {
        if let Some(link) = self.links.get_mut(conn) {
            link.abort(conn, actions);
        }
    }

    /// They said goodbye on one connection, which ends the conversation on all of its connections.
    fn on_goodbye(
        &mut self,
        now: Millis,
        id: ConversationId,
        conn: ConnId,
        actions: &mut Actions<Notice>,
    ) {
        let who = self.talks.who(id);
        self.note_silent_end(now, id);
        self.show_with(id, actions, |who| Notice::Ended { who, how: Ending::ByThem });
        let talk = self.talks.lose(now, id);
        self.is_left_alone |= self.talks.is_empty();
        for link_conn in talk.map(|talk| talk.links).unwrap_or_default() {
            match (self.links.get_mut(link_conn), &who) {
                (Some(link), who) if link_conn == conn => {
                    link.goodbye_heard(now, conn, who.clone(), actions);
                }
                (Some(link), Some(who)) => {
                    link.part(now, link_conn, who.clone(), self.edition, actions);
                }
                _ => {}
            }
        }
    }

    fn leave_talk(
        &mut self,
        now: Millis,
        id: ConversationId,
        conn: ConnId,
        how: Ending,
        actions: &mut Actions<Notice>,
    ) {
        let who = self.talks.who(id);
        if self.talks.get(id).is_some_and(|talk| talk.links == [conn]) {
            self.note_silent_end(now, id);
        }
        let is_over = self.talks.leave(now, id, conn);
        if let (Some(who), true) = (who, is_over) {
            self.has_failed |= how != Ending::ByThem;
            self.is_left_alone |= self.talks.is_empty();
            actions.show(Notice::Ended { who, how });
        }
    }

    /// A conversation is about to end, and its notices are shown. If no text came from the caller,
    /// it counts as a silent call.
    fn note_silent_end(&mut self, now: Millis, id: ConversationId) {
        let is_silent = self.talks.get(id).is_some_and(|talk| talk.is_silent_call);
        if is_silent && !self.silent_calls.is_full() {
            self.silent_calls.count(now);
        }
    }
}

fn show_answered(link: &Link, actions: &mut Actions<Notice>) {
    if let Some(who) = link.parted_from().filter(|_| link.awaits_answer()) {
        actions.show(Notice::GoodbyeAnswered { who });
    }
}

/// The name in the first line of a caller, or the fault in that line.
fn caller_name(me: Option<&Name>, line: &[u8]) -> Result<Name, BadFirstLine> {
    let Speech::User(name) = Speech::parse(line) else {
        let is_http = speech::is_http(line);
        return Err(if is_http { BadFirstLine::Http } else { BadFirstLine::NotUser });
    };
    let name = speech::caller_name(name).map_err(BadFirstLine::NotAName)?;
    if Some(&name) == me { Err(BadFirstLine::OurName) } else { Ok(name) }
}

fn ending(reason: CloseReason) -> Ending {
    match reason {
        CloseReason::Asked => Ending::ByThem,
        CloseReason::Failed(kind) => Ending::Lost(kind),
        CloseReason::LineTooLong | CloseReason::SlowReader => Ending::Misbehaved,
    }
}
