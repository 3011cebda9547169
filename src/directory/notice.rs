//! The notices of the directory for the person who runs it. Each becomes a log line: see
//! [`crate::console`].

use std::net::SocketAddr;

use crate::machine::{CloseReason, LoopCounts};
use crate::wire::name::Name;
use crate::wire::not_user::NotUser;
#[cfg(feature = "full")]
use crate::wire::proxy_header::HeaderFault;

/// Most bytes of a stranger's line that are kept for the log.
pub const EXCERPT_BYTES_MAX: usize = 64;

/// Something that happened in the directory.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Notice {
    /// Somebody registered.
    Joined {
        /// The person.
        name: Name,
        /// Where calls are awaited.
        address: SocketAddr,
        /// How many are online now.
        online: usize,
    },
    /// Somebody is no longer registered.
    Left {
        /// The person.
        name: Name,
        /// Where calls were awaited.
        address: SocketAddr,
        /// Why.
        why: LeaveReason,
        /// How many are online now.
        online: usize,
    },
    /// A connection was turned away before it had a name.
    Refused {
        /// Where it came from.
        from: SocketAddr,
        /// Why.
        why: Refusal,
    },
    /// Somebody asked how it is.
    State(DirectoryCounts),
}

/// How a directory is, in numbers; those of events since it started.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DirectoryCounts {
    /// The counts of the event loop.
    pub event_loop: LoopCounts,
    /// People online.
    pub names: usize,
    /// Connections turned away before they had a name.
    pub refused: u64,
    /// People who said no KEEP for too long.
    pub expired: u64,
}

/// Why somebody is no longer registered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LeaveReason {
    /// The connection ended, in order or not.
    Closed,
    /// No KEEP for three times its interval.
    Expired,
    /// The connection broke.
    Lost(std::io::ErrorKind),
    /// Too many lines that are no instruction. The last of them.
    BadLines(Excerpt),
    /// A line grew past every bound.
    LineTooLong,
    /// Answers piled up unread.
    SlowReader,
    /// The name was let in without the word of the other servers, and belongs to somebody there.
    #[cfg(feature = "full")]
    NameLost,
    /// The same person has come back, by this server or by another.
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

/// The beginning of what a stranger sent, and the length of all of it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Excerpt {
    /// At most [`EXCERPT_BYTES_MAX`] bytes.
    pub start: Box<[u8]>,
    /// How many bytes there were.
    pub bytes: usize,
}

impl Excerpt {
    /// The beginning of this line.
    #[must_use]
    pub fn of(line: &[u8]) -> Self {
        let start = &line[..line.len().min(EXCERPT_BYTES_MAX)];
        Self { start: start.into(), bytes: line.len() }
    }
}

/// Why a connection was turned away.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Refusal {
    /// The name belongs to somebody who is online.
    NameTaken(Name),
    /// The first line was not a USER that can be understood.
    NotUser {
        /// The mistake.
        why: NotUser,
        /// The line.
        line: Excerpt,
    },
    /// The first line grew past every bound. Its beginning, as far as it was seen: often nothing.
    LineTooLong(Excerpt),
    /// No bytes came in time.
    Silent,
    /// The other side sent these bytes and no line end, and then waited or hung up.
    Unended(Excerpt),
    /// Too many connections from one address.
    AddressLimit,
    /// Too many connections in all.
    ClientLimit,
    /// A proxy did not say properly whom it brings.
    #[cfg(feature = "full")]
    ProxyHeader {
        /// The fault.
        why: HeaderFault,
        /// The line that came instead, or with it.
        line: Excerpt,
    },
}
