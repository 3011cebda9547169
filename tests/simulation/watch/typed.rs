//! The meaning of a typed line, read once more and more plainly: enough to say what must follow.

use papo::wire::name::Name;

/// The kind of a typed line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Command<'a> {
    List,
    Chat(&'a str),
    /// Name and text: see [`split_message`].
    Message(&'a str),
    Reply(&'a str),
    Next,
    Peers,
    Bye(Option<&'a str>),
    Exit,
    Text(&'a [u8]),
    /// With a slash in front, and nothing that anybody knows.
    Unknown,
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
    match (word.to_ascii_lowercase().as_str(), rest.trim()) {
        ("/list" | "/names", "") => Command::List,
        ("/chat" | "/switch", name) if !name.is_empty() => Command::Chat(name),
        ("/msg", rest) if !rest.is_empty() => Command::Message(rest),
        ("/reply" | "/r", text) if !text.is_empty() => Command::Reply(text),
        ("/next", "") => Command::Next,
        ("/peers", "") => Command::Peers,
        ("/bye", "") => Command::Bye(None),
        ("/bye", name) => Command::Bye(Some(name)),
        ("/exit" | "/quit", "") => Command::Exit,
        ("/help", _) => Command::Other,
        ("/list" | "/names" | "/chat" | "/switch" | "/msg" | "/reply" | "/r", _) => Command::Other,
        ("/next" | "/peers" | "/exit" | "/quit", _) => Command::Other,
        _ => Command::Unknown,
    }
}

/// Cuts name and text apart: the one name that is known, or else the first word.
pub(crate) fn split_message(rest: &str, is_known: impl Fn(&str) -> bool) -> Option<(&str, &str)> {
    let ends = rest.match_indices(' ').map(|(end, _)| end).chain([rest.len()]);
    let known: Vec<_> = ends.filter(|&end| is_known(&rest[..end])).collect();
    let end = match known[..] {
        [] => rest.find(' ').unwrap_or(rest.len()),
        [end] => end,
        _ => return None,
    };
    Some((&rest[..end], rest[end..].trim_start()))
}

/// The name in a caller's first line.
pub(crate) fn caller(line: &[u8]) -> Option<String> {
    let text = line.strip_prefix(b"USER ")?;
    let text = std::str::from_utf8(text).ok()?;
    let is_port = |behind: &str| behind.trim().bytes().all(|byte| byte.is_ascii_digit());
    let name = text.split_once(':').filter(|(_, behind)| is_port(behind));
    let name = name.map_or(text, |(name, _)| name);
    Some(Name::parse(name.trim_ascii().as_bytes()).ok()?.to_string())
}

#[test]
fn commands_are_told_from_text() {
    assert_eq!(command(b"//chat x"), Command::Text(b"/chat x"));
    assert_eq!(command(b"/msg Ana oi tudo"), Command::Message("Ana oi tudo"));
    let is_known = |name: &str| ["Ana", "Ana Maria", "Davi Luiz"].contains(&name);
    assert_eq!(split_message("Davi Luiz oi", is_known), Some(("Davi Luiz", "oi")));
    assert_eq!(split_message("Bia Maria oi", is_known), Some(("Bia", "Maria oi")));
    assert_eq!(split_message("Ana Maria oi", is_known), None);
    assert_eq!(command(b"/R oi"), Command::Reply("oi"));
    assert_eq!(command(b"/dance"), Command::Unknown);
    assert_eq!(command(b"/exit now"), Command::Other);
    assert_eq!(caller(b"USER Ana:20000"), Some("Ana".to_string()));
    assert_eq!(caller(b"user Ana"), None);
}
