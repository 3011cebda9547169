//! The fault drills: papo as processes, with faults of processes, networks, memory and disks. Each
//! promise has a figure and a bound.
//!
//! `cargo test` runs the short ones, which need no rights. `make drills` runs all of them at full
//! length, best as root; `make drills ONLY=D4,D11` runs some. A drill that cannot run here is SKIPPED,
//! which is not a pass. `PAPO=path` drills another program than the one just built.
//!
//! - [`runner`] starts each drill as a process of its own and cleans up after it; [`figure`] has the
//!   results; [`host`] has the means of this machine.
//! - The parts of drills: [`process`] (papo), [`crowd`] (thousands of clients), [`network`] (hosts
//!   made of namespaces) and `support::pty` (a terminal).
//! - The drills: [`liveness`], [`load`], [`memory`], [`descriptors`], [`strangers`], [`talk`],
//!   [`links`], [`logs`], [`screens`], [`several`]; [`list`] has their numbers, and
//!   [`list_for_root`].
//!
//! `docs/RELIABILITY.md` describes each drill, and has the last results.

#![allow(unreachable_pub, reason = "a test program")]
#![allow(clippy::disallowed_methods, reason = "a real machine wants a real clock")]

mod client;
mod crowd;
mod descriptors;
#[allow(dead_code, reason = "drills use less of it")]
#[path = "../cluster/engine.rs"]
mod engine;
mod figure;
mod host;
mod links;
mod list;
mod list_for_root;
mod liveness;
mod load;
mod logs;
mod memory;
mod network;
mod process;
mod runner;
mod screens;
mod several;
mod strangers;
#[path = "../support/mod.rs"]
mod support;
mod table;
mod talk;

use std::process::ExitCode;

use runner::Drill;
use rustix::process::{Resource, Rlimit};

/// The options of the command line.
#[derive(Default)]
struct Wanted {
    /// All drills, at full length.
    full: bool,
    /// Only these drills. Empty: all.
    only: Vec<String>,
    /// This process runs one drill.
    child: Option<String>,
    /// This process sends requests to this server without a pause.
    loud: Option<String>,
    /// Where to write the figures of all drills, a line of JSON for each.
    json: Option<String>,
    /// Only drills whose number or description has one of these words in it, as for any test.
    filters: Vec<String>,
    /// Only list the drills.
    list: bool,
}

fn main() -> ExitCode {
    let wanted = read_arguments(std::env::args().skip(1));
    raise_descriptor_limit();
    if let Some(server) = wanted.loud {
        strangers::be_loud(server.parse().expect("an address"));
        return ExitCode::SUCCESS;
    }
    if let Some(id) = wanted.child {
        let drill = drills().find(|drill| drill.id == id).expect("a drill of that number");
        return exit_code(runner::run_one(drill, wanted.full));
    }
    let unknown = wanted.only.iter().find(|id| drills().all(|drill| drill.id != **id));
    assert!(unknown.is_none(), "there is no drill {unknown:?}");
    if wanted.list {
        return ExitCode::SUCCESS;
    }
    let drills: Vec<_> = drills().filter(|drill| is_wanted(drill, &wanted)).collect();
    exit_code(runner::run_all(&drills, wanted.full, wanted.json.as_deref()))
}

/// All drills there are.
fn drills() -> impl Iterator<Item = &'static Drill> {
    list::DRILLS.iter().chain(list_for_root::DRILLS)
}

fn is_wanted(drill: &Drill, wanted: &Wanted) -> bool {
    if !wanted.only.is_empty() {
        return wanted.only.iter().any(|id| id == drill.id);
    }
    let has = |word: &String| drill.id == word || drill.what.contains(word.as_str());
    let is_meant = wanted.filters.is_empty() || wanted.filters.iter().any(has);
    is_meant && (wanted.full || drill.needs.quick)
}

fn read_arguments(mut words: impl Iterator<Item = String>) -> Wanted {
    let mut wanted = Wanted::default();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--all" => wanted.full = true,
            "--only" => {
                let ids = words.next().unwrap_or_default();
                wanted.only = ids.split(',').map(|id| id.trim().to_uppercase()).collect();
                wanted.only.retain(|id| !id.is_empty());
            }
            "--child" => wanted.child = words.next(),
            "--loud" => wanted.loud = words.next(),
            "--json" => wanted.json = words.next(),
            "--list" => wanted.list = true,
            // Options with a value, for other test programs.
            "--test-threads" | "--format" | "--skip" | "--color" => drop(words.next()),
            _ if word.starts_with('-') => {}
            _ => wanted.filters.push(word),
        }
    }
    wanted
}

/// A crowd of ten thousand wants as many descriptors.
fn raise_descriptor_limit() {
    let limit = rustix::process::getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    // If this is not allowed, the drill that needs it is skipped.
    let _ = rustix::process::setrlimit(Resource::Nofile, raised);
}

fn exit_code(is_good: bool) -> ExitCode {
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
