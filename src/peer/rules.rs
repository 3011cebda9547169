//! The choices of the program that starts a peer.
//!
//! Read next: [`super::Peer`], which follows them.

use std::net::SocketAddr;

use crate::wire::KEEP_INTERVAL_MS;
use crate::wire::name::Name;
use crate::wire::reply::Edition;

/// The pause between two pieces of text, in milliseconds. With it eight of eight public programs
/// show 4 KB of accented text whole; without it two to six of them lose some, or die.
pub const PACE_MS: u64 = 20;

/// The choices of the program that starts a peer, or of the person who runs it.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The name to register. `None`: the peer asks for one.
    pub name: Option<Name>,
    /// The port on which the host already listens for calls.
    pub port: u16,
    /// The servers, tried in turn, each with all addresses of its name. At least one address is
    /// needed if [`Rules::names`] is empty.
    pub servers: Vec<Vec<SocketAddr>>,
    /// The names of servers, for a host that looks them up again before another attempt
    /// ([`super::notice::Notice::AddressesWanted`]). They may not be known yet.
    pub names: Vec<String>,
    /// The interval between two KEEPs.
    pub keep_interval_ms: u64,
    /// The edition of the handout: the one of 2026 has no DISC. Replies of both are understood.
    /// `None`: the server's edition, which its answers to ADDR show.
    pub edition: Option<Edition>,
    /// The pause between two pieces of text. 0: text leaves whole and at once.
    pub pace_ms: u64,
    /// Whether the server is asked about the names of callers.
    pub verify: bool,
    /// Whether a script gives the commands. Each command then waits for the effect of the one
    /// before, and the program ends with an error where a person would be asked.
    pub scripted: bool,
    /// Whether the peer stays after the last command, and waits for its first server without end.
    pub stays: bool,
    /// Whether the program ends when it loses the server or its last conversation.
    pub exits_on_disconnect: bool,
    /// Whether a refused name is tried again with a number behind it.
    pub numbers_name: bool,
    /// Seeds the random part of the pauses between attempts. Any number.
    pub seed: u64,
}

impl Rules {
    /// The rules of the handout, for a person who is asked for the name.
    #[must_use]
    pub fn new(server: SocketAddr, port: u16) -> Self {
        Self {
            name: None,
            port,
            servers: vec![vec![server]],
            names: Vec::new(),
            keep_interval_ms: KEEP_INTERVAL_MS,
            edition: None,
            pace_ms: PACE_MS,
            verify: true,
            scripted: false,
            stays: false,
            exits_on_disconnect: false,
            numbers_name: false,
            seed: 1,
        }
    }
}
