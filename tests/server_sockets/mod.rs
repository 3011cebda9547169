//! The server as a process on real sockets.
//!
//! | file | about |
//! | --- | --- |
//! | [`lines`] | bytes that arrive in pieces, and the requests in them |
//! | [`refusals`] | clients that the server refuses |
//! | [`endings`] | the end of a connection, and of its name |
//! | [`time`] | when a client expires |
//! | [`memory`] | the most that one client can cost |
//! | [`descriptors`] | the limits of clients and of descriptors |
//! | [`process`] | signals, ports, the log, exit statuses |
//!
//! The numbers in brackets (S3) are those of the cases in `docs/PROTOCOL.md`.

mod descriptors;
mod endings;
mod lines;
mod memory;
mod process;
mod refusals;
mod time;

use std::time::{Duration, Instant};

use crate::support::{Raw, Server};

/// The bound of an event "at once": long for a busy machine, and far below the 15 seconds after which
/// a client expires.
pub(crate) const AT_ONCE: Duration = Duration::from_secs(5);

/// How long a test waits for an answer that must not come.
pub(crate) const A_WHILE: Duration = Duration::from_millis(200);

/// Waits until something is so, within [`AT_ONCE`].
#[track_caller]
pub(crate) fn at_once(what: &str, is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    crate::support::eventually(what, is_so);
    assert!(start.elapsed() < AT_ONCE, "too late, after {:?}: {what}", start.elapsed());
}

/// A client that has registered, and has received an answer.
#[track_caller]
pub(crate) fn member(server: &Server, name: &str, port: u16) -> Raw {
    let mut raw = server.join(name, port);
    raw.list();
    raw
}

/// That many clients, all of them registered.
pub(crate) fn crowd(server: &Server, count: u16) -> Vec<Raw> {
    (0..count).map(|number| member(server, &crowd_name(number), 20_000 + number)).collect()
}

/// The names of those.
pub(crate) fn crowd_name(number: u16) -> String {
    format!("somebody in the crowd, no. {number:04}")
}
