//! Which datagrams a service may answer.
//!
//! The source of a datagram is easily forged. One datagram that seems to come from another service
//! would make the two answer each other for ever, and so would one that seems to come from the
//! service itself. That is why a service answers neither its own port nor the ports where other
//! services live that answer everything. Two services on ports of the user's own choice cannot be
//! told from clients by their ports: but they never pause. So each source has a number of answers
//! for each second, and what it sends beyond that is dropped, which ends a loop. Must not know a
//! socket. Read next: [`super::echo`].

use std::collections::HashMap;
use std::net::SocketAddr;

use crate::machine::Millis;

/// Ports from which datagrams are answered on this host by default: those of echo, upper and
/// daytime.
pub const ANSWERING_PORTS: [u16; 3] = [7007, 12_000, 13_000];

/// Ports below this one belong to services (the echo of RFC 862 has 7, daytime 13), and are never
/// given to a client that did not ask for one.
pub const CLIENT_PORT_MIN: u16 = 1024;

/// Most datagrams of one source that are answered in one second. A loop over loopback or a cable
/// comes to that in a moment, and over a slow network does no harm.
pub const ANSWERS_PER_SECOND_MAX: u32 = 1_000;

/// Most sources that are counted in one second. Beyond them nobody is counted and everybody is
/// answered: strangers who forge many sources must not silence anybody.
pub const SOURCES_MAX: usize = 1_024;

const SECOND_MS: u64 = 1_000;

/// Tells the datagrams of clients from those of other services.
#[derive(Clone, Debug, Default)]
pub struct SourceFilter {
    own_port: u16,
    /// When the second began that is counted.
    since: Millis,
    /// How many datagrams each source has sent in it.
    counts: HashMap<SocketAddr, u32>,
}

impl SourceFilter {
    /// For a service on this port.
    #[must_use]
    pub fn new(own_port: u16) -> Self {
        Self { own_port, ..Self::default() }
    }

    /// Whether a datagram that came from there at `now` may be answered.
    #[must_use]
    pub fn may_answer(&mut self, now: Millis, from: SocketAddr) -> bool {
        let port = from.port();
        let is_service = port < CLIENT_PORT_MIN || port == self.own_port;
        let is_client = !is_service && !ANSWERING_PORTS.contains(&port);
        is_client && self.count(now, from) <= ANSWERS_PER_SECOND_MAX
    }

    /// Counts one more datagram of a source, and says how many there are in this second.
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
