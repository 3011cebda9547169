//! No service manager: `service.rs` has those of Unix. A server on Windows runs in a console.
//!
//! The same methods, which do nothing. Read next: [`super::program`], which calls them.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::listening::Listener;
use crate::cli::Failure;
use crate::event_loop::socket;
use crate::machine::Millis;

/// The service manager that started us. Here there is none.
#[derive(Debug, Default)]
pub struct Service(());

impl Service {
    /// The one that the environment names.
    pub fn from_environment() -> io::Result<Self> {
        Ok(Self(()))
    }

    /// Says that clients can come.
    pub fn ready(&self) {}

    /// Says that it is over.
    pub fn stopping(&self) {}

    /// Takes note that the loop has turned.
    pub fn on_turn(&mut self, _: Millis) {}

    /// How long the loop may sleep for it.
    #[must_use]
    pub fn may_wait(&self, _: Millis) -> Option<Duration> {
        None
    }
}

/// The listening socket of a server.
pub(crate) fn listener(address: SocketAddr) -> Result<Listener, Failure> {
    socket::listen(address).map_err(|error| Failure::listen(address, error))
}
