//! The lines between two peers.
//!
//! In the handout, USER is the first line, DISC the last, and every other line is text. Only
//! [`crate::peer`] knows whether a USER is the first line.

use super::name::{Name, NameError};
use super::{CRLF, trim};

/// One line from a peer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Speech<'a> {
    /// `USER <nome>`: the caller's name, not checked yet.
    User(&'a [u8]),
    /// `DISC`: the end of the conversation.
    Disc,
    /// Any other line.
    Text(&'a [u8]),
}

impl<'a> Speech<'a> {
    /// Reads one line without its terminator. Cannot fail: a line that is no instruction is text.
    #[must_use]
    pub fn parse(line: &'a [u8]) -> Self {
        match line {
            b"DISC" => Self::Disc,
            [b'U', b'S', b'E', b'R', b' ', name @ ..] => Self::User(name),
            text => Self::Text(text),
        }
    }

    /// Writes the line with its terminator.
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

/// The name in a caller's USER. Some programs send `USER <nome>:<porta>` here, too: a colon and a
/// port after the name are cut off.
///
/// # Errors
///
/// If the rest is no name.
pub fn caller_name(text: &[u8]) -> Result<Name, NameError> {
    let is_port = |behind: &[u8]| trim(behind).iter().all(u8::is_ascii_digit);
    let colon = text.iter().position(|&byte| byte == b':');
    let end = colon.filter(|&at| is_port(&text[at + 1..])).unwrap_or(text.len());
    Name::parse(trim(&text[..end]))
}

/// Whether this is the first line of an HTTP request: a browser was pointed at the port.
#[must_use]
pub fn is_http(line: &[u8]) -> bool {
    let mut words = line.rsplit(|&byte| byte == b' ');
    words.next().is_some_and(|version| version.starts_with(b"HTTP/"))
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
    fn a_port_after_the_callers_name_is_cut_off() {
        for text in ["Camila", "Camila:20000", "Camila: 20000 ", " Camila:"] {
            assert_eq!(caller_name(text.as_bytes()).expect(text).as_str(), "Camila");
        }
        for text in ["Camilanota: x", "Camila:20x", "Camila:1:2"] {
            assert_eq!(caller_name(text.as_bytes()), Err(NameError::Colon), "{text}");
        }
        for text in [" ", ":20000"] {
            assert_eq!(caller_name(text.as_bytes()), Err(NameError::Empty), "{text}");
        }
    }

    #[test]
    fn an_http_request_is_recognized_by_its_last_word() {
        assert!(is_http(b"GET / HTTP/1.1"));
        for line in [&b"GET /"[..], b"HTTP/1.1 is old", b""] {
            assert!(!is_http(line), "{}", line.escape_ascii());
        }
    }
}
