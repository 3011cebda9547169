//! Tests without processes and, except for one file, without sockets: the machines, their parts, and
//! the event loop on a scripted operating system. They take seconds (`make test-fast`).
//!
//! | module | about |
//! | --- | --- |
//! | [`wire`] | rules for all bytes, names, addresses and deadlines |
//! | [`driver`] | runs any machine, as the event loop does |
//! | [`directory`], [`peer`] | the rules of the two machines, one test for each |
//! | [`event_loop`] | the event loop on an operating system that a test scripts |
//! | [`screens`], [`escapes`] | the screen of a person, without a terminal |
//! | [`replay`] | inputs that the fuzzers have found |
//!
//! `tests/simulation` has the two machines and the loop together.

#![allow(clippy::wildcard_enum_match_arm, reason = "a test names the variants that it is about")]

mod directory;
#[allow(dead_code, reason = "shared with other test programs")]
#[path = "support/driver.rs"]
mod driver;
#[cfg(feature = "peer")]
mod escapes;
mod event_loop;
#[cfg(feature = "peer")]
#[path = "fuzz/inputs.rs"]
mod inputs;
#[cfg(feature = "peer")]
#[allow(dead_code, unreachable_pub, reason = "shared with the fuzz targets")]
#[path = "fuzz/oracles/mod.rs"]
mod oracles;
#[cfg(feature = "peer")]
mod peer;
#[cfg(feature = "peer")]
#[path = "fuzz/replay.rs"]
mod replay;
#[cfg(feature = "editor")]
mod screens;
mod wire;
