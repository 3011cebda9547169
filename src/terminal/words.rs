//! Everything that is said to people, in Portuguese and in English.
//!
//! One structure with a field for every sentence: a language that lacks one does not compile.
//! `{name}` and its like are filled in by [`super::texts`]. The handout's own sentences stand
//! here to the letter.

use std::str::FromStr;

/// A language that the peer speaks.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Language {
    /// Portuguese, the handout's.
    Portuguese,
    /// English.
    #[default]
    English,
}

impl Language {
    /// The language of a locale such as `pt_BR.UTF-8`; English for all that is not Portuguese.
    #[must_use]
    pub fn of_locale(locale: &str) -> Self {
        if locale.to_ascii_lowercase().starts_with("pt") { Self::Portuguese } else { Self::English }
    }

    /// Its sentences.
    #[must_use]
    pub fn words(self) -> &'static Words {
        match self {
            Self::Portuguese => &PORTUGUESE,
            Self::English => &ENGLISH,
        }
    }
}

impl FromStr for Language {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "pt" => Ok(Self::Portuguese),
            "en" => Ok(Self::English),
            _ => Err(()),
        }
    }
}

/// The sentences of one language.
#[derive(Debug)]
#[allow(missing_docs, reason = "each sentence says itself what it is for")]
pub struct Words {
    pub ask_name: &'static str,
    pub name_empty: &'static str,
    pub name_too_long: &'static str,
    pub name_colon: &'static str,
    pub name_invisible: &'static str,
    pub name_not_utf8: &'static str,
    pub welcome: &'static str,
    pub name_refused: &'static str,
    pub no_server: &'static str,
    pub offline: &'static str,
    pub back_online: &'static str,
    pub fatal_no_server: &'static str,
    pub fatal_name_refused: &'static str,
    pub fatal_no_name: &'static str,
    pub online: &'static str,
    pub nobody_online: &'static str,
    pub server_silent: &'static str,
    pub needs_server: &'static str,
    pub connected: &'static str,
    pub not_verified: &'static str,
    pub doubtful: &'static str,
    pub target: &'static str,
    pub cut: &'static str,
    pub ended_by_us: &'static str,
    pub ended_by_them: &'static str,
    pub ended_lost: &'static str,
    pub ended_misbehaved: &'static str,
    pub undelivered_one: &'static str,
    pub undelivered: &'static str,
    pub unreachable: &'static str,
    pub not_online: &'static str,
    pub bad_address: &'static str,
    pub unnamed_caller: &'static str,
    pub no_conversation: &'static str,
    pub no_target: &'static str,
    pub replying: &'static str,
    pub nobody_wrote: &'static str,
    pub not_talking_to: &'static str,
    pub no_answer: &'static str,
    pub not_reading: &'static str,
    pub would_be_protocol: &'static str,
    pub yourself: &'static str,
    pub no_conversations: &'static str,
    pub conversations: &'static str,
    pub row_confirmed: &'static str,
    pub row_doubtful: &'static str,
    pub row_unchecked: &'static str,
    pub row_unread: &'static str,
    pub row_waiting: &'static str,
    pub unknown_command: &'static str,
    pub usage: &'static str,
    pub help_text: &'static str,
    pub help_list: (&'static str, &'static str),
    pub help_chat: (&'static str, &'static str),
    pub help_msg: (&'static str, &'static str),
    pub help_reply: (&'static str, &'static str),
    pub help_next: (&'static str, &'static str),
    pub help_peers: (&'static str, &'static str),
    pub help_bye: (&'static str, &'static str),
    pub help_help: (&'static str, &'static str),
    pub help_exit: (&'static str, &'static str),
    pub not_logged: &'static str,
    pub skipped: &'static str,
    pub new_day: &'static str,
    pub paste_question: &'static str,
    pub paste_cut: &'static str,
    pub line_full: &'static str,
    pub more_names: &'static str,
    pub nothing_unread: &'static str,
    pub help_keys: &'static str,
    pub refused: &'static str,
    pub timed_out: &'static str,
    pub unreachable_host: &'static str,
    pub reset: &'static str,
}

/// Portuguese.
pub const PORTUGUESE: Words = Words {
    ask_name: "Nome de usuário: ",
    name_empty: "Nome inválido: está vazio.",
    name_too_long: "Nome inválido: no máximo 32 caracteres (64 bytes).",
    name_colon: "Nome inválido: não pode conter \":\".",
    name_invisible: "Nome inválido: contém caracteres invisíveis.",
    name_not_utf8: "Nome inválido: não é UTF-8.",
    welcome: "Olá, {name}! Para iniciar uma conversa digite: /chat <nome>\n\
              /list mostra quem está ativo, /help mostra todos os comandos.",
    name_refused: "O servidor recusou o nome {name}: provavelmente já está em uso.",
    no_server: "Servidor {server} não encontrado ({error}). Tentando de novo até conseguir; \
                Ctrl-C encerra.",
    offline: "Conexão com o servidor {server} perdida. As conversas continuam; reconectando...",
    back_online: "De volta ao servidor.",
    fatal_no_server: "papo: nenhum servidor em {server}",
    fatal_name_refused: "papo: o servidor recusou o nome {name}: provavelmente já está em uso",
    fatal_no_name: "papo: falta o nome de usuário",
    online: "Ativos (além de você): {names}",
    nobody_online: "Ativos (além de você): ninguém",
    server_silent: "O servidor não respondeu.",
    needs_server: "Sem conexão com o servidor agora.",
    connected: "Conectado a {name}",
    not_verified: "Cuidado: o servidor não confirma que {name} fala de {from}.",
    doubtful: "{name} (não conferido)",
    target: "Conversando com {name}",
    cut: "{text} [...]",
    ended_by_us: "Conversa com {name} encerrada",
    ended_by_them: "{name} encerrou a conversa",
    ended_lost: "Conexão com {name} perdida ({error})",
    ended_misbehaved: "Conexão com {name} cortada: mensagens sem fim ou sem leitura",
    undelivered_one: "A última mensagem para {name} pode não ter chegado.",
    undelivered: "As últimas {count} mensagens para {name} podem não ter chegado.",
    unreachable: "Não foi possível conectar a {name} ({error})",
    not_online: "{name} não está ativo",
    bad_address: "O servidor deu um endereço inválido para {name}.",
    unnamed_caller: "Alguém em {from} chamou sem se identificar; desliguei.",
    no_conversation: "Nenhuma conexão P2P ativa",
    no_target: "Com quem? Escolha com /chat <nome>; /peers mostra as conversas abertas.",
    replying: "Respondendo a {name}",
    nobody_wrote: "Ninguém escreveu ainda.",
    not_talking_to: "Nenhuma conversa com {name}",
    no_answer: "{name} não respondeu à despedida: a mensagem pode não ter chegado.",
    not_reading: "{name} não está lendo: a mensagem não foi enviada.",
    would_be_protocol: "Não enviado: o outro lado tomaria este texto por uma instrução do \
                        protocolo.",
    yourself: "Este é você.",
    no_conversations: "Nenhuma conversa aberta.",
    conversations: "Conversas abertas (* recebe o que você digita):",
    row_confirmed: "conferido",
    row_doubtful: "não conferido",
    row_unchecked: "sem conferência",
    row_unread: "{count} por ler",
    row_waiting: "{count} a caminho",
    unknown_command: "Comando desconhecido: {word}. /help mostra os comandos; // envia um texto \
                      que começa com /.",
    usage: "Uso: {usage}",
    help_text: "Qualquer outro texto vai para a conversa atual; // envia um texto que começa \
                com /.",
    help_list: ("/list", "mostra quem está ativo"),
    help_chat: ("/chat <nome>", "chama alguém, ou volta a uma conversa aberta"),
    help_msg: ("/msg <nome> <texto>", "envia um texto sem trocar de conversa"),
    help_reply: ("/reply <texto>", "responde a quem escreveu por último"),
    help_next: ("/next", "vai à conversa com algo por ler há mais tempo"),
    help_peers: ("/peers", "mostra as conversas abertas e como estão"),
    help_bye: ("/bye [nome]", "encerra a conversa atual, ou a com alguém"),
    help_help: ("/help [comando]", "mostra esta ajuda"),
    help_exit: ("/exit", "encerra todas as conversas e sai (também /quit)"),
    not_logged: "O registro da conversa não pode ser escrito ({error}); a conversa continua.",
    skipped: "[{count} linhas não mostradas: a tela não acompanhou]",
    new_day: "--- {day}/{month}/{year} ---",
    paste_question: "Enviar {count} linhas a {name}? s/N ",
    paste_cut: "[o texto colado era longo demais: o fim ficou de fora]",
    line_full: "[não cabe: uma mensagem tem no máximo {bytes} bytes]",
    more_names: "... e mais {count}",
    nothing_unread: "Nada por ler em outras conversas.",
    help_keys: "TAB completa comandos e nomes; Alt-a vai à próxima conversa com algo por ler; \
                setas, Ctrl-a, Ctrl-e, Ctrl-k, Ctrl-y editam; Ctrl-C limpa a linha, e sai se ela \
                está vazia.",
    refused: "conexão recusada",
    timed_out: "sem resposta",
    unreachable_host: "rede inalcançável",
    reset: "conexão interrompida",
};

/// English.
pub const ENGLISH: Words = Words {
    ask_name: "User name: ",
    name_empty: "Not a name: it is empty.",
    name_too_long: "Not a name: at most 32 characters (64 bytes).",
    name_colon: "Not a name: it must not contain \":\".",
    name_invisible: "Not a name: it contains invisible characters.",
    name_not_utf8: "Not a name: it is not UTF-8.",
    welcome: "Hello, {name}! To start a conversation type: /chat <name>\n\
              /list shows who is online, /help shows all commands.",
    name_refused: "The server refused the name {name}: most likely somebody has it.",
    no_server: "No server at {server} ({error}). Trying again until there is one; Ctrl-C ends.",
    offline: "Lost the server at {server}. Conversations go on; reconnecting...",
    back_online: "Back online.",
    fatal_no_server: "papo: no server at {server}",
    fatal_name_refused: "papo: the server refused the name {name}: most likely somebody has it",
    fatal_no_name: "papo: no user name given",
    online: "Online (besides you): {names}",
    nobody_online: "Online (besides you): nobody",
    server_silent: "The server did not answer.",
    needs_server: "Not connected to the server now.",
    connected: "Connected to {name}",
    not_verified: "Careful: the server does not confirm that {name} speaks from {from}.",
    doubtful: "{name} (not verified)",
    target: "Talking to {name}",
    cut: "{text} [...]",
    ended_by_us: "Conversation with {name} ended",
    ended_by_them: "{name} ended the conversation",
    ended_lost: "Lost the connection to {name} ({error})",
    ended_misbehaved: "Cut the connection to {name}: lines without end, or none read",
    undelivered_one: "The last message to {name} may not have arrived.",
    undelivered: "The last {count} messages to {name} may not have arrived.",
    unreachable: "Could not connect to {name} ({error})",
    not_online: "{name} is not online",
    bad_address: "The server gave no valid address for {name}.",
    unnamed_caller: "Somebody at {from} called without a name; hung up.",
    no_conversation: "No active P2P connection",
    no_target: "To whom? Choose with /chat <name>; /peers shows the open conversations.",
    replying: "Replying to {name}",
    nobody_wrote: "Nobody has written yet.",
    not_talking_to: "No conversation with {name}",
    no_answer: "{name} did not answer the goodbye: the message may not have arrived.",
    not_reading: "{name} is not reading: the message was not sent.",
    would_be_protocol: "Not sent: the other side would take this text for an instruction of the \
                        protocol.",
    yourself: "That is you.",
    no_conversations: "No open conversations.",
    conversations: "Open conversations (* gets what you type):",
    row_confirmed: "verified",
    row_doubtful: "not verified",
    row_unchecked: "not checked",
    row_unread: "{count} unread",
    row_waiting: "{count} on the way",
    unknown_command: "Unknown command: {word}. /help shows the commands; // sends text that \
                      begins with /.",
    usage: "Usage: {usage}",
    help_text: "Any other text goes to the current conversation; // sends text that begins \
                with /.",
    help_list: ("/list", "shows who is online"),
    help_chat: ("/chat <name>", "calls somebody, or goes back to an open conversation"),
    help_msg: ("/msg <name> <text>", "sends a text without changing the conversation"),
    help_reply: ("/reply <text>", "answers who wrote last"),
    help_next: ("/next", "goes to the conversation that has been unread longest"),
    help_peers: ("/peers", "shows the open conversations, and how they are"),
    help_bye: ("/bye [name]", "ends the current conversation, or the one with somebody"),
    help_help: ("/help [command]", "shows this help"),
    help_exit: ("/exit", "ends all conversations and leaves (also /quit)"),
    not_logged: "The log of the conversation cannot be written ({error}); the conversation \
                 goes on.",
    skipped: "[{count} lines not shown: the screen could not keep up]",
    new_day: "--- {year}-{month}-{day} ---",
    paste_question: "Send {count} lines to {name}? y/N ",
    paste_cut: "[what was pasted is too long: its end was left out]",
    line_full: "[does not fit: a message has at most {bytes} bytes]",
    more_names: "... and {count} more",
    nothing_unread: "Nothing unread in other conversations.",
    help_keys: "TAB completes commands and names; Alt-a goes to the next conversation with \
                something unread; arrows, Ctrl-a, Ctrl-e, Ctrl-k, Ctrl-y edit; Ctrl-C clears the \
                line, and leaves where it is empty.",
    refused: "connection refused",
    timed_out: "no answer",
    unreachable_host: "network unreachable",
    reset: "connection reset",
};
