//! The choices of the person who runs a load.
//!
//! Read next: [`super::schedule`], which makes moments of the pace.

use std::net::SocketAddr;

use super::schedule::Pace;
use crate::wire::KEEP_INTERVAL_MS;

/// The operations of the clients.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mix {
    /// Ask for somebody's address: ADDR.
    Lookup,
    /// Ask who is online: LIST.
    List,
    /// Nothing but to say KEEP.
    Keep,
    /// Connect, register, ask for the own address, leave; and again.
    Churn,
}

/// The choices of the person who runs the load.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The server.
    pub server: SocketAddr,
    /// How many connections at once.
    pub clients: usize,
    /// Their operations.
    pub mix: Mix,
    /// How fast.
    pub pace: Pace,
    /// For how long, in milliseconds, once all are registered.
    pub run_ms: u64,
    /// How often each says KEEP, in milliseconds.
    pub keep_interval_ms: u64,
    /// The beginning of the clients' names: two runs on one server need two.
    pub tag: String,
    /// Whether others may be online: a name that is none of ours is no mistake then.
    pub others: bool,
    /// The seed of the random numbers that decide who is asked for.
    pub seed: u64,
}

impl Rules {
    /// One client that asks for itself for ten seconds.
    #[must_use]
    pub fn of(server: SocketAddr) -> Self {
        Self {
            server,
            clients: 1,
            mix: Mix::Lookup,
            pace: Pace::Pipeline(1),
            run_ms: 10_000,
            keep_interval_ms: KEEP_INTERVAL_MS,
            tag: "load-".to_string(),
            others: false,
            seed: 1,
        }
    }
}
