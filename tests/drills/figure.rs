//! The result of a drill: figures with their bounds. A drill without its figures has failed.

use std::time::Duration;

/// The bound of a figure.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
    /// From the first to the second.
    Within(f64, f64),
    /// Exactly this.
    Exactly(f64),
}

impl Bound {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
            Self::Within(least, most) => (least..=most).contains(&value),
            Self::Exactly(wanted) => (value - wanted).abs() < 1e-9,
        }
    }

    fn text(self) -> String {
        match self {
            Self::AtMost(most) => format!("<= {}", short(most)),
            Self::AtLeast(least) => format!(">= {}", short(least)),
            Self::Within(least, most) => format!("{} to {}", short(least), short(most)),
            Self::Exactly(wanted) => format!("= {}", short(wanted)),
        }
    }
}

/// A value that can be compared with a bound.
pub trait Value {
    /// As a number.
    fn number(self) -> f64;
}

impl Value for f64 {
    fn number(self) -> f64 {
        self
    }
}

impl Value for usize {
    fn number(self) -> f64 {
        self as f64
    }
}

impl Value for u64 {
    fn number(self) -> f64 {
        self as f64
    }
}

/// A time counts in milliseconds.
impl Value for Duration {
    fn number(self) -> f64 {
        self.as_secs_f64() * 1000.0
    }
}

/// One number of one drill.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The name of the measured thing.
    pub name: &'static str,
    /// The measured value.
    pub value: f64,
    /// The unit; empty for plain counts.
    pub unit: &'static str,
    /// The bound.
    pub bound: Bound,
}

impl Figure {
    /// Whether it is a number within its bound.
    pub fn holds(&self) -> bool {
        self.value.is_finite() && self.bound.holds(self.value)
    }
}

/// The scale and the figures of a drill.
#[derive(Debug, Default)]
pub struct Report {
    /// At full length, with bounds for a machine that does nothing else; otherwise the short run.
    pub full: bool,
    /// The figures so far.
    pub figures: Vec<Figure>,
    /// How large the drill was, and how it differs from the plan.
    pub scale: String,
}

impl Report {
    /// The first value at full length, the second in the short run.
    pub fn scaled<T>(&self, full: T, quick: T) -> T {
        if self.full { full } else { quick }
    }

    /// Reports how large the drill was.
    pub fn say_scale(&mut self, text: impl Into<String>) {
        self.scale = text.into();
    }

    /// A figure with an upper bound.
    pub fn at_most(
        &mut self,
        name: &'static str,
        value: impl Value,
        most: f64,
        unit: &'static str,
    ) {
        self.add(name, value.number(), Bound::AtMost(most), unit);
    }

    /// A figure with a lower bound.
    pub fn at_least(
        &mut self,
        name: &'static str,
        value: impl Value,
        least: f64,
        unit: &'static str,
    ) {
        self.add(name, value.number(), Bound::AtLeast(least), unit);
    }

    /// A figure with both bounds.
    pub fn within(
        &mut self,
        name: &'static str,
        value: impl Value,
        (least, most): (f64, f64),
        unit: &'static str,
    ) {
        self.add(name, value.number(), Bound::Within(least, most), unit);
    }

    /// A count with one right value.
    pub fn exactly(&mut self, name: &'static str, value: impl Value, wanted: impl Value) {
        self.add(name, value.number(), Bound::Exactly(wanted.number()), "");
    }

    fn add(&mut self, name: &'static str, value: f64, bound: Bound, unit: &'static str) {
        self.figures.push(Figure { name, value, unit, bound });
    }

    /// The promised figures that are missing.
    pub fn missing(&self, promised: &[&'static str]) -> Vec<&'static str> {
        let is_there = |name: &&str| self.figures.iter().any(|figure| figure.name == *name);
        promised.iter().copied().filter(|name| !is_there(name)).collect()
    }

    /// Whether every promised figure is there, and every figure within its bound.
    pub fn held(&self, promised: &[&'static str]) -> bool {
        self.missing(promised).is_empty() && self.figures.iter().all(Figure::holds)
    }

    /// All of it as one line of JSON.
    pub fn json(&self, id: &str, promised: &[&'static str], seconds: f64) -> String {
        let result = if self.held(promised) { "held" } else { "failed" };
        let figures: Vec<_> = self.figures.iter().map(figure_json).collect();
        let missing: Vec<_> = self.missing(promised).iter().map(|name| quoted(name)).collect();
        format!(
            "{{\"drill\":{},\"result\":\"{result}\",\"seconds\":{seconds:.1},\"scale\":{},\
             \"figures\":[{}],\"missing\":[{}]}}",
            quoted(id),
            quoted(&self.scale),
            figures.join(","),
            missing.join(",")
        )
    }

    /// All of it as rows of the table: figure, value, bound and verdict, with tabs between them.
    pub fn rows(&self, promised: &[&'static str]) -> Vec<String> {
        let row = |figure: &Figure| {
            let verdict = if figure.holds() { "held" } else { "OUT OF BOUNDS" };
            let (value, bound) = (short(figure.value), figure.bound.text());
            format!("{}\t{value} {}\t{bound}\t{verdict}", figure.name, figure.unit)
        };
        let missing = self.missing(promised).into_iter();
        let missing = missing.map(|name| format!("{name}\t-\t-\tMISSING"));
        self.figures.iter().map(row).chain(missing).collect()
    }
}

fn figure_json(figure: &Figure) -> String {
    // JSON has no "not a number".
    let value = if figure.value.is_finite() { short(figure.value) } else { "null".to_string() };
    format!(
        "{{\"name\":{},\"value\":{value},\"unit\":{},\"bound\":{},\"held\":{}}}",
        quoted(figure.name),
        quoted(figure.unit),
        quoted(&figure.bound.text()),
        figure.holds()
    )
}

/// A text as a string of JSON.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// A number as short text.
fn short(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// The percentile of these times for a share from 0 to 1. Without times it is not a number, so the
/// figure is out of its bound.
pub fn percentile(times: &[Duration], share: f64) -> f64 {
    let mut times = times.to_vec();
    times.sort();
    let place = (times.len() as f64 * share).ceil() as usize;
    times.get(place.saturating_sub(1)).map_or(f64::NAN, |time| time.number())
}
