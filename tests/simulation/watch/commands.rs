//! The meaning of a typed line, parsed a second time and more simply.

use papo::wire::name::Name;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Command<'a> {
    List,
    Chat(&'a str),
    /// The name and the text: see [`split_message`].
    Message(&'a str),
    Reply(&'a str),
    Next,
    Peers,
    Bye(Option<&'a str>),
    Exit,
    Text(&'a [u8]),
    /// An unknown command.
    Unknown,
    /// A command without an effect outside this peer.
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

/// Splits name and text: after the one known name, or else after the first word.
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
