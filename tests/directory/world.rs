//! The harness of these tests: a directory, and a driver for it without a socket or a clock. What
//! its log looks like is in [`super::script`].

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use papo::directory::notice::{EXCERPT_BYTES_MAX, Notice};
use papo::directory::{Directory, Rules};
use papo::machine::{
    Action, Actions, CloseReason, ConnId, Input, LineEnd, Machine, Millis, SharedText,
};

use super::script::{FIGURES, ScriptLine, describe, expect_equal};

/// Plays a log on a directory with the rules of the handout.
#[track_caller]
pub(super) fn plays(script: &str) {
    World::default().plays(script);
}

/// A connection whose first line is this is closed, told nothing, and leaves no name behind.
#[track_caller]
pub(super) fn expect_refused(line: &[u8]) {
    let mut world = World::default();
    world.play("eve", "connects from 10.0.0.9");
    world.says("eve", line);
    let text = line[..line.len().min(EXCERPT_BYTES_MAX)].escape_ascii();
    let refused = format!("0.000 log 10.0.0.9 refused: not USER but \"{text}\"");
    assert_eq!(world.take_log(), [refused, "0.000 eve is closed".to_string()], "{text}");
    assert!(world.directory.roster().is_empty(), "{text}");
}

/// A directory, and a driver for it that is made of nothing but a number for the time.
pub(super) struct World {
    pub(super) directory: Directory,
    actions: Actions<Notice>,
    now: Millis,
    /// The last connection of each person in the log, open or gone.
    pub(super) people: BTreeMap<String, ConnId>,
    /// Like the slab of the real loop: what is free is used again, lowest first.
    pub(super) slots: Vec<Slot>,
    /// Whose end takes, after the server has asked for it, until the log says that they go.
    lingering: BTreeSet<String>,
    log: Vec<String>,
}

#[derive(Default)]
pub(super) struct Slot {
    generation: u32,
    taken: bool,
}

impl Default for World {
    fn default() -> Self {
        Self::with(Rules::default())
    }
}

impl World {
    pub(super) fn with(rules: Rules) -> Self {
        Self {
            directory: Directory::new(rules),
            actions: Actions::default(),
            now: Millis::default(),
            people: BTreeMap::new(),
            slots: Vec::new(),
            lingering: BTreeSet::new(),
            log: Vec::new(),
        }
    }

    /// Plays the lines that happen to the server. All lines together must be what happened.
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

    /// Goes to the time of a line. What is due at just that time comes after it, as in the loop,
    /// which serves before it ticks.
    fn reach(&mut self, at: Millis, what: &str) {
        assert!(at >= self.now, "a log goes forward: {what}");
        if what == "was busy" {
            self.now = at;
        }
        self.advance(at);
    }

    /// Lets time pass up to `until`, with every tick that is asked for before then.
    pub(super) fn advance(&mut self, until: Millis) {
        while self.now < until && self.directory.next_deadline().is_some_and(|at| at < until) {
            self.tick();
        }
        self.now = self.now.max(until);
    }

    fn tick_if_due(&mut self) {
        if self.directory.next_deadline().is_some_and(|at| at <= self.now) {
            self.tick();
        }
    }

    fn tick(&mut self) {
        let deadline = self.directory.next_deadline().expect("a deadline to wait for");
        self.now = self.now.max(deadline);
        self.handle(Input::Tick);
        let next = self.directory.next_deadline();
        assert!(next.is_none_or(|next| next > self.now), "a tick that leads to itself: {next:?}");
    }

    /// Ticks until the server has ended this person's connection, and says when that was.
    pub(super) fn wait_until_gone(&mut self, who: &str) -> Millis {
        while self.is_open(self.people[who]) {
            self.tick();
        }
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
            ("lingers", "") => drop(self.lingering.insert(who.to_string())),
            ("stops", "") => self.handle(Input::Stop),
            ("is", "asked") => self.handle(Input::Report(FIGURES)),
            ("waits", "") | ("was", "busy") => {}
            _ => panic!("nobody knows how to play {what:?}"),
        }
    }

    /// `from 10.0.0.9 to 10.0.0.100`, of which both may be missing.
    fn connects(&mut self, who: &str, route: &str) {
        let ip = |word: &str, default: Ipv4Addr| -> IpAddr {
            let mut words = route.split(' ').skip_while(|&other| other != word).skip(1);
            words.next().map_or(default.into(), |text| text.parse().expect("an address"))
        };
        let from = SocketAddr::new(ip("from", Ipv4Addr::new(10, 0, 0, 1)), 50_000);
        let reached = ip("to", Ipv4Addr::new(10, 0, 0, 100));
        let conn = self.take_slot();
        self.people.insert(who.to_string(), conn);
        self.handle(Input::Accepted {
            listener: papo::machine::ListenerId(0),
            conn,
            from,
            reached,
        });
    }

    /// `as Ana:20000 from ...`: connects and says USER, in one line of the log.
    fn registers(&mut self, who: &str, user: &str) {
        let user = user.strip_prefix("as ").expect("a name and a port");
        let (user, route) = user.split_at(user.find(" from ").unwrap_or(user.len()));
        let start = self.log.len();
        self.connects(who, route.trim_start());
        self.says(who, format!("USER {user}").as_bytes());
        let done: Vec<_> = self.log.drain(start..).collect();
        assert!(done.len() == 1 && done[0].contains(" joins at "), "{who} {user}: {done:?}");
    }

    pub(super) fn says(&mut self, who: &str, line: &[u8]) {
        self.says_in_part(who, line, LineEnd::Terminator);
    }

    pub(super) fn says_in_part(&mut self, who: &str, line: &[u8], end: LineEnd) {
        self.handle(Input::Line { conn: self.people[who], line, end });
    }

    fn ends(&mut self, who: &str, reason: CloseReason) {
        let conn = self.people[who];
        if self.is_open(conn) {
            self.slots[conn.slot as usize].taken = false;
        }
        self.handle(Input::Closed { conn, reason });
    }

    /// Tells the directory, does all that it asks for, and tells it what came of that.
    pub(super) fn handle(&mut self, input: Input<'_, Infallible>) {
        self.directory.handle(self.now, input, &mut self.actions);
        let mut closing = BTreeSet::new();
        while let Some(action) = self.actions.pop() {
            closing.extend(self.perform(action));
        }
        for who in closing {
            self.ends(&who, CloseReason::Asked);
        }
    }

    /// Writes what is asked for into the log. Gives back whose connection is closed by it.
    fn perform(&mut self, action: Action<Notice>) -> Option<String> {
        match action {
            Action::Send { conn, span } => {
                let bytes = self.actions.bytes(&span).to_vec();
                self.note_sent(conn, &bytes);
            }
            Action::SendShared { conn, shared: SharedText { bytes, skip } } => {
                self.note_sent(conn, &[&bytes[..skip.start], &bytes[skip.end..]].concat());
            }
            Action::Close { conn } => return self.note_end(conn, "is closed"),
            Action::Abort { conn } => return self.note_end(conn, "is aborted"),
            Action::Reset { conn } => return self.note_end(conn, "is reset"),
            Action::Show(notice) => self.note("log", &describe(&notice)),
            Action::Exit { status } => self.note("server", &format!("exits {status}")),
            Action::EndLine { .. }
            | Action::Pause { .. }
            | Action::Resume { .. }
            | Action::SendTo { .. }
            | Action::AwaitDrain { .. }
            | Action::CutLines { .. }
            | Action::HalfClose { .. }
            | Action::Dial { .. }
            | Action::Abandon { .. } => panic!("a directory has no use for {action:?}"),
        }
        None
    }

    fn note_sent(&mut self, conn: ConnId, bytes: &[u8]) {
        let text = std::str::from_utf8(bytes).expect("names are UTF-8");
        let text = text.replace('\r', r"\r").replace('\n', r"\n");
        self.note(&self.name_of(conn), &format!("< {text}"));
    }

    /// Gives back whose end it is, but for those whose end takes.
    fn note_end(&mut self, conn: ConnId, what: &str) -> Option<String> {
        let who = self.name_of(conn);
        self.note(&who, what);
        Some(who).filter(|who| !self.lingering.contains(who))
    }

    fn note(&mut self, who: &str, what: &str) {
        self.log.push(ScriptLine { at: self.now, who, what }.to_string());
    }

    pub(super) fn take_log(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log)
    }

    /// Whose connection it is. One that is gone has no claim to an action.
    fn name_of(&self, conn: ConnId) -> String {
        let owner = self.people.iter().find(|&(_, &of)| of == conn && self.is_open(conn));
        owner.map_or_else(|| format!("nobody's {conn:?}"), |(who, _)| who.clone())
    }

    fn is_open(&self, conn: ConnId) -> bool {
        let slot = &self.slots[conn.slot as usize];
        slot.taken && slot.generation == conn.generation
    }

    fn take_slot(&mut self) -> ConnId {
        let free = self.slots.iter().position(|slot| !slot.taken).unwrap_or_else(|| {
            self.slots.push(Slot::default());
            self.slots.len() - 1
        });
        let slot = &mut self.slots[free];
        *slot = Slot { generation: slot.generation + 1, taken: true };
        ConnId { slot: free as u32, generation: slot.generation }
    }
}
