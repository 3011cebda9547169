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

mod driver;

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};

use papo::console::command::CommandReader;
use papo::machine::{Actions, CloseReason, DialId, Input, LineEnd, LineLimit, Machine, Millis};
use papo::peer::command::Command;
use papo::peer::notice::{Notice, Standing};
use papo::peer::{Peer, Rules};
use papo::wire::name::Name;

use driver::Cable;

/// Where the server is, in all of these tests.
pub(crate) const SERVER: &str = "10.0.0.1:10000";

/// A call to the server, as it is written down.
pub(crate) const DIAL: &str = "dial 10.0.0.1:10000";

/// Ana's own address, as the server knows it.
pub(crate) const OWN: &str = "ADDR 10.0.0.3:20000";

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
    reader: CommandReader,
    /// Typed lines that wait; `None` is the end of all typing.
    typed: VecDeque<Option<Vec<u8>>>,
    /// What was last told of how things stand.
    pub(crate) standing: Standing,
    /// What was told of our own words, for the log.
    pub(crate) said: Vec<(String, Vec<u8>)>,
    /// Who has answered a goodbye.
    pub(crate) answered: Vec<String>,
    /// Who has taken everything and not answered.
    pub(crate) taken: Vec<String>,
    exited: bool,
}

impl Desk {
    /// A peer that has just been started.
    pub(crate) fn new(rules: Rules) -> Self {
        let mut desk = Self {
            reader: CommandReader::new(rules.scripted),
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
            taken: Vec::new(),
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

    /// A host program gives a command.
    pub(crate) fn commands(&mut self, command: &Command) {
        self.feed(Input::Command(command));
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
        self.hears_unended_bytes(label, bytes.as_bytes());
    }

    /// The line that has not ended is ended by these bytes and a line feed.
    #[track_caller]
    pub(crate) fn hears_rest(&mut self, label: &str, bytes: &str) {
        let conn = self.conn(label);
        let mut line = std::mem::take(&mut self.cable(conn).unended);
        line.extend_from_slice(bytes.as_bytes());
        self.hears_bytes(label, &line, LineEnd::Terminator);
    }

    /// Bytes arrive that end no line, nor perhaps a character.
    #[track_caller]
    pub(crate) fn hears_unended_bytes(&mut self, label: &str, bytes: &[u8]) {
        let conn = self.conn(label);
        self.cable(conn).unended.extend_from_slice(bytes);
        let line = self.cable(conn).unended.clone();
        self.feed(Input::Pending { conn, line: &line });
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

    /// Somebody calls by this name, and the server confirms it.
    pub(crate) fn is_called_by(&mut self, label: &str, name: &str, ip: &str) {
        self.accepts(label, ip);
        self.hears(label, &format!("USER {name}"));
        self.confirms(ip);
    }

    /// The server says that the person whom it was asked about is there.
    pub(crate) fn confirms(&mut self, ip: &str) {
        if self.log.last().is_some_and(|it| it == "server > ADDR Ana") {
            self.hears("server", OWN);
        }
        self.hears("server", &format!("ADDR {ip}:21500"));
    }

    /// Several call between two looks of the driver.
    pub(crate) fn accepts_at_once(&mut self, labels: &[&str], ip: &str) {
        for (port, label) in (50_000..).zip(labels) {
            let from = SocketAddr::new(self::ip(ip), port);
            let conn = self.plug_in(label);
            self.feed(Input::Accepted {
                listener: papo::machine::ListenerId(0),
                conn,
                from,
                reached: self::ip("10.0.0.3"),
            });
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
}

/// Ana, at port 20000, with the server at [`SERVER`].
pub(crate) fn rules() -> Rules {
    let name = Name::parse(b"Ana").ok();
    Rules { name, ..Rules::new(SERVER.parse().expect("an address"), 20_000) }
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an IP address")
}
