//! Several servers that share names, in the simulated world: the machine of `src/cluster` in the
//! program's own event loop, a model of the engine, and faults between them.
//!
//! A room of its own: it shares the network, the kernel and the clock with the world around it,
//! and no rule. `make sim CLUSTER=17` runs seed 17 alone and prints what happens.
//!
//! | file | about |
//! | --- | --- |
//! | [`model`] | the engine's data: what Redis documents of the commands that are used |
//! | [`host`] | processes; the engine's connections |
//! | [`server`], [`member`] | the two other machines |
//! | [`world`] | who is there, and what goes wrong |
//! | [`rules`], [`watch`] | the rules, and the bugs that are planted; whether the rules hold |

mod host;
mod member;
mod model;
mod rules;
mod server;
mod watch;
mod world;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use crate::runner;
use rules::{Bug, PLANTED, Rule};
use world::World;

/// A seed, the rule that it broke, and how.
type Failure = (u64, Rule, String);

/// Each of these must happen in some seed.
const EVENTS: [&str; 18] = [
    "Partition",
    "Cut",
    "StopServer",
    "StopEngine",
    "KillServer",
    "EndServer",
    "EngineWithData",
    "EngineWithOldData",
    "EngineEmpty",
    "Flush",
    "KillMember",
    "MoveMember",
    "Unclaimed",
    "NameLost",
    "TakenOver",
    "LeaseLost",
    "ServerGone",
    "Down",
];

fn run(seed: u64, bug: Option<Bug>, is_told: bool) -> World {
    let mut world = World::new(seed, bug, is_told);
    if catch_unwind(AssertUnwindSafe(|| world.run())).is_err() {
        world.panicked();
    }
    world
}

/// The first of these seeds in which this rule is broken, or any.
fn first_failure(seeds: Range<u64>, bug: Option<Bug>, rule: Option<Rule>) -> Option<Failure> {
    let first: Mutex<Option<Failure>> = Mutex::new(None);
    runner::each(seeds, |seed| {
        let Some((broken, found)) = run(seed, bug, false).violation else { return false };
        if rule.is_some_and(|rule| rule != broken) {
            return false;
        }
        let mut first = first.lock().expect("nobody panics with it");
        if first.as_ref().is_none_or(|(other, ..)| seed < *other) {
            *first = Some((seed, broken, found));
        }
        true
    });
    first.into_inner().expect("nobody panicked with it")
}

/// `make sim` runs this: `SEEDS` seeds of several servers, or the seed `CLUSTER` with its story.
/// Nothing where one seed of the other world is wanted.
#[test]
fn seeds_hold_every_invariant_of_several_servers() {
    if let Some(seed) = std::env::var("CLUSTER").ok().and_then(|text| text.parse().ok()) {
        let world = run(seed, None, true);
        crate::tell(&world.story);
        assert_eq!(world.violation, None, "seed {seed}");
        return;
    }
    if std::env::var_os("SEED").is_some_and(|seed| !seed.is_empty()) {
        return;
    }
    let seeds = std::env::var("SEEDS").ok().and_then(|text| crate::range(&text));
    let seeds = seeds.unwrap_or(0..300);
    let count = seeds.end - seeds.start;
    if let Some((seed, rule, found)) = first_failure(seeds, None, None) {
        panic!("CLUSTER={seed}: {}\n  found: {found}", rule.text());
    }
    crate::tell(&format!("{count} seeds of several servers hold {} rules", Rule::ALL.len()));
}

#[test]
fn the_same_seed_tells_the_same_story_of_several_servers() {
    for seed in 0..5 {
        assert_eq!(run(seed, None, true).story, run(seed, None, true).story, "seed {seed}");
    }
}

#[test]
fn every_bug_of_several_servers_is_found() {
    let mut missed = Vec::new();
    for &(bug, rule) in PLANTED {
        match first_failure(0..300, Some(bug), Some(rule)) {
            Some((seed, ..)) => crate::tell(&format!("{bug:?}: seed {seed}, {}", rule.text())),
            None => missed.push((bug, rule)),
        }
    }
    assert_eq!(missed, [], "were planted and not found");
    let has_bug = |rule: &Rule| PLANTED.iter().any(|(_, broken)| broken == rule);
    let without: Vec<_> = Rule::ALL.iter().filter(|rule| !has_bug(rule)).collect();
    assert_eq!(without, [] as [&Rule; 0], "rules without a bug");
}

#[test]
fn everything_happens_to_several_servers() {
    let missing = Mutex::new(EVENTS.to_vec());
    runner::each(0..300, |seed| {
        let world = run(seed, None, false);
        let mut missing = missing.lock().expect("nobody panics with it");
        missing.retain(|&event| !world.marks.contains(event));
        missing.is_empty()
    });
    let missing = missing.into_inner().expect("nobody panicked with it");
    assert!(missing.is_empty(), "{missing:?} never happened");
}
