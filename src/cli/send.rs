//! `papo send`: one text to one person. The exit status says whether it reached their computer.
//!
//! A [`Peer`] on an event loop, as a script would use it. It takes no calls: a caller with the name
//! of the person could receive the text. Read next: [`crate::console::sending`].

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
use crate::console::texts;
use crate::event_loop::EventLoop;
use crate::peer::PACE_MS;
use crate::peer::chat::protocol_line;
use crate::peer::notice::Notice;
use crate::peer::{Peer, Rules};
use crate::wire::name::Name;

/// How long all of it may take by default, in milliseconds: 3 s for the server's answer, 5 s for
/// the call, and as much again for the text.
pub const TIMEOUT_MS: u64 = 15_000;

/// Most bytes read from stdin: at the default pace they leave in 5 s.
const TEXT_BYTES_MAX: u64 = 256 * 1024;

/// A failure whose sentence is complete.
const WHY: Text = text!("{why}", "{why}");

const BRIEF: Text = text!(
    "Usage: papo send NAME TEXT [OPTIONS]\n\n\
     Says one thing to one person, and leaves. The TEXT - is read from stdin. Exits\n\
     with 0 if all of the text reached that person's computer, and with 1 if it did\n\
     not, or if something shows that a part is lost. Nobody knows whether it was\n\
     read. A number is added to a name of --from that is taken.",
    "Uso: papo send NOME TEXTO [OPÇÕES]\n\n\
     Envia um texto a alguém, e sai. O TEXTO - é lido do stdin. Termina com 0 se\n\
     todo o texto chegou ao computador da pessoa, e com 1 se não chegou, ou se há\n\
     sinal de que uma parte se perdeu. Se foi lido, ninguém sabe. O nome de --from\n\
     que já está em uso recebe um número.",
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

/// Sends, and reports whether the text reached the person's computer.
pub fn run(language: Language, arguments: &[String]) -> Result<u8, Failure> {
    let parsed = options::parse(language, BRIEF.of(language), &OPTIONS, arguments)?;
    let Some(matches) = parsed else { return Ok(STATUS_OK) };
    check_lang(&matches)?;
    let (to, said) = words(&matches)?;
    expect_text(language, &said)?;
    let sending = Sending::new(language, name_of(language, to)?, &said);
    let timeout_ms = options::seconds(&matches, "timeout", TIMEOUT_MS)?;
    let from = name_of(language, &from(&matches))?;
    let log = logging::start(LevelFilter::Warn, matches.is_on("trace")?);
    let rules = rules(&matches, from)?;
    send(rules, sending, timeout_ms, &log)
}

/// The name of the person, and the text.
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

/// Refuses a text that the other side would take for an instruction of the protocol. The peer would
/// refuse it too, but only after it has called the person.
fn expect_text(language: Language, said: &str) -> Result<(), Failure> {
    let Some(line) = protocol_line(said.as_bytes()) else { return Ok(()) };
    let why = texts::sentence(language, &Notice::WouldBeProtocol { line: line.to_vec() });
    Err(Failure::run(WHY, &[("why", &why)]))
}

/// All of stdin. This blocks, so it is only for the time before the loop starts.
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

/// The name of the sender: `--from`, the login, or for a service without a login the number of the
/// user.
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

/// Turns the loop until the outcome is known or the time is over.
fn send(mut rules: Rules, mut sending: Sending, timeout_ms: u64, log: &Log) -> Result<u8, Failure> {
    let failed = Failure::event_loop;
    // Kept until the end: no other program may get the port that the server knows.
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
