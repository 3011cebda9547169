//! The deterministic simulator: the program's own machines in a world that is made up, from a
//! seed, down to the last segment.
//!
//! One server, two to six people, up to eight strangers; a network that delays, cuts and loses;
//! processes that stop, die and come back. No socket, no thread and no clock: what takes a
//! minute here is over in milliseconds, and the same seed tells the same story for ever.
//!
//! ```text
//! corpus, workload      what strangers say, what people type
//! cast ─► world ─► faults            who takes part; what happens; what goes wrong
//!           │
//!         node    a process: papo::event_loop itself, and its host
//!           │   │
//!     witness   kernel, poller    its machine, with a diary; its operating system
//!       │         │
//!     brain     network (segments, link, pipe, agenda)    the machines; a model of TCP
//!           │
//!         watch    reads all diaries, and knows what should stand there
//! ```
//!
//! `cluster` has a world of several servers. [`lone`] has one machine without a world, for a fuzzer to play with.
//!
//! `make sim SEEDS=2000` runs so many seeds; `make sim SEED=17` runs that one and prints every
//! step, and with `RECORD=FOLDER` records what the loop of each process does. A failure names its seed. That the watchers watch is shown by [`planted`] bugs, each of
//! which must be found; those of the loop itself are patches (`tests/traps`). Read next: [`world`], then
//! [`node`], then [`watch`].

#![cfg(feature = "full")]

mod agenda;
mod brain;
mod cast;
mod clock;
#[cfg(feature = "full")]
mod cluster;
mod corpus;
mod endings;
mod faults;
mod kernel;
mod link;
pub(crate) mod lone;
mod network;
mod node;
mod pipe;
mod planted;
mod poller;
mod recorded;
mod rng;
mod runner;
mod sabotage;
#[cfg(test)]
#[path = "../recording/schema.rs"]
mod schema;
mod script;
mod segments;
mod watch;
mod witness;
mod workload;
mod world;

use std::sync::Mutex;

use planted::{PATCHES, PLANTED};
use watch::rule::Rule;

/// The events that must happen in some seed: every fault, and all that can be shown.
const EVENTS: [&str; 44] = [
    "Fault Stall",
    "Fault Hole",
    "Fault Unplug",
    "Fault Cut",
    "Fault Freeze",
    "Fault Suspend",
    "Fault Nudge",
    "Fault KillServer",
    "Fault KillPeer",
    "Fault Descriptors",
    "Fault Output",
    "Directory Joined",
    "Directory Left",
    "Directory Refused",
    "Peer AskName",
    "Peer BackOnline",
    "Peer BadCaller",
    "Peer Connected",
    "Peer Conversations",
    "Peer Ended",
    "Peer Fatal",
    "Peer NameRefused",
    "Peer NeedsServer",
    "Peer NoConversation",
    "Peer NoServer",
    "Peer NoTarget",
    "Peer NobodyWrote",
    "Peer NotAName",
    "Peer NotOnline",
    "Peer NotReading",
    "Peer NotTalkingTo",
    "Peer NotVerified",
    "Peer NothingUnread",
    "Peer Offline",
    "Peer Online",
    "Peer ServerSilent",
    "Peer Replying",
    "Peer Target",
    "Peer Text",
    "Peer Undelivered",
    "Peer Unreachable",
    "Peer Welcome",
    "Peer WouldBeProtocol",
    "Peer Yourself",
];

/// The test of `make sim`: `SEEDS` seeds, or the one `SEED` with every step printed.
#[test]
fn seeds_hold_every_invariant() {
    let (seed, seeds) = (std::env::var("SEED").ok(), std::env::var("SEEDS").ok());
    let (failure, what) = match seed.and_then(|seed| seed.parse().ok()) {
        Some(seed) => (run_one(seed).err(), format!("seed {seed} holds")),
        None => {
            let seeds = seeds.and_then(|text| range(&text)).unwrap_or(0..300);
            let what = format!("{} seeds hold", seeds.end - seeds.start);
            (runner::first_failure(seeds, None, None), what)
        }
    };
    match failure {
        Some(failure) => panic!("{}", failure.report),
        None => tell(&format!("{what} {} rules", Rule::ALL.len())),
    }
}

/// Prints every step, and writes a recording of each process into the folder `RECORD`.
fn run_one(seed: u64) -> Result<runner::Story, runner::Failure> {
    let Some(folder) = std::env::var_os("RECORD").filter(|folder| !folder.is_empty()) else {
        return runner::run(seed, None, true);
    };
    let (result, files) = runner::record(seed, true);
    recorded::write(&files, folder.as_ref()).expect("the recordings can be written");
    result
}

/// `2000`: so many, from 0. `5000..9000`: these.
fn range(text: &str) -> Option<std::ops::Range<u64>> {
    let (start, end) = text.split_once("..").unwrap_or(("0", text));
    Some(start.parse().ok()?..end.parse().ok()?)
}

#[test]
fn the_same_seed_tells_the_same_story() {
    for seed in 0..50 {
        let (once, again) = (runner::run(seed, None, false), runner::run(seed, None, false));
        assert_eq!(once, again, "seed {seed}");
    }
}

#[test]
fn a_recording_of_a_seed_is_always_the_same_and_changes_nothing() {
    for seed in 0..8 {
        let ((once, files), (again, same)) =
            (runner::record(seed, false), runner::record(seed, false));
        assert_eq!(once, runner::run(seed, None, false), "seed {seed} goes on as if unrecorded");
        assert_eq!(once, again);
        assert!(files.len() > 2 && files == same, "seed {seed} has other recordings");
        let turns = files.iter().map(|(_, lines)| {
            let text = str::from_utf8(lines).expect("a recording is UTF-8");
            schema::check(text).turns.len()
        });
        assert!(turns.sum::<usize>() > 50, "seed {seed} is recorded");
    }
}

/// The watchers do not judge what they cannot see.
#[test]
fn every_planted_bug_is_found() {
    let mut missed = Vec::new();
    for &(bug, rules) in PLANTED {
        for &rule in rules {
            match runner::first_failure(0..2_000, Some(bug), Some(rule)) {
                Some(failure) => tell(&format!("{bug:?}: seed {}, {}", failure.seed, rule.text())),
                None => missed.push((bug, rule)),
            }
        }
    }
    assert_eq!(missed, [], "were planted and not found");
}

#[test]
fn every_rule_has_a_planted_bug_or_a_patch() {
    let traps = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/traps");
    let is_there = |name: &str| traps.join(name).with_extension("patch").is_file();
    let has_bug = |rule: &Rule| {
        PLANTED.iter().any(|(_, rules)| rules.contains(rule))
            || PATCHES.iter().any(|(name, broken)| broken == rule && is_there(name))
            // That one is tested beside its check: what breaks it breaks the expiry first.
            || *rule == Rule::TheDeadAreGone
    };
    let without: Vec<_> = Rule::ALL.iter().filter(|rule| !has_bug(rule)).collect();
    assert_eq!(without, [] as [&Rule; 0]);
}

/// Not only are there rules: what they are about happens as well.
#[test]
fn everything_happens() {
    let missing = Mutex::new(EVENTS.to_vec());
    runner::each(0..2_000, |seed| {
        let Ok(story) = runner::run(seed, None, false) else { return false };
        let mut missing = missing.lock().expect("nobody panics with it");
        missing.retain(|&event| !story.marks.contains(event));
        missing.is_empty()
    });
    let missing = missing.into_inner().expect("nobody panicked with it");
    assert!(missing.is_empty(), "{missing:?} never happened");
}

#[expect(clippy::print_stderr, reason = "shown with --nocapture, to whoever wants to know")]
fn tell(line: &str) {
    eprintln!("{line}");
}
