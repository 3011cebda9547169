//! The replies of the central server.
//!
//! The handout's server sends LIST and ADDR, and no other line. The handout has two editions: since
//! 2026 an ADDR reply also has the name. Read next: [`super::speech`].

use std::net::SocketAddr;

use super::address::Endpoint;
use super::name::Name;
use super::{CRLF, address, trim};

/// The edition of the handout to follow where the two differ.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Edition {
    /// `ADDR <ip>:<porta>`, and DISC ends a conversation.
    #[default]
    Of2024,
    /// `ADDR <nome>:<ip>:<porta>`, and the end of the stream ends a conversation.
    Of2026,
}

impl Edition {
    /// The edition of a server that sent this line. `None`: the line is the same in both.
    #[must_use]
    pub fn of_reply(line: &[u8]) -> Option<Self> {
        match Reply::parse(line)? {
            Reply::Addr { name: Some(_), .. } => Some(Self::Of2026),
            Reply::Addr { name: None, .. } => Some(Self::Of2024),
            Reply::List(_) | Reply::BadAddr => None,
        }
    }
}

/// One line from the server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reply<'a> {
    /// `LIST <nome1>:<nome2>`: the text after `LIST`. See [`names`].
    List(&'a [u8]),
    /// `ADDR <ip>:<porta>` or `ADDR <nome>:<ip>:<porta>`.
    Addr {
        /// The name, in the edition of 2026.
        name: Option<&'a [u8]>,
        /// Where that person waits for calls.
        address: SocketAddr,
    },
    /// `ADDR` and a text that is no address.
    BadAddr,
}

impl<'a> Reply<'a> {
    /// Reads one line without its terminator, in either edition. `None`: no reply of a server.
    #[must_use]
    pub fn parse(line: &'a [u8]) -> Option<Self> {
        match line.split_at_checked(4)? {
            (b"LIST", b"") => Some(Self::List(b"")),
            (b"LIST", [b' ', names @ ..]) => Some(Self::List(names)),
            (b"ADDR", [b' ', text @ ..]) => Some(parse_addr(trim(text)).unwrap_or(Self::BadAddr)),
            _ => None,
        }
    }
}

/// The names in a LIST reply, not checked, because some servers do not check them. Blanks around a
/// name are cut, and empty names are skipped.
pub fn names(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|&byte| byte == b':').map(trim).filter(|name| !name.is_empty())
}

/// Writes an ADDR reply with its terminator. After a name, an IPv6 address is in brackets, because
/// a name such as `Ada` could be the first group of an address.
#[inline]
pub fn encode_addr(edition: Edition, name: &Name, address: Endpoint, out: &mut Vec<u8>) {
    out.extend_from_slice(b"ADDR ");
    if edition == Edition::Of2026 {
        out.extend_from_slice(name.as_bytes());
        out.push(b':');
        address::encode_bracketed(address, out);
    } else {
        address::encode(address, out);
    }
    out.extend_from_slice(CRLF);
}

/// Reads an address, or a name and an address. A text that is an address as a whole has no name, so
/// that the first group of an IPv6 address is not read as a name.
fn parse_addr(text: &[u8]) -> Option<Reply<'_>> {
    if let Some(address) = address::parse(text) {
        return Some(Reply::Addr { name: None, address });
    }
    let colon = text.iter().position(|&byte| byte == b':')?;
    let address = address::parse(&text[colon + 1..])?;
    Some(Reply::Addr { name: Some(trim(&text[..colon])), address })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addr<'a>(name: Option<&'a str>, address: &str) -> Option<Reply<'a>> {
        let address = address.parse().expect("an address");
        Some(Reply::Addr { name: name.map(str::as_bytes), address })
    }

    #[test]
    fn both_editions_are_read() {
        let ours = addr(None, "200.235.90.80:21500");
        assert_eq!(Reply::parse(b"ADDR 200.235.90.80:21500"), ours);
        assert_eq!(Reply::parse(b"ADDR 200.235.90.80: 21500"), ours);
        let newer = addr(Some("Bruno"), "200.235.90.80:21500");
        assert_eq!(Reply::parse(b"ADDR Bruno:200.235.90.80:21500"), newer);
        assert_eq!(Reply::parse(b"ADDR Bruno: 200.235.90.80: 21500"), newer);
        assert_eq!(Reply::parse(b"ADDR ::1:2"), addr(None, "[::1]:2"));
        assert_eq!(Reply::parse(b"ADDR Bruno:[::1]:2"), addr(Some("Bruno"), "[::1]:2"));
    }

    #[test]
    fn a_name_like_the_first_group_of_an_address_is_read_as_it_was_written() {
        let name = Name::parse(b"Ada").expect("a name");
        let address: SocketAddr = "[2001:db8::5]:21500".parse().expect("an address");
        let mut bytes = Vec::new();
        encode_addr(Edition::Of2026, &name, address.into(), &mut bytes);
        let line = bytes.strip_suffix(CRLF).expect("its terminator");
        assert_eq!(Reply::parse(line), addr(Some("Ada"), "[2001:db8::5]:21500"));
    }

    #[test]
    fn lists_with_and_without_blanks() {
        for line in [&b"LIST Ana:Bruno"[..], b"LIST Ana: Bruno", b"LIST :Ana::Bruno:"] {
            let Some(Reply::List(list)) = Reply::parse(line) else { panic!("a list") };
            assert_eq!(names(list).collect::<Vec<_>>(), [&b"Ana"[..], b"Bruno"]);
        }
        for line in [&b"LIST"[..], b"LIST ", b"LIST :"] {
            let Some(Reply::List(list)) = Reply::parse(line) else { panic!("a list") };
            assert_eq!(names(list).count(), 0);
        }
    }

    #[test]
    fn lines_that_no_server_sends() {
        for line in [&b""[..], b"LI", b"LISTA", b"ADDR", b"OK"] {
            assert_eq!(Reply::parse(line), None, "{}", line.escape_ascii());
        }
        for line in [&b"ADDR "[..], b"ADDR x", b"ADDR host:2", b"ADDR 10.0.0.2:0"] {
            assert_eq!(Reply::parse(line), Some(Reply::BadAddr), "{}", line.escape_ascii());
        }
    }
}
