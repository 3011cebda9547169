//! `papo peer`: options in, a [`crate::peer::Peer`] on an event loop, an exit status out.
//!
//! | file | what is there |
//! | --- | --- |
//! | `host.rs` | the event loop with its person: read this next |
//! | `drawing.rs` | how the person's line is drawn, and the log above it |
//! | `resolver.rs` | the servers' names, looked up again |
//! | `talk_log.rs`, `talk_files.rs` | the log of conversations, `--log` |
//!
//! `NAME_small.rs` has the functions of `NAME.rs` for a build without its feature.

#[cfg_attr(not(feature = "editor"), path = "drawing_small.rs")]
mod drawing;
mod host;
#[cfg_attr(all(windows, feature = "tools"), path = "resolver_windows.rs")]
#[cfg_attr(not(feature = "tools"), path = "resolver_small.rs")]
pub(super) mod resolver;
#[cfg(feature = "editor")]
mod talk_files;
#[cfg_attr(not(feature = "editor"), path = "talk_log_small.rs")]
mod talk_log;

use std::io::{self, IsTerminal};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use log::LevelFilter;

use crate::cli::arguments::help::{Opt, option};
use crate::cli::arguments::language::{LANG, check_lang};
use crate::cli::arguments::options::{self, Choices, EDITIONS, TRACE};
use crate::cli::arguments::server_list::{self, SERVER};
use crate::cli::system::random_number;
use crate::cli::{Failure, STATUS_OK, logging, recording};
use crate::console::language::{Language, Text, text};
use crate::console::plain::{Plain, Typist};
use crate::console::texts;
use crate::console::view::View;
use crate::console::visible::visible_quote;
use crate::peer::{PACE_MS, Rules};
use crate::wire::name::Name;
use crate::wire::{KEEP_INTERVAL_MS, address};
use host::{Host, Port};

const BRIEF: Text = text!(
    "Usage: papo peer [NAME] [OPTIONS]\n\n\
     A person's end of the chat. Without NAME it asks for one. On a terminal messages\n\
     appear above the line being typed; from and to anything else it reads and writes\n\
     whole lines. /help shows the commands. The conversation goes to stdout.",
    "Uso: papo peer [NOME] [OPÇÕES]\n\n\
     O programa de cada usuário. Sem NOME, pergunta por um. Em um terminal, as\n\
     mensagens aparecem acima da linha que está sendo digitada; fora dele, lê e\n\
     escreve linhas inteiras. /help mostra os comandos. A conversa vai para o stdout.",
);

/// The options of `papo peer`.
const OPTIONS: &[Opt] = &[
    SERVER,
    option(
        "--port PORT  where to await calls (any free port)",
        "--port PORTA  onde aguardar chamadas (qualquer porta livre)",
    ),
    option(
        "--keepalive SECONDS  seconds between KEEPs (5)",
        "--keepalive SEGUNDOS  segundos entre KEEPs (5)",
    ),
    options::FOLLOWED_EDITION,
    options::PACE,
    option(
        "--no-verify  do not check callers' names with the server",
        "--no-verify  não confere com o servidor o nome de quem chama",
    ),
    LANG,
    option(
        "--plain  whole lines, as screen readers want them",
        "--plain  linhas inteiras, para leitores de tela",
    ),
    option(
        "--color auto|always|never  whether names have colors (auto)",
        "--color auto|always|never  se os nomes têm cores (auto)",
    ),
    option(
        "--bell off|msg|all  what rings: messages in other conversations (msg)",
        "--bell off|msg|all  o que apita: mensagens de outras conversas (msg)",
    ),
    #[cfg(feature = "editor")]
    option(
        "--log  log each conversation into the state directory",
        "--log  grava cada conversa na pasta de estado do usuário",
    ),
    #[cfg(feature = "editor")]
    option(
        "--log-dir DIR  log each conversation into this directory",
        "--log-dir PASTA  grava cada conversa nesta pasta",
    ),
    option(
        "--stay  stay after a script, and wait for a server",
        "--stay  fica após um script, e espera por um servidor",
    ),
    option(
        "--exit-on-disconnect  leave when the server or the last partner does",
        "--exit-on-disconnect  sai quando o servidor ou o último par sai",
    ),
    TRACE,
    #[cfg(feature = "full")]
    recording::RECORD,
];

/// Runs a peer until its person leaves.
///
/// # Errors
///
/// If an option is wrong, the port cannot be opened, or the server's name is unknown.
pub fn run(language: Language, arguments: &[String]) -> Result<u8, Failure> {
    let parsed = options::parse(language, BRIEF.of(language), OPTIONS, arguments)?;
    let Some(matches) = parsed else { return Ok(STATUS_OK) };
    check_lang(&matches)?;
    let log = logging::start(LevelFilter::Warn, matches.is_on("trace")?);
    let rules = rules(&matches, language)?;
    let listen = listen_address(&rules, port(&matches)?);
    let talk_log = talk_log::begin(&matches, language)?;
    let port = Port::open(listen)?;
    let process = rules.name.as_ref().map_or("peer".to_string(), |name| format!("peer {name}"));
    let recorder = recording::begin(&matches, Some(language), &process, &[port.address])?;
    let chat = host::open(rules, port, recorder)?;
    let view = drawing::view(&matches, language)?;
    Host::start(chat, view, log, server_list::chosen(&matches), talk_log)?.run()
}

fn rules(matches: &Choices, language: Language) -> Result<Rules, Failure> {
    const TOO_MANY: Text = text!(
        "one name only, not also {word}: a name with blanks wants quotes",
        "um nome só, e não também {word}: um nome com espaços precisa de aspas",
    );
    if let Some(word) = matches.free.get(1) {
        return Err(Failure::usage(TOO_MANY, &[("word", word)]));
    }
    let name = match matches.free.first() {
        None => None,
        Some(text) => Some(name_of(language, text)?),
    };
    let (servers, names) =
        server_list::places(&server_list::chosen(matches), matches.is_on("stay")?)?;
    Ok(Rules {
        name,
        port: 0,
        servers,
        names,
        keep_interval_ms: options::seconds(matches, "keepalive", KEEP_INTERVAL_MS)?,
        edition: options::one_of(matches, "edition", &EDITIONS)?,
        pace_ms: options::pause_ms(matches, "pace", PACE_MS)?,
        verify: !matches.is_on("no-verify")?,
        scripted: !io::stdin().is_terminal(),
        stays: matches.is_on("stay")? && !io::stdin().is_terminal(),
        exits_on_disconnect: matches.is_on("exit-on-disconnect")?,
        numbers_name: false,
        seed: random_number(),
    })
}

/// A name from the command line.
pub(super) fn name_of(language: Language, text: &str) -> Result<Name, Failure> {
    Name::parse(text.as_bytes()).map_err(|error| {
        let (name, why) = (visible_quote(text.as_bytes()), texts::name_error(language, error));
        Failure::usage(
            text!("\"{name}\": {why}", "\"{name}\": {why}"),
            &[("name", &name), ("why", &why)],
        )
    })
}

fn port(matches: &Choices) -> Result<u16, Failure> {
    let Some(text) = matches.opt_str("port") else { return Ok(0) };
    let wrong = || matches.wrong("port", "1-65535", &text);
    address::parse_port(text.as_bytes()).ok_or_else(wrong)
}

/// Any address of this machine, in the family of the server: callers reach the peer as the peer
/// reaches the server. A name may have addresses of both families.
pub(super) fn listen_address(rules: &Rules, port: u16) -> SocketAddr {
    let has_v6 = rules.servers.iter().flatten().any(SocketAddr::is_ipv6);
    if has_v6 || !rules.names.is_empty() {
        SocketAddr::from((Ipv6Addr::UNSPECIFIED, port))
    } else {
        SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))
    }
}

/// The view that draws nothing.
fn whole_lines(language: Language) -> View {
    let is_person = io::stdin().is_terminal();
    let typist = if is_person { Typist::Person } else { Typist::Script };
    View::Plain(Plain::new(language, typist))
}
