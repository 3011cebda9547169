//! No service manager: `service.rs` has that of Unix. A server on Windows runs in a console.
//!
//! The same methods, which do nothing. Read next: [`super::program`], which calls them.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::listening::Listener;
use crate::cli::Failure;
use crate::event_loop::socket;
use crate::machine::Millis;

/// The service manager that started this process. Here there is none.
#[derive(Debug, Default)]
pub struct Service(());

impl Service {
    /// The manager that the environment names.
    pub fn from_environment() -> io::Result<Self> {
        Ok(Self(()))
    }

    /// Does nothing.
    pub fn ready(&self) {}

    /// Does nothing.
    pub fn stopping(&self) {}

    /// Does nothing.
    pub fn on_turn(&mut self, _: Millis) {}

    /// There is no watchdog.
    #[must_use]
    pub fn may_wait(&self, _: Millis) -> Option<Duration> {
        None
    }
}

/// The listening socket of a server.
pub(crate) fn listener(address: SocketAddr) -> Result<Listener, Failure> {
    socket::listen(address).map_err(|error| Failure::listen(address, error))
}
