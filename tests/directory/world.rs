//! The harness of these tests: a directory, and a driver for it without a socket or a clock.
//! [`super::script`] has the form of its log.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::{Deref, DerefMut};

use papo::directory::notice::EXCERPT_BYTES_MAX;
use papo::directory::{Directory, Rules};
use papo::machine::{Action, CloseReason, ConnId, Input, LineEnd, ListenerId, Millis};

use super::script::{FIGURES, ScriptLine, describe, expect_equal};
use crate::driver::{Done, Driver};

/// Plays a log on a directory with the rules of the handout.
#[track_caller]
pub(super) fn plays(script: &str) {
    World::default().plays(script);
}

/// A connection with this first line is closed without an answer, and registers no name.
#[track_caller]
pub(super) fn expect_refused(line: &[u8]) {
    let mut world = World::default();
    world.play("eve", "connects from 10.0.0.9");
    world.says("eve", line);
    let text = line[..line.len().min(EXCERPT_BYTES_MAX)].escape_ascii();
    let refused = format!("0.000 log 10.0.0.9 refused: not USER but \"{text}\"");
    assert_eq!(world.take_log(), [refused, "0.000 eve is closed".to_string()], "{text}");
    assert!(world.machine.roster().is_empty(), "{text}");
}

/// A directory, and the people of a log.
pub(super) struct World {
    driver: Driver<Directory>,
    /// The last connection of each client in the log, open or closed.
    pub(super) people: BTreeMap<String, ConnId>,
    /// The clients whose connections stay open after the server has closed them, until the log has
    /// `goes`.
    lingering: BTreeSet<String>,
    log: Vec<String>,
}

impl Deref for World {
    type Target = Driver<Directory>;

    fn deref(&self) -> &Driver<Directory> {
        &self.driver
    }
}

impl DerefMut for World {
    fn deref_mut(&mut self) -> &mut Driver<Directory> {
        &mut self.driver
    }
}

impl Default for World {
    fn default() -> Self {
        Self::with(Rules::default())
    }
}

impl World {
    pub(super) fn with(rules: Rules) -> Self {
        let driver = Driver::new(Directory::new(rules));
        Self { driver, people: BTreeMap::new(), lingering: BTreeSet::new(), log: Vec::new() }
    }

    /// Plays the lines of the clients. The result must be the whole log.
    #[track_caller]
    pub(super) fn plays(&mut self, script: &str) {
        let lines: Vec<_> = script.lines().filter_map(ScriptLine::parse).collect();
        for line in &lines {
            self.reach(line.at, line.what);
            if line.is_played() {
                self.note(line.who, line.what);
                self.play(line.who, line.what);
            }
        }
        self.tick_if_due();
        let wanted: Vec<_> = lines.iter().map(ToString::to_string).collect();
        expect_equal(&self.take_log(), &wanted);
    }

    /// Goes to the time of a line. A tick that is due at this time comes after the line, because the
    /// loop reads before it ticks.
    fn reach(&mut self, at: Millis, what: &str) {
        assert!(at >= self.now, "a log goes forward: {what}");
        if what == "was busy" {
            self.now = at;
        }
        self.advance(at);
    }

    /// Lets time pass up to `until`, with every tick that the directory asks for before then.
    pub(super) fn advance(&mut self, until: Millis) {
        while self.now < until && self.driver.reaches_deadline(Millis(until.0 - 1)) {
            self.driver.tick();
        }
        self.now = self.now.max(until);
        self.write_down();
    }

    fn tick_if_due(&mut self) {
        if self.driver.reaches_deadline(self.driver.now) {
            self.driver.tick();
        }
        self.write_down();
    }

    /// Ticks until the server has ended this client's connection. Returns the time of that.
    pub(super) fn wait_until_gone(&mut self, who: &str) -> Millis {
        while self.is_open(self.people[who]) {
            assert!(self.driver.reaches_deadline(Millis(u64::MAX)), "a deadline to wait for");
            self.driver.tick();
        }
        self.write_down();
        self.now
    }

    pub(super) fn play(&mut self, who: &str, what: &str) {
        match what.split_once(' ').unwrap_or((what, "")) {
            (">", line) => self.says(who, line.replace('␣', " ").as_bytes()),
            ("connects", route) => self.connects(who, route),
            ("registers", user) => self.registers(who, user),
            ("hangs", "up") => self.handle(Input::EndOfStream { conn: self.people[who] }),
            ("breaks", "") => self.ends(who, CloseReason::Failed(io::ErrorKind::ConnectionReset)),
            ("overruns", "the line") => self.ends(who, CloseReason::LineTooLong),
            ("reads", "too slowly") => self.ends(who, CloseReason::SlowReader),
            ("goes", "") => self.ends(who, CloseReason::Asked),
            ("lingers", "") => self.lingers(who),
            ("stops", "") => self.handle(Input::Stop),
            ("is", "asked") => self.handle(Input::Report(FIGURES)),
            ("waits", "") | ("was", "busy") => {}
            _ => panic!("a log has no line {what:?}"),
        }
    }

    /// `from 10.0.0.9 to 10.0.0.100`. Both parts are optional.
    fn connects(&mut self, who: &str, route: &str) {
        let ip = |word: &str, default: Ipv4Addr| -> IpAddr {
            let mut words = route.split(' ').skip_while(|&other| other != word).skip(1);
            words.next().map_or(default.into(), |text| text.parse().expect("an address"))
        };
        let from = SocketAddr::new(ip("from", Ipv4Addr::new(10, 0, 0, 1)), 50_000);
        let reached = ip("to", Ipv4Addr::new(10, 0, 0, 100));
        let conn = self.driver.open(self.framing);
        self.people.insert(who.to_string(), conn);
        self.driver.cable(conn).lingers = self.lingering.contains(who);
        self.handle(Input::Accepted { listener: ListenerId(0), conn, from, reached });
    }

    /// `as Ana:20000 from ...`: connects and sends USER, in one line of the log.
    fn registers(&mut self, who: &str, user: &str) {
        let user = user.strip_prefix("as ").expect("a name and a port");
        let (user, route) = user.split_at(user.find(" from ").unwrap_or(user.len()));
        let start = self.log.len();
        self.connects(who, route.trim_start());
        self.says(who, format!("USER {user}").as_bytes());
        let done: Vec<_> = self.log.drain(start..).collect();
        assert!(done.len() == 1 && done[0].contains(" joins at "), "{who} {user}: {done:?}");
    }

    fn lingers(&mut self, who: &str) {
        self.lingering.insert(who.to_string());
        if let Some(&conn) = self.people.get(who).filter(|&&conn| self.driver.is_open(conn)) {
            self.driver.cable(conn).lingers = true;
        }
    }

    pub(super) fn says(&mut self, who: &str, line: &[u8]) {
        self.says_in_part(who, line, LineEnd::Terminator);
    }

    pub(super) fn says_in_part(&mut self, who: &str, line: &[u8], end: LineEnd) {
        self.handle(Input::Line { conn: self.people[who], line, end });
    }

    fn ends(&mut self, who: &str, reason: CloseReason) {
        self.driver.close(self.people[who], reason);
        self.write_down();
    }

    /// Gives the directory an input, performs its actions, and gives it the inputs that follow.
    pub(super) fn handle(&mut self, input: Input<'_, Infallible>) {
        self.driver.handle(input);
        self.write_down();
    }

    fn write_down(&mut self) {
        for Done { at, action, bytes } in self.driver.take_log() {
            let (who, what) = match action {
                Action::Send { conn, .. } | Action::SendShared { conn, .. } => {
                    let text = String::from_utf8(bytes).expect("names are UTF-8");
                    let text = text.replace('\r', r"\r").replace('\n', r"\n");
                    (self.name_of(conn), format!("< {text}"))
                }
                Action::Close { conn } => (self.name_of(conn), "is closed".to_string()),
                Action::Abort { conn } => (self.name_of(conn), "is aborted".to_string()),
                Action::Reset { conn } => (self.name_of(conn), "is reset".to_string()),
                Action::Show(notice) => ("log".to_string(), describe(&notice)),
                Action::Exit { status } => ("server".to_string(), format!("exits {status}")),
                other => panic!("a directory has no use for {other:?}"),
            };
            self.log.push(ScriptLine { at, who: &who, what: &what }.to_string());
        }
        assert_eq!(self.strays, 0, "there is no action for a closed connection");
    }

    fn note(&mut self, who: &str, what: &str) {
        self.log.push(ScriptLine { at: self.now, who, what }.to_string());
    }

    pub(super) fn take_log(&mut self) -> Vec<String> {
        self.write_down();
        std::mem::take(&mut self.log)
    }

    /// The owner of a connection.
    fn name_of(&self, conn: ConnId) -> String {
        let owner = self.people.iter().find(|&(_, &of)| of == conn);
        owner.map_or_else(|| format!("nobody's {conn:?}"), |(who, _)| who.clone())
    }
}
