//! `papo server`: a [`Directory`] on an event loop.

use std::net::SocketAddr;

use getopts::{Matches, Options};
use log::LevelFilter;
use rustix::process::{Resource, Rlimit};

use super::{Failure, log_setup, options};
use crate::directory::{Directory, PER_ADDRESS_MAX, Rules};
use crate::event_loop::{EventLoop, socket};
use crate::terminal::journal::Journal;
use crate::wire::{KEEP_INTERVAL_MS, REQUEST_LIMIT};

/// Descriptors that are not for clients: the three of every program, listener, poller, signals,
/// and some to spare.
pub const DESCRIPTORS_RESERVED: usize = 32;

/// With fewer clients than this there is no point in starting.
const CLIENTS_MIN: usize = 8;

const BRIEF: &str = "Usage: papo server [OPTIONS]\n\n\
    The directory: knows who is online and at which address. Logs to stderr; RUST_LOG=warn makes\n\
    it quieter. Ends in order on SIGINT and SIGTERM.";

/// Runs the server until a signal ends it.
///
/// # Errors
///
/// For options that make no sense, and where the port cannot be had.
pub fn run(arguments: &[String]) -> Result<u8, Failure> {
    let Some(matches) = options::parse(&mut table(), BRIEF, arguments)? else { return Ok(0) };
    if let Some(word) = matches.free.first() {
        return Err(Failure::Usage(format!("the server takes no {word}\n{BRIEF}")));
    }
    let listen = matches.opt_str("listen").unwrap_or_else(|| "0.0.0.0".to_string());
    let address = options::resolve(&listen, options::SERVER_PORT)?[0];
    let rules = rules(&matches)?;
    log_setup::start(LevelFilter::Info, matches.opt_present("trace"));
    serve(address, rules)
}

/// The options of `papo server`.
fn table() -> Options {
    let mut options = Options::new();
    options.optopt("", "listen", "where to await clients (0.0.0.0:10000)", "ADDR:PORT");
    options.optopt("", "keepalive", "seconds between a client's KEEPs (5)", "SECONDS");
    options.optopt("", "max-clients", "most clients at once (what the system allows)", "N");
    let text = format!("most clients from one address, loopback exempt ({PER_ADDRESS_MAX})");
    options.optopt("", "per-address", &text, "N");
    options::add_edition(&mut options);
    options.optflag("", "trace", "log every line of the protocol");
    options
}

fn rules(matches: &Matches) -> Result<Rules, Failure> {
    let wanted = options::count(matches, "max-clients", usize::MAX)?;
    let possible = descriptor_limit().saturating_sub(DESCRIPTORS_RESERVED);
    if possible < CLIENTS_MIN {
        let text = format!("only {possible} clients could be served: raise `ulimit -n`");
        return Err(Failure::Run(text));
    }
    Ok(Rules {
        keep_interval_ms: options::seconds(matches, "keepalive", KEEP_INTERVAL_MS)?,
        clients_max: wanted.min(possible),
        per_address_max: options::count(matches, "per-address", PER_ADDRESS_MAX)?,
        edition: options::edition(matches)?,
    })
}

fn serve(address: SocketAddr, rules: Rules) -> Result<u8, Failure> {
    let listener = socket::listen(address)
        .map_err(|error| Failure::io(&format!("cannot listen on {address}"), &error))?;
    let address = listener.local_addr().unwrap_or(address);
    log::info!(
        "event=listening address={address} clients_max={} keepalive_ms={}",
        rules.clients_max,
        rules.keep_interval_ms
    );
    let failed = |error| Failure::io("the event loop failed", &error);
    let mut event_loop = EventLoop::new(Directory::new(rules), Journal).map_err(failed)?;
    event_loop.listen(listener, REQUEST_LIMIT).map_err(failed)?;
    event_loop.watch_signals().map_err(failed)?;
    let status = event_loop.run().map_err(failed)?;
    log::info!("event=stopped");
    Ok(status)
}

/// How many descriptors there may be, after asking for as many as the system lets us have.
pub(super) fn descriptor_limit() -> usize {
    let limit = rustix::process::getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let is_raised = rustix::process::setrlimit(Resource::Nofile, raised).is_ok();
    let current = if is_raised { limit.maximum } else { limit.current };
    // No limit at all: as many as places in the slab.
    current.and_then(|count| usize::try_from(count).ok()).unwrap_or(u32::MAX as usize)
}
