//! The address of a server, in each form that a person may write.
//!
//! Names are looked up here, which blocks: only before the loop starts, or beside it
//! (`resolver.rs`).

use std::net::{SocketAddr, ToSocketAddrs};

use crate::cli::Failure;
use crate::console::language::{Text, text};

/// The port of the central server (the handout).
pub const SERVER_PORT: u16 = 10_000;

/// The default host and port where a server listens.
pub const LISTEN_PLACE: (&str, u16) = ("0.0.0.0", SERVER_PORT);

/// The default host and port of a server.
pub const SERVER_PLACE: (&str, u16) = ("127.0.0.1", SERVER_PORT);

/// All addresses of `HOST`, `HOST:PORT`, `PORT`, `:PORT`, `IP`, `IP:PORT`, `[IPV6]:PORT`, IPv4
/// first; `default` has what the text leaves out. An IPv6 address may have its zone
/// (`fe80::1%eth0`). Looks names up, which blocks.
///
/// # Errors
///
/// If it is no address, or the name is unknown.
pub fn resolve(wanted: &str, default: (&str, u16)) -> Result<Vec<SocketAddr>, Failure> {
    const NO_ADDRESS: Text = text!(
        "{wanted} is no address: HOST, HOST:PORT, [IPV6]:PORT, or a port up to 65535 alone",
        "{wanted} não é um endereço: HOST, HOST:PORTA, [IPV6]:PORTA, ou só uma porta até 65535",
    );
    const NO_ZONE: Text = text!(
        "{wanted} is a link-local address: say its zone too, as in [fe80::1%eth0]:10000",
        "{wanted} é um endereço de enlace local: diga também a zona, como [fe80::1%eth0]:10000",
    );
    const UNKNOWN: Text = text!("cannot find {host}", "não foi possível encontrar {host}");
    let shown = if wanted.is_empty() { "\"\"" } else { wanted };
    let wrong = |text| Failure::usage(text, &[("wanted", &shown)]);
    let (host, port) = split_address(wanted, default).ok_or_else(|| wrong(NO_ADDRESS))?;
    let unknown = || Failure::run(UNKNOWN, &[("host", &wanted)]);
    let found = (host, port).to_socket_addrs().map_err(|error| unknown().because(error))?;
    let (mut addresses, of_v6): (Vec<_>, Vec<_>) = found.partition(SocketAddr::is_ipv4);
    addresses.extend(of_v6);
    if addresses.iter().any(lacks_zone) {
        return Err(wrong(NO_ZONE));
    }
    if addresses.is_empty() { Err(unknown()) } else { Ok(addresses) }
}

/// A host and a port. `None`: the text is neither.
pub(super) fn split_address<'a>(
    wanted: &'a str,
    default: (&'a str, u16),
) -> Option<(&'a str, u16)> {
    let (default_host, default_port) = default;
    if let Some(bracketed) = wanted.strip_prefix('[') {
        let (host, behind) = bracketed.split_once(']')?;
        let port =
            if behind.is_empty() { default_port } else { port_of(behind.strip_prefix(':')?)? };
        return Some((host, port));
    }
    if wanted.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some((default_host, port_of(wanted)?));
    }
    match wanted.rsplit_once(':') {
        // An IPv6 address without brackets has colons of its own, and no port.
        Some((host, _)) if host.contains(':') => Some((wanted, default_port)),
        Some(("", port)) => (wanted != ":").then_some((default_host, port_of(port)?)),
        Some((host, port)) => Some((host, port_of(port)?)),
        None => Some((wanted, default_port)),
    }
}

/// A port. Port 0, for which the system chooses one, is allowed here.
fn port_of(text: &str) -> Option<u16> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// A link-local address such as `fe80::1` names one machine only together with its zone.
fn lacks_zone(address: &SocketAddr) -> bool {
    match address {
        SocketAddr::V6(it) => it.ip().is_unicast_link_local() && it.scope_id() == 0,
        SocketAddr::V4(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{STATUS_FAILED, STATUS_USAGE};
    use crate::console::language::Language;

    #[test]
    fn addresses_with_and_without_a_port() {
        let cases = [
            ("127.0.0.1", "127.0.0.1:10000"),
            ("127.0.0.1:7", "127.0.0.1:7"),
            ("::1", "[::1]:10000"),
            ("[::1]", "[::1]:10000"),
            ("[::1]:7", "[::1]:7"),
            ("localhost:7", "127.0.0.1:7"),
            ("7000", "127.0.0.1:7000"),
            (":10053", "127.0.0.1:10053"),
            ("0", "127.0.0.1:0"),
        ];
        for (text, expected) in cases {
            let found = resolve(text, SERVER_PLACE).expect(text);
            assert_eq!(found[0].to_string(), expected);
        }
        assert_eq!(resolve("10052", LISTEN_PLACE).expect("a port")[0].to_string(), "0.0.0.0:10052");
    }

    #[test]
    fn text_that_is_no_address_is_wrong_usage_and_an_unknown_name_is_not() {
        let wrong =
            ["", ":", "127.0.0.1:", "127.0.0.1:70000", "70000", ":+5", "host:x", "[::1", "[::1]7"];
        for text in wrong.into_iter().chain(["fe80::1", "[fe80::1]:7"]) {
            let failure = resolve(text, SERVER_PLACE).expect_err(text);
            assert_eq!(failure.status, STATUS_USAGE, "{text}");
            let shown = if text.is_empty() { "\"\" is no address" } else { text };
            assert!(failure.sentence(Language::English).starts_with(shown), "{text}");
        }
        let unknown = resolve("300.1.1.1.1:5", SERVER_PLACE).expect_err("no name");
        assert_eq!(unknown.status, STATUS_FAILED);
    }

    /// The zone of loopback is called the same on every Linux.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_link_local_address_keeps_its_zone() {
        for text in ["[fe80::1%lo]:7", "fe80::1%lo"] {
            let SocketAddr::V6(found) = resolve(text, SERVER_PLACE).expect(text)[0] else {
                panic!("{text} is IPv6");
            };
            assert_ne!(found.scope_id(), 0, "{text}");
        }
    }
}
