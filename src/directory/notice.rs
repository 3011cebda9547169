//! The notices of the directory for its operator. [`crate::console`] makes a log line of each.

use std::net::SocketAddr;

use crate::machine::{CloseReason, LoopCounts};
use crate::wire::name::Name;
use crate::wire::not_user::NotUser;
#[cfg(feature = "full")]
use crate::wire::proxy_header::HeaderFault;

/// Most bytes of a client's line that are kept for the log.
pub const EXCERPT_BYTES_MAX: usize = 64;

/// An event in the directory.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Notice {
    /// A person registered.
    Joined {
        /// The person.
        name: Name,
        /// Where the person waits for calls.
        address: SocketAddr,
        /// How many are online now.
        online: usize,
    },
    /// A person is no longer registered.
    Left {
        /// The person.
        name: Name,
        /// Where the person waited for calls.
        address: SocketAddr,
        /// Why.
        why: LeaveReason,
        /// How many are online now.
        online: usize,
    },
    /// A connection was refused before it had a name.
    Refused {
        /// The client's address.
        from: SocketAddr,
        /// Why.
        why: Refusal,
    },
    /// The answer to a request for the state ([`crate::machine::Input::Report`]).
    State(DirectoryCounts),
}

/// The state of a directory in numbers. A count of events begins when the directory starts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DirectoryCounts {
    /// The counts of the event loop.
    pub event_loop: LoopCounts,
    /// People online.
    pub names: usize,
    /// Connections that were refused before they had a name.
    pub refused: u64,
    /// People who expired, because they sent no KEEP.
    pub expired: u64,
}

/// Why a person is no longer registered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LeaveReason {
    /// The connection was closed, by the client or by the directory.
    Closed,
    /// No KEEP for three times its interval.
    Expired,
    /// The connection broke.
    Lost(std::io::ErrorKind),
    /// Too many lines that are no instruction. This is the last of them.
    BadLines(Excerpt),
    /// A line was too long.
    LineTooLong,
    /// The client did not read its answers.
    SlowReader,
    /// The name was registered while the other servers could not be asked. It belongs to a person
    /// there.
    #[cfg(feature = "full")]
    NameLost,
    /// The same person has registered again, at this server or at another.
    #[cfg(feature = "full")]
    TakenOver,
}

impl From<CloseReason> for LeaveReason {
    fn from(reason: CloseReason) -> Self {
        match reason {
            CloseReason::Asked => Self::Closed,
            CloseReason::Failed(kind) => Self::Lost(kind),
            CloseReason::LineTooLong => Self::LineTooLong,
            CloseReason::SlowReader => Self::SlowReader,
        }
    }
}

/// The beginning of a client's line, and the length of the whole line.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Excerpt {
    /// At most [`EXCERPT_BYTES_MAX`] bytes.
    pub start: Box<[u8]>,
    /// The length of the whole line.
    pub bytes: usize,
}

impl Excerpt {
    /// The excerpt of a line.
    #[must_use]
    pub fn of(line: &[u8]) -> Self {
        let start = &line[..line.len().min(EXCERPT_BYTES_MAX)];
        Self { start: start.into(), bytes: line.len() }
    }
}

/// Why a connection was refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Refusal {
    /// A person who is online has this name.
    NameTaken(Name),
    /// The first line was not a correct USER.
    NotUser {
        /// The mistake.
        why: NotUser,
        /// The line.
        line: Excerpt,
    },
    /// The first line was too long. The excerpt is empty if the whole line came in one read.
    LineTooLong(Excerpt),
    /// No bytes came in time.
    Silent,
    /// The client sent these bytes without a line end, and then waited or disconnected.
    Unended(Excerpt),
    /// Too many connections from one address.
    AddressLimit,
    /// Too many connections in all.
    ClientLimit,
    /// The proxy sent no correct header.
    #[cfg(feature = "full")]
    ProxyHeader {
        /// The fault.
        why: HeaderFault,
        /// The line in its place, or after it.
        line: Excerpt,
    },
}
