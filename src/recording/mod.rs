//! Writes the turns of a loop as JSON, one line for each: `docs/RECORDING.md` has the schema.
//!
//! [`Recording`] is a recorder of [`crate::event_loop::recorder`], and hands whole lines to a
//! [`Sink`]. The host has the file, the socket and the clock.
//!
//! | file | has |
//! | --- | --- |
//! | `json` | objects, and bytes as text |
//! | `steps` | the steps of a turn, in the words of the schema |
//! | [`state`] | the people online, and the keys of the timer wheel |
//!
//! Read next: [`Recording::turn_over`], then `steps`.

mod json;
pub mod state;
mod steps;

pub use json::RECORDED_BYTES_MAX;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;

use crate::event_loop::os::{Os, Readiness};
use crate::event_loop::recorder::{
    ConnectionView, HostStep, LoopState, LoopStep, Part, Ready, Recorder, Wake,
};
use crate::machine::{Action, Actions, ConnId, Input, ListenerId, Millis};
use json::{Object, push_text, separate};
use state::{Known, Recorded};

/// The version of the schema.
const SCHEMA_VERSION: u64 = 1;

/// Most bytes of steps in one turn, which may serve a thousand connections. Further steps are only
/// counted.
pub const RECORDED_TURN_BYTES_MAX: usize = 256 * 1024;

/// Takes the lines of a recording.
pub trait Sink {
    /// Whether it takes a line now. If not, the turn is left out and counted.
    fn has_room(&self) -> bool;

    /// Whether it takes no more lines.
    fn is_over(&self) -> bool {
        false
    }

    /// Takes one line, with its LF.
    fn take(&mut self, line: &[u8]);

    /// Writes lines that it has kept. This is called once before each wait.
    fn catch_up(&mut self) {}
}

/// Keeps the lines in memory.
impl Sink for Vec<u8> {
    fn has_room(&self) -> bool {
        true
    }

    fn take(&mut self, line: &[u8]) {
        self.extend_from_slice(line);
    }
}

/// The first line, about the process.
#[derive(Clone, Debug, Default)]
pub struct Header {
    /// `server`, or `peer Bruno`.
    pub process: String,
    /// The process id.
    pub pid: u32,
    /// The Unix time at which the loop's clock was 0, in milliseconds.
    pub unix_ms: u64,
    /// The addresses of its listeners.
    pub listening: Vec<SocketAddr>,
}

impl Header {
    /// The line, with its LF.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = String::new();
        let mut header = Object::begin(&mut line);
        header.word("papo", "recording");
        header.number("version", SCHEMA_VERSION);
        header.word("program", env!("CARGO_PKG_VERSION"));
        header.text("process", &self.process);
        header.number("pid", u64::from(self.pid));
        header.number("unix_ms", self.unix_ms);
        let listening = header.key("listening");
        listening.push('[');
        for address in &self.listening {
            separate(listening);
            push_text(listening, &address.to_string());
        }
        listening.push(']');
        header.end();
        line.push('\n');
        line
    }
}

/// A recorder that writes.
///
/// ```text
/// woke ──► head    "turn":12,"at":5003,...,"ready":[...]
/// step ──► steps   {"in":"serve","do":"read",...},{...}
/// turn_over ──► head + steps + after + state ──► one line ──► sink, or a gap
/// ```
#[derive(Debug)]
pub struct Recording<S> {
    sink: S,
    turn: TurnText,
    part: Part,
    /// The connections that this turn touched.
    touched: BTreeSet<ConnId>,
    /// The two addresses of each connection.
    ends: BTreeMap<ConnId, Ends>,
    /// The connections of this listener are not recorded.
    hidden_listener: Option<ListenerId>,
    hidden: BTreeSet<ConnId>,
    /// Connections on which a password was sent. Bytes that are written to them are not recorded.
    secret: BTreeSet<ConnId>,
    known: Known,
    deadline: Option<Millis>,
    /// The beginning of the output that is being offered to the kernel, and its length.
    offered: (Vec<u8>, usize),
    /// How many turns were left out since the last line.
    gap: u64,
    /// The next line has all connections and the whole state.
    is_whole: bool,
    /// The next turn is written with the whole state, even if nothing happens in it.
    is_whole_wanted: bool,
    /// When the turn began.
    now: Millis,
}

/// The turn that is being recorded.
#[derive(Debug, Default)]
struct TurnText {
    /// All keys before `steps`. Empty before the first wait.
    head: String,
    has_ready: bool,
    /// The list of steps, without its brackets.
    steps: String,
    steps_left_out: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Ends {
    other: Option<SocketAddr>,
    own: Option<SocketAddr>,
}

/// A connection as the schema has it: `3.1`.
#[derive(Clone, Copy, Debug)]
struct ConnName(ConnId);

impl fmt::Display for ConnName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.0.slot, self.0.generation)
    }
}

impl<S: Sink> Recording<S> {
    /// Begins a recording with its header.
    pub fn new(mut sink: S, header: &Header) -> Self {
        sink.take(header.line().as_bytes());
        Self {
            sink,
            turn: TurnText::default(),
            part: Part::Host,
            touched: BTreeSet::new(),
            ends: BTreeMap::new(),
            hidden_listener: None,
            hidden: BTreeSet::new(),
            secret: BTreeSet::new(),
            known: Known::default(),
            deadline: None,
            offered: (Vec::new(), 0),
            gap: 0,
            is_whole: false,
            is_whole_wanted: false,
            now: Millis(0),
        }
    }

    /// Leaves out the connections of this listener, and turns that serve only them. They are
    /// viewers of this recording, on the same loop.
    pub fn hide_listener(&mut self, listener: ListenerId) {
        self.hidden_listener = Some(listener);
    }

    /// Writes the whole state with the next turn, for a new reader.
    pub fn write_whole_state(&mut self) {
        self.is_whole_wanted = true;
    }

    /// The sink of the lines.
    pub fn sink(&mut self) -> &mut S {
        &mut self.sink
    }

    /// Begins a step of this turn. `None`: there is no more room for steps.
    fn begin_step(&mut self, what: &str) -> Option<Object<'_>> {
        if self.sink.is_over() {
            return None;
        }
        if self.turn.steps.len() >= RECORDED_TURN_BYTES_MAX {
            self.turn.steps_left_out += 1;
            return None;
        }
        let mut step = Object::begin(&mut self.turn.steps);
        step.word("in", part_name(self.part));
        step.word("do", what);
        Some(step)
    }

    /// Begins a step about a connection. `None` also for a hidden connection.
    fn begin_conn_step(&mut self, what: &str, conn: ConnId) -> Option<Object<'_>> {
        if self.hidden.contains(&conn) {
            return None;
        }
        self.touched.insert(conn);
        let mut step = self.begin_step(what)?;
        step.word("conn", ConnName(conn));
        Some(step)
    }

    fn write_ready(&mut self, source: Ready, event: Readiness) {
        if let Ready::Connection(conn) = source {
            self.touched.insert(conn);
        }
        self.turn.has_ready = true;
        let mut ready = Object::begin(&mut self.turn.head);
        match source {
            Ready::Listener(index) => {
                ready.word("source", "listener");
                ready.number("listener", index as u64);
            }
            Ready::Datagrams => ready.word("source", "datagrams"),
            Ready::Connection(conn) => {
                ready.word("source", "conn");
                ready.word("conn", ConnName(conn));
            }
            Ready::Host(token) => {
                ready.word("source", "host");
                ready.number("token", token as u64);
            }
        }
        write_can(event, ready.key("can"));
        ready.end();
    }

    fn is_hidden(&self, source: Ready) -> bool {
        match source {
            Ready::Listener(index) => {
                self.hidden_listener.is_some_and(|it| usize::from(it.0) == index)
            }
            Ready::Connection(conn) => self.hidden.contains(&conn),
            Ready::Datagrams | Ready::Host(_) => false,
        }
    }

    /// Whether an input is only for hidden viewers: the host's command with new lines, or a tick
    /// before the machine's own deadline.
    #[allow(clippy::wildcard_enum_match_arm, reason = "no other input can be for viewers only")]
    fn is_for_viewers<C>(&self, input: &Input<'_, C>) -> bool {
        self.hidden_listener.is_some()
            && match input {
                Input::Command(_) => true,
                Input::Tick => self.deadline.is_none_or(|at| at > self.now),
                _ => false,
            }
    }

    fn write_connection(&self, conn: ConnId, view: &ConnectionView<'_>, list: &mut String) {
        let ends = self.ends.get(&conn).copied().unwrap_or_default();
        let mut entry = Object::begin(list);
        entry.word("conn", ConnName(conn));
        for (key, address) in [("other", ends.other), ("own", ends.own)] {
            if let Some(address) = address {
                entry.word(key, address);
            }
        }
        entry.word("state", view.state);
        entry.bytes_of("held", "held_count", view.held, view.held.len());
        entry.number("waiting", view.waiting_bytes as u64);
        entry.number("backlog", view.backlog_bytes as u64);
        for (key, is_so) in [("paused", view.is_paused), ("throttled", view.is_throttled)] {
            if is_so {
                entry.is_true(key);
            }
        }
        entry.end();
    }

    fn write_after<M: Recorded, O: Os>(&self, state: &LoopState<'_, M, O>, out: &mut String) {
        let mut after = Object::begin(out);
        after.number_or_null("deadline", state.machine.recorded_deadline().map(|at| at.0));
        let pending = after.key("pending_reads");
        pending.push('[');
        for conn in state.pending_reads().filter(|conn| !self.hidden.contains(conn)) {
            separate(pending);
            push_text(pending, &ConnName(conn).to_string());
        }
        pending.push(']');
        let list = after.key("connections");
        list.push('[');
        for &conn in &self.touched {
            if let Some(view) = state.connection(conn) {
                self.write_connection(conn, &view, list);
            }
        }
        list.push(']');
        after.end();
    }

    /// The whole turn as one line.
    fn line<M: Recorded, O: Os>(&mut self, state: &LoopState<'_, M, O>) -> String {
        let mut line = String::from("{");
        if self.turn.head.is_empty() {
            line.push_str(BEFORE_ALL_TURNS);
        } else {
            line.push_str(&self.turn.head);
            line.push(']');
        }
        line.push_str(",\"steps\":[");
        line.push_str(&self.turn.steps);
        line.push(']');
        if self.turn.steps_left_out > 0 {
            line.push_str(&format!(",\"steps_left_out\":{}", self.turn.steps_left_out));
        }
        if self.is_whole {
            line.push_str(",\"whole\":true");
            self.touch_everything(state);
        }
        line.push_str(",\"after\":");
        self.write_after(state, &mut line);
        if let Some(directory) = state.machine.directory() {
            let touched: Vec<_> = self.touched.iter().copied().collect();
            self.known.write(directory, &touched, &mut line);
        }
        line.push_str("}\n");
        line
    }

    /// Writes every connection and the whole state, because a reader has missed changes.
    fn touch_everything<M: Recorded, O: Os>(&mut self, state: &LoopState<'_, M, O>) {
        self.known.forget();
        self.touched.extend(self.ends.keys());
        if let Some(directory) = state.machine.directory() {
            self.touched.extend(directory.connections());
        }
    }

    fn forget_turn(&mut self) {
        self.turn = TurnText::default();
        self.touched.clear();
    }
}

/// The head of the steps before the first wait.
const BEFORE_ALL_TURNS: &str = r#""turn":0,"at":0,"slept_ms":0,"timeout_ms":null,"ready":[]"#;

fn part_name(part: Part) -> &'static str {
    match part {
        Part::LeftOver => "left over",
        Part::Serve => "serve",
        Part::Tick => "tick",
        Part::Settle => "settle",
        Part::Host => "host",
    }
}

fn write_can(event: Readiness, list: &mut String) {
    let can = [
        (event.readable, "read"),
        (event.writable, "write"),
        (event.read_closed, "read end"),
        (event.write_closed, "write end"),
        (event.error, "error"),
        (event.priority, "urgent"),
    ];
    list.push('[');
    for (_, word) in can.into_iter().filter(|(is_so, _)| *is_so) {
        separate(list);
        push_text(list, word);
    }
    list.push(']');
}

impl<M: Recorded, S: Sink> Recorder<M> for Recording<S> {
    fn is_on(&self) -> bool {
        !self.sink.is_over()
    }

    fn woke<O: Os>(&mut self, wake: &Wake<'_, O>) {
        self.now = wake.now;
        let mut head = String::new();
        let numbers = [("turn", wake.turn), ("at", wake.now.0)];
        for (key, number) in numbers {
            head.push_str(&format!("\"{key}\":{number},"));
        }
        head.push_str(&format!("\"slept_ms\":{},", wake.now.since(wake.before)));
        let timeout = wake.timeout_ms.map_or("null".to_string(), |ms| ms.to_string());
        head.push_str(&format!("\"timeout_ms\":{timeout},"));
        if wake.is_interrupted {
            head.push_str("\"interrupted\":true,");
        }
        head.push_str("\"ready\":[");
        self.turn.head = head;
        for (source, event) in wake.ready() {
            if !self.is_hidden(source) {
                self.write_ready(source, event);
            }
        }
    }

    fn part(&mut self, part: Part) {
        self.part = part;
    }

    fn step(&mut self, step: LoopStep<'_>) {
        self.write_step(step);
    }

    fn input(&mut self, input: &Input<'_, M::Command>, machine: &M) {
        if self.is_for_viewers(input) {
            return;
        }
        self.write_input(input);
        self.note_deadline(machine.recorded_deadline());
    }

    fn action(&mut self, action: &Action<M::Notice>, actions: &Actions<M::Notice>) {
        self.write_action(action, actions);
    }

    fn host(&mut self, step: HostStep<'_>) {
        self.write_host_step(step);
    }

    fn turn_over<O: Os>(&mut self, state: &LoopState<'_, M, O>) {
        let has_happened =
            self.turn.has_ready || !self.turn.steps.is_empty() || self.is_whole_wanted;
        self.is_whole |= std::mem::take(&mut self.is_whole_wanted);
        if has_happened && self.sink.has_room() {
            let line = self.line(state);
            if self.gap > 0 {
                self.sink.take(format!("{{\"gap\":{}}}\n", self.gap).as_bytes());
            }
            self.sink.take(line.as_bytes());
            (self.gap, self.is_whole) = (0, false);
        } else if has_happened {
            self.gap += 1;
            self.is_whole = true;
        }
        self.forget_turn();
        self.deadline = state.machine.recorded_deadline();
        self.sink.catch_up();
    }
}
