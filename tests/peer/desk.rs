//! A peer without sockets: the test is its network, its server, its person and its clock.
//!
//! Works as the event loop does (`src/event_loop`): every action is performed at once, what was
//! to be closed is closed at the end of the turn, typed lines wait for as long as the peer does
//! not want them, and ticks come exactly when the peer asked for them. What happens is written
//! down as short sentences, so that a test reads as a log:
//!
//! ```text
//! server > ADDR Bruno        a line to the connection that the test calls "server"
//! dial 10.0.0.2:21500        a call
//! connected: Bruno           something shown to the person
//! bruno half-closed          (also: closed, aborted)
//! ```

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};

use papo::machine::{
    Action, Actions, CloseReason, ConnId, DialId, Framing, Input, LineEnd, LineLimit, Machine,
    Millis,
};
use papo::peer::notice::{Notice, Standing};
use papo::peer::{Peer, Rules};
use papo::wire::name::Name;

use super::brief::brief;

/// Where the server is, in all of these tests.
pub(crate) const SERVER: &str = "10.0.0.1:10000";

/// A call to the server, as it is written down.
pub(crate) const DIAL: &str = "dial 10.0.0.1:10000";

/// Where Bruno awaits calls, in all of these tests.
pub(crate) const BRUNO: &str = "10.0.0.2:21500";

/// See the module's own documentation.
pub(crate) struct Desk {
    pub(crate) peer: Peer,
    pub(crate) now: Millis,
    actions: Actions<Notice>,
    /// What has happened and was not looked at yet.
    log: Vec<String>,
    cables: Vec<Cable>,
    /// How often each slot was used: slots are used again, as the loop does.
    generations: Vec<u32>,
    dials: Vec<(DialId, SocketAddr)>,
    /// The length of line that the last dial allowed.
    pub(crate) last_limit: Option<LineLimit>,
    /// Typed lines that wait; `None` is the end of all typing.
    typed: VecDeque<Option<Vec<u8>>>,
    /// What was last told of how things stand.
    pub(crate) standing: Standing,
    /// What was told of our own words, for the log.
    pub(crate) said: Vec<(String, Vec<u8>)>,
    /// Who has answered a goodbye.
    pub(crate) answered: Vec<String>,
    exited: bool,
}

/// One connection, as a driver knows it.
struct Cable {
    label: String,
    conn: ConnId,
    /// Bytes of a line that has not ended.
    unended: Vec<u8>,
    /// Does not take what is sent.
    is_stalled: bool,
    unsent: usize,
    /// How many unsent bytes the peer was told of.
    told: usize,
    /// The reason with which it closes at the end of the turn.
    closes: Option<CloseReason>,
    /// Closes when nothing is unsent.
    closes_when_sent: bool,
}

impl Desk {
    /// A peer that has just been started.
    pub(crate) fn new(rules: Rules) -> Self {
        let mut desk = Self {
            peer: Peer::new(rules),
            now: Millis(0),
            actions: Actions::default(),
            log: Vec::new(),
            cables: Vec::new(),
            generations: Vec::new(),
            dials: Vec::new(),
            last_limit: None,
            typed: VecDeque::new(),
            standing: Standing::default(),
            said: Vec::new(),
            answered: Vec::new(),
            exited: false,
        };
        desk.wait(0);
        desk
    }

    /// Ana, a person, registered.
    pub(crate) fn ana() -> Self {
        Self::registered(rules())
    }

    /// Ana, a script, registered.
    pub(crate) fn script() -> Self {
        Self::registered(Rules { scripted: true, ..rules() })
    }

    /// Registered with these rules, and nothing said yet.
    pub(crate) fn registered(rules: Rules) -> Self {
        let mut desk = Self::new(rules);
        desk.answers(SERVER, "server");
        desk.wait(250);
        desk.forget();
        desk
    }

    // What happens.

    /// Lets time pass, with every tick that the peer asked for.
    #[track_caller]
    pub(crate) fn wait(&mut self, millis: u64) {
        let end = self.now + millis;
        while let Some(at) = self.peer.next_deadline().filter(|&at| at <= end && !self.exited) {
            self.now = self.now.max(at);
            self.tick();
        }
        self.now = end;
    }

    /// Lets time pass until this happens; up to ten seconds.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, line: &str) {
        let (by, seen) = (self.now + 10_000, self.log.len());
        while self.log[seen..].iter().all(|it| it != line) {
            assert!(self.now < by, "{line} never happened: {:?}", self.log);
            self.wait(1);
        }
    }

    /// Stops the whole machine for so long: the clock goes on, the peer does not.
    #[track_caller]
    pub(crate) fn freeze(&mut self, millis: u64) {
        self.now = self.now + millis;
        if self.peer.next_deadline().is_some_and(|at| at <= self.now) {
            self.tick();
        }
    }

    /// The person types a line.
    pub(crate) fn types(&mut self, line: &str) {
        self.typed.push_back(Some(line.as_bytes().to_vec()));
        self.settle();
    }

    /// The person will type nothing more.
    pub(crate) fn types_end(&mut self) {
        self.typed.push_back(None);
        self.settle();
    }

    /// The operating system asks the program to end.
    pub(crate) fn stop(&mut self) {
        self.feed(Input::Stop);
        self.settle();
    }

    /// A line arrives.
    #[track_caller]
    pub(crate) fn hears(&mut self, label: &str, line: &str) {
        self.hears_bytes(label, line.as_bytes(), LineEnd::Terminator);
    }

    /// A line arrives, ended in this way.
    #[track_caller]
    pub(crate) fn hears_bytes(&mut self, label: &str, line: &[u8], end: LineEnd) {
        let conn = self.conn(label);
        self.feed(Input::Line { conn, line, end });
        self.settle();
    }

    /// Lines arrive in one segment: all of them before anything is closed.
    #[track_caller]
    pub(crate) fn hears_at_once(&mut self, label: &str, lines: &[&str]) {
        let conn = self.conn(label);
        for line in lines {
            if self.cable(conn).is_heard() {
                let line = line.as_bytes();
                self.feed(Input::Line { conn, line, end: LineEnd::Terminator });
            }
        }
        self.settle();
    }

    /// Bytes arrive that end no line.
    #[track_caller]
    pub(crate) fn hears_unended(&mut self, label: &str, bytes: &str) {
        let conn = self.conn(label);
        self.cable(conn).unended.extend_from_slice(bytes.as_bytes());
        self.feed(Input::Pending { conn, line: bytes.as_bytes() });
        self.settle();
    }

    /// The other side will say nothing more; what it left unended is a line.
    #[track_caller]
    pub(crate) fn ends(&mut self, label: &str) {
        let conn = self.conn(label);
        self.end_line(conn);
        self.feed(Input::EndOfStream { conn });
        self.settle();
    }

    /// The connection breaks.
    #[track_caller]
    pub(crate) fn breaks(&mut self, label: &str, reason: CloseReason) {
        let conn = self.conn(label);
        self.cable(conn).closes = Some(reason);
        self.settle();
    }

    /// Somebody calls.
    pub(crate) fn accepts(&mut self, label: &str, from: &str) {
        self.accepts_at_once(&[label], from);
    }

    /// Several call between two looks of the driver.
    pub(crate) fn accepts_at_once(&mut self, labels: &[&str], ip: &str) {
        for (port, label) in (50_000..).zip(labels) {
            let from = SocketAddr::new(self::ip(ip), port);
            let conn = self.plug_in(label);
            self.feed(Input::Accepted { conn, from, reached: self::ip("10.0.0.3") });
        }
        self.settle();
    }

    /// The call to this address is answered.
    #[track_caller]
    pub(crate) fn answers(&mut self, to: &str, label: &str) {
        let dial = self.take_dial(to);
        let conn = self.plug_in(label);
        self.feed(Input::Dialed { dial, result: Ok(conn) });
        self.settle();
    }

    /// The call to this address fails.
    #[track_caller]
    pub(crate) fn refuses(&mut self, to: &str, error: ErrorKind) {
        let dial = self.take_dial(to);
        self.feed(Input::Dialed { dial, result: Err(error) });
        self.settle();
    }

    /// From now on the other side takes nothing of what is sent.
    #[track_caller]
    pub(crate) fn stalls(&mut self, label: &str) {
        let conn = self.conn(label);
        self.cable(conn).is_stalled = true;
    }

    /// The other side takes so many bytes.
    #[track_caller]
    pub(crate) fn takes(&mut self, label: &str, bytes: usize) {
        let conn = self.conn(label);
        self.cable(conn).unsent -= bytes;
        self.settle();
    }

    // What came of it.

    /// Compares what has happened since the last look, in order.
    #[track_caller]
    pub(crate) fn expect<const N: usize>(&mut self, expected: [&str; N]) {
        assert_eq!(std::mem::take(&mut self.log), expected);
    }

    /// What has happened since the last look.
    pub(crate) fn look(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log)
    }

    /// Leaves what has happened to other tests.
    pub(crate) fn forget(&mut self) {
        self.log.clear();
    }

    /// Whether typed lines wait because the peer does not want them yet.
    pub(crate) fn is_patient(&self) -> bool {
        !self.typed.is_empty()
    }

    /// Whether the program has ended.
    pub(crate) fn has_exited(&self) -> bool {
        self.exited
    }

    /// Whether the connection still exists.
    pub(crate) fn is_open(&self, label: &str) -> bool {
        self.cables.iter().any(|cable| cable.label == label)
    }

    // The driver.

    #[track_caller]
    fn tick(&mut self) {
        self.feed(Input::Tick);
        self.settle();
        let lies_ahead = self.peer.next_deadline().is_none_or(|at| at > self.now);
        assert!(self.exited || lies_ahead, "after a tick the next deadline lies ahead");
    }

    fn feed(&mut self, input: Input<'_>) {
        self.peer.handle(self.now, input, &mut self.actions);
        while let Some(action) = self.actions.pop() {
            self.perform(action);
        }
    }

    /// The end of a turn, and what follows from it.
    fn settle(&mut self) {
        loop {
            self.hand_over_typed();
            self.tell_backlogs();
            let closes = |cable: &Cable| Some((cable.conn, cable.closes?));
            if let Some((conn, reason)) = self.cables.iter().find_map(closes) {
                self.cables.retain(|cable| cable.conn != conn);
                self.feed(Input::Closed { conn, reason });
            } else if self.exited || self.typed.is_empty() || !self.peer.wants_typed() {
                return;
            }
        }
    }

    fn hand_over_typed(&mut self) {
        while !self.exited && self.peer.wants_typed() {
            match self.typed.pop_front() {
                Some(Some(line)) => self.feed(Input::Typed(&line)),
                Some(None) => self.feed(Input::TypedEnd),
                None => return,
            }
        }
    }

    fn tell_backlogs(&mut self) {
        let conns: Vec<_> = self.cables.iter().map(|cable| cable.conn).collect();
        for conn in conns {
            let cable = self.cable(conn);
            let bytes = cable.unsent;
            if cable.closes_when_sent && bytes == 0 {
                cable.closes = cable.closes.or(Some(CloseReason::Asked));
            }
            if std::mem::replace(&mut cable.told, bytes) != bytes {
                self.feed(Input::Backlog { conn, bytes });
            }
        }
    }

    fn perform(&mut self, action: Action<Notice>) {
        match action {
            Action::Send { conn, span } => {
                let bytes = self.actions.bytes(&span).to_vec();
                self.send(conn, &bytes);
            }
            Action::SendShared { .. } => panic!("a peer shares nothing"),
            Action::EndLine { conn } => self.end_line(conn),
            Action::HalfClose { conn } => self.note(conn, "half-closed"),
            Action::Close { conn } => {
                self.note(conn, "closed");
                self.with(conn, |cable| cable.closes_when_sent = true);
            }
            Action::Abort { conn } => {
                self.note(conn, "aborted");
                self.with(conn, |cable| cable.closes = cable.closes.or(Some(CloseReason::Asked)));
            }
            Action::Dial { dial, to, framing: Framing::Lines(limit) } => {
                self.dial(dial, to, limit);
            }
            Action::Dial { framing: Framing::Raw, .. }
            | Action::ReceiveAll { .. }
            | Action::SendTo { .. }
            | Action::AwaitDrain { .. } => panic!("a peer speaks in lines"),
            Action::Abandon { dial } => self.abandon(dial),
            // Nothing that is said: `standing.rs` looks at these.
            Action::Show(Notice::Standing(standing)) => self.standing = standing,
            Action::Show(Notice::Said { to, text }) => self.said.push((to.label, text)),
            Action::Show(Notice::GoodbyeAnswered { who }) => self.answered.push(who.label),
            Action::Show(notice) => self.log.push(brief(&notice)),
            Action::Exit { status } => self.exit(status),
        }
    }

    fn send(&mut self, conn: ConnId, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        let lines = text.strip_suffix("\r\n").expect("what is sent ends in CR LF");
        for line in lines.split("\r\n") {
            self.note(conn, &format!("> {line}"));
        }
        let length = bytes.len();
        self.with(conn, |cable| cable.unsent += if cable.is_stalled { length } else { 0 });
    }

    fn dial(&mut self, dial: DialId, to: SocketAddr, limit: LineLimit) {
        self.log.push(format!("dial {to}"));
        self.last_limit = Some(limit);
        self.dials.push((dial, to));
    }

    fn abandon(&mut self, dial: DialId) {
        let Some(place) = self.dials.iter().position(|(other, _)| *other == dial) else { return };
        let (dial, to) = self.dials.remove(place);
        self.log.push(format!("give up {to}"));
        let result = Err(ErrorKind::TimedOut);
        self.feed(Input::Dialed { dial, result });
    }

    fn exit(&mut self, status: u8) {
        if !self.exited {
            self.log.push(format!("exit {status}"));
        }
        self.exited = true;
    }

    fn end_line(&mut self, conn: ConnId) {
        let line = std::mem::take(&mut self.cable(conn).unended);
        if !line.is_empty() {
            self.feed(Input::Line { conn, line: &line, end: LineEnd::Rest });
        }
    }

    fn plug_in(&mut self, label: &str) -> ConnId {
        assert!(!self.is_open(label), "two connections called {label}");
        let is_free = |slot: &usize| self.cables.iter().all(|it| it.conn.slot as usize != *slot);
        let slot = (0..).find(is_free).expect("there are enough");
        if slot == self.generations.len() {
            self.generations.push(0);
        }
        self.generations[slot] += 1;
        let slot_number = u32::try_from(slot).expect("few connections");
        let conn = ConnId { slot: slot_number, generation: self.generations[slot] };
        self.cables.push(Cable::new(label, conn));
        conn
    }

    #[track_caller]
    fn take_dial(&mut self, to: &str) -> DialId {
        let to: SocketAddr = to.parse().expect("an address");
        let place = self.dials.iter().position(|(_, other)| *other == to);
        self.dials.remove(place.unwrap_or_else(|| panic!("nobody calls {to}: {:?}", self.log))).0
    }

    #[track_caller]
    fn conn(&self, label: &str) -> ConnId {
        let cable = self.cables.iter().find(|cable| cable.label == label);
        cable.unwrap_or_else(|| panic!("no connection {label}; log: {:?}", self.log)).conn
    }

    #[track_caller]
    fn cable(&mut self, conn: ConnId) -> &mut Cable {
        self.cables.iter_mut().find(|cable| cable.conn == conn).expect("it is open")
    }

    /// An action for a connection that is gone reaches nobody, as in the loop.
    fn with(&mut self, conn: ConnId, act: impl FnOnce(&mut Cable)) {
        if let Some(cable) = self.cables.iter_mut().find(|cable| cable.conn == conn) {
            act(cable);
        }
    }

    fn note(&mut self, conn: ConnId, what: &str) {
        if let Some(cable) = self.cables.iter().find(|cable| cable.conn == conn) {
            self.log.push(format!("{} {what}", cable.label));
        }
    }
}

impl Cable {
    fn new(label: &str, conn: ConnId) -> Self {
        Self {
            label: label.to_string(),
            conn,
            unended: Vec::new(),
            is_stalled: false,
            unsent: 0,
            told: 0,
            closes: None,
            closes_when_sent: false,
        }
    }

    fn is_heard(&self) -> bool {
        self.closes.is_none() && !self.closes_when_sent
    }
}

/// Ana, at port 20000, with the server at [`SERVER`].
pub(crate) fn rules() -> Rules {
    let name = Name::parse(b"Ana").ok();
    Rules { name, ..Rules::new(SERVER.parse().expect("an address"), 20_000) }
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an IP address")
}
