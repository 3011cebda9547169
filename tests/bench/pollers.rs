//! What poll(2) costs where epoll(7) would do: the same server, built once for each.
//!
//! Lookups at a steady rate, from among more and more clients: nearly always one of them has
//! something to say, and poll(2) looks at all of them to find it. select(2), which the handout
//! hints at, does the same, and cannot watch more than 1,024 descriptors.
//!
//! `make bench ONLY=pollers` writes the section of docs/BENCHMARKS.md and its plot.

use std::fmt::Write;

use crate::document;
use crate::generator::{self, Paced};
use crate::rig::{self, Kind, Server};
use crate::rows::{Scale, median};

/// How many clients there are.
const CLIENTS: [usize; 4] = [10, 100, 1_000, 5_000];

/// How many of them ask in a second, all together.
const RATE: u32 = 3_000;

/// The medians of one number of clients, of epoll and of poll.
pub struct Point {
    clients: usize,
    cpu_us: [f64; 2],
    p99_ms: [f64; 2],
}

/// Measures, and writes the section and the plot.
pub fn run(scale: &Scale, busy: &str) {
    let points: Vec<_> = CLIENTS.iter().map(|clients| point(scale, *clients)).collect();
    let section = section(scale, &points, busy);
    println!("{section}");
    document::write_pollers(&section, &draw(&points));
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

fn section(scale: &Scale, points: &[Point], busy: &str) -> String {
    let mut text = format!(
        "{}\n\n`papo server`, built for epoll(7) and for poll(2); {RATE} lookups a second from among so many clients. \
         Medians of {} runs each, in\nalternating order; the load when it began was {busy}. \
         [READING.md](READING.md#what-select-costs) tells why.\n\n\
         | clients | epoll: server CPU a lookup | poll: the same | epoll: p99 | poll: p99 |\n\
         | --- | --- | --- | --- | --- |\n",
        document::POLLERS_HEADING,
        scale.pairs
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

const ROW_HEIGHT: f64 = 22.0;
const LABEL_WIDTH: f64 = 190.0;
const PLOT_WIDTH: f64 = 440.0;
const WIDTH: f64 = LABEL_WIDTH + PLOT_WIDTH + 110.0;

/// A pair of bars for each number of clients, in the reader's colours.
fn draw(points: &[Point]) -> String {
    let most = points.iter().flat_map(|point| point.cpu_us).fold(1.0, f64::max);
    let height = 40.0 + points.len() as f64 * (2.0 * ROW_HEIGHT + 14.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"13\" role=\"img\">\n\
         <title>Server CPU of a lookup, by the number of clients</title>\n\
         <style>\n\
         text {{ fill: #222 }} .epoll {{ fill: #3a7d44 }} .poll {{ fill: #b5482f }} .ground {{ fill: #fff }}\n\
         @media (prefers-color-scheme: dark) {{\n\
         text {{ fill: #ddd }} .epoll {{ fill: #6fbf7a }} .poll {{ fill: #e58a6f }} .ground {{ fill: #111 }}\n\
         }}\n\
         </style>\n\
         <rect class=\"ground\" width=\"{WIDTH}\" height=\"{height}\"/>\n\
         <text x=\"{LABEL_WIDTH}\" y=\"22\">server CPU of a lookup, in microseconds</text>\n"
    );
    for (place, point) in points.iter().enumerate() {
        for (which, name) in ["epoll", "poll"].into_iter().enumerate() {
            let group = 34.0 + place as f64 * (2.0 * ROW_HEIGHT + 14.0);
            let y = group + which as f64 * ROW_HEIGHT;
            let value = point.cpu_us[which];
            let width = (PLOT_WIDTH * value / most).max(1.0);
            let _ = writeln!(
                svg,
                "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{} clients, {name}</text>\n\
                 <rect class=\"{name}\" x=\"{LABEL_WIDTH}\" y=\"{y:.0}\" width=\"{width:.1}\" height=\"{:.0}\"/>\n\
                 <text x=\"{:.1}\" y=\"{:.0}\">{value:.1}</text>",
                LABEL_WIDTH - 8.0,
                y + 13.0,
                point.clients,
                ROW_HEIGHT - 5.0,
                LABEL_WIDTH + width + 6.0,
                y + 13.0
            );
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// Whether both programs are there.
pub fn can_run() -> bool {
    rig::papo_over_poll().is_some()
}
