//! The reason why a first line is no USER: for the log, and for the author of the client.
//!
//! [`super::request`] parses the correct lines. This code runs only for a line that was refused, so
//! it may be slow.

use super::name::{Name, NameError};
use super::{address, trim};

/// The reason why a first line is no USER that the server can take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NotUser {
    /// A text that looks like no instruction.
    Other,
    /// The PROXY header of a load balancer, of version 1 or 2, while the server expects none.
    #[cfg(feature = "full")]
    ProxyHeader,
    /// `user Ana:20000`: the instruction is not in upper case.
    LowerCase,
    /// LIST came before USER.
    ListFirst,
    /// KEEP came before USER.
    KeepFirst,
    /// ADDR came before USER.
    AddrFirst,
    /// DISC came before USER.
    DiscFirst,
    /// There is no name before the colon.
    NoName,
    /// The name has a colon.
    ColonInName,
    /// The name has a control character or an invisible character.
    InvisibleInName,
    /// The name has a blank that is not U+0020.
    BlankInName,
    /// The name has only accents.
    OnlyMarks,
    /// The name is too long.
    LongName,
    /// The name is not UTF-8.
    NotUtf8,
    /// There is no colon, or no port after it.
    NoPort,
    /// The port is no number from 1 to 65535.
    BadPort,
}

impl NotUser {
    /// The reason for a line that is no USER.
    #[must_use]
    pub fn of(line: &[u8]) -> Self {
        if let Some(user) = line.strip_prefix(b"USER ") {
            return Self::in_user(user);
        }
        let first_word = line.split(|&byte| byte == b' ').next().unwrap_or_default();
        match trim(first_word) {
            b"USER" => Self::NoName,
            b"LIST" => Self::ListFirst,
            b"KEEP" => Self::KeepFirst,
            b"ADDR" => Self::AddrFirst,
            b"DISC" => Self::DiscFirst,
            // A header of version 2 begins with two empty lines, and this is its third line.
            #[cfg(feature = "full")]
            b"PROXY" | b"\0" => Self::ProxyHeader,
            word if word.eq_ignore_ascii_case(b"USER") => Self::LowerCase,
            _ => Self::Other,
        }
    }

    /// The reason for the text after `USER `.
    fn in_user(text: &[u8]) -> Self {
        let colon = text.iter().position(|&byte| byte == b':');
        let (name, port) = text.split_at(colon.unwrap_or(text.len()));
        match Name::parse(name) {
            Err(NameError::Empty) => Self::NoName,
            Err(NameError::TooLong) => Self::LongName,
            Err(NameError::NotUtf8) => Self::NotUtf8,
            Err(NameError::Colon) => Self::ColonInName,
            Err(NameError::Invisible) => Self::InvisibleInName,
            Err(NameError::OtherBlank) => Self::BlankInName,
            Err(NameError::OnlyMarks) => Self::OnlyMarks,
            Ok(_) => Self::in_port(port.strip_prefix(b":").unwrap_or_default()),
        }
    }

    /// The reason for the text after the first colon.
    fn in_port(text: &[u8]) -> Self {
        let last = text.rsplit(|&byte| byte == b':').next().unwrap_or_default();
        if trim(text).is_empty() {
            Self::NoPort
        } else if address::parse_port(last).is_some() {
            // The port comes after a second colon, so the name has the first one. With one colon
            // alone, the line would be a USER.
            Self::ColonInName
        } else {
            Self::BadPort
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "full")]
    #[test]
    fn the_headers_of_load_balancers_are_recognized() {
        for line in [&b"PROXY TCP4 10.0.0.7 192.0.2.1 5 6"[..], b"PROXY UNKNOWN", b"\0"] {
            assert_eq!(NotUser::of(line), NotUser::ProxyHeader, "{}", line.escape_ascii());
        }
        assert_eq!(NotUser::of(b"PROXYTCP4"), NotUser::Other);
    }

    #[test]
    fn each_mistake_has_its_reason() {
        let long = format!("USER {}:1", "x".repeat(1000));
        let cases: [(&[u8], NotUser); 27] = [
            (b"", NotUser::Other),
            (b"oi", NotUser::Other),
            (b"GET / HTTP/1.1", NotUser::Other),
            (b" USER Ana:20000", NotUser::Other),
            (b"USERAna:20000", NotUser::Other),
            (b"KEEPLIST", NotUser::Other),
            (b"user Lia:1", NotUser::LowerCase),
            (b"User", NotUser::LowerCase),
            (b"LIST", NotUser::ListFirst),
            (b"LIST ", NotUser::ListFirst),
            (b"KEEP", NotUser::KeepFirst),
            (b"ADDR Ana", NotUser::AddrFirst),
            (b"DISC", NotUser::DiscFirst),
            (b"USER", NotUser::NoName),
            (b"USER  :20000", NotUser::NoName),
            (b"USER A:B:20000", NotUser::ColonInName),
            (b"USER A\x1b[2J:20000", NotUser::InvisibleInName),
            ("USER A\u{A0}B:20000".as_bytes(), NotUser::BlankInName),
            ("USER \u{301}:20000".as_bytes(), NotUser::OnlyMarks),
            (long.as_bytes(), NotUser::LongName),
            (b"USER Jo\xe3o:20000", NotUser::NotUtf8),
            (b"USER Pedro 20002", NotUser::NoPort),
            (b"USER Ana: ", NotUser::NoPort),
            (b"USER Ana:70000", NotUser::BadPort),
            (b"USER Ana:0", NotUser::BadPort),
            (b"USER Ana:a:b", NotUser::BadPort),
            (b"USER Ana:20000\\r\\n", NotUser::BadPort),
        ];
        for (line, reason) in cases {
            assert_eq!(NotUser::of(line), reason, "{}", line.escape_ascii());
        }
    }
}
