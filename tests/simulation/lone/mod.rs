//! One machine without a world: any inputs in any order, at any times, read off a tape.
//!
//! No network and no other machine: what no world would bring about comes too, as far as a driver
//! may hand it over at all. The judges are the watchers of the simulator. Called with the bytes
//! of a fuzzer, and with those that it once found worth keeping.

mod cables;
#[cfg(test)]
#[path = "../../fuzz/inputs.rs"]
mod inputs;
pub(crate) mod peer;
pub(crate) mod server;
#[allow(dead_code, unreachable_pub, reason = "shared with the fuzz targets, where it is public")]
#[path = "../../fuzz/oracles/tape.rs"]
mod tape;

use super::rng::Rng;
use super::watch::Violation;
use super::world::World;

/// A whole world whose chances are these bytes.
pub(crate) fn check_world(bytes: &[u8]) {
    let mut world = World::<true>::new(Rng::from_bytes(bytes), None);
    world.watch.trace.is_mute = true;
    world.run();
    if world.watch.violation.is_none() {
        return;
    }
    // The same once more, with its story.
    let mut world = World::<true>::new(Rng::from_bytes(bytes), None);
    world.run();
    let (at, violation) = world.watch.violation.as_ref().expect("the same every time");
    let (rule, last) = (violation.rule.text(), world.watch.trace.last_lines());
    panic!("at {at} ms: {rule}\n  found: {}\n{last}", violation.found);
}

#[track_caller]
fn hold(result: Result<(), Violation>) {
    if let Err(violation) = result {
        panic!("{}\n  found: {}", violation.rule.text(), violation.found);
    }
}

#[test]
fn server_ops() {
    inputs::replay("server_ops", server::check);
}

#[test]
fn peer_ops() {
    inputs::replay("peer_ops", peer::check);
}

#[test]
fn two_cores() {
    inputs::replay("two_cores", check_world);
}
