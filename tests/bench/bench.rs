//! `make bench`: papo compared with a bare loop, raw sockets and Redis, on this machine.
//!
//! Absolute times mean nothing on another machine. So nearly every figure is a ratio of two runs that
//! are seconds apart, and the median of several pairs in alternating order. The servers run on the
//! first core. This process generates the load, and pins itself to the second core.
//!
//! | file | has |
//! | --- | --- |
//! | [`bare`] | the bare loop: one thread, epoll, one read and one write for each batch |
//! | [`rig`] | the servers, and the figures of Linux about them |
//! | [`crowd`] | many connections, in three dialects |
//! | [`generator`] | lookups, visits and LISTs over them |
//! | [`keeping`] | ten thousand KEEPs every five seconds |
//! | [`person`] | a line that two peers send back and forth, and the same over raw sockets |
//! | [`pollers`] | epoll(7) beside poll(2): a part of its own |
//! | [`rows`] | the table, row by row |
//! | [`stored`] | the figures in `docs/benchmarks.jsonl` |
//! | [`document`], [`plot`] | the page and its plots, made from them |
//!
//! `make bench` runs it (`REPS=7`). `make bench QUICK=1` shows whether it works.

#![allow(clippy::disallowed_methods, reason = "it measures, and waits")]
#![allow(clippy::print_stderr, clippy::print_stdout, reason = "progress and results")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a match names the variants that it is about")]
#![allow(unreachable_pub, missing_docs, reason = "a program of its own")]

mod bare;
mod crowd;
mod document;
mod generator;
mod keeping;
mod person;
mod plot;
mod pollers;
mod rig;
mod rows;
mod stored;
#[path = "../support/mod.rs"]
mod support;

use std::os::unix::process::CommandExt;
use std::process::Command;

use stored::Stored;

/// Set in a process that is pinned already.
const PINNED: &str = "PAPO_BENCH_PINNED";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["bare", ref options @ ..] => bare::run(options),
        ["crowd", address, canned, count] => keeping::run(address, canned == "canned", count),
        ["echo"] => person::echo_raw(),
        ["person", server] => person::echo_person(server),
        // An argument of `cargo bench`, but not of `cargo test`.
        ["--bench"] => measure(),
        _ => println!("this measures for minutes: make bench"),
    }
}

fn measure() {
    let only = std::env::var("ONLY").ok().filter(|value| !value.is_empty());
    if only.as_deref() == Some("page") {
        return document::write(&Stored::load());
    }
    if std::env::var_os(PINNED).is_none() && rig::can_pin() {
        let own = std::env::current_exe().expect("this program");
        let error = Command::new("taskset")
            .args(["-c", "1"])
            .arg(own)
            .arg("--bench")
            .env(PINNED, "1")
            .exec();
        panic!("taskset: {error}");
    }
    rig::raise_descriptor_limit();
    let busy = rig::load_average();
    let scale = rows::Scale::from_environment();
    if only.as_deref() == Some("pollers") {
        assert!(pollers::can_run(), "PAPO_POLL=path names the build over poll(2): make bench does");
        return pollers::run(&scale, &busy);
    }
    let rows = rows::all(&scale, only.as_deref());
    match only {
        // A part of the table is no page.
        Some(_) => println!("{}", document::table(&rows)),
        None => {
            let table = document::this_run(&scale, &busy);
            let stored = Stored { table, rows, ..Stored::load() };
            stored.save();
            document::write(&stored);
        }
    }
}
