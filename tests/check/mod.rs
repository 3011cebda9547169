//! `papo check` against programs that keep the handout's rules, and against many that break one.
//!
//! The programs are in `tests/support/classmates`, in plain Python. A variant has one mistake of a
//! student, and the rule for this mistake must find it. Without Python these tests are skipped, and
//! say so.
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
