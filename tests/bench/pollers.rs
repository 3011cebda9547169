//! The cost of poll(2) compared with epoll(7): the same server, built once for each.
//!
//! Lookups at a steady rate, from more and more clients: nearly always only one of them is ready, and
//! poll(2) checks all of them to find it. select(2), which the handout hints at, does the same, and
//! cannot watch more than 1,024 descriptors.
//!
//! `make bench ONLY=pollers` measures this section of docs/BENCHMARKS.md and no other.

use std::fmt::Write;

use crate::document;
use crate::generator::{self, Paced};
use crate::plot;
use crate::rig::{self, Kind, Server};
use crate::rows::{Scale, median};
use crate::stored::{Run, Stored};

/// The numbers of clients.
const CLIENTS: [usize; 4] = [10, 100, 1_000, 5_000];

/// The lookups of all clients together in a second.
const RATE: u32 = 3_000;

/// The medians of one number of clients, of epoll and of poll.
pub struct Point {
    pub clients: usize,
    pub cpu_us: [f64; 2],
    pub p99_ms: [f64; 2],
}

/// Measures, and writes the page with the new figures.
pub fn run(scale: &Scale, busy: &str) {
    let points = CLIENTS.iter().map(|clients| point(scale, *clients)).collect();
    let stored = Stored { pollers: document::this_run(scale, busy), points, ..Stored::load() };
    stored.save();
    document::write(&stored);
}

fn point(scale: &Scale, clients: usize) -> Point {
    eprintln!("epoll(7) and poll(2), {clients} clients");
    let seconds = if scale.is_quick { 1.0 } else { 3.0 };
    let mut runs: [Vec<Paced>; 2] = Default::default();
    for pair in 0..scale.pairs {
        for turn in 0..2 {
            let which = if pair % 2 == 0 { turn } else { 1 - turn };
            let server = Server::start([Kind::Papo, Kind::PapoOverPoll][which]);
            runs[which].push(generator::paced(&server, clients, RATE, seconds));
        }
    }
    let middle = |runs: &[Paced], of: fn(&Paced) -> f64| -> f64 {
        median(&runs.iter().map(of).collect::<Vec<_>>())
    };
    Point {
        clients,
        cpu_us: [0, 1].map(|which| middle(&runs[which], |run| run.cpu_us)),
        p99_ms: [0, 1].map(|which| middle(&runs[which], |run| run.p99_ms)),
    }
}

/// The section of the page; empty if it was not measured.
pub fn section(run: &Run, points: &[Point]) -> String {
    if points.is_empty() {
        return String::new();
    }
    let of = |name: &str| {
        let found = run.machine.iter().find(|(it, _)| it.starts_with(name));
        found.map_or("unknown", |(_, value)| value)
    };
    let mut text = format!(
        "## epoll(7) and poll(2)\n\n\
         The same `papo server`, built for epoll(7) and for poll(2). The clients together ask {RATE} lookups a second. \
         Medians of {} runs each, in\nalternating order, on {}; the load at the start was {}. \
         [READING.md](READING.md#what-select-costs) gives the reason.\n\n\
         At this low rate nearly every lookup costs a wake-up of the server and a turn of its own. So a lookup takes \
         more time here than in\nthe first table, where the server is always busy and serves many lookups in each turn.\n\n\
         | clients | epoll: server CPU a lookup | poll: server CPU a lookup | epoll: p99 | poll: p99 |\n\
         | --- | --- | --- | --- | --- |\n",
        run.pairs,
        of("date"),
        of("load")
    );
    for Point { clients, cpu_us: [epoll_us, poll_us], p99_ms: [epoll_ms, poll_ms] } in points {
        let _ = writeln!(
            text,
            "| {clients} | {epoll_us:.1} us | {poll_us:.1} us | {epoll_ms:.2} ms | {poll_ms:.2} ms |"
        );
    }
    text.push_str("\n![Server CPU of a lookup, by the number of clients](pollers.svg)\n\n");
    text
}

/// A pair of bars for each number of clients; empty if it was not measured.
pub fn draw(points: &[Point]) -> String {
    if points.is_empty() {
        return String::new();
    }
    let group = |point: &Point| {
        let [epoll, poll] = point.cpu_us;
        (format!("{} clients", point.clients), vec![("epoll", epoll), ("poll", poll)])
    };
    let groups: Vec<_> = points.iter().map(group).collect();
    plot::groups("Server CPU of a lookup, in microseconds", &groups)
}

/// Whether both programs are there.
pub fn can_run() -> bool {
    rig::papo_over_poll().is_some()
}
