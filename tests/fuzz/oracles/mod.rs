//! The oracles: the rules for arbitrary bytes, one function for each fuzz target.
//!
//! Each file has a `check` that panics if its rule is broken, and a simple reference
//! implementation. The fuzz targets and `tests/fuzz/replay.rs` call them. The three that need
//! machines are in `tests/simulation`. `docs/FUZZING.md` is the guide.
//!
//! | file | compares | with |
//! | --- | --- | --- |
//! | [`line_split`] | the line buffer, however its input is cut | ten lines that see all bytes |
//! | [`request`], [`reply`], [`speech`] | the three grammars | second parsers |
//! | [`address`], [`name`] | addresses and names | tables of forbidden things |
//! | [`screen`] | all that is shown | a terminal's own parser |
//! | [`log_line`] | log lines | a reader of `key=value` |
//! | [`timer_wheel`] | the wheel | a plain list |
//! | [`keys`] | keys, however their bytes are split | a decoder that sees all bytes |
//! | [`editor`] | a person's terminal: the row and what is above | a model of it |
//! | [`interop`] | what our peer sends | models of other people's programs |
//! | [`server_ops`], [`peer_ops`], [`two_cores`] | machines | the simulator's watchers |

pub mod address;
#[cfg(feature = "editor")]
pub mod editor;
#[allow(dead_code, reason = "most of it is for programs on real sockets")]
#[path = "../../interop/habits.rs"]
mod habits;
pub mod interop;
#[cfg(feature = "editor")]
pub mod keys;
pub mod line_split;
pub mod log_line;
pub mod name;
pub mod reply;
pub mod request;
pub mod screen;
pub mod speech;
pub mod tape;
pub mod timer_wheel;
