//! `docs/benchmarks.jsonl`: the measured figures, one object in each line. The page is made from it, so
//! it can be written again without a measurement.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use tinyjson::JsonValue;

use crate::pollers::Point;
use crate::rows::Row;

/// All that the page shows.
pub struct Stored {
    pub table: Run,
    pub rows: Vec<Row>,
    pub pollers: Run,
    pub points: Vec<Point>,
}

/// When and where a part was measured.
#[derive(Default)]
pub struct Run {
    pub pairs: usize,
    pub is_quick: bool,
    /// Names and values, in the order of the page.
    pub machine: Vec<(String, String)>,
}

/// The folder of the file, the page and the plots: `OUT`, or `docs`.
pub fn folder() -> PathBuf {
    let out = std::env::var("OUT").ok().filter(|out| !out.is_empty());
    out.map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs"), PathBuf::from)
}

impl Stored {
    /// The results of the last run, or nothing.
    pub fn load() -> Self {
        let text = fs::read_to_string(folder().join("benchmarks.jsonl")).unwrap_or_default();
        let (mut table, mut rows) = (Run::default(), Vec::new());
        let (mut pollers, mut points) = (Run::default(), Vec::new());
        for line in text.lines() {
            let value: JsonValue = line.parse().expect("each line is JSON");
            match string(&value["is"]).as_str() {
                "table" => table = run(&value),
                "row" => rows.push(row(&value)),
                "pollers" => pollers = run(&value),
                _ => points.push(point(&value)),
            }
        }
        Self { table, rows, pollers, points }
    }

    pub fn save(&self) {
        let mut text = format!("{}\n", run_line("table", &self.table));
        for row in &self.rows {
            let bound = row.bound.map_or("null".to_string(), |bound| bound.to_string());
            let _ = writeln!(
                text,
                "{{\"is\":\"row\",\"what\":{:?},\"bound\":{bound},\"unit\":{:?},\"ours\":{:?},\
                 \"redis\":{:?},\"detail\":{:?}}}",
                row.what, row.unit, row.ours, row.redis, row.detail
            );
        }
        let _ = writeln!(text, "{}", run_line("pollers", &self.pollers));
        for Point { clients, cpu_us, p99_ms } in &self.points {
            let _ = writeln!(
                text,
                "{{\"is\":\"point\",\"clients\":{clients},\"cpu_us\":{cpu_us:?},\"p99_ms\":{p99_ms:?}}}"
            );
        }
        fs::write(folder().join("benchmarks.jsonl"), text).expect("writes the figures");
    }
}

fn run_line(is: &str, run: &Run) -> String {
    let machine: Vec<_> =
        run.machine.iter().map(|(name, it)| format!("[{name:?},{it:?}]")).collect();
    format!(
        "{{\"is\":{is:?},\"pairs\":{},\"quick\":{},\"machine\":[{}]}}",
        run.pairs,
        run.is_quick,
        machine.join(",")
    )
}

fn run(value: &JsonValue) -> Run {
    let pair = |it: &JsonValue| (string(&it[0]), string(&it[1]));
    Run {
        pairs: number(&value["pairs"]) as usize,
        is_quick: matches!(value["quick"], JsonValue::Boolean(true)),
        machine: list(&value["machine"]).iter().map(pair).collect(),
    }
}

fn row(value: &JsonValue) -> Row {
    Row {
        what: string(&value["what"]),
        bound: value["bound"].get::<f64>().copied(),
        unit: string(&value["unit"]),
        ours: numbers(&value["ours"]),
        redis: numbers(&value["redis"]),
        detail: string(&value["detail"]),
    }
}

fn point(value: &JsonValue) -> Point {
    let both = |it: &JsonValue| [number(&it[0]), number(&it[1])];
    Point {
        clients: number(&value["clients"]) as usize,
        cpu_us: both(&value["cpu_us"]),
        p99_ms: both(&value["p99_ms"]),
    }
}

fn string(value: &JsonValue) -> String {
    value.get::<String>().expect("a text").clone()
}

fn number(value: &JsonValue) -> f64 {
    *value.get::<f64>().expect("a number")
}

fn list(value: &JsonValue) -> &[JsonValue] {
    value.get::<Vec<JsonValue>>().expect("a list")
}

fn numbers(value: &JsonValue) -> Vec<f64> {
    list(value).iter().map(number).collect()
}
