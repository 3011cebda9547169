//! A peer alone: its person, its server and everybody who calls do anything.
//!
//! The server answers in order, with any address or with none, as late as the tape says; once it
//! has said something else, or answered after more than a minute, it counts as a liar, and its
//! addresses as anybody's. Here is the driver; `chances` has what may happen.

mod chances;

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::net::SocketAddr;

use papo::machine::{
    Action, Actions, CloseReason, ConnId, DialId, Framing, Input, LineLimit, Machine, Millis, Typed,
};
use papo::peer::Rules;
use papo::wire::name::Name;
use papo::wire::reply::Edition;

use super::super::brain::{Brain, Told, bytes_of};
use super::super::cast::Part;
use super::super::link::Side;
use super::super::sabotage::Planted;
use super::super::watch::roster::Entry;
use super::super::watch::{Role, Watch};
use super::super::witness::{Kept, Seen};
use super::cables::Cable;
use super::hold;
use super::tape::Tape;

/// The peer's number in the watchers' eyes. Number 0 would be the server's.
const NODE: usize = 1;

/// How long leaving may take, in milliseconds.
const LEAVING_MS: u64 = 31_000;

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
    /// The questions that the server has not answered, and their times: the name for ADDR, nothing
    /// for LIST.
    questions: VecDeque<(Millis, Option<String>)>,
    answers: u16,
    is_liar: bool,
    /// Typed lines that wait; `None` is the end of all typing.
    typed: VecDeque<Option<Vec<u8>>>,
    /// The inputs that follow from the peer's own actions, in the order of these.
    following: VecDeque<Kept>,
    has_exited: bool,
}

impl LonePeer {
    fn new(tape: &mut Tape<'_>) -> Self {
        let server = SocketAddr::from(([10, 0, 0, 1], 10_000));
        let mut rules = Rules::new(server, 20_000);
        rules.name = Name::parse(b"Ana").ok().filter(|_| tape.byte() < 200);
        rules.scripted = tape.byte() > 200;
        rules.verify = tape.byte() < 200;
        rules.edition = Some(if tape.flag() { Edition::Of2026 } else { Edition::Of2024 });
        let mut watch = Watch::new(Default::default(), vec!["srv".into(), "Ana".into()]);
        let name = "Ana".to_string();
        watch.on_start(NODE, &Part::Person { name, rules: Box::new(rules.clone()) });
        let mut peer = Self {
            peer: Planted::new(Brain::peer(rules), None),
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
            following: VecDeque::new(),
            has_exited: false,
        };
        peer.wait(0);
        peer
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
        if cable.is_heard() && !inbound.pending().is_empty() {
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
        if !self.peer.accepts_command() {
            return false;
        }
        match self.typed.pop_front() {
            Some(Some(line)) => self.feed(Input::Command(&Typed::Line(line))),
            Some(None) => self.feed(Input::Command(&Typed::End)),
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
        self.watch.streams.left_but(cable.sock, cable.unsent);
        self.watch.see(NODE, Seen::Removed(cable.id));
        let reason = cable.closes.unwrap_or(CloseReason::Asked);
        self.feed(Input::Closed { conn: cable.id, reason });
        true
    }

    /// The watcher sees all that one input leads to before the next input, as the diary of a loop
    /// has it.
    fn feed(&mut self, input: Input<'_, Typed>) {
        self.hand(input);
        while let Some(next) = self.following.pop_front() {
            self.hand(next.input());
        }
    }

    fn hand(&mut self, input: Input<'_, Typed>) {
        self.watch.now = self.now.0;
        self.watch.on_input(NODE, self.now, &input);
        self.check();
        self.peer.handle(self.now, input, &mut self.actions);
        while let Some(action) = self.actions.pop() {
            if let Action::Dial { to, .. } = action {
                self.look_at_dial(to);
            }
            let bytes = bytes_of(&action, &self.actions);
            self.watch.on_action(NODE, self.now, &action, bytes);
            self.check();
            self.perform(&action);
        }
        hold(self.watch.on_handled(NODE, self.now, None));
        self.check();
    }

    fn perform(&mut self, action: &Action<Told>) {
        match *action {
            Action::Send { conn, ref span } => {
                let bytes = self.actions.bytes(span).to_vec();
                self.send(conn, &bytes);
            }
            Action::EndLine { conn } => {
                if let Some((rest, end)) = self.cable(conn).inbound.take_rest() {
                    self.following.push_back(Kept::Line(conn, rest, end));
                }
            }
            Action::HalfClose { conn } => assert!(self.cable(conn).closes.is_none()),
            Action::Close { conn } => self.cable(conn).is_finishing = true,
            Action::Abort { conn } | Action::Reset { conn } => {
                self.cable(conn).closes.get_or_insert(CloseReason::Asked);
            }
            Action::Dial { dial, to, framing: Framing::Lines(limit), .. } => {
                self.dials.push((dial, to, limit));
            }
            Action::Abandon { dial } => {
                let count = self.dials.len();
                self.dials.retain(|&(other, ..)| other != dial);
                if self.dials.len() < count {
                    let result = Err(ErrorKind::TimedOut);
                    self.following.push_back(Kept::Plain(Input::Dialed { dial, result }));
                }
            }
            Action::Show(_) => {}
            Action::Exit { .. } => self.has_exited = true,
            Action::SendShared { .. } => panic!("a peer shares nothing"),
            Action::Dial { framing: Framing::Raw, .. }
            | Action::Pause { .. }
            | Action::Resume { .. }
            | Action::SendTo { .. }
            | Action::CutLines { .. }
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
        self.watch.see(NODE, Seen::Opened(id, sock));
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
