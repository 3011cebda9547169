//! A peer alone: its person, its server and everybody who calls do anything.
//!
//! The server answers in order, with any address or with none, as late as the tape says; once it
//! has said something else, or answered after more than a minute, it counts as a liar, and its
//! addresses as anybody's.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};

use papo::machine::{
    Action, Actions, CloseReason, ConnId, DialId, Framing, Input, LineLimit, Machine, Millis,
};
use papo::peer::lookup::STALE_FOR_MS;
use papo::peer::{Peer, Rules};
use papo::wire::SPEECH_LIMIT;
use papo::wire::name::Name;
use papo::wire::reply::Edition;

use super::super::brain::{Brain, Told};
use super::super::cast::Part;
use super::super::link::Side;
use super::super::sabotage::Planted;
use super::super::watch::roster::Entry;
use super::super::watch::{Role, Watch};
use super::cables::Cable;
use super::hold;
use super::tape::Tape;

/// The peer's number in the watchers' eyes. Number 0 would be the server's.
const NODE: usize = 1;

/// Most connections at once.
const CONNECTIONS_MAX: usize = 10;

/// Most typed lines that wait.
const TYPED_MAX: usize = 4;

/// How long leaving may take, in milliseconds.
const LEAVING_MS: u64 = 31_000;

const NAMES: [&str; 4] = ["Bruno", "Camila", "Davi Luiz", "Ana"];
const CALLERS: [&str; 3] = ["10.0.0.2", "10.0.0.3", "127.0.0.1"];
const ANSWERED: [&str; 8] = [
    "10.0.0.2",
    "10.0.0.3",
    "10.0.0.9",
    "127.0.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "[::]",
];

pub(crate) fn check(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let mut peer = LonePeer::new(&mut tape);
    while !tape.is_empty() && !peer.has_exited {
        peer.step(&mut tape);
    }
    peer.stop();
}

struct LonePeer {
    peer: Planted,
    watch: Watch,
    actions: Actions<Told>,
    now: Millis,
    cables: Vec<Cable>,
    opened: u32,
    dials: Vec<(DialId, SocketAddr, LineLimit)>,
    /// What the server was asked and has not answered, and when: the name for ADDR, nothing for
    /// LIST.
    questions: VecDeque<(Millis, Option<String>)>,
    answers: u16,
    is_liar: bool,
    /// Typed lines that wait; `None` is the end of all typing.
    typed: VecDeque<Option<Vec<u8>>>,
    has_exited: bool,
}

impl LonePeer {
    fn new(tape: &mut Tape<'_>) -> Self {
        let server = SocketAddr::from(([10, 0, 0, 1], 10_000));
        let mut rules = Rules::new(server, 20_000);
        rules.name = Name::parse(b"Ana").ok().filter(|_| tape.byte() < 200);
        rules.scripted = tape.byte() > 200;
        rules.verify = tape.byte() < 200;
        rules.edition = if tape.flag() { Edition::Of2026 } else { Edition::Of2024 };
        let mut watch = Watch::new(Default::default(), vec!["srv".into(), "Ana".into()]);
        let name = "Ana".to_string();
        watch.on_start(NODE, &Part::Person { name, rules: Box::new(rules.clone()) });
        let mut peer = Self {
            peer: Planted::new(Brain::Peer(Box::new(Peer::new(rules))), None),
            watch,
            actions: Actions::default(),
            now: Millis(0),
            cables: Vec::new(),
            opened: 0,
            dials: Vec::new(),
            questions: VecDeque::new(),
            answers: 0,
            is_liar: false,
            typed: VecDeque::new(),
            has_exited: false,
        };
        peer.wait(0);
        peer
    }

    fn step(&mut self, tape: &mut Tape<'_>) {
        match tape.below(16) {
            0 => self.accept(tape),
            1 | 2 => self.end_dial(tape),
            3..6 => self.hear(tape),
            6 | 7 => self.answer(tape),
            8 | 9 => self.type_command(tape),
            10 => self.type_text(tape),
            11 => self.wait(u64::from(tape.byte()) * 8),
            12 => self.wait(u64::from(tape.wide()) % 12_000),
            13 => self.end_one(tape),
            14 => self.stall_or_take(tape),
            _ => match tape.byte() {
                0..8 => self.typed.push_back(None),
                8..12 => self.feed(Input::Stop),
                _ => self.lie(tape),
            },
        }
        self.settle();
    }

    // What happens.

    fn accept(&mut self, tape: &mut Tape<'_>) {
        if self.cables.len() == CONNECTIONS_MAX {
            return;
        }
        let ip: IpAddr = CALLERS[tape.below(3)].parse().expect("an address");
        let conn = self.plug_in(Side::Listener, SPEECH_LIMIT, false);
        let reached = if ip.is_loopback() { ip } else { IpAddr::from([10, 0, 0, 7]) };
        self.feed(Input::Accepted { conn, from: SocketAddr::new(ip, 50_000), reached });
    }

    fn end_dial(&mut self, tape: &mut Tape<'_>) {
        if self.dials.is_empty() {
            return;
        }
        let (dial, to, limit) = self.dials.remove(tape.below(self.dials.len()));
        let result = match tape.byte() {
            0..32 => Err(ErrorKind::ConnectionRefused),
            32..40 => Err(ErrorKind::HostUnreachable),
            _ => Ok(self.plug_in(Side::Dialer, limit, to.port() == 10_000)),
        };
        self.feed(Input::Dialed { dial, result });
    }

    /// Somebody else, not the server, says something.
    fn hear(&mut self, tape: &mut Tape<'_>) {
        let Some(place) = self.some_cable(tape, |cable| !cable.is_server) else { return };
        let bytes = match tape.below(8) {
            0..3 => format!("USER {}\r\n", NAMES[tape.below(4)]).into_bytes(),
            3 => b"DISC\r\n".to_vec(),
            4 => [&b"USER "[..], tape.chunk(), b"\r\n"].concat(),
            5 => [tape.chunk(), b"\r\n"].concat(),
            6 => format!("USER {}:20000\n", NAMES[tape.below(4)]).into_bytes(),
            _ => tape.chunk().to_vec(),
        };
        self.read(place, &bytes);
    }

    /// The server answers the oldest question.
    fn answer(&mut self, tape: &mut Tape<'_>) {
        let Some(place) = self.some_cable(tape, |cable| cable.is_server) else { return };
        let Some((asked, question)) = self.questions.pop_front() else { return };
        // So late an answer may be taken for that to another question.
        self.is_liar |= self.now.since(asked) >= STALE_FOR_MS;
        let line = match question {
            None => format!("LIST {}\r\n", NAMES[..tape.below(4)].join(":")),
            Some(_) if tape.byte() < 80 => return,
            Some(name) => {
                self.answers += 1;
                let port = 20_000 + self.answers % 20_000;
                self.tell_watch(&name, port);
                let (at, is_new) = (ANSWERED[tape.below(8)], tape.flag());
                let whose = if is_new { format!("{name}:") } else { String::new() };
                format!("ADDR {whose}{at}:{port}\r\n")
            }
        };
        self.read(place, line.as_bytes());
    }

    /// The server says what nobody asked for.
    fn lie(&mut self, tape: &mut Tape<'_>) {
        let Some(place) = self.some_cable(tape, |cable| cable.is_server) else { return };
        self.is_liar = true;
        self.read(place, tape.chunk());
    }

    fn type_command(&mut self, tape: &mut Tape<'_>) {
        let name = NAMES[tape.below(4)];
        let line = match tape.below(12) {
            0..4 => format!("/chat {name}"),
            4 | 5 if !name.contains(' ') => format!("/msg {name} oi {}", tape.byte()),
            6 => "/list".to_string(),
            7 => "/peers".to_string(),
            8 => "/bye".to_string(),
            9 => format!("/bye {name}"),
            10 => format!("/chat {name}@{}", CALLERS[tape.below(3)]),
            11 if tape.byte() < 16 => "/exit".to_string(),
            _ => "/help".to_string(),
        };
        self.types(line.into_bytes());
    }

    /// Any bytes, so long as they are text and no command.
    fn type_text(&mut self, tape: &mut Tape<'_>) {
        let text = tape.chunk().iter().copied().filter(|&byte| byte != b'\n');
        let text: Vec<_> = text.skip_while(|&byte| byte == b'/').collect();
        self.types(text);
    }

    fn types(&mut self, line: Vec<u8>) {
        if self.typed.len() < TYPED_MAX {
            self.typed.push_back(Some(line));
        }
    }

    /// The stream of one connection ends, or the connection breaks.
    fn end_one(&mut self, tape: &mut Tape<'_>) {
        let Some(place) = self.some_cable(tape, |_| true) else { return };
        if tape.flag() {
            self.cables[place].closes = Some(match tape.below(4) {
                0 => CloseReason::LineTooLong,
                1 => CloseReason::SlowReader,
                _ => CloseReason::Failed(ErrorKind::ConnectionReset),
            });
            return;
        }
        let conn = self.cables[place].id;
        self.cables[place].has_ended = true;
        if let Some((rest, end)) = self.cables[place].inbound.take_rest() {
            self.feed(Input::Line { conn, line: &rest, end });
        }
        if self.cable(conn).is_heard() {
            self.feed(Input::EndOfStream { conn });
        }
    }

    fn stall_or_take(&mut self, tape: &mut Tape<'_>) {
        if self.cables.is_empty() {
            return;
        }
        let place = tape.below(self.cables.len());
        let cable = &mut self.cables[place];
        if cable.is_stalled {
            cable.unsent -= cable.unsent.min(usize::from(tape.byte()) * 16);
            cable.is_stalled = cable.unsent > 0;
        } else {
            cable.is_stalled = true;
        }
    }

    /// Ticks come exactly when they were asked for.
    fn wait(&mut self, millis: u64) {
        let end = self.now + millis;
        self.settle();
        while let Some(at) = self.peer.next_deadline().filter(|&at| at <= end) {
            if self.has_exited {
                return;
            }
            self.now = self.now.max(at);
            self.feed(Input::Tick);
            self.settle();
            let next = self.peer.next_deadline();
            let lies_ahead = self.has_exited || next.is_none_or(|next| next > self.now);
            assert!(lies_ahead, "after a tick the deadline lies ahead");
        }
        self.now = end;
        self.check_time();
    }

    fn stop(&mut self) {
        if !self.has_exited {
            self.feed(Input::Stop);
            self.wait(LEAVING_MS);
        }
        assert!(self.has_exited, "it leaves, whatever the others do");
    }

    // The driver.

    /// Bytes arrive: lines, and what is no line yet.
    fn read(&mut self, place: usize, bytes: &[u8]) {
        let (conn, sock) = (self.cables[place].id, self.cables[place].sock);
        self.watch.streams.said(sock.other(), bytes);
        self.watch.on_read(sock, bytes);
        let mut fresh = bytes;
        while self.cable(conn).is_heard() {
            let cable = self.cable(conn);
            let Ok((used, line)) = cable.inbound.next_line(fresh) else {
                cable.closes = Some(CloseReason::LineTooLong);
                return;
            };
            let Some((line, end)) = line.map(|line| (line.bytes.to_vec(), line.end)) else { break };
            fresh = &fresh[used..];
            self.feed(Input::Line { conn, line: &line, end });
        }
        let cable = self.cable(conn);
        let inbound = &cable.inbound;
        if cable.is_heard() && inbound.is_pending() && !inbound.has_ended_a_line() {
            let line = inbound.pending().to_vec();
            self.feed(Input::Pending { conn, line: &line });
        }
    }

    /// The end of a turn.
    fn settle(&mut self) {
        while !self.has_exited {
            let any = self.hand_over_typed() | self.tell_backlogs() | self.close_one();
            if !any {
                break;
            }
        }
        self.watch.after_turn(NODE, self.now, &self.peer);
        self.check();
    }

    fn hand_over_typed(&mut self) -> bool {
        if !self.peer.wants_typed() {
            return false;
        }
        match self.typed.pop_front() {
            Some(Some(line)) => self.feed(Input::Typed(&line)),
            Some(None) => self.feed(Input::TypedEnd),
            None => return false,
        }
        true
    }

    fn tell_backlogs(&mut self) -> bool {
        let is_untold = |cable: &Cable| cable.told != cable.unsent;
        let Some(cable) = self.cables.iter_mut().find(|it| is_untold(it)) else { return false };
        cable.told = cable.unsent;
        let (conn, bytes) = (cable.id, cable.unsent);
        self.feed(Input::Backlog { conn, bytes });
        true
    }

    fn close_one(&mut self) -> bool {
        let is_over = |it: &Cable| it.closes.is_some() || (it.is_finishing && it.unsent == 0);
        let Some(place) = self.cables.iter().position(is_over) else { return false };
        let cable = self.cables.remove(place);
        if cable.is_server {
            self.questions.clear();
        }
        self.watch.on_unsent(NODE, cable.id, cable.unsent);
        let reason = cable.closes.unwrap_or(CloseReason::Asked);
        self.feed(Input::Closed { conn: cable.id, reason });
        true
    }

    fn feed(&mut self, input: Input<'_>) {
        self.hand(input);
        while let Some(action) = self.actions.pop() {
            if let Action::Dial { to, .. } = action {
                self.look_at_dial(to);
            }
            self.watch.on_action(NODE, self.now, &action, &self.actions);
            self.check();
            self.perform(&action);
        }
        self.watch.after_input(NODE, &self.peer);
        self.check();
    }

    fn hand(&mut self, input: Input<'_>) {
        self.watch.now = self.now.0;
        self.watch.on_input(NODE, self.now, &input);
        self.check();
        self.peer.handle(self.now, input, &mut self.actions);
    }

    fn perform(&mut self, action: &Action<Told>) {
        match *action {
            Action::Send { conn, ref span } => {
                let bytes = self.actions.bytes(span).to_vec();
                self.send(conn, &bytes);
            }
            Action::EndLine { conn } => {
                if let Some((rest, end)) = self.cable(conn).inbound.take_rest() {
                    self.hand(Input::Line { conn, line: &rest, end });
                }
            }
            Action::HalfClose { conn } => assert!(self.cable(conn).closes.is_none()),
            Action::Close { conn } => self.cable(conn).is_finishing = true,
            Action::Abort { conn } => {
                self.cable(conn).closes.get_or_insert(CloseReason::Asked);
            }
            Action::Dial { dial, to, framing: Framing::Lines(limit) } => {
                self.dials.push((dial, to, limit));
            }
            Action::Abandon { dial } => {
                let count = self.dials.len();
                self.dials.retain(|&(other, ..)| other != dial);
                if self.dials.len() < count {
                    self.hand(Input::Dialed { dial, result: Err(ErrorKind::TimedOut) });
                }
            }
            Action::Show(_) => {}
            Action::Exit { .. } => self.has_exited = true,
            Action::SendShared { .. } => panic!("a peer shares nothing"),
            Action::Dial { framing: Framing::Raw, .. }
            | Action::ReceiveAll { .. }
            | Action::SendTo { .. }
            | Action::AwaitDrain { .. } => panic!("a peer speaks in lines"),
        }
    }

    fn send(&mut self, conn: ConnId, bytes: &[u8]) {
        let cable = self.cable(conn);
        cable.unsent += if cable.is_stalled { bytes.len() } else { 0 };
        if !cable.is_server {
            return;
        }
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            match line.strip_prefix(b"ADDR ") {
                Some(name) => {
                    let name = String::from_utf8_lossy(name.trim_ascii()).into_owned();
                    self.questions.push_back((self.now, Some(name)));
                }
                None if line == b"LIST\r\n" => self.questions.push_back((self.now, None)),
                None => {}
            }
        }
    }

    /// Only where somebody can be at all.
    fn look_at_dial(&mut self, to: SocketAddr) {
        let ip = to.ip();
        let is_nobody = ip.is_multicast() || ip.is_unspecified() || to.port() == 0;
        assert!(!is_nobody, "nobody can be called at {to}");
        let Role::Peer(peer, _) = &self.watch.roles[NODE] else { return };
        let wanted = peer.wanted.as_ref().map(|wanted| wanted.name.clone());
        if let Some(name) = wanted.filter(|_| self.is_liar) {
            self.tell_watch(&name, to.port());
        }
    }

    /// The server says that somebody of that name is at this port.
    fn tell_watch(&mut self, name: &str, port: u16) {
        let (name, since) = (name.to_string(), self.now.0);
        let (conn, address) = (ConnId { slot: 0, generation: 0 }, ([10, 0, 0, 1], port).into());
        self.watch.directory.online.join(Entry { conn, name, address, since });
    }

    fn plug_in(&mut self, side: Side, limit: LineLimit, is_server: bool) -> ConnId {
        self.opened += 1;
        let is_free = |slot: &u32| self.cables.iter().all(|cable| cable.id.slot != *slot);
        let slot = (0..).find(is_free).expect("there are more slots than connections");
        let id = ConnId { slot, generation: self.opened };
        let cable = Cable::new(id, side, limit, is_server);
        let (id, sock) = (cable.id, cable.sock);
        self.watch.on_open(NODE, id, sock, limit);
        self.cables.push(cable);
        id
    }

    fn some_cable(&self, tape: &mut Tape<'_>, is_meant: fn(&Cable) -> bool) -> Option<usize> {
        let is_open = |cable: &Cable| cable.is_heard() && !cable.has_ended && is_meant(cable);
        let places = (0..self.cables.len()).filter(|&place| is_open(&self.cables[place]));
        let places: Vec<_> = places.collect();
        (!places.is_empty()).then(|| places[tape.below(places.len())])
    }

    #[track_caller]
    fn cable(&mut self, conn: ConnId) -> &mut Cable {
        let cable = self.cables.iter_mut().find(|cable| cable.id == conn);
        cable.expect("nothing is wanted of a connection that is gone")
    }

    fn check_time(&mut self) {
        if let (Role::Peer(peer, keeping), false) = (&mut self.watch.roles[NODE], self.has_exited) {
            hold(peer.check_time(self.now));
            hold(keeping.check(self.now, peer.leaving_since));
        }
    }

    /// No rule is broken so far.
    fn check(&self) {
        if let Some((at, violation)) = &self.watch.violation {
            let (rule, last) = (violation.rule.text(), self.watch.trace.last_lines());
            panic!("at {at} ms: {rule}\n  found: {}\n{last}", violation.found);
        }
    }
}
