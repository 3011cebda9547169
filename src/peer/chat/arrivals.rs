//! What other peers do: they call, say their name, speak, say goodbye, vanish.
//!
//! The other half of [`Chat`]: the first is what the person wants. Read next: [`crate::terminal`],
//! which shows it.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};

use super::{
    Call, Chat, FIRST_LINE_BYTES_MAX, LINKS_MAX, UNNAMED_MAX, UNNAMED_PATIENCE_MS,
    UNNAMED_YOUNG_MAX, show_fate,
};
use crate::machine::{Action, Actions, CloseReason, ConnId, DialId, LineEnd, Millis};
use crate::peer::conversation::TalkId;
use crate::peer::link::{Link, NAME_WITHIN_MS, Phase};
use crate::peer::lookup::{Answer, Question};
use crate::peer::notice::{BadFirstLine, Ending, Notice};
use crate::peer::unended;
use crate::wire::name::Name;
use crate::wire::speech::{self, Speech};

impl Chat {
    /// Somebody connected. Who it is, the first line will say.
    pub fn on_accepted(
        &mut self,
        now: Millis,
        conn: ConnId,
        from: SocketAddr,
        actions: &mut Actions<Notice>,
    ) {
        if self.links.len() >= LINKS_MAX {
            actions.push(Action::Abort { conn });
            return;
        }
        if let Some(oldest) = self.makes_room(now, from.ip()) {
            self.hang_up(oldest, actions);
        }
        self.links.insert(conn, Link::accepted(now, from, self.pace_ms));
    }

    /// Of too many callers from one address that have said no name, the one that has had the
    /// longest time for it.
    fn makes_room(&self, now: Millis, from: IpAddr) -> Option<ConnId> {
        let from_there = |(conn, link): (ConnId, &Link)| {
            let same = link.other.ip() == from;
            link.name_by().filter(|_| same).map(|name_by| (name_by, conn))
        };
        let unnamed: Vec<_> = self.links.iter().filter_map(from_there).collect();
        let (name_by, oldest) = *unnamed.iter().min()?;
        let had_time = now + (NAME_WITHIN_MS - UNNAMED_PATIENCE_MS) >= name_by;
        let most = if had_time { UNNAMED_MAX } else { UNNAMED_YOUNG_MAX };
        (unnamed.len() >= most).then_some(oldest)
    }

    /// A call was answered, or was not.
    pub fn on_dialed(
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

    /// A line came. Some: its caller's name is to be checked.
    pub fn on_line(
        &mut self,
        now: Millis,
        me: Option<&Name>,
        conn: ConnId,
        line: &[u8],
        end: LineEnd,
        actions: &mut Actions<Notice>,
    ) -> Option<Question> {
        let cuts = self.links.get_mut(conn)?.on_line(end);
        let mut check = None;
        let lines = unended::cut_at(line, &cuts);
        for (place, line) in lines.iter().enumerate() {
            let is_cut = end == LineEnd::Cut && place + 1 == lines.len();
            check = self.on_whole_line(now, me, conn, line, is_cut, actions).or(check);
        }
        check
    }

    fn on_whole_line(
        &mut self,
        now: Millis,
        me: Option<&Name>,
        conn: ConnId,
        line: &[u8],
        cut: bool,
        actions: &mut Actions<Notice>,
    ) -> Option<Question> {
        if let Phase::Talking(id) = *self.links.get(conn)?.phase() {
            self.on_heard(now, id);
        }
        match (self.links.get(conn)?.phase().clone(), Speech::parse(line)) {
            (Phase::Unnamed, _) => return self.on_first_line(now, me, conn, line, actions),
            (Phase::Talking(id), Speech::Disc) => self.on_goodbye(now, id, conn, actions),
            (Phase::Talking(id), Speech::User(_) | Speech::Text(_)) => {
                self.talks.hear(id);
                self.show_with(id, actions, |from| Notice::Text { from, text: line.to_vec(), cut });
            }
            (Phase::Parting(who), Speech::Disc) => {
                self.show_answered(conn, actions);
                self.links.get_mut(conn)?.stream_ended(now, conn, Some(who), actions);
            }
            (Phase::Parting(from), Speech::User(_) | Speech::Text(_)) => {
                actions.show(Notice::Text { from, text: line.to_vec(), cut });
            }
            (Phase::Parted(_), _) => {}
        }
        None
    }

    /// A partner that says something has heard us, on all connections of the conversation.
    fn on_heard(&mut self, now: Millis, id: TalkId) {
        for &conn in self.talks.get(id).map_or(&[][..], |talk| &talk.links) {
            if let Some(link) = self.links.get_mut(conn) {
                link.on_heard(now);
            }
        }
    }

    /// Bytes came that are no line yet: the unfinished line is now this long.
    pub fn on_pending(&mut self, now: Millis, conn: ConnId, length: usize) {
        if let Some(link) = self.links.get_mut(conn) {
            link.on_pending(now, length);
        }
    }

    /// The other side will say nothing more.
    pub fn on_end_of_stream(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<Notice>) {
        self.show_answered(conn, actions);
        let Some(link) = self.links.get_mut(conn) else { return };
        let talk = match link.phase() {
            Phase::Talking(id) => Some(*id),
            Phase::Unnamed | Phase::Parting(_) | Phase::Parted(_) => None,
        };
        let who = talk.and_then(|id| self.talks.who(id)).or_else(|| link.parted_from());
        link.stream_ended(now, conn, who, actions);
        if let Some(id) = talk {
            self.leave_talk(now, id, conn, Ending::ByThem, actions);
        }
    }

    /// The driver tells what the kernel has not taken. True: it took some.
    pub fn on_backlog(&mut self, now: Millis, conn: ConnId, bytes: usize) -> bool {
        self.links.get_mut(conn).is_some_and(|link| link.on_backlog(now, bytes))
    }

    /// A connection is gone.
    pub fn on_closed(
        &mut self,
        now: Millis,
        conn: ConnId,
        reason: CloseReason,
        actions: &mut Actions<Notice>,
    ) {
        let Some(mut link) = self.links.remove(conn) else { return };
        let reason = if link.standstill().is_over(now) {
            CloseReason::Failed(ErrorKind::TimedOut)
        } else {
            reason
        };
        let who = self.who_at(&link);
        if let Phase::Talking(id) = *link.phase() {
            self.leave_talk(now, id, conn, ending(reason), actions);
        }
        self.has_failed |= show_fate(now, &link, who, reason != CloseReason::Asked, actions);
    }

    /// The server has said where the person is whose name this caller gave.
    pub fn on_checked(&mut self, conn: ConnId, answer: &Answer, actions: &mut Actions<Notice>) {
        let Some(link) = self.links.get(conn) else { return };
        let Phase::Talking(id) = *link.phase() else { return };
        let from = link.other.ip();
        let is_confirmed = match answer {
            Answer::At(address) => address.ip() == from,
            Answer::NotOnline | Answer::Nowhere => false,
            Answer::Online { .. } | Answer::Silence => return,
        };
        if is_confirmed {
            self.talks.confirm(id);
        } else {
            self.doubt(id, from, actions);
        }
    }

    fn on_answered(
        &mut self,
        now: Millis,
        me: &Name,
        call: Call,
        conn: ConnId,
        actions: &mut Actions<Notice>,
    ) {
        let (id, began) = self.talks.join(&call.name, call.to.ip(), conn);
        let mut link = Link::called(call.to, id, self.pace_ms);
        link.introduce(now, conn, me, actions);
        self.links.insert(conn, link);
        // The server itself has said that this person is there.
        self.talks.confirm(id);
        if began {
            self.show_with(id, actions, |who| Notice::Connected { who });
        }
        match call.text {
            Some(text) => self.say_to(now, id, &text, actions),
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
    ) -> Option<Question> {
        let name = match caller(me, line) {
            Ok(name) => name,
            Err(why) => {
                self.turn_away(conn, why, line, actions);
                return None;
            }
        };
        let link = self.links.get_mut(conn)?;
        let (id, began) = self.talks.join(&name, link.other.ip(), conn);
        link.name_heard(id);
        if !began {
            return None;
        }
        self.show_with(id, actions, |who| Notice::Connected { who });
        self.talks.offer(now, id);
        Some(Question::Check { name, conn })
    }

    /// A caller that does not say a good name first.
    fn turn_away(
        &mut self,
        conn: ConnId,
        why: BadFirstLine,
        line: &[u8],
        actions: &mut Actions<Notice>,
    ) {
        if let Some(link) = self.links.get(conn) {
            let said = line[..line.len().min(FIRST_LINE_BYTES_MAX)].to_vec();
            actions.show(Notice::BadCaller { from: link.other, why, said });
        }
        self.hang_up(conn, actions);
    }

    fn hang_up(&mut self, conn: ConnId, actions: &mut Actions<Notice>) {
        if let Some(link) = self.links.get_mut(conn) {
            link.turned_away();
        }
        actions.push(Action::Abort { conn });
    }

    /// They said goodbye on one connection: the conversation is over on all of them.
    fn on_goodbye(&mut self, now: Millis, id: TalkId, conn: ConnId, actions: &mut Actions<Notice>) {
        let who = self.talks.who(id);
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

    fn show_answered(&self, conn: ConnId, actions: &mut Actions<Notice>) {
        let link = self.links.get(conn).filter(|link| link.awaits_answer());
        if let Some(who) = link.and_then(Link::parted_from) {
            actions.show(Notice::GoodbyeAnswered { who });
        }
    }

    fn leave_talk(
        &mut self,
        now: Millis,
        id: TalkId,
        conn: ConnId,
        how: Ending,
        actions: &mut Actions<Notice>,
    ) {
        let who = self.talks.who(id);
        let is_over = self.talks.leave(now, id, conn);
        if let (Some(who), true) = (who, is_over) {
            self.has_failed |= how != Ending::ByThem;
            self.is_left_alone |= self.talks.is_empty();
            actions.show(Notice::Ended { who, how });
        }
    }

    fn doubt(&mut self, id: TalkId, from: IpAddr, actions: &mut Actions<Notice>) {
        self.talks.doubt(id);
        self.show_with(id, actions, |who| Notice::NotVerified { who, from });
    }
}

/// The name in the first line of a caller, or what is wrong with that line.
fn caller(me: Option<&Name>, line: &[u8]) -> Result<Name, BadFirstLine> {
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
