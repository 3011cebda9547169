//! Which datagrams a service may answer.
//!
//! The source of a datagram is easily forged. One datagram that seems to come from another service
//! would make the two answer each other for ever, and so would one that seems to come from the
//! service itself. That is why a service answers neither its own port nor the ports where other
//! services live that answer everything. Two services on ports of the user's own choice cannot be
//! told from clients. Must not know a socket. Read next: [`super::echo`].

use std::net::SocketAddr;

/// Ports from which datagrams are answered on this host by default: those of echo, upper and
/// daytime.
pub const ANSWERING_PORTS: [u16; 3] = [7007, 12_000, 13_000];

/// Ports below this one belong to services (the echo of RFC 862 has 7, daytime 13), and are never
/// given to a client that did not ask for one.
pub const CLIENT_PORT_MIN: u16 = 1024;

/// Tells the datagrams of clients from those of other services.
#[derive(Clone, Copy, Debug, Default)]
pub struct SourceFilter {
    own_port: u16,
}

impl SourceFilter {
    /// For a service on this port.
    #[must_use]
    pub fn new(own_port: u16) -> Self {
        Self { own_port }
    }

    /// Whether a datagram from there may be answered.
    #[must_use]
    pub fn may_answer(self, from: SocketAddr) -> bool {
        let port = from.port();
        port >= CLIENT_PORT_MIN && port != self.own_port && !ANSWERING_PORTS.contains(&port)
    }
}
