//! What one peer may say to another.
//!
//! The handout: USER first, DISC last, and everything else is the conversation itself. Whether
//! a USER is the first line is for [`crate::peer`] to know.

use super::name::Name;
use super::{CRLF, trim};

/// One line from a peer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Speech<'a> {
    /// `USER <nome>`: this is me. The name is not checked yet.
    User(&'a [u8]),
    /// `DISC`, exactly: goodbye.
    Disc,
    /// Anything else.
    Text(&'a [u8]),
}

impl<'a> Speech<'a> {
    /// Reads one line without its end. Cannot fail: what is no instruction is text.
    #[must_use]
    pub fn parse(line: &'a [u8]) -> Self {
        match line {
            b"DISC" => Self::Disc,
            [b'U', b'S', b'E', b'R', b' ', name @ ..] => Self::User(name),
            text => Self::Text(text),
        }
    }

    /// Writes the line, its end included.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::User(name) => {
                out.extend_from_slice(b"USER ");
                out.extend_from_slice(name);
            }
            Self::Disc => out.extend_from_slice(b"DISC"),
            Self::Text(text) => out.extend_from_slice(text),
        }
        out.extend_from_slice(CRLF);
    }
}

/// The name of a caller. Some programs send `USER <nome>:<porta>` here as well, as they do to
/// the server: the part before the colon is the name.
#[must_use]
pub fn caller_name(text: &[u8]) -> Option<Name> {
    let end = text.iter().position(|&byte| byte == b':').unwrap_or(text.len());
    Name::parse(trim(&text[..end])).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_words_are_instructions() {
        assert_eq!(Speech::parse(b"DISC"), Speech::Disc);
        assert_eq!(Speech::parse(b"USER Camila"), Speech::User(b"Camila"));
        for text in [&b""[..], b"DISCO", b" DISC", b"DISC ", b"disc", b"USER", b"LIST", b"KEEP"] {
            assert_eq!(Speech::parse(text), Speech::Text(text));
        }
    }

    #[test]
    fn a_caller_may_name_its_port_too() {
        assert_eq!(caller_name(b"Camila").map(|name| name.to_string()), Some("Camila".into()));
        assert_eq!(
            caller_name(b"Camila:20000").map(|name| name.to_string()),
            Some("Camila".into())
        );
        assert_eq!(caller_name(b" "), None);
        assert_eq!(caller_name(b":20000"), None);
    }
}
