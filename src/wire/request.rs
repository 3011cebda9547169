//! The requests of a client to the central server.
//!
//! The handout has USER, LIST, KEEP and ADDR. It has no DISC here, but a public client sends one
//! before it disconnects. [`crate::directory`] checks the order of requests. Read next:
//! [`super::reply`].

use super::name::Name;
use super::{CRLF, address, trim, trim_end};

/// One line from a client.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Request<'a> {
    /// `USER <nome>:<porta>`: registers a name.
    User {
        /// The name to register.
        name: Name,
        /// The port for calls. The IP address is that of the connection.
        port: u16,
    },
    /// `LIST`: asks who else is online.
    List,
    /// `KEEP`: moves the client's deadline.
    Keep,
    /// `ADDR <nome>`: asks for a person's address. The name is not checked, because no member has a
    /// name that is not allowed.
    Addr(&'a [u8]),
    /// `DISC`: ends the connection.
    Disc,
}

/// The line is no request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BadRequest;

impl<'a> Request<'a> {
    /// Reads one line without its terminator. The instruction is in upper case. Blanks at the end
    /// of the line, and around a name or a port, are cut.
    ///
    /// # Errors
    ///
    /// For every other line.
    pub fn parse(line: &'a [u8]) -> Result<Self, BadRequest> {
        if let Some(name) = line.strip_prefix(b"ADDR ") {
            return parse_addr(name);
        }
        if let Some(user) = line.strip_prefix(b"USER ") {
            return parse_user(user);
        }
        match trim_end(line) {
            b"KEEP" => Ok(Self::Keep),
            b"LIST" => Ok(Self::List),
            b"DISC" => Ok(Self::Disc),
            _ => Err(BadRequest),
        }
    }

    /// Writes the line with its terminator.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::User { name, port } => {
                out.extend_from_slice(b"USER ");
                out.extend_from_slice(name.as_bytes());
                out.extend_from_slice(format!(":{port}").as_bytes());
            }
            Self::List => out.extend_from_slice(b"LIST"),
            Self::Keep => out.extend_from_slice(b"KEEP"),
            Self::Addr(name) => {
                out.extend_from_slice(b"ADDR ");
                out.extend_from_slice(name);
            }
            Self::Disc => out.extend_from_slice(b"DISC"),
        }
        out.extend_from_slice(CRLF);
    }
}

fn parse_user(text: &[u8]) -> Result<Request<'_>, BadRequest> {
    let colon = text.iter().position(|&byte| byte == b':').ok_or(BadRequest)?;
    let name = Name::parse(&text[..colon]).map_err(|_| BadRequest)?;
    let port = address::parse_port(&text[colon + 1..]).ok_or(BadRequest)?;
    Ok(Request::User { name, port })
}

fn parse_addr(text: &[u8]) -> Result<Request<'_>, BadRequest> {
    let mut name = trim(text);
    let is_plain = |&byte: &u8| (byte.is_ascii_graphic() && byte != b':') || byte == b' ';
    let is_plain = name.iter().all(is_plain);
    if !is_plain {
        // Only such a name may have Unicode blanks at its ends, or bytes that are no UTF-8.
        name = std::str::from_utf8(name).map_err(|_| BadRequest)?.trim().as_bytes();
        if name.contains(&b':') {
            return Err(BadRequest);
        }
    }
    if name.is_empty() { Err(BadRequest) } else { Ok(Request::Addr(name)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_instructions() {
        let name = Name::parse(b"Fulano").expect("a name");
        let user = Request::User { name, port: 20000 };
        assert_eq!(Request::parse(b"USER Fulano:20000"), Ok(user.clone()));
        assert_eq!(Request::parse(b"USER  Fulano : 20000 "), Ok(user));
        assert_eq!(Request::parse(b"LIST"), Ok(Request::List));
        assert_eq!(Request::parse(b"LIST "), Ok(Request::List));
        assert_eq!(Request::parse(b"KEEP "), Ok(Request::Keep));
        assert_eq!(Request::parse(b"ADDR Ana Maria"), Ok(Request::Addr(b"Ana Maria")));
        let blank_behind = "ADDR João\u{a0}".as_bytes();
        assert_eq!(Request::parse(blank_behind), Ok(Request::Addr("João".as_bytes())));
        assert_eq!(Request::parse(b"ADDR Ana\x0b"), Ok(Request::Addr(b"Ana")));
        assert_eq!(Request::parse(b"DISC"), Ok(Request::Disc));
    }

    /// Found by the fuzzer: `USER Ana\x0b:5` registered Ana, and `ADDR Ana\x0b` did not find her.
    #[test]
    fn every_blank_around_a_name_is_cut_in_the_same_way_wherever_the_name_stands() {
        for blank in (0..=u8::MAX).filter(u8::is_ascii) {
            for (before, behind) in [(blank, b' '), (b' ', blank)] {
                let text = [b"x".as_slice(), &[before], b"Ana", &[behind]].concat();
                let line = [b"USER ", &text[1..], b":5"].concat();
                let Ok(Request::User { name, .. }) = Request::parse(&line) else { continue };
                let line = [b"ADDR ", &text[1..]].concat();
                let asked = Request::parse(&line);
                assert_eq!(asked, Ok(Request::Addr(name.as_bytes())), "{blank:#x}");
            }
        }
        for line in [&b"LIST\x0b"[..], b"KEEP\x0b", b"DISC\x0b \t"] {
            assert!(Request::parse(line).is_ok(), "{}", line.escape_ascii());
        }
    }

    #[test]
    fn everything_else_is_bad() {
        let bad: [&[u8]; 21] = [
            b"",
            b" ",
            b"USER",
            b"USER ",
            b"USER Ana",
            b"USER Ana:",
            b"USER :20000",
            b"USER A:B:20000",
            b"USER Ana:0",
            b"USER Ana:70000",
            b"USER Ana:2e4",
            b"USER \xff:1",
            b"LIST x",
            b"list",
            b"KEEP x",
            b"KEEPLIST",
            b"ADDR",
            b"ADDR ",
            b"ADDR a:b",
            b"ADDR \xff",
            b"oi",
        ];
        for line in bad {
            assert_eq!(Request::parse(line), Err(BadRequest), "{}", line.escape_ascii());
        }
    }
}
