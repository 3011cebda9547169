//! The notices of a server that shares its directory. Each becomes a log line or a sentence: see
//! [`crate::console`].

use std::io::ErrorKind;
use std::net::SocketAddr;

use super::engine::{Epoch, ServerId};
use crate::directory::notice::{self, Excerpt};
use crate::machine::CloseReason;
use crate::wire::name::Name;

/// Most bytes of the engine's error text in a notice.
pub const WORDS_BYTES_MAX: usize = 120;

/// Something that happened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Notice {
    /// A notice of the directory inside.
    Directory(notice::Notice),
    /// The answer to a request for a report.
    State(notice::DirectoryCounts, Sharing),
    /// The names of all servers are known, and the names here are being claimed.
    Up {
        /// The address of the engine.
        engine: SocketAddr,
        /// The epoch of its data.
        epoch: Epoch,
    },
    /// The engine cannot be used. It, or the next engine, is tried again.
    Down {
        /// The address of the engine.
        engine: SocketAddr,
        /// Why.
        why: Trouble,
    },
    /// Our lease had ended, so the other servers may have released our names. They are
    /// claimed again.
    LeaseLost,
    /// A person was admitted without a claim, because the engine has not replied in time.
    Unclaimed {
        /// The person.
        name: Name,
        /// The address for calls.
        address: SocketAddr,
    },
    /// The lease of another server has ended, and its names are released.
    ServerGone {
        /// The server.
        server: ServerId,
        /// How many people it had.
        people: usize,
    },
    /// The engine holds data that no papo server wrote. It is ignored.
    Foreign,
    /// There are more people at other servers than are kept.
    Crowded,
}

impl From<notice::Notice> for Notice {
    fn from(notice: notice::Notice) -> Self {
        Self::Directory(notice)
    }
}

/// Why an engine cannot be used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Trouble {
    /// It cannot be dialed.
    Unreachable(ErrorKind),
    /// No answer in time.
    Slow,
    /// The connection ended.
    Closed(CloseReason),
    /// It sent these bytes, which are of another protocol.
    NotRedis(Excerpt),
    /// A reply is longer than any valid one.
    TooLong,
    /// A reply has another shape than the command's.
    Nonsense,
    /// Its error reply to a command: a wrong password, a full memory, a read-only replica.
    Said(Box<str>),
}

/// How a server shares its names, in numbers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Sharing {
    /// Our lease is held, as far as we know.
    pub has_lease: bool,
    /// How many known entries of the stream have not come yet.
    pub lag: u64,
    /// How many names here are not claimed yet.
    pub claims: usize,
    /// How many names are not released yet.
    pub releases: usize,
    /// People at other servers.
    pub remote: usize,
    /// Other servers that have people.
    pub servers: usize,
}
