//! Runs seeds, on all cores, and tells of the first that fails.
//!
//! Read next: [`super::world`], what one seed is.

use std::collections::BTreeSet;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::planted::Bug;
use super::rng::Rng;
use super::watch::rule::Rule;
use super::world::World;

/// A seed that broke a rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Failure {
    pub(crate) seed: u64,
    /// `None`: something panicked.
    pub(crate) rule: Option<Rule>,
    /// All that is known about it, for people.
    pub(crate) report: String,
}

/// The summary of a seed that held.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Story {
    pub(crate) hash: u64,
    pub(crate) steps: u64,
    /// The events that happened in it at least once.
    pub(crate) marks: BTreeSet<String>,
}

/// Files by their names.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// Runs one seed. `is_loud`: with every step printed as it happens. In one of four a short read
/// says nothing of what is left.
pub(crate) fn run(seed: u64, bug: Option<Bug>, is_loud: bool) -> Result<Story, Failure> {
    if seed % 4 == 3 {
        run_in(&mut World::<false>::new(Rng::new(seed), bug), seed, is_loud)
    } else {
        run_in(&mut World::<true>::new(Rng::new(seed), bug), seed, is_loud)
    }
}

/// Runs one seed with every process recorded. The recordings are there whatever became of it.
pub(crate) fn record(seed: u64, is_loud: bool) -> (Result<Story, Failure>, Files) {
    fn record_in<const EMPTIES: bool>(seed: u64, is_loud: bool) -> (Result<Story, Failure>, Files) {
        let mut world = World::<EMPTIES>::new(Rng::new(seed), None);
        world.recordings.is_on = true;
        let result = run_in(&mut world, seed, is_loud);
        world.keep_recordings();
        (result, world.recordings.into_files())
    }
    if seed % 4 == 3 { record_in::<false>(seed, is_loud) } else { record_in::<true>(seed, is_loud) }
}

fn run_in<const EMPTIES: bool>(
    world: &mut World<EMPTIES>,
    seed: u64,
    is_loud: bool,
) -> Result<Story, Failure> {
    world.watch.trace.is_loud = is_loud;
    let panicked = catch_unwind(AssertUnwindSafe(|| world.run())).is_err();
    if panicked {
        world.read_diaries();
    }
    let (hash, steps) = (world.watch.trace.hash(), world.watch.trace.steps);
    let (at, rule, found) = match &world.watch.violation {
        Some((at, violation)) => (*at, Some(violation.rule), violation.found.as_str()),
        None if panicked => (world.watch.now, None, "the panic is told above"),
        None => return Ok(Story { hash, steps, marks: world.watch.marks.clone() }),
    };
    let text = rule.map_or("nothing panics", Rule::text);
    let last = world.watch.trace.last_lines();
    let report = format!(
        "SEED={seed} STEP={steps} at {at} ms: {text}\n  found: {found}\n\
         the last steps (time, who, what):\n{last}make sim SEED={seed} replays it\n"
    );
    Err(Failure { seed, rule, report })
}

/// Runs all these seeds, or up to the first that fails, and returns that one. `rule`: only where
/// it is this one that was broken.
pub(crate) fn first_failure(
    seeds: Range<u64>,
    bug: Option<Bug>,
    rule: Option<Rule>,
) -> Option<Failure> {
    let first = Mutex::new(None);
    each(seeds, |seed| {
        let failure = run(seed, bug, false).err();
        let failure = failure.filter(|it| rule.is_none() || it.rule == rule);
        let Some(failure) = failure else { return false };
        keep_lower(&first, failure);
        true
    });
    first.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `work` for these seeds on all cores, until it says for one that this is enough. Lower
/// seeds that are still worked on are finished.
pub(crate) fn each(seeds: Range<u64>, work: impl Fn(u64) -> bool + Sync) {
    let next = AtomicU64::new(seeds.start);
    let end = AtomicU64::new(seeds.end);
    let on_one_core = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end.load(Ordering::Relaxed) {
                return;
            }
            if work(seed) {
                end.fetch_min(seed, Ordering::Relaxed);
            }
        }
    };
    thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..cores {
            scope.spawn(on_one_core);
        }
    });
}

fn keep_lower(first: &Mutex<Option<Failure>>, failure: Failure) {
    let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
    if first.as_ref().is_none_or(|known| failure.seed < known.seed) {
        *first = Some(failure);
    }
}
