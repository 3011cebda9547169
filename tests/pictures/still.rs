//! The cells of a screen, with their looks.
//!
//! Two things differ from run to run, and this file replaces them: the time at the beginning of a
//! row, and the ports that the system chose.

use vt100::Color;

/// The time of each row.
const TIME: &str = "14:07";

const TIME_OF_THE_LOG: &str = "14:07:09.120";

/// The handout's port. Tests have no fixed ports, but all of theirs have five digits as well.
const SERVER_PORT: &str = "10000";

/// The other ports, in the order in which they appear: the handout's, and two more.
const PORTS: [&str; 4] = ["20000", "21500", "22000", "23000"];

/// The text before a port: tests are on loopback.
const HOST: &str = "127.0.0.1";

/// A screen, row by row.
pub(crate) struct Still {
    pub(crate) rows: Vec<Vec<Cell>>,
    pub(crate) columns: usize,
    /// Row and column. `None`: the cursor is hidden.
    pub(crate) cursor: Option<(usize, usize)>,
}

/// A letter with its accents, in one column or two.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) column: usize,
    pub(crate) columns: usize,
    pub(crate) look: Look,
}

/// The look of a cell. For an inverse cell the two colors are already exchanged.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Look {
    pub(crate) ink: Ink,
    pub(crate) paper: Ink,
    pub(crate) bold: bool,
    pub(crate) dim: bool,
    pub(crate) italic: bool,
    pub(crate) underlined: bool,
}

/// A color of the palette, or of the window.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Ink {
    /// The window's own color, of its letters or of its background.
    #[default]
    Own,
    /// The same two colors, exchanged.
    Other,
    /// One of the sixteen.
    Palette(u8),
}

impl Still {
    /// `server`: the port of the server, where there is one.
    pub(crate) fn of(screen: &vt100::Screen, server: Option<u16>) -> Self {
        let (rows, columns) = screen.size();
        let (row, column) = screen.cursor_position();
        let cursor = (!screen.hide_cursor()).then_some((row.into(), column.into()));
        let rows = (0..rows).map(|row| cells(screen, row, columns)).collect();
        let mut still = Self { rows, columns: columns.into(), cursor };
        let mut ports = Ports { server: server.map(|port| port.to_string()), others: vec![] };
        still.rows.iter_mut().for_each(|row| pin(row, &mut ports));
        still
    }
}

fn cells(screen: &vt100::Screen, row: u16, columns: u16) -> Vec<Cell> {
    let places = (0..columns).filter_map(|column| Some((column, screen.cell(row, column)?)));
    let begun = places.filter(|(_, cell)| !cell.is_wide_continuation());
    let cell = |(column, cell): (u16, &vt100::Cell)| Cell {
        text: if cell.has_contents() { cell.contents() } else { " " }.to_string(),
        column: column.into(),
        columns: if cell.is_wide() { 2 } else { 1 },
        look: look(cell),
    };
    begun.map(cell).collect()
}

fn look(cell: &vt100::Cell) -> Look {
    let (mut ink, mut paper) = (palette(cell.fgcolor()), palette(cell.bgcolor()));
    if cell.inverse() {
        let changed = |own: Ink| if own == Ink::Own { Ink::Other } else { own };
        (ink, paper) = (changed(paper), changed(ink));
    }
    let [bold, dim] = [cell.bold(), cell.dim()];
    Look { ink, paper, bold, dim, italic: cell.italic(), underlined: cell.underline() }
}

fn palette(color: Color) -> Ink {
    match color {
        Color::Default => Ink::Own,
        Color::Idx(number @ 0..16) => Ink::Palette(number),
        // No program in the pictures uses more than the sixteen.
        Color::Idx(_) | Color::Rgb(..) => panic!("{color:?} is none of the sixteen colors"),
    }
}

/// The ports that have appeared.
struct Ports {
    server: Option<String>,
    others: Vec<String>,
}

impl Ports {
    fn pinned(&mut self, port: String) -> &'static str {
        if self.server.as_ref() == Some(&port) {
            return SERVER_PORT;
        }
        let place = self.others.iter().position(|other| *other == port).unwrap_or_else(|| {
            self.others.push(port);
            self.others.len() - 1
        });
        PORTS[place]
    }
}

/// Replaces times and ports. The width stays, and so does the place of each cell.
fn pin(row: &mut [Cell], ports: &mut Ports) {
    if is_like(row, "##:## ") {
        put(row, TIME);
    } else if is_like(row, "##:##:##.### ") {
        put(row, TIME_OF_THE_LOG);
    }
    for start in 0..row.len() {
        let is_port = is_like(&row[start..], ":#####") && !is_like(&row[start..], ":######");
        let before: String = row[..start].iter().map(|cell| cell.text.as_str()).collect();
        if is_port && (before.ends_with(HOST) || before.contains("USER ")) {
            let digits = &mut row[start + 1..][..5];
            let port = digits.iter().map(|cell| cell.text.as_str()).collect();
            put(digits, ports.pinned(port));
        }
    }
}

/// Whether a row begins with this pattern, in which `#` matches any digit.
fn is_like(row: &[Cell], pattern: &str) -> bool {
    let is_so = |(cell, letter): (&Cell, char)| match letter {
        '#' => cell.text.len() == 1 && cell.text.as_bytes()[0].is_ascii_digit(),
        other => cell.text.chars().eq([other]),
    };
    row.len() >= pattern.len() && row.iter().zip(pattern.chars()).all(is_so)
}

fn put(cells: &mut [Cell], text: &str) {
    for (cell, letter) in cells.iter_mut().zip(text.chars()) {
        cell.text = letter.to_string();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of what these bytes draw.
    fn rows(bytes: &str) -> Vec<String> {
        let mut parser = vt100::Parser::new(3, 40, 0);
        parser.process(bytes.as_bytes());
        let row = |row: &Vec<Cell>| row.iter().map(|cell| cell.text.as_str()).collect::<String>();
        Still::of(parser.screen(), Some(34567))
            .rows
            .iter()
            .map(|cells| row(cells).trim_end().into())
            .collect()
    }

    #[test]
    fn times_and_ports_are_replaced() {
        assert_eq!(rows("09:59 Ana: 10:30?")[0], "14:07 Ana: 10:30?");
        assert_eq!(
            rows("日本 at 127.0.0.1:34567 (no answer)")[0],
            "日本 at 127.0.0.1:10000 (no answer)"
        );
        let ports = "127.0.0.1:34567 > USER Ana:45678\r\n127.0.0.1:56789 < ADDR 127.0.0.1:45678";
        let pinned = ["127.0.0.1:10000 > USER Ana:20000", "127.0.0.1:21500 < ADDR 127.0.0.1:20000"];
        assert_eq!(rows(ports)[..2], pinned);
        let others = ["9:59 Ana", "é9:59 é", "127.0.0.1:345", "192.168.0.7:34567", ""];
        for text in others {
            assert_eq!(rows(text)[0], text);
        }
    }

    #[test]
    fn inverse_exchanges_the_colors() {
        let mut parser = vt100::Parser::new(1, 9, 0);
        parser.process("\x1b[1;31mA\x1b[0;7mB\x1b[42mC\x1b[0;2;3;4m日".as_bytes());
        let still = Still::of(parser.screen(), None);
        let looks: Vec<_> = still.rows[0].iter().map(|cell| cell.look).collect();
        let plain = Look::default();
        assert_eq!(looks[0], Look { ink: Ink::Palette(1), bold: true, ..plain });
        assert_eq!(looks[1], Look { ink: Ink::Other, paper: Ink::Other, ..plain });
        assert_eq!(looks[2], Look { ink: Ink::Palette(2), paper: Ink::Other, ..plain });
        assert_eq!(looks[3], Look { dim: true, italic: true, underlined: true, ..plain });
        assert_eq!((still.rows[0][3].columns, still.rows[0][4].column), (2, 5));
        assert_eq!(still.cursor, Some((0, 5)));
    }
}
