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

fn run(seed: u64, bug: Option<Bug>, is_loud: bool) -> World {
    let mut world = World::new(seed, bug, is_loud);
    if catch_unwind(AssertUnwindSafe(|| world.run())).is_err() {
        world.panicked();
    }
    world
}

/// A part of `make sim`: `SEEDS` seeds of several servers, or the seed `CLUSTER` with its trace.
/// With `SEED`, which is a seed of the other world, it does nothing.
#[test]
fn seeds_hold_every_invariant_of_several_servers() {
    let seed = std::env::var("CLUSTER").ok().and_then(|text| text.parse().ok());
    if seed.is_none() && std::env::var_os("SEED").is_some_and(|seed| !seed.is_empty()) {
        return;
    }
    let seeds = seed.map_or_else(super::seeds, |seed| seed..seed + 1);
    let count = seeds.end - seeds.start;
    let failure = runner::first(seeds, |it| {
        let world = run(it, None, seed.is_some());
        world.violation.map(|(rule, found)| (rule, found, world.trace.last_lines()))
    });
    if let Some((seed, (rule, found, last))) = failure {
        panic!("CLUSTER={seed}: {rule:?}: {}\n  found: {found}\n{last}", rule.text());
    }
    super::print(&format!("{count} seeds of several servers hold {} rules", Rule::ALL.len()));
}

#[test]
fn the_same_seed_gives_the_same_run_of_several_servers() {
    for seed in 0..5 {
        let [once, again] = [(); 2].map(|()| run(seed, None, false).trace.hash());
        assert_eq!(once, again, "seed {seed}");
    }
}

#[test]
fn every_planted_bug_of_several_servers_is_found() {
    let broken = |bug, seed| Some(run(seed, Some(bug), false).violation?.0);
    runner::find_planted(&PLANTED, 0..300, broken);
}

#[test]
fn every_watcher_of_several_servers_has_a_planted_bug() {
    assert_eq!(Rule::watchers_without(&PLANTED), [] as [&str; 0]);
}

#[test]
fn every_fault_and_notice_happens_to_several_servers() {
    let faults = world::FAULTS.iter().map(|fault| format!("{fault:?}"));
    let events = faults.chain(NOTICES.map(str::to_string)).collect();
    let missing = runner::missing(events, 0..300, |seed| run(seed, None, false).marks);
    assert_eq!(missing, [] as [&str; 0], "never happened");
}
