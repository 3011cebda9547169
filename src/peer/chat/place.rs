//! The addresses of one host: with IPv6, a host can call from a whole /64, and takes a new address
//! of it every day (RFC 8981).
//!
//! Must never know a connection. Read next: [`super::arrivals`], which counts callers by place.

use std::net::{IpAddr, Ipv6Addr};

/// One IPv4 address, or one /64 of IPv6. All link-local addresses are in one /64, so each of them
/// is a place.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Place(IpAddr);

/// The bits of an IPv6 address that are its /64.
const NETWORK: u128 = !(u64::MAX as u128);

impl Place {
    /// The place of an address. An IPv4-mapped address is IPv4.
    pub(super) fn of(ip: IpAddr) -> Self {
        let ip = ip.to_canonical();
        match ip {
            IpAddr::V6(ip) if !ip.is_unicast_link_local() => {
                Self(IpAddr::V6(Ipv6Addr::from(u128::from(ip) & NETWORK)))
            }
            IpAddr::V4(_) | IpAddr::V6(_) => Self(ip),
        }
    }

    /// Whether both are of IPv4, or both of IPv6.
    pub(super) fn is_comparable(self, other: Self) -> bool {
        self.0.is_ipv4() == other.0.is_ipv4()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_host_are_one_place() {
        let same = |one: &str, other: &str| {
            let place = |text: &str| Place::of(text.parse().expect("an address"));
            place(one) == place(other)
        };
        assert!(same("10.0.0.2", "::ffff:10.0.0.2"));
        assert!(!same("10.0.0.2", "10.0.0.3"));
        assert!(same("2001:db8:0:1::2", "2001:db8:0:1:aaaa::3"));
        assert!(!same("2001:db8:0:1::2", "2001:db8:0:2::2"));
        assert!(!same("fe80::2", "fe80::3"));
    }
}
