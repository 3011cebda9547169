//! The central server without a socket. Each test is a log, and the server must produce exactly it.
//!
//! A line of a log has a time, a client and an event. The test plays the lines on the left. The
//! server must do the lines on the right, in this order and at this time, and nothing else.
//!
//! ```text
//! played                                   done by the server
//! ana     connects from 10.0.0.1           ana     < LIST Bruno\r\n
//! ana     registers as Ana:20000           ana     is closed      (in order, output first)
//! ana     > LIST                           ana     is aborted     (at once)
//! ana     hangs up                         log     Ana leaves: Expired, 0 online
//! ana     breaks                           server  exits 0
//! server  waits | was busy | stops | is asked
//! ```
//!
//! A blank at the end of a line is written `␣`, so that no editor removes it.
//!
//! | file | about |
//! | --- | --- |
//! | [`world`], [`script`] | the harness: a driver of the directory, and its log |
//! | [`before_user`] | clients that send nothing, or another line than USER |
//! | [`user`] | which client gets a name, and when the name is free again |
//! | [`list`], [`addr`] | the answers to LIST and ADDR |
//! | [`bad_lines`] | lines that are no request |
//! | [`keep`] | KEEP, and when a client expires |
//! | [`endings`], [`late_inputs`] | the end of a connection, and inputs about it afterwards |
//! | [`limits`], [`memory`] | the number of clients, and the memory for them |
//! | [`report`], [`stopping`] | the server's figures, and its own end |
//!
//! The numbers (S15) are those of the table of cases in `docs/PROTOCOL.md`.

mod addr;
mod bad_lines;
mod before_user;
mod endings;
mod keep;
mod late_inputs;
mod limits;
mod list;
mod memory;
mod report;
mod script;
mod stopping;
mod user;
mod world;
