//! The notices of a server that shares its directory. Each becomes a log line or a sentence: see
//! [`crate::console`].

use std::io::ErrorKind;
use std::net::SocketAddr;

use super::engine::{Epoch, ServerId};
use crate::directory::notice::{self, Excerpt};
use crate::machine::CloseReason;
use crate::wire::name::Name;

/// Most bytes of the engine's own words that are told.
pub const WORDS_BYTES_MAX: usize = 120;

/// Something that happened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Notice {
    /// To the people of this server.
    Directory(notice::Notice),
    /// Somebody asked how the directory is, and how it shares its names.
    State(notice::DirectoryCounts, Sharing),
    /// The names of all servers are known, and ours are claimed from now on.
    Up {
        /// Where the engine is.
        engine: SocketAddr,
        /// The life of its data.
        epoch: Epoch,
    },
    /// The engine cannot be used. It is tried again, and the next one if there are several.
    Down {
        /// Where it is, or should be.
        engine: SocketAddr,
        /// Why.
        why: Trouble,
    },
    /// Our lease had ended: the others took us for dead. Everybody here is claimed again.
    LeaseLost,
    /// Somebody was let in without the word of the others: the engine has not answered in time.
    Unclaimed {
        /// The person.
        name: Name,
        /// Where calls are awaited.
        address: SocketAddr,
    },
    /// The lease of another server has ended, and its people are gone.
    ServerGone {
        /// Which one.
        server: ServerId,
        /// How many people it had.
        people: usize,
    },
    /// The engine holds what no server of ours has written there. It is left alone.
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
    /// Nobody is there.
    Unreachable(ErrorKind),
    /// No answer in time.
    Slow,
    /// The connection ended.
    Closed(CloseReason),
    /// It speaks another protocol. The bytes that it sent.
    NotRedis(Excerpt),
    /// A reply is longer than any that was asked for.
    TooLong,
    /// A reply has a shape that was not asked for.
    Nonsense,
    /// It refuses, in its own words: a password, a full memory, a replica that takes no writes.
    Said(Box<str>),
}

/// How a server shares its names, in numbers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Sharing {
    /// Our lease is held, as far as we know.
    pub has_lease: bool,
    /// How many entries of the stream we know to exist and have not seen.
    pub lag: u64,
    /// How many names are to be claimed, or are being claimed.
    pub claims: usize,
    /// How many names are to be given back.
    pub releases: usize,
    /// People at other servers.
    pub remote: usize,
    /// Other servers that have people.
    pub servers: usize,
}
