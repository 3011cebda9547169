//! The commands that a person, or a host program, gives the peer.
//!
//! Commands are typed: who has a line of text parses it first (`console::command` does for a
//! person). So no text that was meant for others can become a command here. Read next: `person`,
//! which does what a command says.

use super::conversation::ConversationId;

/// Something to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Command {
    /// The name to register under. Only heard while one is asked for
    /// ([`super::notice::Notice::AskName`]).
    Name(Vec<u8>),
    /// Asks the server who is online.
    List,
    /// Calls this person, or makes the open conversation the target.
    Chat(Vec<u8>),
    /// Says something to one person, without changing the target. Calls that person first where no
    /// conversation is open.
    Message {
        /// To whom.
        to: Vec<u8>,
        /// The text, in one line or several.
        text: Vec<u8>,
    },
    /// Says something to the person who wrote last, without changing the target.
    Reply(Vec<u8>),
    /// Makes the conversation the target in which something unread has waited longest.
    Next,
    /// Asks which conversations are open.
    Peers,
    /// Says goodbye to one person, or to the target.
    Bye(Option<Vec<u8>>),
    /// Says something to the target, in one line or several.
    Say(Vec<u8>),
    /// Says something in the conversation that a notice named, and nowhere else where that one is
    /// over. The target stays.
    SayIn {
        /// Which, as in [`super::notice::Partner::id`].
        conversation: ConversationId,
        /// The text, in one line or several.
        text: Vec<u8>,
    },
    /// Says goodbye to everybody, and leaves.
    Exit,
    /// No more commands will come.
    InputEnded,
    /// A line is being typed, or not any more. While one is, nobody becomes the target who was not
    /// chosen. A host that takes whole lines never sends this.
    Typing(bool),
    /// Something was typed that is no command. The person has been told already.
    Mistake,
}

/// The lines of a text. A carriage return, a line feed or a NUL ends a line: none of them may
/// leave inside a line, where the rest could be an instruction of the protocol.
pub fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
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
