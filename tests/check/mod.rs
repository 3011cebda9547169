//! `papo check` against programs that keep the handout's rules, and against many that do not.
//!
//! The programs are those of `tests/support/classmates`, in plain Python. A variant replaces one
//! place in them by a mistake of a student, and must be caught by the rule that is meant for it.
//! Where there is no Python nothing is tried, and the tests say so.
//!
//! | file | has |
//! | --- | --- |
//! | [`classmates`] | the programs, their variants, and how they are started |
//! | [`server`], [`peer`] | servers, and peers |
//! | [`class`] | a whole class |
//! | [`in_memory`] | our own directory, without sockets |
//! | [`reports`] | what a report looks like |

mod class;
mod classmates;
mod in_memory;
mod peer;
mod reports;
mod server;
