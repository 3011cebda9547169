//! The plot: each figure as a part of its bound. A bar that ends before the line is within it.

use std::fmt::Write;

use crate::rows::{Row, median};

const ROW_HEIGHT: f64 = 26.0;
const TOP: f64 = 48.0;
const LABEL_WIDTH: f64 = 430.0;
/// How long a bar is that is exactly at its bound.
const UNIT_WIDTH: f64 = 300.0;
/// Bars end here, whatever they stand for; their number says it.
const PARTS_MAX: f64 = 1.5;
const WIDTH: f64 = 1040.0;

/// An SVG that follows the reader's colours, light or dark.
pub fn draw(rows: &[Row]) -> String {
    let rows: Vec<_> = rows.iter().filter_map(|row| Some((row, row.bound?))).collect();
    let height = TOP + ROW_HEIGHT * rows.len() as f64 + 16.0;
    let line_x = LABEL_WIDTH + UNIT_WIDTH;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"13\" role=\"img\">\n\
         <title>Each figure as a part of its bound</title>\n\
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
