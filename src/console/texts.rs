//! The notices of a peer as sentences, in the language of their reader.
//!
//! All sentences of a conversation are here, in both languages; those of the handout are exact.
//! Text of strangers goes through [`super::visible`]. Read next: [`super::language`].

use std::io::ErrorKind;
use std::net::SocketAddr;

use unicode_width::UnicodeWidthStr;

use super::command::{ConsoleAnswer, Topic, argument};
use super::language::{FillValue, Language, Text, text};
use super::visible::{Likeness, likeness, visible, visible_name, visible_quote};
use crate::peer::notice::{
    BadFirstLine, ConversationRow, Ending, Fatal, Notice, Partner, Rejection, Trust,
};
use crate::wire::name::{Name, NameError};

/// The question for a name. The answer is typed after it.
pub const ASK_NAME: Text = text!("User name: ", "Nome de usuário: ");

/// The answer if no message is unread.
pub const NOTHING_UNREAD: Text = text!(
    "Nothing unread in other conversations.",
    "Nenhuma mensagem não lida em outras conversas.",
);

/// The number of names that a list leaves out.
pub const MORE_NAMES: Text = text!("... and {count} more", "... e mais {count}");

const DID_YOU_MEAN: Text = text!("Did you mean {near}?", "Você quis dizer {near}?");

/// The sentence, without a line end, or an empty text if the notice has none. Text of strangers in
/// it is harmless.
#[must_use]
#[allow(clippy::too_many_lines, reason = "a sentence for each notice")]
pub fn sentence(language: Language, notice: &Notice) -> String {
    let say = |text: Text, values: &[(&str, FillValue<'_>)]| text.fill(language, values);
    let of = |text: Text, name: &Name| say(text, &[("name", &named(language, name.as_str()))]);
    let about = |text: Text, who: &Partner| say(text, &[("name", &name_of(language, who))]);
    match notice {
        Notice::AskName => say(ASK_NAME, &[]),
        Notice::NameFirst => say(
            text!(
                "First a name, by which the others will know you; /exit leaves.",
                "Primeiro um nome, pelo qual os outros vão conhecer você; /exit sai.",
            ),
            &[],
        ),
        Notice::NotAName(error) => name_error(language, *error).to_string(),
        Notice::Welcome { name } => of(
            text!(
                "Hello, {name}! To start a conversation type: /chat <name>\n\
                 /list shows who is online, /help shows all commands.",
                "Olá, {name}! Para iniciar uma conversa digite: /chat <nome>\n\
                 /list mostra quem está ativo, /help mostra todos os comandos.",
            ),
            name,
        ),
        Notice::NameRefused { name } => of(NAME_REFUSED, name),
        Notice::Dialing { server } => say(
            text!("Calling the server at {server}...", "Chamando o servidor {server}..."),
            &[("server", server)],
        ),
        Notice::NoServer { servers, error } => say(
            text!(
                "No server at {server} ({error}). Start one with papo server, or say where it is \
                 with --server. Trying again until there is one; Ctrl-C ends.",
                "Servidor {server} não encontrado ({error}). Inicie um com papo server, ou diga \
                 onde ele está com --server. Tentando de novo até conseguir; Ctrl-C encerra.",
            ),
            &[("server", &listed(servers)), ("error", &failure(language, *error))],
        ),
        Notice::ServersUnknown { names } => say(
            text!(
                "Cannot find {server} yet. Trying again until it works.",
                "Ainda não foi possível encontrar {server}. Tentando de novo até conseguir.",
            ),
            &[("server", &visible(names.join(", ").as_bytes()))],
        ),
        Notice::Rejected { server, how: how @ Rejection::Said(_) } => {
            rejected(language, server, how)
        }
        Notice::Rejected { server, how } => {
            let again = text!("Trying again until it works.", "Tentando de novo até conseguir.");
            format!("{} {}", rejected(language, server, how), again.of(language))
        }
        Notice::Unended { line } => say(
            text!(
                "The server's answer has no line end: \"{line}\"",
                "A resposta do servidor não tem fim de linha: \"{line}\"",
            ),
            &[("line", &visible(line))],
        ),
        Notice::Offline { server } => say(
            text!(
                "Lost the server at {server}. Conversations go on; reconnecting...",
                "Conexão com o servidor {server} perdida. As conversas continuam; \
                 reconectando...",
            ),
            &[("server", server)],
        ),
        Notice::BackOnline => say(text!("Back online.", "De volta ao servidor."), &[]),
        Notice::OnlineElsewhere { server } => say(
            text!(
                "Back online, at the server {server} now.",
                "De volta, agora pelo servidor {server}.",
            ),
            &[("server", server)],
        ),
        Notice::NameLost { name } => of(
            text!(
                "Most likely somebody else has the name {name} by now: the server did not keep it \
                 for you. Conversations go on.",
                "O nome {name} agora é, provavelmente, de outra pessoa: o servidor não o guardou \
                 para você. As conversas continuam.",
            ),
            name,
        ),
        Notice::Fatal(fatal) => fatal_text(language, fatal),
        Notice::Online(names) => online(language, names),
        Notice::MoreOnline { count } => say(MORE_NAMES, &[("count", count)]),
        Notice::ServerSilent => {
            say(text!("The server did not answer.", "O servidor não respondeu."), &[])
        }
        Notice::NeedsServer => say(
            text!("Not connected to the server now.", "Sem conexão com o servidor no momento.",),
            &[],
        ),
        Notice::Connected { who } => about(text!("Connected to {name}", "Conectado a {name}"), who),
        Notice::NotVerified { who, from } => say(
            text!(
                "Careful: the server does not confirm the name of {name}, who calls from {from}.",
                "Cuidado: o servidor não confirma o nome de {name}, que chama de {from}.",
            ),
            &[("name", &visible_name(&who.label)), ("from", from)],
        ),
        Notice::Verified { who } => about(
            text!(
                "The server now confirms the name of {name}.",
                "O servidor agora confirma o nome de {name}.",
            ),
            who,
        ),
        Notice::Target { who } => about(text!("Talking to {name}", "Conversando com {name}"), who),
        Notice::SentTo { who } => about(text!("Sent to {name}", "Enviado a {name}"), who),
        Notice::Text { from, text, cut } => {
            format!("{}: {}", name_of(language, from), message(text, *cut))
        }
        Notice::Ended { who, how } => ended(language, who, *how),
        Notice::Unreachable { name, error } => say(
            text!(
                "Could not connect to {name} ({error})",
                "Não foi possível conectar a {name} ({error})",
            ),
            &[("name", &named(language, name.as_str())), ("error", &failure(language, *error))],
        ),
        Notice::NotOnline { name, .. } => {
            of(text!("{name} is not online", "{name} não está ativo"), name)
        }
        Notice::BadAddress { name } => of(
            text!(
                "The server gave no valid address for {name}.",
                "O servidor deu um endereço inválido para {name}.",
            ),
            name,
        ),
        Notice::BadCaller { from, why, said } => bad_caller(language, from, *why, said),
        Notice::TurnedAway { count: 1 } => say(
            text!(
                "One more caller without a valid name was hung up on.",
                "Mais uma chamada sem um nome válido foi encerrada.",
            ),
            &[],
        ),
        Notice::TurnedAway { count } => say(
            text!(
                "{count} more callers without a valid name were hung up on.",
                "Mais {count} chamadas sem um nome válido foram encerradas.",
            ),
            &[("count", count)],
        ),
        Notice::SilentCalls { count: 1 } => say(
            text!(
                "One more call ended without a message.",
                "Mais uma chamada terminou sem mensagem.",
            ),
            &[],
        ),
        Notice::SilentCalls { count } => say(
            text!(
                "{count} more calls ended without a message.",
                "Mais {count} chamadas terminaram sem mensagem.",
            ),
            &[("count", count)],
        ),
        Notice::Namesake { who, text } => say(
            text!(
                "Not sent: the name is now at another address than before, and {name} may be \
                 somebody else. To send it: /msg \"{label}\" {text}",
                "Não enviado: o nome agora está em outro endereço, e {name} pode ser outra pessoa. \
                 Para enviar: /msg \"{label}\" {text}",
            ),
            &[
                ("name", &name_of(language, who)),
                ("label", &visible_name(&who.label)),
                ("text", &visible(text)),
            ],
        ),
        Notice::NoConversation => {
            say(text!("No active P2P connection", "Nenhuma conexão P2P ativa"), &[])
        }
        Notice::NoTarget => say(
            text!(
                "To whom? Choose with /chat <name>; /peers shows the open conversations.",
                "Para quem? Escolha com /chat <nome>; /peers mostra as conversas abertas.",
            ),
            &[],
        ),
        Notice::Replying { who } => about(text!("Replying to {name}", "Respondendo a {name}"), who),
        Notice::NobodyWrote => {
            say(text!("Nobody has written yet.", "Ninguém escreveu ainda."), &[])
        }
        Notice::NothingUnread => say(NOTHING_UNREAD, &[]),
        Notice::NotTalkingTo { name } => say(
            text!("No conversation with {name}", "Nenhuma conversa com {name}"),
            &[("name", &visible(name))],
        ),
        Notice::NotReading { who } => about(
            text!(
                "{name} is not reading: the message was not sent.",
                "{name} não está lendo: a mensagem não foi enviada.",
            ),
            who,
        ),
        Notice::Standstill { who, lines } => say(
            text!(
                "{name} has read nothing for a while. Messages that wait: {count}.",
                "{name} não lê há algum tempo. Esperam por envio: {count}.",
            ),
            &[("name", &name_of(language, who)), ("count", lines)],
        ),
        Notice::Undelivered { who, lines: 1 } => about(
            text!(
                "The last message to {name} may not have arrived.",
                "A última mensagem para {name} pode não ter chegado.",
            ),
            who,
        ),
        Notice::Undelivered { who, lines } => say(
            text!(
                "The last {count} messages to {name} may not have arrived.",
                "As últimas {count} mensagens para {name} podem não ter chegado.",
            ),
            &[("name", &name_of(language, who)), ("count", lines)],
        ),
        Notice::WouldBeProtocol { line } => say(
            text!(
                "Not sent: the other side would take \"{text}\" for an instruction of the \
                 protocol.",
                "Não enviado: o outro lado tomaria \"{text}\" por uma instrução do protocolo.",
            ),
            &[("text", &visible(line))],
        ),
        Notice::Yourself => say(text!("That is you.", "Esse é o seu próprio nome."), &[]),
        Notice::Conversations(rows) => conversations(language, rows),
        Notice::NotLogged { error } => say(
            text!(
                "The log of the conversation cannot be written ({error}); the conversation goes \
                 on.",
                "A conversa não pôde ser gravada ({error}), mas continua.",
            ),
            &[("error", &failure(language, *error))],
        ),
        Notice::Standing(_)
        | Notice::Names(_)
        | Notice::AddressesWanted
        | Notice::Said { .. }
        | Notice::GoodbyeAnswered { .. }
        | Notice::GoodbyeTaken { .. } => String::new(),
    }
}

fn listed(servers: &[SocketAddr]) -> String {
    servers.iter().map(SocketAddr::to_string).collect::<Vec<_>>().join(", ")
}

/// The console's own answer to a typed line.
#[must_use]
pub fn answer(language: Language, answer: &ConsoleAnswer) -> String {
    let typed = |name: &[u8]| named(language, &String::from_utf8_lossy(name));
    let say = |text: Text, values: &[(&str, FillValue<'_>)]| text.fill(language, values);
    match answer {
        ConsoleAnswer::Help(topic) => help(language, *topic),
        ConsoleAnswer::Usage(topic) => say(
            text!("Usage: {usage}", "Uso: {usage}"),
            &[("usage", &help_of(*topic).0.of(language))],
        ),
        ConsoleAnswer::Unknown(word) => unknown(language, word, ""),
        ConsoleAnswer::UnknownTopic(word) => unknown(language, word, "help "),
        ConsoleAnswer::Which(names) => which(language, names),
        ConsoleAnswer::Takes(name) => say(
            text!(
                "Nobody has exactly that name. Calling {name}.",
                "Ninguém tem exatamente esse nome. Chamando {name}.",
            ),
            &[("name", &typed(name))],
        ),
        ConsoleAnswer::Near { topic, name } => {
            let name = argument(*topic, &String::from_utf8_lossy(name));
            let near = format!("/{} {}", topic.word(), named(language, &name));
            say(DID_YOU_MEAN, &[("near", &near)])
        }
    }
}

/// The question whether this name was meant.
#[must_use]
pub(super) fn did_you_mean(language: Language, near: &[u8]) -> String {
    let near = named(language, &String::from_utf8_lossy(near));
    DID_YOU_MEAN.fill(language, &[("near", &near)])
}

/// `command` is before the word of the command that was perhaps meant.
fn unknown(language: Language, word: &[u8], command: &str) -> String {
    const UNKNOWN: Text = text!(
        "Unknown command: {word}. /help shows the commands; // sends text that begins with /.",
        "Comando desconhecido: {word}. /help mostra os comandos; // envia um texto que começa \
         com /.",
    );
    let text = UNKNOWN.fill(language, &[("word", &visible(word))]);
    let Some(near) = Topic::nearest(word) else { return text };
    let meant = DID_YOU_MEAN.fill(language, &[("near", &format!("/{command}{}", near.word()))]);
    format!("{text}\n{meant}")
}

/// The sentence about a new target.
#[must_use]
pub fn now_to(language: Language, who: &Partner) -> String {
    const NOW_TO: Text =
        text!("What you type now goes to {name}.", "O que você digita agora vai para {name}.");
    NOW_TO.fill(language, &[("name", &name_of(language, who))])
}

/// Longest time between the two Ctrl-C that leave while conversations are open, in milliseconds.
pub const LEAVE_TWICE_MS: u64 = 3_000;

/// The sentence after the first Ctrl-C while conversations are open.
#[must_use]
pub fn leave_twice(language: Language) -> String {
    const LEAVE_TWICE: Text = text!(
        "Conversations are open. Ctrl-C again within {seconds} seconds ends them and leaves.",
        "Há conversas abertas. Ctrl-C de novo em até {seconds} segundos encerra todas e sai.",
    );
    LEAVE_TWICE.fill(language, &[("seconds", &(LEAVE_TWICE_MS / 1_000))])
}

/// The reason why a text is no name.
#[must_use]
pub fn name_error(language: Language, error: NameError) -> &'static str {
    let why = match error {
        NameError::Empty => text!("Not a name: it is empty.", "Nome inválido: está vazio."),
        NameError::TooLong => {
            text!("Not a name: at most 255 bytes.", "Nome inválido: no máximo 255 bytes.")
        }
        NameError::Colon => {
            text!("Not a name: it must not contain \":\".", "Nome inválido: não pode conter \":\".")
        }
        NameError::Invisible => text!(
            "Not a name: it contains invisible characters.",
            "Nome inválido: contém caracteres invisíveis.",
        ),
        NameError::OtherBlank => text!(
            "Not a name: it contains a blank other than U+0020.",
            "Nome inválido: contém um espaço que não é U+0020.",
        ),
        NameError::OnlyMarks => text!(
            "Not a name: it has accents and no letters.",
            "Nome inválido: só tem acentos, sem letras.",
        ),
        NameError::NotUtf8 => text!("Not a name: it is not UTF-8.", "Nome inválido: não é UTF-8."),
    };
    why.of(language)
}

/// The reason if the other side did not answer the goodbye.
#[must_use]
pub fn no_answer(language: Language, name: &Name) -> String {
    const NO_ANSWER: Text = text!(
        "{name} did not answer the goodbye: the message may not have arrived.",
        "{name} não respondeu à despedida: a mensagem pode não ter chegado.",
    );
    NO_ANSWER.fill(language, &[("name", &named(language, name.as_str()))])
}

/// The sentence about lines that were not shown.
#[must_use]
pub fn skipped(language: Language, lines: usize) -> String {
    const SKIPPED: Text = text!(
        "[{count} lines not shown: the screen could not keep up]",
        "[{count} linhas não mostradas: a tela não acompanhou]",
    );
    const SKIPPED_ONE: Text = text!(
        "[1 line not shown: the screen could not keep up]",
        "[1 linha não mostrada: a tela não acompanhou]",
    );
    let text = if lines == 1 { SKIPPED_ONE } else { SKIPPED };
    text.fill(language, &[("count", &lines)])
}

pub(super) fn name_of(language: Language, who: &Partner) -> String {
    let doubt = (!who.trust.is_plain()).then(|| trust_of(who.trust).of(language));
    marked(language, &who.label, doubt)
}

/// A name, without a mark about its trust.
fn named(language: Language, name: &str) -> String {
    marked(language, name, None)
}

/// A name with its marks: `Bruno:2 (not verified, mixed alphabets)`.
fn marked(language: Language, name: &str, doubt: Option<&str>) -> String {
    let shown = visible_name(name);
    let marks: Vec<_> = doubt.into_iter().chain(likeness_of(language, name)).collect();
    if marks.is_empty() { shown } else { format!("{shown} ({})", marks.join(", ")) }
}

/// A message, with a mark if it is only the beginning of one.
pub(super) fn message(text: &[u8], cut: bool) -> String {
    let mark = if cut { " [...]" } else { "" };
    visible(text) + mark
}

const ONLINE: Text = text!("Online (besides you): {names}", "Ativos (além de você): {names}");

fn online(language: Language, names: &[Vec<u8>]) -> String {
    const NOBODY: Text = text!("nobody", "ninguém");
    let names: Vec<_> = names_typed(language, names).collect();
    let shown = if names.is_empty() { NOBODY.of(language).to_string() } else { names.join(", ") };
    ONLINE.fill(language, &[("names", &shown)])
}

/// The names in a LIST.
fn names_typed(language: Language, names: &[Vec<u8>]) -> impl Iterator<Item = String> {
    names.iter().map(move |name| named(language, &String::from_utf8_lossy(name)))
}

/// Blanks between two columns of names.
const GAP: usize = 2;

/// The number of people online, and their names in alphabetical order, in columns that fill `room`.
#[must_use]
pub fn online_in_columns(language: Language, names: &[Vec<u8>], room: usize) -> String {
    let mut shown: Vec<_> = names_typed(language, names).collect();
    shown.sort_by_cached_key(|name| name.chars().map(super::nearest::small).collect::<String>());
    let width = GAP + shown.iter().map(|name| name.width()).max().unwrap_or_default();
    let columns = ((room + GAP) / width).max(1);
    let rows = shown.len().div_ceil(columns);
    let mut text = ONLINE.fill(language, &[("names", &shown.len())]);
    for row in 0..rows {
        text.push('\n');
        // The order goes down the first column, then down the next one.
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

fn which(language: Language, names: &[Vec<u8>]) -> String {
    const WHICH: Text = text!(
        "To whom: {names}? Write the name in quotes: /msg \"name\" text",
        "Para quem: {names}? Escreva o nome entre aspas: /msg \"nome\" texto",
    );
    let names: Vec<_> = names.iter().map(|name| format!("\"{}\"", visible(name))).collect();
    WHICH.fill(language, &[("names", &names.join(", "))])
}

fn ended(language: Language, who: &Partner, how: Ending) -> String {
    let (sentence, error) = match how {
        Ending::ByUs => {
            (text!("Conversation with {name} ended", "Conversa com {name} encerrada"), None)
        }
        Ending::ByThem => {
            (text!("{name} ended the conversation", "{name} encerrou a conversa"), None)
        }
        Ending::Misbehaved => (
            text!(
                "Cut the connection to {name}: lines without end, or none read",
                "Conexão com {name} cortada: linhas sem fim, ou nenhuma lida",
            ),
            None,
        ),
        Ending::Lost(error) => (
            text!(
                "Lost the connection to {name} ({error})",
                "Conexão com {name} perdida ({error})",
            ),
            Some(failure(language, error)),
        ),
    };
    let error = error.unwrap_or_default();
    sentence.fill(language, &[("name", &name_of(language, who)), ("error", &error)])
}

fn rejected(language: Language, server: &SocketAddr, how: &Rejection) -> String {
    let (sentence, line) = match how {
        Rejection::HungUp => (
            text!(
                "{server} hung up without an answer: it is full, or starting again.",
                "{server} desligou sem responder: está lotado, ou reiniciando.",
            ),
            &[][..],
        ),
        Rejection::EndlessLine => (
            text!(
                "{server} sends a line without end: it seems to be no server of this chat.",
                "{server} envia uma linha sem fim: não parece ser um servidor deste chat.",
            ),
            &[][..],
        ),
        Rejection::Said(line) => (
            text!(
                "{server} said what is no part of the protocol: {line}",
                "{server} disse, fora do protocolo: {line}",
            ),
            &line[..],
        ),
    };
    sentence.fill(language, &[("server", server), ("line", &visible(line))])
}

fn bad_caller(language: Language, from: &SocketAddr, why: BadFirstLine, said: &[u8]) -> String {
    let sentence = match why {
        BadFirstLine::NotUser => text!(
            "Somebody at {from} called and said \"{said}\" instead of USER and a name; hung up.",
            "Alguém em {from} chamou e disse \"{said}\", e não USER e um nome; chamada encerrada.",
        ),
        BadFirstLine::Http => text!(
            "Somebody at {from} called with a browser, or another program for HTTP (\"{said}\"); \
             hung up.",
            "Alguém em {from} chamou com um navegador, ou outro programa de HTTP (\"{said}\"); \
             chamada encerrada.",
        ),
        BadFirstLine::NotAName(_) => text!(
            "Somebody at {from} called and said \"{said}\"; hung up. {error}",
            "Alguém em {from} chamou e disse \"{said}\"; chamada encerrada. {error}",
        ),
        BadFirstLine::OurName => text!(
            "Somebody at {from} called under your own name (\"{said}\"); hung up.",
            "Alguém em {from} chamou com o seu próprio nome (\"{said}\"); chamada encerrada.",
        ),
    };
    let error = match why {
        BadFirstLine::NotAName(error) => name_error(language, error),
        BadFirstLine::NotUser | BadFirstLine::Http | BadFirstLine::OurName => "",
    };
    sentence.fill(language, &[("from", from), ("said", &visible_quote(said)), ("error", &error)])
}

fn conversations(language: Language, rows: &[ConversationRow]) -> String {
    const NONE: Text = text!("No open conversations.", "Nenhuma conversa aberta.");
    const OPEN: Text = text!(
        "Open conversations (* gets what you type):",
        "Conversas abertas (* recebe o que você digita):",
    );
    if rows.is_empty() {
        return NONE.of(language).to_string();
    }
    let mut text = OPEN.of(language).to_string();
    for row in rows {
        let mark = if row.is_target { "*" } else { " " };
        let name = visible_name(&row.who.label);
        text.push_str(&format!("\n {mark} {name} ({})", row_state(language, row)));
    }
    text
}

/// `verified, 2 unread, 1 on the way`.
fn row_state(language: Language, row: &ConversationRow) -> String {
    const UNREAD: Text = text!("{count} unread", "não lidas: {count}");
    const WAITING: Text = text!("{count} on the way", "a caminho: {count}");
    let mut states = vec![trust_of(row.who.trust).of(language).to_string()];
    states.extend(likeness_of(language, &row.who.label).map(str::to_string));
    for (sentence, count) in [(UNREAD, row.unread), (WAITING, row.waiting)] {
        if count > 0 {
            states.push(sentence.fill(language, &[("count", &count)]));
        }
    }
    states.join(", ")
}

fn likeness_of(language: Language, name: &str) -> Option<&'static str> {
    let text = match likeness(name)? {
        Likeness::MixedAlphabets => text!("mixed alphabets", "mistura alfabetos"),
        Likeness::UnusualAccents => text!("unusual accents", "acentos incomuns"),
    };
    Some(text.of(language))
}

fn trust_of(trust: Trust) -> Text {
    match trust {
        Trust::Confirmed => text!("verified", "confirmado"),
        Trust::Taken | Trust::Unchecked => text!("not checked", "não verificado"),
        Trust::Doubtful => text!("not verified", "não confirmado"),
        Trust::OtherFamily => text!("cannot be checked", "não pode ser verificado"),
    }
}

fn help(language: Language, topic: Option<Topic>) -> String {
    const TEXT: Text = text!(
        "Any other text goes to the current conversation; // sends text that begins with /.",
        "Qualquer outro texto vai para a conversa atual; // envia um texto que começa com /.",
    );
    if let Some(topic) = topic {
        let (usage, purpose) = help_of(topic);
        return format!("{}: {}", usage.of(language), purpose.of(language));
    }
    let mut text = String::new();
    for topic in Topic::ALL {
        let (usage, purpose) = help_of(topic);
        text.push_str(&format!("{:<20} {}\n", usage.of(language), purpose.of(language)));
    }
    text + TEXT.of(language)
}

/// Help for a screen that is too small for all of it.
pub(super) fn brief_help(language: Language) -> String {
    const MORE: Text =
        text!("/help <command> explains one of them.", "/help <comando> explica um deles.");
    let usages: Vec<_> = Topic::ALL.iter().map(|topic| help_of(*topic).0.of(language)).collect();
    format!("{}\n{}", usages.join(", "), MORE.of(language))
}

/// The usage of a command, and its purpose.
fn help_of(topic: Topic) -> (Text, Text) {
    match topic {
        Topic::List => {
            (text!("/list", "/list"), text!("shows who is online", "mostra quem está ativo"))
        }
        Topic::Chat => (
            text!("/chat <name>", "/chat <nome>"),
            text!(
                "calls somebody, or goes back to a conversation",
                "chama alguém, ou volta a uma conversa aberta",
            ),
        ),
        Topic::Message => (
            text!("/msg <name> <text>", "/msg <nome> <texto>"),
            text!(
                "sends a text without changing the conversation",
                "envia um texto sem trocar de conversa",
            ),
        ),
        Topic::Reply => (
            text!("/reply <text>", "/reply <texto>"),
            text!("answers who wrote last", "responde a quem escreveu por último"),
        ),
        Topic::Next => (
            text!("/next", "/next"),
            text!(
                "goes to the conversation unread for longest",
                "vai à conversa não lida há mais tempo",
            ),
        ),
        Topic::Peers => (
            text!("/peers", "/peers"),
            text!(
                "shows the open conversations, and how they are",
                "mostra as conversas abertas e como estão",
            ),
        ),
        Topic::Bye => (
            text!("/bye [name]", "/bye [nome]"),
            text!("ends this conversation, or another", "encerra a conversa atual, ou outra"),
        ),
        Topic::Help => (
            text!("/help [command]", "/help [comando]"),
            text!("shows this help", "mostra esta ajuda"),
        ),
        Topic::Exit => (
            text!("/exit", "/exit"),
            text!(
                "ends all conversations and leaves (also /quit)",
                "encerra todas as conversas e sai (também /quit)",
            ),
        ),
    }
}

const NAME_REFUSED: Text = text!(
    "The server refused the name {name}: most likely somebody has it.",
    "O servidor recusou o nome {name}: provavelmente já está em uso.",
);

fn fatal_text(language: Language, fatal: &Fatal) -> String {
    const NO_SERVER: Text =
        text!("papo: no server at {server}", "papo: nenhum servidor em {server}");
    const NAME_REFUSED: Text = text!(
        "papo: the server refused the name {name}: most likely somebody has it",
        "papo: o servidor recusou o nome {name}: provavelmente já está em uso",
    );
    const NO_NAME: Text = text!("papo: no user name given", "papo: falta o nome de usuário");
    match fatal {
        Fatal::NoServer { servers } => NO_SERVER.fill(language, &[("server", &listed(servers))]),
        Fatal::Rejected { server, how } => format!("papo: {}", rejected(language, server, how)),
        Fatal::NameRefused { name } => {
            NAME_REFUSED.fill(language, &[("name", &named(language, name.as_str()))])
        }
        Fatal::NotAName(error) => format!("papo: {}", name_error(language, *error)),
        Fatal::NoName => NO_NAME.of(language).to_string(),
    }
}

/// The error of the operating system. The usual ones are in the reader's language.
fn failure(language: Language, error: ErrorKind) -> String {
    #[allow(clippy::wildcard_enum_match_arm, reason = "all others in the words of the system")]
    let usual = match error {
        ErrorKind::ConnectionRefused => text!("connection refused", "conexão recusada"),
        ErrorKind::TimedOut => text!("no answer", "sem resposta"),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            text!("network unreachable", "rede inalcançável")
        }
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => {
            text!("connection reset", "conexão interrompida")
        }
        other => return other.to_string(),
    };
    usual.of(language).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::notice::ConversationId;

    fn who(label: &str, trust: Trust) -> Partner {
        Partner { id: ConversationId(1), label: label.to_string(), trust }
    }

    #[test]
    fn the_handouts_sentences_are_exact() {
        let say = |notice| sentence(Language::Portuguese, &notice);
        assert_eq!(say(Notice::AskName), "Nome de usuário: ");
        let names = vec![b"Ana".to_vec(), b"Bruno".to_vec()];
        assert_eq!(say(Notice::Online(names)), "Ativos (além de você): Ana, Bruno");
        let camila = who("Camila", Trust::Confirmed);
        assert_eq!(say(Notice::Connected { who: camila }), "Conectado a Camila");
        assert_eq!(say(Notice::NoConversation), "Nenhuma conexão P2P ativa");
    }

    #[test]
    fn braces_in_a_name_are_no_places() {
        let name = Name::parse(b"{error}").expect("a name");
        let notice = Notice::Unreachable { name, error: ErrorKind::TimedOut };
        let said = sentence(Language::English, &notice);
        assert_eq!(said, "Could not connect to {error} (no answer)");
    }

    #[test]
    fn text_of_strangers_is_harmless() {
        let notice = Notice::Text {
            from: who("Eva:2", Trust::Doubtful),
            text: b"\x1b[2J".into(),
            cut: true,
        };
        let said = sentence(Language::English, &notice);
        assert_eq!(said, "Eva:2 (not verified): ^[[2J [...]");
        let said = sentence(Language::English, &Notice::Online(vec![b"\x1b[2J".to_vec()]));
        assert_eq!(said, "Online (besides you): ^[[2J");
    }
}
