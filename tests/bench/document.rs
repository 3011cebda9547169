//! `docs/BENCHMARKS.md`: the summary, the table, and the limits of the figures, all made from
//! [`Stored`].

use std::fmt::Write;
use std::fs;
use std::process::Command;

use crate::plot;
use crate::rig;
use crate::rows::{LOOKUP, MEMORY, Row, Scale, median};
use crate::stored::{Run, Stored, folder};
use crate::support::tools;

const DROPPED: &str = "\
## Targets that were dropped

- **Twice the lookups per second of Redis, with 16 questions at once.** Redis takes about twice the processor time of the bare loop
  there. A server with twice the rate of Redis would take as little time as the bare loop, which only answers. The two rows have no target.

## Where the time of a lookup goes

With 16 questions at once, a lookup takes 1,210 instructions of papo (callgrind, release build). With one question in each turn it takes 2,670. The
bare loop takes 215. The kernel's part comes on top, and depends on the host, so the ratio depends on it, too: on an AMD EPYC (2026-11-21),
papo 0.1.0 took 1.26 times the bare loop. The 1,210 instructions are:

| instructions | for |
| --- | --- |
| 290 | the answer: the address as text, and the action that sends it |
| 270 | finding the name: SipHash 150, the table, the comparison |
| 180 | reading the request: which one it is, and whether its client has registered |
| 160 | performing the action: the copy into the output buffer |
| 130 | the event loop, and a sixteenth of a read and of a write |
| 90 | cutting the line out of the bytes |
";

const CAVEATS: &str = "\
## What the figures do not say

- Absolute times hold for this machine at that hour, so the targets are for ratios. A difference under 3 % is noise:
  the bare loop beside itself gives 0.97 to 1.00, and single runs differ by 10 to 20 %.
- Server and generator have one core each, if there are two. Every other program that runs then changes the figures. Over loopback the kernel does
  the receiver's work in the sender's system call, so each side pays for a part of the other.
- Processor time is read from the scheduler (`schedstat`) around the timed part only. It is exact also if the generator is the bottleneck. The
  rates are limited by both sides.
- The bare loop (`tests/bench/bare.rs`) parses nothing, finds nothing, expires nothing and limits nothing. It shows the least that is possible.
- Redis has a richer protocol and does other work. It shows what a good server reaches with the same shape of load on this machine.
- `papo server` runs with its log off (`RUST_LOG=warn`), except in the row with the log: each join and leave is a log line.
- Only the row of KEEP has the handout's expiry of 15 seconds. In the others no client sends KEEP, and a client has three minutes.
- The round trip of a chat line is between two processes that have the program's own peer and event loop. A simulated person sends back each line. It is
  not `papo peer` behind pipes: there the pipes would take most of the time.
- strace counts the system calls and slows the server down, so more connections are ready at each wait. The share of `epoll_wait` is therefore a
  little low; reads and writes are exact.
- The generator is not `papo load`, which needs as much time to check an answer as the server needs to give it.
";

const REPEAT: &str = "\
## How to repeat

```sh
make bench            # about ten minutes; REPS=15 for more pairs
make bench QUICK=1    # about a minute, to see whether it works; its figures mean little
make bench ONLY=list  # one part, printed and not written: lookup, calls, keep, memory, list, visit, chat, size
make bench ONLY=pollers  # epoll(7) beside poll(2): a build for each, and that section alone is measured
make bench ONLY=page  # this page and its plots, from benchmarks.jsonl, without a measurement
```

A run writes its figures to [benchmarks.jsonl](benchmarks.jsonl), and this page and the plots from them; `OUT=folder` writes elsewhere. It uses strace,
`redis-server` and `taskset` if they are installed. The figures without noise, system calls and memory, are also tests (`tests/load/figures.rs`).
";

/// Writes the page and the plots from the stored figures.
pub fn write(stored: &Stored) {
    let Stored { table: run, rows, pollers, points } = stored;
    let page = format!(
        "# Benchmarks\n\n{}\n![Processor time of a lookup: the bare loop, papo and Redis](lookups.svg)\n\n\
         ## The figures\n\n{}\n{}\n![Each figure as a part of its target](benchmarks.svg)\n\n\
         {DROPPED}\n{}{}\n{CAVEATS}\n{REPEAT}",
        answer(rows),
        opening(run),
        table(rows),
        crate::pollers::section(pollers, points),
        machine(run)
    );
    let folder = folder();
    let lookups = plot::lookups(rows);
    let files = [
        ("BENCHMARKS.md", page),
        ("lookups.svg", lookups),
        ("benchmarks.svg", plot::draw(rows)),
        ("pollers.svg", crate::pollers::draw(points)),
    ];
    for (name, text) in files.into_iter().filter(|(_, text)| !text.is_empty()) {
        fs::write(folder.join(name), text).expect("writes the page and its plots");
    }
    eprintln!("written: BENCHMARKS.md and its plots in {}", folder.display());
}

/// Three sentences. A row that was not measured is left out.
fn answer(rows: &[Row]) -> String {
    let ratio = |shape: &str| {
        let row = rows.iter().find(|row| row.what == format!("{LOOKUP}{shape}"))?;
        let redis =
            if row.redis.is_empty() { "–".into() } else { format!("{:.2}", median(&row.redis)) };
        Some((format!("{:.2}", median(&row.ours)), redis))
    };
    let mut text = String::new();
    if let Some((ours, redis)) = ratio("c=1000 P=1") {
        let _ = writeln!(
            text,
            "With 1,000 clients, a lookup costs `papo server` {ours} times the processor time of a bare loop that only \
             answers; Redis takes {redis} times."
        );
    }
    if let Some((ours, redis)) = ratio("c=50 P=16") {
        let _ = writeln!(
            text,
            "With 50 clients that send 16 questions at once, papo takes {ours} times the bare loop, and Redis {redis} \
             times."
        );
    }
    let bytes = rows.iter().find(|row| row.what.starts_with(MEMORY)).map(|row| median(&row.ours));
    let bounded: Vec<_> =
        rows.iter().filter_map(|row| Some(median(&row.ours) <= row.bound?)).collect();
    let met = bounded.iter().filter(|met| **met).count();
    let memory = bytes.map_or(String::new(), |bytes| {
        format!(
            "A registered client that is idle takes {bytes:.0} bytes of the server's memory, and "
        )
    });
    let _ = writeln!(text, "{memory}{met} of {} targets are met.", bounded.len());
    text
}

fn opening(run: &Run) -> String {
    let kind = if run.is_quick {
        "**A trial run** (`make bench QUICK=1`), on a machine that did other work meanwhile: it shows that the \
         measurement works, and its figures mean little.\n\n"
    } else {
        ""
    };
    format!(
        "{kind}`make bench` writes this page. It compares `papo server` with a bare epoll loop and with Redis, on one \
         machine and in one run.\n`c` is the number of clients, and `P` is how many questions a client sends at once. \
         `bare` is the bare loop.\n\nA ratio compares two runs that were seconds apart, in alternating order. The table \
         has the least / median / most of {} pairs.\nA target is met if the median is not above it. The last column \
         has the medians of the times. Their ratio is not the median\nof the ratios.\n",
        run.pairs
    )
}

/// The rows, in Markdown.
pub fn table(rows: &[Row]) -> String {
    let mut text = "| what | at most | measured | | Redis | medians |\n\
                    | --- | --- | --- | --- | --- | --- |\n"
        .to_string();
    for row in rows {
        let bound = row.bound.map_or("–".to_string(), |it| format!("{it} {}", row.unit));
        let verdict = match row.bound {
            None => "",
            Some(bound) if median(&row.ours) <= bound => "met",
            Some(_) => "**not met**",
        };
        let redis = if row.redis.is_empty() { "–".into() } else { spread(&row.redis) };
        let (what, ours, detail) = (&row.what, spread(&row.ours), &row.detail);
        let _ = writeln!(text, "| {what} | {bound} | {ours} | {verdict} | {redis} | {detail} |");
    }
    text
}

/// Least, median and most; or the only value.
fn spread(values: &[f64]) -> String {
    let digits = |value: f64| match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.3}"),
    };
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if values.len() == 1 {
        return digits(values[0]);
    }
    format!("{} / **{}** / {}", digits(least), digits(median(values)), digits(most))
}

fn machine(run: &Run) -> String {
    let mut text = "## The machine\n\n| | |\n| --- | --- |\n".to_string();
    for (name, value) in &run.machine {
        let _ = writeln!(text, "| {name} | {value} |");
    }
    text
}

/// This run, on this machine. `busy` is the load at its start.
pub fn this_run(scale: &Scale, busy: &str) -> Run {
    let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let first = |path: &str, key: &str| {
        let text = text(path);
        let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default();
        line.split_once(':').map_or("unknown", |it| it.1).trim().to_string()
    };
    let said = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output();
        let text = output.map(|it| String::from_utf8_lossy(&it.stdout).trim().to_string());
        text.unwrap_or_else(|_| "not installed".to_string())
    };
    let redis = if tools::installed("redis-server").is_some() {
        let text = said("redis-server", &["--version"]);
        text.split(' ').find_map(|word| word.strip_prefix("v=")).unwrap_or("?").to_string()
    } else {
        "not installed".to_string()
    };
    let pinned = if rig::can_pin() { "server on core 0, generator on core 1" } else { "no" };
    let machine = [
        ("date", said("date", &["-u", "+%Y-%m-%d"])),
        ("processor", format!("{}, {} cores", first("/proc/cpuinfo", "model name"), rig::cores())),
        ("memory", first("/proc/meminfo", "MemTotal")),
        ("system", format!("Linux {}", text("/proc/sys/kernel/osrelease").trim())),
        ("compiler", said("rustc", &["--version"])),
        ("papo", env!("CARGO_PKG_VERSION").to_string()),
        ("Redis", redis),
        ("pinned", pinned.to_string()),
        ("load at the start (1, 5, 15 minutes)", busy.to_string()),
    ];
    let machine = machine.map(|(name, value)| (name.to_string(), value)).into();
    Run { pairs: scale.pairs, is_quick: scale.is_quick, machine }
}
