//! Tests that need no process, no network and, but for one file, no socket: the machines and the
//! tools that they are made of, each in a world that its test makes up. All of it takes seconds
//! (`make test-fast`).
//!
//! | module | about |
//! | --- | --- |
//! | [`wire`] | what holds for all bytes, names, addresses and deadlines |
//! | [`driver`] | runs any machine, as the event loop does |
//! | [`directory`], [`peer`] | the rules of the two machines, one test for each |
//! | [`event_loop`] | the event loop on an operating system that a test scripts |
//! | [`screens`], [`escapes`] | what a person sees, without a terminal |
//! | [`replay`] | what the fuzzers once found |
//!
//! The two machines and the loop together are the matter of `tests/simulation`.

#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks at what it is about")]

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
