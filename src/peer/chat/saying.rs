//! The person's text, cut into lines that the other side cannot take for the protocol.
//!
//! A part of [`Chat`]. Must never know how a line is sent. Read next: [`super::link`], which
//! sends it.

use super::Chat;
use crate::machine::{Actions, Millis};
use crate::peer::notice::{ConversationId, Notice};
use crate::wire::speech::Speech;

impl Chat {
    /// Sends a text in this conversation, or to nobody if it is over.
    pub(crate) fn say_in(
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

    /// Sends a text to the person of a name. If the name belonged to another machine before, the
    /// person must see that first, and gets the text back.
    pub(super) fn message_to_name(
        &mut self,
        now: Millis,
        id: ConversationId,
        text: &[u8],
        actions: &mut Actions<Notice>,
    ) {
        if self.talks.is_namesake(id) {
            self.has_failed = true;
            let text = text.to_vec();
            self.show_with(id, actions, |who| Notice::Namesake { who, text });
        } else {
            self.message(now, id, text, actions);
        }
    }

    /// Sends a text that is not for the target, and shows who receives it.
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

    /// Sends the lines of a text, until one is refused. None is sent if one would be protocol.
    /// False: not all were sent.
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
        lines(text).all(|line| self.say_line(now, id, line, actions))
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

/// The first line of a text that the other side would take for an instruction.
pub(crate) fn protocol_line(text: &[u8]) -> Option<&[u8]> {
    lines(text).find(|line| !matches!(Speech::parse(line), Speech::Text(_)))
}

/// The lines of a text. A carriage return, a line feed or a NUL ends a line. Inside a line that is
/// sent, it could make the rest an instruction for the other side.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = text.iter().position(|byte| matches!(byte, b'\r' | b'\n' | 0));
        let Some(end) = end else { return rest.take() };
        let behind = &text[end + 1..];
        let behind = match text[end] {
            b'\r' => behind.strip_prefix(b"\n").unwrap_or(behind),
            _ => behind,
        };
        // A line end at the end of the text begins no further line.
        rest = Some(behind).filter(|behind| !behind.is_empty());
        Some(&text[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_line_ends_is_several_lines() {
        let cases: [(&[u8], &[&[u8]]); 7] = [
            (b"oi", &[b"oi"]),
            (b"", &[b""]),
            (b"10 %\rDISC\rrest", &[b"10 %", b"DISC", b"rest"]),
            (b"a\r\nb\n", &[b"a", b"b"]),
            (b"a\n\nb", &[b"a", b"", b"b"]),
            (b"a\0DISC", &[b"a", b"DISC"]),
            (b"\r\n", &[b""]),
        ];
        for (text, expected) in cases {
            let lines: Vec<_> = lines(text).collect();
            assert_eq!(lines, expected, "{}", text.escape_ascii());
        }
    }
}
