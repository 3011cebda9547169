//! A log line is one line of bounded length without hidden characters. A simple reader of
//! `key=value` finds the right keys in it, and none that a stranger added.

use std::io::ErrorKind;
use std::net::SocketAddr;

use papo::console::log_line::LogLine;
use papo::directory::notice::{EXCERPT_BYTES_MAX, Excerpt, LeaveReason, Notice, Refusal};
use papo::wire::name::{Name, is_invisible};
use papo::wire::not_user::NotUser;

use super::tape::Tape;

/// The longest line.
const LINE_BYTES_MAX: usize = 1024;

pub fn check(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let (kind, port, online) = (tape.byte(), tape.wide(), usize::from(tape.wide()));
    let is_v6 = tape.flag();
    let ip = if is_v6 { [0xFD; 16].into() } else { [10, 0, 0, kind].into() };
    let address = SocketAddr::new(ip, port);
    let said = tape.rest();
    let name = Name::parse(said).or_else(|_| Name::parse(b"Eva")).expect("a name");
    let (notice, keys, strange) = notice(kind, address, online, name, said);
    let line = LogLine(&notice).to_string();
    assert!(!line.contains(is_invisible), "{line:?}");
    assert!(line.len() <= LINE_BYTES_MAX, "{} bytes: {line}", line.len());
    let fields = fields(&line);
    let found: Vec<_> = fields.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(found, keys, "{line}");
    let values = |wanted: &str| fields.iter().find(|(key, _)| key == wanted).map(|(_, it)| it);
    if let Some(strange) = strange {
        let found = values("name").or_else(|| values("line"));
        assert_eq!(found, Some(&strange), "what was said can be read from {line}");
    }
    for key in ["address", "from"] {
        let value = values(key).map(|value| String::from_utf8_lossy(value).into_owned());
        assert!(value.is_none_or(|value| value == address.to_string()), "{line}");
    }
}

type Keys = &'static [&'static str];

/// A notice, the keys of its line, and the parts that a stranger chose.
fn notice(
    kind: u8,
    address: SocketAddr,
    online: usize,
    name: Name,
    said: &[u8],
) -> (Notice, Keys, Option<Vec<u8>>) {
    let named = Some(name.as_bytes().to_vec());
    let from = address;
    match kind % 6 {
        0 => {
            let keys = &["event", "name", "address", "online"];
            (Notice::Joined { name, address, online }, keys, named)
        }
        1 => {
            let why = match kind / 6 % 5 {
                0 => LeaveReason::Closed,
                1 => LeaveReason::Expired,
                2 => LeaveReason::Lost(ErrorKind::ConnectionReset),
                3 => LeaveReason::BadLines(Excerpt::of(said)),
                _ => LeaveReason::SlowReader,
            };
            let keys: Keys = if let LeaveReason::BadLines(_) = why {
                &["event", "name", "address", "reason", "bytes", "line", "online"]
            } else {
                &["event", "name", "address", "reason", "online"]
            };
            (Notice::Left { name, address, why, online }, keys, named)
        }
        2 => {
            let why = Refusal::NameTaken(name);
            (Notice::Refused { from, why }, &["event", "reason", "from", "name"], named)
        }
        3 => {
            let cut = said[..said.len().min(EXCERPT_BYTES_MAX)].to_vec();
            let line = Excerpt::of(said);
            let why = match kind / 6 % 3 {
                0 => Refusal::NotUser { why: NotUser::of(said), line },
                1 => Refusal::LineTooLong(line),
                _ => Refusal::Unended(line),
            };
            let keys: Keys = match said {
                [] => &["event", "reason", "from"],
                _ => &["event", "reason", "from", "bytes", "line"],
            };
            (Notice::Refused { from, why }, keys, Some(cut).filter(|cut| !cut.is_empty()))
        }
        4 => (Notice::Refused { from, why: Refusal::Silent }, &["event", "reason", "from"], None),
        _ => {
            let why = Refusal::AddressLimit;
            (Notice::Refused { from, why }, &["event", "reason", "from"], None)
        }
    }
}

/// `key=value key="quoted value"`, as a program reads them.
fn fields(line: &str) -> Vec<(String, Vec<u8>)> {
    let mut fields = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let (key, behind) = rest.split_once('=').expect("every field has a value");
        let (value, behind) = match behind.strip_prefix('"') {
            Some(quoted) => unquote(quoted),
            None => {
                let (value, behind) = behind.split_once(' ').unwrap_or((behind, ""));
                (value.as_bytes().to_vec(), behind)
            }
        };
        fields.push((key.to_string(), value));
        rest = behind.strip_prefix(' ').unwrap_or(behind);
    }
    fields
}

/// Returns the text before the closing quote, without escapes, and the text after it.
fn unquote(quoted: &str) -> (Vec<u8>, &str) {
    let mut value = Vec::new();
    let mut letters = quoted.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return (value, letters.as_str()),
            '\\' => {
                let behind = unescape(letters.as_str(), &mut value);
                letters = behind.chars();
            }
            other => value.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    panic!("no closing quote: {quoted}");
}

/// Decodes one escape, without its backslash.
fn unescape<'a>(text: &'a str, value: &mut Vec<u8>) -> &'a str {
    let hex = |digits: &str| u32::from_str_radix(digits, 16).expect("hexadecimal digits");
    match text.split_at(1) {
        ("n", rest) => (value.push(b'\n'), rest).1,
        ("r", rest) => (value.push(b'\r'), rest).1,
        ("t", rest) => (value.push(b'\t'), rest).1,
        ("x", rest) => {
            value.push(u8::try_from(hex(&rest[..2])).expect("two digits"));
            &rest[2..]
        }
        ("u", rest) => {
            let (digits, rest) = rest[1..].split_once('}').expect("a closing brace");
            let letter = char::from_u32(hex(digits)).expect("a character");
            value.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            rest
        }
        (itself, rest) => {
            assert!(["\\", "\"", "'"].contains(&itself), "no such escape: {itself}");
            value.extend_from_slice(itself.as_bytes());
            rest
        }
    }
}
