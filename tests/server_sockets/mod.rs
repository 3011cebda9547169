//! The server on real sockets: what a simulator cannot know.
//!
//! | file | asks |
//! | --- | --- |
//! | [`lines`] | what is made of bytes, in whatever pieces they come? |
//! | [`refusals`] | who is turned away? |
//! | [`endings`] | how does a connection end, and how soon is the name gone? |
//! | [`time`] | who is gone when, and who is not? |
//! | [`memory`] | what can one client cost? |
//! | [`descriptors`] | what if there are no more descriptors? |
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

/// The bound of an event "at once": long for a busy machine, and far from the 15
/// seconds after which anybody would be gone anyway.
pub(crate) const AT_ONCE: Duration = Duration::from_secs(5);

/// Long enough for an answer that should not come to come.
pub(crate) const A_WHILE: Duration = Duration::from_millis(200);

/// Waits until something is so, and that at once.
#[track_caller]
pub(crate) fn at_once(what: &str, is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    crate::support::eventually(what, is_so);
    assert!(start.elapsed() < AT_ONCE, "too late, after {:?}: {what}", start.elapsed());
}

/// A client that has registered, and of whom the server knows.
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
