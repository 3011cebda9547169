//! Replays every line of `tests/fuzz/corpus` with the oracles, on any compiler. `tests/simulation`
//! does this for the machines.

use crate::inputs::replay;
use crate::oracles;

#[test]
fn line_split() {
    replay("line_split", oracles::line_split::check);
}

#[test]
fn request() {
    replay("request", oracles::request::check);
}

#[test]
fn reply() {
    replay("reply", oracles::reply::check);
}

#[test]
fn speech() {
    replay("speech", oracles::speech::check);
}

#[test]
fn address() {
    replay("address", oracles::address::check);
}

#[test]
fn name() {
    replay("name", oracles::name::check);
}

#[test]
fn screen() {
    replay("screen", oracles::screen::check);
}

#[test]
fn log_line() {
    replay("log_line", oracles::log_line::check);
}

#[test]
fn timer_wheel() {
    replay("timer_wheel", oracles::timer_wheel::check);
}

#[test]
fn interop() {
    replay("interop", oracles::interop::check);
}

#[cfg(feature = "editor")]
#[test]
fn keys() {
    replay("keys", oracles::keys::check);
}

#[cfg(feature = "editor")]
#[test]
fn editor() {
    replay("editor", oracles::editor::check);
}
