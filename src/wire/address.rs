//! The text of an IP address and a port, as ADDR carries it.
//!
//! The handout writes `200.235.90.80:21500`; an IPv6 address has colons of its own, so the text
//! is cut at its *last* colon, and brackets around it are taken as well.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::trim;

/// An IP address and a port in 20 bytes, where [`SocketAddr`] takes 32: for tables of thousands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Endpoint {
    /// Where the machine is.
    pub ip: IpAddr,
    /// Where on it.
    pub port: u16,
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Self {
        Self { ip: address.ip(), port: address.port() }
    }
}

impl From<Endpoint> for SocketAddr {
    fn from(Endpoint { ip, port }: Endpoint) -> Self {
        Self::new(ip, port)
    }
}

/// Reads `<ip>:<port>`. No names are looked up: that would block.
#[must_use]
pub fn parse(text: &[u8]) -> Option<SocketAddr> {
    let text = std::str::from_utf8(trim(text)).ok()?;
    let (ip, port) = text.rsplit_once(':')?;
    let ip = ip.trim();
    let ip = ip.strip_prefix('[').and_then(|ip| ip.strip_suffix(']')).unwrap_or(ip);
    let ip: IpAddr = ip.parse().ok()?;
    Some(SocketAddr::new(ip.to_canonical(), parse_port(port.as_bytes())?))
}

/// Reads a port: 1 to 5 digits and nothing else, from 1 to 65535, blanks around it allowed
/// (`USER Bru: 21000` is real).
#[must_use]
pub fn parse_port(text: &[u8]) -> Option<u16> {
    let text = trim(text);
    if text.len() > 5 || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let port = std::str::from_utf8(text).ok()?.parse().ok()?;
    (port != 0).then_some(port)
}

/// Writes `<ip>:<port>`, an IPv4-mapped address as IPv4, an IPv6 address without brackets.
pub fn encode(address: SocketAddr, out: &mut Vec<u8>) {
    match address.ip().to_canonical() {
        IpAddr::V4(ip) => encode_v4(ip, out),
        IpAddr::V6(ip) => write!(out, "{ip}").expect("a Vec takes everything"),
    }
    out.push(b':');
    encode_decimal(address.port(), out);
}

/// By hand: std's formatting was a third of the time that an answer to ADDR took.
fn encode_v4(ip: Ipv4Addr, out: &mut Vec<u8>) {
    for (place, octet) in ip.octets().into_iter().enumerate() {
        if place > 0 {
            out.push(b'.');
        }
        encode_decimal(u16::from(octet), out);
    }
}

fn encode_decimal(number: u16, out: &mut Vec<u8>) {
    if number >= 10 {
        encode_decimal(number / 10, out);
    }
    out.push(b'0' + (number % 10) as u8);
}

/// The same with brackets around an IPv6 address, for where something stands before it.
pub fn encode_bracketed(address: SocketAddr, out: &mut Vec<u8>) {
    let address = SocketAddr::new(address.ip().to_canonical(), address.port());
    write!(out, "{address}").expect("a Vec takes everything");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        let cases = [
            ("200.235.90.80:21500", Some("200.235.90.80:21500")),
            (" 10.0.0.2: 80 ", Some("10.0.0.2:80")),
            ("2001:db8::5:21500", Some("2001:db8::5:21500")),
            ("[2001:db8::5]:21500", Some("2001:db8::5:21500")),
            ("::ffff:10.0.0.2:80", Some("10.0.0.2:80")),
            ("[::1]:2", Some("::1:2")),
            ("10.0.0.2:0", None),
            ("10.0.0.2:65536", None),
            ("10.0.0.2:-1", None),
            ("10.0.0.2:+1", None),
            ("10.0.0.2:", None),
            ("10.0.0.2", None),
            ("host:2", None),
            ("10.0.0.256:2", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let written = parse(text.as_bytes()).map(|address| {
                let mut out = Vec::new();
                encode(address, &mut out);
                String::from_utf8(out).expect("ASCII")
            });
            assert_eq!(written.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn ports() {
        assert_eq!(parse_port(b"00080"), Some(80));
        for bad in ["", "0", "000080", "2e4", "20_000", "٢٠٠٠٠", "1 2", "65536"] {
            assert_eq!(parse_port(bad.as_bytes()), None, "{bad}");
        }
    }
}
