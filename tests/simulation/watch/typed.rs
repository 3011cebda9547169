//! What a typed line means, read once more and more plainly: enough to say what must follow.

use papo::wire::name::Name;

/// What was typed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Command<'a> {
    List,
    Chat(&'a str),
    Message(&'a str, &'a [u8]),
    Bye(Option<&'a str>),
    Exit,
    Text(&'a [u8]),
    /// Something that changes nothing outside this peer.
    Other,
}

pub(crate) fn command(line: &[u8]) -> Command<'_> {
    if let [b'/', b'/', ..] = line {
        return Command::Text(&line[1..]);
    }
    if line.first() != Some(&b'/') {
        return Command::Text(line);
    }
    let text = std::str::from_utf8(line).unwrap_or("/?");
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    match (word, rest.trim()) {
        ("/list", "") => Command::List,
        ("/chat", name) if !name.is_empty() => Command::Chat(name),
        ("/msg", rest) => rest.split_once(' ').map_or(Command::Other, |(name, text)| {
            Command::Message(name, text.trim_start().as_bytes())
        }),
        ("/bye", "") => Command::Bye(None),
        ("/bye", name) => Command::Bye(Some(name)),
        ("/exit", "") => Command::Exit,
        _ => Command::Other,
    }
}

/// The name in a caller's first line.
pub(crate) fn caller(line: &[u8]) -> Option<String> {
    let text = line.strip_prefix(b"USER ")?;
    let end = text.iter().position(|&byte| byte == b':').unwrap_or(text.len());
    Some(Name::parse(text[..end].trim_ascii()).ok()?.to_string())
}

#[test]
fn commands_are_told_from_text() {
    assert_eq!(command(b"//chat x"), Command::Text(b"/chat x"));
    assert_eq!(command(b"/msg Ana oi tudo"), Command::Message("Ana", b"oi tudo"));
    assert_eq!(command(b"/exit now"), Command::Other);
    assert_eq!(caller(b"USER Ana:20000"), Some("Ana".to_string()));
    assert_eq!(caller(b"user Ana"), None);
}
