//! The schema of docs/RECORDING.md as a check of each line of a recording, and of the state that its
//! lines describe together.

#![allow(dead_code, reason = "two test programs use this, each its own part")]

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tinyjson::JsonValue;

/// An object of JSON.
pub(crate) type Object = HashMap<String, JsonValue>;

/// The keys that an object must have, and the keys that it may have.
type Keys = (&'static [&'static str], &'static [&'static str]);

const HEADER: Keys =
    (&["papo", "version", "program", "process", "pid", "unix_ms", "listening"], &[]);

const TURN: Keys = (
    &["turn", "at", "slept_ms", "timeout_ms", "ready", "steps", "after"],
    &["interrupted", "steps_left_out", "whole", "state"],
);

const READY: [(&str, Keys); 4] = [
    ("conn", (&["source", "conn", "can"], &[])),
    ("listener", (&["source", "listener", "can"], &[])),
    ("datagrams", (&["source", "can"], &[])),
    ("host", (&["source", "token", "can"], &[])),
];

/// By `do`, and for actions and inputs by their own names.
pub(crate) const STEPS: &[(&str, Keys)] = &[
    ("accept", (&["conn", "listener", "from"], &["own"])),
    ("dialed", (&["dial"], &["conn", "other", "own", "error"])),
    ("line", (&["conn", "bytes", "count", "end", "left", "left_count"], &["cut"])),
    ("pending", (&["conn", "bytes", "count"], &["cut"])),
    ("bytes", (&["conn", "bytes", "count"], &["cut"])),
    ("datagram", (&["from", "bytes", "count"], &["cut"])),
    ("tick", (&["due"], &[])),
    ("closed", (&["conn", "reason"], &[])),
    ("read", (&["conn"], &["bytes", "count", "cut", "room", "end", "error"])),
    ("write", (&["conn", "bytes", "count"], &["cut", "taken", "backlog", "error"])),
    ("put back", (&["conn", "bytes", "count"], &["cut"])),
    ("deadline", (&["was", "is"], &[])),
    ("notice", (&["text"], &[])),
    ("key", (&["bytes", "count"], &["cut"])),
    ("typed", (&["text"], &[])),
    ("screen", (&["text"], &[])),
    ("input end of stream", (&["input", "conn"], &[])),
    ("input drained", (&["input", "conn"], &[])),
    ("input backlog", (&["input", "conn", "backlog"], &[])),
    ("input command", (&["input"], &[])),
    ("input stop", (&["input"], &[])),
    ("input report", (&["input"], &[])),
    ("input output full", (&["input", "full"], &[])),
    ("action send", (&["action", "conn", "bytes", "count"], &["cut"])),
    ("action send shared", (&["action", "conn", "bytes", "count"], &["cut"])),
    ("action send to", (&["action", "to", "bytes", "count"], &["cut"])),
    ("action end line", (&["action", "conn"], &[])),
    ("action await drain", (&["action", "conn"], &[])),
    ("action cut lines", (&["action", "conn"], &[])),
    ("action pause", (&["action", "conn"], &[])),
    ("action resume", (&["action", "conn"], &[])),
    ("action half close", (&["action", "conn"], &[])),
    ("action close", (&["action", "conn"], &[])),
    ("action abort", (&["action", "conn"], &[])),
    ("action dial", (&["action", "dial", "to"], &[])),
    ("action abandon", (&["action", "dial"], &[])),
    ("action show", (&["action"], &[])),
    ("action exit", (&["action", "status"], &[])),
];

const AFTER: Keys = (&["deadline", "pending_reads", "connections"], &[]);

const CONNECTION: Keys = (
    &["conn", "state", "held", "held_count", "waiting", "backlog"],
    &["other", "own", "cut", "paused", "throttled"],
);

const STATE: Keys = (&[], &["online", "offline", "armed", "disarmed"]);

const ONLINE: Keys = (&["conn", "name", "address", "heard_at", "expires_at"], &[]);

const TIMER_KEY: Keys = (&["conn", "at"], &[]);

/// The possible values of a key.
pub(crate) const WORDS: [(&str, &[&str]); 4] = [
    ("in", &["left over", "serve", "tick", "settle", "host"]),
    ("end", &["crlf", "lf", "cut", "rest"]),
    ("state", &["dialing", "open", "broken", "ended", "closing"]),
    ("can", &["read", "write", "read end", "write end", "error", "urgent"]),
];

/// A recording that keeps the schema.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    /// The process of the header.
    pub(crate) process: String,
    /// Each turn, in order.
    pub(crate) turns: Vec<Object>,
    /// How many turns are missing, in all.
    pub(crate) gaps: u64,
    /// The clients online at its end, by their connections.
    pub(crate) online: BTreeMap<String, String>,
    /// All clients that were ever online.
    pub(crate) have_been_online: BTreeSet<String>,
    /// The keys in the timer wheel when it ends.
    pub(crate) armed: BTreeSet<(String, u64)>,
    is_behind_gap: bool,
}

/// Checks all lines.
///
/// # Panics
///
/// With the first line that breaks the schema.
pub(crate) fn check(recording: &str) -> Checked {
    let mut checked = Checked::default();
    assert!(recording.ends_with('\n'), "the last line has an end: {recording}");
    for (number, line) in recording.lines().enumerate() {
        let value: JsonValue =
            line.parse().unwrap_or_else(|error| panic!("line {}: {error}: {line}", number + 1));
        let object: &Object = value.get().unwrap_or_else(|| panic!("no object: {line}"));
        if number == 0 {
            checked.check_header(object);
        } else if object.contains_key("gap") {
            expect_keys(object, (&["gap"], &[]));
            checked.gaps += count_of(object, "gap");
            checked.is_behind_gap = true;
        } else {
            checked.check_turn(object);
        }
    }
    checked
}

impl Checked {
    /// All steps of all turns with this `do`, or with this action or input.
    pub(crate) fn steps(&self, what: &str) -> Vec<Object> {
        let all = self.turns.iter().flat_map(|turn| objects(turn, "steps"));
        all.filter(|step| kind(step) == what).cloned().collect()
    }

    fn check_header(&mut self, header: &Object) {
        expect_keys(header, HEADER);
        assert_eq!((text(header, "papo"), count_of(header, "version")), ("recording", 1));
        self.process = text(header, "process").to_string();
    }

    fn check_turn(&mut self, turn: &Object) {
        expect_keys(turn, TURN);
        let order = |turn: &Object| (count_of(turn, "turn"), count_of(turn, "at"));
        if let Some(last) = self.turns.last().map(order) {
            assert!(order(turn).0 > last.0 && order(turn).1 >= last.1, "in order: {turn:?}");
        }
        assert_eq!(turn.contains_key("whole"), self.is_behind_gap, "whole behind a gap: {turn:?}");
        self.is_behind_gap = false;
        objects(turn, "ready").for_each(check_ready);
        objects(turn, "steps").for_each(check_step);
        let after: &Object = turn["after"].get().expect("an object");
        expect_keys(after, AFTER);
        for connection in objects(after, "connections") {
            expect_keys(connection, CONNECTION);
            expect_word("state", text(connection, "state"));
        }
        if turn.contains_key("whole") {
            self.online.clear();
            self.armed.clear();
        }
        if let Some(state) = turn.get("state") {
            self.check_state(state.get().expect("an object"));
        }
        let bytes = objects(turn, "steps").filter(|step| step.contains_key("bytes"));
        bytes.for_each(|step| drop(unescaped(text(step, "bytes"))));
        self.turns.push(turn.clone());
    }

    /// A state can only remove what it has, and only add what it does not have.
    fn check_state(&mut self, state: &Object) {
        expect_keys(state, STATE);
        for person in objects(state, "online") {
            expect_keys(person, ONLINE);
            self.online.insert(text(person, "conn").into(), text(person, "name").into());
            self.have_been_online.insert(text(person, "name").into());
        }
        for gone in list(state, "offline") {
            let conn: &String = gone.get().expect("a connection");
            assert!(self.online.remove(conn).is_some(), "{conn} was online");
        }
        let key = |key: &Object| {
            expect_keys(key, TIMER_KEY);
            (text(key, "conn").to_string(), count_of(key, "at"))
        };
        for disarmed in objects(state, "disarmed").map(key) {
            assert!(self.armed.remove(&disarmed), "{disarmed:?} was armed");
        }
        for armed in objects(state, "armed").map(key) {
            assert!(self.armed.insert(armed.clone()), "{armed:?} was not armed");
        }
    }
}

fn check_ready(ready: &Object) {
    let source = text(ready, "source");
    let (_, keys) = READY.iter().find(|(name, _)| *name == source).expect("a known source");
    expect_keys(ready, *keys);
    for word in list(ready, "can") {
        expect_word("can", word.get::<String>().expect("a word"));
    }
}

fn check_step(step: &Object) {
    let kind = kind(step);
    let (_, (needed, possible)) =
        STEPS.iter().find(|(name, _)| *name == kind).unwrap_or_else(|| panic!("unknown: {step:?}"));
    let needed = [*needed, &["in", "do"]].concat();
    expect_all(step, &needed, possible);
    expect_word("in", text(step, "in"));
    if kind == "line" {
        expect_word("end", text(step, "end"));
    }
    if kind == "write" && !step.contains_key("error") {
        let [count, taken, backlog] = ["count", "taken", "backlog"].map(|key| count_of(step, key));
        assert_eq!(count, taken + backlog, "{step:?}");
    }
}

/// `do`; for an action and an input with its own name.
fn kind(step: &Object) -> String {
    let what = text(step, "do");
    let of_its_own = step.get("action").or_else(|| step.get("input"));
    of_its_own
        .map_or(what.to_string(), |it| format!("{what} {}", it.get::<String>().expect("a word")))
}

fn expect_word(key: &str, word: &str) {
    let (_, words) = WORDS.iter().find(|(name, _)| *name == key).expect("a known key");
    assert!(words.contains(&word), "{key}: {word}");
}

fn expect_keys(object: &Object, (needed, possible): Keys) {
    expect_all(object, needed, possible);
}

#[allow(clippy::disallowed_methods, reason = "any key that is wrong will do")]
fn expect_all(object: &Object, needed: &[&str], possible: &[&str]) {
    for key in needed {
        assert!(object.contains_key(*key), "{key} is missing in {object:?}");
    }
    for key in object.keys().map(String::as_str) {
        assert!(needed.contains(&key) || possible.contains(&key), "{key} is new in {object:?}");
    }
}

fn list<'a>(object: &'a Object, key: &str) -> impl Iterator<Item = &'a JsonValue> {
    let list = object.get(key).map(|it| it.get::<Vec<JsonValue>>().expect("a list"));
    list.into_iter().flatten()
}

fn objects<'a>(object: &'a Object, key: &str) -> impl Iterator<Item = &'a Object> {
    list(object, key).map(|it| it.get().expect("an object"))
}

/// The text under a key.
pub(crate) fn text<'a>(object: &'a Object, key: &str) -> &'a str {
    object[key].get::<String>().unwrap_or_else(|| panic!("{key} is no text in {object:?}"))
}

/// The number under a key.
pub(crate) fn count_of(object: &Object, key: &str) -> u64 {
    *object[key].get::<f64>().unwrap_or_else(|| panic!("{key} is no number in {object:?}")) as u64
}

/// The bytes of an escaped text.
///
/// # Panics
///
/// With an escape that the schema does not have.
pub(crate) fn unescaped(text: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), text);
    while let Some((plain, escape)) = rest.split_once('\\') {
        bytes.extend_from_slice(plain.as_bytes());
        let (byte, length) = match escape.as_bytes() {
            [b'r', ..] => (b'\r', 1),
            [b'n', ..] => (b'\n', 1),
            [b't', ..] => (b'\t', 1),
            [b'\\', ..] => (b'\\', 1),
            [b'x', ..] => {
                (u8::from_str_radix(&escape[1..3], 16).expect("two hexadecimal digits"), 3)
            }
            _ => panic!("an unknown escape: {escape}"),
        };
        bytes.push(byte);
        rest = &escape[length..];
    }
    assert!(!rest.contains(char::is_control), "control characters are escaped: {text:?}");
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}
