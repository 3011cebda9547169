//! The person's text: cut into lines, and kept from being taken for the protocol.
//!
//! A part of [`Chat`]. Read next: [`super::super::link`], which sends a line.

use super::Chat;
use crate::machine::{Actions, Millis};
use crate::peer::command;
use crate::peer::conversation::ConversationId;
use crate::peer::notice::Notice;
use crate::wire::speech::Speech;

impl Chat {
    /// Says something in this conversation, and nowhere else where it is over.
    pub fn say_in(
        &mut self,
        now: Millis,
        id: ConversationId,
        text: &[u8],
        actions: &mut Actions<Notice>,
    ) {
        if self.talks.get(id).is_some() {
            self.message(now, id, text, actions);
        } else {
            self.refuse(Notice::NoConversation, actions);
        }
    }

    /// Says a text that was not typed for the target, and shows to whom it goes.
    pub(super) fn message(
        &mut self,
        now: Millis,
        id: ConversationId,
        text: &[u8],
        actions: &mut Actions<Notice>,
    ) {
        if self.say_to(now, id, text, actions) {
            self.show_with(id, actions, |who| Notice::SentTo { who });
        }
    }

    /// Says all lines of a text, or none of them. False: none, or not all.
    pub(super) fn say_to(
        &mut self,
        now: Millis,
        id: ConversationId,
        text: &[u8],
        actions: &mut Actions<Notice>,
    ) -> bool {
        if let Some(line) = protocol_line(text) {
            self.refuse(Notice::WouldBeProtocol { line: line.to_vec() }, actions);
            return false;
        }
        command::lines(text).all(|line| self.say_line(now, id, line, actions))
    }

    fn say_line(
        &mut self,
        now: Millis,
        id: ConversationId,
        line: &[u8],
        actions: &mut Actions<Notice>,
    ) -> bool {
        let Some(talk) = self.talks.get(id) else { return false };
        let conn = talk.links[0];
        let Some(link) = self.links.get_mut(conn) else { return false };
        let is_stuck = link.is_stuck();
        if is_stuck {
            self.has_failed = true;
            self.show_with(id, actions, |who| Notice::NotReading { who });
        } else {
            link.say(now, conn, line, actions);
            self.show_with(id, actions, |to| Notice::Said { to, text: line.to_vec() });
        }
        !is_stuck
    }
}

/// The first line of a text that the other side would take for an instruction of the protocol.
pub fn protocol_line(text: &[u8]) -> Option<&[u8]> {
    command::lines(text).find(|line| !matches!(Speech::parse(line), Speech::Text(_)))
}
