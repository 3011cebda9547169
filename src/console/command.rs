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
    /// The names of the last LIST.
    online: Vec<Vec<u8>>,
    /// The last command that had a name, and the name.
    named: Option<(Topic, Vec<u8>)>,
    /// The same, if the peer found no person or no conversation with that name.
    missed: Option<Missed>,
}

/// A typed name that the peer did not find.
#[derive(Debug)]
struct Missed {
    topic: Topic,
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
            Notice::NotOnline { name, online } => self.miss(name.as_bytes(), online),
            Notice::NotTalkingTo { name } => self.miss(name, &[]),
            _ => {}
        }
    }

    /// Notes the name in a command, for [`CommandReader::look_again`]. A script gets no second
    /// guess.
    #[allow(clippy::wildcard_enum_match_arm, reason = "no other command has a typed name")]
    pub(super) fn note_name(&mut self, command: &Command) {
        let named = match command {
            Command::Chat(name) => Some((Topic::Chat, name)),
            Command::Message { to, .. } => Some((Topic::Message, to)),
            Command::Bye(Some(name)) => Some((Topic::Bye, name)),
            _ => None,
        };
        self.named = named.filter(|_| !self.is_script).map(|(topic, name)| (topic, name.clone()));
    }

    fn miss(&mut self, name: &[u8], online: &[Vec<u8>]) {
        let named = self.named.take_if(|(_, named)| named == name);
        self.missed = named.map(|(topic, name)| Missed { topic, name, online: online.to_vec() });
    }

    /// Guesses a typed name that the peer did not find. If only one name differs from it by case
    /// alone, `/chat` calls that person. Otherwise a name is suggested: the only one that begins
    /// with the typed name, or the most similar one. A label with a colon belongs to a person whom
    /// the server does not confirm, and is never a guess.
    pub(super) fn look_again(&mut self) -> LineOutcome {
        let Some(missed) = self.missed.take() else { return LineOutcome::default() };
        let typed = small_letters(&missed.name);
        let begins_so = |known: &&[u8]| small_letters(known).starts_with(&typed);
        let online = missed.online.iter().map(Vec::as_slice);
        let known = self.labels.iter().map(String::as_bytes).chain(online);
        let names = known.filter(|known| !known.contains(&b':') && *known != missed.name);
        let names: BTreeSet<_> = names.collect();
        let longer: Vec<_> = names.iter().copied().filter(begins_so).collect();
        let is_same = |known: &&&[u8]| small_letters(known).len() == typed.len();
        let near = match (only(longer.iter().filter(is_same)), &longer[..]) {
            (Some(same), _) if missed.topic == Topic::Chat => {
                return LineOutcome {
                    command: Some(Command::Chat(same.to_vec())),
                    answer: Some(ConsoleAnswer::Takes(same.to_vec())),
                };
            }
            (Some(same), _) => Some(*same),
            (None, []) => most_similar(&typed, &names),
            (None, longer) => only(longer.iter().copied()),
        };
        let suggest = |name: &[u8]| ConsoleAnswer::Near { topic: missed.topic, name: name.into() };
        near.map(suggest).map(LineOutcome::from).unwrap_or_default()
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

fn most_similar<'a>(typed: &str, names: &BTreeSet<&'a [u8]>) -> Option<&'a [u8]> {
    let names: Vec<_> = names.iter().map(|&name| (small_letters(name), name)).collect();
    nearest(typed, names.iter().map(|(small, name)| (&small[..], *name)))
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
pub(super) enum Split<'a> {
    /// This name and this text.
    One(&'a [u8], &'a [u8]),
    /// The text begins with each of these names.
    Several(Vec<&'a [u8]>),
}

/// Splits `NAME TEXT`. A name may have blanks. A name in quotes is exact. Otherwise, if the text
/// begins with exactly one known name, that is the name. With two, no guess is safe: the owner of
/// the longer name may have chosen it to get messages for the other. Without a known name, the
/// first word is the name.
pub(super) fn split_message<'a>(
    rest: &'a [u8],
    known: impl Iterator<Item = &'a [u8]>,
) -> Split<'a> {
    if let Some((name, text)) = split_quoted(rest) {
        return Split::One(name, text);
    }
    let is_in_front = |name: &&[u8]| {
        rest.strip_prefix(*name).is_some_and(|behind| matches!(behind, [] | [b' ' | b'\n', ..]))
    };
    let names: BTreeSet<_> = known.filter(is_in_front).collect();
    let first_word = rest.iter().position(|byte| b" \n".contains(byte)).unwrap_or(rest.len());
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
            reader.note_name(&Command::Chat(name.as_bytes().to_vec()));
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
        assert_eq!(missed(false, "josé"), near(Topic::Chat, "José da Silva"));
        for nobody in ["rita", "Mario", "Zeca", "zeca"] {
            assert_eq!(missed(false, nobody), LineOutcome::default(), "{nobody}");
        }
        assert_eq!(missed(true, "bruno"), LineOutcome::default(), "a script means what it says");
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
        let split = |rest: &'static [u8]| split_message(rest, [&b"Ana Maria"[..]].into_iter());
        assert_eq!(split(b"Ana Maria oi"), Split::One(b"Ana Maria", b"oi"));
        assert_eq!(split(b"Ana Mariana oi"), Split::One(b"Ana", b"Mariana oi"));
        assert_eq!(split(b"Bruno oi"), Split::One(b"Bruno", b"oi"));
        assert_eq!(split(b"Bruno"), Split::One(b"Bruno", b""));
        assert_eq!(split(b"Ana Maria\noi"), Split::One(b"Ana Maria", b"oi"));
        assert_eq!(split(b"Bruno\num\ndois"), Split::One(b"Bruno", b"um\ndois"));
        assert_eq!(split(b"\"Rita L\""), Split::One(b"Rita L", b""));
        assert_eq!(split(b"\"\"Rita\"\" oi"), Split::One(b"\"Rita\"", b"oi"));
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
