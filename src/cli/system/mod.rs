//! Questions to the operating system that each kind of system answers in its own way, files that
//! only their person may read, and the wall clock.
//!
//! Must decide nothing, and must know no event loop. Each `NAME_windows.rs` has the functions of
//! `NAME.rs` for Windows.

#[cfg_attr(windows, path = "account_windows.rs")]
pub(super) mod account;
pub(super) mod clock;
#[cfg_attr(windows, path = "files_windows.rs")]
pub(super) mod files;
#[cfg_attr(windows, path = "limits_windows.rs")]
pub(super) mod limits;
#[cfg_attr(windows, path = "terminal_windows.rs")]
pub(super) mod terminal;

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// A random number: std starts its hash tables with random keys.
pub(super) fn random_number() -> u64 {
    RandomState::new().hash_one(0)
}
