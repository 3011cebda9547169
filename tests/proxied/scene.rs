//! A directory behind proxies, and a driver for it without a socket or a clock.
//!
//! Its log has the lines to callers, the notices, and the closed connections.

use std::net::{IpAddr, SocketAddr};

use papo::directory::notice::{Notice, Refusal};
use papo::directory::{Directory, Rules};
use papo::machine::{Action, ConnId, Input};
use papo::proxied::Proxied;
use papo::wire::REQUEST_LIMIT;

use crate::driver::{Done, Driver};

/// The proxy whose headers count.
pub(crate) const PROXY: &str = "10.9.0.1";

/// A client without a proxy.
pub(crate) const DIRECT: &str = "10.0.0.9";

pub(crate) struct Scene {
    driver: Driver<Proxied<Directory>>,
    /// In the order of their arrival. The log has their numbers.
    callers: Vec<ConnId>,
    /// The closed ones. The log has only the first close of each.
    closed: Vec<ConnId>,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::with(Rules::default())
    }

    pub(crate) fn with(rules: Rules) -> Self {
        let proxies = "10.9.0.0/24,fd00::/64".parse().expect("a list");
        let machine = Proxied::new(Directory::new(rules), proxies, REQUEST_LIMIT);
        Self { driver: Driver::new(machine), callers: Vec::new(), closed: Vec::new() }
    }

    /// A client connects.
    pub(crate) fn accept(&mut self, from: &str) -> ConnId {
        let from = SocketAddr::new(from.parse().expect("an address"), 50_000);
        let reached: IpAddr = "10.9.0.100".parse().expect("an address");
        let caller = self.driver.accept(from, reached);
        self.callers.push(caller);
        caller
    }

    /// Bytes arrive, in one read.
    pub(crate) fn send(&mut self, caller: ConnId, bytes: &[u8]) {
        if self.is_open(caller) {
            self.driver.arrive(caller, bytes);
        }
    }

    /// The other side ends its stream.
    pub(crate) fn end(&mut self, caller: ConnId) {
        if self.is_open(caller) {
            self.driver.end(caller);
        }
    }

    pub(crate) fn stop(&mut self) {
        self.driver.handle(Input::Stop);
    }

    /// Lets time pass, with every tick that is asked for.
    pub(crate) fn wait(&mut self, millis: u64) {
        self.driver.wait(millis);
    }

    pub(crate) fn is_open(&self, caller: ConnId) -> bool {
        self.driver.is_open(caller)
    }

    /// The number of registered clients.
    pub(crate) fn online(&self) -> usize {
        self.driver.machine.machine().roster().len()
    }

    /// The log since the last call.
    pub(crate) fn look(&mut self) -> Vec<String> {
        let log = self.driver.take_log();
        log.into_iter().filter_map(|done| self.words(done)).collect()
    }

    #[track_caller]
    pub(crate) fn expect<const COUNT: usize>(&mut self, wanted: [&str; COUNT]) {
        assert_eq!(self.look(), wanted);
    }

    fn words(&mut self, done: Done<Notice>) -> Option<String> {
        let place = |conn| self.callers.iter().position(|&it| it == conn).expect("a caller");
        let text = done.text();
        if let Action::Close { conn } | Action::Abort { conn } | Action::Reset { conn } =
            done.action
        {
            if self.closed.contains(&conn) {
                return None;
            }
            self.closed.push(conn);
        }
        Some(match done.action {
            Action::CutLines { .. } => return None,
            Action::Send { conn, .. } | Action::SendShared { conn, .. } => {
                format!("{} < {}", place(conn), text.trim_end())
            }
            Action::Close { conn } => format!("{} closed", place(conn)),
            Action::Abort { conn } => format!("{} aborted", place(conn)),
            Action::Reset { conn } => format!("{} reset", place(conn)),
            Action::Show(notice) => brief(&notice),
            Action::Exit { status } => format!("exit {status}"),
            other => panic!("a directory has no action {other:?}"),
        })
    }
}

fn brief(notice: &Notice) -> String {
    match notice {
        Notice::Joined { name, address, .. } => format!("{name} joins at {address}"),
        Notice::Left { name, .. } => format!("{name} leaves"),
        Notice::Refused { from, why: Refusal::ProxyHeader { why, .. } } => {
            format!("refused {}: {why:?}", from.ip())
        }
        Notice::Refused { from, why: Refusal::NotUser { why, .. } } => {
            format!("refused {}: {why:?}", from.ip())
        }
        Notice::Refused { from, why } => format!("refused {}: {why:?}", from.ip()),
        Notice::State(state) => format!("{} refused", state.refused),
    }
}

/// A header of version 1 for a client at this address.
pub(crate) fn v1(from: &str) -> Vec<u8> {
    format!("PROXY TCP4 {from} 10.9.0.50 40000 10000\r\n").into_bytes()
}

/// A header of version 2: command, family, and the bytes after the length.
pub(crate) fn v2(command: u8, family: u8, behind: &[u8]) -> Vec<u8> {
    let length = u16::try_from(behind.len()).expect("short").to_be_bytes();
    [&b"\r\n\r\n\0\r\nQUIT\n"[..], &[0x20 | command, family], &length, behind].concat()
}

/// A header of version 2 for a client at 10.0.0.7.
pub(crate) fn v2_client() -> Vec<u8> {
    v2(1, 0x11, &[10, 0, 0, 7, 10, 9, 0, 50, 0x9c, 0x40, 0x27, 0x10])
}
