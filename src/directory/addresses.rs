//! IP addresses: by which of ours a client came, and how many came from each of theirs.
//!
//! No names and no connections: those are [`super::roster`]'s and [`super::Directory`]'s.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

use crate::wire::address::Endpoint;

/// Most addresses of this machine that are told apart. A machine has a few; where a whole network
/// of IPv6 is routed to it, strangers choose among 2⁶⁴, and each lookup walks through all.
pub(super) const OWN_ADDRESSES_MAX: usize = 64;

/// The addresses of this machine by which clients have reached it.
#[derive(Debug, Default)]
pub(super) struct OwnAddresses(Vec<IpAddr>);

/// One of [`OwnAddresses`] in one byte, for tables of thousands: its place, or [`LOOPBACK`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct OwnAddress(u8);

/// Has no place: there are 16 million of it. A client that came by it is on this machine, whatever
/// address it has: Linux lets a local program send from any.
const LOOPBACK: OwnAddress = OwnAddress(u8::MAX);

impl OwnAddresses {
    /// The place of an address. Beyond [`OWN_ADDRESSES_MAX`] it is the place of the first: a
    /// client on this machine is then told by an address of ours that may be the wrong one.
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

    /// An endpoint for somebody who reached us by `reached`. A loopback address means "on this
    /// machine", and is of no use elsewhere: who asks from elsewhere gets the address by which it
    /// reached this machine.
    pub(super) fn seen_by(&self, reached: OwnAddress, endpoint: Endpoint) -> Endpoint {
        match self.0.get(usize::from(reached.0)) {
            Some(&ip) if endpoint.ip.is_loopback() => Endpoint { ip, ..endpoint },
            _ => endpoint,
        }
    }
}

/// How many connections each address has; of IPv6, each network of 64 bits, because one customer
/// has 2⁶⁴ addresses there. Loopback is not counted.
#[derive(Debug, Default)]
pub(super) struct ConnectionCounts {
    /// No entry is 0, so the table is never larger than the number of connections.
    counts: HashMap<IpAddr, usize>,
}

impl ConnectionCounts {
    /// Counts one more, and says how many there are now: 0 where it is not counted.
    pub(super) fn enter(&mut self, ip: IpAddr) -> usize {
        if ip.is_loopback() {
            return 0;
        }
        let count = self.counts.entry(rate_limit_prefix(ip)).or_default();
        *count += 1;
        *count
    }

    /// Counts one less.
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

/// The part of an address that its connections are counted by.
fn rate_limit_prefix(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        // All machines on a cable have these 64 bits in common: each counts for itself.
        IpAddr::V6(link_local) if link_local.is_unicast_link_local() => ip,
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_counts_as_one_and_no_entry_stays_behind() {
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
    fn each_link_local_address_counts_for_itself() {
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
