//! The table: each measured figure, with its reference and its target.

use std::fs;
use std::net::TcpStream;
use std::time::Duration;

use crate::generator::{self, Run};
use crate::keeping::Crowd;
use crate::rig::{self, Kind, Server};
use crate::support::tools;
use crate::{crowd, person};

/// The beginning of the name of a row of lookups. The shape follows.
pub const LOOKUP: &str = "server CPU per lookup, ";

/// The beginning of the name of a row of memory.
pub const MEMORY: &str = "user memory per registered idle connection, ";

/// How much each figure measures.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    pub pairs: usize,
    /// A run that only shows whether it works.
    pub is_quick: bool,
}

/// One figure.
pub struct Row {
    pub what: String,
    /// `None`: it has no target.
    pub bound: Option<f64>,
    /// The unit of the figures: "x bare", "calls", "bytes".
    pub unit: String,
    /// The figures of papo, one of each pair.
    pub ours: Vec<f64>,
    /// The figures of Redis, if it is installed.
    pub redis: Vec<f64>,
    /// The medians behind it, in words.
    pub detail: String,
}

impl Scale {
    /// `QUICK=1`, `REPS=7`.
    pub fn from_environment() -> Self {
        let is_quick = std::env::var("QUICK").is_ok_and(|value| !value.is_empty());
        let wanted = std::env::var("REPS").ok().and_then(|value| value.parse().ok());
        let pairs = wanted.unwrap_or(if is_quick { 1 } else { 7 });
        assert!(pairs > 0, "REPS takes a whole number above 0");
        Self { pairs, is_quick }
    }

    /// This number in a full run, a tenth of it in a quick one.
    fn of(self, full: usize) -> usize {
        if self.is_quick { full / 10 } else { full }
    }
}

/// All rows, in the order of the table; or one part of them.
pub fn all(scale: &Scale, only: Option<&str>) -> Vec<Row> {
    let wants = |part| only.is_none_or(|only| only == part);
    let redis = tools::installed("redis-server").is_some();
    let mut rows = Vec::new();
    if wants("lookup") {
        rows.extend(SHAPES.iter().flat_map(|shape| lookups(scale, shape, redis)));
    }
    if wants("calls") && tools::installed("strace").is_some() {
        rows.extend([calls_per_lookup(1, 5_000, 2.12), calls_per_lookup(16, 16_000, 0.155)]);
        rows.push(calls_per_visit());
    }
    if wants("keep") {
        rows.push(keeps(scale));
    }
    if wants("memory") {
        rows.extend(memory(9_000));
        rows.extend(if scale.is_quick { None } else { memory(19_000) });
    }
    if wants("list") {
        rows.extend(lists(scale));
    }
    if wants("visit") {
        rows.extend([(1, 8_000, 1.08), (50, 30_000, 1.08)].map(|it| visits(scale, it, Kind::Papo)));
        rows.push(visits(scale, (50, 30_000, f64::NAN), Kind::PapoLogging));
    }
    if wants("chat") {
        rows.push(chat(scale));
    }
    if wants("size") {
        rows.extend(size());
    }
    assert!(!rows.is_empty(), "ONLY=lookup|calls|keep|memory|list|visit|chat|size|pollers|page");
    rows
}

/// `pairs` values of each of `N` measurements, in alternating order.
fn alternating<const N: usize>(
    pairs: usize,
    mut measure: impl FnMut(usize) -> f64,
) -> [Vec<f64>; N] {
    let mut values = [const { Vec::new() }; N];
    for pair in 0..pairs {
        for turn in 0..N {
            let which = if pair % 2 == 0 { turn } else { N - 1 - turn };
            values[which].push(measure(which));
        }
    }
    values
}

/// The ratio of each pair.
fn ratios(ours: &[f64], bare: &[f64]) -> Vec<f64> {
    ours.iter().zip(bare).map(|(ours, bare)| ours / bare).collect()
}

/// The middle one of an odd number, or the mean of the middle two.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    }
}

/// A row of lookups.
struct Shape {
    clients: usize,
    /// The requests of each client that wait for their answers.
    depth: usize,
    /// The number of lookups.
    count: usize,
    /// The most that a lookup may cost, as a ratio to the bare loop.
    bound: f64,
    /// The same as a ratio to Redis, with one request at a time. With 16 there is no target: the page
    /// has the reason.
    redis_bound: Option<f64>,
}

const SHAPES: [Shape; 5] = [
    Shape { clients: 1_000, depth: 1, count: 200_000, bound: 1.08, redis_bound: Some(0.9) },
    Shape { clients: 10_000, depth: 1, count: 200_000, bound: 1.12, redis_bound: Some(0.85) },
    Shape { clients: 50, depth: 1, count: 200_000, bound: 1.05, redis_bound: None },
    Shape { clients: 50, depth: 16, count: 1_500_000, bound: 1.25, redis_bound: None },
    Shape { clients: 10_000, depth: 16, count: 1_500_000, bound: 1.4, redis_bound: None },
];

fn lookups(scale: &Scale, shape: &Shape, has_redis: bool) -> Vec<Row> {
    let Shape { clients, depth, count, bound, redis_bound } = *shape;
    let clients = if scale.is_quick { clients.min(2_000) } else { clients };
    let name = format!("c={clients} P={depth}");
    eprintln!("lookups, {name}");
    let wanted = scale.of(count).max(clients * depth * 2) as u64;
    let kinds = [Kind::Bare(&[]), Kind::Papo, Kind::Redis];
    let mut rates = [const { Vec::new() }; 3];
    let [bare, ours, redis] = alternating(scale.pairs, |which| {
        if which == 2 && !has_redis {
            return f64::NAN;
        }
        let run = generator::lookups(&Server::start(kinds[which]), clients, depth, wanted);
        rates[which].push(run.per_second());
        run.cpu_us
    });
    let in_us = format!("{:.3} us, bare {:.3} us", median(&ours), median(&bare));
    let mut rows = vec![Row {
        what: format!("{LOOKUP}{name}"),
        bound: Some(bound),
        unit: "x bare".into(),
        ours: ratios(&ours, &bare),
        redis: if has_redis { ratios(&redis, &bare) } else { Vec::new() },
        detail: format!("{in_us}; {:.0} lookups/s", median(&rates[1])),
    }];
    let (what, values) = if depth == 1 {
        (format!("server CPU per lookup, papo divided by Redis, {name}"), ratios(&ours, &redis))
    } else {
        (format!("lookups per second, Redis divided by papo, {name}"), ratios(&rates[2], &rates[1]))
    };
    rows.extend(has_redis.then(|| Row {
        what,
        bound: redis_bound,
        unit: "x".into(),
        ours: values,
        redis: Vec::new(),
        detail: format!("Redis {:.3} us, {:.0} lookups/s", median(&redis), median(&rates[2])),
    }));
    rows
}

/// System calls of `act` for each operation.
fn traced(kind: Kind, operations: usize, act: impl FnOnce(&Server)) -> f64 {
    let file = rig::scratch("bench.strace");
    let server = Server::start_traced(kind, &file);
    let lines = || {
        // strace writes line by line, a moment after the call.
        std::thread::sleep(Duration::from_millis(500));
        fs::read_to_string(&file).expect("strace writes").matches('\n').count()
    };
    let before = lines();
    act(&server);
    (lines() - before) as f64 / operations as f64
}

fn calls_per_lookup(depth: usize, count: usize, bound: f64) -> Row {
    let what = format!("system calls per lookup, c=50 P={depth}, connecting included");
    eprintln!("{what}");
    let act = |server: &Server| {
        generator::lookups(server, 50, depth, count as u64);
    };
    let [ours, bare] = [Kind::Papo, Kind::Bare(&[])].map(|kind| traced(kind, count, act));
    let detail = format!("bare {bare:.3}");
    Row {
        what,
        bound: Some(bound),
        unit: "calls".into(),
        ours: vec![ours],
        redis: Vec::new(),
        detail,
    }
}

fn calls_per_visit() -> Row {
    let what = "system calls per connect + register + lookup + close".to_string();
    eprintln!("{what}");
    let count = 2_000;
    let act = |server: &Server| {
        generator::visits(server, 50, count as u64);
    };
    let [ours, bare] =
        [Kind::Papo, Kind::Bare(&["lines", "2"])].map(|kind| traced(kind, count, act));
    let detail = format!("bare {bare:.3}; log off");
    Row {
        what,
        bound: Some(6.1),
        unit: "calls".into(),
        ours: vec![ours],
        redis: Vec::new(),
        detail,
    }
}

fn keeps(scale: &Scale) -> Row {
    let clients = if scale.is_quick { 2_000 } else { 10_000 };
    let seconds = if scale.is_quick { 1.0 } else { 5.0 };
    let what = format!("server CPU per KEEP of {clients} clients, expiry on");
    eprintln!("{what}");
    let servers = [Kind::Bare(&["silent"]), Kind::PapoExpiring].map(Server::start);
    let mut crowds = [0, 1].map(|which| Crowd::start(&servers[which], clients));
    let mut window = |which: usize| {
        let crowd: &mut Crowd = &mut crowds[which];
        generator::timed(&servers[which], || crowd.keep(seconds)).cpu_us
    };
    // Always in this order: after two windows of the other server in a row, a client would have been
    // silent for 15 seconds. The first round is for warming up, and fills the timer wheel.
    let mut round = || [window(0), window(1)];
    round();
    let (bare, ours): (Vec<_>, Vec<_>) =
        (0..scale.pairs).map(|_| round()).map(|[bare, ours]| (bare, ours)).unzip();
    let [_, crowd] = crowds;
    crowd.finish();
    let detail =
        format!("{:.2} us, bare, which only reads, {:.2} us", median(&ours), median(&bare));
    let ours = ratios(&ours, &bare);
    Row { what, bound: Some(1.15), unit: "x bare".into(), ours, redis: Vec::new(), detail }
}

/// `None`: too few descriptors are allowed here.
fn memory(clients: usize) -> Option<Row> {
    let what = format!("{MEMORY}{clients} of them");
    eprintln!("{what}");
    if rig::descriptors() < clients + 100 {
        eprintln!("    only {} descriptors: left out", rig::descriptors());
        return None;
    }
    let per_client = |kind| {
        let server = Server::start(kind);
        let before = server.private_dirty_kib();
        let _streams = crowd::open(&server, 0, clients);
        let each = (server.private_dirty_kib() - before) * 1024.0 / clients as f64;
        (each, server.resident_kib())
    };
    let (ours, resident) = per_client(Kind::Papo);
    let (bare, _) = per_client(Kind::Bare(&[]));
    let detail = format!("bare {bare:.0}; {resident:.0} kB resident in all");
    let bound = Some(256.0);
    Some(Row { what, bound, unit: "bytes".into(), ours: vec![ours], redis: Vec::new(), detail })
}

fn lists(scale: &Scale) -> Vec<Row> {
    let (clients, rounds) = if scale.is_quick { (2_000, 20) } else { (10_000, 200) };
    eprintln!("LIST of {clients} names");
    let server = Server::start(Kind::Papo);
    let _others = crowd::open(&server, 100, clients);
    let mut ours: Vec<TcpStream> = crowd::open(&server, 0, 50);
    let (_, bytes) = generator::lists(&server, &mut ours[..1], 1);
    let floor = Server::start(Kind::BareList(bytes));
    let connect = |number| crowd::socket(floor.address, number, true).into();
    let mut bares: Vec<TcpStream> = (0..50).map(connect).collect();
    [(1, rounds), (50, rounds / 10)]
        .map(|(readers, rounds)| {
            let mut runs: [Option<Run>; 2] = [None; 2];
            let mut measure = |which: usize| {
                let (server, readers) = if which == 0 {
                    (&floor, &mut bares[..readers])
                } else {
                    (&server, &mut ours[..readers])
                };
                let (run, _) = generator::lists(server, readers, rounds);
                runs[which] = Some(run);
                run.seconds * 1e6 / rounds as f64
            };
            // The first run of each grows buffers, in the kernel, too.
            let _: [Vec<f64>; 2] = alternating(1, &mut measure);
            let [bare, ours] = alternating(scale.pairs, &mut measure);
            let who = if readers == 1 { "one reader".into() } else { format!("{readers} at once") };
            let [bare_cpu, our_cpu] = runs.map(|run| run.map_or(f64::NAN, |run| run.cpu_us));
            Row {
                what: format!("time of a LIST of {clients} names to {who}"),
                bound: Some(1.3),
                unit: "x bare".into(),
                ours: ratios(&ours, &bare),
                redis: Vec::new(),
                detail: format!(
                    "{:.0} us, bare {:.0} us, {bytes} bytes each; server CPU for each answer \
                     {our_cpu:.0} us, bare {bare_cpu:.0} us",
                    median(&ours),
                    median(&bare)
                ),
            }
        })
        .into()
}

fn visits(scale: &Scale, shape: (usize, usize, f64), kind: Kind) -> Row {
    let (at_once, count, bound) = shape;
    let is_logging = matches!(kind, Kind::PapoLogging);
    let with_log = if is_logging { ", with the log to a file" } else { "" };
    let what = format!("connect + register + lookup + leave, {at_once} at once{with_log}");
    eprintln!("{what}");
    let kinds = [Kind::Bare(&["lines", "2"]), kind];
    let [bare, ours] = alternating(scale.pairs, |which| {
        generator::visits(&Server::start(kinds[which]), at_once, scale.of(count) as u64).cpu_us
    });
    let detail = format!("{:.1} us, bare {:.1} us", median(&ours), median(&bare));
    Row {
        what,
        bound: (!is_logging).then_some(bound),
        unit: "x bare".into(),
        ours: ratios(&ours, &bare),
        redis: Vec::new(),
        detail,
    }
}

fn chat(scale: &Scale) -> Row {
    let what = "round trip of a chat line between two peers".to_string();
    eprintln!("{what}");
    let count = scale.of(40_000);
    let [raw, ours] = alternating(scale.pairs, |which| {
        if which == 0 { person::raw_us(count) } else { person::peers_us(count) }
    });
    let detail =
        format!("p50 {:.1} us, raw blocking sockets {:.1} us", median(&ours), median(&raw));
    let ours = ratios(&ours, &raw);
    Row { what, bound: Some(1.35), unit: "x raw".into(), ours, redis: Vec::new(), detail }
}

fn size() -> Vec<Row> {
    let program = rig::bare_papo();
    eprintln!("size of {program}");
    let bytes = fs::metadata(&program).expect("the program").len() as f64;
    let resident = Server::start(Kind::PapoBare).resident_kib();
    let row = |what: &str, bound, unit: &str, value| Row {
        what: what.to_string(),
        bound: Some(bound),
        unit: unit.into(),
        ours: vec![value],
        redis: Vec::new(),
        detail: "built with --no-default-features".to_string(),
    };
    vec![
        row("size of the server's program, stripped", 450.0, "kB", bytes / 1e3),
        row("its resident memory without clients", 2.2, "MB", resident * 1024.0 / 1e6),
    ]
}
