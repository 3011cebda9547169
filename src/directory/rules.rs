//! The choices of the person who runs a directory. No decision is taken here.

use super::PER_ADDRESS_MAX;
use crate::wire::KEEP_INTERVAL_MS;
use crate::wire::reply::Edition;

/// The choices of the person who runs a directory.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// How often clients are to say KEEP. Three times this is the expiry, and the time that a
    /// new connection has for its USER.
    pub keep_interval_ms: u64,
    /// Most connections at once.
    pub clients_max: usize,
    /// Most connections at once from one address other than loopback.
    pub per_address_max: usize,
    /// Which form of the ADDR reply to send.
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
