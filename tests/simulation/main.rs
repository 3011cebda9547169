//! The deterministic simulator: the program's own event loop and machines in a model of the
//! operating system and the network. One number, the seed, decides everything.
//!
//! One server, two to six peers, and up to eight strangers, which are other clients. The network
//! delays, cuts and loses; processes stop, die and start again. There is no socket, no thread and
//! no clock: a minute takes milliseconds, and the same seed always gives the same run.
//!
//! ```text
//! corpus, workload      what strangers send, what people type
//! cast ─► world ─► faults            the nodes of a seed; what happens; what goes wrong
//!           │
//!         node ─► process            papo::event_loop and its host
//!           │   │
//!     witness   kernel, poller    its machine, with a log; its operating system
//!       │         │
//!     brain     network (segments, link, pipe, agenda)    the machines; a model of TCP
//!           │
//!         watch    reads the logs, and checks the rules
//! ```
//!
//! `cluster` has a world of several servers. [`lone`] has one machine without a world, for a
//! fuzzer.
//!
//! `make sim SEEDS=2000` runs 2,000 seeds. `make sim SEED=17` runs one and prints every step; with
//! `RECORD=FOLDER` it also records the loop of each process. A failure names its seed. [`planted`]
//! bugs show that the watchers notice mistakes. Read next: [`world`], then [`node`], then
//! [`watch`].

#![cfg(feature = "full")]
#![allow(clippy::wildcard_enum_match_arm, reason = "most code here is about a few of all inputs")]

mod any_machine;
mod clock;
#[cfg(test)]
mod cluster;
mod faults;
mod kernel;
mod link;
mod logged;
pub(crate) mod lone;
mod network;
mod node;
mod pipe;
mod planted;
mod poller;
mod process;
mod recorded;
mod rng;
mod runner;
mod schedule;
#[cfg(test)]
#[path = "../recording/schema.rs"]
mod schema;
mod script;
mod segments;
mod setup;
mod strangers;
mod timed_checks;
mod watch;
mod workload;
mod world;

use std::ops::Range;

use planted::PLANTED;
use runner::{Failure, Outcome};
use watch::rule::Rule;

/// The notices of a peer that must be shown in some seed.
const PEER_NOTICES: &str = "\
    AskName BackOnline BadCaller Connected Conversations Ended Fatal NameRefused NeedsServer \
    NoConversation NoServer NoTarget NobodyWrote NotAName NotOnline NotReading NotTalkingTo \
    NotVerified NothingUnread Offline Online ServerSilent Replying Target Text Undelivered \
    Unreachable Welcome WouldBeProtocol Yourself";

/// The test of `make sim`: `SEEDS` seeds, or the one `SEED` with every step printed.
#[test]
fn seeds_hold_every_invariant() {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let (failure, runs) = match seed {
        Some(seed) => (run_one(seed).err(), format!("seed {seed} holds")),
        None => {
            let seeds = seeds();
            let runs = format!("{} seeds hold", seeds.end - seeds.start);
            let failure = runner::first(seeds, |seed| runner::run(seed, None, false).err());
            (failure.map(|(_, failure)| failure), runs)
        }
    };
    match failure {
        Some(failure) => panic!("{}", failure.report),
        None => print(&format!("{runs} {} rules", Rule::ALL.len())),
    }
}

/// Prints every step, and writes a recording of each process into the folder `RECORD`.
fn run_one(seed: u64) -> Result<Outcome, Failure> {
    let Some(folder) = std::env::var_os("RECORD").filter(|folder| !folder.is_empty()) else {
        return runner::run(seed, None, true);
    };
    let (result, files) = runner::record(seed, true);
    recorded::write(&files, folder.as_ref()).expect("the recordings can be written");
    result
}

/// The seeds of `SEEDS`: `2000` is 0 to 1999, and `5000..9000` is a range.
fn seeds() -> Range<u64> {
    let range = |text: String| {
        let (start, end) = text.split_once("..").unwrap_or(("0", &text));
        Some(start.parse().ok()?..end.parse().ok()?)
    };
    std::env::var("SEEDS").ok().and_then(range).unwrap_or(0..300)
}

#[test]
fn the_same_seed_gives_the_same_run() {
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
        assert_eq!(once, runner::run(seed, None, false), "seed {seed} runs as if unrecorded");
        assert_eq!(once, again);
        assert!(files.len() > 2 && files == same, "seed {seed} has other recordings");
        let turns = files.iter().map(|(_, lines)| {
            let text = str::from_utf8(lines).expect("a recording is UTF-8");
            schema::check(text).turns.len()
        });
        assert!(turns.sum::<usize>() > 50, "seed {seed} is recorded");
    }
}

#[test]
fn every_planted_bug_is_found() {
    let broken = |bug, seed| runner::run(seed, Some(bug), false).err()?.rule;
    runner::find_planted(&PLANTED, 0..2_000, broken);
}

#[test]
fn every_watcher_has_a_planted_bug() {
    assert_eq!(Rule::watchers_without(&PLANTED), [] as [&str; 0]);
}

#[test]
fn every_fault_and_notice_happens() {
    let faults = faults::FAULTS.iter().map(|fault| format!("Fault {fault:?}"));
    let server = ["Joined", "Left", "Refused"].map(|notice| format!("Directory {notice}"));
    let peer = PEER_NOTICES.split(' ').map(|notice| format!("Peer {notice}"));
    let events = faults.chain(server).chain(peer).collect();
    let marks = |seed| runner::run(seed, None, false).map_or_else(|_| [].into(), |it| it.marks);
    assert_eq!(runner::missing(events, 0..2_000, marks), [] as [&str; 0], "never happened");
}

#[expect(clippy::print_stderr, reason = "for a person who runs this with --nocapture")]
fn print(line: &str) {
    eprintln!("{line}");
}
