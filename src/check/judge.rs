//! Judges whether a line is the one that a step waits for.
//!
//! Knows no time and no connection. Read next: [`super::wait_steps`].

use std::net::{IpAddr, SocketAddr};

use crate::wire::reply::Edition;

use super::rule::{Fault, Seen};

/// The judgement on a line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Judged {
    /// The expected line.
    Fits,
    /// The expected kind of line, with a fault in it.
    Faulty(Fault),
    /// Another line.
    Stray,
}

/// The names of a list, without the blank that some servers put before each. `None`: no list.
pub(super) fn names(line: &[u8]) -> Option<Vec<&[u8]>> {
    let rest = line.strip_prefix(b"LIST")?;
    if !rest.is_empty() && !rest.starts_with(b" ") && !rest.starts_with(b":") {
        return None;
    }
    let names = rest.split(|&byte| byte == b':').map(<[u8]>::trim_ascii);
    Some(names.filter(|name| !name.is_empty()).collect())
}

/// Judges a list that must have the names `with`, and none of the names `without`.
pub(super) fn list(line: &[u8], with: &[Vec<u8>], without: &[Vec<u8>]) -> Judged {
    let Some(found) = names(line) else { return Judged::Stray };
    let has = |name: &Vec<u8>| found.contains(&name.trim_ascii());
    if let Some(extra) = without.iter().find(|name| has(name)) {
        return Judged::Faulty(Fault::new(Seen::Listed).about(extra));
    }
    match with.iter().find(|name| !has(name)) {
        Some(missing) => Judged::Faulty(Fault::new(Seen::Missing).about(missing)),
        None => Judged::Fits,
    }
}

/// Judges a list whose form must be the handout's: one blank, names with colons between them.
pub(super) fn list_form(line: &[u8], with: &[Vec<u8>]) -> Judged {
    let Some(rest) = line.strip_prefix(b"LIST") else { return Judged::Stray };
    let other = Judged::Faulty(Fault::new(Seen::Other).about(line));
    let Some(rest) = rest.strip_prefix(b" ") else { return other };
    let items: Vec<_> = rest.split(|&byte| byte == b':').collect();
    if with.iter().any(|name| !items.iter().any(|item| item.trim_ascii() == name)) {
        return other;
    }
    if items.iter().any(|item| item.is_empty()) {
        return other;
    }
    if items.iter().any(|item| item.trim_ascii().len() < item.len()) {
        return Judged::Faulty(Fault::new(Seen::Spaced).about(line).weak());
    }
    Judged::Fits
}

/// Judges the answer to LIST for the only client. `bare`: the blank is missing.
pub(super) fn empty_list(line: &[u8], bare: bool) -> Judged {
    match names(line) {
        None => Judged::Stray,
        Some(names) if !names.is_empty() => Judged::Faulty(Fault::new(Seen::NotAlone).about(line)),
        Some(_) if bare => Judged::Faulty(Fault::new(Seen::BareList).about(line)),
        Some(_) => Judged::Fits,
    }
}

/// Judges the answer to `ADDR name`, and returns its edition. The address must have this port, and
/// an IP address that a client can have if the server is at `like`.
pub(super) fn addr(line: &[u8], name: &[u8], port: u16, like: IpAddr) -> (Judged, Option<Edition>) {
    let Some(rest) = line.strip_prefix(b"ADDR ") else { return (Judged::Stray, None) };
    let other = || Fault::new(Seen::Other).about(line);
    let (edition, address) = match rest.strip_prefix(&[name, b":"].concat()[..]) {
        Some(address) => (Edition::Of2026, address.trim_ascii_start()),
        None => (Edition::Of2024, rest),
    };
    let address = std::str::from_utf8(address).ok().and_then(parse);
    let judged = match address {
        None => Judged::Faulty(other()),
        Some(address) if address.port() != port => {
            Judged::Faulty(Fault::new(Seen::WrongPort).about(line))
        }
        Some(address) if address.ip().is_unspecified() || is_elsewhere(address.ip(), like) => {
            Judged::Faulty(Fault::new(Seen::WrongIp).about(line))
        }
        Some(_) => Judged::Fits,
    };
    let edition =
        (!matches!(judged, Judged::Faulty(Fault { seen: Seen::Other, .. }))).then_some(edition);
    (judged, edition)
}

/// `ip:port`, an IPv6 address with brackets or without.
fn parse(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.rsplit_once(':')?;
    let ip = ip.trim_start_matches('[').trim_end_matches(']').parse().ok()?;
    Some(SocketAddr::new(ip, port.parse().ok()?))
}

/// Whether the server is at loopback and the address is not. No other address can be judged: the
/// checker does not know which of its own addresses a server sees.
fn is_elsewhere(ip: IpAddr, like: IpAddr) -> bool {
    like.is_loopback() && !ip.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(judged: Judged) -> Option<Seen> {
        match judged {
            Judged::Fits => None,
            Judged::Faulty(fault) => Some(fault.seen),
            Judged::Stray => panic!("no stray"),
        }
    }

    #[test]
    fn lists() {
        let [ana, bruno] = [[b"Ana".to_vec()], [b"Bruno".to_vec()]];
        let both = [ana.clone(), bruno.clone()].concat();
        assert_eq!(list(b"LIST Ana: Bruno", &both, &[]), Judged::Fits);
        assert_eq!(seen(list(b"LIST Ana", &[], &ana)), Some(Seen::Listed));
        assert_eq!(seen(list(b"LIST Mariana", &ana, &[])), Some(Seen::Missing));
        assert_eq!(list(b"LISTA de amigos", &[], &[]), Judged::Stray);
        assert_eq!(seen(list_form(b"LIST Ana: Bruno", &[])), Some(Seen::Spaced));
        assert_eq!(seen(list_form(b"LIST Ana,Bruno", &ana)), Some(Seen::Other));
        assert_eq!(seen(list_form(b"LIST Ana:Bruno:", &ana)), Some(Seen::Other));
        assert_eq!(list_form(b"LIST Ana:Bruno", &bruno), Judged::Fits);
        assert_eq!(seen(empty_list(b"LIST", true)), Some(Seen::BareList));
        assert_eq!(empty_list(b"LIST ", false), Judged::Fits);
    }

    #[test]
    fn addresses_of_both_editions() {
        let home = "127.0.0.1".parse().expect("an address");
        let judge = |line: &str| addr(line.as_bytes(), b"Ana", 5, home);
        assert_eq!(judge("ADDR 127.0.0.1:5"), (Judged::Fits, Some(Edition::Of2024)));
        assert_eq!(judge("ADDR Ana:127.0.0.1:5"), (Judged::Fits, Some(Edition::Of2026)));
        assert_eq!(judge("ADDR Ana: 127.0.0.1:5"), (Judged::Fits, Some(Edition::Of2026)));
        assert_eq!(seen(judge("ADDR 127.0.0.1:6").0), Some(Seen::WrongPort));
        assert_eq!(seen(judge("ADDR 0.0.0.0:5").0), Some(Seen::WrongIp));
        assert_eq!(seen(judge("ADDR 10.0.0.1:5").0), Some(Seen::WrongIp));
        assert_eq!(seen(judge("ADDR ('127.0.0.1', 5)").0), Some(Seen::Other));
        assert_eq!(judge("LIST Ana").0, Judged::Stray);
    }
}
