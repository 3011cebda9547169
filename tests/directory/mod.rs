//! The central server without a socket: each test is a log that must come out to the letter.
//!
//! A log has one line for each thing that happens: when, to whom, what. The lines on the left
//! happen *to* the server and are played; those on the right are what it does about them, and
//! must come in just that order and at just that time, with nothing more in between.
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
//! A blank at the end of a line is written `␣`: what cannot be seen gets lost.
//!
//! | file | about |
//! | --- | --- |
//! | [`world`], [`script`] | the harness: a driver that is a number for the time, and its log |
//! | [`before_user`] | who says nothing, or anything but USER |
//! | [`user`] | who gets a name, and when it is free again |
//! | [`list`], [`addr`] | who is there, and where |
//! | [`bad_lines`] | what a line that is no request costs |
//! | [`keep`] | KEEP, and who is gone when |
//! | [`endings`], [`late_news`] | the end of a connection, and what is heard of it afterwards |
//! | [`limits`], [`memory`] | how many may come, and what is kept for them |
//! | [`report`], [`stopping`] | how the server is, and how it ends |
//!
//! The numbers (S15) are those of the table of cases in `docs/PROTOCOL.md`.

mod addr;
mod bad_lines;
mod before_user;
mod endings;
mod keep;
mod late_news;
mod limits;
mod list;
mod memory;
mod report;
mod script;
mod stopping;
mod user;
mod world;
