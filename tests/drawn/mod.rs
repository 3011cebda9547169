//! The program on a pseudo-terminal whose screen is a `vt100`. `tests/screens` tests the same view
//! without raw mode, a window and a shell.
//!
//! | file | about |
//! | --- | --- |
//! | [`first_minute`] | a new person: no name, no server, a refused name |
//! | [`session`] | two people who type at the same time |
//! | [`leaving`] | the terminal is restored after any end |
//! | [`log`] | the log on the same terminal: above the row, and never lost |
//! | [`server`] | a server and a demo at a terminal |
//! | [`shell`] | Ctrl-Z and `fg`, also under `make` |
//!
//! `setsid` (util-linux) gives a program a terminal of its own. On a system without it, these tests
//! report that and do nothing.

mod first_minute;
mod leaving;
mod log;
#[cfg(feature = "tools")]
mod server;
mod session;
mod shell;
