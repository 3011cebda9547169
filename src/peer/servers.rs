//! The servers that a peer may register with, and which of them is tried next.
//!
//! Each server has one address or several: a name may have many. Knows no time and no connection.
//! Read next: [`super::registration`], which dials them.

use std::net::SocketAddr;

/// All addresses of all servers, in the order in which they are tried.
#[derive(Debug)]
pub(super) struct Servers {
    places: Vec<ServerPlace>,
    /// Which place is tried, or has us.
    at: usize,
    /// How many places were tried, or passed over, since the last pause.
    tried: usize,
}

#[derive(Clone, Copy, Debug)]
struct ServerPlace {
    /// The number of the server in the person's list.
    server: usize,
    address: SocketAddr,
}

impl Servers {
    /// Begins with the first address of the first server. There is at least one.
    pub(super) fn new(servers: &[Vec<SocketAddr>]) -> Self {
        let places_of = |(server, addresses): (usize, &Vec<SocketAddr>)| {
            let place = move |&address| ServerPlace { server, address };
            addresses.iter().map(place).collect::<Vec<_>>()
        };
        let places: Vec<_> = servers.iter().enumerate().flat_map(places_of).collect();
        assert!(!places.is_empty(), "a peer has a server to register with");
        Self { places, at: 0, tried: 0 }
    }

    /// Where to dial, or where we are registered.
    pub(super) fn address(&self) -> SocketAddr {
        self.places[self.at].address
    }

    /// Whether there is more than one place to try.
    pub(super) fn has_others(&self) -> bool {
        self.places.len() > 1
    }

    /// The first address of each server, for a person to read.
    pub(super) fn names(&self) -> Vec<SocketAddr> {
        let mut firsts = self.places.clone();
        firsts.dedup_by_key(|place| place.server);
        firsts.into_iter().map(|place| place.address).collect()
    }

    /// A connection has held: each place may be tried again before the next pause.
    pub(super) fn note_held(&mut self) {
        self.tried = 0;
    }

    /// Nobody answered here: goes to the next address. Says whether each was tried, so that a
    /// pause is due.
    pub(super) fn leave_address(&mut self) -> bool {
        self.go(1)
    }

    /// The server was reached and is lost: goes to the next server, past the other addresses of
    /// this one. The only server is tried again at the same address. Says whether each was tried,
    /// so that a pause is due.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn servers(texts: &[&[&str]]) -> Servers {
        let address = |text: &&str| text.parse().expect("an address");
        let servers: Vec<Vec<_>> =
            texts.iter().map(|of_one| of_one.iter().map(address).collect()).collect();
        Servers::new(&servers)
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
    fn a_server_that_is_lost_is_left_with_all_its_addresses() {
        let mut three = servers(&[&["10.0.0.1:1", "10.0.0.1:2"], &["10.0.0.2:1"]]);
        assert!(!three.leave_server());
        assert_eq!(three.address().to_string(), "10.0.0.2:1");
        assert!(three.leave_server(), "both were tried");
        assert_eq!(three.address().to_string(), "10.0.0.1:1");
    }

    #[test]
    fn the_only_server_is_tried_again_where_it_was_found() {
        let mut one = servers(&[&["10.0.0.1:1", "[::1]:1"]]);
        assert!(!one.leave_address());
        assert!(one.leave_server());
        assert_eq!(one.address().to_string(), "[::1]:1");
    }

    #[test]
    fn a_person_is_told_one_address_of_each_server() {
        let three = servers(&[&["10.0.0.1:1", "10.0.0.1:2"], &["10.0.0.2:1"]]);
        assert_eq!(three.names().iter().map(SocketAddr::port).collect::<Vec<_>>(), [1, 1]);
    }
}
