//! `papo who`: a [`WhoQuery`] on an event loop. Read next: [`crate::who`].

use std::net::SocketAddr;

use log::LevelFilter;

use super::arguments::addresses::SERVER_PLACE;
use super::arguments::expect_utf8;
use super::arguments::help::{Opt, option};
use super::arguments::language::{LANG, check_lang};
use super::arguments::options::{self, Choices, TRACE};
use super::arguments::server_list;
use super::host::program::{self, Program};
use super::host::service::Service;
use super::system::random_number;
use super::{Failure, STATUS_OK, logging, print};
use crate::console::language::{Language, Text, text};
use crate::console::visible::visible;
use crate::console::who as output;
use crate::event_loop::EventLoop;
use crate::event_loop::recorder::Unrecorded;
use crate::who::{Notice, Rules, WhoQuery, query_name};

/// How long all of it may take by default, in milliseconds.
pub const TIMEOUT_MS: u64 = 5_000;

const BRIEF: Text = text!(
    "Usage: papo who [SERVER[:PORT][,..]] [OPTIONS]\n\n\
     Prints who is online, a name a line, and ends: for scripts, health probes, and a\n\
     quick look. SERVER is 127.0.0.1:10000 where none is named; of several the first\n\
     that answers is asked. For this it registers for a moment under a name that\n\
     nobody has, such as papo-who-5f3a09c1. Exits with 1 if no server answers.",
    "Uso: papo who [SERVIDOR[:PORTA][,..]] [OPÇÕES]\n\n\
     Mostra quem está ativo, um nome por linha, e encerra: para scripts, para\n\
     verificar se o servidor responde, e para dar uma olhada. Sem SERVIDOR, vale\n\
     127.0.0.1:10000; de vários, o primeiro que responde. Para isso, cadastra-se por\n\
     um instante com um nome que ninguém tem, como papo-who-5f3a09c1. Termina com 1\n\
     se nenhum servidor responde.",
);

/// The options of `papo who`.
const OPTIONS: [Opt; 4] = [
    option("--json  print one JSON object", "--json  mostra um objeto JSON"),
    option(
        "--timeout SECONDS  how long it may take at most (5)",
        "--timeout SEGUNDOS  quanto pode demorar, no máximo (5)",
    ),
    LANG,
    TRACE,
];

/// Asks, and prints the answer.
pub fn run(language: Language, arguments: &[String]) -> Result<u8, Failure> {
    let parsed = options::parse(language, BRIEF.of(language), &OPTIONS, arguments)?;
    let Some(matches) = parsed else { return Ok(STATUS_OK) };
    check_lang(&matches)?;
    let rules = rules(&matches)?;
    let (server, within_ms) = (rules.servers[0], rules.within_ms);
    let is_json = matches.is_on("json")?;
    match ask(rules, matches.is_on("trace")?)? {
        Some(Notice::Online(names)) if is_json => print(&output::json(server, &names)),
        Some(Notice::Online(names)) => print(&output::lines(&names)),
        Some(failed) => Err(failure(failed, within_ms)),
        // A signal came.
        None => Ok(super::STATUS_FAILED),
    }
}

fn rules(matches: &Choices) -> Result<Rules, Failure> {
    matches.expect_words(1, "who SERVER")?;
    let server = match matches.free.first() {
        Some(server) => server.clone(),
        None => {
            expect_utf8("server")?;
            let server = matches.by_environment("server");
            server.unwrap_or_else(|| SERVER_PLACE.0.to_string())
        }
    };
    Ok(Rules {
        servers: server_list::resolve_each(&server)?.concat(),
        name: query_name((random_number() >> 32) as u32),
        within_ms: options::seconds(matches, "timeout", TIMEOUT_MS)?,
    })
}

/// The answer. `None`: a signal came before it.
fn ask(rules: Rules, trace: bool) -> Result<Option<Notice>, Failure> {
    let failed = Failure::event_loop;
    let log = logging::start(LevelFilter::Warn, trace);
    let mut event_loop = EventLoop::new(WhoQuery::new(rules)).map_err(failed)?;
    let mut program = Program::start(&event_loop, &log, Service::default()).map_err(failed)?;
    let mut answer = None;
    let on_notice = |notice, _: &mut Unrecorded| answer = Some(notice);
    program::run(&mut event_loop, &mut program, on_notice).map_err(failed)?;
    Ok(answer)
}

fn failure(why: Notice, within_ms: u64) -> Failure {
    const FULL: Text = text!(
        "the server at {server} closed the connection without an answer: it may be full, or let \
         no more in from one address",
        "o servidor em {server} fechou a conexão sem responder: pode estar cheio, ou não aceitar \
         mais conexões de um mesmo endereço",
    );
    const CLOSED: Text = text!(
        "the server at {server} closed the connection without an answer",
        "o servidor em {server} fechou a conexão sem responder",
    );
    const SILENT: Text = text!(
        "the server at {server} did not answer within {seconds} s",
        "o servidor em {server} não respondeu em {seconds} s",
    );
    const SAID: Text = text!(
        "It said what is no part of the protocol: {line}",
        "Ele disse, fora do protocolo: {line}",
    );
    let told = |text, server: SocketAddr, said: Option<Vec<u8>>| {
        let seconds = match within_ms % 1000 {
            0 => (within_ms / 1000).to_string(),
            // Written by hand: printing an `f64` would be 10 kB of the program.
            rest => format!("{}.{}", within_ms / 1000, rest.div_ceil(100)),
        };
        let failure = Failure::run(text, &[("server", &server), ("seconds", &seconds)]);
        match said {
            Some(line) => failure.hint(SAID, &[("line", &visible(&line))]),
            None => failure,
        }
    };
    match why {
        Notice::NoServer { server, error } => Failure::no_server(server, error.into()),
        Notice::Closed { server, said: None } => told(FULL, server, None),
        Notice::Closed { server, said } => told(CLOSED, server, said),
        Notice::Silent { server, said } => told(SILENT, server, said),
        Notice::Online(_) => unreachable!("an answer is no failure"),
    }
}
