//! The peer on real sockets: what a simulator cannot know.
//!
//! | file | asks |
//! | --- | --- |
//! | [`registration`] | USER, KEEP, a server that is not there, refuses, dies, comes back |
//! | [`lookup`] | what does it make of what the server says? |
//! | [`incoming`] | who calls, in whatever way other programs call |
//! | [`outgoing`] | calling others |
//! | [`script`] | a script on stdin, and everything that it said arrives |
//! | [`leaving`] | how it ends, and how soon |
//! | [`names`] | servers whose names are known later, or lead elsewhere |
//! | [`frugality`] | threads, descriptors, wake-ups, memory |
//!
//! Two kinds of other ends: the real server and real peers, and raw ones that do exactly what a
//! test says. The numbers in brackets (C4, P9) are those of the cases in `docs/PROTOCOL.md`.

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

/// Long enough for something that should not come to come.
pub(crate) const A_WHILE: Duration = Duration::from_millis(200);

/// A place where calls come in.
pub(crate) fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("any port")
}

pub(crate) fn address_of(listener: &TcpListener) -> SocketAddr {
    listener.local_addr().expect("bound")
}

/// Ana at a fake server, her connection there, and where she awaits calls.
pub(crate) fn ana(options: &[&str]) -> (Process, Raw, SocketAddr) {
    let server = FakeServer::start();
    let process = server.peer(options);
    let (raw, address) = server.registered();
    (process, raw, address)
}

/// Calls somebody, and says this name.
pub(crate) fn call(to: SocketAddr, name: &str) -> Raw {
    let mut raw = Raw::connect(to);
    raw.send(&format!("USER {name}\r\n"));
    raw
}

/// The same by somebody who will not read, and whose kernel does not either.
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

/// Waits for a line on somebody's screen, and asserts that it came at once.
#[track_caller]
pub(crate) fn expect_at_once(process: &mut Process, text: &str) -> String {
    let start = Instant::now();
    let line = process.expect_screen(text);
    assert!(start.elapsed() < AT_ONCE, "only after {:?}: {line}", start.elapsed());
    line
}

/// How many lines on somebody's screen are exactly this.
pub(crate) fn count_on_screen(process: &mut Process, line: &str) -> usize {
    process.screen().iter().filter(|shown| *shown == line).count()
}
