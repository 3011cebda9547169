//! A server that is more than a directory: shared with other servers, behind load balancers,
//! recorded, or watched in a browser.
//!
//! All of these are one type of machine, so that their event loop is compiled once:
//!
//! ```text
//! WithViewers ──► Proxied ──► People ──► Directory, or Clustered
//! ```
//!
//! A server without any of them has a loop of its own, which pays nothing for them. Must decide
//! nothing. Read next: [`super`], which calls this.

use std::convert::Infallible;
use std::net::SocketAddr;

use super::engines;
use super::host::Host;
use crate::cli::Failure;
use crate::cli::arguments::addresses;
use crate::cli::arguments::help::{Opt, option};
use crate::cli::arguments::options::{self, Choices};
use crate::cli::host::listening::{self, Listener};
use crate::cli::host::program;
use crate::cli::host::service::Service;
use crate::cli::logging::Log;
use crate::cli::recording::{self, RecordingFile};
use crate::cluster::notice::Notice;
use crate::cluster::{Clustered, rules};
use crate::console::cluster::{self, ClusterLine};
use crate::console::journal::Journal;
use crate::console::language::{Language, Text, text};
use crate::directory::notice::{self, Refusal};
use crate::directory::{Directory, Rules};
use crate::event_loop::EventLoop;
use crate::event_loop::mio_os::MioOs;
use crate::event_loop::recorder::{HostStep, Recorder};
use crate::machine::{Actions, Framing, Input, ListenerId, LoopCounts, Machine, Millis};
use crate::player;
use crate::proxied::{BehindProxy, Networks, Proxied};
use crate::recording::state::Recorded;
use crate::recording::{Header, Recording, Sink};
use crate::watch::metrics::Metric;
use crate::watch::{Command, Measured, VIEWERS_MAX, Viewers, WithViewers};
use crate::wire::REQUEST_LIMIT;

/// The default address for viewers.
const WATCH_PLACE: (&str, u16) = ("127.0.0.1", 10_090);

/// Most bytes of recorded turns for viewers between two turns of the loop. Beyond it whole turns
/// are left out, and counted.
pub(super) const WATCH_QUEUE_BYTES: usize = 256 * 1024;

/// The listener of viewers: the second.
const VIEWERS: ListenerId = ListenerId(1);

const EVENTS_PATH: &str = "/events";

/// `--proxy-protocol`.
pub(super) const PROXY_PROTOCOL: Opt = option(
    "--proxy-protocol  load balancers say in a header where a client is",
    "--proxy-protocol  balanceadores dizem onde o cliente está",
);

/// `--proxy-from`.
pub(super) const PROXY_FROM: Opt = option(
    "--proxy-from ADDR[/N],..  the load balancers that are believed",
    "--proxy-from ENDER[/N],..  os balanceadores em que se acredita",
);

/// `--directory`.
pub(super) const DIRECTORY: Opt = option(
    "--directory URL  share the people with other servers: redis://HOST",
    "--directory URL  compartilha com outros servidores: redis://HOST",
);

/// `--directory-prefix`.
pub(super) const DIRECTORY_PREFIX: Opt = option(
    "--directory-prefix TEXT  what the keys there begin with (papo)",
    "--directory-prefix TEXTO  com que começam as chaves lá (papo)",
);

/// `--watch`.
pub(super) const WATCH: Opt = option(
    "--watch [ADDR:PORT]  show it live to browsers (127.0.0.1:10090)",
    "--watch [ENDER:PORTA]  mostra ao vivo em navegadores (127.0.0.1:10090)",
);

/// The arguments, with a value for a `--watch` that has none: in getopts an option takes a value
/// always or never.
pub(super) fn with_watch_place(arguments: &[String]) -> Vec<String> {
    let mut completed = arguments.to_vec();
    let lacks = |(at, word): (usize, &String)| {
        let next = arguments.get(at + 1);
        (word == "--watch" && next.is_none_or(|next| next.starts_with('-'))).then_some(at)
    };
    if let Some(at) = arguments.iter().enumerate().find_map(lacks) {
        completed[at] = format!("--watch={}:{}", WATCH_PLACE.0, WATCH_PLACE.1);
    }
    completed
}

/// The choices of these options.
pub(super) struct Extras {
    proxies: Option<Networks>,
    sharing: Option<rules::Rules>,
    watch: Option<SocketAddr>,
    file: Option<RecordingFile>,
}

/// The choices of these options. `None`: the server is a directory alone. `reader` is the language
/// of the person who reads stderr.
pub(super) fn extras(
    matches: &Choices,
    reader: Option<Language>,
) -> Result<Option<Extras>, Failure> {
    let watch = matches.opt_str("watch").and_then(watch_place);
    let watch = watch.map(|place| addresses::resolve(&place, WATCH_PLACE)).transpose()?;
    let watch = watch.map(|addresses| addresses[0]);
    let (proxies, sharing) = (proxies(matches)?, engines::rules(matches)?);
    let file = recording::open_file(matches, reader)?;
    let is_alone = proxies.is_none() && sharing.is_none() && watch.is_none() && file.is_none();
    Ok((!is_alone).then_some(Extras { proxies, sharing, watch, file }))
}

/// Most descriptors that browsers may take.
pub(super) fn viewers_max(matches: &Choices) -> usize {
    if matches.has("watch") { VIEWERS_MAX } else { 0 }
}

/// The address for viewers. A variable may also be yes or no, as for an option without a value.
fn watch_place(text: String) -> Option<String> {
    match options::switch(&text) {
        None => Some(text),
        Some(true) => Some(WATCH_PLACE.1.to_string()),
        Some(false) => None,
    }
}

/// The load balancers whose headers count. `None`: there are none.
fn proxies(matches: &Choices) -> Result<Option<Networks>, Failure> {
    const TOGETHER: Text = text!(
        "--proxy-protocol and --proxy-from go together: only load balancers that are named are \
         believed",
        "--proxy-protocol e --proxy-from andam juntos: só vale a palavra de balanceadores nomeados",
    );
    match (matches.is_on("proxy-protocol")?, matches.opt_str("proxy-from")) {
        (false, None) => Ok(None),
        (true, Some(text)) => {
            let wrong = |()| matches.wrong("proxy-from", "ADDR[/N][,ADDR[/N]]", &text);
            text.parse().map(Some).map_err(wrong)
        }
        (true, None) | (false, Some(_)) => Err(Failure::usage(TOGETHER, &[])),
    }
}

/// The machine that knows who is online: at this server, or at several.
#[derive(Debug)]
enum DirectoryKind {
    Alone(Box<Directory>),
    Shared(Box<Clustered>),
}

impl DirectoryKind {
    fn directory(&self) -> &Directory {
        match self {
            Self::Alone(directory) => directory,
            Self::Shared(clustered) => clustered.directory(),
        }
    }
}

impl Machine for DirectoryKind {
    type Notice = Notice;
    type Command = Infallible;

    fn handle(&mut self, now: Millis, input: Input<'_, Infallible>, actions: &mut Actions<Notice>) {
        match self {
            Self::Alone(directory) => directory.handle_input(now, input, actions),
            Self::Shared(clustered) => clustered.handle(now, input, actions),
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        match self {
            Self::Alone(directory) => directory.next_deadline(),
            Self::Shared(clustered) => clustered.next_deadline(),
        }
    }
}

impl BehindProxy for DirectoryKind {
    fn on_turned_away(&mut self, from: SocketAddr, why: Refusal, actions: &mut Actions<Notice>) {
        match self {
            Self::Alone(directory) => directory.report_refusal(from.into(), why, actions),
            Self::Shared(clustered) => clustered.report_refusal(from.into(), why, actions),
        }
    }
}

impl Measured for Proxied<DirectoryKind> {
    fn metrics(&self) -> Vec<Metric> {
        let people = self.machine();
        let notice::DirectoryCounts { names, refused, expired, .. } =
            people.directory().state(LoopCounts::default());
        let mut metrics = vec![
            Metric::gauge("papo_people_online", "Registered people.", names as u64),
            Metric::counter("papo_refused_total", "Connections turned away.", refused),
            Metric::counter("papo_expired_total", "People whose KEEP stayed away.", expired),
        ];
        if let DirectoryKind::Shared(clustered) = people {
            let sharing = clustered.sharing();
            metrics.extend([
                Metric::gauge(
                    "papo_lease_held",
                    "1 while the other servers take this one for alive.",
                    sharing.has_lease.into(),
                ),
                Metric::gauge("papo_stream_lag", "Changes elsewhere not seen yet.", sharing.lag),
                Metric::gauge("papo_claims_waiting", "Names to claim.", sharing.claims as u64),
                Metric::gauge(
                    "papo_people_elsewhere",
                    "People at other servers.",
                    sharing.remote as u64,
                ),
            ]);
        }
        metrics
    }
}

type Full = WithViewers<Proxied<DirectoryKind>>;

impl Recorded for Full {
    fn recorded_deadline(&self) -> Option<Millis> {
        self.machine().next_deadline()
    }

    fn directory(&self) -> Option<&Directory> {
        Some(self.machine().machine().directory())
    }
}

/// The sinks of recorded turns.
#[derive(Debug, Default)]
struct Sinks {
    file: Option<RecordingFile>,
    /// The turns for viewers since the last turn. `None`: there are no viewers.
    live: Option<Vec<u8>>,
}

impl Sink for Sinks {
    fn has_room(&self) -> bool {
        self.file.as_ref().is_none_or(|file| file.has_room() || file.is_over())
            && self.live.as_ref().is_none_or(|lines| lines.len() < WATCH_QUEUE_BYTES)
    }

    fn is_over(&self) -> bool {
        self.live.is_none() && self.file.as_ref().is_none_or(Sink::is_over)
    }

    fn take(&mut self, line: &[u8]) {
        if let Some(file) = &mut self.file {
            file.take(line);
        }
        if let Some(lines) = &mut self.live {
            lines.extend_from_slice(line);
        }
    }

    fn catch_up(&mut self) {
        if let Some(file) = &mut self.file {
            file.catch_up();
        }
    }
}

type FullRecording = Option<Recording<Sinks>>;

type FullLoop = EventLoop<Full, MioOs, FullRecording>;

/// Serves until a signal stops it.
pub(super) fn serve(
    host: &Host,
    service: Service,
    listener: Listener,
    extras: Extras,
) -> Result<u8, Failure> {
    let failed = Failure::event_loop;
    let Extras { proxies, sharing, watch, file } = extras;
    let watch = watch.map(listening::listen).transpose()?;
    let listening = [Some(host.address), watch.as_ref().map(|(_, address)| *address)];
    let header = recording::header("server", &listening.into_iter().flatten().collect::<Vec<_>>());
    let viewers = watch.as_ref().map(|_| viewers(&header));
    let framing = if proxies.is_some() { Framing::Raw } else { Framing::Lines(REQUEST_LIMIT) };
    let people = people(host.rules, sharing);
    let proxied = Proxied::new(people, proxies.unwrap_or_default(), REQUEST_LIMIT);
    let recorder = recorder(file, viewers.is_some(), &header);
    let machine = WithViewers::new(proxied, viewers);
    let mut event_loop = EventLoop::recorded(machine, recorder).map_err(failed)?;
    event_loop.listen(listener, framing).map_err(failed)?;
    let watch = match watch {
        Some((socket, address)) => {
            event_loop.listen(socket, Framing::Raw).map_err(failed)?;
            Some(address)
        }
        None => None,
    };
    // `Viewers` has the header already.
    take_turns(&mut event_loop);
    let mut program = host.open(&event_loop, service)?;
    if let Some(address) = watch {
        tell_watch(address, host.reader, program.log());
    }
    let journal = Journal { language: host.reader };
    let language = host.language;
    let tell =
        |notice: Notice, recorder: &mut FullRecording| tell(journal, language, &notice, recorder);
    let mut joined = 0;
    let after_turn = |event_loop: &mut FullLoop| hand_turns(event_loop, &mut joined);
    let status = program::run_with(&mut event_loop, &mut program, tell, after_turn);
    host.close();
    status.map_err(failed)
}

/// The machine of the viewers.
fn viewers(header: &Header) -> Viewers {
    let page = player::live_page(EVENTS_PATH);
    Viewers::new(VIEWERS, &page, &player::policy(true), header.line().as_bytes())
}

fn people(rules: Rules, sharing: Option<rules::Rules>) -> DirectoryKind {
    match sharing {
        Some(sharing) => DirectoryKind::Shared(Box::new(Clustered::new(rules, sharing))),
        None => DirectoryKind::Alone(Box::new(Directory::new(rules))),
    }
}

/// The recorder for a file, for viewers, or for both.
fn recorder(file: Option<RecordingFile>, has_viewers: bool, header: &Header) -> FullRecording {
    if file.is_none() && !has_viewers {
        return None;
    }
    let live = has_viewers.then(Vec::new);
    let mut recording = Recording::new(Sinks { file, live }, header);
    recording.hide_listener(VIEWERS);
    Some(recording)
}

fn tell_watch(address: SocketAddr, reader: Option<Language>, log: &Log) {
    const WATCH: Text = text!(
        "Watch it in a browser: http://{address}/\n",
        "Veja ao vivo no navegador: http://{address}/\n",
    );
    const OPEN: Text = text!(
        "Everybody who reaches that address can see who is online, and each line they send here.\n",
        "Todos que alcançam esse endereço veem quem está ativo, e cada linha que enviam para cá.\n",
    );
    let is_open = !address.ip().is_loopback();
    if let Some(language) = reader {
        log.say(&WATCH.fill(language, &[("address", &address)]));
        if is_open {
            log.say(OPEN.of(language));
        }
        return;
    }
    log::info!("event=watch address={address}");
    if is_open {
        log::warn!("event=watch_open everybody who reaches {address} can see what clients send");
    }
}

/// Gives a notice to the log and to the recorder. Viewers read sentences.
#[allow(clippy::wildcard_enum_match_arm, reason = "all others are lines")]
fn tell(journal: Journal, language: Language, notice: &Notice, recorder: &mut FullRecording) {
    if let Some(recording) = recorder.as_mut() {
        let text = match notice {
            Notice::Directory(within) if recording.sink().live.is_some() => {
                crate::console::log_sentence::sentence(language, within)
            }
            other => ClusterLine(other).to_string(),
        };
        Recorder::<Full>::host(recording, HostStep::Notice(&text));
    }
    cluster::tell(journal, notice);
}

/// Gives the last turn to the viewers.
fn hand_turns(event_loop: &mut FullLoop, joined: &mut u64) {
    let joined_now = event_loop.machine().joined();
    if std::mem::replace(joined, joined_now) != joined_now
        && let Some(recording) = event_loop.recorder()
    {
        recording.write_whole_state();
    }
    event_loop.end_recording();
    let lines = take_turns(event_loop);
    if !lines.is_empty() {
        event_loop.command(&Command::Turns(lines));
    }
}

fn take_turns(event_loop: &mut FullLoop) -> Vec<u8> {
    let recording = event_loop.recorder().as_mut();
    let live = recording.and_then(|recording| recording.sink().live.as_mut());
    live.map(std::mem::take).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Browsers open no port of this list: <https://fetch.spec.whatwg.org/#port-blocking>.
    #[test]
    fn browsers_open_the_default_port() {
        const BLOCKED_FROM_1024: [u16; 17] = [
            1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667,
            6668, 6669, 10080,
        ];
        assert!(WATCH_PLACE.1 > 1024 && !BLOCKED_FROM_1024.contains(&WATCH_PLACE.1));
    }

    #[test]
    fn a_variable_may_say_yes_or_no() {
        let place = |text: &str| watch_place(text.to_string());
        assert_eq!(place("yes").as_deref(), Some("10090"));
        assert_eq!(place("0"), None);
        assert_eq!(place("127.0.0.1:8090").as_deref(), Some("127.0.0.1:8090"));
    }

    #[test]
    fn watch_needs_no_place() {
        let words = |line: &str| line.split(' ').map(str::to_string).collect::<Vec<_>>();
        let place = "--watch=127.0.0.1:10090";
        for (given, completed) in [
            ("--watch", place.to_string()),
            ("--watch --trace", format!("{place} --trace")),
            ("--listen 7000 --watch", format!("--listen 7000 {place}")),
            ("--watch 8080", "--watch 8080".to_string()),
            ("--watch=8080", "--watch=8080".to_string()),
        ] {
            assert_eq!(with_watch_place(&words(given)), words(&completed));
        }
    }
}
