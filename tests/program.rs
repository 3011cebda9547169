//! The program as processes on this machine, with real sockets and terminals. Most of these tests
//! wait, so many run at once.
//!
//! | module | about |
//! | --- | --- |
//! | [`server_sockets`], [`peer_sockets`] | the server, and the peer; the test is the partner |
//! | [`session`] | whole sessions, through pipes |
//! | [`interop`] | other people's programs |
//! | [`stdin`] | stdin and stdout of every kind |
//! | [`drawn`], [`pictures`] | the screen of a terminal, and the pictures of the documents |
//! | [`operations`] | logs, signals, service managers, installation |
//! | [`load`], [`check`], [`lab`] | these subcommands |
//! | [`proxied`] | the server behind load balancers, HAProxy among them |
//! | [`cluster`] | several servers that share a directory, on a real Redis or Valkey |
//! | [`player`] | the page that plays recordings, in a real browser |
//! | [`recording`] | `--record`: recordings against their schema |
//! | [`watch`] | `--watch`: pages, events and metrics |

#![allow(clippy::disallowed_methods, reason = "real processes need a real clock")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a test names the variants that it is about")]

#[cfg(feature = "tools")]
mod check;
#[cfg(feature = "full")]
mod cluster;
#[cfg(feature = "editor")]
mod drawn;
#[allow(dead_code, reason = "shared with other test programs")]
#[path = "support/driver.rs"]
mod driver;
#[cfg(feature = "peer")]
mod interop;
#[cfg(feature = "tools")]
mod lab;
#[cfg(feature = "tools")]
mod load;
mod operations;
#[cfg(feature = "peer")]
mod peer_sockets;
#[cfg(all(feature = "editor", feature = "tools"))]
mod pictures;
#[cfg(feature = "full")]
mod player;
#[cfg(feature = "full")]
mod proxied;
#[cfg(feature = "full")]
mod recording;
mod server_sockets;
#[cfg(feature = "peer")]
mod session;
#[cfg(feature = "peer")]
mod stdin;
mod support;
#[cfg(feature = "full")]
mod watch;
