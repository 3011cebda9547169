//! The options of a directory. Nothing is decided here.

use super::PER_ADDRESS_MAX;
use crate::wire::KEEP_INTERVAL_MS;
use crate::wire::reply::Edition;

/// The options of a directory.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// How often clients must send KEEP, in milliseconds. A client expires after three times this,
    /// and a new connection has the same time for its USER.
    pub keep_interval_ms: u64,
    /// Most connections at once.
    pub clients_max: usize,
    /// Most connections at once from one address other than loopback.
    pub per_address_max: usize,
    /// The form of the ADDR reply.
    pub edition: Edition,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            keep_interval_ms: KEEP_INTERVAL_MS,
            clients_max: usize::MAX,
            per_address_max: PER_ADDRESS_MAX,
            edition: Edition::default(),
        }
    }
}
