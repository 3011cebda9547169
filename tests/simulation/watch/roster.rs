//! The people who should be online: the plain list that the directory's replies are compared with,
//! and what it was before each change.

use std::net::{IpAddr, SocketAddr};

use papo::machine::ConnId;
use papo::wire::reply::Edition;

use super::super::cast::SERVER_HOST;
use super::super::network::host_ip;

/// One who should be online.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Entry {
    pub(crate) conn: ConnId,
    pub(crate) name: String,
    pub(crate) address: SocketAddr,
    /// Since when, in the world's time.
    pub(crate) since: u64,
}

impl Entry {
    /// Whether a call from there may be this one's. Who registered on the server's own computer
    /// calls from there, by one of its addresses.
    pub(crate) fn is_at(&self, from: IpAddr) -> bool {
        let is_local = self.address.ip().is_loopback();
        self.address.ip() == from || (is_local && from == host_ip(SERVER_HOST))
    }
}

/// All who should be online, in order of arrival, now and before.
#[derive(Debug)]
pub(crate) struct Online {
    /// One for each change; the last is now.
    versions: Vec<Vec<Entry>>,
    /// Every address that a name was ever registered at.
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

    /// From that version to now.
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

    /// The server starts again with nothing in memory.
    pub(crate) fn forget(&mut self) {
        self.versions.push(Vec::new());
    }

    /// Whether `name` was ever registered with this port.
    pub(crate) fn ever_at(&self, name: &str, port: u16) -> bool {
        self.addresses.iter().any(|(known, address)| known == name && address.port() == port)
    }
}

/// The LIST reply that `asker` should get where these are online.
pub(crate) fn list_reply(online: &[Entry], asker: ConnId) -> Vec<u8> {
    let others = online.iter().filter(|entry| entry.conn != asker);
    let names: Vec<_> = others.map(|entry| entry.name.as_str()).collect();
    format!("LIST {}\r\n", names.join(":")).into_bytes()
}

/// The ADDR reply for `entry`, to somebody who came from `from` and reached the server at
/// `reached`.
pub(crate) fn addr_reply(
    edition: Edition,
    entry: &Entry,
    from: SocketAddr,
    reached: IpAddr,
) -> Vec<u8> {
    // A client that came by loopback is on the server's machine, wherever it says to come from.
    let is_here = from.ip().is_loopback() || reached.is_loopback();
    let is_hidden = entry.address.ip().is_loopback() && !is_here;
    let ip = if is_hidden { reached } else { entry.address.ip() };
    let port = entry.address.port();
    match edition {
        Edition::Of2024 => format!("ADDR {ip}:{port}\r\n").into_bytes(),
        Edition::Of2026 => {
            // With brackets around an IPv6 address.
            let address = SocketAddr::new(ip, port);
            format!("ADDR {}:{address}\r\n", entry.name).into_bytes()
        }
    }
}
