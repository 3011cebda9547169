//! Several servers that share names, in the simulated world: the machine of `src/cluster` in the
//! program's own event loop, a model of the engine, and faults between them.
//!
//! It shares the network, the kernel, the clock and the runner with the world of one server, and
//! no rule. `make sim CLUSTER=17` runs seed 17 alone and prints what happens.
//!
//! | file | about |
//! | --- | --- |
//! | [`model`] | the engine's data: what Redis documents of the commands that are used |
//! | [`engine`] | the engine's process and its connections |
//! | [`server`], [`member`] | the two other machines |
//! | [`world`] | the processes of a seed, and their faults |
//! | [`rules`], [`watch`] | the rules and the planted bugs; the checks of the rules |

mod engine;
mod member;
mod model;
mod rules;
mod server;
mod watch;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::runner;
use rules::{Bug, PLANTED, Rule};
use world::World;

/// The notices that must be shown in some seed.
const NOTICES: [&str; 6] =
    ["Unclaimed", "NameLost", "TakenOver", "LeaseLost", "ServerGone", "Down"];

fn run(seed: u64, bug: Option<Bug>, is_told: bool) -> World {
    let mut world = World::new(seed, bug, is_told);
    if catch_unwind(AssertUnwindSafe(|| world.run())).is_err() {
        world.panicked();
    }
    world
}

/// A part of `make sim`: `SEEDS` seeds of several servers, or the seed `CLUSTER` with its story.
/// With `SEED`, which is a seed of the other world, it does nothing.
#[test]
fn seeds_hold_every_invariant_of_several_servers() {
    if let Some(seed) = std::env::var("CLUSTER").ok().and_then(|text| text.parse().ok()) {
        let world = run(seed, None, true);
        super::print(&world.story);
        assert_eq!(world.violation, None, "seed {seed}");
        return;
    }
    if std::env::var_os("SEED").is_some_and(|seed| !seed.is_empty()) {
        return;
    }
    let seeds = super::seeds();
    let count = seeds.end - seeds.start;
    if let Some((seed, (rule, found))) =
        runner::first(seeds, |seed| run(seed, None, false).violation)
    {
        panic!("CLUSTER={seed}: {}\n  found: {found}", rule.text());
    }
    super::print(&format!("{count} seeds of several servers hold {} rules", Rule::ALL.len()));
}

#[test]
fn the_same_seed_gives_the_same_run_of_several_servers() {
    for seed in 0..5 {
        assert_eq!(run(seed, None, true).story, run(seed, None, true).story, "seed {seed}");
    }
}

#[test]
fn every_planted_bug_of_several_servers_is_found() {
    let mut missed = Vec::new();
    for (bug, rule) in PLANTED {
        let found = runner::first(0..300, |seed| {
            run(seed, Some(bug), false).violation.filter(|(broken, _)| *broken == rule)
        });
        match found {
            Some((seed, _)) => {
                super::print(&format!("{bug:?}: seed {seed}, {rule:?}: {}", rule.text()));
            }
            None => missed.push((bug, rule)),
        }
    }
    assert_eq!(missed, [], "were planted and not found");
}

#[test]
fn every_watcher_of_several_servers_has_a_planted_bug() {
    let has_bug = |watcher: &str| PLANTED.iter().any(|(_, rule)| rule.watcher() == watcher);
    let without: Vec<_> = Rule::WATCHERS.iter().filter(|watcher| !has_bug(watcher)).collect();
    assert_eq!(without, [] as [&&str; 0]);
}

#[test]
fn every_fault_and_notice_happens_to_several_servers() {
    let faults = world::FAULTS.iter().map(|fault| format!("{fault:?}"));
    let events = faults.chain(NOTICES.map(str::to_string)).collect();
    let missing = runner::missing(events, 0..300, |seed| run(seed, None, false).marks);
    assert_eq!(missing, [] as [&str; 0], "never happened");
}
