//! The header by which a load balancer names its client: the PROXY protocol, versions 1 and 2.
//!
//! The `ppp` crate parses a whole header. The code here decides when it is whole, how long it may
//! be, and what it means for a directory. It knows no socket. Read next: [`crate::proxied`], which
//! waits for the header.

use std::net::{IpAddr, SocketAddr};

use ppp::{v1, v2};

/// Longest header of version 1, its CR LF included (the specification: "a 108-byte buffer is
/// always enough").
pub const V1_BYTES_MAX: usize = 107;

/// Longest header of version 2. The addresses take 232 bytes at most. The rest is for a proxy's
/// extensions, of which a client's certificate is the longest.
pub const V2_BYTES_MAX: usize = 4096;

/// The first bytes of every header of version 1.
const V1_START: &[u8] = b"PROXY ";

/// The signature of version 2, and the version, command, family and length after it.
const V2_FIXED_BYTES: usize = v2::PROTOCOL_PREFIX.len() + 4;

/// The meaning of a header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProxyHeader {
    /// The proxy relays the connection of a client.
    Relayed {
        /// The client's address.
        from: SocketAddr,
        /// The proxy's address that the client connected to.
        to: IpAddr,
    },
    /// The header has no client's address, or none of IP. In version 1 a health check looks so.
    Unknown,
    /// A health check of the proxy itself.
    Local,
}

/// The fault in a header, or in the bytes in its place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HeaderFault {
    /// The bytes do not begin like a header.
    Missing,
    /// The bytes begin like a header, and then break the specification.
    Malformed,
    /// It is longer than [`V1_BYTES_MAX`] or [`V2_BYTES_MAX`].
    TooLong,
    /// It did not come in time, or the connection ended in the middle of it.
    Unfinished,
    /// It has no client's address, and a line of a client follows.
    NoAddress,
}

/// Reads the header at the beginning of `bytes`, and its length. `None`: a part of it has not
/// arrived yet.
///
/// # Errors
///
/// If no further bytes can complete a header.
pub fn read(bytes: &[u8]) -> Result<Option<(ProxyHeader, usize)>, HeaderFault> {
    if begins(bytes, v2::PROTOCOL_PREFIX) {
        read_v2(bytes)
    } else if begins(bytes, V1_START) {
        read_v1(bytes)
    } else {
        Err(HeaderFault::Missing)
    }
}

/// Whether `bytes` begin like `start`, as far as both go.
fn begins(bytes: &[u8], start: &[u8]) -> bool {
    bytes.iter().zip(start).all(|(byte, wanted)| byte == wanted)
}

/// Gives the crate only a whole line, because it would read half a port as a wrong port.
fn read_v1(bytes: &[u8]) -> Result<Option<(ProxyHeader, usize)>, HeaderFault> {
    let seen = &bytes[..bytes.len().min(V1_BYTES_MAX)];
    let Some(lf) = seen.iter().position(|&byte| byte == b'\n') else {
        return if seen.len() < V1_BYTES_MAX { Ok(None) } else { Err(HeaderFault::TooLong) };
    };
    let line = &seen[..=lf];
    let header = v1::Header::try_from(line).map_err(|_| HeaderFault::Malformed)?;
    // The crate's header may end before the line: at a CR in the middle of it.
    if header.header.len() != line.len() {
        return Err(HeaderFault::Malformed);
    }
    let header = match header.addresses {
        v1::Addresses::Unknown => ProxyHeader::Unknown,
        v1::Addresses::Tcp4(ends) => {
            relayed((ends.source_address, ends.source_port), ends.destination_address)
        }
        v1::Addresses::Tcp6(ends) => {
            relayed((ends.source_address, ends.source_port), ends.destination_address)
        }
    };
    Ok(Some((header, line.len())))
}

/// The length is at the front, so the crate gets only a whole header.
fn read_v2(bytes: &[u8]) -> Result<Option<(ProxyHeader, usize)>, HeaderFault> {
    let Some(fixed) = bytes.first_chunk::<V2_FIXED_BYTES>() else { return Ok(None) };
    let behind = u16::from_be_bytes([fixed[V2_FIXED_BYTES - 2], fixed[V2_FIXED_BYTES - 1]]);
    let length = V2_FIXED_BYTES + usize::from(behind);
    if length > V2_BYTES_MAX {
        return Err(HeaderFault::TooLong);
    }
    let Some(whole) = bytes.get(..length) else { return Ok(None) };
    let header = v2::Header::try_from(whole).map_err(|_| HeaderFault::Malformed)?;
    let header = match (header.command, header.addresses) {
        (v2::Command::Local, _) => ProxyHeader::Local,
        // A relayed datagram is no connection.
        _ if header.protocol == v2::Protocol::Datagram => ProxyHeader::Unknown,
        (v2::Command::Proxy, v2::Addresses::Unspecified | v2::Addresses::Unix(_)) => {
            ProxyHeader::Unknown
        }
        (v2::Command::Proxy, v2::Addresses::IPv4(ends)) => {
            relayed((ends.source_address, ends.source_port), ends.destination_address)
        }
        (v2::Command::Proxy, v2::Addresses::IPv6(ends)) => {
            relayed((ends.source_address, ends.source_port), ends.destination_address)
        }
    };
    Ok(Some((header, length)))
}

/// `Unknown` for an address that no client can have. IPv4-mapped addresses become IPv4.
fn relayed<A: Into<IpAddr>>(from: (A, u16), to: A) -> ProxyHeader {
    let (ip, to) = (from.0.into().to_canonical(), to.into().to_canonical());
    let is_broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    if ip.is_unspecified() || ip.is_multicast() || is_broadcast {
        return ProxyHeader::Unknown;
    }
    ProxyHeader::Relayed { from: SocketAddr::new(ip, from.1), to }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relayed(from: &str, to: &str) -> ProxyHeader {
        let (from, to) = (from.parse().expect("an address"), to.parse().expect("an address"));
        ProxyHeader::Relayed { from, to }
    }

    fn v2(command: u8, family: u8, behind: &[u8]) -> Vec<u8> {
        let length = u16::try_from(behind.len()).expect("short").to_be_bytes();
        [v2::PROTOCOL_PREFIX, &[0x20 | command, family], &length, behind].concat()
    }

    const V4_ENDS: [u8; 12] = [10, 0, 0, 7, 192, 0, 2, 1, 0xc3, 0x50, 0x27, 0x10];

    #[test]
    fn version_1_has_the_clients_address() {
        let cases = [
            ("PROXY TCP4 10.0.0.7 192.0.2.1 50000 10000\r\n", "10.0.0.7:50000", "192.0.2.1"),
            ("PROXY TCP6 2001:db8::7 2001:db8::1 5 6\r\n", "[2001:db8::7]:5", "2001:db8::1"),
            ("PROXY TCP6 ::ffff:10.0.0.7 ::1 5 6\r\n", "10.0.0.7:5", "::1"),
        ];
        for (text, from, to) in cases {
            let all = format!("{text}USER Ana:20000\r\n");
            assert_eq!(read(all.as_bytes()), Ok(Some((relayed(from, to), text.len()))), "{text}");
        }
    }

    #[test]
    fn version_2_has_the_clients_address() {
        let tlv = [0x04, 0, 3, 1, 2, 3];
        let header = v2(1, 0x11, &[&V4_ENDS[..], &tlv].concat());
        let all = [&header[..], b"USER Ana:20000\r\n"].concat();
        let expected = relayed("10.0.0.7:50000", "192.0.2.1");
        assert_eq!(read(&all), Ok(Some((expected, header.len()))));
    }

    #[test]
    fn headers_without_a_clients_address() {
        let unix = [7; 216];
        let cases: [(Vec<u8>, ProxyHeader); 9] = [
            (b"PROXY UNKNOWN\r\n".to_vec(), ProxyHeader::Unknown),
            (b"PROXY UNKNOWN ::1 ::1 5 6\r\n".to_vec(), ProxyHeader::Unknown),
            (b"PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n".to_vec(), ProxyHeader::Unknown),
            (v2(1, 0x00, &[]), ProxyHeader::Unknown),
            (v2(1, 0x31, &unix), ProxyHeader::Unknown),
            (v2(1, 0x12, &V4_ENDS), ProxyHeader::Unknown),
            (v2(0, 0x00, &[]), ProxyHeader::Local),
            (v2(0, 0x11, &V4_ENDS), ProxyHeader::Local),
            (v2(0, 0x00, &[0x04, 0, 1, 9]), ProxyHeader::Local),
        ];
        for (bytes, expected) in cases {
            assert_eq!(read(&bytes), Ok(Some((expected, bytes.len()))), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn other_bytes_have_their_faults() {
        let long = [b"PROXY TCP4 ", &[b'1'; V1_BYTES_MAX][..]].concat();
        let mut huge = v2(1, 0x11, &V4_ENDS);
        huge[14..16].copy_from_slice(&[0xff, 0xff]);
        let mut other_version = v2(1, 0x11, &V4_ENDS);
        other_version[12] = 0x31;
        let cases: [(&[u8], HeaderFault); 12] = [
            (b"USER Ana:20000\r\n", HeaderFault::Missing),
            (b"\r\nUSER", HeaderFault::Missing),
            (b"PROXYTCP4", HeaderFault::Missing),
            (b"proxy TCP4", HeaderFault::Missing),
            (b"PROXY TCP4 10.0.0.7 192.0.2.1 50000\r\n", HeaderFault::Malformed),
            (b"PROXY TCP4 10.0.0.7 192.0.2.1 50000 70000\r\n", HeaderFault::Malformed),
            (b"PROXY TCP4 ::1 ::1 1 1\r\n", HeaderFault::Malformed),
            (b"PROXY TCP4 10.0.0.7 192.0.2.1 1 1\n", HeaderFault::Malformed),
            (b"PROXY UNKNOWN\rUSER Ana:1\r\n", HeaderFault::Malformed),
            (&long, HeaderFault::TooLong),
            (&huge, HeaderFault::TooLong),
            (&other_version, HeaderFault::Malformed),
        ];
        for (bytes, fault) in cases {
            assert_eq!(read(bytes), Err(fault), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn every_beginning_of_a_header_waits_for_the_rest() {
        let longest = "PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff \
                       ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n";
        assert_eq!(longest.len(), V1_BYTES_MAX);
        let tcp4 = b"PROXY TCP4 10.0.0.7 192.0.2.1 50000 10000\r\n";
        for whole in [longest.as_bytes(), tcp4, &v2(1, 0x11, &V4_ENDS), &v2(0, 0, &[])] {
            for end in 0..whole.len() {
                assert_eq!(read(&whole[..end]), Ok(None), "{}", whole[..end].escape_ascii());
            }
            assert!(matches!(read(whole), Ok(Some((_, length))) if length == whole.len()));
        }
    }

    #[test]
    fn a_header_of_version_2_may_have_4096_bytes_and_no_more() {
        let with_length = |length: usize| {
            let mut bytes = v2(1, 0x11, &V4_ENDS);
            let behind = u16::try_from(length - V2_FIXED_BYTES).expect("short");
            bytes[14..16].copy_from_slice(&behind.to_be_bytes());
            bytes
        };
        assert_eq!(read(&with_length(V2_BYTES_MAX)), Ok(None), "it waits for the rest");
        assert_eq!(read(&with_length(V2_BYTES_MAX + 1)), Err(HeaderFault::TooLong));
    }
}
