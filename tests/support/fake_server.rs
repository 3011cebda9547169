//! A server that the test drives: it only listens.

use std::net::{SocketAddr, TcpListener};

use super::{Process, Raw};

/// See the module's own documentation.
pub struct FakeServer {
    /// The listener for peers.
    pub listener: TcpListener,
    /// Its address.
    pub address: SocketAddr,
}

impl FakeServer {
    /// A server on loopback, on a port of the system's choice.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("any port");
        let address = listener.local_addr().expect("bound");
        Self { listener, address }
    }

    /// The arguments of a `papo peer` for Ana with this server. She does not check callers' names, so
    /// that the server receives only requests that the test causes.
    pub fn arguments(&self, options: &[&str]) -> Vec<String> {
        let address = self.address.to_string();
        let basic = ["peer", "Ana", "--server", &address, "--lang", "en", "--no-verify"];
        basic.iter().chain(options).map(ToString::to_string).collect()
    }

    /// Starts that peer.
    pub fn peer(&self, options: &[&str]) -> Process {
        Process::start(&words(&self.arguments(options)))
    }

    /// Takes the connection of the peer, and its USER. Returns the address for calls, too.
    #[track_caller]
    pub fn registered(&self) -> (Raw, SocketAddr) {
        let mut raw = Raw::accept(&self.listener);
        let line = raw.line();
        let port = line.strip_prefix("USER Ana:").and_then(|port| port.parse().ok());
        let port = port.unwrap_or_else(|| panic!("no USER of Ana: {line}"));
        (raw, SocketAddr::from(([127, 0, 0, 1], port)))
    }
}

/// Arguments as [`Process`] wants them.
pub fn words(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}
