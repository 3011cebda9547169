//! The servers that a peer may register with: which address is tried next, and how long the pause
//! before it is.
//!
//! A server has one address or several, and its name may lead to others later. A server whose name
//! has not been looked up yet has none. Must never know a clock or a connection. Read next:
//! [`super::registration`], which dials the addresses.

use std::net::SocketAddr;

use crate::random::Random;

/// The first pause before another attempt, in milliseconds. It doubles up to the longest, and
/// is spread by half of itself both ways: ten thousand peers must not come back at once.
pub(super) const RETRY_FIRST_MS: u64 = 250;

/// The longest pause before another attempt, in milliseconds.
pub const RETRY_LONGEST_MS: u64 = 5_000;

/// All addresses of all servers, in the order of the attempts.
#[derive(Debug)]
pub(super) struct Servers {
    places: Vec<ServerPlace>,
    /// The place that is tried, or at which we are registered.
    at: usize,
    /// How many places were tried or passed over since the last pause.
    tried: usize,
    /// The result of the last lookup of the names, until it is used.
    found: Option<Vec<ServerPlace>>,
    /// The next pause, before it is spread.
    pause_ms: u64,
    random: Random,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct ServerPlace {
    /// The number of the server in the person's list.
    server: usize,
    address: SocketAddr,
}

impl Servers {
    /// Begins with the first address of the first server. `seed` spreads the pauses.
    pub(super) fn new(servers: &[Vec<SocketAddr>], seed: u64) -> Self {
        let servers = servers.iter().enumerate();
        let places = servers.flat_map(|(server, addresses)| places_of(server, addresses)).collect();
        Self {
            places,
            at: 0,
            tried: 0,
            found: None,
            pause_ms: RETRY_FIRST_MS,
            random: Random::new(seed),
        }
    }

    /// Whether any address is known.
    pub(super) fn has_address(&self) -> bool {
        !self.places.is_empty()
    }

    /// Stores the result of a lookup. A server without addresses in it keeps those that it had.
    pub(super) fn note_found(&mut self, servers: &[Vec<SocketAddr>]) {
        let places_of = |(server, addresses): (usize, &Vec<SocketAddr>)| {
            let known = self.places.iter().filter(move |it| it.server == server).copied();
            let found = places_of(server, addresses);
            if addresses.is_empty() { known.collect() } else { found.collect::<Vec<_>>() }
        };
        self.found = Some(servers.iter().enumerate().flat_map(places_of).collect());
    }

    /// Uses the result of the last lookup, if there is one. Called before a dial only, because
    /// [`Servers::address`] must not change while we are registered there. The next place stays the
    /// same, or becomes the first of its server.
    pub(super) fn use_found(&mut self) {
        let Some(found) = self.found.take() else { return };
        let next = self.places.get(self.at).copied();
        let is_next = |it: &ServerPlace| Some(*it) == next;
        let is_of_next = |it: &ServerPlace| next.is_some_and(|next| it.server == next.server);
        let at = found.iter().position(is_next).or_else(|| found.iter().position(is_of_next));
        (self.places, self.at) = (found, at.unwrap_or(0));
    }

    /// The address to dial, or at which we are registered.
    ///
    /// # Panics
    ///
    /// If no address is known.
    pub(super) fn address(&self) -> SocketAddr {
        self.places[self.at].address
    }

    /// Whether there is more than one place.
    pub(super) fn has_others(&self) -> bool {
        self.places.len() > 1
    }

    /// The first address of each server, for a person to read.
    pub(super) fn names(&self) -> Vec<SocketAddr> {
        let mut firsts = self.places.clone();
        firsts.dedup_by_key(|place| place.server);
        firsts.into_iter().map(|place| place.address).collect()
    }

    /// A connection has held: each place is tried again before the next pause, which is short.
    pub(super) fn note_held(&mut self) {
        self.tried = 0;
        self.pause_ms = RETRY_FIRST_MS;
    }

    /// How long to pause before the next attempt, in milliseconds.
    pub(super) fn next_pause_ms(&mut self) -> u64 {
        let spread_ms = self.random.next_number() % self.pause_ms;
        let pause_ms = self.pause_ms / 2 + spread_ms;
        self.pause_ms = (self.pause_ms * 2).min(RETRY_LONGEST_MS);
        pause_ms
    }

    /// The dial failed: goes to the next address. True: each was tried, so a pause is due.
    pub(super) fn leave_address(&mut self) -> bool {
        self.go(1)
    }

    /// The server was reached and is lost: goes to the next server, past the other addresses of
    /// this one. The only server is tried again at the same address. True: each was tried, so a
    /// pause is due.
    pub(super) fn leave_server(&mut self) -> bool {
        let server = self.places[self.at].server;
        let behind = self.places.iter().cycle().skip(self.at).take(self.places.len());
        let other = behind.into_iter().position(|place| place.server != server);
        self.go(other.unwrap_or(self.places.len()))
    }

    fn go(&mut self, steps: usize) -> bool {
        self.at = (self.at + steps) % self.places.len();
        self.tried += steps;
        let is_round_over = self.tried >= self.places.len();
        if is_round_over {
            self.tried = 0;
        }
        is_round_over
    }
}

fn places_of(server: usize, addresses: &[SocketAddr]) -> impl Iterator<Item = ServerPlace> {
    addresses.iter().map(move |&address| ServerPlace { server, address })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn servers(texts: &[&[&str]]) -> Servers {
        Servers::new(&addresses(texts), 1)
    }

    fn addresses(texts: &[&[&str]]) -> Vec<Vec<SocketAddr>> {
        let address = |text: &&str| text.parse().expect("an address");
        texts.iter().map(|of_one| of_one.iter().map(address).collect()).collect()
    }

    #[test]
    fn a_pause_is_due_behind_the_last_address_of_the_last_server() {
        let mut three = servers(&[&["10.0.0.1:1", "10.0.0.1:2"], &["10.0.0.2:1"]]);
        let round = [("10.0.0.1:2", false), ("10.0.0.2:1", false), ("10.0.0.1:1", true)];
        for (next, is_over) in round.into_iter().chain(round) {
            assert_eq!(three.leave_address(), is_over, "{next}");
            assert_eq!(three.address().to_string(), next);
        }
    }

    #[test]
    fn all_addresses_of_a_lost_server_are_passed_over() {
        let mut three = servers(&[&["10.0.0.1:1", "10.0.0.1:2"], &["10.0.0.2:1"]]);
        assert!(!three.leave_server());
        assert_eq!(three.address().to_string(), "10.0.0.2:1");
        assert!(three.leave_server(), "both were tried");
        assert_eq!(three.address().to_string(), "10.0.0.1:1");
    }

    #[test]
    fn the_only_server_is_tried_again_at_the_same_address() {
        let mut one = servers(&[&["10.0.0.1:1", "[::1]:1"]]);
        assert!(!one.leave_address());
        assert!(one.leave_server());
        assert_eq!(one.address().to_string(), "[::1]:1");
    }

    #[test]
    fn each_server_is_named_by_its_first_address() {
        let three = servers(&[&["10.0.0.1:1", "10.0.0.1:2"], &["10.0.0.2:1"]]);
        assert_eq!(three.names().iter().map(SocketAddr::port).collect::<Vec<_>>(), [1, 1]);
    }

    #[test]
    fn the_result_of_a_lookup_is_used_at_the_next_dial() {
        let mut two = servers(&[&["10.0.0.1:1", "10.0.0.2:1"], &["10.0.0.3:1"]]);
        two.leave_address();
        two.note_found(&addresses(&[&["10.0.0.9:1", "10.0.0.2:1"], &["10.0.0.4:1"]]));
        assert_eq!(two.address().to_string(), "10.0.0.2:1");
        two.use_found();
        assert_eq!(two.address().to_string(), "10.0.0.2:1", "it is still there");
        two.leave_address();
        assert_eq!(two.address().to_string(), "10.0.0.4:1");
        two.note_found(&addresses(&[&["10.0.0.9:1"], &["10.0.0.5:1", "10.0.0.6:1"]]));
        two.use_found();
        assert_eq!(two.address().to_string(), "10.0.0.5:1", "the first of the same server");
    }

    #[test]
    fn a_server_that_a_lookup_does_not_find_keeps_its_addresses() {
        let mut two = servers(&[&["10.0.0.1:1"], &[]]);
        assert!(!two.has_others());
        two.note_found(&addresses(&[&[], &["10.0.0.2:1"]]));
        two.use_found();
        let names = two.names();
        assert_eq!(names, ["10.0.0.1:1", "10.0.0.2:1"].map(|it| it.parse().expect("an address")));
        let mut none = servers(&[&[]]);
        none.note_found(&addresses(&[&[]]));
        none.use_found();
        assert!(!none.has_address());
    }
}
