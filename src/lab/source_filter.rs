//! Which datagrams a service may answer.
//!
//! The source of a datagram is easily forged. One datagram that seems to come from another service,
//! or from the service itself, would make the two answer each other without end. So a service
//! answers neither its own port nor the ports of other services that answer everything. A service
//! on a port of the user's choice looks like a client, but never pauses. So each source gets a
//! limited number of answers a second, and its further datagrams are dropped, which ends a loop.
//! Must not know a socket. Read next: [`super::echo`].

use std::collections::HashMap;
use std::net::SocketAddr;

use crate::machine::Millis;

/// The default ports of services that answer every datagram: echo, upper and daytime.
pub const ANSWERING_PORTS: [u16; 3] = [7007, 12_000, 13_000];

/// Ports below this one belong to services (the echo of RFC 862 has 7, daytime 13). The system
/// gives none of them to a client that does not ask for one.
pub const CLIENT_PORT_MIN: u16 = 1024;

/// Most answers to one source in one second. A loop over loopback or a cable reaches this soon, and
/// a loop over a slow network does no harm.
pub const ANSWERS_PER_SECOND_MAX: u32 = 1_000;

/// Most sources that are counted in one second. Further sources are answered without a count, so an
/// attacker who forges many sources cannot stop the answers to others.
pub const SOURCES_MAX: usize = 1_024;

const SECOND_MS: u64 = 1_000;

/// Decides which datagrams come from clients, and not from services.
#[derive(Clone, Debug, Default)]
pub struct SourceFilter {
    own_port: u16,
    /// When the current second began.
    since: Millis,
    /// How many datagrams each source has sent in it.
    counts: HashMap<SocketAddr, u32>,
}

impl SourceFilter {
    /// The filter of a service on this port.
    #[must_use]
    pub fn new(own_port: u16) -> Self {
        Self { own_port, ..Self::default() }
    }

    /// Whether a datagram from this source may be answered.
    #[must_use]
    pub fn may_answer(&mut self, now: Millis, from: SocketAddr) -> bool {
        let port = from.port();
        let is_service = port < CLIENT_PORT_MIN || port == self.own_port;
        let is_client = !is_service && !ANSWERING_PORTS.contains(&port);
        is_client && self.count(now, from) <= ANSWERS_PER_SECOND_MAX
    }

    /// Counts one more datagram of a source, and returns its count in this second.
    fn count(&mut self, now: Millis, from: SocketAddr) -> u32 {
        if now.since(self.since) >= SECOND_MS {
            self.since = now;
            self.counts.clear();
        }
        if self.counts.len() >= SOURCES_MAX && !self.counts.contains_key(&from) {
            return 0;
        }
        let count = self.counts.entry(from).or_default();
        *count += 1;
        *count
    }
}
