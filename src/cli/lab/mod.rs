//! `papo lab`: the lectures' small services, each a machine of [`crate::lab`] on an event loop.
//!
//! One table of options for all of them. Read next: [`crate::lab`].

mod folder;

use std::io::{IsTerminal, stdout};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use getopts::Options;
use log::LevelFilter;

use super::log_setup::{self, Log};
use super::options::{self, Choices};
use super::service::Service as Manager;
use super::{Failure, print, server, turns};
use crate::event_loop::{EventLoop, clock, socket};
use crate::lab::broadcast::Broadcast;
use crate::lab::client::{Client, Transport};
use crate::lab::daytime::Daytime;
use crate::lab::dict::Dict;
use crate::lab::echo::Echo;
use crate::lab::reverb::Reverb;
use crate::lab::throughput::{BLOCK_BYTES, Receiver, Sender};
use crate::lab::upper::Upper;
use crate::lab::web::Web;
use crate::lab::{LAB_LINE_LIMIT, Notice, WallClock};
use crate::machine::{Framing, Machine};
use crate::terminal::lab::Console;
use folder::Folder;

/// One that can be started.
struct Service {
    name: &'static str,
    /// The lecture's, or one beside it that needs no rights.
    port: u16,
    purpose: &'static str,
    /// Which options say anything to it, beside those that all know.
    options: &'static [&'static str],
    /// Most words, its name included.
    words_max: usize,
    run: fn(&Call<'_>) -> Result<u8, Failure>,
}

/// What was asked for on the command line.
struct Call<'a> {
    service: &'a Service,
    matches: &'a Choices,
    log: Log,
}

const SERVICES: [Service; 9] = [
    Service {
        name: "daytime",
        port: 13_000,
        purpose: "the date and time, over TCP and UDP (RFC 867)",
        options: &["listen", "delay"],
        words_max: 1,
        run: daytime,
    },
    Service {
        name: "echo",
        port: 7007,
        purpose: "what comes in goes out, over TCP and UDP (RFC 862)",
        options: &["listen"],
        words_max: 1,
        run: |call| serve(call, Echo, Framing::Raw, Datagrams::Too),
    },
    Service {
        name: "reverb",
        port: 7008,
        purpose: "each line three times, softer and softer",
        options: &["listen", "delay"],
        words_max: 1,
        run: reverb,
    },
    Service {
        name: "broadcast",
        port: 8080,
        purpose: "a chat: what one says, everybody reads",
        options: &["listen"],
        words_max: 1,
        run: |call| {
            let machine = Broadcast::default();
            serve(call, machine, Framing::Lines(LAB_LINE_LIMIT), Datagrams::None)
        },
    },
    Service {
        name: "upper",
        port: 12_000,
        purpose: "a text in upper case, over TCP and UDP",
        options: &["listen"],
        words_max: 1,
        run: |call| serve(call, Upper::default(), Framing::Raw, Datagrams::Too),
    },
    Service {
        name: "web",
        port: 8001,
        purpose: "the files of a folder, over HTTP",
        options: &["listen", "root"],
        words_max: 1,
        run: web,
    },
    Service {
        name: "throughput",
        port: 6789,
        purpose: "`serve`, and `send HOST[:PORT]`: how fast bytes get there",
        options: &["listen", "seconds", "size"],
        words_max: 3,
        run: throughput,
    },
    Service {
        name: "dict",
        port: 9999,
        purpose: "a dictionary that all clients share",
        options: &["listen", "implicit-add"],
        words_max: 1,
        run: dict,
    },
    Service {
        name: "client",
        port: 0,
        purpose: "`HOST:PORT`: keyboard to socket, and socket to screen",
        options: &["udp", "exit-word"],
        words_max: 2,
        run: client,
    },
];

/// Whether a service has a datagram socket beside its listener.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Datagrams {
    None,
    Too,
}

/// Runs a service, or lists them.
///
/// # Errors
///
/// For words that make no sense, and where the port cannot be had.
pub fn run(arguments: &[String]) -> Result<u8, Failure> {
    let Some(matches) = options::parse(&mut table(), &brief(), arguments)? else { return Ok(0) };
    let Some(name) = matches.free.first() else { return print(&listing()) };
    let Some(service) = SERVICES.iter().find(|service| service.name == name) else {
        return Err(Failure::Usage(format!("no such service: {name}. Try: papo lab")));
    };
    let words_max = service.words_max;
    if let Some(word) = matches.free.get(words_max) {
        return Err(Failure::Usage(format!("{name} takes no {word}")));
    }
    for option in ["listen", "delay", "root", "seconds", "size", "implicit-add", "udp", "exit-word"]
    {
        if matches.is_written(option) && !service.options.contains(&option) {
            return Err(Failure::Usage(format!("{name} takes no --{option}")));
        }
    }
    let log = log_setup::start(LevelFilter::Info, matches.is_on("trace")?);
    server::descriptor_limit();
    (service.run)(&Call { service, matches: &matches, log })
}

/// The options of `papo lab`.
fn table() -> Options {
    let mut options = Options::new();
    options.optopt(
        "",
        "listen",
        "where to await clients (loopback, the service's port)",
        "ADDR:PORT",
    );
    let text = "daytime, reverb: seconds to wait (daytime none, reverb 1)";
    options.optopt("", "delay", text, "SECONDS");
    options.optopt("", "root", "web: the folder to serve (the current one)", "FOLDER");
    options.optopt("", "seconds", "throughput send: how long to send (10)", "SECONDS");
    options.optopt("", "size", "throughput send: bytes in a buffer (8192)", "BYTES");
    options.optflag("", "implicit-add", "dict: store what is no command");
    options.optflag("", "udp", "client: send each line as a datagram");
    options.optopt(
        "",
        "exit-word",
        "client: the line that ends it, and is not sent (EXIT)",
        "WORD",
    );
    options.optflag("", "trace", "log what crosses the sockets");
    options
}

fn brief() -> String {
    format!("Usage: papo lab [SERVICE] [OPTIONS]\n\n{}", listing())
}

fn listing() -> String {
    let rows = SERVICES.iter().map(|Service { name, port, purpose, .. }| {
        let port = if *port == 0 { String::new() } else { port.to_string() };
        format!("  {name:<10} {port:>5}  {purpose}\n")
    });
    format!(
        "The lectures' small services, on the chat's event loop. On loopback, and on these ports:\n\
         \n{}\nTry: papo lab echo, and in another terminal: papo lab client localhost:7007",
        rows.collect::<String>()
    ) + "\n"
}

/// The clock on the wall.
#[derive(Clone, Copy, Debug)]
struct Wall;

impl WallClock for Wall {
    fn unix_seconds(&self) -> i64 {
        clock::unix_seconds()
    }
}

fn daytime(call: &Call<'_>) -> Result<u8, Failure> {
    let delay_ms = options::seconds(call.matches, "delay", 0)?;
    serve(call, Daytime::new(Wall, clock::local_zone(), delay_ms), Framing::Raw, Datagrams::Too)
}

fn reverb(call: &Call<'_>) -> Result<u8, Failure> {
    let machine = Reverb::new(options::seconds(call.matches, "delay", 1000)?);
    serve(call, machine, Framing::Lines(LAB_LINE_LIMIT), Datagrams::None)
}

fn dict(call: &Call<'_>) -> Result<u8, Failure> {
    let machine = Dict::new(call.matches.is_on("implicit-add")?);
    serve(call, machine, Framing::Lines(LAB_LINE_LIMIT), Datagrams::None)
}

fn web(call: &Call<'_>) -> Result<u8, Failure> {
    let root = call.matches.opt_str("root").map_or_else(|| PathBuf::from("."), PathBuf::from);
    let folder = Folder::open(&root)
        .map_err(|error| Failure::io(&format!("cannot serve {}", root.display()), &error))?;
    serve(call, Web::new(folder, Wall), Framing::Raw, Datagrams::None)
}

fn throughput(call: &Call<'_>) -> Result<u8, Failure> {
    let words: Vec<_> = call.matches.free.iter().skip(1).map(String::as_str).collect();
    match words[..] {
        ["serve"] => serve(call, Receiver::default(), Framing::Raw, Datagrams::None),
        ["send", to] => {
            let to = options::resolve(to, call.service.port)?[0];
            let size = options::count(call.matches, "size", 8192)?;
            if size > BLOCK_BYTES {
                return Err(Failure::Usage(format!("--size takes at most {BLOCK_BYTES} bytes")));
            }
            let duration_ms = options::seconds(call.matches, "seconds", 10_000)?;
            let machine = Sender::new(to, size, duration_ms);
            let mut event_loop = start(machine)?;
            event_loop.watch_screens();
            run_to_end(event_loop, call)
        }
        _ => Err(Failure::Usage("throughput takes serve, or send HOST[:PORT]".to_string())),
    }
}

fn client(call: &Call<'_>) -> Result<u8, Failure> {
    let [_, to] = &call.matches.free[..] else {
        return Err(Failure::Usage("client takes HOST:PORT".to_string()));
    };
    let to = options::resolve(to, 0)?[0];
    if to.port() == 0 {
        return Err(Failure::Usage(format!("client takes HOST:PORT, and {to} has no port")));
    }
    let transport = if call.matches.is_on("udp")? { Transport::Udp } else { Transport::Tcp };
    let exit_word = call.matches.opt_str("exit-word").unwrap_or_else(|| "EXIT".to_string());
    let mut event_loop = start(Client::new(to, transport, &exit_word))?;
    if transport == Transport::Udp {
        let any: IpAddr =
            if to.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let socket = socket::create_udp_socket(SocketAddr::new(any, 0));
        socket.and_then(|socket| event_loop.bind(socket)).map_err(failed)?;
    }
    event_loop.watch_console().map_err(failed)?;
    run_to_end(event_loop, call)
}

fn serve<M: Machine<Notice = Notice>>(
    call: &Call<'_>,
    machine: M,
    framing: Framing,
    datagrams: Datagrams,
) -> Result<u8, Failure> {
    let listen = call.matches.opt_str("listen").unwrap_or_else(|| "127.0.0.1".to_string());
    let address = options::resolve(&listen, call.service.port)?[0];
    let cannot = |error| Failure::io(&format!("cannot listen on {address}"), &error);
    // Who speaks in lines has little to say; for a stream the kernel's own buffers are better.
    let listener = match framing {
        Framing::Lines(_) => socket::listen(address),
        Framing::Raw => socket::create_tcp_server_socket(address, socket::BACKLOG),
    };
    let listener = listener.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    let mut event_loop = start(machine)?;
    event_loop.listen(listener, framing).map_err(failed)?;
    if datagrams == Datagrams::Too {
        let socket = socket::create_udp_socket(address).map_err(cannot)?;
        event_loop.bind(socket).map_err(failed)?;
    }
    event_loop.watch_screens();
    log::info!("{} listens on {address}", call.service.name);
    run_to_end(event_loop, call)
}

fn start<M: Machine<Notice = Notice>>(machine: M) -> Result<EventLoop<M, Console>, Failure> {
    EventLoop::new(machine, Console::new(stdout().is_terminal())).map_err(failed)
}

fn run_to_end<M: Machine<Notice = Notice>>(
    mut event_loop: EventLoop<M, Console>,
    call: &Call<'_>,
) -> Result<u8, Failure> {
    event_loop.watch_signals().map_err(failed)?;
    turns::run(&mut event_loop, &call.log, &mut Manager::default()).map_err(failed)
}

fn failed(error: std::io::Error) -> Failure {
    Failure::io("the event loop failed", &error)
}
