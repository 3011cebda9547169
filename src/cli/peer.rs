//! `papo peer`: a [`Peer`] on an event loop, with a person at it:
//! [`crate::console::person`]. Read next: [`converse`].

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io::{self, IsTerminal};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use log::LevelFilter;

use super::arguments;
use super::help::{Opt, option};
use super::log_setup::{self, Log};
use super::options::{self, Choices, EDITIONS};
#[cfg(feature = "tools")]
use super::program;
use super::program::{CONSOLE_TOKENS, MayRecord, Program, recorder};
#[cfg(feature = "full")]
use super::recording;
#[cfg(feature = "tools")]
use super::resolver::Resolver;
use super::service::Service;
use super::system;
#[cfg(feature = "editor")]
use super::talk_log::TalkLog;
use super::{Failure, STATUS_OK, addresses};
use crate::console::ability::{self, BELL_WORDS, COLOR_WORDS};
use crate::console::language::{Language, Text, text};
#[cfg(feature = "editor")]
use crate::console::live::{Live, Style};
use crate::console::person::Person;
use crate::console::plain::{Plain, Typist};
use crate::console::texts;
use crate::console::view::View;
use crate::console::visible::visible;
#[cfg(feature = "editor")]
use crate::console::wall_clock::WallClock;
use crate::event_loop::mio_os::MioOs;
use crate::event_loop::os::Os;
use crate::event_loop::recorder::{HostStep, Recorder};
use crate::event_loop::{EventLoop, socket};
use crate::machine::Framing;
use crate::machine::Millis;
#[cfg(feature = "tools")]
use crate::peer::command::Command;
#[cfg(any(feature = "editor", feature = "tools"))]
use crate::peer::notice::Notice;
use crate::peer::outgoing::PACE_MS;
use crate::peer::{Peer, Rules};
use crate::wire::name::Name;
use crate::wire::{KEEP_INTERVAL_MS, SPEECH_LIMIT, address};

/// A person who presses Ctrl-C twice is not interested in an orderly end: 128 and the number of
/// SIGINT.
#[cfg(feature = "editor")]
const STATUS_INTERRUPTED: u8 = 130;

const BRIEF: Text = text!(
    "Usage: papo peer [NAME] [OPTIONS]\n\n\
     A person's end of the chat. Without NAME it asks for one. On a terminal messages\n\
     appear above the line being typed; from and to anything else it reads and writes\n\
     whole lines. /help shows the commands. The conversation goes to stdout.",
    "Uso: papo peer [NOME] [OPÇÕES]\n\n\
     O programa de cada usuário. Sem NOME, pergunta por um. Em um terminal, as\n\
     mensagens aparecem acima da linha que está sendo digitada; fora dele, lê e\n\
     escreve linhas inteiras. /help mostra os comandos. A conversa vai para o stdout.",
);

/// `--server`, of everybody who looks for one.
pub(super) const SERVER: Opt = option(
    "--server HOST[:PORT],..  the server, or several in turn (127.0.0.1:10000)",
    "--server HOST[:PORTA],..  o servidor, ou vários (127.0.0.1:10000)",
);

/// `--lang`, which [`options::language`] reads before all the others.
pub(super) const LANG: Opt = option(
    "--lang pt|en  the language of all texts (that of the locale)",
    "--lang pt|en  o idioma dos textos (o do sistema)",
);

/// `--trace`, where stderr is for people.
pub(super) const TRACE: Opt = option(
    "--trace  print every line of the protocol to stderr",
    "--trace  mostra no stderr cada linha do protocolo",
);

/// The options of `papo peer`.
const OPTIONS: &[Opt] = &[
    SERVER,
    option(
        "--port PORT  where to await calls (any free port)",
        "--port PORTA  onde aguardar chamadas (qualquer porta livre)",
    ),
    option(
        "--keepalive SECONDS  seconds between KEEPs (5)",
        "--keepalive SEGUNDOS  segundos entre KEEPs (5)",
    ),
    options::FOLLOWED_EDITION,
    options::PACE,
    option(
        "--no-verify  do not check callers' names with the server",
        "--no-verify  não confere com o servidor o nome de quem chama",
    ),
    LANG,
    option(
        "--plain  whole lines, as screen readers want them",
        "--plain  linhas inteiras, para leitores de tela",
    ),
    option(
        "--color auto|always|never  whether names have colours (auto)",
        "--color auto|always|never  se os nomes têm cores (auto)",
    ),
    option(
        "--bell off|msg|all  what rings: messages in other conversations (msg)",
        "--bell off|msg|all  o que apita: mensagens de outras conversas (msg)",
    ),
    #[cfg(feature = "editor")]
    option(
        "--log  log each conversation into the state directory",
        "--log  grava cada conversa na pasta de estado do usuário",
    ),
    #[cfg(feature = "editor")]
    option(
        "--log-dir DIR  log each conversation into this directory",
        "--log-dir PASTA  grava cada conversa nesta pasta",
    ),
    option(
        "--stay  stay after a script, and wait for a server",
        "--stay  fica após um script, e espera por um servidor",
    ),
    option(
        "--exit-on-disconnect  leave when the server or the last partner does",
        "--exit-on-disconnect  sai quando o servidor ou o último par sai",
    ),
    TRACE,
    #[cfg(feature = "full")]
    recording::RECORD,
];

/// The loop of a peer.
type Chat = EventLoop<Peer, MioOs, MayRecord>;

/// Runs a peer until its person leaves.
///
/// # Errors
///
/// For options that make no sense, and where the port cannot be had or the server's name is not
/// known.
pub fn run(language: Language, arguments: &[String]) -> Result<u8, Failure> {
    let parsed = options::parse(language, BRIEF.of(language), OPTIONS, arguments)?;
    let Some(matches) = parsed else { return Ok(0) };
    check_lang(&matches)?;
    let log = log_setup::start(LevelFilter::Warn, matches.is_on("trace")?);
    let rules = rules(&matches, language)?;
    let listen = listen_address(&rules, port(&matches)?);
    let room = Room {
        log,
        #[cfg(feature = "tools")]
        resolver: Resolver::new(server_list(&matches), program::RESOLVER),
        #[cfg(feature = "editor")]
        talk_log: talk_log(&matches, language)?,
        #[cfg(feature = "editor")]
        wall_clock: WallClock::default(),
    };
    let port = Port::open(listen)?;
    let process = rules.name.as_ref().map_or("peer".to_string(), |name| format!("peer {name}"));
    let recorder = recorder(&matches, Some(language), &process, &[port.address])?;
    talk(open(rules, port, recorder)?, view(&matches, language)?, room)
}

fn rules(matches: &Choices, language: Language) -> Result<Rules, Failure> {
    const TOO_MANY: Text = text!(
        "one name only, not also {word}: a name with blanks wants quotes",
        "um nome só, e não também {word}: um nome com espaços precisa de aspas",
    );
    if let Some(word) = matches.free.get(1) {
        return Err(Failure::usage(TOO_MANY, &[("word", word)]));
    }
    let name = match matches.free.first() {
        None => None,
        Some(text) => Some(name_of(language, text)?),
    };
    let (servers, names) = places(matches)?;
    Ok(Rules {
        name,
        port: 0,
        servers,
        names,
        keep_interval_ms: options::seconds(matches, "keepalive", KEEP_INTERVAL_MS)?,
        edition: options::one_of(matches, "edition", &EDITIONS)?,
        pace_ms: options::pause_ms(matches, "pace", PACE_MS)?,
        verify: !matches.is_on("no-verify")?,
        scripted: !io::stdin().is_terminal(),
        stays: matches.is_on("stay")? && !io::stdin().is_terminal(),
        exits_on_disconnect: matches.is_on("exit-on-disconnect")?,
        numbers_name: false,
        seed: seed(),
    })
}

/// std's hash tables begin with random keys: as good a die as any.
pub(super) fn seed() -> u64 {
    RandomState::new().hash_one(0)
}

/// A name of the command line.
pub(super) fn name_of(language: Language, text: &str) -> Result<Name, Failure> {
    Name::parse(text.as_bytes()).map_err(|error| {
        let (name, why) = (visible(text.as_bytes()), texts::name_error(language, error));
        Failure::usage(
            text!("\"{name}\": {why}", "\"{name}\": {why}"),
            &[("name", &name), ("why", &why)],
        )
    })
}

/// The servers of `--server`, each with its addresses.
pub(super) fn servers_of(matches: &Choices) -> Result<Vec<Vec<SocketAddr>>, Failure> {
    addresses::resolve_each(&server_list(matches))
}

fn server_list(matches: &Choices) -> String {
    matches.opt_str("server").unwrap_or_else(|| "127.0.0.1".to_string())
}

/// The same, and the names that are looked up again later. A peer that stays waits for them;
/// otherwise a name that is not known is most likely a wrong one.
#[cfg(feature = "tools")]
fn places(matches: &Choices) -> Result<(Vec<Vec<SocketAddr>>, Vec<String>), Failure> {
    let list = server_list(matches);
    let waits = matches.is_on("stay")?;
    let known = if waits { addresses::written_each(&list) } else { addresses::resolve_each(&list) };
    Ok((known?, addresses::names(&list)))
}

#[cfg(not(feature = "tools"))]
fn places(matches: &Choices) -> Result<(Vec<Vec<SocketAddr>>, Vec<String>), Failure> {
    Ok((servers_of(matches)?, Vec::new()))
}

fn port(matches: &Choices) -> Result<u16, Failure> {
    let Some(text) = matches.opt_str("port") else { return Ok(0) };
    let wrong = || matches.wrong("port", "1-65535", &text);
    address::parse_port(text.as_bytes()).ok_or_else(wrong)
}

/// Any address of this machine, of the same family as the server's: calls come in from where
/// the server is reached. A name may lead to either family.
pub(super) fn listen_address(rules: &Rules, port: u16) -> SocketAddr {
    let has_v6 = rules.servers.iter().flatten().any(SocketAddr::is_ipv6);
    if has_v6 || !rules.names.is_empty() {
        SocketAddr::from((Ipv6Addr::UNSPECIFIED, port))
    } else {
        SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))
    }
}

/// [`options::language`] lets be what is no language.
pub(super) fn check_lang(matches: &Choices) -> Result<(), Failure> {
    let words = [("pt", Language::Portuguese), ("en", Language::English)];
    options::one_of(matches, "lang", &words).map(drop)
}

/// Where conversations are logged, if they are: `--log-dir`, or a folder in that for the state of
/// programs, as XDG has it.
#[cfg(feature = "editor")]
fn talk_log(matches: &Choices, language: Language) -> Result<Option<TalkLog>, Failure> {
    const CANNOT: Text =
        text!("cannot log into {folder}", "não é possível gravar as conversas em {folder}");
    let folder = match arguments::path(matches, "log-dir") {
        Some(folder) => folder,
        None if matches.is_on("log")? => state_folder()?,
        None => return Ok(None),
    };
    let name = folder.display().to_string();
    let cannot = |error| Failure::run(CANNOT, &[("folder", &name)]).because(error);
    TalkLog::begin(&folder, language).map(Some).map_err(cannot)
}

#[cfg(feature = "editor")]
fn state_folder() -> Result<PathBuf, Failure> {
    const NO_HOME: Text = text!(
        "--log: there is no HOME. Say --log-dir DIR",
        "--log: não há HOME. Use --log-dir PASTA",
    );
    let state = system::state_folder().ok_or_else(|| Failure::usage(NO_HOME, &[]))?;
    Ok(state.join("papo"))
}

/// How a person sits in front of the peer.
#[cfg(feature = "editor")]
fn view(matches: &Choices, language: Language) -> Result<View, Failure> {
    let color = options::one_of(matches, "color", &COLOR_WORDS)?.unwrap_or_default();
    let bell = options::one_of(matches, "bell", &BELL_WORDS)?.unwrap_or_default();
    let (term, no_color) = (std::env::var("TERM").ok(), std::env::var("NO_COLOR").ok());
    let [stdin, stdout] = [io::stdin().is_terminal(), io::stdout().is_terminal()];
    let plain = matches.is_on("plain")?;
    if !system::DRAWS || !ability::draws(stdin, stdout, plain, term.as_deref()) {
        return Ok(lines(language));
    }
    let paints = ability::paints(color, no_color.as_deref(), term.as_deref());
    Ok(View::Live(Box::new(Live::new(Style { language, paints, bell }))))
}

#[cfg(not(feature = "editor"))]
fn view(matches: &Choices, language: Language) -> Result<View, Failure> {
    options::one_of(matches, "color", &COLOR_WORDS)?;
    options::one_of(matches, "bell", &BELL_WORDS)?;
    Ok(lines(language))
}

fn lines(language: Language) -> View {
    let is_person = io::stdin().is_terminal();
    let typist = if is_person { Typist::Person } else { Typist::Script };
    View::Plain(Plain::new(language, typist))
}

/// Runs the peer: opens its listener and its terminal, and gives the terminal back whatever the
/// end was.
fn talk(mut chat: Chat, view: View, room: Room) -> Result<u8, Failure> {
    let failed = Failure::event_loop;
    let log = room.log.clone();
    let program = Program::start(&chat, &log, Service::default()).map_err(failed)?;
    #[cfg(feature = "editor")]
    let draws = matches!(view, View::Live(_));
    let mut person = Person::new(view, chat.registry(), CONSOLE_TOKENS).map_err(failed)?;
    if Recorder::<Peer>::is_on(chat.recorder()) {
        person.keep_record();
    }
    #[cfg(feature = "editor")]
    if draws {
        if system::stderr_is_the_screen() {
            log.hold();
        }
        person.draw_on_terminal(chat.registry()).map_err(failed)?;
    }
    let end = converse(&mut chat, &mut person, program, room);
    let lost = person.leave();
    log.release();
    lost.map_or(end.map_err(failed), |error| Err(Failure::stdout(error)))
}

/// The things beside a conversation: the program's own log, the log of the texts, and the servers'
/// names.
struct Room {
    log: Log,
    #[cfg(feature = "tools")]
    resolver: Resolver,
    #[cfg(feature = "editor")]
    talk_log: Option<TalkLog>,
    #[cfg(feature = "editor")]
    wall_clock: WallClock,
}

impl Room {
    /// Shows what the chat has to tell: log lines first, so that the line of the protocol stands
    /// above what it came to.
    fn show(&mut self, chat: &mut Chat, person: &mut Person) {
        #[cfg(feature = "editor")]
        if let Some((lines, dropped)) = self.log.take_held() {
            person.show_log(&lines, dropped);
        }
        #[cfg(feature = "tools")]
        let mut wants_addresses = false;
        for notice in chat.notices() {
            #[cfg(feature = "tools")]
            if notice == Notice::AddressesWanted {
                wants_addresses = true;
            }
            #[cfg(feature = "editor")]
            let failed = self.talk_log.as_mut().and_then(|log| log.hear(&notice));
            person.show(notice);
            #[cfg(feature = "editor")]
            if let Some(error) = failed {
                person.show(Notice::NotLogged { error });
            }
        }
        record(chat, person);
        #[cfg(feature = "tools")]
        if wants_addresses {
            self.resolver.begin(chat.now(), chat.registry());
        }
    }

    /// Tells the chat where its servers are by now, when that was looked up.
    #[cfg(feature = "tools")]
    fn tell_addresses(&mut self, chat: &mut Chat) {
        if let Some(found) = self.resolver.take_found(chat.now()) {
            chat.command(&Command::Servers(found));
        }
    }

    #[cfg(feature = "tools")]
    fn timeout(&self, now: Millis) -> Option<Duration> {
        self.resolver.timeout(now)
    }

    #[cfg(not(feature = "tools"))]
    fn timeout(&self, _: Millis) -> Option<Duration> {
        None
    }

    #[cfg(feature = "editor")]
    fn tell_time(&mut self, now: Millis, person: &mut Person) {
        let Some(time) = self.wall_clock.read(now) else { return };
        if let Some(live) = person.live() {
            live.set_time(time);
        }
        if let Some(log) = &mut self.talk_log {
            log.tell_time(time);
        }
    }
}

/// The whole of `papo peer`: turn after turn, what happened goes to the person and what the person
/// typed goes to the chat.
fn converse(
    chat: &mut Chat,
    person: &mut Person,
    mut program: Program,
    mut room: Room,
) -> io::Result<u8> {
    let accepts =
        |chat: &Chat, person: &Person| chat.accepts_command() && !person.waits_for_output();
    loop {
        let now = chat.now();
        let person_sleeps = person.timeout(now, accepts(chat, person));
        let sleep = [person_sleeps, room.timeout(now)];
        let mut turn = program.turn(chat, sleep.into_iter().flatten().min())?;
        #[cfg(feature = "editor")]
        room.tell_time(chat.now(), person);
        #[cfg(feature = "tools")]
        room.tell_addresses(chat);
        room.show(chat, person);
        let keys = person.read(&turn.host_ready, chat.registry(), accepts(chat, person));
        record_keys(chat, keys);
        #[cfg(feature = "editor")]
        if person.serve_keys(chat.now())? {
            program.stop(chat, &mut turn, STATUS_INTERRUPTED);
        }
        while accepts(chat, person)
            && let Some(command) = person.next_command()
        {
            record(chat, person);
            chat.command(&command);
            room.show(chat, person);
        }
        room.show(chat, person);
        person.flush();
        record(chat, person);
        if let Some(full) = person.full_changed() {
            chat.output_full(full);
        }
        if person.is_gone() {
            program.stop(chat, &mut turn, STATUS_OK);
        }
        if let Some(status) = program.end_turn(chat, &turn) {
            return Ok(status);
        }
    }
}

fn record_keys(chat: &mut Chat, keys: &[u8]) {
    if !keys.is_empty() {
        chat.record(HostStep::Key(keys));
    }
}

/// Tells the recorder, if there is one, which lines were typed and shown.
fn record(chat: &mut Chat, person: &mut Person) {
    for line in person.take_typed() {
        chat.record(HostStep::Typed(&line));
    }
    if let Some(shown) = person.take_shown() {
        chat.record(HostStep::Screen(&shown));
    }
}

/// The port at which calls come in. It is bound before the first byte goes to the server: who is
/// told a port may call at once.
struct Port {
    listener: <MioOs as Os>::Listener,
    address: SocketAddr,
}

impl Port {
    fn open(listen: SocketAddr) -> Result<Self, Failure> {
        let cannot = |error| Failure::listen(listen, error);
        let listener = socket::listen(listen).or_else(|error| without_v6(listen, error));
        let listener = listener.map_err(cannot)?;
        socket::probe_silent(&listener).map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        Ok(Self { listener, address })
    }
}

/// Where this machine has no IPv6, nobody calls by it.
fn without_v6(listen: SocketAddr, error: io::Error) -> io::Result<<MioOs as Os>::Listener> {
    let v4 = SocketAddr::from((Ipv4Addr::UNSPECIFIED, listen.port()));
    if listen.is_ipv6() { socket::listen(v4).map_err(|_| error) } else { Err(error) }
}

fn open(mut rules: Rules, port: Port, recorder: MayRecord) -> Result<Chat, Failure> {
    rules.port = port.address.port();
    let failed = Failure::event_loop;
    let mut chat = EventLoop::recorded(Peer::new(rules), recorder).map_err(failed)?;
    chat.listen(port.listener, Framing::Lines(SPEECH_LIMIT)).map_err(failed)?;
    Ok(chat)
}
