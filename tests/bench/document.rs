//! `docs/BENCHMARKS.md`: the table, what machine it is from, and what not to believe.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::plot;
use crate::rig;
use crate::rows::{Row, Scale, median};

const CAVEATS: &str = "\
## What not to believe

- Absolute times are this machine's, this hour's. Only ratios of runs made seconds apart are compared, and a ratio under 3 % from
  another is noise: the same bare loop beside itself gives 0.97 to 1.00, single runs spread by 10 to 20 %.
- Server and generator have one core each, where there are two. Anything else that runs then shows. Loopback runs the receiving
  side's work in the sender's interrupt, so part of each side's cost is the other side's packet.
- Processor time is read from the scheduler (`schedstat`) around the timed part only, so it is exact even where the generator is
  the bottleneck. Operations a second are bound by both.
- The bare loop (`tests/bench/bare.rs`) parses nothing, finds nothing, expires nothing and bounds nothing. It is the limit, not a rival.
- Redis has a richer protocol and other work to do. It shows what a good server reaches with the same shape of load on this machine.
- `papo server` runs with its log off (`RUST_LOG=warn`) except where the row says otherwise: everybody who comes or goes is a line.
- Only the row of KEEP has the handout's 15 seconds of expiry. Elsewhere nobody says KEEP, and clients have three minutes, so that a
  slow machine may take its time.
- The round trip of a chat line is between two processes that run the program's own peer and event loop, and a made-up person who
  types back at once what is shown; not `papo peer` behind pipes, whose own way from pipe to pipe would be most of the time.
- System calls are counted by strace, which slows the server, so more connections are ready at each wait than in a free run: the
  share of `epoll_wait` is a little low, reads and writes are exact.
- The generator is not `papo load`, which spends as much on checking an answer as the server on giving it.
";

const REPEAT: &str = "\
## How to repeat

```sh
make bench            # about ten minutes; REPS=15 for more pairs
make bench QUICK=1    # about a minute, to see whether it works; its figures mean little
make bench ONLY=list  # one part, printed and not written: lookup, calls, keep, memory, list, visit, chat, size
make bench ONLY=pollers  # epoll(7) beside poll(2): a build for each, and that section alone is written
```

It writes this page and the plot. strace, `redis-server` and `taskset` are used where they are installed. The figures without noise,
system calls and memory, are also tests (`tests/load/figures.rs`).
";

/// Where the part of [`crate::pollers`] begins. It ends where the next heading is.
pub const POLLERS_HEADING: &str = "## epoll(7) and poll(2)";

/// Before this it stands.
const MACHINE_HEADING: &str = "## The machine";

/// The page without the part about pollers, and that part.
fn split(page: &str) -> (String, &str) {
    let Some(start) = page.find(POLLERS_HEADING) else { return (page.to_string(), "") };
    let end = page[start..].find("\n## ").map_or(page.len(), |at| start + at + 1);
    (format!("{}{}", &page[..start], &page[end..]), &page[start..end])
}

/// Puts the part about pollers into a page that has none.
fn joined(page: &str, pollers: &str) -> String {
    page.replacen(MACHINE_HEADING, &format!("{pollers}{MACHINE_HEADING}"), 1)
}

/// Writes the part about pollers, and its plot. The rest of the page stays as it is.
pub fn write_pollers(section: &str, plot: &str) {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let page = fs::read_to_string(docs.join("BENCHMARKS.md")).expect("the page");
    let page = joined(&split(&page).0, section);
    fs::write(docs.join("BENCHMARKS.md"), page).expect("writes the page");
    fs::write(docs.join("pollers.svg"), plot).expect("writes the plot");
    eprintln!("written: a section of docs/BENCHMARKS.md, docs/pollers.svg");
}

/// Writes the page and the plot.
pub fn write(scale: &Scale, rows: &[Row], busy: &str) {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let page = format!(
        "# Benchmarks\n\n{}\n{}\n![Each figure as a part of its bound](benchmarks.svg)\n\n{}\n\
         {CAVEATS}\n{REPEAT}",
        opening(scale),
        table(rows),
        machine(busy)
    );
    // That part was measured at another time, and says when.
    let before = fs::read_to_string(docs.join("BENCHMARKS.md")).unwrap_or_default();
    let page = joined(&page, split(&before).1);
    fs::write(docs.join("BENCHMARKS.md"), page).expect("writes the page");
    fs::write(docs.join("benchmarks.svg"), plot::draw(rows)).expect("writes the plot");
    eprintln!("written: docs/BENCHMARKS.md, docs/benchmarks.svg");
}

fn opening(scale: &Scale) -> String {
    let pairs = scale.pairs;
    let kind = if scale.is_quick {
        "**A trial run** (`make bench QUICK=1`), on a machine that did other things meanwhile: it shows that the \
         measuring works, and its figures mean little.\n\n"
    } else {
        ""
    };
    format!(
        "{kind}Written by `make bench`. `papo server` beside a bare epoll loop that does nothing but answer, on one \
         machine, in one run; ratios are those of\npairs of runs made seconds apart, in alternating order: least / \
         median / most of {pairs}.\n"
    )
}

/// The rows, in Markdown.
pub fn table(rows: &[Row]) -> String {
    let mut text = "| what | at most | measured | | redis | medians behind it |\n\
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

/// Least, median and most; one number where there is one.
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

fn machine(busy: &str) -> String {
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
    let redis = if rig::is_installed("redis-server") {
        let text = said("redis-server", &["--version"]);
        text.split(' ').find_map(|word| word.strip_prefix("v=")).unwrap_or("?").to_string()
    } else {
        "not installed".to_string()
    };
    format!(
        "{MACHINE_HEADING}\n\n| | |\n| --- | --- |\n\
         | date | {} |\n| processor | {}, {} cores |\n| memory | {} |\n| system | Linux {} |\n\
         | compiler | {} |\n| papo | {} |\n| Redis | {redis} |\n| pinned | {} |\n\
         | load when it began (1, 5, 15 minutes) | {busy} |\n",
        said("date", &["-u", "+%Y-%m-%d"]),
        first("/proc/cpuinfo", "model name"),
        rig::cores(),
        first("/proc/meminfo", "MemTotal"),
        text("/proc/sys/kernel/osrelease").trim(),
        said("rustc", &["--version"]),
        env!("CARGO_PKG_VERSION"),
        if rig::can_pin() { "server on core 0, generator on core 1" } else { "no" }
    )
}
