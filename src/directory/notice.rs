//! What the directory has to tell whoever runs it. A log line each; see [`crate::terminal`].

use std::net::SocketAddr;

use crate::machine::{CloseReason, Figures};
use crate::wire::name::Name;

/// Something that happened in the directory.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Notice {
    /// Somebody registered.
    Joined {
        /// Who.
        name: Name,
        /// Where calls are awaited.
        address: SocketAddr,
        /// How many are online now.
        online: usize,
    },
    /// Somebody is no longer registered.
    Left {
        /// Who.
        name: Name,
        /// Where calls were awaited.
        address: SocketAddr,
        /// Why.
        why: Leaving,
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
    State(State),
}

/// How a directory is, in numbers; those of events since it started.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct State {
    /// What the driver counts.
    pub driver: Figures,
    /// People online.
    pub names: usize,
    /// Connections turned away before they had a name.
    pub refused: u64,
    /// People who said no KEEP for too long.
    pub expired: u64,
}

/// Why somebody is no longer registered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Leaving {
    /// The connection ended, in order or not.
    Closed,
    /// No KEEP for three times its interval.
    Expired,
    /// The connection broke.
    Lost(std::io::ErrorKind),
    /// Too many lines that mean nothing, or one that would not end.
    Misbehaved,
    /// Answers piled up unread.
    SlowReader,
}

impl From<CloseReason> for Leaving {
    fn from(reason: CloseReason) -> Self {
        match reason {
            CloseReason::Asked => Self::Closed,
            CloseReason::Failed(kind) => Self::Lost(kind),
            CloseReason::LineTooLong => Self::Misbehaved,
            CloseReason::SlowReader => Self::SlowReader,
        }
    }
}

/// Why a connection was turned away.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Refusal {
    /// The name belongs to somebody who is online.
    NameTaken(Name),
    /// The first line was not a USER that can be understood. The line.
    NotUser(Vec<u8>),
    /// Its first line would not end.
    LineTooLong,
    /// No USER in time.
    Silent,
    /// Too many connections from one address.
    AddressLimit,
    /// Too many connections in all.
    ClientLimit,
}
