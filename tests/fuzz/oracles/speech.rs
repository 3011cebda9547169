//! The lines of peers: every line is written as it was read, and only the exact words are
//! instructions.

use papo::wire::name::Name;
use papo::wire::speech::{Speech, caller_name};

use super::name;

pub fn check(line: &[u8]) {
    let speech = Speech::parse(line);
    let mut written = Vec::new();
    speech.encode(&mut written);
    assert_eq!(written, [line, b"\r\n"].concat(), "it is written as it was read");
    let expected = if line == b"DISC" {
        Speech::Disc
    } else if line.len() >= 5 && &line[..5] == b"USER " {
        Speech::User(&line[5..])
    } else {
        Speech::Text(line)
    };
    assert_eq!(speech, expected);
    let without_port = match line.iter().position(|&byte| byte == b':') {
        Some(at) if line[at + 1..].trim_ascii().iter().all(u8::is_ascii_digit) => &line[..at],
        _ => line,
    };
    let caller = caller_name(line).ok();
    assert_eq!(caller.as_ref().map(Name::as_str), name::reference(without_port).as_deref());
}
