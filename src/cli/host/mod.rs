//! Everything around an event loop but its machine: signals, the service manager, listening
//! sockets, and the turns.
//!
//! Must know no subcommand. Read next: [`program`].

pub(super) mod listening;
pub mod program;
#[cfg_attr(windows, path = "service_windows.rs")]
pub(super) mod service;
#[cfg_attr(windows, path = "signals_windows.rs")]
pub(super) mod signals;
