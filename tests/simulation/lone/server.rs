//! The directory alone, with clients that do anything.

use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};

use papo::directory::notice::Notice;
use papo::directory::{Directory, Rules};
use papo::machine::{Action, Actions, CloseReason, ConnId, Input, LineEnd, Machine, Millis};
use papo::wire::reply::Edition;

use super::super::watch::server::DirectoryWatch;
use super::super::watch::telling::tell_directory;
use super::hold;
use super::tape::Tape;

/// Most connections at once.
const CONNECTIONS_MAX: usize = 12;

const ADDRESSES: [&str; 5] = ["10.0.0.2", "10.0.0.3", "127.0.0.1", "fd00::5", "::1"];
const NAMES: [&str; 6] = ["Ana", "Bruno", "ana", "Érica", "Davi Luiz", "x"];

pub(crate) fn check(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let mut server = LoneServer::new(&mut tape);
    while !tape.is_empty() && !server.has_exited {
        server.step(&mut tape);
    }
    server.stop();
}

struct LoneServer {
    directory: Directory,
    watch: DirectoryWatch,
    actions: Actions<Notice>,
    now: Millis,
    clients: Vec<Client>,
    opened: u32,
    /// The connection that was closed last.
    gone: Option<ConnId>,
    is_stopping: bool,
    has_exited: bool,
}

struct Client {
    id: ConnId,
    /// Does not take what is sent.
    is_stalled: bool,
    /// Is to be closed when all is sent.
    is_finishing: bool,
    /// Is closed at the end of this turn.
    closes: Option<CloseReason>,
}

impl LoneServer {
    fn new(tape: &mut Tape<'_>) -> Self {
        let mut rules = Rules::default();
        if tape.flag() {
            rules.edition = Edition::Of2026;
        }
        if tape.flag() {
            (rules.clients_max, rules.per_address_max) = (1 + tape.below(8), 1 + tape.below(4));
        }
        Self {
            directory: Directory::new(rules),
            watch: DirectoryWatch::new(rules),
            actions: Actions::default(),
            now: Millis(u64::from(tape.byte())),
            clients: Vec::new(),
            opened: 0,
            gone: None,
            is_stopping: false,
            has_exited: false,
        }
    }

    fn step(&mut self, tape: &mut Tape<'_>) {
        match tape.below(16) {
            0 | 1 => self.accept(tape),
            2..9 => self.say(tape),
            9 => {
                let bytes = tape.chunk().to_vec();
                self.arrives(tape, &Arrival::Pending(bytes));
            }
            10 => self.arrives(tape, &Arrival::End),
            11 => self.break_one(tape),
            12 => self.wait(u64::from(tape.wide()) % 20_000),
            13 => self.freeze(tape),
            14 => self.stall_or_go_on(tape),
            _ if tape.byte() > 250 => self.feed(Input::Stop),
            _ => self.speak_of_the_gone(tape),
        }
        if !self.has_exited {
            self.settle();
        }
    }

    fn accept(&mut self, tape: &mut Tape<'_>) {
        if self.clients.len() == CONNECTIONS_MAX {
            return;
        }
        let ip = |tape: &mut Tape<'_>, count| -> IpAddr {
            ADDRESSES[tape.below(count)].parse().expect("an address")
        };
        let from = SocketAddr::new(ip(tape, 5), 50_000);
        let reached = if from.ip().is_loopback() { from.ip() } else { ip(tape, 4) };
        self.opened += 1;
        let conn = ConnId { slot: self.free_slot(), generation: self.opened };
        let (is_stalled, is_finishing, closes) = (false, false, None);
        self.clients.push(Client { id: conn, is_stalled, is_finishing, closes });
        self.feed(Input::Accepted { listener: papo::machine::ListenerId(0), conn, from, reached });
    }

    fn free_slot(&self) -> u32 {
        let is_free = |slot: &u32| self.clients.iter().all(|client| client.id.slot != *slot);
        (0..).find(is_free).expect("there are more slots than connections")
    }

    fn say(&mut self, tape: &mut Tape<'_>) {
        let name = |tape: &mut Tape<'_>| NAMES[tape.below(6)];
        let line = match tape.below(16) {
            0..5 => format!("USER {}:{}", name(tape), tape.wide()).into_bytes(),
            5 | 6 => b"LIST".to_vec(),
            7 | 8 => b"KEEP".to_vec(),
            9..12 => format!("ADDR {}", name(tape)).into_bytes(),
            12 => [b"USER ", tape.chunk()].concat(),
            13 => b"DISC".to_vec(),
            14 => Vec::new(),
            _ => tape.chunk().to_vec(),
        };
        let line: Vec<_> = line.into_iter().filter(|&byte| byte != b'\n').collect();
        let end = match tape.byte() {
            254 => LineEnd::Cut,
            255 => LineEnd::Rest,
            _ => LineEnd::Terminator,
        };
        self.arrives(tape, &Arrival::Line(line, end));
    }

    /// Something arrives where it can: nothing is read any more once a connection is closing.
    fn arrives(&mut self, tape: &mut Tape<'_>, what: &Arrival) {
        if self.clients.is_empty() {
            return;
        }
        let client = &self.clients[tape.below(self.clients.len())];
        if client.closes.is_some() || client.is_finishing {
            return;
        }
        let conn = client.id;
        match what {
            Arrival::Line(line, end) => self.feed(Input::Line { conn, line, end: *end }),
            Arrival::Pending(line) if line.is_empty() => {}
            Arrival::Pending(line) => self.feed(Input::Pending { conn, line }),
            Arrival::End => self.feed(Input::EndOfStream { conn }),
        }
    }

    fn break_one(&mut self, tape: &mut Tape<'_>) {
        let reasons = [
            CloseReason::Failed(ErrorKind::ConnectionReset),
            CloseReason::Failed(ErrorKind::TimedOut),
            CloseReason::LineTooLong,
            CloseReason::SlowReader,
        ];
        if !self.clients.is_empty() {
            let place = tape.below(self.clients.len());
            self.clients[place].closes.get_or_insert(reasons[tape.below(4)]);
        }
    }

    fn stall_or_go_on(&mut self, tape: &mut Tape<'_>) {
        if self.clients.is_empty() {
            return;
        }
        let place = tape.below(self.clients.len());
        let client = &mut self.clients[place];
        client.is_stalled = !client.is_stalled;
        let (conn, bytes) = (client.id, if client.is_stalled { 100 } else { 0 });
        self.feed(Input::Backlog { conn, bytes });
    }

    /// The directory puts up with what is said of connections that it does not know.
    fn speak_of_the_gone(&mut self, tape: &mut Tape<'_>) {
        let Some(conn) = self.gone else { return };
        let end = LineEnd::Terminator;
        self.feed(match tape.below(4) {
            0 => Input::Line { conn, line: b"LIST", end },
            1 => Input::Line { conn, line: b"USER Ana:1", end },
            2 => Input::EndOfStream { conn },
            _ => Input::Backlog { conn, bytes: 1 },
        });
    }

    /// Ticks come exactly when they were asked for.
    fn wait(&mut self, millis: u64) {
        self.settle();
        let end = self.now + millis;
        while let Some(at) = self.directory.next_deadline().filter(|&at| at <= end) {
            self.now = self.now.max(at);
            self.tick();
            if self.has_exited {
                return;
            }
        }
        self.now = end;
        hold(self.watch.check_expiry(self.now, 0));
    }

    /// The process stands still; what waits to be read is read before the tick.
    fn freeze(&mut self, tape: &mut Tape<'_>) {
        self.settle();
        self.now = self.now + u64::from(tape.wide()) % 20_000;
        for _ in 0..tape.below(4) {
            self.say(tape);
        }
        self.settle();
        if self.directory.next_deadline().is_some_and(|at| at <= self.now) && !self.has_exited {
            self.tick();
            hold(self.watch.check_expiry(self.now, 0));
        }
    }

    fn tick(&mut self) {
        self.feed(Input::Tick);
        self.settle();
        let next = self.directory.next_deadline();
        assert!(next.is_none_or(|next| next > self.now), "after a tick the deadline lies ahead");
    }

    /// Asked to stop, it is gone at once, and leaves nothing behind.
    fn stop(&mut self) {
        if !self.has_exited {
            self.feed(Input::Stop);
            self.settle();
        }
        assert!(self.has_exited, "it exits when it was asked to");
        assert!(self.directory.roster().is_empty(), "nobody is left");
    }

    /// The end of a turn.
    fn settle(&mut self) {
        let is_over = |it: &Client| it.closes.is_some() || (it.is_finishing && !it.is_stalled);
        while let Some(place) = self.clients.iter().position(is_over) {
            let client = self.clients.remove(place);
            let reason = client.closes.unwrap_or(CloseReason::Asked);
            self.gone = Some(client.id);
            self.feed(Input::Closed { conn: client.id, reason });
        }
    }

    fn feed(&mut self, input: Input<'_, Infallible>) {
        self.is_stopping |= matches!(input, Input::Stop);
        // A lone directory answers at once, whatever waits: the watcher need not be patient.
        if !matches!(input, Input::Backlog { .. }) {
            tell_directory(&mut self.watch, self.now.0, self.now, &input);
        }
        self.directory.handle(self.now, input, &mut self.actions);
        let mut told = None;
        while let Some(action) = self.actions.pop() {
            self.perform(&action);
            if let Action::Show(Notice::Joined { online, .. } | Notice::Left { online, .. }) =
                action
            {
                told = Some(online);
            }
        }
        let online = self.directory.roster().len();
        assert!(told.is_none_or(|told| told == online), "{told:?} told, {online} online");
        hold(self.watch.check(&self.directory));
    }

    fn perform(&mut self, action: &Action<Notice>) {
        match action {
            Action::Send { conn, span } => {
                hold(self.watch.says(*conn, self.actions.bytes(span)));
                self.client(*conn);
            }
            Action::SendShared { conn, shared } => {
                let parts = [&shared.bytes[..shared.skip.start], &shared.bytes[shared.skip.end..]];
                hold(self.watch.says(*conn, &parts.concat()));
                self.client(*conn);
            }
            Action::Close { conn } => {
                hold(self.watch.ends(self.now, *conn));
                self.client(*conn).is_finishing = true;
            }
            Action::Abort { conn } => {
                hold(self.watch.ends(self.now, *conn));
                self.client(*conn).closes.get_or_insert(CloseReason::Asked);
            }
            Action::Show(_) => {}
            Action::Exit { status } => {
                assert!(self.is_stopping && self.clients.is_empty() && *status == 0);
                self.has_exited = true;
            }
            other @ (Action::EndLine { .. }
            | Action::Pause { .. }
            | Action::Resume { .. }
            | Action::SendTo { .. }
            | Action::AwaitDrain { .. }
            | Action::CutLines { .. }
            | Action::HalfClose { .. }
            | Action::Dial { .. }
            | Action::Abandon { .. }) => panic!("a directory has no use for {other:?}"),
        }
    }

    fn client(&mut self, conn: ConnId) -> &mut Client {
        let client = self.clients.iter_mut().find(|client| client.id == conn);
        client.expect("nothing is wanted of a connection that is gone")
    }
}

/// One arrival.
enum Arrival {
    Line(Vec<u8>, LineEnd),
    Pending(Vec<u8>),
    End,
}
