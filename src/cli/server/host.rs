//! The host of the loop of a server: its signals, its log, and its first and last lines.
//!
//! Must not know the machine of the loop. Read next: [`crate::cli::host::program`].

use std::net::SocketAddr;

use super::greeting::greet;
use super::memory_bound;
use crate::cli::Failure;
use crate::cli::host::program::Program;
use crate::cli::host::service::Service;
use crate::cli::logging::Log;
use crate::cli::system::account;
use crate::console::language::Language;
use crate::directory::Rules;
use crate::event_loop::EventLoop;
use crate::event_loop::mio_os::MioOs;
use crate::event_loop::recorder::Recorder;
use crate::machine::Machine;

/// The host of the loop of a server.
pub(super) struct Host {
    pub(super) rules: Rules,
    /// The language of the person who started it.
    pub(super) language: Language,
    /// The language of the person who reads stderr. `None`: programs read it.
    pub(super) reader: Option<Language>,
    pub(super) log: Log,
    /// Where it listens.
    pub(super) address: SocketAddr,
}

impl Host {
    /// Catches signals, and says that the server listens.
    pub(super) fn open<M: Machine, R: Recorder<M>>(
        &self,
        event_loop: &EventLoop<M, MioOs, R>,
        service: Service,
    ) -> Result<Program, Failure> {
        let program =
            Program::start(event_loop, &self.log, service).map_err(Failure::event_loop)?;
        // Not earlier: a program that reads this line may send a signal, which must be caught.
        match self.reader {
            Some(language) => greet(language, self.address, &self.log),
            None => log_start(self.address, &self.rules),
        }
        program.tell_ready();
        Ok(program)
    }

    /// Logs the end.
    pub(super) fn close(&self) {
        if self.reader.is_none() {
            log::info!("event=stopped");
        }
    }
}

/// Logs the start. `event=listening` is the last line of it.
fn log_start(address: SocketAddr, rules: &Rules) {
    let (clients, keepalive_ms) = (rules.clients_max as u64, rules.keep_interval_ms);
    log::info!(
        "event=memory worst_case_bytes={} clients_max={clients} buffered_bytes={} \
         longest_list_bytes={}",
        memory_bound::worst_case(clients),
        memory_bound::BUFFERED_BYTES,
        memory_bound::longest_list(clients)
    );
    if account::is_root() {
        log::warn!("event=root the server needs no privileges: run it as somebody else");
    }
    log::info!(
        "event=listening address={address} clients_max={clients} keepalive_ms={keepalive_ms}"
    );
}
