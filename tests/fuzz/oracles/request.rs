//! Requests: a second parser, and a request that is written is read as the same request.

use papo::wire::request::Request;

use super::{address, name};

pub fn check(line: &[u8]) {
    let request = Request::parse(line).ok();
    let written = request.as_ref().map(|request| {
        let mut bytes = Vec::new();
        request.encode(&mut bytes);
        bytes
    });
    let expected = reference(line).map(|line| (line + "\r\n").into_bytes());
    assert_eq!(written, expected, "{}", line.escape_ascii());
    if let Some(written) = &written {
        let line = written.strip_suffix(b"\r\n").expect("its end");
        assert_eq!(Request::parse(line).ok(), request, "it is read as the same again");
    }
}

/// The request as it should be written.
fn reference(line: &[u8]) -> Option<String> {
    let blanks = [' ', '\t', '\n', '\x0B', '\x0C', '\r'];
    let line = std::str::from_utf8(line).ok()?;
    let word = line.trim_end_matches(blanks);
    if ["LIST", "KEEP", "DISC"].contains(&word) {
        return Some(word.to_string());
    }
    match line.split_at_checked(5)? {
        ("USER ", user) => {
            let (user, port) = user.split_once(':')?;
            let (user, port) = (name::reference(user.as_bytes())?, address::port(port.as_bytes())?);
            Some(format!("USER {user}:{port}"))
        }
        ("ADDR ", whose) => {
            let whose = name::trim(whose);
            (!whose.is_empty() && !whose.contains(':')).then(|| format!("ADDR {whose}"))
        }
        _ => None,
    }
}
