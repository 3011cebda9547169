//! The server for its operator: its log, its signals, its service manager, its installation.
//!
//! | file | asks |
//! | --- | --- |
//! | [`install`] | does `make install` put each file in its place? |
//! | [`log`] | can a log without a reader, or without room, stop the server? |
//! | [`report`] | what does SIGUSR2 log? |
//! | [`service`] | does the service manager get its messages, and is its socket used? |
//! | [`start`] | what does the server log at its start, and when does it refuse to start? |
//! | `who` | can scripts and health probes ask who is online? |
//! | [`unit`] | does the unit in `docs/deploy` fit the program? |

mod install;
mod log;
mod report;
mod service;
mod signals;
mod start;
mod unit;
#[cfg(feature = "tools")]
mod who;

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::{Process, Raw, eventually, quiet_address};

/// The bound of an event "at once": long for a busy machine.
pub(crate) const AT_ONCE: Duration = Duration::from_secs(5);

/// A `papo server` with this stderr, and its address, which it may be unable to log.
#[track_caller]
pub(crate) fn server_with(stderr: impl Into<Stdio>, options: &[&str]) -> (Process, SocketAddr) {
    let address = quiet_address();
    let mut command = Command::new(env!("CARGO_BIN_EXE_papo"));
    command.args(["server", "--listen", &address.to_string()]).args(options);
    let server = Process::start_as_it_is(command.stdin(Stdio::null()).stderr(stderr));
    eventually("it listens", || std::net::TcpStream::connect(address).is_ok());
    (server, address)
}

/// The number behind `key=` in a log line.
#[track_caller]
pub(crate) fn number(line: &str, key: &str) -> u64 {
    let field = line.split(' ').find_map(|field| field.strip_prefix(key)?.strip_prefix('='));
    field.and_then(|text| text.parse().ok()).expect("a number")
}

/// A client that the server has registered.
#[track_caller]
pub(crate) fn member(address: SocketAddr, name: &str) -> Raw {
    let mut raw = Raw::connect(address);
    raw.send(&format!("USER {name}:1\r\n"));
    raw.list();
    raw
}
