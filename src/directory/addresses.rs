//! IP addresses: our own addresses that clients connected to, and the number of connections from
//! each client's address.
//!
//! Names are in [`super::roster`], connections in [`super::Directory`].

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

use crate::wire::address::Endpoint;

/// Most addresses of this machine that are stored. A machine has a few. But if a whole IPv6 network
/// is routed to it, clients choose among 2⁶⁴ addresses, and each lookup searches the table.
pub(super) const OWN_ADDRESSES_MAX: usize = 64;

/// The addresses of this machine that clients have connected to.
#[derive(Debug, Default)]
pub(super) struct OwnAddresses(Vec<IpAddr>);

/// One of [`OwnAddresses`] in one byte, for tables of thousands: its place, or [`LOOPBACK`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct OwnAddress(u8);

/// Stands for all 16 million loopback addresses. A client that connected to one is on this machine,
/// even if its own address is another: on Linux a local program can send from any local address.
const LOOPBACK: OwnAddress = OwnAddress(u8::MAX);

impl OwnAddresses {
    /// The place of an address. Beyond [`OWN_ADDRESSES_MAX`] it is the place of the first address,
    /// so a client may get an address of this machine that it cannot reach.
    pub(super) fn place(&mut self, address: IpAddr) -> OwnAddress {
        if address.is_loopback() {
            return LOOPBACK;
        }
        if let Some(place) = self.0.iter().position(|&own| own == address) {
            return OwnAddress(place as u8);
        }
        if self.0.len() >= OWN_ADDRESSES_MAX {
            return OwnAddress(0);
        }
        self.0.push(address);
        OwnAddress((self.0.len() - 1) as u8)
    }

    /// An endpoint, for a client that connected to our address `reached`. A loopback address means
    /// "on this machine", and a client on another machine cannot use it: such a client gets the
    /// address `reached`.
    pub(super) fn seen_by(&self, reached: OwnAddress, endpoint: Endpoint) -> Endpoint {
        match self.0.get(usize::from(reached.0)) {
            Some(&ip) if endpoint.ip.is_loopback() => Endpoint { ip, ..endpoint },
            _ => endpoint,
        }
    }
}

/// The number of connections from each client's address. IPv6 addresses are counted by their
/// network of 64 bits, because one customer has 2⁶⁴ of them. Loopback is not counted.
#[derive(Debug, Default)]
pub(super) struct ConnectionCounts {
    /// Without entries of 0, so the table is never larger than the number of connections.
    counts: HashMap<IpAddr, usize>,
}

impl ConnectionCounts {
    /// Counts one connection more. Returns the new number; 0 for loopback.
    pub(super) fn enter(&mut self, ip: IpAddr) -> usize {
        if ip.is_loopback() {
            return 0;
        }
        let count = self.counts.entry(rate_limit_prefix(ip)).or_default();
        *count += 1;
        *count
    }

    /// Counts one connection less.
    pub(super) fn leave(&mut self, ip: IpAddr) {
        let ip = rate_limit_prefix(ip);
        if let Some(count) = self.counts.get_mut(&ip) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&ip);
            }
        }
    }
}

/// The part of an address by which its connections are counted.
fn rate_limit_prefix(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        // All machines of a local network have these 64 bits in common, so each address counts
        // alone.
        IpAddr::V6(link_local) if link_local.is_unicast_link_local() => ip,
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_network_counts_as_one_address_and_leaves_no_entry() {
        let mut connection_counts = ConnectionCounts::default();
        let [one, other, elsewhere] = ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"]
            .map(|text| text.parse::<IpAddr>().expect("an address"));
        assert_eq!([one, other, elsewhere].map(|ip| connection_counts.enter(ip)), [1, 2, 1]);
        assert_eq!(connection_counts.enter(Ipv6Addr::LOCALHOST.into()), 0);
        for ip in [one, other, elsewhere, Ipv6Addr::LOCALHOST.into()] {
            connection_counts.leave(ip);
        }
        assert!(connection_counts.counts.is_empty());
    }

    #[test]
    fn each_link_local_address_counts_alone() {
        let mut connection_counts = ConnectionCounts::default();
        let cable = ["fe80::1", "fe80::2"].map(|text| text.parse::<IpAddr>().expect("an address"));
        assert_eq!(cable.map(|ip| connection_counts.enter(ip)), [1, 1]);
    }

    #[test]
    fn a_network_routed_to_this_machine_fills_no_table() {
        let mut own = OwnAddresses::default();
        let address = |number: u128| IpAddr::from(Ipv6Addr::from_bits((0x2001 << 112) + number));
        let places: Vec<_> = (0..10_000).map(|number| own.place(address(number))).collect();
        assert_eq!(own.0.len(), OWN_ADDRESSES_MAX);
        let here = Endpoint { ip: Ipv6Addr::LOCALHOST.into(), port: 7 };
        let seen = |place: usize| own.seen_by(places[place], here).ip;
        assert_eq!(seen(OWN_ADDRESSES_MAX - 1), address(OWN_ADDRESSES_MAX as u128 - 1));
        assert_eq!(seen(OWN_ADDRESSES_MAX), address(0));
    }
}
