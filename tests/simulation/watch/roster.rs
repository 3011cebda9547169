//! The people who should be online, now and before each change, and the replies that follow.

use std::net::{IpAddr, SocketAddr};

use papo::machine::ConnId;
use papo::wire::reply::Edition;

use super::super::network::host_ip;
use super::super::setup::SERVER_HOST;

/// A person who should be online.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Entry {
    pub(crate) conn: ConnId,
    pub(crate) name: String,
    pub(crate) address: SocketAddr,
    /// Since when, in the world's time.
    pub(crate) since: u64,
}

impl Entry {
    /// Whether a call from this address may be this person's. A person who registered from loopback
    /// calls from the server's address.
    pub(crate) fn is_at(&self, from: IpAddr) -> bool {
        let is_local = self.address.ip().is_loopback();
        self.address.ip() == from || (is_local && from == host_ip(SERVER_HOST))
    }
}

/// All people who should be online, in order of arrival.
#[derive(Debug)]
pub(crate) struct Online {
    /// One version for each change. The last is now.
    versions: Vec<Vec<Entry>>,
    /// Every address at which a name was ever registered.
    addresses: Vec<(String, SocketAddr)>,
}

impl Default for Online {
    fn default() -> Self {
        Self { versions: vec![Vec::new()], addresses: Vec::new() }
    }
}

impl Online {
    pub(crate) fn now(&self) -> &[Entry] {
        self.versions.last().expect("there is always a version")
    }

    pub(crate) fn version(&self) -> usize {
        self.versions.len() - 1
    }

    /// The versions from this one to now.
    pub(crate) fn since(&self, version: usize) -> &[Vec<Entry>] {
        &self.versions[version..]
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Entry> {
        self.now().iter().find(|entry| entry.name == name)
    }

    pub(crate) fn join(&mut self, entry: Entry) {
        self.addresses.push((entry.name.clone(), entry.address));
        let mut next = self.now().to_vec();
        next.push(entry);
        self.versions.push(next);
    }

    pub(crate) fn leave(&mut self, conn: ConnId) {
        if self.now().iter().any(|entry| entry.conn == conn) {
            let mut next = self.now().to_vec();
            next.retain(|entry| entry.conn != conn);
            self.versions.push(next);
        }
    }

    /// The server starts again with an empty memory.
    pub(crate) fn forget(&mut self) {
        self.versions.push(Vec::new());
    }

    /// Whether `name` was ever registered with this port.
    pub(crate) fn ever_at(&self, name: &str, port: u16) -> bool {
        self.addresses.iter().any(|(known, address)| known == name && address.port() == port)
    }
}

/// The reply to LIST for `asker`, if these people are online.
pub(crate) fn list_reply(online: &[Entry], asker: ConnId) -> Vec<u8> {
    let others = online.iter().filter(|entry| entry.conn != asker);
    let names: Vec<_> = others.map(|entry| entry.name.as_str()).collect();
    format!("LIST {}\r\n", names.join(":")).into_bytes()
}

/// The reply to ADDR for `entry`, to a client from `from` that reached the server at `reached`.
pub(crate) fn addr_reply(
    edition: Edition,
    entry: &Entry,
    from: SocketAddr,
    reached: IpAddr,
) -> Vec<u8> {
    // A client from loopback is on the server's computer.
    let is_here = from.ip().is_loopback() || reached.is_loopback();
    let is_hidden = entry.address.ip().is_loopback() && !is_here;
    let ip = if is_hidden { reached } else { entry.address.ip() };
    let port = entry.address.port();
    match edition {
        Edition::Of2024 => format!("ADDR {ip}:{port}\r\n").into_bytes(),
        Edition::Of2026 => {
            // An IPv6 address is in brackets.
            let address = SocketAddr::new(ip, port);
            format!("ADDR {}:{address}\r\n", entry.name).into_bytes()
        }
    }
}
