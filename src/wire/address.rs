//! The text of an IP address and a port, as in the ADDR reply.
//!
//! The handout writes `200.235.90.80:21500`. An IPv6 address has colons, so the text is cut at its
//! *last* colon. Brackets around the address are allowed.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::trim;

/// An IP address and a port in 20 bytes, where [`SocketAddr`] takes 32: for tables of thousands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Endpoint {
    /// The IP address.
    pub ip: IpAddr,
    /// The port.
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

/// Reads `<ip>:<port>`. Host names are not looked up, because that would block.
#[must_use]
pub fn parse(text: &[u8]) -> Option<SocketAddr> {
    let text = std::str::from_utf8(trim(text)).ok()?;
    let (ip, port) = text.rsplit_once(':')?;
    let ip = ip.trim();
    let ip = ip.strip_prefix('[').and_then(|ip| ip.strip_suffix(']')).unwrap_or(ip);
    let ip: IpAddr = ip.parse().ok()?;
    Some(SocketAddr::new(ip.to_canonical(), parse_port(port.as_bytes())?))
}

/// Reads a port from 1 to 65535: 1 to 5 digits, with blanks around them allowed (a public client
/// sends `USER Bru: 21000`).
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
pub fn encode(Endpoint { ip, port }: Endpoint, out: &mut Vec<u8>) {
    match ip.to_canonical() {
        IpAddr::V4(ip) => encode_v4(ip, port, out),
        IpAddr::V6(ip) => write!(out, "{ip}:{port}").expect("a Vec takes everything"),
    }
}

const LONGEST_V4: usize = "255.255.255.255:65535".len();

/// Written by hand, because std's formatting took a third of the time of an ADDR reply.
fn encode_v4(ip: Ipv4Addr, port: u16, out: &mut Vec<u8>) {
    // One byte more than the text needs: each octet is copied as four bytes, and the next one
    // overwrites those that are too many.
    let mut text = [0; LONGEST_V4 + 1];
    let mut end = 0;
    for octet in ip.octets() {
        let Octet { text: octet, len } = OCTETS[usize::from(octet)];
        text[end..end + 4].copy_from_slice(&octet);
        end += len;
        text[end] = b'.';
        end += 1;
    }
    text[end - 1] = b':';
    let end = put_port(&mut text, end, port);
    out.extend_from_slice(&text[..end]);
}

/// Writes a port at `start`. Returns the position after it.
fn put_port(text: &mut [u8], start: usize, port: u16) -> usize {
    let digits = [10_000, 1_000, 100, 10, 1].map(|unit| b'0' + (port / unit % 10) as u8);
    let zeros = digits[..4].iter().take_while(|&&digit| digit == b'0').count();
    let end = start + digits.len() - zeros;
    text[start..end].copy_from_slice(&digits[zeros..]);
    end
}

/// An octet in decimal, with room for a dot.
#[derive(Clone, Copy)]
struct Octet {
    text: [u8; 4],
    len: usize,
}

const OCTETS: [Octet; 256] = octets();

const fn octets() -> [Octet; 256] {
    let mut table = [Octet { text: [0; 4], len: 0 }; 256];
    let mut number = 0;
    while number < 256 {
        let ones = b'0' + (number % 10) as u8;
        let tens = b'0' + (number / 10 % 10) as u8;
        let hundreds = b'0' + (number / 100) as u8;
        table[number] = match number {
            0..10 => Octet { text: [ones, 0, 0, 0], len: 1 },
            10..100 => Octet { text: [tens, ones, 0, 0], len: 2 },
            _ => Octet { text: [hundreds, tens, ones, 0], len: 3 },
        };
        number += 1;
    }
    table
}

/// The same with brackets around an IPv6 address, for a text after a name.
pub fn encode_bracketed(Endpoint { ip, port }: Endpoint, out: &mut Vec<u8>) {
    let address = SocketAddr::new(ip.to_canonical(), port);
    write!(out, "{address}").expect("a Vec takes everything");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        let cases = [
            ("200.235.90.80:21500", Some("200.235.90.80:21500")),
            ("255.255.255.255:65535", Some("255.255.255.255:65535")),
            ("0.0.0.0:1", Some("0.0.0.0:1")),
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
                encode(address.into(), &mut out);
                String::from_utf8(out).expect("ASCII")
            });
            assert_eq!(written.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn every_octet_and_port_is_written_as_std_writes_it() {
        for port in 1..=u16::MAX {
            let address = SocketAddr::from(([(port >> 8) as u8, 0, port as u8, 1], port));
            let mut out = Vec::new();
            encode(address.into(), &mut out);
            assert_eq!(String::from_utf8_lossy(&out), address.to_string());
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
