//! Lists of servers, such as `a.example,b.example:7000`.
//!
//! Names are looked up here, which blocks. Read next: [`super::addresses`], for one server.

use std::net::{IpAddr, SocketAddr};

use super::addresses::{SERVER_PLACE, resolve, split_address};
use super::help::{Opt, option};
use super::options::Choices;
use crate::cli::{Failure, STATUS_USAGE};

/// `--server`, of each command that connects to a server.
pub(crate) const SERVER: Opt = option(
    "--server HOST[:PORT],..  the server, or several in turn (127.0.0.1:10000)",
    "--server HOST[:PORTA],..  o servidor, ou vários (127.0.0.1:10000)",
);

/// The list of `--server`.
pub(crate) fn chosen(matches: &Choices) -> String {
    matches.opt_str("server").unwrap_or_else(|| SERVER_PLACE.0.to_string())
}

/// The servers of a list such as `a.example,b.example:7000`.
pub(crate) fn listed(servers: &str) -> impl Iterator<Item = &str> {
    servers.split(',').map(str::trim)
}

/// The servers of a list, each with all its addresses. While another server is known, an unknown
/// name is only logged, and has no address.
///
/// # Errors
///
/// If one of them is no address, or no name is known.
pub(crate) fn resolve_each(wanted: &str) -> Result<Vec<Vec<SocketAddr>>, Failure> {
    let (mut servers, mut unknown) = (Vec::new(), Vec::new());
    for text in listed(wanted) {
        match resolve(text, SERVER_PLACE) {
            Ok(addresses) => servers.push(addresses),
            Err(failure) if failure.status == STATUS_USAGE => return Err(failure),
            Err(failure) => {
                servers.push(Vec::new());
                unknown.push((text, failure));
            }
        }
    }
    if servers.iter().all(Vec::is_empty) && !unknown.is_empty() {
        return Err(unknown.remove(0).1);
    }
    for (text, _) in unknown {
        log::warn!("cannot find the server {}", text.escape_debug());
    }
    Ok(servers)
}

/// The servers of a list, each with its addresses, and the names that are looked up again later.
/// With `waits` no name is looked up now. Otherwise an unknown name is an error: most likely it is
/// wrong.
///
/// # Errors
///
/// Where one of them is no address, or no name is known.
pub(crate) fn places(
    servers: &str,
    waits: bool,
) -> Result<(Vec<Vec<SocketAddr>>, Vec<String>), Failure> {
    if !cfg!(feature = "tools") {
        return Ok((resolve_each(servers)?, Vec::new()));
    }
    let known = if waits { written_each(servers)? } else { resolve_each(servers)? };
    let names = listed(servers).filter(|it| is_name(it)).map(str::to_string);
    Ok((known, names.collect()))
}

/// The servers of a list; only those that are written as addresses have any.
fn written_each(servers: &str) -> Result<Vec<Vec<SocketAddr>>, Failure> {
    let written = |it| if is_name(it) { Ok(Vec::new()) } else { resolve(it, SERVER_PLACE) };
    listed(servers).map(written).collect()
}

/// An IPv6 address may have the name of its zone, and a colon in any case.
fn is_name(server: &str) -> bool {
    let place = split_address(server, SERVER_PLACE);
    place.is_some_and(|(host, _)| !host.contains(':') && host.parse::<IpAddr>().is_err())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::STATUS_FAILED;

    #[test]
    fn a_list_of_servers_has_each_of_them() {
        let servers = resolve_each("127.0.0.1:7, ::1,8").expect("addresses");
        let firsts: Vec<_> = servers.iter().map(|of_one| of_one[0].to_string()).collect();
        assert_eq!(firsts, ["127.0.0.1:7", "[::1]:10000", "127.0.0.1:8"]);
        let known = resolve_each("300.1.1.1.1:5,127.0.0.1").expect("one is known");
        assert_eq!(known.iter().map(Vec::len).collect::<Vec<_>>(), [0, 1]);
        let unknown = resolve_each("300.1.1.1.1:5,300.1.1.1.1:6").expect_err("none is known");
        assert_eq!(unknown.status, STATUS_FAILED);
        for wrong in ["", "127.0.0.1,", ",127.0.0.1", "127.0.0.1,,::1", "127.0.0.1,70000"] {
            let failure = resolve_each(wrong).expect_err(wrong);
            assert_eq!(failure.status, STATUS_USAGE, "{wrong}");
        }
    }

    #[cfg(feature = "tools")]
    #[test]
    fn only_names_wait_to_be_looked_up() {
        let list = "no.such.host.invalid,10.0.0.1, papo:7,::1,[fe80::1%lo]:7,8";
        let (written, names) = places(list, true).expect("nothing is looked up");
        assert_eq!(names, ["no.such.host.invalid", "papo:7"]);
        assert_eq!(written.iter().map(Vec::len).collect::<Vec<_>>(), [0, 1, 0, 1, 1, 1]);
        for wrong in ["", "papo:70000", "papo,"] {
            let failure = places(wrong, true).expect_err(wrong);
            assert_eq!(failure.status, STATUS_USAGE, "{wrong}");
        }
    }
}
