//! One machine without a world: any inputs in any order, at any time, chosen by a tape of bytes.
//!
//! There is no network and no other machine, so inputs come that no world produces, as long as a
//! loop could hand them over. The watchers of the simulator judge. A fuzzer chooses the bytes, and
//! the tests replay those that it once found worth keeping.
//!
//! | file | about |
//! | --- | --- |
//! | [`driver`] | a machine and its connections, for one machine of either kind |
//! | [`server`], [`peer`] | what happens to a directory, and to a peer: one step for each byte |

mod driver;
#[cfg(test)]
#[path = "../../fuzz/inputs.rs"]
mod inputs;
pub(crate) mod peer;
pub(crate) mod server;
#[allow(dead_code, unreachable_pub, reason = "shared with the fuzz targets, where it is public")]
#[path = "../../fuzz/oracles/tape.rs"]
mod tape;

use super::rng::Rng;
use super::world::World;

/// A whole world whose random choices are these bytes.
pub(crate) fn check_world(bytes: &[u8]) {
    let run = |is_mute| {
        let mut world = World::<true>::new(Rng::from_bytes(bytes), None);
        world.watch.trace.is_mute = is_mute;
        world.run();
        world.watch
    };
    if run(true).violation.is_some() {
        // The same once more, with its trace.
        run(false).assert_unbroken();
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
