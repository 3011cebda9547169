//! The choices of the person who runs several servers. No decision is taken here.

use std::fmt;
use std::net::SocketAddr;

use super::engine::ServerId;

/// The choices of the person who runs several servers.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The engines, tried in turn. At least one.
    pub engines: Vec<Engine>,
    /// The beginning of the keys, so that several worlds can share an engine.
    pub prefix: String,
    /// Another number at each start.
    pub server: ServerId,
}

/// An engine, and how to be let in.
#[derive(Clone)]
pub struct Engine {
    /// Where it is.
    pub address: SocketAddr,
    /// The user, where it has users.
    pub user: Option<String>,
    /// The password, where it wants one.
    pub password: Option<String>,
    /// The number of its database.
    pub database: u32,
}

/// Without the password, which belongs into no log.
impl fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, user, database, .. } = self;
        let mut shown = formatter.debug_struct("Engine");
        shown.field("address", address).field("user", user).field("database", database);
        shown.finish_non_exhaustive()
    }
}
