//! `papo send`: one text to one person, and an exit status that says whether it arrived.
//!
//! A [`Peer`] on an event loop, as a script would use it. It takes no calls: whoever called in the
//! meantime under the very name that is being called could be given the text.

use std::time::Duration;

use getopts::Options;
use log::LevelFilter;

use super::log_setup::{self, Log};
use super::options::{self, Choices};
use super::peer::{Place, language, listen_address, name_of, server_of};
use super::{Failure, STATUS_OK};
use crate::event_loop::{EventLoop, socket};
use crate::peer::{Peer, Rules};
use crate::terminal::seat::Seat;
use crate::terminal::sending::{Outcome, Sending};
use crate::wire::name::Name;

/// How long it may all take where nothing else is said, in milliseconds: 3 s for the server's
/// answer and 5 s for the other side's, and as much again for what is said.
pub const TIMEOUT_MS: u64 = 15_000;

const BRIEF: &str = "Usage: papo send NAME TEXT [OPTIONS]\n\n\
    Says one thing to one person, and leaves. Exits with 0 only where the text reached the other\n\
    side's program and that has answered the goodbye; with 1 where it did not, or may not have.";

/// Sends, and says what became of it.
///
/// # Errors
///
/// For options that make no sense, and where the text did not arrive.
pub fn run(arguments: &[String]) -> Result<u8, Failure> {
    let Some(matches) = options::parse(&mut table(), BRIEF, arguments)? else { return Ok(0) };
    let [to, text] = matches.free.as_slice() else {
        let text = "one NAME and one TEXT: what has blanks wants quotes. Try: papo send --help";
        return Err(Failure::Usage(text.to_string()));
    };
    let language = language(&matches)?;
    if text.trim().is_empty() {
        return Err(Failure::Usage("the TEXT is empty".to_string()));
    }
    let sending = Sending::new(language, name_of(language, to)?, text);
    let timeout_ms = options::seconds(&matches, "timeout", TIMEOUT_MS)?;
    let from = name_of(language, &from(&matches)?)?;
    let rules = rules(&matches, from)?;
    let log = log_setup::start(LevelFilter::Warn, matches.is_on("trace")?);
    send(rules, sending, timeout_ms, &log)
}

/// The options of `papo send`.
fn table() -> Options {
    let mut options = Options::new();
    options.optopt("", "server", "where the server is (127.0.0.1:10000)", "HOST[:PORT]");
    options.optopt("", "from", "the name to send under (that of the login)", "NAME");
    options.optopt("", "timeout", "how long it may take at most (15)", "SECONDS");
    options.optopt("", "lang", "the language of what is told (that of the locale)", "pt|en");
    options.optflag("", "trace", "print every line of the protocol to stderr");
    options
}

fn from(matches: &Choices) -> Result<String, Failure> {
    let login = || ["LOGNAME", "USER"].into_iter().find_map(|name| std::env::var(name).ok());
    let missing = || Failure::Usage("who sends it? Say --from NAME".to_string());
    matches.opt_str("from").or_else(login).ok_or_else(missing)
}

fn rules(matches: &Choices, from: Name) -> Result<Rules, Failure> {
    let servers = server_of(matches)?;
    let first = servers[0];
    Ok(Rules { name: Some(from), servers, verify: false, scripted: true, ..Rules::new(first, 0) })
}

/// Turns until it is over, or takes too long.
fn send(mut rules: Rules, sending: Sending, timeout_ms: u64, log: &Log) -> Result<u8, Failure> {
    let failed = |error| Failure::io("the event loop failed", &error);
    let cannot = |error| Failure::io("cannot listen", &error);
    // Held until the end, so that nobody else is given the port that the server was told.
    let listener = socket::listen(listen_address(&rules, 0)).map_err(cannot)?;
    rules.port = listener.local_addr().map_err(cannot)?.port();
    let place = Place::from(Seat::Sending(sending));
    let mut event_loop = EventLoop::new(Peer::new(rules), place).map_err(failed)?;
    event_loop.watch_screens();
    event_loop.watch_signals().map_err(failed)?;
    loop {
        let left = timeout_ms.saturating_sub(event_loop.now().0);
        let exit = event_loop.turn(Some(Duration::from_millis(left))).map_err(failed)?;
        log.catch_up(event_loop.now());
        if exit.is_some() || event_loop.now().0 >= timeout_ms {
            break;
        }
    }
    event_loop.say_last_words().map_err(failed)?;
    let sending = event_loop.terminal().sending().expect("the seat that it was given");
    match sending.outcome() {
        Outcome::Delivered => Ok(STATUS_OK),
        Outcome::Failed(why) => Err(Failure::Run(why.clone())),
        Outcome::Pending => Err(Failure::Run(sending.no_answer())),
    }
}
