//! `papo load`: a [`Load`] on an event loop, for whoever wants to know what a host can carry.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use getopts::Options;
use log::LevelFilter;

use super::options::{self, Choices};
use super::server::{DESCRIPTORS_RESERVED, descriptor_limit};
use super::service::Service;
use super::{Failure, log_setup, print, turns};
use crate::event_loop::EventLoop;
use crate::event_loop::stopwatch::Stopwatch;
use crate::load::expectation::NUMBERS;
use crate::load::rules::{Mix, Rules};
use crate::load::schedule::Pace;
use crate::load::{Load, UNANSWERED_MAX};
use crate::terminal::figures::Figures;
use crate::wire::KEEP_INTERVAL_MS;

/// More operations a second than any machine will do, so that a slip of the finger is noticed.
pub const RATE_MAX: usize = 10_000_000;

const BRIEF: &str = "Usage: papo load SERVER[:PORT] [OPTIONS]\n\n\
    A load generator: registers many clients with a server, lets them ask, checks every answer,\n\
    and prints operations a second and latencies. Exits with 1 if anything was wrong.\n\n\
    Mixes: lookup asks for addresses (ADDR), list asks who is online (LIST), keep only says KEEP,\n\
    churn connects, registers, asks for its own address and leaves, again and again.\n\n\
    With --pipeline each client has so many questions on the way at once, and asks again when\n\
    all are answered. With --rate so many are asked a second in all, however slow the answers\n\
    are, and latencies count from when a question was to be sent: a server that stops is seen\n\
    to stop.\n\n\
    All clients connect from one address, which has about 28,000 ports on Linux; a server lets\n\
    only some in from one address (papo server --per-address), unless that is loopback.";

/// Runs a load until its time is up.
///
/// # Errors
///
/// For options that make no sense, and where the server is not known.
pub fn run(arguments: &[String]) -> Result<u8, Failure> {
    let Some(matches) = options::parse(&mut table(), BRIEF, arguments)? else { return Ok(0) };
    let rules = rules(&matches)?;
    let log = log_setup::start(LevelFilter::Warn, false);
    let failed = |error| Failure::io("the event loop failed", &error);
    let stopwatch = Stopwatch::start();
    let load = Load::new(rules, move || stopwatch.micros());
    let figures = Figures::new(matches.is_on("json")?);
    let mut event_loop = EventLoop::new(load, figures).map_err(failed)?;
    event_loop.watch_screens();
    event_loop.watch_signals().map_err(failed)?;
    let status = turns::run(&mut event_loop, &log, &mut Service::default()).map_err(failed)?;
    print(event_loop.terminal().report())?;
    Ok(status)
}

/// The options of `papo load`.
fn table() -> Options {
    let mut options = Options::new();
    options.optopt("", "clients", "how many clients at once (50)", "N");
    options.optopt("", "pipeline", "questions of each client on the way at once (1)", "P");
    options.optopt("", "rate", "questions a second of all clients together", "R");
    options.optopt("", "mix", "what they do (lookup)", "lookup|list|keep|churn");
    options.optopt("", "seconds", "for how long, once all are registered (10)", "S");
    options.optopt("", "keepalive", "seconds between a client's KEEPs (5)", "SECONDS");
    options.optflag("", "others", "other people are online: their names in a LIST are no mistake");
    options.optflag("", "json", "print the result as one JSON object");
    options
}

fn rules(matches: &Choices) -> Result<Rules, Failure> {
    let [server] = matches.free.as_slice() else {
        let text = "one SERVER[:PORT] is to be named. Try: papo load --help";
        return Err(Failure::Usage(text.to_string()));
    };
    let mix = mix(matches)?;
    // std's hash tables begin with random keys: as good a die as any.
    let seed = RandomState::new().hash_one(0);
    Ok(Rules {
        server: options::resolve(server, options::SERVER_PORT)?[0],
        clients: clients(matches)?,
        mix,
        pace: pace(matches, mix)?,
        run_ms: options::seconds(matches, "seconds", 10_000)?,
        keep_interval_ms: options::seconds(matches, "keepalive", KEEP_INTERVAL_MS)?,
        tag: format!("load-{:04x}-", seed >> 48),
        others: matches.is_on("others")?,
        seed,
    })
}

fn mix(matches: &Choices) -> Result<Mix, Failure> {
    match matches.opt_str("mix").as_deref() {
        None | Some("lookup") => Ok(Mix::Lookup),
        Some("list") => Ok(Mix::List),
        Some("keep") => Ok(Mix::Keep),
        Some("churn") => Ok(Mix::Churn),
        Some(other) => {
            let text = format!("--mix takes lookup, list, keep or churn, not {other}");
            Err(Failure::Usage(text))
        }
    }
}

fn pace(matches: &Choices, mix: Mix) -> Result<Pace, Failure> {
    let wrong = |text: String| Err(Failure::Usage(text));
    let (has_rate, has_depth) = (matches.has("rate"), matches.has("pipeline"));
    if has_rate && has_depth {
        return wrong(
            "either --rate or --pipeline: the one ends what the other begins".to_string(),
        );
    }
    if mix == Mix::Keep && (has_rate || has_depth) {
        return wrong("KEEPs come at their --keepalive: no --rate, no --pipeline".to_string());
    }
    if mix == Mix::Churn && has_depth {
        return wrong("churn asks one question a connection: no --pipeline".to_string());
    }
    let rate = options::count(matches, "rate", 1)?;
    let depth = options::count(matches, "pipeline", 1)?;
    if rate > RATE_MAX {
        return wrong(format!("--rate takes at most {RATE_MAX}, not {rate}"));
    }
    if depth > UNANSWERED_MAX {
        return wrong(format!("--pipeline takes at most {UNANSWERED_MAX}, not {depth}"));
    }
    Ok(if has_rate { Pace::Rate(rate as u64) } else { Pace::Pipeline(depth) })
}

fn clients(matches: &Choices) -> Result<usize, Failure> {
    let wanted = options::count(matches, "clients", 50)?;
    let possible = descriptor_limit().saturating_sub(DESCRIPTORS_RESERVED).min(NUMBERS);
    if wanted > possible {
        let text = format!(
            "--clients {wanted} is more than the {possible} that this process may have: \
             raise `ulimit -Hn`"
        );
        return Err(Failure::Usage(text));
    }
    Ok(wanted)
}
