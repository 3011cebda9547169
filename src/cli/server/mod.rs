//! `papo server`: a [`Directory`] on an event loop.
//!
//! | file | what is there |
//! | --- | --- |
//! | `host.rs` | signals, the log, and the first and last lines: read this next |
//! | `full.rs`, `engines.rs` | `--record`, `--watch`, `--proxy-protocol`, `--directory` |
//! | `greeting.rs`, `own_addresses.rs` | the first screen at a terminal |
//! | `memory_bound.rs` | the most memory that a server can need |
//!
//! `NAME_small.rs` has the functions of `NAME.rs` for a build without its feature.

#[cfg(feature = "full")]
mod engines;
#[cfg_attr(not(feature = "full"), path = "full_small.rs")]
mod full;
#[cfg_attr(not(feature = "tools"), path = "greeting_small.rs")]
mod greeting;
mod host;
pub mod memory_bound;
#[cfg(feature = "tools")]
mod own_addresses;

use std::io::IsTerminal;
use std::net::SocketAddr;

use log::LevelFilter;

use crate::cli::arguments::addresses;
use crate::cli::arguments::help::{Opt, option};
use crate::cli::arguments::language::check_lang;
use crate::cli::arguments::options::{self, Choices, EDITIONS};
use crate::cli::host::listening::Listener;
use crate::cli::host::program;
use crate::cli::host::service::{self, Service};
use crate::cli::logging::{self, Log};
use crate::cli::system::limits;
use crate::cli::{Failure, STATUS_OK};
use crate::console::journal::Journal;
use crate::console::language::{Language, Text, text};
use crate::directory::{Directory, PER_ADDRESS_MAX, Rules};
use crate::event_loop::EventLoop;
use crate::machine::Framing;
use crate::wire::{KEEP_INTERVAL_MS, REQUEST_LIMIT};
use host::Host;

/// Descriptors that are not for clients: stdin, stdout, stderr, the listener, the poller, signals,
/// and a reserve.
pub const DESCRIPTORS_RESERVED: usize = 32;

/// The server does not start with room for fewer clients.
const CLIENTS_MIN: usize = 8;

const BRIEF: Text = text!(
    "Usage: papo server [OPTIONS]\n\n\
     The directory: knows who is online and at which address. On a terminal it says\n\
     what colleagues type, and who comes and goes. Elsewhere it logs to stderr, one\n\
     line an event. RUST_LOG=warn makes it quieter. Ends in order on SIGINT and\n\
     SIGTERM; logs one line of state on SIGUSR2.",
    "Uso: papo server [OPÇÕES]\n\n\
     O servidor central: sabe quem está ativo e em qual endereço. Em um terminal, diz\n\
     o que os colegas digitam, e quem entra e sai; fora dele, registra no stderr, em\n\
     inglês, uma linha por evento. Com RUST_LOG=warn, menos. Encerra em ordem com\n\
     SIGINT e SIGTERM; com SIGUSR2 registra uma linha sobre o seu estado.",
);

/// `--keepalive` of `papo server` and `papo load`.
pub(super) const KEEPALIVE: Opt = option(
    "--keepalive SECONDS  seconds between a client's KEEPs (5)",
    "--keepalive SEGUNDOS  segundos entre os KEEPs de um cliente (5)",
);

/// The options of `papo server`.
const OPTIONS: &[Opt] = &[
    option(
        "--listen ADDR:PORT  where to await clients (0.0.0.0:10000)",
        "--listen ENDEREÇO:PORTA  onde aguardar clientes (0.0.0.0:10000)",
    ),
    KEEPALIVE,
    option(
        "--max-clients N  most clients at once (what the system allows)",
        "--max-clients N  máximo de clientes (quantos o sistema permite)",
    ),
    option(
        "--per-address N  most clients from one address but loopback (64)",
        "--per-address N  máximo de clientes por endereço remoto (64)",
    ),
    options::EDITION,
    #[cfg(feature = "full")]
    full::PROXY_PROTOCOL,
    #[cfg(feature = "full")]
    full::PROXY_FROM,
    #[cfg(feature = "full")]
    full::DIRECTORY,
    #[cfg(feature = "full")]
    full::DIRECTORY_PREFIX,
    #[cfg(feature = "full")]
    full::WATCH,
    #[cfg(feature = "peer")]
    crate::cli::arguments::language::LANG,
    option("--trace  log every line of the protocol", "--trace  registra cada linha do protocolo"),
    #[cfg(feature = "full")]
    crate::cli::recording::RECORD,
];

/// Runs the server until a signal ends it.
pub fn run(language: Language, arguments: &[String]) -> Result<u8, Failure> {
    let arguments = &full::with_watch_place(arguments);
    let parsed = options::parse(language, BRIEF.of(language), OPTIONS, arguments)?;
    let Some(matches) = parsed else { return Ok(STATUS_OK) };
    if let Some(word) = matches.free.first() {
        return Err(takes_no(word));
    }
    let listen = matches.opt_str("listen").unwrap_or_else(|| "0.0.0.0".to_string());
    let address = addresses::resolve(&listen, addresses::LISTEN_PLACE)?[0];
    let rules = rules(&matches)?;
    check_memory(rules.clients_max)?;
    check_lang(&matches)?;
    let reader = reader(language);
    let extras = full::extras(&matches, reader)?;
    let log = logging::start_for(reader, LevelFilter::Info, matches.is_on("trace")?);
    let (listener, service) = open(address)?;
    warn_of_fewer(&matches, &rules, reader, &log);
    let address = listener.local_addr().unwrap_or(address);
    let host = Host { rules, language, reader, log, address };
    match extras {
        Some(extras) => full::serve(&host, service, listener, extras),
        None => serve(&host, service, listener),
    }
}

/// The failure for a word that is no option. Many programs take a port or an address there.
fn takes_no(word: &str) -> Failure {
    const LISTEN: Text =
        text!("To listen there: --listen {word}", "Para escutar ali: --listen {word}");
    let failure = options::takes_no("server", word);
    let is_place = word.bytes().any(|byte| byte.is_ascii_digit());
    if is_place { failure.hint(LISTEN, &[("word", &word)]) } else { failure }
}

/// The language of the person who reads stderr. `None`: programs read it.
fn reader(language: Language) -> Option<Language> {
    let is_read = cfg!(feature = "tools") && std::io::stderr().is_terminal();
    is_read.then_some(language)
}

fn rules(matches: &Choices) -> Result<Rules, Failure> {
    const TOO_FEW: Text = text!(
        "only {possible} clients could be served: raise `ulimit -n`",
        "só {possible} clientes poderiam ser atendidos: aumente `ulimit -n`",
    );
    let wanted = options::count(matches, "max-clients", usize::MAX)?;
    let reserved = DESCRIPTORS_RESERVED + full::viewers_max(matches);
    let possible = limits::descriptor_limit().saturating_sub(reserved);
    if possible < CLIENTS_MIN {
        return Err(Failure::run(TOO_FEW, &[("possible", &possible)]));
    }
    Ok(Rules {
        keep_interval_ms: options::seconds(matches, "keepalive", KEEP_INTERVAL_MS)?,
        clients_max: wanted.min(possible),
        per_address_max: options::count(matches, "per-address", PER_ADDRESS_MAX)?,
        edition: options::one_of(matches, "edition", &EDITIONS)?.unwrap_or_default(),
    })
}

/// The listener, and the service manager that may have opened it.
fn open(address: SocketAddr) -> Result<(Listener, Service), Failure> {
    const NO_MANAGER: Text = text!(
        "cannot speak to the service manager",
        "não é possível falar com o gerenciador de serviços",
    );
    let listener = service::listener(address)?;
    let cannot = |error| Failure::run(NO_MANAGER, &[]).because(error);
    Ok((listener, Service::from_environment().map_err(cannot)?))
}

/// A directory alone: nothing else is compiled into its loop.
fn serve(host: &Host, service: Service, listener: Listener) -> Result<u8, Failure> {
    let failed = Failure::event_loop;
    let mut event_loop = EventLoop::new(Directory::new(host.rules)).map_err(failed)?;
    event_loop.listen(listener, Framing::Lines(REQUEST_LIMIT)).map_err(failed)?;
    let mut program = host.open(&event_loop, service)?;
    let journal = Journal { language: host.reader };
    let on_notice = |notice, _: &mut _| journal.tell(&notice);
    let status = program::run(&mut event_loop, &mut program, on_notice).map_err(failed)?;
    host.close();
    Ok(status)
}

/// Refuses limits with which the server could need more memory than the system grants.
fn check_memory(clients_max: usize) -> Result<(), Failure> {
    const TOO_LITTLE: Text = text!(
        "{clients} clients may need {needed} MiB, and `ulimit -v` allows {limit}: \
         --max-clients {fit} would do",
        "{clients} clientes podem precisar de {needed} MiB, e `ulimit -v` permite {limit}: \
         tente --max-clients {fit}",
    );
    const NOT_ONE: Text = text!(
        "not even one client fits: it may need {needed} MiB, and `ulimit -v` allows {limit}",
        "nem um cliente cabe: pode precisar de {needed} MiB, e `ulimit -v` permite {limit}",
    );
    let Some(limit) = limits::memory_limit() else { return Ok(()) };
    let fit = memory_bound::clients_within(limit);
    if clients_max as u64 <= fit {
        return Ok(());
    }
    let mib = |bytes: u64| bytes.div_ceil(1 << 20);
    let (text, clients) = if fit == 0 { (NOT_ONE, 1) } else { (TOO_LITTLE, clients_max) };
    let needed = memory_bound::worst_case(clients as u64);
    Err(Failure::run(
        text,
        &[("clients", &clients), ("needed", &mib(needed)), ("limit", &mib(limit)), ("fit", &fit)],
    ))
}

/// Warns if the limit of descriptors allows fewer clients than the operator asked for.
fn warn_of_fewer(matches: &Choices, rules: &Rules, reader: Option<Language>, log: &Log) {
    const FEWER: Text = text!(
        "Only {possible} clients at once instead of {wanted}: raise `ulimit -n` for more.\n",
        "Só {possible} clientes ao mesmo tempo, e não {wanted}: aumente `ulimit -n`.\n",
    );
    let possible = rules.clients_max;
    let Ok(wanted) = options::count(matches, "max-clients", possible) else { return };
    match reader {
        _ if wanted <= possible => {}
        Some(language) => {
            log.say(&FEWER.fill(language, &[("possible", &possible), ("wanted", &wanted)]));
        }
        None => log::warn!(
            "event=descriptors clients_max={possible} wanted={wanted} raise `ulimit -n`, or \
             LimitNOFILE of the unit"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_with_digits_gets_a_hint_at_listen() {
        let told = |word| takes_no(word).sentence(Language::English);
        assert_eq!(told("7000"), "server takes no 7000. To listen there: --listen 7000");
        assert_eq!(told("Ana"), "server takes no Ana");
    }

    /// The help has them as words.
    #[test]
    fn the_help_has_the_defaults_of_the_code() {
        let help = crate::cli::arguments::help::help(Language::English, "", OPTIONS);
        let defaults = [KEEP_INTERVAL_MS / 1000, PER_ADDRESS_MAX as u64];
        for default in defaults {
            assert!(help.contains(&format!(" ({default})\n")), "{default}: {help}");
        }
        assert!(help.contains(&format!("(0.0.0.0:{})", addresses::SERVER_PORT)), "{help}");
    }
}
