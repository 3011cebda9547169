//! Numbers in the text format of Prometheus (version 0.0.4).
//!
//! Their source does not matter here. Read next: [`super::Measured`].

use std::fmt::Write;

/// The content type of this text.
pub const METRICS_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// One number with its name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Metric {
    name: &'static str,
    help: &'static str,
    kind: &'static str,
    value: u64,
}

impl Metric {
    /// A number that goes up and down.
    #[must_use]
    pub const fn gauge(name: &'static str, help: &'static str, value: u64) -> Self {
        Self { name, help, kind: "gauge", value }
    }

    /// A number that only grows while the program runs. Its name ends in `_total`.
    #[must_use]
    pub const fn counter(name: &'static str, help: &'static str, value: u64) -> Self {
        Self { name, help, kind: "counter", value }
    }
}

/// Numbers as text.
#[must_use]
pub fn text(metrics: &[Metric]) -> String {
    let mut text = String::new();
    for Metric { name, help, kind, value } in metrics {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_has_its_help_its_type_and_its_value() {
        let metrics = [Metric::gauge("a", "How many.", 3), Metric::counter("b_total", "All.", 4)];
        let expected = "# HELP a How many.\n# TYPE a gauge\na 3\n\
                        # HELP b_total All.\n# TYPE b_total counter\nb_total 4\n";
        assert_eq!(text(&metrics), expected);
    }
}
