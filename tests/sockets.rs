//! The program as processes on real sockets of this machine: what the tests of `machines` cannot
//! know. Most of these tests wait, so many run at once.
//!
//! | module | about |
//! | --- | --- |
//! | [`server_sockets`], [`peer_sockets`] | the server, and the peer, each with a partner that the test plays |
//! | [`session`] | whole sessions, through pipes |
//! | [`interop`] | other people's programs |
//! | [`stdin`] | stdin and stdout, whatever they are |
//! | [`operations`] | logs, signals, service managers, installation |
//! | [`load`], [`check`], [`lab`] | these subcommands |

#![allow(clippy::disallowed_methods, reason = "real sockets want a real clock")]

#[cfg(feature = "check")]
mod check;
#[cfg(feature = "peer")]
mod interop;
#[cfg(feature = "lab")]
mod lab;
#[cfg(feature = "load")]
mod load;
mod operations;
#[cfg(feature = "peer")]
mod peer_sockets;
mod server_sockets;
#[cfg(feature = "peer")]
mod session;
#[cfg(feature = "peer")]
mod stdin;
mod support;
