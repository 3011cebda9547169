//! The server as whoever runs it for months knows it: its log, its signals, its service manager.
//!
//! | file | asks |
//! | --- | --- |
//! | [`install`] | does `make install` put each file in its place? |
//! | [`log`] | can a log that nobody reads, or that has no room, stop or end anything? |
//! | [`report`] | how does it say how it is? |
//! | [`service`] | does the service manager hear what it waits for, and is its socket used? |
//! | [`start`] | what does it say at its start, and when does it rather not start? |
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
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::support::{PATIENCE, Raw, eventually, quiet_address};

/// What happens "at once" happens within this: long for a busy machine.
pub(crate) const AT_ONCE: Duration = Duration::from_secs(5);

/// A process whose streams the test chooses, and that is ended with it.
pub(crate) struct Bare {
    pub(crate) child: Child,
}

impl Bare {
    pub(crate) fn start(command: &mut Command) -> Self {
        command.env_remove("RUST_LOG").env("LC_ALL", "C");
        Self { child: command.spawn().expect("it starts") }
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let done = Command::new("kill").args([&format!("-{name}"), &id]).status();
        assert!(done.expect("kill runs").success(), "kill -{name} {id}");
    }

    #[track_caller]
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("waits") {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "the process goes on");
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // It may be over already; whatever a failed test left behind is ended here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A `papo server` with this stderr, and where it listens. It need not be able to say so.
#[track_caller]
pub(crate) fn server_with(stderr: impl Into<Stdio>, options: &[&str]) -> (Bare, SocketAddr) {
    let address = quiet_address();
    let mut command = Command::new(env!("CARGO_BIN_EXE_papo"));
    command.args(["server", "--listen", &address.to_string()]).args(options);
    let server = Bare::start(command.stdin(Stdio::null()).stderr(stderr));
    eventually("it listens", || std::net::TcpStream::connect(address).is_ok());
    (server, address)
}

/// The number behind `key=` in a log line.
#[track_caller]
pub(crate) fn number(line: &str, key: &str) -> u64 {
    let field = line.split(' ').find_map(|field| field.strip_prefix(key)?.strip_prefix('='));
    field.and_then(|text| text.parse().ok()).expect("a number")
}

/// A client that has registered, and of whom the server knows.
#[track_caller]
pub(crate) fn member(address: SocketAddr, name: &str) -> Raw {
    let mut raw = Raw::connect(address);
    raw.send(&format!("USER {name}:1\r\n"));
    raw.list();
    raw
}
