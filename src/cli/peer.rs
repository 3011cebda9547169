//! `papo peer`: a [`Peer`] on an event loop, with a person at it.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io::IsTerminal;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
#[cfg(feature = "editor")]
use std::path::PathBuf;

use getopts::Options;
use log::LevelFilter;

use super::log_setup::{self, Log};
use super::options::{self, Choices};
use super::service::Service;
#[cfg(feature = "editor")]
use super::talk_log::{Logged, TalkLog};
use super::{Failure, turns};
use crate::event_loop::{EventLoop, socket};
use crate::machine::Framing;
use crate::peer::{Peer, Rules};
use crate::terminal::ability;
#[cfg(feature = "editor")]
use crate::terminal::live::{Live, Style};
use crate::terminal::plain::{Answers, Plain};
#[cfg(feature = "editor")]
use crate::terminal::seat::Seat;
use crate::terminal::texts;
use crate::terminal::words::Language;
use crate::wire::name::Name;
use crate::wire::{KEEP_INTERVAL_MS, SPEECH_LIMIT, address};

const BRIEF: &str = "Usage: papo peer [NAME] [OPTIONS]\n\n\
    A person's end of the chat. Without NAME it asks for one. On a terminal messages appear above\n\
    the line being typed; from and to anything else it reads and writes whole lines. /help shows\n\
    the commands. The conversation goes to stdout.";

/// Runs a peer until its person leaves.
///
/// # Errors
///
/// For options that make no sense, and where the port cannot be had or the server's name is not
/// known.
pub fn run(arguments: &[String]) -> Result<u8, Failure> {
    let Some(matches) = options::parse(&mut table(), BRIEF, arguments)? else { return Ok(0) };
    let language = language(&matches)?;
    let rules = rules(&matches, language)?;
    let listen = listen_address(&rules, port(&matches)?);
    let place = place(&matches, language)?;
    let log = log_setup::start(LevelFilter::Warn, matches.is_on("trace")?);
    talk(rules, listen, place, &log)
}

/// The options of `papo peer`.
fn table() -> Options {
    let mut options = Options::new();
    options.optopt("", "server", "where the server is (127.0.0.1:10000)", "HOST[:PORT]");
    options.optopt("", "port", "where to await calls (any free port)", "PORT");
    options.optopt("", "keepalive", "seconds between KEEPs (5)", "SECONDS");
    options::add_edition(&mut options);
    options.optflag("", "no-verify", "do not check callers' names with the server");
    options.optopt("", "lang", "the language of the screen (that of the locale)", "pt|en");
    options.optflag("", "plain", "whole lines without any control codes, for screen readers");
    options.optopt("", "color", "whether names have colours (auto)", "auto|always|never");
    options.optopt(
        "",
        "bell",
        "which messages ring: those of other conversations (msg)",
        "off|msg|all",
    );
    #[cfg(feature = "editor")]
    options.optflag("", "log", "log each conversation into the state directory").optopt(
        "",
        "log-dir",
        "log each conversation into this directory",
        "DIR",
    );
    options.optflag(
        "",
        "stay",
        "stay after the end of input, and wait for a server, where stdin is no terminal",
    );
    options.optflag("", "trace", "print every line of the protocol to stderr");
    options
}

fn rules(matches: &Choices, language: Language) -> Result<Rules, Failure> {
    if let Some(word) = matches.free.get(1) {
        let text = format!("one name only, not also {word}: a name with blanks wants quotes");
        return Err(Failure::Usage(text));
    }
    let name = match matches.free.first() {
        None => None,
        Some(text) => Some(name_of(language, text)?),
    };
    Ok(Rules {
        name,
        port: 0,
        servers: server_of(matches)?,
        keep_interval_ms: options::seconds(matches, "keepalive", KEEP_INTERVAL_MS)?,
        edition: options::edition(matches)?,
        verify: !matches.is_on("no-verify")?,
        scripted: !std::io::stdin().is_terminal(),
        stays: matches.is_on("stay")? && !std::io::stdin().is_terminal(),
        // std's hash tables begin with random keys: as good a die as any.
        seed: RandomState::new().hash_one(0),
    })
}

/// A name of the command line.
pub(super) fn name_of(language: Language, text: &str) -> Result<Name, Failure> {
    Name::parse(text.as_bytes()).map_err(|error| {
        let why = texts::name_error(language, error);
        Failure::Usage(format!("\"{}\": {why}", text.escape_debug()))
    })
}

/// The addresses of `--server`.
pub(super) fn server_of(matches: &Choices) -> Result<Vec<SocketAddr>, Failure> {
    let server = matches.opt_str("server").unwrap_or_else(|| "127.0.0.1".to_string());
    options::resolve(&server, options::SERVER_PORT)
}

fn port(matches: &Choices) -> Result<u16, Failure> {
    let wrong =
        |text| Failure::Usage(format!("{} takes 1 to 65535, not {text}", matches.spelled("port")));
    match matches.opt_str("port") {
        None => Ok(0),
        Some(text) => address::parse_port(text.as_bytes()).ok_or_else(|| wrong(text)),
    }
}

/// Any address of this machine, of the same family as the server's: calls come in from where
/// the server is reached.
pub(super) fn listen_address(rules: &Rules, port: u16) -> SocketAddr {
    if rules.servers.iter().any(SocketAddr::is_ipv6) {
        SocketAddr::from((Ipv6Addr::UNSPECIFIED, port))
    } else {
        SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))
    }
}

pub(super) fn language(matches: &Choices) -> Result<Language, Failure> {
    if let Some(text) = matches.opt_str("lang") {
        let wrong =
            |()| Failure::Usage(format!("{} takes pt or en, not {text}", matches.spelled("lang")));
        return text.parse().map_err(wrong);
    }
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty());
    Ok(locale.map_or(Language::English, |locale| Language::of_locale(&locale)))
}

/// Where conversations are logged, if they are: `--log-dir`, or a folder in that for the state of
/// programs, as XDG has it.
#[cfg(feature = "editor")]
fn talk_log(matches: &Choices, language: Language) -> Result<Option<TalkLog>, Failure> {
    let folder = match matches.opt_str("log-dir") {
        Some(folder) => PathBuf::from(folder),
        None if matches.is_on("log")? => state_folder()?,
        None => return Ok(None),
    };
    let cannot = |error| Failure::io(&format!("cannot log into {}", folder.display()), &error);
    TalkLog::begin(&folder, language).map(Some).map_err(cannot)
}

#[cfg(feature = "editor")]
fn state_folder() -> Result<PathBuf, Failure> {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
    let home = || absolute("HOME").map(|home| home.join(".local/state"));
    let state = absolute("XDG_STATE_HOME").or_else(home);
    let missing = || Failure::Usage("--log: there is no HOME. Say --log-dir DIR".to_string());
    Ok(state.ok_or_else(missing)?.join("papo"))
}

/// What a person or a script sits at, and what is kept of what is said there.
#[cfg(feature = "editor")]
type Place = Logged<Seat>;

/// Built without the editor: every terminal gets whole lines, and nothing is kept.
#[cfg(not(feature = "editor"))]
type Place = Plain;

#[cfg(feature = "editor")]
fn place(matches: &Choices, language: Language) -> Result<Place, Failure> {
    let log = talk_log(matches, language)?;
    let color = options::word(matches, "color", "auto, always or never")?;
    let bell = options::word(matches, "bell", "off, msg or all")?;
    let (term, no_color) = (std::env::var("TERM").ok(), std::env::var("NO_COLOR").ok());
    let [stdin, stdout] = [std::io::stdin().is_terminal(), std::io::stdout().is_terminal()];
    let plain = matches.is_on("plain")?;
    if !ability::draws(stdin, stdout, plain, term.as_deref()) {
        return Ok(Logged::new(Seat::Lines(lines(language)), log));
    }
    let paints = ability::paints(color, no_color.as_deref(), term.as_deref());
    let style = Style { language, paints, bell };
    Ok(Logged::new(Seat::Drawn(Box::new(Live::new(style))), log))
}

#[cfg(not(feature = "editor"))]
fn place(matches: &Choices, language: Language) -> Result<Place, Failure> {
    options::word::<ability::ColorWhen>(matches, "color", "auto, always or never")?;
    options::word::<ability::Bell>(matches, "bell", "off, msg or all")?;
    Ok(lines(language))
}

fn lines(language: Language) -> Plain {
    let is_person = std::io::stdin().is_terminal();
    let answers = if is_person { Answers::FromPerson } else { Answers::FromScript };
    Plain::new(language, answers)
}

fn talk(rules: Rules, listen: SocketAddr, place: Place, log: &Log) -> Result<u8, Failure> {
    let mut event_loop = open(rules, listen, place)?;
    let end = take_turns(&mut event_loop, log).map_err(failed);
    // The terminal is given back, whatever the end was.
    drop(event_loop);
    log.release();
    end
}

fn take_turns(event_loop: &mut EventLoop<Peer, Place>, log: &Log) -> std::io::Result<u8> {
    #[cfg(feature = "editor")]
    if event_loop.terminal().inner().is_drawn() {
        if stderr_is_the_screen() {
            log.hold();
        }
        event_loop.draw_on_console()?;
    }
    turns::run(event_loop, log, &mut Service::default())
}

/// Whether stderr is the terminal that stdin and stdout are. Where it is another one, somebody
/// wants to see the log there.
#[cfg(feature = "editor")]
fn stderr_is_the_screen() -> bool {
    use rustix::stdio::{stderr, stdout};
    let device = |end| rustix::fs::fstat(end).map(|stat| stat.st_rdev);
    // By another name, such as /dev/tty: only of the terminal that rules us may this be asked.
    let is_ours = rustix::termios::tcgetpgrp(stderr()).is_ok();
    rustix::termios::isatty(stderr()) && (is_ours || device(stderr()) == device(stdout()))
}

/// The listener is bound before the first byte goes to the server: who is told a port may call
/// at once.
fn open(
    mut rules: Rules,
    listen: SocketAddr,
    place: Place,
) -> Result<EventLoop<Peer, Place>, Failure> {
    let cannot = |error| Failure::io(&format!("cannot listen on port {}", listen.port()), &error);
    let listener = socket::listen(listen).map_err(cannot)?;
    socket::probe_silent(&listener).map_err(cannot)?;
    rules.port = listener.local_addr().map_err(cannot)?.port();
    let mut event_loop = EventLoop::new(Peer::new(rules), place).map_err(failed)?;
    event_loop.listen(listener, Framing::Lines(SPEECH_LIMIT)).map_err(failed)?;
    event_loop.watch_console().map_err(failed)?;
    event_loop.watch_signals().map_err(failed)?;
    Ok(event_loop)
}

fn failed(error: std::io::Error) -> Failure {
    Failure::io("the event loop failed", &error)
}
