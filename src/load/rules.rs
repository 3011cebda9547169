//! The choices of the person who runs a load.
//!
//! Read next: [`super::schedule`], which makes times of the pace.

use std::net::SocketAddr;

use super::schedule::Pace;
use crate::wire::KEEP_INTERVAL_MS;

/// The operations of the clients.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mix {
    /// ADDR with the name of a random client.
    Lookup,
    /// LIST.
    List,
    /// Only KEEP.
    Keep,
    /// Connect, register, ask for the own address, disconnect, and again.
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
    /// How fast they ask.
    pub pace: Pace,
    /// How long they ask after all are registered, in milliseconds.
    pub run_ms: u64,
    /// How often each sends KEEP, in milliseconds.
    pub keep_interval_ms: u64,
    /// The beginning of the clients' names. Two runs on one server need two.
    pub tag: String,
    /// Whether a list may have names of other people.
    pub others: bool,
    /// The seed of the random numbers that choose the names in ADDR.
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
