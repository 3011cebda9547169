//! Addresses and ports are parsed like a second, simple parser does, and are the same again after
//! they are written.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use papo::wire::address::{self, Endpoint};

pub fn check(bytes: &[u8]) {
    let address = address::parse(bytes);
    assert_eq!(address, reference(bytes), "{}", bytes.escape_ascii());
    assert_eq!(address::parse_port(bytes), port(bytes), "{}", bytes.escape_ascii());
    if let Some(address) = address {
        check_round_trip(address);
    }
}

/// Written in both forms, an address is read as the same again.
pub fn check_round_trip(address: SocketAddr) {
    assert!(address.port() != 0, "nobody listens at port 0");
    assert_eq!(address.ip(), address.ip().to_canonical(), "IPv4-mapped is IPv4");
    assert_eq!(SocketAddr::from(Endpoint::from(address)), address);
    let (mut plain, mut bracketed) = (Vec::new(), Vec::new());
    address::encode(address.into(), &mut plain);
    address::encode_bracketed(address.into(), &mut bracketed);
    assert_eq!(plain, format!("{}:{}", address.ip(), address.port()).into_bytes());
    assert_eq!(bracketed, address.to_string().into_bytes());
    assert_eq!(address::parse(&plain), Some(address));
    assert_eq!(address::parse(&bracketed), Some(address));
}

/// `<ip>:<port>`, cut at the last colon, with white space around both.
pub fn reference(text: &[u8]) -> Option<SocketAddr> {
    let text = std::str::from_utf8(text).ok()?;
    let at = trim(text).rfind(':')?;
    let (ip, digits) = trim(text).split_at(at);
    // Any white space may surround the address, but only ASCII white space the whole.
    let ip = super::name::trim(ip);
    let inner = ip.strip_prefix('[').and_then(|ip| ip.strip_suffix(']')).unwrap_or(ip);
    let ip = v4(inner).map(IpAddr::V4).or_else(|| inner.parse().ok().map(v6))?;
    Some(SocketAddr::new(ip, port(&digits.as_bytes()[1..])?))
}

/// One to five digits that make a number from 1 to 65535.
pub fn port(text: &[u8]) -> Option<u16> {
    let digits = trim(std::str::from_utf8(text).ok()?);
    if digits.is_empty() || digits.len() > 5 {
        return None;
    }
    let number = digits.chars().try_fold(0, |sum, digit| Some(sum * 10 + digit_value(digit)?))?;
    u16::try_from(number).ok().filter(|&port| port > 0)
}

/// Four numbers below 256, without a leading 0.
fn v4(text: &str) -> Option<Ipv4Addr> {
    let octets: Vec<_> = text.split('.').map(octet).collect();
    match octets[..] {
        [Some(a), Some(b), Some(c), Some(d)] => Some(Ipv4Addr::new(a, b, c, d)),
        _ => None,
    }
}

fn octet(text: &str) -> Option<u8> {
    let is_padded = text.len() > 1 && text.starts_with('0');
    if is_padded || text.is_empty() || text.len() > 3 {
        return None;
    }
    let number = text.chars().try_fold(0, |sum, digit| Some(sum * 10 + digit_value(digit)?))?;
    u8::try_from(number).ok()
}

fn v6(ip: Ipv6Addr) -> IpAddr {
    match ip.segments() {
        [0, 0, 0, 0, 0, 0xFFFF, ..] => IpAddr::V4(Ipv4Addr::from(ip.to_bits() as u32)),
        _ => IpAddr::V6(ip),
    }
}

fn digit_value(digit: char) -> Option<u32> {
    "0123456789".find(digit).and_then(|value| u32::try_from(value).ok())
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\x0B', '\x0C', '\r'])
}
