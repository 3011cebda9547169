//! A notice as a sentence, in the language of the person who reads it.
//!
//! The sentences themselves are in [`super::words`]. Read next: [`super::visible`], through which
//! all goes that strangers wrote.

use std::io::ErrorKind;
use std::net::SocketAddr;

#[cfg(feature = "editor")]
use unicode_width::UnicodeWidthStr;

use super::command::{ConsoleAnswer, Topic};
use super::language::fill;
use super::visible::{Likeness, likeness, visible, visible_name};
use super::words::{Language, Words};
use crate::peer::notice::{
    BadFirstLine, ConversationRow, Ending, Fatal, Notice, Partner, Rebuff, Trust,
};
use crate::wire::name::{Name, NameError};

/// The sentence, without a line end; empty where there is nothing to say. Everything in it that
/// came from elsewhere is harmless.
#[must_use]
#[allow(clippy::too_many_lines, reason = "a row for each notice")]
pub fn text(language: Language, notice: &Notice) -> String {
    let words = language.words();
    match notice {
        Notice::AskName => words.ask_name.to_string(),
        Notice::NameFirst => words.name_first.to_string(),
        Notice::NotAName(error) => not_a_name(words, *error).to_string(),
        Notice::Welcome { name } => of(words, words.welcome, name),
        Notice::NameRefused { name } => of(words, words.name_refused, name),
        Notice::Dialing { server } => fill(words.dialing, &[("server", &server.to_string())]),
        Notice::NoServer { servers, error } => fill(
            words.no_server,
            &[("server", &listed(servers)), ("error", &failure(words, *error))],
        ),
        Notice::ServersUnknown { names } => {
            fill(words.servers_unknown, &[("server", &visible(names.join(", ").as_bytes()))])
        }
        Notice::Rebuffed { server, how: how @ Rebuff::Said(_) } => rebuffed(words, server, how),
        Notice::Rebuffed { server, how } => {
            format!("{} {}", rebuffed(words, server, how), words.tried_again)
        }
        Notice::Unended { line } => fill(words.unended, &[("line", &visible(line))]),
        Notice::Offline { server } => fill(words.offline, &[("server", &server.to_string())]),
        Notice::BackOnline => words.back_online.to_string(),
        Notice::OnlineElsewhere { server } => {
            fill(words.online_elsewhere, &[("server", &server.to_string())])
        }
        Notice::NameLost { name } => of(words, words.name_lost, name),
        Notice::Fatal(fatal) => fatal_text(words, fatal),
        Notice::Online(names) => online(words, names),
        Notice::MoreOnline { count } => fill(words.more_names, &[("count", &count.to_string())]),
        Notice::ServerSilent => words.server_silent.to_string(),
        Notice::NeedsServer => words.needs_server.to_string(),
        Notice::Connected { who } => about(words, words.connected, who),
        Notice::NotVerified { who, from } => {
            let name = visible_name(&who.label);
            fill(words.not_verified, &[("name", &name), ("from", &from.to_string())])
        }
        Notice::Verified { who } => about(words, words.verified, who),
        Notice::Target { who } => about(words, words.target, who),
        Notice::SentTo { who } => about(words, words.sent_to, who),
        Notice::Text { from, text, cut } => said(words, from, text, *cut),
        Notice::Ended { who, how } => ended(words, who, *how),
        Notice::Unreachable { name, error } => fill(
            words.unreachable,
            &[("name", &named(words, name.as_str())), ("error", &failure(words, *error))],
        ),
        Notice::NotOnline { name, .. } => of(words, words.not_online, name),
        Notice::BadAddress { name } => of(words, words.bad_address, name),
        Notice::BadCaller { from, why, said } => bad_caller(words, from, *why, said),
        Notice::TurnedAway { count: 1 } => words.turned_away_one.to_string(),
        Notice::TurnedAway { count } => fill(words.turned_away, &[("count", &count.to_string())]),
        Notice::NoConversation => words.no_conversation.to_string(),
        Notice::NoTarget => words.no_target.to_string(),
        Notice::Replying { who } => about(words, words.replying, who),
        Notice::NobodyWrote => words.nobody_wrote.to_string(),
        Notice::NothingUnread => words.nothing_unread.to_string(),
        Notice::NotTalkingTo { name } => fill(words.not_talking_to, &[("name", &visible(name))]),
        Notice::NotReading { who } => about(words, words.not_reading, who),
        Notice::Standstill { who, lines } => standstill(words, who, *lines),
        Notice::Undelivered { who, lines } => undelivered(words, who, *lines),
        Notice::WouldBeProtocol { line } => {
            fill(words.would_be_protocol, &[("text", &visible(line))])
        }
        Notice::Yourself => words.yourself.to_string(),
        Notice::Conversations(rows) => conversations(words, rows),
        Notice::NotLogged { error } => {
            fill(words.not_logged, &[("error", &failure(words, *error))])
        }
        Notice::Standing(_)
        | Notice::AddressesWanted
        | Notice::Said { .. }
        | Notice::GoodbyeAnswered { .. }
        | Notice::GoodbyeTaken { .. } => String::new(),
    }
}

/// A sentence about somebody who is known by name alone.
fn of(words: &Words, sentence: &str, name: &Name) -> String {
    fill(sentence, &[("name", &named(words, name.as_str()))])
}

fn listed(servers: &[SocketAddr]) -> String {
    servers.iter().map(SocketAddr::to_string).collect::<Vec<_>>().join(", ")
}

/// The console's own answer to a typed line.
#[must_use]
pub fn answer(language: Language, answer: &ConsoleAnswer) -> String {
    let words = language.words();
    match answer {
        ConsoleAnswer::Help(topic) => help(words, *topic),
        ConsoleAnswer::Usage(topic) => fill(words.usage, &[("usage", help_of(words, *topic).0)]),
        ConsoleAnswer::Unknown(word) => unknown(words, word),
        ConsoleAnswer::Which(names) => which(words, names),
        ConsoleAnswer::Takes(name) => fill(words.takes, &[("name", &name_typed(words, name))]),
        ConsoleAnswer::Near(name) => {
            let command = format!("/chat {}", name_typed(words, name));
            fill(words.did_you_mean, &[("near", &command)])
        }
    }
}

fn unknown(words: &Words, word: &[u8]) -> String {
    let text = fill(words.unknown_command, &[("word", &visible(word))]);
    let Some(near) = Topic::nearest(word) else { return text };
    let command = format!("/{}", near.word());
    let meant = fill(words.did_you_mean, &[("near", &command)]);
    format!("{text}\n{meant}")
}

/// Where typed text goes from now on.
#[must_use]
pub fn now_to(language: Language, who: &Partner) -> String {
    let words = language.words();
    about(words, words.now_to, who)
}

/// Why a text is no name.
#[must_use]
pub fn name_error(language: Language, error: NameError) -> &'static str {
    not_a_name(language.words(), error)
}

/// Why a text was not delivered, where nothing else says it.
#[must_use]
pub fn no_answer(language: Language, name: &Name) -> String {
    let words = language.words();
    fill(words.no_answer, &[("name", &named(words, name.as_str()))])
}

/// How many lines a screen did not get.
#[must_use]
pub fn skipped(language: Language, lines: usize) -> String {
    fill(language.words().skipped, &[("count", &lines.to_string())])
}

pub(super) fn name_of(words: &Words, who: &Partner) -> String {
    let doubt = (!who.trust.is_plain()).then(|| trust_of(words, who.trust));
    marked(words, &who.label, doubt)
}

/// Somebody's name, of whom nothing else is said.
fn named(words: &Words, name: &str) -> String {
    marked(words, name, None)
}

/// A name as somebody typed it or the server wrote it.
fn name_typed(words: &Words, name: &[u8]) -> String {
    named(words, &String::from_utf8_lossy(name))
}

/// A name with what is to be said against it: `Bruno:2 (not verified, mixed alphabets)`.
fn marked(words: &Words, name: &str, doubt: Option<&str>) -> String {
    let shown = visible_name(name);
    let marks: Vec<_> = doubt.into_iter().chain(likeness_of(words, name)).collect();
    if marks.is_empty() { shown } else { format!("{shown} ({})", marks.join(", ")) }
}

fn about(words: &Words, sentence: &str, who: &Partner) -> String {
    fill(sentence, &[("name", &name_of(words, who))])
}

fn said(words: &Words, from: &Partner, text: &[u8], cut: bool) -> String {
    format!("{}: {}", name_of(words, from), spoken(words, text, cut))
}

/// A text that was said, with a mark where it is only the beginning.
pub(super) fn spoken(words: &Words, text: &[u8], cut: bool) -> String {
    let text = visible(text);
    if cut { fill(words.cut, &[("text", &text)]) } else { text }
}

fn online(words: &Words, names: &[Vec<u8>]) -> String {
    if names.is_empty() {
        return words.nobody_online.to_string();
    }
    let names: Vec<_> = names.iter().map(|name| name_typed(words, name)).collect();
    fill(words.online, &[("names", &names.join(", "))])
}

/// Blanks between two columns of names.
#[cfg(feature = "editor")]
const GAP: usize = 2;

/// How many are online, and their names by the alphabet, in columns of one row's width.
#[cfg(feature = "editor")]
#[must_use]
pub fn online_in_columns(language: Language, names: &[Vec<u8>], room: usize) -> String {
    let words = language.words();
    let mut shown: Vec<_> = names.iter().map(|name| name_typed(words, name)).collect();
    shown.sort_by_cached_key(|name| name.chars().map(super::command::small).collect::<String>());
    let width = GAP + shown.iter().map(|name| name.width()).max().unwrap_or_default();
    let columns = ((room + GAP) / width).max(1);
    let rows = shown.len().div_ceil(columns);
    let mut text = fill(words.online, &[("names", &shown.len().to_string())]);
    for row in 0..rows {
        text.push('\n');
        // Down the first column, then down the next one.
        let mut names = shown.iter().skip(row).step_by(rows).peekable();
        while let Some(name) = names.next() {
            text.push_str(name);
            if names.peek().is_some() {
                text.push_str(&" ".repeat(width - name.width()));
            }
        }
    }
    text
}

fn which(words: &Words, names: &[Vec<u8>]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("\"{}\"", visible(name))).collect();
    fill(words.which, &[("names", &names.join(", "))])
}

fn ended(words: &Words, who: &Partner, how: Ending) -> String {
    match how {
        Ending::ByUs => about(words, words.ended_by_us, who),
        Ending::ByThem => about(words, words.ended_by_them, who),
        Ending::Misbehaved => about(words, words.ended_misbehaved, who),
        Ending::Lost(error) => fill(
            words.ended_lost,
            &[("name", &name_of(words, who)), ("error", &failure(words, error))],
        ),
    }
}

fn rebuffed(words: &Words, server: &SocketAddr, how: &Rebuff) -> String {
    let (sentence, line) = match how {
        Rebuff::HungUp => (words.server_hung_up, &[][..]),
        Rebuff::EndlessLine => (words.server_endless, &[][..]),
        Rebuff::Said(line) => (words.server_said, &line[..]),
    };
    fill(sentence, &[("server", &server.to_string()), ("line", &visible(line))])
}

fn bad_caller(words: &Words, from: &SocketAddr, why: BadFirstLine, said: &[u8]) -> String {
    let (sentence, error) = match why {
        BadFirstLine::NotUser => (words.caller_not_user, ""),
        BadFirstLine::Http => (words.caller_http, ""),
        BadFirstLine::NotAName(error) => (words.caller_not_a_name, not_a_name(words, error)),
        BadFirstLine::OurName => (words.caller_our_name, ""),
    };
    let (from, said) = (from.to_string(), visible(said));
    fill(sentence, &[("from", &from), ("said", &said), ("error", error)])
}

fn standstill(words: &Words, who: &Partner, lines: usize) -> String {
    let count = lines.to_string();
    fill(words.standstill, &[("name", &name_of(words, who)), ("count", &count)])
}

fn undelivered(words: &Words, who: &Partner, lines: usize) -> String {
    let sentence = if lines == 1 { words.undelivered_one } else { words.undelivered };
    fill(sentence, &[("name", &name_of(words, who)), ("count", &lines.to_string())])
}

fn conversations(words: &Words, rows: &[ConversationRow]) -> String {
    if rows.is_empty() {
        return words.no_conversations.to_string();
    }
    let mut text = words.conversations.to_string();
    for row in rows {
        let mark = if row.is_target { "*" } else { " " };
        let name = visible_name(&row.who.label);
        text.push_str(&format!("\n {mark} {name} ({})", row_state(words, row)));
    }
    text
}

/// `verified, 2 unread, 1 on the way`.
fn row_state(words: &Words, row: &ConversationRow) -> String {
    let trust = trust_of(words, row.who.trust);
    let counts = [(words.row_unread, row.unread), (words.row_waiting, row.waiting)];
    let counts = counts.into_iter().filter(|(_, count)| *count > 0);
    let counts = counts.map(|(sentence, count)| fill(sentence, &[("count", &count.to_string())]));
    let likeness = likeness_of(words, &row.who.label).map(str::to_string);
    let states: Vec<_> = std::iter::once(trust.to_string()).chain(likeness).chain(counts).collect();
    states.join(", ")
}

fn likeness_of(words: &Words, name: &str) -> Option<&'static str> {
    Some(match likeness(name)? {
        Likeness::MixedAlphabets => words.mixed_alphabets,
        Likeness::UnusualAccents => words.unusual_accents,
    })
}

fn trust_of(words: &Words, trust: Trust) -> &'static str {
    match trust {
        Trust::Confirmed => words.confirmed,
        Trust::Taken | Trust::Unchecked => words.unchecked,
        Trust::Doubtful => words.doubtful,
        Trust::OtherFamily => words.other_family,
    }
}

fn help(words: &Words, topic: Option<Topic>) -> String {
    if let Some(topic) = topic {
        let (usage, purpose) = help_of(words, topic);
        return format!("{usage}: {purpose}");
    }
    let mut text = String::new();
    for topic in Topic::ALL {
        let (usage, purpose) = help_of(words, topic);
        text.push_str(&format!("{usage:<20} {purpose}\n"));
    }
    text + words.help_text
}

/// Help for a screen that is too small for all of it.
#[cfg(feature = "editor")]
pub(super) fn brief_help(words: &Words) -> String {
    let usages: Vec<_> = Topic::ALL.into_iter().map(|topic| help_of(words, topic).0).collect();
    format!("{}\n{}", usages.join(", "), words.help_more)
}

fn help_of(words: &Words, topic: Topic) -> (&'static str, &'static str) {
    match topic {
        Topic::List => words.help_list,
        Topic::Chat => words.help_chat,
        Topic::Message => words.help_msg,
        Topic::Reply => words.help_reply,
        Topic::Next => words.help_next,
        Topic::Peers => words.help_peers,
        Topic::Bye => words.help_bye,
        Topic::Help => words.help_help,
        Topic::Exit => words.help_exit,
    }
}

fn not_a_name(words: &Words, error: NameError) -> &'static str {
    match error {
        NameError::Empty => words.name_empty,
        NameError::TooLong => words.name_too_long,
        NameError::Colon => words.name_colon,
        NameError::Invisible => words.name_invisible,
        NameError::OnlyMarks => words.name_only_marks,
        NameError::NotUtf8 => words.name_not_utf8,
    }
}

fn fatal_text(words: &Words, fatal: &Fatal) -> String {
    match fatal {
        Fatal::NoServer { servers } => fill(words.fatal_no_server, &[("server", &listed(servers))]),
        Fatal::Rebuffed { server, how } => format!("papo: {}", rebuffed(words, server, how)),
        Fatal::NameRefused { name } => {
            fill(words.fatal_name_refused, &[("name", &named(words, name.as_str()))])
        }
        Fatal::NotAName(error) => format!("papo: {}", not_a_name(words, *error)),
        Fatal::NoName => words.fatal_no_name.to_string(),
    }
}

/// The reason of the operating system; the usual cases in the person's language.
fn failure(words: &Words, error: ErrorKind) -> String {
    let usual = [
        (ErrorKind::ConnectionRefused, words.refused),
        (ErrorKind::TimedOut, words.timed_out),
        (ErrorKind::HostUnreachable, words.unreachable_host),
        (ErrorKind::NetworkUnreachable, words.unreachable_host),
        (ErrorKind::ConnectionReset, words.reset),
        (ErrorKind::BrokenPipe, words.reset),
    ];
    let known = usual.iter().find(|(kind, _)| *kind == error);
    known.map_or_else(|| error.to_string(), |(_, text)| (*text).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::conversation::ConversationId;

    fn who(label: &str, trust: Trust) -> Partner {
        Partner { id: ConversationId(1), label: label.to_string(), trust }
    }

    #[test]
    fn the_handouts_sentences_stand_to_the_letter() {
        let say = |notice| text(Language::Portuguese, &notice);
        assert_eq!(say(Notice::AskName), "Nome de usuário: ");
        let names = vec![b"Ana".to_vec(), b"Bruno".to_vec()];
        assert_eq!(say(Notice::Online(names)), "Ativos (além de você): Ana, Bruno");
        let camila = who("Camila", Trust::Confirmed);
        assert_eq!(say(Notice::Connected { who: camila }), "Conectado a Camila");
        assert_eq!(say(Notice::NoConversation), "Nenhuma conexão P2P ativa");
    }

    #[test]
    fn braces_in_a_name_are_only_text() {
        let name = Name::parse(b"{error}").expect("a name");
        let notice = Notice::Unreachable { name, error: ErrorKind::TimedOut };
        let said = text(Language::English, &notice);
        assert_eq!(said, "Could not connect to {error} (no answer)");
    }

    #[test]
    fn what_strangers_wrote_cannot_act() {
        let notice = Notice::Text {
            from: who("Eva:2", Trust::Doubtful),
            text: b"\x1b[2J".into(),
            cut: true,
        };
        let said = text(Language::English, &notice);
        assert_eq!(said, "Eva:2 (not verified): ^[[2J [...]");
        let said = text(Language::English, &Notice::Online(vec![b"\x1b[2J".to_vec()]));
        assert_eq!(said, "Online (besides you): ^[[2J");
    }
}
