//! Stills as one drawing: windows beside each other, each with a frame, a title and a cursor.
//!
//! Each run of letters with the same look is a `<text>` at its column, as wide as its columns, so
//! the font of the reader does not matter. A row of a screen is a line of the file, so a difference
//! between two files is a difference between two rows. Colors are attributes of the elements,
//! because some sites remove style sheets. The window has its own background, and a frame that is
//! visible on white and on black.

use std::fmt::Write;

use super::still::{Cell, Ink, Look, Still};

const FONT: &str = "ui-monospace, 'Cascadia Mono', 'Segoe UI Mono', Menlo, Consolas, \
                    'DejaVu Sans Mono', 'Liberation Mono', monospace";
const FONT_SIZE: usize = 15;
/// Six tenths of the size, as in most such fonts.
const CELL_WIDTH: usize = 9;
const ROW_HEIGHT: usize = 20;
/// From the top of a row to its baseline.
const BASELINE: usize = 15;
const TITLE_HEIGHT: usize = 30;
const PADDING: usize = 12;
const GAP: usize = 16;

const PAPER: &str = "#16191f";
const INK: &str = "#d7dae0";
const BAR: &str = "#262b34";
const FRAME: &str = "#6b7280";

/// Black to white, and then the bright ones: the sixteen colors of a dark theme.
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

/// The whole drawing. `title` and `description` are for readers who cannot see it.
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
    // The frame is within the edge, because the picture would cut off the outer half of its line.
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

/// Letters beside each other with the same look.
struct Run {
    text: String,
    column: usize,
    columns: usize,
    look: Look,
    /// One letter of two columns.
    is_wide: bool,
}

/// The look of the cursor: a block, with the letter in the window's color.
const CURSOR: Look = Look {
    ink: Ink::Other,
    paper: Ink::Other,
    bold: false,
    dim: false,
    italic: false,
    underlined: false,
};

/// The runs of a row. A letter of two columns is a run of its own, because fonts differ in its
/// width. After two blanks a new run begins, because some browsers drop blanks and would stretch
/// the rest.
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
    // Blanks at both ends are not drawn. Each of them is a column.
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

/// The background of the letters, if it is not the window's.
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

/// Text with the escapes of XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of a window that shows these bytes.
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
    fn a_letter_is_in_its_column_after_wide_letters() {
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
    fn text_is_no_markup() {
        let svg = drawn(&format!("{NO_CURSOR}<b> & </b>"));
        assert!(svg[0].ends_with(">&lt;b&gt; &amp; &lt;/b&gt;</text>"), "{svg:?}");
    }

    #[test]
    fn letters_have_their_colors_and_weight() {
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
