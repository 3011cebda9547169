//! `papo send`: one text to one person, and an exit status that says whether it arrived.
//!
//! A [`Peer`] on an event loop, as a script would use it. It takes no calls: a person who called
//! meanwhile under the very name that is being called could be given the text.

use std::io::{self, Read};
use std::time::Duration;

use log::LevelFilter;

use super::arguments::help::{Opt, option};
use super::arguments::language::{LANG, check_lang};
use super::arguments::options::{self, Choices, EDITIONS, TRACE};
use super::arguments::server_list::{self, SERVER};
use super::host::listening::listen;
use super::host::program::{CONSOLE_TOKENS, Program};
use super::host::service::Service;
use super::logging::{self, Log};
use super::peer::{listen_address, name_of};
use super::recording::MayRecord;
use super::system::{account, random_number};
use super::{Failure, STATUS_OK};
use crate::console::device::{Device, Output};
use crate::console::language::{Language, Text, text};
use crate::console::sending::{Outcome, Sending};
use crate::event_loop::EventLoop;
use crate::peer::PACE_MS;
use crate::peer::{Peer, Rules};
use crate::wire::name::Name;

/// How long it may all take where nothing else is said, in milliseconds: 3 s for the server's
/// answer and 5 s for the other side's, and as much again for what is said.
pub const TIMEOUT_MS: u64 = 15_000;

/// Most bytes that are read from stdin: at the usual pace they leave in 5 s.
const TEXT_BYTES_MAX: u64 = 256 * 1024;

const BRIEF: Text = text!(
    "Usage: papo send NAME TEXT [OPTIONS]\n\n\
     Says one thing to one person, and leaves. The TEXT - is read from stdin. Exits\n\
     with 0 where the other side took all of the text, and with 1 where it did not,\n\
     or where something shows that some is lost. A number is added to a name of\n\
     --from that is taken.",
    "Uso: papo send NOME TEXTO [OPÇÕES]\n\n\
     Envia um texto a alguém, e sai. O TEXTO - é lido do stdin. Termina com 0 se o\n\
     outro lado recebeu todo o texto, e com 1 se não recebeu, ou se há sinal de que\n\
     uma parte se perdeu. O nome de --from que já está em uso recebe um número.",
);

/// The options of `papo send`.
const OPTIONS: [Opt; 7] = [
    SERVER,
    option(
        "--from NAME  the name to send under (that of the login)",
        "--from NOME  o nome de quem envia (o do login)",
    ),
    option(
        "--timeout SECONDS  how long it may take at most (15)",
        "--timeout SEGUNDOS  quanto pode demorar, no máximo (15)",
    ),
    options::FOLLOWED_EDITION,
    options::PACE,
    LANG,
    TRACE,
];

/// Sends, and says what became of it.
pub fn run(language: Language, arguments: &[String]) -> Result<u8, Failure> {
    let parsed = options::parse(language, BRIEF.of(language), &OPTIONS, arguments)?;
    let Some(matches) = parsed else { return Ok(0) };
    check_lang(&matches)?;
    let (to, said) = words(&matches)?;
    let sending = Sending::new(language, name_of(language, to)?, &said);
    let timeout_ms = options::seconds(&matches, "timeout", TIMEOUT_MS)?;
    let from = name_of(language, &from(&matches))?;
    let log = logging::start(LevelFilter::Warn, matches.is_on("trace")?);
    let rules = rules(&matches, from)?;
    send(rules, sending, timeout_ms, &log)
}

/// To whom, and what.
fn words(matches: &Choices) -> Result<(&str, String), Failure> {
    const TWO: Text = text!(
        "one NAME and one TEXT: what has blanks wants quotes",
        "um NOME e um TEXTO: o que tem espaços precisa de aspas",
    );
    const EMPTY: Text = text!("the TEXT is empty", "o TEXTO está vazio");
    let [to, said] = matches.free.as_slice() else { return Err(Failure::usage(TWO, &[])) };
    let said = if said == "-" { all_of_stdin()? } else { said.clone() };
    if said.trim().is_empty() { Err(Failure::usage(EMPTY, &[])) } else { Ok((to, said)) }
}

/// All that is piped in. It blocks, which is only right before the loop starts.
fn all_of_stdin() -> Result<String, Failure> {
    const CANNOT: Text = text!(
        "stdin is no text of UTF-8 with at most {bytes} bytes",
        "o stdin não é um texto UTF-8 com no máximo {bytes} bytes",
    );
    let mut said = String::new();
    let most = TEXT_BYTES_MAX.to_string();
    let cannot = || Failure::run(CANNOT, &[("bytes", &most)]);
    let read = io::stdin().take(TEXT_BYTES_MAX + 1).read_to_string(&mut said);
    let length = read.map_err(|error| cannot().because(error))?;
    if length as u64 > TEXT_BYTES_MAX { Err(cannot()) } else { Ok(said) }
}

/// The one who sends. A service, and a job at night, may have no login: then it is the user's
/// number.
fn from(matches: &Choices) -> String {
    let login = || {
        let names = ["LOGNAME", "USER"].into_iter().filter_map(options::environment);
        names.into_iter().find(|name| !name.is_empty())
    };
    matches.opt_str("from").or_else(login).unwrap_or_else(account::user_name)
}

fn rules(matches: &Choices, from: Name) -> Result<Rules, Failure> {
    let servers = server_list::resolve_each(&server_list::chosen(matches))?;
    let first = servers.concat()[0];
    Ok(Rules {
        name: Some(from),
        servers,
        edition: options::one_of(matches, "edition", &EDITIONS)?,
        pace_ms: options::pause_ms(matches, "pace", PACE_MS)?,
        verify: false,
        scripted: true,
        numbers_name: true,
        seed: random_number(),
        ..Rules::new(first, 0)
    })
}

/// Turns until it is over, or takes too long.
fn send(mut rules: Rules, mut sending: Sending, timeout_ms: u64, log: &Log) -> Result<u8, Failure> {
    const WHY: Text = text!("{why}", "{why}");
    let failed = Failure::event_loop;
    // Held until the end, so that nobody else is given the port that the server was told.
    let (_listener, address) = listen(listen_address(&rules, 0))?;
    rules.port = address.port();
    let mut chat = EventLoop::recorded(Peer::new(rules), MayRecord::default()).map_err(failed)?;
    let mut device = Device::write_only(chat.registry(), CONSOLE_TOKENS);
    let mut program = Program::start(&chat, log, Service::default()).map_err(failed)?;
    let mut output = Output::default();
    loop {
        let left = Duration::from_millis(timeout_ms.saturating_sub(chat.now().0));
        let turn = program.turn(&mut chat, Some(left)).map_err(failed)?;
        loop {
            for notice in chat.notices() {
                sending.show(notice, &mut output);
            }
            if !chat.accepts_command() {
                break;
            }
            let Some(command) = sending.next_command() else { break };
            chat.command(&command);
        }
        device.push(&mut output);
        device.flush();
        if program.end_turn(&mut chat, &turn).is_some() || chat.now().0 >= timeout_ms {
            break;
        }
    }
    device.write_out();
    let why = match sending.outcome() {
        Outcome::Delivered => return Ok(STATUS_OK),
        Outcome::Failed(why) => why.clone(),
        Outcome::Pending => sending.no_answer(),
    };
    Err(Failure::run(WHY, &[("why", &why)]))
}
