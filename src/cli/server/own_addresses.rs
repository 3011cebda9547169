//! The addresses by which this machine can be reached, for the command that colleagues type. They
//! decide nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::event_loop::socket::address_towards;

/// Linux lists its own IPv4 addresses in this file. Other systems have no such file: there only the
/// address of the route is shown.
const FIB_TRIE: &str = "/proc/net/fib_trie";

/// Addresses that no host has (RFC 5737, RFC 3849). Nothing is sent to them: they only select a
/// route.
const OUTSIDE: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
];

/// The addresses by which other machines reach a server that listens at `listen`; that of the local
/// network is the first. Empty: only this machine reaches it.
pub(super) fn reachable_at(listen: IpAddr) -> Vec<IpAddr> {
    let all = match listen {
        given if !given.is_unspecified() => vec![given],
        IpAddr::V4(_) => own_v4(),
        // Most systems accept IPv4 there as well.
        IpAddr::V6(_) => own_v4().into_iter().chain(address_towards(OUTSIDE[1])).collect(),
    };
    let mut reachable = Vec::new();
    for ip in all {
        if !ip.is_loopback() && !reachable.contains(&ip) {
            reachable.push(ip);
        }
    }
    reachable
}

fn own_v4() -> Vec<IpAddr> {
    let listed = std::fs::read_to_string(FIB_TRIE).unwrap_or_default();
    address_towards(OUTSIDE[0]).into_iter().chain(local_hosts(&listed)).collect()
}

/// The addresses in the file: one line has an address (`|-- 192.168.0.7`), and the next line says
/// that it is our own (`/32 host LOCAL`).
fn local_hosts(fib_trie: &str) -> Vec<IpAddr> {
    let lines: Vec<_> = fib_trie.lines().map(str::trim).collect();
    let pairs = lines.windows(2).filter(|pair| pair[1] == "/32 host LOCAL");
    pairs.filter_map(|pair| pair[0].strip_prefix("|-- ")?.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addresses_of_linux_are_read() {
        let fib_trie = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 127.0.0.1\n        \
                        /32 host LOCAL\n     |-- 192.168.0.0\n        /24 link UNICAST\n     \
                        |-- 192.168.0.7\n        /32 host LOCAL\n     |-- 192.168.0.255\n        \
                        /32 link BROADCAST\n";
        let found = local_hosts(fib_trie);
        let expected: [IpAddr; 2] = [[127, 0, 0, 1].into(), [192, 168, 0, 7].into()];
        assert_eq!(found, expected);
        assert_eq!(local_hosts(""), Vec::<IpAddr>::new());
    }

    #[test]
    fn a_server_of_one_address_is_reached_at_that_one() {
        let lan: IpAddr = [192, 168, 0, 7].into();
        assert_eq!(reachable_at(lan), [lan]);
        for own in [IpAddr::from([127, 0, 0, 1]), Ipv6Addr::LOCALHOST.into()] {
            assert_eq!(reachable_at(own), Vec::<IpAddr>::new());
        }
    }
}
