//! A peer without sockets: the test is its network, its server, its person and its clock.
//!
//! A [`Driver`] performs the peer's actions, as the event loop does. The desk adds a person: typed
//! lines wait until the peer accepts a command. All that happens becomes a line of a log:
//!
//! ```text
//! server > ADDR Bruno        a line to the connection that the test calls "server"
//! dial 10.0.0.2:21500        a call
//! connected: Bruno           a notice for the person
//! bruno half-closed          (also: closed, aborted)
//! ```

use std::collections::{BTreeMap, VecDeque};
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::ops::{Deref, DerefMut};

use papo::console::command::{CommandReader, LineOutcome};
use papo::machine::{
    Action, CloseReason, ConnId, DialId, Framing, Input, LineEnd, LineLimit, ListenerId, Machine,
};
use papo::peer::command::Command;
use papo::peer::notice::{Notice, Standing};
use papo::peer::{Peer, Rules};
use papo::wire::SPEECH_LIMIT;
use papo::wire::name::Name;

use super::brief::{brief, brief_answer};
use crate::driver::Driver;

/// The address of the server, in all of these tests.
pub(crate) const SERVER: &str = "10.0.0.1:10000";

/// A dial to the server, as the log has it.
pub(crate) const DIAL: &str = "dial 10.0.0.1:10000";

/// Ana's own address, as the server knows it.
pub(crate) const OWN: &str = "ADDR 10.0.0.3:20000";

/// The other side of a connection has crashed.
pub(crate) const RESET: CloseReason = CloseReason::Failed(ErrorKind::ConnectionReset);

/// The address at which Bruno takes calls, in all of these tests.
pub(crate) const BRUNO: &str = "10.0.0.2:21500";

/// A peer and its person.
pub(crate) struct Desk {
    driver: Driver<Peer>,
    /// The connection with each label.
    labels: BTreeMap<String, ConnId>,
    /// The address of each dial, by its number.
    dialed: BTreeMap<u32, SocketAddr>,
    /// The lines that the test has not looked at.
    log: Vec<String>,
    /// The length of line that the last dial allowed.
    pub(crate) last_limit: Option<LineLimit>,
    reader: CommandReader,
    /// The names for a `/msg` without quotes have come.
    has_names: bool,
    /// Typed lines that wait. `None` is the end of stdin.
    typed: VecDeque<Option<Vec<u8>>>,
    /// The last [`Notice::Standing`].
    pub(crate) standing: Standing,
    /// The receiver and the text of each [`Notice::Said`].
    pub(crate) said: Vec<(String, Vec<u8>)>,
    /// The people of each [`Notice::GoodbyeAnswered`].
    pub(crate) answered: Vec<String>,
    /// The people of each [`Notice::GoodbyeTaken`].
    pub(crate) taken: Vec<String>,
}

impl Deref for Desk {
    type Target = Driver<Peer>;

    fn deref(&self) -> &Driver<Peer> {
        &self.driver
    }
}

impl DerefMut for Desk {
    fn deref_mut(&mut self) -> &mut Driver<Peer> {
        &mut self.driver
    }
}

impl Desk {
    /// A peer that has just been started.
    pub(crate) fn new(rules: Rules) -> Self {
        let reader = CommandReader::new(rules.scripted);
        let mut driver = Driver::new(Peer::new(rules));
        driver.framing = Framing::Lines(SPEECH_LIMIT);
        let mut desk = Self {
            driver,
            labels: BTreeMap::new(),
            dialed: BTreeMap::new(),
            log: Vec::new(),
            last_limit: None,
            reader,
            has_names: false,
            typed: VecDeque::new(),
            standing: Standing::default(),
            said: Vec::new(),
            answered: Vec::new(),
            taken: Vec::new(),
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

    /// Ana, a person who checks no callers, registered.
    pub(crate) fn without_checks() -> Self {
        Self::registered(Rules { verify: false, ..rules() })
    }

    /// Ana with these rules, registered.
    pub(crate) fn registered(rules: Rules) -> Self {
        let mut desk = Self::new(rules);
        desk.answers(SERVER, "server");
        desk.wait(250);
        desk.forget();
        desk
    }

    /// Ana with these rules, who checks no names, a second after a call of Bruno.
    pub(crate) fn talking(rules: Rules) -> Self {
        let mut desk = Self::registered(Rules { verify: false, ..rules });
        desk.accepts_as("bruno", "Bruno", "10.0.0.2");
        desk.wait(1_000);
        desk.forget();
        desk
    }

    // Inputs.

    /// Lets time pass, with every tick that the peer asks for.
    #[track_caller]
    pub(crate) fn wait(&mut self, millis: u64) {
        let end = self.now + millis;
        while self.driver.reaches_deadline(end) {
            self.tick();
        }
        self.now = end;
    }

    /// Lets time pass until this is in the log, ten seconds at most.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, line: &str) {
        let (by, seen) = (self.now + 10_000, self.log.len());
        while self.log[seen..].iter().all(|it| it != line) {
            assert!(self.now < by, "{line} never happened: {:?}", self.log);
            self.wait(1);
        }
    }

    /// The computer sleeps: the clock goes on, and the peer gets one late tick.
    #[track_caller]
    pub(crate) fn freeze(&mut self, millis: u64) {
        self.now = self.now + millis;
        if self.machine.next_deadline().is_some_and(|at| at <= self.now) {
            self.tick();
        }
    }

    /// The person types a line.
    pub(crate) fn types(&mut self, line: &str) {
        self.typed.push_back(Some(line.as_bytes().to_vec()));
        self.settle();
    }

    /// A host program gives a command.
    pub(crate) fn commands(&mut self, command: &Command) {
        self.driver.feed(Input::Command(command));
        self.settle();
    }

    /// The person ends stdin.
    pub(crate) fn types_end(&mut self) {
        self.typed.push_back(None);
        self.settle();
    }

    /// The operating system asks the program to end.
    pub(crate) fn stop(&mut self) {
        self.driver.feed(Input::Stop);
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
        self.driver.feed(Input::Line { conn, line, end });
        self.settle();
    }

    /// Lines arrive in one segment, so a connection that the peer closes at one is still open.
    #[track_caller]
    pub(crate) fn hears_at_once(&mut self, label: &str, lines: &[&str]) {
        let conn = self.conn(label);
        for line in lines {
            if self.driver.is_read(conn) {
                let line = line.as_bytes();
                self.driver.feed(Input::Line { conn, line, end: LineEnd::Terminator });
            }
        }
        self.settle();
    }

    /// Bytes arrive in one read.
    #[track_caller]
    pub(crate) fn hears_unended(&mut self, label: &str, bytes: impl AsRef<[u8]>) {
        let conn = self.conn(label);
        self.driver.arrive(conn, bytes.as_ref());
        self.settle();
    }

    /// The other side ends its stream, which ends its unfinished line.
    #[track_caller]
    pub(crate) fn ends(&mut self, label: &str) {
        let conn = self.conn(label);
        self.driver.end(conn);
        self.settle();
    }

    /// The connection closes.
    #[track_caller]
    pub(crate) fn breaks(&mut self, label: &str, reason: CloseReason) {
        let conn = self.conn(label);
        self.driver.close(conn, reason);
        self.settle();
    }

    /// Somebody calls.
    pub(crate) fn accepts(&mut self, label: &str, from: &str) {
        self.accepts_at_once(&[label], from);
    }

    /// Somebody calls and sends this name.
    pub(crate) fn accepts_as(&mut self, label: &str, name: &str, from: &str) {
        self.accepts(label, from);
        self.hears(label, &format!("USER {name}"));
    }

    /// Somebody calls and sends this name, and the server confirms it.
    pub(crate) fn is_called_by(&mut self, label: &str, name: &str, ip: &str) {
        self.accepts_as(label, name, ip);
        self.confirms(ip);
    }

    /// The server answers a check: the person is at this address.
    pub(crate) fn confirms(&mut self, ip: &str) {
        if self.log.last().is_some_and(|it| it == "server > ADDR Ana") {
            self.hears("server", OWN);
        }
        self.hears("server", &format!("ADDR {ip}:21500"));
    }

    /// Several people call in one turn.
    pub(crate) fn accepts_at_once(&mut self, labels: &[&str], ip: &str) {
        for (port, label) in (50_000..).zip(labels) {
            let from = SocketAddr::new(self::ip(ip), port);
            let conn = self.driver.open(self.framing);
            self.name(label, conn);
            let (listener, reached) = (ListenerId(0), self::ip("10.0.0.3"));
            self.driver.feed(Input::Accepted { listener, conn, from, reached });
        }
        self.settle();
    }

    /// The call to this address is answered.
    #[track_caller]
    pub(crate) fn answers(&mut self, to: &str, label: &str) {
        let dial = self.dial_to(to);
        let conn = self.driver.answer(dial);
        self.name(label, conn);
        self.settle();
    }

    /// The call to this address fails.
    #[track_caller]
    pub(crate) fn refuses(&mut self, to: &str, error: ErrorKind) {
        let dial = self.dial_to(to);
        self.driver.refuse(dial, error);
        self.settle();
    }

    /// The other side takes no bytes from now on.
    #[track_caller]
    pub(crate) fn stalls(&mut self, label: &str) {
        let conn = self.conn(label);
        self.cable(conn).is_stalled = true;
    }

    /// The other side takes so many bytes.
    #[track_caller]
    pub(crate) fn takes(&mut self, label: &str, bytes: usize) {
        let conn = self.conn(label);
        self.driver.take_bytes(conn, bytes);
        self.settle();
    }

    // Results.

    /// Compares the log since the last look.
    #[track_caller]
    pub(crate) fn expect<const N: usize>(&mut self, expected: [&str; N]) {
        assert_eq!(std::mem::take(&mut self.log), expected);
    }

    /// The log since the last look.
    pub(crate) fn look(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log)
    }

    /// Empties the log.
    pub(crate) fn forget(&mut self) {
        self.log.clear();
    }

    /// Whether typed lines wait, because the peer accepts no command.
    pub(crate) fn has_waiting_lines(&self) -> bool {
        !self.typed.is_empty()
    }

    /// Whether the program has ended.
    pub(crate) fn has_exited(&self) -> bool {
        self.status.is_some()
    }

    /// Whether the connection still exists.
    pub(crate) fn is_open(&self, label: &str) -> bool {
        self.labels.get(label).is_some_and(|&conn| self.driver.is_open(conn))
    }

    // Turns.

    #[track_caller]
    fn tick(&mut self) {
        self.driver.feed(Input::Tick);
        self.settle();
        self.expect_deadline_ahead();
    }

    /// Ends a turn.
    fn settle(&mut self) {
        loop {
            self.hand_over_typed();
            self.driver.settle();
            self.write_down();
            let waits = !self.typed.is_empty() || self.has_names;
            if self.has_exited() || !waits || !self.machine.accepts_command() {
                return;
            }
        }
    }

    fn hand_over_typed(&mut self) {
        while !self.has_exited() && self.machine.accepts_command() {
            self.write_down();
            if std::mem::take(&mut self.has_names) {
                let message = self.reader.take_message();
                self.follow(message);
                continue;
            }
            match self.typed.pop_front() {
                Some(Some(line)) => self.read(&line),
                Some(None) => self.driver.feed(Input::Command(&Command::InputEnded)),
                None => return,
            }
        }
    }

    /// The console reads a line: it becomes a command, or the console answers it.
    fn read(&mut self, line: &[u8]) {
        let outcome = self.reader.read(line);
        self.follow(outcome);
    }

    /// Gives the command to the peer, and writes the answer down.
    fn follow(&mut self, outcome: LineOutcome) {
        self.log.extend(outcome.answer.as_ref().map(brief_answer));
        if let Some(command) = outcome.command {
            self.driver.feed(Input::Command(&command));
        }
    }

    // The log.

    fn write_down(&mut self) {
        for done in self.driver.take_log() {
            let label = done.conn().map(|conn| self.label_of(conn)).unwrap_or_default();
            let text = done.text();
            match done.action {
                Action::Send { .. } => self.write_lines(&label, &text),
                Action::HalfClose { .. } => self.log.push(format!("{label} half-closed")),
                Action::Close { .. } => self.log.push(format!("{label} closed")),
                Action::Abort { .. } => self.log.push(format!("{label} aborted")),
                Action::Pause { .. } => self.log.push(format!("{label} paused")),
                Action::Resume { .. } => self.log.push(format!("{label} resumed")),
                Action::Dial { dial, to, framing: Framing::Lines(limit), .. } => {
                    self.log.push(format!("dial {to}"));
                    self.last_limit = Some(limit);
                    self.dialed.insert(dial.0, to);
                }
                Action::Abandon { dial } => {
                    self.log.push(format!("give up {}", self.dialed[&dial.0]));
                }
                Action::Show(notice) => self.tell(notice),
                Action::Exit { status } => self.log.push(format!("exit {status}")),
                Action::EndLine { .. } => {}
                Action::Reset { .. } => panic!("a peer ends in order"),
                Action::SendShared { .. }
                | Action::Dial { framing: Framing::Raw, .. }
                | Action::SendTo { .. }
                | Action::CutLines { .. }
                | Action::AwaitDrain { .. } => panic!("a peer speaks in lines"),
            }
        }
    }

    fn write_lines(&mut self, label: &str, text: &str) {
        for line in text.split_inclusive("\r\n") {
            let line = line.strip_suffix("\r\n").map_or(format!("{line}..."), str::to_string);
            self.log.push(format!("{label} > {line}"));
        }
    }

    fn tell(&mut self, notice: Notice) {
        self.reader.hear(&notice);
        match notice {
            // These have no sentence, so they are not in the log.
            Notice::Standing(standing) => self.standing = standing,
            Notice::Said { to, text } => self.said.push((to.label, text)),
            Notice::GoodbyeAnswered { who } => self.answered.push(who.label),
            Notice::GoodbyeTaken { who } => self.taken.push(who.label),
            Notice::Names(_) => self.has_names = true,
            notice => self.log.push(brief(&notice)),
        }
    }

    // Names of connections.

    fn name(&mut self, label: &str, conn: ConnId) {
        assert!(!self.is_open(label), "two connections called {label}");
        self.labels.insert(label.to_string(), conn);
    }

    fn label_of(&self, conn: ConnId) -> String {
        let labelled = self.labels.iter().find(|&(_, &other)| other == conn);
        labelled.map_or_else(|| format!("{conn:?}"), |(label, _)| label.clone())
    }

    #[track_caller]
    fn conn(&self, label: &str) -> ConnId {
        assert!(self.is_open(label), "no connection {label}; log: {:?}", self.log);
        self.labels[label]
    }

    #[track_caller]
    fn dial_to(&self, to: &str) -> DialId {
        let to: SocketAddr = to.parse().expect("an address");
        let dial = self.dials.iter().find(|&&(_, other, _)| other == to);
        dial.unwrap_or_else(|| panic!("nobody calls {to}: {:?}", self.log)).0
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
