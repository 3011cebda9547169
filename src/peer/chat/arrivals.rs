//! What other peers do: they call, say their name, speak, say goodbye, vanish.
//!
//! The other half of [`Chat`]: the first is what the person wants. Read next: [`crate::console`],
//! which shows it.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};

use super::{Call, Chat, LINKS_MAX, UNNAMED_MAX, show_undelivered};
use crate::machine::{Action, Actions, CloseReason, ConnId, DialId, LineEnd, Millis};
use crate::peer::conversation::TalkId;
use crate::peer::link::{Link, Phase};
use crate::peer::lookup::{Answer, Question};
use crate::peer::notice::{Ending, Notice};
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
        let from_there = |(conn, link): (ConnId, &Link)| {
            let same = link.other.ip() == from.ip();
            link.name_by().filter(|_| same).map(|name_by| (name_by, conn))
        };
        let unnamed: Vec<_> = self.links.iter().filter_map(from_there).collect();
        if unnamed.len() >= UNNAMED_MAX {
            let (_, oldest) = unnamed.into_iter().min().expect("there are some");
            self.hang_up(oldest, actions);
        }
        self.links.insert(conn, Link::accepted(now, from));
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
                actions.show(Notice::Unreachable { name: call.name, error });
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
        let link = self.links.get_mut(conn)?;
        link.on_line();
        if let Phase::Talking(id) = *link.phase() {
            self.on_heard(now, id);
        }
        let link = self.links.get_mut(conn)?;
        let cut = end == LineEnd::Cut;
        match (link.phase().clone(), Speech::parse(line)) {
            (Phase::Unnamed, Speech::User(name)) => {
                return self.on_name(now, me, conn, speech::caller_name(name), actions);
            }
            (Phase::Unnamed, Speech::Disc | Speech::Text(_)) => self.turn_away(conn, actions),
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

    /// Who says something is there to hear what we said, on whichever connection.
    fn on_heard(&mut self, now: Millis, id: TalkId) {
        for &conn in self.talks.get(id).map_or(&[][..], |talk| &talk.links) {
            if let Some(link) = self.links.get_mut(conn) {
                link.on_heard(now);
            }
        }
    }

    /// Bytes came that are no line yet.
    pub fn on_pending(&mut self, now: Millis, conn: ConnId) {
        if let Some(link) = self.links.get_mut(conn) {
            link.on_pending(now);
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
        let Some(link) = self.links.remove(conn) else { return };
        let who = self.who_at(&link);
        if let Phase::Talking(id) = *link.phase() {
            self.leave_talk(now, id, conn, ending(reason), actions);
        }
        let lines = link.undelivered(now, reason != CloseReason::Asked);
        show_undelivered(who, lines, actions);
    }

    /// The server has said where the person is whose name this caller gave.
    pub fn on_checked(&mut self, conn: ConnId, answer: &Answer, actions: &mut Actions<Notice>) {
        let Some(link) = self.links.get(conn) else { return };
        let Phase::Talking(id) = *link.phase() else { return };
        let from = link.other.ip();
        let is_confirmed = match answer {
            Answer::At(address) => address.ip() == from,
            Answer::NotOnline | Answer::Nowhere => false,
            Answer::Online(_) | Answer::Silence => return,
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
        self.links.insert(conn, Link::called(now, conn, call.to, id, me, actions));
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

    fn on_name(
        &mut self,
        now: Millis,
        me: Option<&Name>,
        conn: ConnId,
        name: Option<Name>,
        actions: &mut Actions<Notice>,
    ) -> Option<Question> {
        let Some(name) = name.filter(|name| Some(name) != me) else {
            self.turn_away(conn, actions);
            return None;
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

    /// A caller that does not say a name first, or says ours.
    fn turn_away(&mut self, conn: ConnId, actions: &mut Actions<Notice>) {
        if let Some(link) = self.links.get(conn) {
            actions.show(Notice::UnnamedCaller { from: link.other });
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
            actions.show(Notice::Ended { who, how });
        }
    }

    fn doubt(&mut self, id: TalkId, from: IpAddr, actions: &mut Actions<Notice>) {
        self.talks.doubt(id);
        self.show_with(id, actions, |who| Notice::NotVerified { who, from });
    }
}

fn ending(reason: CloseReason) -> Ending {
    match reason {
        CloseReason::Asked => Ending::ByThem,
        CloseReason::Failed(kind) => Ending::Lost(kind),
        CloseReason::LineTooLong | CloseReason::SlowReader => Ending::Misbehaved,
    }
}
