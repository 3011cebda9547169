//! `papo server`: a [`Directory`] on an event loop.

use std::net::SocketAddr;

use getopts::Options;
use listenfd::ListenFd;
use log::LevelFilter;
use rustix::process::{Resource, Rlimit};

use super::log_setup::{self, Log};
use super::options::{self, Choices};
use super::service::Service;
use super::{Failure, memory_bound, turns};
use crate::directory::{Directory, PER_ADDRESS_MAX, Rules};
use crate::event_loop::{EventLoop, socket};
use crate::machine::Framing;
use crate::terminal::journal::Journal;
use crate::wire::{KEEP_INTERVAL_MS, REQUEST_LIMIT};

/// Descriptors that are not for clients: the three of every program, listener, poller, signals,
/// and some to spare.
pub const DESCRIPTORS_RESERVED: usize = 32;

/// With fewer clients than this there is no point in starting.
const CLIENTS_MIN: usize = 8;

const BRIEF: &str = "Usage: papo server [OPTIONS]\n\n\
    The directory: knows who is online and at which address. Logs to stderr; RUST_LOG=warn makes\n\
    it quieter. Ends in order on SIGINT and SIGTERM; logs one line of state on SIGUSR2.";

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
    check_memory(rules.clients_max)?;
    let log = log_setup::start(LevelFilter::Info, matches.is_on("trace")?);
    serve(address, rules, &log)
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

fn rules(matches: &Choices) -> Result<Rules, Failure> {
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

fn serve(address: SocketAddr, rules: Rules, log: &Log) -> Result<u8, Failure> {
    let cannot = |error| Failure::io(&format!("cannot listen on {address}"), &error);
    let listener = match passed_sockets()?.take_tcp_listener(0).map_err(cannot)? {
        Some(passed) => socket::adopt(passed),
        None => socket::listen(address),
    };
    let listener = listener.map_err(cannot)?;
    let cannot = |error| Failure::io("cannot speak to the service manager", &error);
    let mut service = Service::from_environment().map_err(cannot)?;
    let address = listener.local_addr().unwrap_or(address);
    let failed = |error| Failure::io("the event loop failed", &error);
    let mut event_loop = EventLoop::new(Directory::new(rules), Journal).map_err(failed)?;
    event_loop.listen(listener, Framing::Lines(REQUEST_LIMIT)).map_err(failed)?;
    event_loop.watch_signals().map_err(failed)?;
    // Not before: who reads it may send a signal, and one that is not caught yet would end us.
    tell_start(address, &rules);
    service.ready();
    let status = turns::run(&mut event_loop, log, &mut service).map_err(failed)?;
    log::info!("event=stopped");
    Ok(status)
}

/// What a service manager has opened for us, if there is one: it goes before `--listen`.
fn passed_sockets() -> Result<ListenFd, Failure> {
    let passed = ListenFd::from_env();
    if passed.len() > 1 {
        let text = format!("{} sockets were passed: the server listens on one", passed.len());
        return Err(Failure::Run(text));
    }
    Ok(passed)
}

/// That it listens comes last: then everything else has been said.
fn tell_start(address: SocketAddr, rules: &Rules) {
    let (clients, keepalive_ms) = (rules.clients_max as u64, rules.keep_interval_ms);
    log::info!(
        "event=memory worst_case_bytes={} clients_max={clients} buffered_bytes={} \
         longest_list_bytes={}",
        memory_bound::worst_case(clients),
        memory_bound::BUFFERED_BYTES,
        memory_bound::longest_list(clients)
    );
    if rustix::process::geteuid().is_root() {
        log::warn!("event=root the server needs no privileges: run it as somebody else");
    }
    log::info!(
        "event=listening address={address} clients_max={clients} keepalive_ms={keepalive_ms}"
    );
}

/// The most memory that may be needed must be there, where the system says how much there is.
fn check_memory(clients_max: usize) -> Result<(), Failure> {
    let Some(limit) = rustix::process::getrlimit(Resource::As).current else { return Ok(()) };
    let needed = memory_bound::worst_case(clients_max as u64);
    if needed <= limit {
        return Ok(());
    }
    let (fit, mib) = (memory_bound::clients_within(limit), |bytes: u64| bytes.div_ceil(1 << 20));
    Err(Failure::Run(format!(
        "{clients_max} clients may need {} MiB, and `ulimit -v` allows {}: \
         --max-clients {fit} would do",
        mib(needed),
        mib(limit)
    )))
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
