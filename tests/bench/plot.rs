//! The plots: bars next to each other, and each figure as a part of its target.

use std::fmt::Write;

use crate::rows::{LOOKUP, Row, median};

const ROW_HEIGHT: f64 = 26.0;
const TOP: f64 = 48.0;
const LABEL_WIDTH: f64 = 430.0;
/// The length of a bar that is exactly at its bound.
const UNIT_WIDTH: f64 = 300.0;
/// The longest bar, for any larger value. The number next to it has the value.
const PARTS_MAX: f64 = 1.5;
const WIDTH: f64 = 1040.0;

/// Each figure as a part of its target: a bar that ends before the line is within it.
pub fn draw(rows: &[Row]) -> String {
    let rows: Vec<_> = rows.iter().filter_map(|row| Some((row, row.bound?))).collect();
    let height = TOP + ROW_HEIGHT * rows.len() as f64 + 16.0;
    let line_x = LABEL_WIDTH + UNIT_WIDTH;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"13\" role=\"img\">\n\
         <title>Each figure as a part of its target</title>\n\
         <style>\n\
         text {{ fill: #222 }} .met {{ fill: #3a7d44 }} .over {{ fill: #b5482f }}\n\
         .bound {{ stroke: #222 }} .ground {{ fill: #fff }}\n\
         @media (prefers-color-scheme: dark) {{\n\
         text {{ fill: #ddd }} .met {{ fill: #6fbf7a }} .over {{ fill: #e58a6f }}\n\
         .bound {{ stroke: #ddd }} .ground {{ fill: #111 }}\n\
         }}\n\
         </style>\n\
         <rect class=\"ground\" width=\"{WIDTH}\" height=\"{height}\"/>\n\
         <text x=\"{line_x}\" y=\"28\" text-anchor=\"middle\">at most</text>\n"
    );
    for (place, (row, bound)) in rows.iter().enumerate() {
        let value = median(&row.ours);
        svg.push_str(&bar(row, value, *bound, TOP + ROW_HEIGHT * place as f64));
    }
    let end = height - 12.0;
    let _ = write!(
        svg,
        "<line class=\"bound\" x1=\"{line_x}\" y1=\"36\" x2=\"{line_x}\" y2=\"{end}\" \
         stroke-dasharray=\"4 3\"/>\n</svg>\n"
    );
    svg
}

fn bar(row: &Row, value: f64, bound: f64, y: f64) -> String {
    let width = UNIT_WIDTH * (value / bound).clamp(0.0, PARTS_MAX);
    let class = if value <= bound { "met" } else { "over" };
    let (text_y, number_x) = (y + 15.0, LABEL_WIDTH + width + 8.0);
    let (label_x, height) = (LABEL_WIDTH - 10.0, ROW_HEIGHT - 8.0);
    let digits = if value >= 10.0 { format!("{value:.0}") } else { format!("{value:.3}") };
    format!(
        "<text x=\"{label_x}\" y=\"{text_y}\" text-anchor=\"end\">{}</text>\n\
         <rect class=\"{class}\" x=\"{LABEL_WIDTH}\" y=\"{y}\" width=\"{width:.1}\" \
         height=\"{height}\"/>\n\
         <text x=\"{number_x:.1}\" y=\"{text_y}\">{digits} of {bound} {}</text>\n",
        row.what, row.unit
    )
}

/// A bar: its class, which is also its name, and its value.
pub type Bar = (&'static str, f64);

const BAR_HEIGHT: f64 = 22.0;
const NAME_WIDTH: f64 = 250.0;
const BARS_WIDTH: f64 = 440.0;

/// Bars in groups, in the reader's colors. Each group has a label.
pub fn groups(title: &str, groups: &[(String, Vec<Bar>)]) -> String {
    let bars = || groups.iter().flat_map(|(_, bars)| bars);
    let most = bars().map(|(_, value)| *value).fold(1.0, f64::max);
    let height = 40.0 + bars().count() as f64 * BAR_HEIGHT + groups.len() as f64 * 14.0;
    let width = NAME_WIDTH + BARS_WIDTH + 80.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"13\" role=\"img\">\n\
         <title>{title}</title>\n\
         <style>\n\
         text {{ fill: #222 }} .ground {{ fill: #fff }} .bare {{ fill: #888 }}\n\
         .papo, .epoll {{ fill: #3a7d44 }} .Redis, .poll {{ fill: #b5482f }}\n\
         @media (prefers-color-scheme: dark) {{\n\
         text {{ fill: #ddd }} .ground {{ fill: #111 }} .bare {{ fill: #999 }}\n\
         .papo, .epoll {{ fill: #6fbf7a }} .Redis, .poll {{ fill: #e58a6f }}\n\
         }}\n\
         </style>\n\
         <rect class=\"ground\" width=\"{width}\" height=\"{height}\"/>\n\
         <text x=\"{NAME_WIDTH}\" y=\"22\">{title}</text>\n"
    );
    let mut y = 34.0;
    for (label, bars) in groups {
        for (name, value) in bars {
            let bar = BARS_WIDTH * value / most;
            let (name_x, text_y) = (NAME_WIDTH - 8.0, y + 13.0);
            let _ = writeln!(
                svg,
                "<text x=\"{name_x:.0}\" y=\"{text_y:.0}\" text-anchor=\"end\">{label}, {name}</text>\n\
                 <rect class=\"{name}\" x=\"{NAME_WIDTH}\" y=\"{y:.0}\" width=\"{bar:.1}\" height=\"{:.0}\"/>\n\
                 <text x=\"{:.1}\" y=\"{text_y:.0}\">{}</text>",
                BAR_HEIGHT - 5.0,
                NAME_WIDTH + bar + 6.0,
                if *value < 10.0 { format!("{value:.2}") } else { format!("{value:.1}") }
            );
            y += BAR_HEIGHT;
        }
        y += 14.0;
    }
    svg.push_str("</svg>\n");
    svg
}

/// The bare loop, papo and Redis, for each shape of lookups that was measured.
pub fn lookups(rows: &[Row]) -> String {
    let shapes = rows.iter().filter_map(|row| {
        let (clients, depth) =
            row.what.strip_prefix(LOOKUP)?.strip_prefix("c=")?.split_once(" P=")?;
        let redis = (!row.redis.is_empty()).then(|| ("Redis", median(&row.redis)));
        let bars = [("bare", 1.0), ("papo", median(&row.ours))].into_iter().chain(redis);
        Some((format!("{clients} clients, {depth} at once"), bars.collect()))
    });
    groups("Processor time of a lookup: the bare loop is 1", &shapes.collect::<Vec<_>>())
}
