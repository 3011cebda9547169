//! `papo lab`: the lectures' small services, each a machine of [`crate::lab`] on an event loop.
//!
//! All services share one table of options. `any_service` makes one machine of them, and `folder`
//! opens the files of `web`. Read next: [`crate::lab`].

mod any_service;
#[cfg_attr(windows, path = "folder_windows.rs")]
mod folder;
mod zone;

use std::io::{IsTerminal, stdout};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use log::LevelFilter;

use crate::cli::arguments::help::{Opt, option};
use crate::cli::arguments::options::{self, Choices};
use crate::cli::arguments::{self, addresses};
use crate::cli::host::program::{CONSOLE_TOKENS, Program};
use crate::cli::host::service::Service as Manager;
use crate::cli::logging::{self, Log};
use crate::cli::recording::{self, MayRecord};
use crate::cli::system::{clock, limits};
use crate::cli::{Failure, STATUS_OK, print};
use crate::console::device::{Device, Output, READ_BYTES};
use crate::console::lab::LabView;
use crate::console::language::{Language, Text, text};
use crate::event_loop::mio_os::MioOs;
use crate::event_loop::recorder::{HostStep, Recorder};
use crate::event_loop::{EventLoop, socket};
use crate::lab::broadcast::Broadcast;
use crate::lab::client::{LabClient, Transport};
use crate::lab::daytime::Daytime;
use crate::lab::dict::Dict;
use crate::lab::echo::Echo;
use crate::lab::reverb::Reverb;
use crate::lab::source_filter::SourceFilter;
use crate::lab::throughput::{BLOCK_BYTES, Receiver, Sender};
use crate::lab::upper::Upper;
use crate::lab::web::{Files, Missing, Web};
use crate::lab::{LAB_LINE_LIMIT, WallClock};
use crate::machine::{Framing, Typed};
use any_service::AnyService;
use folder::Folder;

/// A service that can be started.
struct Service {
    name: &'static str,
    /// The lecture's port, or a near one that needs no privileges.
    port: u16,
    purpose: Text,
    /// Its options, beside those of all services.
    options: &'static [&'static str],
    /// Most words on the command line, its name included.
    words_max: usize,
    run: fn(&Call<'_>) -> Result<u8, Failure>,
}

/// The parsed command line.
struct Call<'a> {
    service: &'a Service,
    matches: &'a Choices,
    /// The language of the person who reads stderr.
    language: Language,
    log: Log,
}

const SERVICES: [Service; 9] = [
    Service {
        name: "daytime",
        port: 13_000,
        purpose: text!(
            "the date and time, over TCP and UDP (RFC 867)",
            "a data e a hora, por TCP e UDP (RFC 867)",
        ),
        options: &["listen", "delay"],
        words_max: 1,
        run: daytime,
    },
    Service {
        name: "echo",
        port: 7007,
        purpose: text!(
            "what comes in goes out, over TCP and UDP (RFC 862)",
            "o que entra, sai: por TCP e UDP (RFC 862)",
        ),
        options: &["listen"],
        words_max: 1,
        run: |call| {
            let machine = |sources| AnyService::Echo(Echo::new(sources));
            serve(call, Framing::Raw, Datagrams::Too, machine)
        },
    },
    Service {
        name: "reverb",
        port: 7008,
        purpose: text!(
            "each line three times, softer and softer",
            "cada linha três vezes, cada vez mais baixo",
        ),
        options: &["listen", "delay"],
        words_max: 1,
        run: reverb,
    },
    Service {
        name: "broadcast",
        port: 8080,
        purpose: text!(
            "a chat: what one says, everybody reads",
            "um chat: o que um diz, todos leem",
        ),
        options: &["listen"],
        words_max: 1,
        run: |call| {
            let machine = |_| AnyService::Broadcast(Broadcast::default());
            serve(call, Framing::Lines(LAB_LINE_LIMIT), Datagrams::None, machine)
        },
    },
    Service {
        name: "upper",
        port: 12_000,
        purpose: text!(
            "a text in upper case, over TCP and UDP",
            "um texto em maiúsculas, por TCP e UDP",
        ),
        options: &["listen"],
        words_max: 1,
        run: |call| {
            let machine = |sources| AnyService::Upper(Upper::new(sources));
            serve(call, Framing::Raw, Datagrams::Too, machine)
        },
    },
    Service {
        name: "web",
        port: 8001,
        purpose: text!("the files of a folder, over HTTP", "os arquivos de uma pasta, por HTTP"),
        options: &["listen", "root"],
        words_max: 1,
        run: web,
    },
    Service {
        name: "throughput",
        port: 6789,
        purpose: text!(
            "`serve`, and `send HOST[:PORT]`: how fast bytes get there",
            "`serve`, e `send HOST[:PORTA]`: quão rápido os bytes chegam",
        ),
        options: &["listen", "seconds", "size"],
        words_max: 3,
        run: throughput,
    },
    Service {
        name: "dict",
        port: 9999,
        purpose: text!(
            "a dictionary that all clients share",
            "um dicionário que todos os clientes dividem",
        ),
        options: &["listen", "implicit-add"],
        words_max: 1,
        run: dict,
    },
    Service {
        name: "client",
        port: 0,
        purpose: text!(
            "`HOST:PORT`: keyboard to socket, and socket to screen",
            "`HOST:PORTA`: do teclado ao socket, e do socket à tela",
        ),
        options: &["udp", "exit-word"],
        words_max: 2,
        run: client,
    },
];

/// The loop of any service.
type LabLoop = EventLoop<AnyService, MioOs, MayRecord>;

/// Whether a service has a datagram socket beside its listener.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Datagrams {
    None,
    Too,
}

/// Runs a service, or lists them.
pub fn run(language: Language, arguments: &[String]) -> Result<u8, Failure> {
    const UNKNOWN: Text = text!("no such service: {name}", "serviço desconhecido: {name}");
    let brief = brief(language);
    let parsed = options::parse(language, &brief, OPTIONS, arguments)?;
    let Some(matches) = parsed else { return Ok(STATUS_OK) };
    let Some(name) = matches.free.first() else { return print(&listing(language)) };
    let Some(service) = SERVICES.iter().find(|service| service.name == name) else {
        let names = SERVICES.iter().map(|service| service.name);
        return Err(Failure::unknown_word(UNKNOWN, ("name", name), names));
    };
    matches.expect_words(service.words_max, name)?;
    for option in OPTIONS.iter().copied().map(Opt::name) {
        let is_known = matches!(option, "trace" | "record") || service.options.contains(&option);
        if !is_known && matches.is_written(option) {
            return Err(options::takes_no(name, &format!("--{option}")));
        }
    }
    let log = logging::start(LevelFilter::Info, matches.is_on("trace")?);
    limits::descriptor_limit();
    (service.run)(&Call { service, matches: &matches, language, log })
}

/// The options of `papo lab`.
const OPTIONS: &[Opt] = &[
    option(
        "--listen ADDR:PORT  where to await clients (loopback, its own port)",
        "--listen ENDEREÇO:PORTA  onde aguardar clientes (loopback, porta própria)",
    ),
    option(
        "--delay SECONDS  daytime, reverb: the wait (daytime 0, reverb 1)",
        "--delay SEGUNDOS  daytime, reverb: a espera (daytime 0, reverb 1)",
    ),
    option(
        "--root FOLDER  web: the folder to serve (the current one)",
        "--root PASTA  web: a pasta que serve (a atual)",
    ),
    option(
        "--seconds SECONDS  throughput send: how long to send (10)",
        "--seconds SEGUNDOS  throughput send: por quanto tempo (10)",
    ),
    option(
        "--size BYTES  throughput send: bytes in a buffer (8192)",
        "--size BYTES  throughput send: bytes do buffer (8192)",
    ),
    option(
        "--implicit-add  dict: store what is no command",
        "--implicit-add  dict: guarda o que não é um comando",
    ),
    option(
        "--udp  client: send each line as a datagram",
        "--udp  client: envia cada linha em um datagrama",
    ),
    option(
        "--exit-word WORD  client: the line that ends it, not sent (EXIT)",
        "--exit-word PALAVRA  client: a linha que o encerra, não enviada (EXIT)",
    ),
    option("--trace  log what crosses the sockets", "--trace  registra o que passa pelos sockets"),
    #[cfg(feature = "full")]
    recording::RECORD,
];

fn brief(language: Language) -> String {
    const USAGE: Text =
        text!("Usage: papo lab [SERVICE] [OPTIONS]", "Uso: papo lab [SERVIÇO] [OPÇÕES]");
    format!("{}\n\n{}", USAGE.of(language), listing(language).trim_end())
}

fn listing(language: Language) -> String {
    const HEAD: Text = text!(
        "The lectures' small services, on the chat's event loop. On loopback, and on\n\
         these ports:\n\n",
        "Os pequenos serviços das aulas, no mesmo laço de eventos do chat. Em 127.0.0.1,\n\
         e nestas portas:\n\n",
    );
    const FOOT: Text = text!(
        "\nTry: papo lab echo, and in another terminal: papo lab client localhost:7007\n",
        "\nTente: papo lab echo, e em outro terminal: papo lab client localhost:7007\n",
    );
    let mut listing = HEAD.of(language).to_string();
    for Service { name, port, purpose, .. } in &SERVICES {
        let port = if *port == 0 { String::new() } else { port.to_string() };
        listing.push_str(&format!("  {name:<10} {port:>5}  {}\n", purpose.of(language)));
    }
    listing + FOOT.of(language)
}

/// The wall clock.
#[derive(Clone, Copy, Debug)]
struct Wall;

impl WallClock for Wall {
    fn unix_seconds(&self) -> i64 {
        clock::unix_seconds()
    }
}

fn daytime(call: &Call<'_>) -> Result<u8, Failure> {
    let delay_ms = options::seconds(call.matches, "delay", 0)?;
    let machine =
        |sources| AnyService::Daytime(Daytime::new(Wall, zone::local_zone(), delay_ms, sources));
    serve(call, Framing::Raw, Datagrams::Too, machine)
}

fn reverb(call: &Call<'_>) -> Result<u8, Failure> {
    let machine = Reverb::new(options::seconds(call.matches, "delay", 1000)?);
    let lines = Framing::Lines(LAB_LINE_LIMIT);
    serve(call, lines, Datagrams::None, |_| AnyService::Reverb(machine))
}

fn dict(call: &Call<'_>) -> Result<u8, Failure> {
    let machine = Dict::new(call.matches.is_on("implicit-add")?);
    let lines = Framing::Lines(LAB_LINE_LIMIT);
    serve(call, lines, Datagrams::None, |_| AnyService::Dict(machine))
}

fn web(call: &Call<'_>) -> Result<u8, Failure> {
    const CANNOT: Text = text!("cannot serve {root}", "não é possível servir {root}");
    let root = arguments::path(call.matches, "root").unwrap_or_else(|| PathBuf::from("."));
    let name = root.display().to_string();
    let folder = Folder::at(&root)
        .map_err(|error| Failure::run(CANNOT, &[("root", &name)]).because(error))?;
    if matches!(folder.open(&["index.html".as_bytes().into()]), Err(Missing::NotFound)) {
        log::warn!(
            "no index.html in {name}: / answers 403. Put one there, or ask for a file by name"
        );
    }
    let machine = |_| AnyService::Web(Web::new(folder, Wall));
    serve(call, Framing::Raw, Datagrams::None, machine)
}

fn throughput(call: &Call<'_>) -> Result<u8, Failure> {
    const WORDS: Text = text!(
        "throughput takes serve, or send HOST[:PORT]",
        "throughput aceita serve, ou send HOST[:PORTA]",
    );
    let words: Vec<_> = call.matches.free.iter().skip(1).map(String::as_str).collect();
    match words[..] {
        ["serve"] => {
            let machine = |_| AnyService::Receiver(Receiver::default());
            serve(call, Framing::Raw, Datagrams::None, machine)
        }
        ["send", to] => {
            let to = addresses::resolve(to, ("127.0.0.1", call.service.port))?[0];
            let size = options::count_up_to(call.matches, "size", 8192, BLOCK_BYTES)?;
            let duration_ms = options::seconds(call.matches, "seconds", 10_000)?;
            let machine = Sender::new(to, size, duration_ms);
            let event_loop = start(call, AnyService::Sender(machine), &[])?;
            let device = Device::write_only(event_loop.registry(), CONSOLE_TOKENS);
            run_to_end(event_loop, device, call)
        }
        _ => {
            let word = words.first().copied().unwrap_or_default();
            Err(Failure::usage(WORDS, &[]).with_suggestion(word, ["serve", "send"]))
        }
    }
}

fn client(call: &Call<'_>) -> Result<u8, Failure> {
    const WORD: Text = text!("client takes HOST:PORT", "client aceita HOST:PORTA");
    let [_, to] = &call.matches.free[..] else { return Err(Failure::usage(WORD, &[])) };
    let to = addresses::resolve(to, ("127.0.0.1", 0))?[0];
    if to.port() == 0 {
        return Err(Failure::usage(WORD, &[]));
    }
    let transport = if call.matches.is_on("udp")? { Transport::Udp } else { Transport::Tcp };
    let exit_word = call.matches.opt_str("exit-word").unwrap_or_else(|| "EXIT".to_string());
    let machine = AnyService::Client(LabClient::new(to, transport, &exit_word));
    let mut event_loop = start(call, machine, &[])?;
    if transport == Transport::Udp {
        let any: IpAddr =
            if to.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let socket = socket::create_udp_socket(SocketAddr::new(any, 0));
        socket
            .and_then(|socket| event_loop.bind(socket, to.is_ipv6()))
            .map_err(Failure::event_loop)?;
    }
    let device = Device::open(event_loop.registry(), CONSOLE_TOKENS);
    run_to_end(event_loop, device.map_err(Failure::event_loop)?, call)
}

/// Serves clients. `machine` is made with a filter for datagrams, which depends on its own port:
/// the system may have chosen it.
fn serve(
    call: &Call<'_>,
    framing: Framing,
    datagrams: Datagrams,
    machine: impl FnOnce(SourceFilter) -> AnyService,
) -> Result<u8, Failure> {
    let listen = call.matches.opt_str("listen").unwrap_or_else(|| "127.0.0.1".to_string());
    let address = addresses::resolve(&listen, ("127.0.0.1", call.service.port))?[0];
    let cannot = |error| Failure::listen(address, error);
    // A client that sends lines sends little. A stream is faster with the kernel's default buffers.
    let listener = match framing {
        Framing::Lines(_) => socket::listen(address),
        Framing::Raw => socket::create_tcp_server_socket(address, socket::BACKLOG),
    };
    let listener = listener.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    let machine = machine(SourceFilter::new(address.port()));
    let mut event_loop = start(call, machine, &[address])?;
    event_loop.listen(listener, framing).map_err(Failure::event_loop)?;
    if datagrams == Datagrams::Too {
        let socket = socket::create_udp_socket(address).map_err(cannot)?;
        event_loop.bind(socket, address.is_ipv6()).map_err(Failure::event_loop)?;
    }
    log::info!("{} listens on {address}", call.service.name);
    let device = Device::write_only(event_loop.registry(), CONSOLE_TOKENS);
    run_to_end(event_loop, device, call)
}

fn start(
    call: &Call<'_>,
    machine: AnyService,
    listening: &[SocketAddr],
) -> Result<LabLoop, Failure> {
    let process = format!("lab {}", call.service.name);
    let recorder = recording::begin(call.matches, Some(call.language), &process, listening)?;
    EventLoop::recorded(machine, recorder).map_err(Failure::event_loop)
}

/// A service with its stdin and stdout.
struct Host {
    event_loop: LabLoop,
    program: Program,
    device: Device,
    view: LabView,
    output: Output,
    buffer: Vec<u8>,
}

/// Turns the loop to its end, and returns the exit status.
fn run_to_end(event_loop: LabLoop, device: Device, call: &Call<'_>) -> Result<u8, Failure> {
    let program = Program::start(&event_loop, &call.log, Manager::default());
    let host = Host {
        event_loop,
        program: program.map_err(Failure::event_loop)?,
        device,
        view: LabView::new(stdout().is_terminal()),
        output: Output::default(),
        buffer: vec![0; READ_BYTES],
    };
    host.run()
}

impl Host {
    fn run(mut self) -> Result<u8, Failure> {
        loop {
            let may_read = self.device.has_input() && self.event_loop.accepts_command();
            let sleep = may_read.then_some(Duration::ZERO);
            let turn = self.program.turn(&mut self.event_loop, sleep);
            let mut turn = turn.map_err(Failure::event_loop)?;
            self.device.on_ready(&turn.host_ready);
            self.read();
            self.send_typed();
            self.show();
            if let Some(full) = self.device.full_changed() {
                self.event_loop.output_full(full);
            }
            if self.device.is_gone() {
                self.program.stop(&mut self.event_loop, &mut turn, STATUS_OK);
            }
            if let Some(status) = self.program.end_turn(&mut self.event_loop, &turn) {
                self.device.write_out();
                let failure = self.device.take_failure();
                return failure.map_or(Ok(status), |error| Err(Failure::stdout(error)));
            }
        }
    }

    /// Reads stdin, while the machine takes commands.
    fn read(&mut self) {
        if !self.event_loop.accepts_command() {
            return;
        }
        match self.device.read(&mut self.buffer, self.event_loop.registry()) {
            Some(0) => self.view.typed.end(),
            Some(count) => {
                self.event_loop.record(HostStep::Key(&self.buffer[..count]));
                self.view.typed.push(&self.buffer[..count]);
            }
            None => {}
        }
    }

    /// Gives the machine the lines that were typed.
    fn send_typed(&mut self) {
        while self.event_loop.accepts_command()
            && let Some(typed) = self.view.typed.next_typed()
        {
            if let Typed::Line(line) = &typed {
                self.event_loop.record(HostStep::Typed(line));
            }
            self.event_loop.command(&typed);
        }
    }

    /// Writes the notices to stdout.
    fn show(&mut self) {
        let (notices, recorder) = self.event_loop.notices_and_recorder();
        for notice in notices {
            self.view.show(notice, &mut self.output);
            Recorder::<AnyService>::host(recorder, HostStep::Screen(&self.output.screen));
            self.device.push(&mut self.output);
        }
        self.device.flush();
    }
}
