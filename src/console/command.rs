//! A typed line becomes a command of the peer, or the console answers it: help, and mistakes.
//!
//! Knows the words of the commands. Must never know what a command does: [`crate::peer`] decides
//! that. Read next: [`super::texts`], which has the sentences of a [`ConsoleAnswer`].

use std::collections::BTreeSet;

use super::nearest::nearest;
use crate::peer::command::Command;
use crate::peer::notice::Notice;

/// A typed line, parsed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TypedEntry<'a> {
    /// `/list`: who is online?
    List,
    /// `/chat NAME`: calls somebody, or switches to a conversation.
    Chat(&'a [u8]),
    /// `/msg NAME TEXT`, not split yet, because names may have blanks. See `split_message`.
    Message(&'a [u8]),
    /// `/reply TEXT`: to the person who wrote last, without a change of the target.
    Reply(&'a [u8]),
    /// `/next`: to the conversation with the oldest unread message.
    Next,
    /// `/peers`: which conversations are open?
    Peers,
    /// `/bye`, or `/bye NAME`.
    Bye(Option<&'a [u8]>),
    /// `/help`, or `/help COMMAND`.
    Help(Option<Topic>),
    /// `/exit`, `/quit`.
    Exit,
    /// A word with `/` in front that is no command. It is never text.
    Unknown(&'a [u8]),
    /// A command without its argument, or with one that it does not take.
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

    /// The command for a word, in any case, or for a word of other programs. A beginning is enough
    /// if only one command has it.
    #[must_use]
    pub fn named(word: &[u8]) -> Option<Self> {
        let word = word.strip_prefix(b"/").unwrap_or(word).to_ascii_lowercase();
        match &word[..] {
            b"names" => Some(Self::List),
            b"switch" => Some(Self::Chat),
            b"r" => Some(Self::Reply),
            b"quit" => Some(Self::Exit),
            beginning if beginning.len() >= BEGINNING_BYTES_MIN => {
                let begins = |topic: &Self| topic.word().as_bytes().starts_with(beginning);
                only(Self::ALL.into_iter().filter(begins))
            }
            _ => None,
        }
    }

    /// The command at the beginning of a line, if a blank follows it.
    #[must_use]
    pub fn of_line(line: &str) -> Option<Self> {
        let (word, _) = line.strip_prefix('/')?.split_once(' ')?;
        Self::named(word.as_bytes())
    }

    /// The command that is most like an unknown word.
    #[must_use]
    pub fn nearest(word: &[u8]) -> Option<Self> {
        let word = String::from_utf8_lossy(word).trim_start_matches('/').to_ascii_lowercase();
        let own = Self::ALL.into_iter().map(|topic| (topic.word(), topic));
        nearest(&word, own.chain(OTHER_WORDS))
    }
}

/// The shortest beginning of a command that counts as the command, in bytes. A single letter is too
/// easily a slip.
const BEGINNING_BYTES_MIN: usize = 2;

/// Words that people try first. They do nothing, but the answer names the right command.
const OTHER_WORDS: [(&str, Topic); 6] = [
    ("sair", Topic::Exit),
    ("listar", Topic::List),
    ("who", Topic::List),
    ("conversar", Topic::Chat),
    ("tchau", Topic::Bye),
    ("ajuda", Topic::Help),
];

/// The only item. `None` if there are none or several.
fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

/// The small letter of a capital one, in ASCII and Latin-1, which has all letters of Portuguese and
/// of its neighbours. The tables for all alphabets would be 16 kB of the program.
pub(super) fn small(letter: char) -> char {
    match u8::try_from(letter) {
        Ok(capital @ (b'A'..=b'Z' | 0xC0..=0xD6 | 0xD8..=0xDE)) => char::from(capital | 0x20),
        _ => letter,
    }
}

impl<'a> TypedEntry<'a> {
    /// Parses a typed line. Two slashes in front mean text that begins with one slash.
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

/// The console's own answer to a typed line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ConsoleAnswer {
    /// Help, on everything or on one command.
    Help(Option<Topic>),
    /// The usage of a command that was misused.
    Usage(Topic),
    /// There is no such command.
    Unknown(Vec<u8>),
    /// The question which of these names is meant: a text begins with each of them.
    Which(Vec<Vec<u8>>),
    /// Nobody has the typed name. The person with this name is called, which differs only in case.
    Takes(Vec<u8>),
    /// Nobody has the typed name, but this name begins with it.
    Near(Vec<u8>),
}

/// The result of a typed line: a command for the peer, an answer for the person, both, or nothing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct LineOutcome {
    /// For the peer.
    pub command: Option<Command>,
    /// For the person.
    pub answer: Option<ConsoleAnswer>,
}

/// Parses typed lines. Notices of the peer decide what some lines mean.
#[derive(Debug)]
pub struct CommandReader {
    /// A script types. Its first line is always the name.
    is_script: bool,
    /// The next line is the answer to "User name:".
    is_name_asked: bool,
    /// The labels of the open conversations.
    labels: Vec<String>,
    /// The names of the last LIST.
    online: Vec<Vec<u8>>,
    /// The name of the last `/chat`.
    called: Option<Vec<u8>>,
    /// The last call, if nobody has that name.
    missed: Option<Missed>,
}

/// A called name that nobody has.
#[derive(Debug)]
struct Missed {
    name: Vec<u8>,
    /// All names online. The person did not read them, so they are no names for `/msg`.
    online: Vec<Vec<u8>>,
}

impl CommandReader {
    /// A reader before the first notice.
    #[must_use]
    pub fn new(is_script: bool) -> Self {
        Self {
            is_script,
            is_name_asked: false,
            labels: Vec::new(),
            online: Vec::new(),
            called: None,
            missed: None,
        }
    }

    /// Notes a notice that changes the meaning of lines.
    #[allow(clippy::wildcard_enum_match_arm, reason = "no other notice changes what a line means")]
    pub fn hear(&mut self, notice: &Notice) {
        match notice {
            Notice::AskName => self.is_name_asked = true,
            Notice::Standing(standing) => {
                self.is_name_asked &= standing.me.is_none();
                self.labels = standing.open.iter().map(|who| who.label.clone()).collect();
            }
            Notice::Online(names) => self.online.clone_from(names),
            Notice::NotOnline { name, online } => {
                let is_it = |called: &mut Vec<u8>| called == name.as_str().as_bytes();
                let called = self.called.take_if(is_it);
                self.missed = called.map(|name| Missed { name, online: online.clone() });
            }
            _ => {}
        }
    }

    /// Notes a called name, for [`CommandReader::look_again`]. A script gets no second guess.
    pub(super) fn note_call(&mut self, name: &[u8]) {
        self.called = (!self.is_script).then(|| name.to_vec());
    }

    /// Guesses a called name that nobody has. If only one name differs from it by case alone, that
    /// person is called. If only one name begins with it, that name is suggested. A label with a
    /// colon belongs to a person whom the server does not confirm, and is never a guess.
    pub(super) fn look_again(&mut self) -> LineOutcome {
        let Some(missed) = self.missed.take() else { return LineOutcome::default() };
        let typed = small_letters(&missed.name);
        let begins_so = |known: &&[u8]| small_letters(known).starts_with(&typed);
        let online = missed.online.iter().map(Vec::as_slice);
        let known = self.labels.iter().map(String::as_bytes).chain(online);
        let names = known.filter(|known| !known.contains(&b':') && *known != missed.name);
        let names: BTreeSet<_> = names.filter(begins_so).collect();
        let is_same = |known: &&&[u8]| small_letters(known).len() == typed.len();
        match (only(names.iter().filter(is_same)), only(names.iter())) {
            (Some(same), _) => LineOutcome {
                command: Some(Command::Chat(same.to_vec())),
                answer: Some(ConsoleAnswer::Takes(same.to_vec())),
            },
            (None, Some(near)) => ConsoleAnswer::Near(near.to_vec()).into(),
            (None, None) => LineOutcome::default(),
        }
    }

    /// Parses a line without its end.
    #[must_use]
    pub fn read(&self, line: &[u8]) -> LineOutcome {
        if self.is_name_asked { self.read_name(line) } else { self.read_entry(line) }
    }

    /// A person who types a command instead of a name does not want it as a name.
    #[allow(clippy::wildcard_enum_match_arm, reason = "all other entries are commands")]
    fn read_name(&self, line: &[u8]) -> LineOutcome {
        match TypedEntry::parse(line) {
            TypedEntry::Exit => Command::Exit.into(),
            TypedEntry::Text(_) => Command::Name(line.to_vec()).into(),
            _ if self.is_script => Command::Name(line.to_vec()).into(),
            _ => Command::Mistake.into(),
        }
    }

    fn read_entry(&self, line: &[u8]) -> LineOutcome {
        match TypedEntry::parse(line) {
            TypedEntry::List => Command::List.into(),
            TypedEntry::Chat(name) => Command::Chat(name.to_vec()).into(),
            TypedEntry::Message(rest) => self.read_message(rest),
            TypedEntry::Reply(text) => Command::Reply(text.to_vec()).into(),
            TypedEntry::Next => Command::Next.into(),
            TypedEntry::Peers => Command::Peers.into(),
            TypedEntry::Bye(name) => Command::Bye(name.map(<[u8]>::to_vec)).into(),
            TypedEntry::Exit => Command::Exit.into(),
            TypedEntry::Help(topic) => ConsoleAnswer::Help(topic).into(),
            TypedEntry::Unknown(word) => mistake(ConsoleAnswer::Unknown(word.to_vec())),
            TypedEntry::Misused(topic) => mistake(ConsoleAnswer::Usage(topic)),
            TypedEntry::Text(b"") => LineOutcome::default(),
            TypedEntry::Text(text) => Command::Say(text.to_vec()).into(),
        }
    }

    /// The labels of the open conversations, and the names of the last LIST.
    fn known(&self) -> impl Iterator<Item = &[u8]> {
        let labels = self.labels.iter().map(String::as_bytes);
        labels.chain(self.online.iter().map(Vec::as_slice))
    }

    fn read_message(&self, rest: &[u8]) -> LineOutcome {
        match split_message(rest, self.known()) {
            Split::One(_, b"") => mistake(ConsoleAnswer::Usage(Topic::Message)),
            Split::One(to, text) => {
                Command::Message { to: to.to_vec(), text: text.to_vec() }.into()
            }
            Split::Several(names) => {
                mistake(ConsoleAnswer::Which(names.into_iter().map(<[u8]>::to_vec).collect()))
            }
        }
    }
}

fn small_letters(name: &[u8]) -> String {
    String::from_utf8_lossy(name).chars().map(small).collect()
}

fn mistake(answer: ConsoleAnswer) -> LineOutcome {
    LineOutcome { command: Some(Command::Mistake), answer: Some(answer) }
}

impl From<Command> for LineOutcome {
    fn from(command: Command) -> Self {
        Self { command: Some(command), answer: None }
    }
}

impl From<ConsoleAnswer> for LineOutcome {
    fn from(answer: ConsoleAnswer) -> Self {
        Self { command: None, answer: Some(answer) }
    }
}

/// The meaning of `NAME TEXT`.
#[derive(Debug, Eq, PartialEq)]
enum Split<'a> {
    /// This name and this text.
    One(&'a [u8], &'a [u8]),
    /// The text begins with each of these names.
    Several(Vec<&'a [u8]>),
}

/// Splits `NAME TEXT`. A name may have blanks. A name in quotes is exact. Otherwise, if the text
/// begins with exactly one known name, that is the name. With two, no guess is safe: the owner of
/// the longer name may have chosen it to get messages for the other. Without a known name, the
/// first word is the name.
fn split_message<'a>(rest: &'a [u8], known: impl Iterator<Item = &'a [u8]>) -> Split<'a> {
    if let Some((name, text)) = split_quoted(rest) {
        return Split::One(name, text);
    }
    let is_in_front = |name: &&[u8]| {
        rest.strip_prefix(*name).is_some_and(|behind| matches!(behind, [] | [b' ', ..]))
    };
    let names: BTreeSet<_> = known.filter(is_in_front).collect();
    let first_word = rest.iter().position(|&byte| byte == b' ').unwrap_or(rest.len());
    let end = match names.len() {
        0 => first_word,
        1 => names.iter().map(|name| name.len()).sum(),
        _ => return Split::Several(names.into_iter().collect()),
    };
    let (name, text) = rest.split_at(end);
    Split::One(name, text.trim_ascii_start())
}

fn split_quoted(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let quoted = rest.strip_prefix(b"\"")?;
    let end = quoted.windows(2).position(|two| two == b"\" ")?;
    Some((&quoted[..end], quoted[end + 2..].trim_ascii_start()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::notice::{ConversationId, Partner, Standing, Trust};
    use crate::wire::name::Name;

    #[test]
    fn commands_and_text() {
        let cases: [(&[u8], TypedEntry<'_>); 21] = [
            (b"/list", TypedEntry::List),
            (b"/LIST ", TypedEntry::List),
            (b"/chat Ana Maria", TypedEntry::Chat(b"Ana Maria")),
            (b"/chat", TypedEntry::Misused(Topic::Chat)),
            (b"/msg Ana oi", TypedEntry::Message(b"Ana oi")),
            (b"/reply oi, //tudo", TypedEntry::Reply(b"oi, //tudo")),
            (b"/R oi", TypedEntry::Reply(b"oi")),
            (b"/reply ", TypedEntry::Misused(Topic::Reply)),
            (b"/next Ana", TypedEntry::Misused(Topic::Next)),
            (b"/bye", TypedEntry::Bye(None)),
            (b"/bye Ana", TypedEntry::Bye(Some(b"Ana"))),
            (b"/help /chat", TypedEntry::Help(Some(Topic::Chat))),
            (b"/quit", TypedEntry::Exit),
            (b"/exit now", TypedEntry::Misused(Topic::Exit)),
            (b"/dance", TypedEntry::Unknown(b"/dance")),
            (b"/ch Ana", TypedEntry::Chat(b"Ana")),
            (b"/ex", TypedEntry::Exit),
            (b"/c", TypedEntry::Unknown(b"/c")),
            (b"//list", TypedEntry::Text(b"/list")),
            (b"oi", TypedEntry::Text(b"oi")),
            (b" /list", TypedEntry::Text(b" /list")),
        ];
        for (line, expected) in cases {
            assert_eq!(TypedEntry::parse(line), expected, "{}", line.escape_ascii());
        }
    }

    /// D9: what a person tries first, and what a finger makes of a word.
    #[test]
    fn an_unknown_word_has_a_nearest_command() {
        let cases: &[(&[u8], Option<Topic>)] = &[
            (b"/sair", Some(Topic::Exit)),
            (b"/SAIR", Some(Topic::Exit)),
            (b"/ajuda", Some(Topic::Help)),
            #[cfg(feature = "tools")]
            (b"/liste", Some(Topic::List)),
            #[cfg(feature = "tools")]
            (b"/caht", Some(Topic::Chat)),
            (b"/dance", None),
            (b"/x", None),
            (b"/", None),
        ];
        for (word, expected) in cases {
            assert_eq!(Topic::nearest(word), *expected, "{}", word.escape_ascii());
        }
    }

    /// E20: the case of a name may be wrong where only one name can be meant. Names differ by case,
    /// so the server is asked for the exact one first.
    #[test]
    fn a_name_that_is_nobodys_is_looked_for_in_another_case() {
        let names = ["Bruno", "José da Silva", "Rita", "RITA", "Ana", "Ana Maria"];
        let open =
            Partner { id: ConversationId(1), label: "Zeca:1".into(), trust: Trust::Doubtful };
        let online = names.map(|name| name.as_bytes().to_vec()).to_vec();
        let missed = |is_script: bool, name: &str| {
            let mut reader = CommandReader::new(is_script);
            let open = vec![open.clone()];
            reader.hear(&Notice::Standing(Standing { open, ..Standing::default() }));
            reader.note_call(name.as_bytes());
            assert_eq!(reader.look_again(), LineOutcome::default(), "nobody has answered");
            let name = Name::parse(name.as_bytes()).expect("a name");
            reader.hear(&Notice::NotOnline { name, online: online.clone() });
            let outcome = reader.look_again();
            assert_eq!(reader.look_again(), LineOutcome::default(), "once");
            outcome
        };
        let takes = |name: &str| LineOutcome {
            command: Some(Command::Chat(name.as_bytes().to_vec())),
            answer: Some(ConsoleAnswer::Takes(name.as_bytes().to_vec())),
        };
        assert_eq!(missed(false, "bruno"), takes("Bruno"));
        assert_eq!(missed(false, "JOSÉ DA SILVA"), takes("José da Silva"));
        assert_eq!(missed(false, "ana"), takes("Ana"));
        let near = LineOutcome::from(ConsoleAnswer::Near("José da Silva".as_bytes().to_vec()));
        assert_eq!(missed(false, "josé"), near);
        for nobody in ["rita", "Mario", "Zeca", "zeca"] {
            assert_eq!(missed(false, nobody), LineOutcome::default(), "{nobody}");
        }
        assert_eq!(missed(true, "bruno"), LineOutcome::default(), "a script means what it says");
    }

    #[test]
    fn messages_to_names_with_blanks() {
        let split = |rest: &'static [u8]| split_message(rest, [&b"Ana Maria"[..]].into_iter());
        assert_eq!(split(b"Ana Maria oi"), Split::One(b"Ana Maria", b"oi"));
        assert_eq!(split(b"Ana Mariana oi"), Split::One(b"Ana", b"Mariana oi"));
        assert_eq!(split(b"Bruno oi"), Split::One(b"Bruno", b"oi"));
        assert_eq!(split(b"Bruno"), Split::One(b"Bruno", b""));
    }

    #[test]
    fn where_two_names_match_nobody_is_chosen() {
        let known = [&b"Bruno"[..], b"Bruno a", b"Bruno"];
        let split = |rest: &'static [u8]| split_message(rest, known.into_iter());
        assert_eq!(split(b"Bruno a senha"), Split::Several(vec![b"Bruno", b"Bruno a"]));
        assert_eq!(split(b"Bruno oi"), Split::One(b"Bruno", b"oi"));
        assert_eq!(split(b"\"Bruno\" a senha"), Split::One(b"Bruno", b"a senha"));
        assert_eq!(split(b"\"Bruno a\" senha"), Split::One(b"Bruno a", b"senha"));
        assert_eq!(split(b"\"Bruno"), Split::One(b"\"Bruno", b""));
    }
}
