//! A typed line becomes a command of the peer, or the console answers it: help, and mistakes.
//!
//! Knows the words of the commands. Must never know what a command does: [`crate::peer`] decides
//! that. Read next: [`super::texts`], which has the sentences of a [`ConsoleAnswer`].

use std::collections::BTreeSet;

use super::nearest::{nearest, nearest_name, small_letters};
use crate::peer::command::Command;
use crate::peer::notice::Notice;

/// A typed line, parsed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TypedEntry<'a> {
    /// `/list`: who is online?
    List,
    /// `/chat NAME`: calls somebody, or switches to a conversation.
    Chat(&'a [u8]),
    /// `/msg NAME TEXT`, not split yet, because names may have blanks.
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
    /// `/help` with a word that is no command.
    UnknownTopic(&'a [u8]),
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

    /// The command at the beginning of a line, if a blank or a line end follows it.
    #[must_use]
    pub fn of_line(line: &str) -> Option<Self> {
        let (word, _) = line.strip_prefix('/')?.split_once([' ', '\n'])?;
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
            (Topic::Chat, false) => Self::Chat(unquoted(rest)),
            (Topic::Message, false) => Self::Message(rest),
            (Topic::Reply, false) => Self::Reply(rest),
            (Topic::Next, true) => Self::Next,
            (Topic::Peers, true) => Self::Peers,
            (Topic::Bye, true) => Self::Bye(None),
            (Topic::Bye, false) => Self::Bye(Some(unquoted(rest))),
            (Topic::Help, true) => Self::Help(None),
            (Topic::Help, false) => {
                Topic::named(rest).map_or(Self::UnknownTopic(rest), |topic| Self::Help(Some(topic)))
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
    /// There is no such command to explain.
    UnknownTopic(Vec<u8>),
    /// The question which of these names is meant: a text begins with each of them.
    Which(Vec<Vec<u8>>),
    /// Nobody has the typed name. The person with this name is called, which differs only in case.
    Takes(Vec<u8>),
    /// No person or no conversation has the typed name. This name is like it.
    Near {
        /// The typed command.
        topic: Topic,
        /// The other name.
        name: Vec<u8>,
    },
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
    /// The names of the last LIST that the person has read.
    online: Vec<Vec<u8>>,
    /// A `/msg` that is not split yet.
    message: Option<UnsplitMessage>,
    /// The last command with a name: `/chat`, `/msg` or `/bye`.
    named: Option<(Topic, Vec<u8>)>,
    /// The same, if nobody has that name.
    missed: Option<Missed>,
}

/// A `/msg` without quotes. A name that begins like its text may be online, so the server is asked
/// who is, before the text is split.
#[derive(Debug)]
struct UnsplitMessage {
    /// `NAME TEXT`.
    rest: Vec<u8>,
    /// All names online. `None`: the answer has not come.
    online: Option<Vec<Vec<u8>>>,
}

/// A name that nobody has.
#[derive(Debug)]
struct Missed {
    topic: Topic,
    name: Vec<u8>,
    /// All names online, if the server was asked.
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
            message: None,
            named: None,
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
            Notice::Names(names) => {
                if let Some(message) = &mut self.message {
                    message.online = Some(names.clone());
                }
            }
            Notice::NotOnline { name, online } => self.miss(name.as_bytes(), online),
            Notice::NotTalkingTo { name } => self.miss(name, &[]),
            _ => {}
        }
    }

    /// Nobody has this name.
    fn miss(&mut self, name: &[u8], online: &[Vec<u8>]) {
        let named = self.named.take_if(|(_, typed)| typed == name);
        self.missed = named.map(|(topic, name)| Missed { topic, name, online: online.to_vec() });
    }

    /// Guesses a name that nobody has. If only one name differs from it by case alone, that person
    /// is called, but not for a script and not with a text. Any other name that is like it is
    /// suggested. A label with a colon belongs to a person whom the server does not confirm: it is
    /// suggested only for exactly its own name.
    pub(super) fn look_again(&mut self) -> LineOutcome {
        let Some(Missed { topic, name, online }) = self.missed.take() else {
            return LineOutcome::default();
        };
        let typed = small_letters(&name);
        let online = online.iter().map(Vec::as_slice);
        let known: BTreeSet<_> = self.labels.iter().map(String::as_bytes).chain(online).collect();
        let plain = known.iter().copied().filter(|known| !known.contains(&b':') && *known != name);
        let same = only(plain.clone().filter(|known| small_letters(known) == typed));
        if let Some(same) = same.filter(|_| topic == Topic::Chat && !self.is_script) {
            return LineOutcome {
                command: Some(Command::Chat(same.to_vec())),
                answer: Some(ConsoleAnswer::Takes(same.to_vec())),
            };
        }
        let is_numbered = |label: &&&[u8]| {
            label.strip_prefix(&name[..]).is_some_and(|behind| behind.first() == Some(&b':'))
        };
        let near = only(known.iter().filter(is_numbered)).copied();
        let near = near.or_else(|| nearest_name(&name, plain));
        let near = near.map(|near| ConsoleAnswer::Near { topic, name: near.to_vec() });
        LineOutcome { command: None, answer: near }
    }

    /// The `/msg` that has waited for the names online.
    pub fn take_message(&mut self) -> LineOutcome {
        let message = self.message.take_if(|message| message.online.is_some());
        let Some(UnsplitMessage { rest, online }) = message else { return LineOutcome::default() };
        let online = online.iter().flatten().map(Vec::as_slice);
        let outcome = LineOutcome::from(split_message(&rest, self.known(), online));
        outcome.command.iter().for_each(|command| self.note_name(command));
        outcome
    }

    /// Parses a line without its end.
    #[must_use]
    pub fn read(&mut self, line: &[u8]) -> LineOutcome {
        if self.is_name_asked {
            return self.read_name(line);
        }
        let outcome = self.read_entry(line);
        outcome.command.iter().for_each(|command| self.note_name(command));
        outcome
    }

    /// Notes the name in a command, for [`CommandReader::look_again`].
    #[allow(clippy::wildcard_enum_match_arm, reason = "no other command has a typed name")]
    fn note_name(&mut self, command: &Command) {
        let named = match command {
            Command::Chat(name) => Some((Topic::Chat, name)),
            Command::Message { to, .. } => Some((Topic::Message, to)),
            Command::Bye(Some(name)) => Some((Topic::Bye, name)),
            _ => None,
        };
        self.named = named.map(|(topic, name)| (topic, name.clone()));
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

    fn read_entry(&mut self, line: &[u8]) -> LineOutcome {
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
            TypedEntry::UnknownTopic(word) => mistake(ConsoleAnswer::UnknownTopic(word.to_vec())),
            TypedEntry::Misused(topic) => mistake(ConsoleAnswer::Usage(topic)),
            // An empty Enter of a person is no text. In a script it is a blank line of the text.
            TypedEntry::Text(b"") if self.is_script && !self.labels.is_empty() => {
                Command::Say(b" ".to_vec()).into()
            }
            TypedEntry::Text(b"") => LineOutcome::default(),
            TypedEntry::Text(text) => Command::Say(text.to_vec()).into(),
        }
    }

    /// The labels of the open conversations, and the names of the last LIST.
    fn known(&self) -> impl Iterator<Item = &[u8]> {
        let labels = self.labels.iter().map(String::as_bytes);
        labels.chain(self.online.iter().map(Vec::as_slice))
    }

    /// A name in quotes is exact, and a text without a blank is only a name. Any other text is
    /// split when the names online are known: see [`CommandReader::take_message`].
    fn read_message(&mut self, rest: &[u8]) -> LineOutcome {
        if let Some((name, text)) = split_quoted(rest) {
            return Split::One(name, text).into();
        }
        if !rest.iter().any(|byte| b" \n".contains(byte)) {
            return Split::One(rest, b"").into();
        }
        self.message = Some(UnsplitMessage { rest: rest.to_vec(), online: None });
        Command::Names.into()
    }
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
pub(super) enum Split<'a> {
    /// This name and this text.
    One(&'a [u8], &'a [u8]),
    /// The text begins with each of these names.
    Several(Vec<&'a [u8]>),
}

impl From<Split<'_>> for LineOutcome {
    fn from(split: Split<'_>) -> Self {
        match split {
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

/// Splits `NAME TEXT`. A name may have blanks. A name in quotes is exact. Otherwise, if the text
/// begins with exactly one name that the person knows or that is online, that is the name. With
/// two, no guess is safe: the owner of the longer name may have chosen it to get messages for the
/// other. For the same reason, a longer name that the person does not know is never taken: the
/// first word may be somebody who is not online. Without any such name, the first word is the name.
pub(super) fn split_message<'a>(
    rest: &'a [u8],
    known: impl Iterator<Item = &'a [u8]>,
    online: impl Iterator<Item = &'a [u8]>,
) -> Split<'a> {
    if let Some((name, text)) = split_quoted(rest) {
        return Split::One(name, text);
    }
    let is_in_front = |name: &&[u8]| {
        rest.strip_prefix(*name).is_some_and(|behind| matches!(behind, [] | [b' ' | b'\n', ..]))
    };
    let first_word = rest.iter().position(|byte| b" \n".contains(byte)).unwrap_or(rest.len());
    let known: BTreeSet<_> = known.filter(is_in_front).collect();
    let names: BTreeSet<_> = online.filter(is_in_front).chain(known.iter().copied()).collect();
    let end = match only(names.iter()) {
        None if names.is_empty() => first_word,
        Some(name) if name.len() == first_word || known.contains(name) => name.len(),
        _ => return Split::Several(names.into_iter().collect()),
    };
    let (name, text) = rest.split_at(end);
    Split::One(name, text.trim_ascii_start())
}

fn split_quoted(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let quoted = rest.strip_prefix(b"\"")?;
    let is_end = |at: &usize| matches!(quoted[*at..], [b'"'] | [b'"', b' ' | b'\n', ..]);
    let end = (1..quoted.len()).find(is_end)?;
    Some((&quoted[..end], quoted[end + 1..].trim_ascii_start()))
}

/// A name without the quotes around it.
fn unquoted(name: &[u8]) -> &[u8] {
    let inner = name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\""));
    inner.filter(|inner| !inner.is_empty()).unwrap_or(name)
}

/// A name as the argument of a command: in quotes where the command would take it for another name.
pub(super) fn argument(topic: Topic, name: &str) -> String {
    let needs_quotes = name.starts_with('"') || topic == Topic::Message && name.contains(' ');
    if needs_quotes { format!("\"{name}\"") } else { name.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::notice::{ConversationId, Partner, Standing, Trust};
    use crate::wire::name::Name;

    #[test]
    fn commands_and_text() {
        let cases: [(&[u8], TypedEntry<'_>); 26] = [
            (b"/list", TypedEntry::List),
            (b"/LIST ", TypedEntry::List),
            (b"/chat Ana Maria", TypedEntry::Chat(b"Ana Maria")),
            (b"/chat \"Ana Maria\"", TypedEntry::Chat(b"Ana Maria")),
            (b"/bye \"Ana Maria\" ", TypedEntry::Bye(Some(b"Ana Maria"))),
            (b"/chat \"Ana", TypedEntry::Chat(b"\"Ana")),
            (b"/chat \"\"", TypedEntry::Chat(b"\"\"")),
            (b"/help lits", TypedEntry::UnknownTopic(b"lits")),
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

    /// The answer to a command with a name that nobody has.
    fn missed(is_script: bool, command: &str, name: &str) -> LineOutcome {
        let names = ["Bruno", "José da Silva", "Rita", "RITA", "Ana", "Ana Maria", "Aluno 05"];
        let open = ["Zeca:1", "Bruno a:2"].map(|label| Partner {
            id: ConversationId(1),
            label: label.into(),
            trust: Trust::Doubtful,
        });
        let online = names.map(|name| name.as_bytes().to_vec()).to_vec();
        let mut reader = CommandReader::new(is_script);
        reader.hear(&Notice::Standing(Standing { open: open.to_vec(), ..Standing::default() }));
        let line = match command {
            "/msg" => format!("/msg \"{name}\" oi"),
            _ => format!("{command} {name}"),
        };
        assert!(reader.read(line.as_bytes()).command.is_some());
        assert_eq!(reader.look_again(), LineOutcome::default(), "nobody has answered");
        reader.hear(&match command {
            "/bye" => Notice::NotTalkingTo { name: name.into() },
            _ => Notice::NotOnline { name: Name::parse(name.as_bytes()).expect("a name"), online },
        });
        let outcome = reader.look_again();
        assert_eq!(reader.look_again(), LineOutcome::default(), "once");
        outcome
    }

    /// E20: the case of a name may be wrong where only one name can be meant. Names differ by case,
    /// so the server is asked for the exact one first.
    #[test]
    fn a_name_that_is_nobodys_is_looked_for_in_another_case() {
        let takes = |name: &str| LineOutcome {
            command: Some(Command::Chat(name.as_bytes().to_vec())),
            answer: Some(ConsoleAnswer::Takes(name.as_bytes().to_vec())),
        };
        assert_eq!(missed(false, "/chat", "bruno"), takes("Bruno"));
        assert_eq!(missed(false, "/chat", "JOSÉ DA SILVA"), takes("José da Silva"));
        assert_eq!(missed(false, "/chat", "ana"), takes("Ana"));
        for nobody in ["rita", "Mario", "zeca"] {
            assert_eq!(missed(false, "/chat", nobody), LineOutcome::default(), "{nobody}");
        }
    }

    /// A name that is like the typed one is suggested, and neither called nor sent to.
    #[test]
    fn a_name_that_is_nobodys_has_a_nearest_name() {
        assert_eq!(missed(false, "/chat", "josé"), near(Topic::Chat, "José da Silva"));
        assert_eq!(missed(false, "/msg", "Bru"), near(Topic::Message, "Bruno"));
        for is_script in [false, true] {
            assert_eq!(missed(is_script, "/msg", "bruno"), near(Topic::Message, "Bruno"));
        }
        assert_eq!(missed(true, "/chat", "bruno"), near(Topic::Chat, "Bruno"), "no second guess");
        assert_eq!(missed(false, "/chat", "Bruno a"), near(Topic::Chat, "Bruno a:2"));
        assert_eq!(missed(false, "/bye", "Bruno a"), near(Topic::Bye, "Bruno a:2"));
        assert_eq!(missed(false, "/chat", "Zeca"), near(Topic::Chat, "Zeca:1"));
    }

    #[test]
    #[cfg(feature = "tools")]
    fn a_slip_in_a_name_finds_the_name() {
        for (typed, name) in [
            ("Jose da Silva", "José da Silva"),
            ("Brunoo", "Bruno"),
            ("Brunò", "Bruno"),
            ("brno", "Bruno"),
            ("Luno 05", "Aluno 05"),
        ] {
            assert_eq!(missed(false, "/chat", typed), near(Topic::Chat, name), "{typed}");
        }
    }

    fn split(
        rest: &'static str,
        known: &[&'static str],
        online: &[&'static str],
    ) -> Split<'static> {
        let bytes = |name: &&'static str| name.as_bytes();
        split_message(rest.as_bytes(), known.iter().map(bytes), online.iter().map(bytes))
    }

    fn near(topic: Topic, name: &str) -> LineOutcome {
        ConsoleAnswer::Near { topic, name: name.as_bytes().to_vec() }.into()
    }

    /// Only `/chat` calls another person than the typed one.
    #[cfg(feature = "tools")]
    #[test]
    fn a_misspelled_name_is_answered_with_a_similar_one() {
        let bruno = Partner { id: ConversationId(1), label: "Bruno".into(), trust: Trust::Taken };
        let mut reader = CommandReader::new(false);
        reader.hear(&Notice::Standing(Standing { open: vec![bruno], ..Standing::default() }));
        let mut missed = |command: Command, notice: Notice| {
            reader.note_name(&command);
            reader.hear(&notice);
            reader.look_again()
        };
        let bye = |name: &str| Command::Bye(Some(name.as_bytes().to_vec()));
        let not_talking = |name: &str| Notice::NotTalkingTo { name: name.as_bytes().to_vec() };
        assert_eq!(missed(bye("Brunp"), not_talking("Brunp")), near(Topic::Bye, "Bruno"));
        assert_eq!(missed(bye("bruno"), not_talking("bruno")), near(Topic::Bye, "Bruno"));
        assert_eq!(missed(bye("Camila"), not_talking("Camila")), LineOutcome::default());
        let reply = Command::Reply(b"oi".to_vec());
        assert_eq!(missed(reply, not_talking("Brunp")), LineOutcome::default(), "not typed");
        let message = Command::Message { to: b"Brnuo".to_vec(), text: b"x".to_vec() };
        let name = Name::parse(b"Brnuo").expect("a name");
        let not_online = Notice::NotOnline { name, online: Vec::new() };
        assert_eq!(missed(message, not_online), near(Topic::Message, "Bruno"));
    }

    #[test]
    fn a_blank_line_counts_for_a_script_in_a_conversation() {
        let bruno = Partner { id: ConversationId(1), label: "Bruno".into(), trust: Trust::Taken };
        let open = Notice::Standing(Standing { open: vec![bruno], ..Standing::default() });
        let blank: LineOutcome = Command::Say(b" ".to_vec()).into();
        let nothing = LineOutcome::default();
        for (is_script, in_conversation) in [(true, blank), (false, nothing.clone())] {
            let mut reader = CommandReader::new(is_script);
            assert_eq!(reader.read(b""), nothing);
            reader.hear(&open);
            assert_eq!(reader.read(b""), in_conversation);
        }
    }

    #[test]
    fn messages_to_names_with_blanks() {
        let split = |rest: &'static str| split(rest, &["Ana Maria"], &[]);
        assert_eq!(split("Ana Maria oi"), Split::One(b"Ana Maria", b"oi"));
        assert_eq!(split("Ana Mariana oi"), Split::One(b"Ana", b"Mariana oi"));
        assert_eq!(split("Bruno oi"), Split::One(b"Bruno", b"oi"));
        assert_eq!(split("Bruno"), Split::One(b"Bruno", b""));
        assert_eq!(split("Ana Maria\noi"), Split::One(b"Ana Maria", b"oi"));
        assert_eq!(split("Bruno\num\ndois"), Split::One(b"Bruno", b"um\ndois"));
        assert_eq!(split("\"Rita L\""), Split::One(b"Rita L", b""));
        assert_eq!(split("\"\"Rita\"\" oi"), Split::One(b"\"Rita\"", b"oi"));
    }

    #[test]
    fn where_two_names_match_nobody_is_chosen() {
        let several = || Split::Several(vec![b"Bruno", b"Bruno a"]);
        assert_eq!(split("Bruno a senha", &["Bruno", "Bruno a"], &["Bruno"]), several());
        assert_eq!(split("Bruno a senha", &["Bruno"], &["Bruno a"]), several());
        assert_eq!(split("Bruno a senha", &["Bruno a"], &["Bruno"]), several(), "one has left");
        assert_eq!(split("Bruno a senha", &[], &["Bruno", "Bruno a"]), several());
        assert_eq!(split("Bruno oi", &[], &["Bruno", "Bruno a"]), Split::One(b"Bruno", b"oi"));
    }

    /// Bruno has left, and a stranger takes a name that begins like a text for Bruno.
    #[test]
    fn a_longer_name_that_the_person_has_not_read_is_not_taken() {
        assert_eq!(split("Bruno a senha", &[], &["Bruno a"]), Split::Several(vec![b"Bruno a"]));
        assert_eq!(split("Bruno a senha", &["Bruno a"], &[]), Split::One(b"Bruno a", b"senha"));
    }

    /// Names that the person has not read decide as well, so the server is asked for them.
    #[test]
    fn a_message_without_quotes_waits_for_the_names_online() {
        let mut reader = CommandReader::new(false);
        let to = |to: &str, text: &str| {
            LineOutcome::from(Command::Message { to: to.into(), text: text.into() })
        };
        assert_eq!(reader.read(b"/msg \"Bruno a\" senha"), to("Bruno a", "senha"));
        assert_eq!(reader.read(b"/msg \"Bruno\" a senha"), to("Bruno", "a senha"));
        assert_eq!(reader.read(b"/msg Bruno"), mistake(ConsoleAnswer::Usage(Topic::Message)));
        assert_eq!(reader.read(b"/msg Bruno a senha"), Command::Names.into());
        assert_eq!(reader.take_message(), LineOutcome::default(), "no answer yet");
        reader.hear(&Notice::Names(vec![b"Bruno".to_vec(), b"Bruno a".to_vec()]));
        let which = ConsoleAnswer::Which(vec![b"Bruno".to_vec(), b"Bruno a".to_vec()]);
        assert_eq!(reader.take_message(), mistake(which));
        assert_eq!(reader.take_message(), LineOutcome::default(), "once");
        assert_eq!(reader.read(b"/msg Bruno a senha"), Command::Names.into());
        reader.hear(&Notice::Names(Vec::new()));
        assert_eq!(reader.take_message(), to("Bruno", "a senha"), "no server");
    }
}
