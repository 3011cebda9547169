//! The servers' names, looked up again on Windows: `resolver.rs` has the same for Unix.
//!
//! mio cannot watch the output of another process there. So a thread looks the names up, wakes the
//! poller and ends. Read next: [`crate::cli::arguments::addresses`].

use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use mio::{Registry, Token};

use crate::cli::arguments::{addresses, server_list};
use crate::console::waker;
use crate::machine::Millis;

/// The servers of a list, and the thread of a running lookup.
#[derive(Debug)]
pub(crate) struct Resolver {
    servers: String,
    running: Option<Receiver<Vec<Vec<SocketAddr>>>>,
}

impl Resolver {
    /// For the servers of a list such as `a.example,b.example:7000`. The console has a waker for
    /// the poller already.
    pub(crate) fn new(servers: String, _: Token) -> Self {
        Self { servers, running: None }
    }

    /// Begins a lookup, unless one is running.
    #[allow(clippy::disallowed_methods, reason = "a lookup blocks, and no poller watches it")]
    pub(crate) fn begin(&mut self, _: Millis, _: &Registry) {
        if self.running.is_none() {
            let (sender, found) = sync_channel(1);
            let servers = self.servers.clone();
            std::thread::spawn(move || {
                let resolve = |server| addresses::resolve(server, addresses::SERVER_PLACE);
                let found = server_list::listed(&servers).map(|it| resolve(it).unwrap_or_default());
                if sender.send(found.collect()).is_ok() {
                    waker::wake();
                }
            });
            self.running = Some(found);
        }
    }

    /// How long the loop may sleep: the thread wakes it.
    pub(crate) fn timeout(&self, _: Millis) -> Option<Duration> {
        None
    }

    /// The addresses of each server, once a lookup has ended. A server whose name is not known has
    /// none.
    pub(crate) fn take_found(&mut self, _: Millis) -> Option<Vec<Vec<SocketAddr>>> {
        let found = self.running.as_ref()?.try_recv().ok()?;
        self.running = None;
        Some(found)
    }
}
