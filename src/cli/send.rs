//! `papo send`: one text to one person, and an exit status that says whether it arrived.
//!
//! A [`Peer`] on an event loop, as a script would use it. It takes no calls: whoever called in the
//! meantime under the very name that is being called could be given the text.

use std::time::Duration;

use log::LevelFilter;

use super::help::{Opt, option};
use super::log_setup::{self, Log};
use super::options::{self, Choices};
use super::peer::{LANG, SERVER, TRACE, check_lang, listen_address, name_of, server_of};
use super::program::{CONSOLE_TOKENS, Program};
use super::service::Service;
use super::{Failure, STATUS_OK};
use crate::console::device::{Device, Output};
use crate::console::language::{Language, Text, same, text};
use crate::console::sending::{Outcome, Sending};
use crate::event_loop::{EventLoop, socket};
use crate::peer::{Peer, Rules};
use crate::wire::name::Name;

/// How long it may all take where nothing else is said, in milliseconds: 3 s for the server's
/// answer and 5 s for the other side's, and as much again for what is said.
pub const TIMEOUT_MS: u64 = 15_000;

const BRIEF: Text = text(
    "Usage: papo send NAME TEXT [OPTIONS]\n\n\
     Says one thing to one person, and leaves. Exits with 0 only where the text\n\
     reached the other side's program and that has answered the goodbye; with 1 where\n\
     it did not, or may not have.",
    "Uso: papo send NOME TEXTO [OPÇÕES]\n\n\
     Envia um texto a alguém, e sai. Termina com 0 só se o texto chegou ao programa\n\
     do outro usuário e este respondeu à despedida; com 1 se não chegou, ou pode não\n\
     ter chegado.",
);

/// The options of `papo send`.
const OPTIONS: [Opt; 5] = [
    SERVER,
    option(
        "--from NAME  the name to send under (that of the login)",
        "--from NOME  o nome de quem envia (o do login)",
    ),
    option(
        "--timeout SECONDS  how long it may take at most (15)",
        "--timeout SEGUNDOS  quanto pode demorar, no máximo (15)",
    ),
    LANG,
    TRACE,
];

/// Sends, and says what became of it.
///
/// # Errors
///
/// For options that make no sense, and where the text did not arrive.
pub fn run(language: Language, arguments: &[String]) -> Result<u8, Failure> {
    let parsed = options::parse(language, BRIEF.of(language), &OPTIONS, arguments)?;
    let Some(matches) = parsed else { return Ok(0) };
    check_lang(&matches)?;
    let (to, said) = words(&matches)?;
    let sending = Sending::new(language, name_of(language, to)?, said);
    let timeout_ms = options::seconds(&matches, "timeout", TIMEOUT_MS)?;
    let from = name_of(language, &from(&matches)?)?;
    let rules = rules(&matches, from)?;
    let log = log_setup::start(LevelFilter::Warn, matches.is_on("trace")?);
    send(rules, sending, timeout_ms, &log)
}

/// To whom, and what.
fn words(matches: &Choices) -> Result<(&str, &str), Failure> {
    const TWO: Text = text(
        "one NAME and one TEXT: what has blanks wants quotes",
        "um NOME e um TEXTO: o que tem espaços precisa de aspas",
    );
    const EMPTY: Text = text("the TEXT is empty", "o TEXTO está vazio");
    let [to, said] = matches.free.as_slice() else { return Err(Failure::usage(TWO, &[])) };
    if said.trim().is_empty() { Err(Failure::usage(EMPTY, &[])) } else { Ok((to, said)) }
}

/// Who sends: a service, and a job at night, may have no login.
fn from(matches: &Choices) -> Result<String, Failure> {
    const NOBODY: Text = text(
        "there is no login name: say who sends with --from NAME",
        "não há nome de login: diga quem envia com --from NOME",
    );
    let login = || {
        let names = ["LOGNAME", "USER"].into_iter().filter_map(options::environment);
        names.into_iter().find(|name| !name.is_empty())
    };
    matches.opt_str("from").or_else(login).ok_or_else(|| Failure::usage(NOBODY, &[]))
}

fn rules(matches: &Choices, from: Name) -> Result<Rules, Failure> {
    let servers = server_of(matches)?;
    let first = servers[0];
    Ok(Rules { name: Some(from), servers, verify: false, scripted: true, ..Rules::new(first, 0) })
}

/// Turns until it is over, or takes too long.
fn send(mut rules: Rules, mut sending: Sending, timeout_ms: u64, log: &Log) -> Result<u8, Failure> {
    const WHY: Text = same("{why}");
    let failed = Failure::event_loop;
    let listen = listen_address(&rules, 0);
    let cannot = |error| Failure::listen(&listen.to_string(), error);
    // Held until the end, so that nobody else is given the port that the server was told.
    let listener = socket::listen(listen).map_err(cannot)?;
    rules.port = listener.local_addr().map_err(cannot)?.port();
    let mut chat = EventLoop::new(Peer::new(rules)).map_err(failed)?;
    let mut device = Device::write_only(chat.registry(), CONSOLE_TOKENS);
    let mut program = Program::start(&chat, log, Service::default()).map_err(failed)?;
    let mut output = Output::default();
    loop {
        let left = timeout_ms.saturating_sub(chat.now().0);
        let mut turn = chat.turn(Some(Duration::from_millis(left))).map_err(failed)?;
        program.on_signals(&mut chat, &mut turn);
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
        program.end_turn(chat.now());
        if turn.exit.is_some() || chat.now().0 >= timeout_ms {
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
