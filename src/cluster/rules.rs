//! The choices of the person who runs several servers. No decision is taken here.

use std::fmt;
use std::net::SocketAddr;

use super::engine::ServerId;

/// The choices of the person who runs several servers.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The engines, tried in turn. At least one.
    pub engines: Vec<Engine>,
    /// The beginning of the keys. Groups of servers with different prefixes can share an engine.
    pub prefix: String,
    /// A random number, new at each start.
    pub server: ServerId,
}

/// An engine, and the login for it.
#[derive(Clone)]
pub struct Engine {
    /// Its address.
    pub address: SocketAddr,
    /// The user, if it has users.
    pub user: Option<String>,
    /// The password, if it wants one.
    pub password: Option<String>,
    /// The number of its database.
    pub database: u32,
}

/// Leaves the password out of logs.
impl fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, user, database, .. } = self;
        let mut shown = formatter.debug_struct("Engine");
        shown.field("address", address).field("user", user).field("database", database);
        shown.finish_non_exhaustive()
    }
}
