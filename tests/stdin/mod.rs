//! stdin and stdout, whatever they are: pipes, FIFOs, files, sockets, terminals, nothing.
//!
//! | file | asks |
//! | --- | --- |
//! | [`kinds`] | is every kind of stdin read, to its end, without touching what others share? |
//! | [`bulk`] | does a lot of input starve the network, or a script that waits the machine? |
//! | [`screens`] | does every kind of stdout get what it should, and stop nothing where it is stuck? |
//! | [`terminal`] | the same with a real pseudo-terminal on both ends |
//!
//! The server is the test itself here: so it sees every KEEP.

mod bulk;
mod kinds;
mod screens;
mod terminal;

use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsFd;
use std::process::Command;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{OFlags, fcntl_getfl};

use crate::support::{PATIENCE, Raw};

/// The options of a peer that says KEEP five times a second, so that nobody waits for long.
const OPTIONS: [&str; 7] = ["--keepalive", "0.2", "--lang", "en", "--no-verify", "--pace", "0"];

/// A server that only listens.
struct Registrar {
    listener: TcpListener,
    address: SocketAddr,
}

impl Registrar {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        Self { listener, address }
    }

    /// The arguments of `papo peer` for Ana with this server.
    fn arguments(&self) -> Vec<String> {
        let address = self.address.to_string();
        let arguments = ["peer", "Ana", "--server", &address].into_iter().chain(OPTIONS);
        arguments.map(str::to_string).collect()
    }

    /// Takes Ana's registration, and returns it with the address at which she awaits calls.
    #[track_caller]
    fn register(&self) -> (Raw, SocketAddr) {
        let mut ana = Raw::accept(&self.listener);
        let line = ana.line();
        let port = line.strip_prefix("USER Ana:").and_then(|port| port.parse().ok());
        (ana, SocketAddr::from(([127, 0, 0, 1], port.expect("her port"))))
    }
}

/// Kills a process that is still there after this long, so that a test that reads or writes its
/// pipes fails instead of waiting for ever. Ends when it is dropped.
struct Watchdog {
    _held: Sender<()>,
}

impl Watchdog {
    fn over(id: u32) -> Self {
        let (held, released) = channel();
        thread::spawn(move || {
            let waited = released.recv_timeout(3 * PATIENCE);
            if waited == Err(RecvTimeoutError::Timeout) {
                // It may be gone at this very moment.
                let _ = Command::new("kill").args(["-KILL", &id.to_string()]).status();
            }
        });
        Self { _held: held }
    }
}

/// KEEP goes on. What had piled up by now is not counted: the interval must pass three times.
#[track_caller]
fn expect_keeps(ana: &mut Raw) {
    while !ana.is_silent_for(Duration::from_millis(20)) {
        assert_eq!(ana.line(), "KEEP");
    }
    for _ in 0..3 {
        assert_eq!(ana.line(), "KEEP");
    }
}

/// The end of the connection to the server, with nothing but KEEP before it.
#[track_caller]
fn expect_leave(ana: &mut Raw) {
    let start = Instant::now();
    while let Some(line) = ana.line_or_end() {
        assert_eq!(line, "KEEP\r\n");
        assert!(start.elapsed() < PATIENCE, "she stays");
    }
}

/// Whether O_NONBLOCK is set in the open file description that this descriptor shares with
/// all its duplicates.
fn is_nonblocking(shared: impl AsFd) -> bool {
    fcntl_getfl(shared).expect("an open descriptor").contains(OFlags::NONBLOCK)
}

/// Arguments as [`support::Process`] wants them.
fn words(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}
