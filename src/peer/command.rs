//! What the person typed, parsed. No effects, and no words of any language but the commands'.

/// A typed line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Command<'a> {
    /// `/list`: who is online?
    List,
    /// `/chat NAME`: call, or switch to.
    Chat(&'a [u8]),
    /// `/msg NAME TEXT`, not cut apart yet: names have blanks. See [`split_message`].
    Message(&'a [u8]),
    /// `/reply TEXT`: to who wrote last, without changing the conversation.
    Reply(&'a [u8]),
    /// `/next`: to the conversation in which something unread has waited longest.
    Next,
    /// `/peers`: which conversations are open?
    Peers,
    /// `/bye`, or `/bye NAME`.
    Bye(Option<&'a [u8]>),
    /// `/help`, or `/help COMMAND`.
    Help(Option<Topic>),
    /// `/exit`, `/quit`.
    Exit,
    /// Something with `/` in front that is no command: never text.
    Unknown(&'a [u8]),
    /// A command without what it needs, or with what it does not take.
    Misused(Topic),
    /// Text for the conversation.
    Text(&'a [u8]),
}

/// The commands, for help.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Topic {
    /// `/list`
    List,
    /// `/chat`
    Chat,
    /// `/msg`
    Message,
    /// `/reply`
    Reply,
    /// `/next`
    Next,
    /// `/peers`
    Peers,
    /// `/bye`
    Bye,
    /// `/help`
    Help,
    /// `/exit`
    Exit,
}

impl Topic {
    /// All of them, in the order in which help shows them.
    pub const ALL: [Self; 9] = [
        Self::List,
        Self::Chat,
        Self::Message,
        Self::Reply,
        Self::Next,
        Self::Peers,
        Self::Bye,
        Self::Help,
        Self::Exit,
    ];

    /// The word of the command, without its slash.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Chat => "chat",
            Self::Message => "msg",
            Self::Reply => "reply",
            Self::Next => "next",
            Self::Peers => "peers",
            Self::Bye => "bye",
            Self::Help => "help",
            Self::Exit => "exit",
        }
    }

    /// The command for a word, in any case; other programs' words for it too.
    #[must_use]
    pub fn named(word: &[u8]) -> Option<Self> {
        let word = word.strip_prefix(b"/").unwrap_or(word).to_ascii_lowercase();
        match &word[..] {
            b"names" => Some(Self::List),
            b"switch" => Some(Self::Chat),
            b"r" => Some(Self::Reply),
            b"quit" => Some(Self::Exit),
            other => Self::ALL.into_iter().find(|topic| topic.word().as_bytes() == other),
        }
    }
}

impl<'a> Command<'a> {
    /// Reads a typed line. Two slashes in front stand for one, as text.
    #[must_use]
    pub fn parse(line: &'a [u8]) -> Self {
        match line {
            [b'/', b'/', ..] => Self::Text(&line[1..]),
            [b'/', ..] => Self::parse_command(line),
            text => Self::Text(text),
        }
    }

    fn parse_command(line: &'a [u8]) -> Self {
        let end = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
        let (word, rest) = (&line[..end], line[end..].trim_ascii());
        let Some(topic) = Topic::named(word) else { return Self::Unknown(word) };
        match (topic, rest.is_empty()) {
            (Topic::List, true) => Self::List,
            (Topic::Chat, false) => Self::Chat(rest),
            (Topic::Message, false) => Self::Message(rest),
            (Topic::Reply, false) => Self::Reply(rest),
            (Topic::Next, true) => Self::Next,
            (Topic::Peers, true) => Self::Peers,
            (Topic::Bye, true) => Self::Bye(None),
            (Topic::Bye, false) => Self::Bye(Some(rest)),
            (Topic::Help, true) => Self::Help(None),
            (Topic::Help, false) => {
                Topic::named(rest).map_or(Self::Unknown(rest), |topic| Self::Help(Some(topic)))
            }
            (Topic::Exit, true) => Self::Exit,
            (Topic::Chat | Topic::Message | Topic::Reply, true)
            | (Topic::List | Topic::Next | Topic::Peers | Topic::Exit, false) => {
                Self::Misused(topic)
            }
        }
    }
}

/// Cuts `NAME TEXT` apart. Names have blanks, so the longest name that is known and stands in
/// front is taken; where none does, the first word is.
#[must_use]
pub fn split_message<'a>(
    rest: &'a [u8],
    known: impl Iterator<Item = &'a [u8]>,
) -> (&'a [u8], &'a [u8]) {
    let first_word = rest.iter().position(|&byte| byte == b' ').unwrap_or(rest.len());
    let stands_in_front = |name: &&[u8]| {
        rest.strip_prefix(*name).is_some_and(|behind| matches!(behind, [] | [b' ', ..]))
    };
    let known_end = known.filter(stands_in_front).map(<[u8]>::len).max().unwrap_or(0);
    let (name, text) = rest.split_at(known_end.max(first_word));
    (name, text.trim_ascii_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_and_text() {
        let cases: [(&[u8], Command<'_>); 18] = [
            (b"/list", Command::List),
            (b"/LIST ", Command::List),
            (b"/chat Ana Maria", Command::Chat(b"Ana Maria")),
            (b"/chat", Command::Misused(Topic::Chat)),
            (b"/msg Ana oi", Command::Message(b"Ana oi")),
            (b"/reply oi, //tudo", Command::Reply(b"oi, //tudo")),
            (b"/R oi", Command::Reply(b"oi")),
            (b"/reply ", Command::Misused(Topic::Reply)),
            (b"/next Ana", Command::Misused(Topic::Next)),
            (b"/bye", Command::Bye(None)),
            (b"/bye Ana", Command::Bye(Some(b"Ana"))),
            (b"/help /chat", Command::Help(Some(Topic::Chat))),
            (b"/quit", Command::Exit),
            (b"/exit now", Command::Misused(Topic::Exit)),
            (b"/dance", Command::Unknown(b"/dance")),
            (b"//list", Command::Text(b"/list")),
            (b"oi", Command::Text(b"oi")),
            (b" /list", Command::Text(b" /list")),
        ];
        for (line, expected) in cases {
            assert_eq!(Command::parse(line), expected, "{}", line.escape_ascii());
        }
    }

    #[test]
    fn messages_to_names_with_blanks() {
        let known = [&b"Ana"[..], b"Ana Maria"];
        let split = |rest| split_message(rest, known.into_iter());
        assert_eq!(split(b"Ana Maria oi"), (&b"Ana Maria"[..], &b"oi"[..]));
        assert_eq!(split(b"Ana Mariana oi"), (&b"Ana"[..], &b"Mariana oi"[..]));
        assert_eq!(split(b"Bruno oi"), (&b"Bruno"[..], &b"oi"[..]));
        assert_eq!(split(b"Bruno"), (&b"Bruno"[..], &b""[..]));
    }
}
