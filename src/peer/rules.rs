//! The choices of a program that starts a peer.
//!
//! Read next: [`super::Peer`], which follows it.

use std::net::SocketAddr;

use crate::wire::KEEP_INTERVAL_MS;
use crate::wire::name::Name;
use crate::wire::reply::Edition;

/// The pause between two pieces of text, in milliseconds. With it eight of eight public programs
/// show 4 KB of accented text whole; without it two to six of them lose some, or die.
pub const PACE_MS: u64 = 20;

/// The choices of a person, or of a program that starts a peer.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The name to register. `None`: ask for it.
    pub name: Option<Name>,
    /// The port at which calls are awaited; bound already.
    pub port: u16,
    /// The servers, tried in turn, each with all addresses of its name. At least one address,
    /// where none of them has a name in [`Rules::names`].
    pub servers: Vec<Vec<SocketAddr>>,
    /// The names of servers, for a host that looks them up again before another attempt
    /// ([`super::notice::Notice::AddressesWanted`]). They may not be known yet.
    pub names: Vec<String>,
    /// How often to say KEEP.
    pub keep_interval_ms: u64,
    /// 2026 leaves DISC out. Both editions' replies are understood. `None`: that of the server,
    /// which its answers to ADDR tell.
    pub edition: Option<Edition>,
    /// The pause between two pieces of text, in milliseconds. 0: none, and no pieces.
    pub pace_ms: u64,
    /// Whether callers' names are checked with the server.
    pub verify: bool,
    /// Whether a script types, and not a person: it waits for each line to take effect, and is
    /// ended with an error where a person would be asked.
    pub scripted: bool,
    /// Whether the end of all typing is no reason to leave, nor that no server is there yet.
    pub stays: bool,
    /// Whether the program ends when the server, or the last conversation, is gone.
    pub exits_on_disconnect: bool,
    /// Whether a name that is refused is tried again with a number behind it.
    pub numbers_name: bool,
    /// Spreads the attempts to come back. Any number.
    pub seed: u64,
}

impl Rules {
    /// Those of the handout, for a person who is asked for the name.
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
