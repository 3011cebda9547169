//! The peer as a process on real sockets.
//!
//! | file | about |
//! | --- | --- |
//! | [`registration`] | USER, KEEP, and a server that is down, refuses, dies, or comes back |
//! | [`lookup`] | the answers of the server |
//! | [`incoming`] | calls of other programs |
//! | [`outgoing`] | calls to others |
//! | [`script`] | a script on stdin, all of whose text arrives |
//! | [`leaving`] | the end of the program |
//! | [`names`] | server names that resolve later, or to another address |
//! | [`frugality`] | threads, descriptors, wake-ups, memory |
//!
//! The other side is the real server and real peers, or a raw socket that a test drives. The numbers
//! (C4, P9) are those of the cases in `docs/PROTOCOL.md`.

mod frugality;
mod incoming;
mod leaving;
mod lookup;
#[cfg(all(feature = "tools", target_os = "linux"))]
mod names;
mod outgoing;
mod registration;
mod script;

use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use crate::support::fake_server::FakeServer;
use crate::support::{Process, Raw};

/// The bound of an event "at once": long for a busy machine.
pub(crate) const AT_ONCE: Duration = Duration::from_secs(5);

/// How long a test waits for bytes that must not come.
pub(crate) const A_WHILE: Duration = Duration::from_millis(200);

/// A listener for calls.
pub(crate) fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("any port")
}

pub(crate) fn address_of(listener: &TcpListener) -> SocketAddr {
    listener.local_addr().expect("bound")
}

/// Ana at a fake server, her connection there, and her address for calls.
pub(crate) fn ana(options: &[&str]) -> (Process, Raw, SocketAddr) {
    let server = FakeServer::start();
    let process = server.peer(options);
    let (raw, address) = server.registered();
    (process, raw, address)
}

/// Calls a peer under this name.
pub(crate) fn call(to: SocketAddr, name: &str) -> Raw {
    let mut raw = Raw::connect(to);
    raw.send(&format!("USER {name}\r\n"));
    raw
}

/// The same from a socket with a small receive buffer.
pub(crate) fn call_narrow(to: SocketAddr, name: &str) -> Raw {
    let mut raw = Raw::connect_narrow(to);
    raw.send(&format!("USER {name}\r\n"));
    raw
}

/// The next line that is not the regular KEEP.
#[track_caller]
pub(crate) fn request(server: &mut Raw) -> String {
    loop {
        let line = server.line();
        if line != "KEEP" {
            return line;
        }
    }
}

/// Waits for a line on the screen, and asserts that it came at once.
#[track_caller]
pub(crate) fn expect_at_once(process: &mut Process, text: &str) -> String {
    let start = Instant::now();
    let line = process.expect_screen(text);
    assert!(start.elapsed() < AT_ONCE, "only after {:?}: {line}", start.elapsed());
    line
}

/// How many lines on the screen are exactly this.
pub(crate) fn count_on_screen(process: &mut Process, line: &str) -> usize {
    process.screen().iter().filter(|shown| *shown == line).count()
}
