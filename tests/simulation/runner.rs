//! Runs seeds on all cores, and returns the lowest that fails.
//!
//! Serves both worlds: [`super::world`], and the one of [`super::cluster`].

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::planted::Bug;
use super::rng::Rng;
use super::watch::rule::Rule;
use super::world::World;

/// A failure of one seed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Failure {
    /// `None`: something panicked.
    pub(crate) rule: Option<Rule>,
    /// The report for people.
    pub(crate) report: String,
}

/// The summary of a seed without a failure.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) hash: u64,
    pub(crate) steps: u64,
    /// The events that happened in it at least once.
    pub(crate) marks: BTreeSet<String>,
}

/// Files by their names.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// Runs one seed. `is_loud`: every step is printed as it happens.
pub(crate) fn run(seed: u64, bug: Option<Bug>, is_loud: bool) -> Result<Outcome, Failure> {
    run_recorded(seed, bug, is_loud, false).0
}

/// Runs one seed with a recording of every process, which is returned for a failure, too.
pub(crate) fn record(seed: u64, is_loud: bool) -> (Result<Outcome, Failure>, Files) {
    run_recorded(seed, None, is_loud, true)
}

/// In one seed of four, a short read does not say that the socket is empty.
fn run_recorded(
    seed: u64,
    bug: Option<Bug>,
    is_loud: bool,
    is_recorded: bool,
) -> (Result<Outcome, Failure>, Files) {
    if seed % 4 == 3 {
        run_in(World::<false>::new(Rng::new(seed), bug), seed, is_loud, is_recorded)
    } else {
        run_in(World::<true>::new(Rng::new(seed), bug), seed, is_loud, is_recorded)
    }
}

fn run_in<const EMPTIES: bool>(
    mut world: World<EMPTIES>,
    seed: u64,
    is_loud: bool,
    is_recorded: bool,
) -> (Result<Outcome, Failure>, Files) {
    world.recordings.is_on = is_recorded;
    world.watch.trace.is_loud = is_loud;
    let has_panicked = catch_unwind(AssertUnwindSafe(|| world.run())).is_err();
    if has_panicked {
        world.read_logs();
    }
    if is_recorded {
        world.keep_recordings();
    }
    (result(&world, seed, has_panicked), world.recordings.into_files())
}

fn result<const EMPTIES: bool>(
    world: &World<EMPTIES>,
    seed: u64,
    has_panicked: bool,
) -> Result<Outcome, Failure> {
    let watch = &world.watch;
    let (hash, steps) = (watch.trace.hash(), watch.trace.steps);
    let (rule, violation) = match &watch.violation {
        Some(broken) => (Some(broken.1.rule), watch.report()),
        None if has_panicked => (None, watch.report()),
        None => return Ok(Outcome { hash, steps, marks: watch.marks.clone() }),
    };
    let report = format!("SEED={seed} STEP={steps} {violation}make sim SEED={seed} replays it\n");
    Err(Failure { rule, report })
}

/// The lowest of these seeds in which `work` finds something, and what that is.
pub(crate) fn first<T: Send>(
    seeds: Range<u64>,
    work: impl Fn(u64) -> Option<T> + Sync,
) -> Option<(u64, T)> {
    let first: Mutex<Option<(u64, T)>> = Mutex::new(None);
    each(seeds, |seed| {
        let Some(found) = work(seed) else { return false };
        let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
        if first.as_ref().is_none_or(|(lowest, _)| seed < *lowest) {
            *first = Some((seed, found));
        }
        true
    });
    first.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Looks for each planted bug, and prints the first seed in which its rule is broken. `broken`: the
/// rule that a bug breaks in a seed.
pub(crate) fn find_planted<B, R>(
    planted: &[(B, R)],
    seeds: Range<u64>,
    broken: impl Fn(B, u64) -> Option<R> + Sync,
) where
    B: Copy + Debug + PartialEq + Sync,
    R: Copy + Debug + PartialEq + Send + Sync,
{
    let mut missed = Vec::new();
    for &(bug, rule) in planted {
        match first(seeds.clone(), |seed| broken(bug, seed).filter(|it| *it == rule)) {
            Some((seed, _)) => super::print(&format!("{bug:?}: seed {seed} breaks {rule:?}")),
            None => missed.push((bug, rule)),
        }
    }
    assert_eq!(missed, [], "were planted and not found");
}

/// Those of `events` that happen in none of these seeds. `marks`: the events of one seed.
pub(crate) fn missing(
    events: Vec<String>,
    seeds: Range<u64>,
    marks: impl Fn(u64) -> BTreeSet<String> + Sync,
) -> Vec<String> {
    let missing = Mutex::new(events);
    each(seeds, |seed| {
        let marks = marks(seed);
        let mut missing = missing.lock().unwrap_or_else(PoisonError::into_inner);
        missing.retain(|event| !marks.contains(event));
        missing.is_empty()
    });
    missing.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `work` for these seeds on all cores, until it returns true for one. Lower seeds that were
/// begun are finished.
fn each(seeds: Range<u64>, work: impl Fn(u64) -> bool + Sync) {
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
