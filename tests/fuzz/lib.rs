//! The functions of the fuzz targets: the oracles, and those of the simulator.

#[allow(dead_code, reason = "the oracles need a part of it")]
#[path = "../support/driver.rs"]
mod driver;
#[path = "oracles/mod.rs"]
mod oracles;
#[allow(dead_code, unused_imports, reason = "most of it is for the simulator's own tests")]
#[path = "../simulation/main.rs"]
mod simulation;

pub use oracles::*;

/// The directory: any inputs, at any time.
pub mod server_ops {
    pub fn check(bytes: &[u8]) {
        crate::simulation::lone::server::check(bytes);
    }
}

/// A peer: any inputs, at any time.
pub mod peer_ops {
    pub fn check(bytes: &[u8]) {
        crate::simulation::lone::peer::check(bytes);
    }
}

/// The simulator's whole world.
pub mod two_cores {
    pub fn check(bytes: &[u8]) {
        crate::simulation::lone::check_world(bytes);
    }
}
