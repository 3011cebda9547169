//! A model of the engine: the documented behaviour of the few commands that the servers use.
//!
//! It has the keys of one directory. The same operations run against this model and against a real
//! engine (`tests/cluster/operations.rs`), so this file imports nothing of the simulator. Read
//! next: `engine.rs`, which gives it connections.

use std::collections::BTreeMap;

use papo::cluster::engine::{SCRIPTS, Script};

/// The engine's clock at the beginning of the world, in milliseconds.
const EPOCH_MS: u64 = 1_800_000_000_000;

/// HSCAN may return any number of fields at once. Here a full read takes so many steps, and the
/// bytes of a name choose its step.
const SCAN_STEPS: u64 = 4;

/// The id of an entry of the stream.
pub(crate) type EntryId = (u64, u64);

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Reply {
    Error(&'static str),
    Number(u64),
    /// `-1`, an answer of scripts.
    Minus,
    Text(String),
    Nothing,
    NoArray,
    Array(Vec<Self>),
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Answer {
    Now(Reply),
    /// XREAD BLOCK found nothing after this entry: the reply waits for so many milliseconds.
    Wait {
        behind: EntryId,
        block_ms: u64,
    },
}

/// Mistakes in the scripts, for tests that plant one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mistakes {
    /// A claim ignores the lease of the owner, and the change is not in the stream.
    pub(crate) gives_twice: bool,
    /// A release is not in the stream.
    pub(crate) hides_releases: bool,
    /// A refused name is answered like a given one.
    pub(crate) hides_refusals: bool,
}

#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct World {
    id: String,
    seq: u64,
    arrival: u64,
}

/// The data of an engine, and its scripts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    pub(crate) mistakes: Mistakes,
    /// The stream keeps at most so many entries, whatever a command says.
    pub(crate) entries_max: Option<usize>,
    loaded: Vec<Script>,
    world: Option<World>,
    names: BTreeMap<String, String>,
    changes: Vec<(EntryId, Vec<String>)>,
    last: EntryId,
    /// Each lease and its end.
    leases: BTreeMap<String, u64>,
    /// The names that were given since the last look, with their values.
    pub(crate) given: Vec<(String, String)>,
    /// The servers that entered without a lease.
    pub(crate) lapsed: Vec<String>,
}

fn id_text((millis, count): EntryId) -> Reply {
    Reply::Text(format!("{millis}-{count}"))
}

fn text(text: &str) -> Reply {
    Reply::Text(text.to_string())
}

impl Model {
    /// The data that a restart keeps: scripts are not saved.
    pub(crate) fn as_kept(&self) -> Self {
        Self { loaded: Vec::new(), given: Vec::new(), lapsed: Vec::new(), ..self.clone() }
    }

    /// FLUSHALL. Scripts stay.
    pub(crate) fn flush(&mut self) {
        let (mistakes, entries_max) = (self.mistakes, self.entries_max);
        let loaded = std::mem::take(&mut self.loaded);
        *self = Self { mistakes, entries_max, loaded, ..Self::default() };
    }

    /// Each name and its value.
    pub(crate) fn names(&self) -> &BTreeMap<String, String> {
        &self.names
    }

    /// Performs one command.
    pub(crate) fn call(&mut self, now_ms: u64, words: &[String]) -> Answer {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let now = EPOCH_MS + now_ms;
        self.leases.retain(|_, end| *end > now);
        Answer::Now(match words[..] {
            ["SCRIPT", "LOAD", script] => self.load(script),
            ["EVALSHA", name, count, ref rest @ ..] => {
                let Some(script) = self.loaded.iter().find(|it| digest(**it) == name) else {
                    return Answer::Now(Reply::Error("NOSCRIPT No matching script."));
                };
                let (keys, arguments) = rest.split_at(count.parse().expect("how many keys"));
                self.run(now, *script, keys, arguments)
            }
            ["PEXPIRE", lease, millis] => match self.leases.get_mut(lease) {
                Some(end) => {
                    *end = now + millis.parse::<u64>().expect("milliseconds");
                    Reply::Number(1)
                }
                None => Reply::Number(0),
            },
            ["MGET", ref leases @ ..] => {
                let value = |it: &&str| {
                    if self.leases.contains_key(*it) { text("papo") } else { Reply::Nothing }
                };
                Reply::Array(leases.iter().map(value).collect())
            }
            ["DEL", lease] => Reply::Number(self.leases.remove(lease).map_or(0, |_| 1)),
            ["XREAD", "COUNT", _, "BLOCK", block_ms, "STREAMS", _, last] => {
                let (millis, count) = last.split_once('-').expect("an id");
                let behind = (millis.parse().expect("its time"), count.parse().expect("its count"));
                return self.read(behind).map_or(
                    Answer::Wait { behind, block_ms: block_ms.parse().expect("milliseconds") },
                    Answer::Now,
                );
            }
            _ => Reply::Error("ERR unknown command"),
        })
    }

    /// The entries after this one, as XREAD returns them. `None`: there are none.
    pub(crate) fn read(&self, behind: EntryId) -> Option<Reply> {
        let is_new = |(id, _): &&(EntryId, Vec<String>)| *id > behind;
        let entry = |(id, fields): &(EntryId, Vec<String>)| {
            let fields = fields.iter().map(|it| text(it)).collect();
            Reply::Array(vec![id_text(*id), Reply::Array(fields)])
        };
        let entries: Vec<_> = self.changes.iter().filter(is_new).take(64).map(entry).collect();
        let stream = || Reply::Array(vec![text("papo:changes"), Reply::Array(entries.clone())]);
        (!entries.is_empty()).then(|| Reply::Array(vec![stream()]))
    }

    fn load(&mut self, source: &str) -> Reply {
        let script = SCRIPTS.into_iter().find(|it| it.text() == source).expect("a script of ours");
        self.loaded.push(script);
        Reply::Text(digest(script))
    }

    fn run(&mut self, now: u64, script: Script, keys: &[&str], arguments: &[&str]) -> Reply {
        match script {
            Script::Enter => self.enter(now, keys[3], arguments),
            Script::Claim => self.claim(now, keys[3], arguments),
            Script::Release => self.release(now, arguments),
            Script::Read => self.scan(arguments[0].parse().expect("a cursor")),
        }
    }

    fn enter(&mut self, now: u64, lease: &str, arguments: &[&str]) -> Reply {
        let fresh = || World { id: arguments[0].to_string(), seq: 0, arrival: 0 };
        let World { id, seq, .. } = self.world.get_or_insert_with(fresh).clone();
        let end = now + arguments[1].parse::<u64>().expect("milliseconds");
        let held = self.leases.insert(lease.to_string(), end).is_some();
        if !held {
            self.lapsed.push(lease.rsplit(':').next().unwrap_or_default().to_string());
        }
        let last = self.changes.last().map_or((0, 0), |(id, _)| *id);
        let held = Reply::Number(held.into());
        Reply::Array(vec![Reply::Text(id), Reply::Text(seq.to_string()), id_text(last), held])
    }

    /// Whether a server may have a name that has this value.
    fn is_free(
        &self,
        value: Option<&str>,
        (me, leases): (&str, &str),
        newcomer: Option<&str>,
    ) -> bool {
        let Some(value) = value else { return true };
        let (owner, _, at) = parts(value);
        if owner == me || newcomer == Some(at) {
            return true;
        }
        self.mistakes.gives_twice || !self.leases.contains_key(&format!("{leases}{owner}"))
    }

    fn claim(&mut self, now: u64, lease: &str, arguments: &[&str]) -> Reply {
        let [epoch, me, leases, kept, quiet, claims @ ..] = arguments else { panic!("a claim") };
        let Some(World { mut arrival, .. }) = self.world.clone() else {
            return Reply::Array(vec![Reply::Minus]);
        };
        if self.is_outside(epoch) || !self.leases.contains_key(lease) {
            return Reply::Array(vec![Reply::Minus]);
        }
        let (mut entry, mut answers) = (Vec::new(), Vec::new());
        for claim in claims.chunks(3) {
            let (name, endpoint, standing) = (claim[0], claim[1], claim[2]);
            let value = self.names.get(name).cloned();
            let newcomer = (standing == "+").then_some(endpoint);
            if !self.is_free(value.as_deref(), (me, leases), newcomer) {
                answers.push(Reply::Number(now * u64::from(self.mistakes.hides_refusals)));
                continue;
            }
            let known = value.as_deref().map(parts).filter(|it| it.2 == endpoint).map(|it| it.1);
            let mut since = standing.parse().unwrap_or(0);
            if since == 0 {
                since = known.and_then(|it| it.parse().ok()).unwrap_or(0);
            }
            if since == 0 {
                arrival = (arrival + 1).max(now * 1_000);
                since = arrival;
            }
            answers.push(Reply::Number(since));
            let new = format!("{me} {since} {endpoint}");
            self.given.push((name.to_string(), new.clone()));
            if value.as_ref() != Some(&new) || *quiet != "1" {
                let is_taken = value.is_some_and(|it| parts(&it).0 != *me);
                self.names.insert(name.to_string(), new);
                if !(is_taken && self.mistakes.gives_twice) {
                    entry.extend(["+".to_string(), format!("{since} {endpoint} {name}")]);
                }
            }
        }
        self.append(now, (me, kept), arrival, entry);
        let seq = self.world.as_ref().map_or(0, |world| world.seq);
        answers.insert(0, Reply::Number(seq));
        Reply::Array(answers)
    }

    fn release(&mut self, now: u64, arguments: &[&str]) -> Reply {
        let [epoch, owner, lease, kept, names @ ..] = arguments else { panic!("a release") };
        let Some(World { seq, arrival, .. }) = self.world.clone() else { return Reply::Minus };
        if self.is_outside(epoch) {
            return Reply::Minus;
        }
        if !lease.is_empty() && self.leases.contains_key(*lease) {
            return Reply::Number(seq);
        }
        let mut entry = Vec::new();
        for name in names {
            let is_its = |value: &String| parts(value).0 == *owner;
            if self.names.get(*name).is_some_and(is_its) {
                self.names.remove(*name);
                entry.extend(["-".to_string(), (*name).to_string()]);
            }
        }
        if self.mistakes.hides_releases {
            entry.clear();
        }
        self.append(now, (owner, kept), arrival, entry);
        Reply::Number(self.world.as_ref().map_or(0, |world| world.seq))
    }

    fn is_outside(&self, epoch: &str) -> bool {
        self.world.as_ref().is_none_or(|world| world.id != epoch)
    }

    /// Appends an entry, if there are changes.
    fn append(
        &mut self,
        now: u64,
        (owner, kept): (&str, &str),
        arrival: u64,
        changes: Vec<String>,
    ) {
        let Some(world) = self.world.as_mut().filter(|_| !changes.is_empty()) else { return };
        world.seq += 1;
        world.arrival = arrival;
        let head = ["e", &world.id, "s", &world.seq.to_string(), "o", owner];
        let fields = head.iter().map(ToString::to_string).chain(changes).collect();
        let next = (self.last.0, self.last.1 + 1);
        self.last = if now > self.last.0 { (now, 0) } else { next };
        self.changes.push((self.last, fields));
        let kept = kept.parse().expect("how many entries are kept");
        let most = self.entries_max.map_or(kept, |most| most.min(kept));
        let surplus = self.changes.len().saturating_sub(most);
        self.changes.drain(..surplus);
    }

    fn scan(&self, cursor: u64) -> Reply {
        let step = |name: &str| name.bytes().map(u64::from).sum::<u64>() % SCAN_STEPS;
        let next = (cursor + 1) % SCAN_STEPS;
        let mut page = vec![Reply::Text(next.to_string())];
        for (name, value) in self.names.iter().filter(|(name, _)| step(name) == cursor) {
            page.extend([text(name), text(value)]);
        }
        Reply::Array(page)
    }
}

/// The owner, the arrival and the endpoint in a value.
pub(crate) fn parts(value: &str) -> (&str, &str, &str) {
    let mut words = value.split(' ');
    let mut word = || words.next().unwrap_or_default();
    (word(), word(), word())
}

/// A different name for each script.
fn digest(script: Script) -> String {
    format!("{:040x}", script as usize + 1)
}

/// Takes the first command out of the received bytes. `None`: it is not complete.
pub(crate) fn take_command(received: &mut Vec<u8>) -> Option<Vec<String>> {
    let (count, mut at) = header(received, 0, b'*')?;
    let mut words = Vec::new();
    for _ in 0..count {
        let (bytes, start) = header(received, at, b'$')?;
        received.get(start..start + bytes + 2)?;
        let word = received[start..start + bytes].to_vec();
        words.push(String::from_utf8(word).expect("our words are UTF-8"));
        at = start + bytes + 2;
    }
    received.drain(..at);
    Some(words)
}

/// The number in a line of this kind, and where the next line begins.
fn header(received: &[u8], at: usize, kind: u8) -> Option<(usize, usize)> {
    let end = at + received[at..].windows(2).position(|it| it == b"\r\n")?;
    assert_eq!(received[at], kind, "a command is an array of strings");
    let number = str::from_utf8(&received[at + 1..end]).ok()?.parse().ok()?;
    Some((number, end + 2))
}

/// Writes a reply in RESP2.
pub(crate) fn write_reply(reply: &Reply, out: &mut Vec<u8>) {
    match reply {
        Reply::Error(words) => out.extend(format!("-{words}\r\n").bytes()),
        Reply::Number(number) => out.extend(format!(":{number}\r\n").bytes()),
        Reply::Minus => out.extend(b":-1\r\n"),
        Reply::Text(text) => out.extend(format!("${}\r\n{text}\r\n", text.len()).bytes()),
        Reply::Nothing => out.extend(b"$-1\r\n"),
        Reply::NoArray => out.extend(b"*-1\r\n"),
        Reply::Array(items) => {
            out.extend(format!("*{}\r\n", items.len()).bytes());
            items.iter().for_each(|item| write_reply(item, out));
        }
    }
}
