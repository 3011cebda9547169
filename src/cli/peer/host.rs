//! The host of a peer's event loop: each turn's notices go to the person, and the lines that the
//! person typed go to the peer.
//!
//! Must not know how a person's line is drawn. Read next: [`Host::converse`], and
//! [`crate::console::person`].

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use super::drawing::{self, WallClock};
use super::resolver::Resolver;
use super::talk_log::TalkLog;
use crate::cli::host::listening::Listener;
use crate::cli::host::program::{Program, RESOLVER};
use crate::cli::host::service::Service;
use crate::cli::logging::Log;
use crate::cli::recording::MayRecord;
use crate::cli::{Failure, STATUS_OK};
use crate::console::person::Person;
use crate::console::view::View;
use crate::event_loop::mio_os::MioOs;
use crate::event_loop::recorder::{HostStep, Recorder};
use crate::event_loop::{EventLoop, Turn, socket};
use crate::machine::Framing;
use crate::peer::command::Command;
use crate::peer::notice::Notice;
use crate::peer::{Peer, Rules};
use crate::wire::SPEECH_LIMIT;

/// The status after a second Ctrl-C: 128 and the number of SIGINT, as a shell expects.
const STATUS_INTERRUPTED: u8 = 130;

/// The loop of a peer.
pub(super) type Chat = EventLoop<Peer, MioOs, MayRecord>;

/// The loop, and everything around it.
pub(super) struct Host {
    chat: Chat,
    person: Person,
    program: Program,
    log: Log,
    resolver: Resolver,
    talk_log: Option<TalkLog>,
    wall_clock: WallClock,
}

impl Host {
    /// Catches signals and opens the terminal. `servers` is the list whose names are looked up.
    pub(super) fn start(
        mut chat: Chat,
        view: View,
        log: Log,
        servers: String,
        talk_log: Option<TalkLog>,
    ) -> Result<Self, Failure> {
        let failed = Failure::event_loop;
        let program = Program::start(&chat, &log, Service::default()).map_err(failed)?;
        let mut person = drawing::open(view, chat.registry(), &log).map_err(failed)?;
        if Recorder::<Peer>::is_on(chat.recorder()) {
            person.keep_record();
        }
        let resolver = Resolver::new(servers, RESOLVER);
        Ok(Self {
            chat,
            person,
            program,
            log,
            resolver,
            talk_log,
            wall_clock: WallClock::default(),
        })
    }

    /// Runs until the person leaves, and gives the terminal back in every case.
    pub(super) fn run(mut self) -> Result<u8, Failure> {
        let end = self.converse();
        let lost = self.person.leave();
        self.log.release();
        lost.map_or(end.map_err(Failure::event_loop), |error| Err(Failure::stdout(error)))
    }

    /// The whole of `papo peer`, turn after turn.
    fn converse(&mut self) -> io::Result<u8> {
        loop {
            let mut turn = self.turn()?;
            self.tell_addresses();
            self.show();
            self.read_keys(&mut turn)?;
            while self.accepts_command()
                && let Some(command) = self.person.next_command()
            {
                self.record();
                self.chat.command(&command);
                self.show();
            }
            self.show();
            self.person.flush();
            self.record();
            if let Some(full) = self.person.full_changed() {
                self.chat.output_full(full);
            }
            if self.person.is_gone() {
                self.program.stop(&mut self.chat, &mut turn, STATUS_OK);
            }
            if let Some(status) = self.program.end_turn(&mut self.chat, &turn) {
                return Ok(status);
            }
        }
    }

    /// One turn of the loop. The person is then told the time.
    fn turn(&mut self) -> io::Result<Turn> {
        let now = self.chat.now();
        let person_sleeps = self.person.timeout(now, self.accepts_command());
        let sleep = [person_sleeps, self.resolver.timeout(now)];
        let (sleep, person) = (sleep.into_iter().flatten().min(), &mut self.person);
        let turn = self.program.turn_with(&mut self.chat, sleep, |now| person.leaves(now))?;
        let (now, log) = (self.chat.now(), self.talk_log.as_mut());
        drawing::tell_time(&mut self.person, &mut self.wall_clock, now, log);
        Ok(turn)
    }

    fn accepts_command(&self) -> bool {
        self.chat.accepts_command() && !self.person.waits_for_output()
    }

    /// Tells the peer the addresses of its servers, if a lookup has ended.
    fn tell_addresses(&mut self) {
        if let Some(found) = self.resolver.take_found(self.chat.now()) {
            self.chat.command(&Command::Servers(found));
        }
    }

    /// Reads what was typed, and takes care of the keys that are no text.
    fn read_keys(&mut self, turn: &mut Turn) -> io::Result<()> {
        let accepts = self.accepts_command();
        let keys = self.person.read(&turn.host_ready, self.chat.registry(), accepts);
        if !keys.is_empty() {
            self.chat.record(HostStep::Key(keys));
        }
        if self.person.serve_keys(self.chat.now())? {
            self.program.stop(&mut self.chat, turn, STATUS_INTERRUPTED);
        }
        Ok(())
    }

    /// Shows the notices of the peer. Log lines come first, so that a line of the protocol is above
    /// its effect.
    fn show(&mut self) {
        drawing::show_log(&mut self.person, &self.log);
        let mut wants_addresses = false;
        for notice in self.chat.notices() {
            wants_addresses |= matches!(notice, Notice::AddressesWanted);
            let failed = self.talk_log.as_mut().and_then(|log| log.hear(&notice));
            self.person.show(notice);
            if let Some(error) = failed {
                self.person.show(Notice::NotLogged { error });
            }
        }
        self.record();
        if wants_addresses {
            self.resolver.begin(self.chat.now(), self.chat.registry());
        }
    }

    /// Tells the recorder, if there is one, which lines were typed and shown.
    fn record(&mut self) {
        for line in self.person.take_typed() {
            self.chat.record(HostStep::Typed(&line));
        }
        if let Some(shown) = self.person.take_shown() {
            self.chat.record(HostStep::Screen(&shown));
        }
    }
}

/// The port for calls. It is bound before the first byte goes to the server: others may call as
/// soon as the server knows it.
pub(super) struct Port {
    listener: Listener,
    pub(super) address: SocketAddr,
}

impl Port {
    pub(super) fn open(listen: SocketAddr) -> Result<Self, Failure> {
        let cannot = |error| Failure::listen(listen, error);
        let listener = socket::listen(listen).or_else(|error| without_v6(listen, error));
        let listener = listener.map_err(cannot)?;
        socket::probe_silent(&listener).map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        Ok(Self { listener, address })
    }
}

/// The same port over IPv4, for a machine without IPv6.
fn without_v6(listen: SocketAddr, error: io::Error) -> io::Result<Listener> {
    let v4 = SocketAddr::from((Ipv4Addr::UNSPECIFIED, listen.port()));
    if listen.is_ipv6() { socket::listen(v4).map_err(|_| error) } else { Err(error) }
}

/// A peer that listens at this port.
pub(super) fn open(mut rules: Rules, port: Port, recorder: MayRecord) -> Result<Chat, Failure> {
    rules.port = port.address.port();
    let failed = Failure::event_loop;
    let mut chat = EventLoop::recorded(Peer::new(rules), recorder).map_err(failed)?;
    chat.listen(port.listener, Framing::Lines(SPEECH_LIMIT)).map_err(failed)?;
    Ok(chat)
}
