//! No first screen: `greeting.rs` has that of a build with the feature `tools`.

use std::net::SocketAddr;

use crate::cli::logging::Log;
use crate::console::language::Language;

/// Says nothing: a small build logs its start also on a terminal.
pub(super) fn greet(_: Language, _: SocketAddr, _: &Log) {}
