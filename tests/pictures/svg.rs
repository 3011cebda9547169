//! Stills as one drawing: windows beside each other, each with a frame, a title and a cursor.
//!
//! Every run of letters that look alike is a `<text>` of its own, at its column and as long as its
//! columns, whatever font the reader has; a row of a screen is a line of the file, so that a
//! difference between two files is a difference between two rows. Colors stand on the elements:
//! sites that show such files may take style sheets away. The window brings its own background,
//! and a frame that can be seen on white and on black.

use std::fmt::Write;

use super::still::{Cell, Ink, Look, Still};

const FONT: &str = "ui-monospace, 'Cascadia Mono', 'Segoe UI Mono', Menlo, Consolas, \
                    'DejaVu Sans Mono', 'Liberation Mono', monospace";
const FONT_SIZE: usize = 15;
/// Six tenths of the size, as most such fonts have it.
const CELL_WIDTH: usize = 9;
const ROW_HEIGHT: usize = 20;
/// From the top of a row down to where its letters stand.
const BASELINE: usize = 15;
const TITLE_HEIGHT: usize = 30;
const PADDING: usize = 12;
const GAP: usize = 16;

const PAPER: &str = "#16191f";
const INK: &str = "#d7dae0";
const BAR: &str = "#262b34";
const FRAME: &str = "#6b7280";

/// Black to white, and the same brightened: what a dark theme makes of the sixteen.
const PALETTE: [&str; 16] = [
    "#4b5263", "#e06c75", "#98c379", "#d6b26f", "#61afef", "#c678dd", "#56b6c2", "#abb2bf",
    "#7f848e", "#f47983", "#a5d68a", "#ecc77f", "#73bdfb", "#d88cf0", "#67cbd8", "#ffffff",
];

/// A screen with a title above it.
pub(crate) struct Window<'a> {
    pub(crate) title: &'a str,
    pub(crate) still: Still,
}

impl Window<'_> {
    fn width(&self) -> usize {
        self.still.columns * CELL_WIDTH + 2 * PADDING
    }

    fn height(&self) -> usize {
        TITLE_HEIGHT + self.still.rows.len() * ROW_HEIGHT + 2 * PADDING
    }
}

/// The whole drawing. `title` and `description` are for those who do not see it.
pub(crate) fn draw(title: &str, description: &str, windows: &[Window]) -> String {
    let width: usize = windows.iter().map(|window| window.width() + GAP).sum::<usize>() - GAP;
    let height = windows.iter().map(Window::height).max().unwrap_or_default();
    let (title, description) = (escaped(title), escaped(description));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"title description\">\n\
         <title id=\"title\">{title}</title>\n<desc id=\"description\">{description}</desc>\n\
         <g font-family=\"{FONT}\" font-size=\"{FONT_SIZE}\" fill=\"{INK}\" \
         xml:space=\"preserve\">\n"
    );
    let mut x = 0;
    for window in windows {
        push_window(&mut svg, window, x);
        x += window.width() + GAP;
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

fn push_window(svg: &mut String, window: &Window, x: usize) {
    let (width, height) = (window.width(), window.height());
    let (middle, bar) = (width / 2, TITLE_HEIGHT);
    // Drawn within its own edge: half of a line outside of the picture would be cut off.
    let _ = write!(
        svg,
        "<g transform=\"translate({x} 0)\">\n\
         <rect x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"8\" fill=\"{PAPER}\"/>\n\
         <path d=\"M1 {bar}V8a7 7 0 0 1 7-7H{}a7 7 0 0 1 7 7V{bar}z\" fill=\"{BAR}\"/>\n\
         <rect x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"8\" fill=\"none\" \
         stroke=\"{FRAME}\"/>\n\
         <text x=\"{middle}\" y=\"20\" text-anchor=\"middle\" font-size=\"13\">{}</text>\n",
        width - 1,
        height - 1,
        width - 8,
        width - 1,
        height - 1,
        escaped(window.title),
    );
    let _ = writeln!(svg, "<g transform=\"translate({PADDING} {})\">", TITLE_HEIGHT + PADDING);
    for (number, row) in window.still.rows.iter().enumerate() {
        let cursor = window.still.cursor.filter(|(row, _)| *row == number);
        push_row(svg, row, number, cursor.map(|(_, column)| column));
    }
    svg.push_str("</g>\n</g>\n");
}

fn push_row(svg: &mut String, row: &[Cell], number: usize, cursor: Option<usize>) {
    let before = svg.len();
    for run in runs(row, cursor) {
        push_run(svg, &run, number);
    }
    if svg.len() > before {
        svg.push('\n');
    }
}

/// Letters beside each other that look alike.
struct Run {
    text: String,
    column: usize,
    columns: usize,
    look: Look,
    /// One letter of two columns.
    is_wide: bool,
}

/// How the place of the cursor looks: a block, with the letter on it in the window's color.
const CURSOR: Look = Look {
    ink: Ink::Other,
    paper: Ink::Other,
    bold: false,
    dim: false,
    italic: false,
    underlined: false,
};

/// A row taken apart. A letter of two columns stands alone: fonts disagree about its width. Behind
/// two blanks a new run begins: not every browser keeps blanks, and the rest would be stretched.
fn runs(row: &[Cell], cursor: Option<usize>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for cell in row {
        let look = if cursor == Some(cell.column) { CURSOR } else { cell.look };
        let is_wide = cell.columns > 1;
        if let Some(run) = runs.last_mut()
            && run.look == look
            && !(run.is_wide || is_wide)
            && (cell.text == " " || !run.text.ends_with("  "))
        {
            run.text.push_str(&cell.text);
            run.columns += cell.columns;
        } else {
            let (text, column, columns) = (cell.text.clone(), cell.column, cell.columns);
            runs.push(Run { text, column, columns, look, is_wide });
        }
    }
    runs
}

fn push_run(svg: &mut String, run: &Run, row: usize) {
    let top = row * ROW_HEIGHT;
    if let Some(paper) = paper(run.look.paper) {
        let (x, width) = (run.column * CELL_WIDTH, run.columns * CELL_WIDTH);
        let _ = write!(
            svg,
            "<rect x=\"{x}\" y=\"{top}\" width=\"{width}\" height=\"{ROW_HEIGHT}\" \
             fill=\"{paper}\"/>"
        );
    }
    // Blanks at both ends need not be drawn. Each of them is a column.
    let text = run.text.trim_start_matches(' ');
    let leading = run.text.len() - text.len();
    let trimmed = text.trim_end_matches(' ');
    let columns = run.columns - leading - (text.len() - trimmed.len());
    if !trimmed.is_empty() {
        let (x, y) = ((run.column + leading) * CELL_WIDTH, top + BASELINE);
        let (length, look, text) = (columns * CELL_WIDTH, attributes(run.look), escaped(trimmed));
        let _ = write!(
            svg,
            "<text x=\"{x}\" y=\"{y}\" textLength=\"{length}\" \
             lengthAdjust=\"spacingAndGlyphs\"{look}>{text}</text>"
        );
    }
}

/// The ground behind the letters, where it is not the window's.
fn paper(paper: Ink) -> Option<&'static str> {
    match paper {
        Ink::Own => None,
        Ink::Other => Some(INK),
        Ink::Palette(number) => Some(PALETTE[usize::from(number)]),
    }
}

fn attributes(look: Look) -> String {
    let ink = match look.ink {
        Ink::Own => None,
        Ink::Other => Some(PAPER),
        Ink::Palette(number) => Some(PALETTE[usize::from(number)]),
    };
    let mut attributes = ink.map_or_else(String::new, |ink| format!(" fill=\"{ink}\""));
    let marks = [
        (look.bold, " font-weight=\"bold\""),
        (look.dim, " fill-opacity=\"0.65\""),
        (look.italic, " font-style=\"italic\""),
        (look.underlined, " text-decoration=\"underline\""),
    ];
    attributes.extend(marks.into_iter().filter(|(is_so, _)| *is_so).map(|(_, mark)| mark));
    attributes
}

/// Text that is only text.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of the window that show these bytes, the cursor hidden where it should be.
    fn drawn(bytes: &str) -> Vec<String> {
        let mut parser = vt100::Parser::new(2, 20, 0);
        parser.process(bytes.as_bytes());
        let window = Window { title: "a title", still: Still::of(parser.screen(), None) };
        let svg = draw("a picture", "of something", &[window]);
        let places = svg.lines().filter(|line| line.contains("textLength"));
        places.map(|line| line.replace(" lengthAdjust=\"spacingAndGlyphs\"", "")).collect()
    }

    const NO_CURSOR: &str = "\x1b[?25l";

    #[test]
    fn a_letter_stands_in_its_column_however_wide_those_before_it_are() {
        let rows = drawn(&format!("{NO_CURSOR}  a日e\u{301}b  c\r\n x"));
        let text = |x, y, length, text| {
            format!("<text x=\"{x}\" y=\"{y}\" textLength=\"{length}\">{text}</text>")
        };
        let first = [
            text(18, 15, 9, "a"),
            text(27, 15, 18, "日"),
            text(45, 15, 18, "e\u{301}b"),
            text(81, 15, 9, "c"),
        ];
        assert_eq!(rows, [first.concat(), text(9, 35, 9, "x")]);
    }

    #[test]
    fn nothing_that_is_said_is_markup() {
        let svg = drawn(&format!("{NO_CURSOR}<b> & </b>"));
        assert!(svg[0].ends_with(">&lt;b&gt; &amp; &lt;/b&gt;</text>"), "{svg:?}");
    }

    #[test]
    fn colors_and_bold_stand_on_the_letters_that_have_them() {
        let svg = drawn(&format!("{NO_CURSOR}\x1b[1;92mAna\x1b[0m \x1b[2mdim\x1b[0;44m x"));
        let (ana, rest) = svg[0].split_once("</text>").expect("several runs");
        assert!(
            ana.contains(&format!("fill=\"{}\" font-weight=\"bold\">Ana", PALETTE[10])),
            "{ana}"
        );
        assert!(rest.contains("fill-opacity=\"0.65\">dim<"), "{rest}");
        let behind =
            format!("<rect x=\"63\" y=\"0\" width=\"18\" height=\"20\" fill=\"{}\"/>", PALETTE[4]);
        assert!(rest.contains(&behind), "{rest}");
    }

    #[test]
    fn the_cursor_is_a_block_under_its_letter() {
        let svg = drawn("Ana> oi\x1b[D");
        let block = format!(
            "<rect x=\"54\" y=\"0\" width=\"9\" height=\"20\" fill=\"{INK}\"/>\
             <text x=\"54\" y=\"15\" textLength=\"9\" fill=\"{PAPER}\">i</text>"
        );
        assert!(svg[0].ends_with(&block), "{svg:?}");
    }
}
