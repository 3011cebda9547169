//! A list of addresses and networks: `10.0.0.5,192.0.2.0/24,2001:db8::/32`.
//!
//! It has no names of hosts. Read next: [`super::Proxied`], whose proxies are in such a list.

use std::net::IpAddr;
use std::str::FromStr;

/// Addresses and networks.
#[derive(Clone, Debug, Default)]
pub struct Networks(Vec<Network>);

#[derive(Clone, Copy, Debug)]
struct Network {
    base: IpAddr,
    /// The length of the prefix that all its addresses have.
    prefix_bits: u32,
}

impl Networks {
    /// Whether the list is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this address is in the list. An IPv4-mapped address counts as IPv4.
    #[must_use]
    pub fn has(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.0.iter().any(|network| network.has(ip))
    }
}

/// Reads a list. `Err`: an item is no address or network.
impl FromStr for Networks {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        text.split(',').map(|part| part.trim().parse()).collect::<Result<_, _>>().map(Self)
    }
}

impl Network {
    fn has(self, ip: IpAddr) -> bool {
        let (one, other, bits) = match (self.base, ip) {
            (IpAddr::V4(base), IpAddr::V4(ip)) => (base.to_bits().into(), ip.to_bits().into(), 32),
            (IpAddr::V6(base), IpAddr::V6(ip)) => (base.to_bits(), ip.to_bits(), 128),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
        };
        let difference: u128 = one ^ other;
        // With a prefix of 0 bits the shift is by all bits, which only `checked_shr` can.
        difference.checked_shr(bits - self.prefix_bits).unwrap_or(0) == 0
    }
}

impl FromStr for Network {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (ip, prefix) = text.split_once('/').map_or((text, None), |(ip, bits)| (ip, Some(bits)));
        let base: IpAddr = ip.parse().map_err(|_| ())?;
        let bits = if base.is_ipv4() { 32 } else { 128 };
        let is_number = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit());
        let prefix_bits = match prefix {
            None => bits,
            Some(text) => Some(text).filter(is_number).and_then(|it| it.parse().ok()).ok_or(())?,
        };
        if prefix_bits > bits { Err(()) } else { Ok(Self { base, prefix_bits }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_its_addresses_and_no_others() {
        let list = "10.0.0.5, 192.0.2.0/24,2001:db8::/32,fe80::1,172.16.9.9/12";
        let networks: Networks = list.parse().expect("a list");
        let inside =
            ["10.0.0.5", "::ffff:10.0.0.5", "192.0.2.255", "2001:db8:ffff::1", "172.31.0.1"];
        let outside = ["10.0.0.4", "192.0.3.0", "2001:db9::", "fe80::2", "172.32.0.1", "::5"];
        let has = |text: &str| networks.has(text.parse().expect("an address"));
        assert!(inside.into_iter().all(has));
        assert!(!outside.into_iter().any(has));
    }

    #[test]
    fn a_prefix_of_0_bits_has_every_address_of_the_family() {
        let networks: Networks = "0.0.0.0/0".parse().expect("a list");
        assert!(networks.has("203.0.113.9".parse().expect("an address")));
        assert!(!networks.has("2001:db8::1".parse().expect("an address")));
        let networks: Networks = "::/0".parse().expect("a list");
        assert!(networks.has("2001:db8::1".parse().expect("an address")));
    }

    #[test]
    fn wrong_text_is_no_list() {
        let wrong = ["", ",", "10.0.0.5,", "10.0.0", "10.0.0.0/33", "::/129", "10.0.0.0/", "host"];
        for text in wrong.into_iter().chain(["10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0.5:80"]) {
            assert!(text.parse::<Networks>().is_err(), "{text}");
        }
    }
}
