//! The program on a pseudo-terminal, judged by `vt100`: what `tests/screens` shows of the pure
//! half, with raw mode, a window and a shell around it.
//!
//! | file | asks |
//! | --- | --- |
//! | [`first_minute`] | does somebody new get in, and know what to do where not? |
//! | [`session`] | do two people see what they should, typing at once? |
//! | [`leaving`] | is the terminal as it was, whatever ends us? |
//! | [`log`] | what is logged to the same terminal: above the row, and never lost |
//! | [`server`] | what do a server and a demo say to the person at their terminal? |
//! | [`shell`] | to the shell and back: Ctrl-Z and `fg`, under `make` too |
//!
//! `setsid` (util-linux) gives a program a terminal of its own; where it is not, as on other
//! systems, these tests say so and do nothing.

mod first_minute;
mod leaving;
mod log;
#[cfg(feature = "tools")]
mod server;
mod session;
mod shell;
