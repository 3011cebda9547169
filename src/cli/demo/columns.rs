//! The four columns of the handout's table, in 80 characters. On a narrower terminal the name is in
//! front of each entry instead.
//!
//! Must never know what the texts mean, and prints nothing: it returns text. Read next:
//! [`super::Play`], which prints it.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::script::Actor;
use crate::console::language::{Language, Text, text};
use crate::console::line_break::break_line;

/// The width of a column. Four columns and three separators fit into 79 cells: some terminals wrap
/// at the 80th.
const COLUMN_WIDTH: usize = 19;

/// The width of a table with all its columns.
const TABLE_WIDTH: usize = 4 * COLUMN_WIDTH + 4;

/// The width of the names where there are no columns.
const NAME_WIDTH: usize = 8;

/// The narrowest text that is still wrapped at words.
const TEXT_WIDTH_MIN: usize = 12;

/// The meaning of the marks.
const LEGEND: Text = text!(
    "> typed   * protocol   - on the screen   <action>",
    "> digitado   * protocolo   - na tela   <ação>",
);

/// The kind of a text in a column. The handout gives each kind a color, and so does the demo; the
/// marks are for a terminal without colors.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum CellKind {
    /// Typed by the person: blue.
    Typed,
    /// A message of the protocol: red.
    Protocol,
    /// Shown on the person's screen: as it is.
    Screen,
    /// An action: green. It needs no mark, because it has angle brackets.
    Action,
}

impl CellKind {
    fn mark(self) -> &'static str {
        match self {
            Self::Typed => "> ",
            Self::Protocol => "* ",
            Self::Screen => "- ",
            Self::Action => "",
        }
    }

    fn color(self) -> Option<&'static str> {
        match self {
            Self::Typed => Some("\x1b[34m"),
            Self::Protocol => Some("\x1b[31m"),
            Self::Screen => None,
            Self::Action => Some("\x1b[32m"),
        }
    }
}

/// The layout.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    is_colored: bool,
    /// The width of a terminal that is too narrow for the columns.
    narrow: Option<usize>,
}

impl Columns {
    /// The layout for this width; `None`: no terminal, so 80.
    pub(super) fn new(is_colored: bool, width: Option<usize>) -> Self {
        Self { is_colored, narrow: width.filter(|&width| width < TABLE_WIDTH) }
    }

    /// The legend, a remark behind it, and the names over the columns.
    pub(super) fn head(self, language: Language, remark: &str) -> String {
        let legend = format!("{}   {remark}", LEGEND.of(language));
        let legend = legend.trim_end();
        if let Some(width) = self.narrow {
            return wrap(legend, width - 1).join("\n") + "\n\n";
        }
        let names = Actor::ALL.map(|who| padded(who.name(), None)).join("│");
        format!("{legend}\n\n{}\n", names.trim_end())
    }

    /// A line across.
    pub(super) fn rule(self) -> String {
        match self.narrow {
            Some(width) => "─".repeat(width.saturating_sub(1)) + "\n",
            None => Actor::ALL.map(|_| "─".repeat(COLUMN_WIDTH)).join("┼") + "\n",
        }
    }

    /// A text in the column of an actor, on as many lines as it needs.
    pub(super) fn entry(self, who: Actor, kind: CellKind, text: &str) -> String {
        let mark = kind.mark();
        let color = kind.color().filter(|_| self.is_colored);
        let width = match self.narrow {
            Some(width) => width.saturating_sub(NAME_WIDTH + 2).max(TEXT_WIDTH_MIN),
            None => COLUMN_WIDTH,
        };
        let mut entry = String::new();
        for (number, part) in wrap(text, width - mark.width()).into_iter().enumerate() {
            let mark = if number == 0 { mark.to_string() } else { " ".repeat(mark.width()) };
            let part = padded(&(mark + &part), color);
            let line = match self.narrow {
                Some(_) => behind_name(who, number == 0, &part),
                None => in_column(who, &part),
            };
            entry.push_str(line.trim_end());
            entry.push('\n');
        }
        entry
    }
}

fn in_column(who: Actor, part: &str) -> String {
    Actor::ALL.map(|it| if it == who { part.to_string() } else { padded("", None) }).join("│")
}

fn behind_name(who: Actor, is_first: bool, part: &str) -> String {
    let name = who.name().split(' ').next().filter(|_| is_first).unwrap_or_default();
    format!("{name:<NAME_WIDTH$} {part}")
}

/// The blanks are outside of the color, so that they can be trimmed.
fn padded(text: &str, color: Option<&str>) -> String {
    let blanks = " ".repeat(COLUMN_WIDTH.saturating_sub(text.width()));
    match color {
        Some(color) => format!("{color}{text}\x1b[0m{blanks}"),
        None => text.to_string() + &blanks,
    }
}

/// Breaks a text between words, and within words that are wider than a line.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut rows = Vec::new();
    for line in break_line(text, width, 0, "\n").split('\n') {
        let mut row = String::new();
        for character in line.chars() {
            if row.width() + character.width().unwrap_or(0) > width {
                rows.push(std::mem::take(&mut row));
            }
            row.push(character);
        }
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_go_on_below_within_their_column() {
        let entry = Columns::new(false, None).entry(
            Actor::Ana,
            CellKind::Screen,
            "Nenhuma conexão P2P ativa",
        );
        let expected = "                   │- Nenhuma conexão  │                   │\n\
                        \u{20}                  │  P2P ativa        │                   │\n";
        assert_eq!(entry, expected);
    }

    #[test]
    fn words_are_broken_only_where_they_do_not_fit_a_line() {
        assert_eq!(wrap("a bc def", 4), ["a bc", "def"]);
        assert_eq!(wrap("ADDR 127.0.0.1:45000", 9), ["ADDR", "127.0.0.1", ":45000"]);
        assert_eq!(wrap("日本語", 4), ["日本", "語"]);
        assert_eq!(wrap("", 4), [""]);
    }

    #[test]
    fn colors_are_those_of_the_handout_and_have_no_width() {
        let colored = Columns::new(true, None).entry(Actor::Bruno, CellKind::Typed, "/bye");
        let plain = Columns::new(false, None).entry(Actor::Bruno, CellKind::Typed, "/bye");
        assert!(colored.contains("\x1b[34m> /bye\x1b[0m "), "{colored:?}");
        assert_eq!(colored.replace("\x1b[34m", "").replace("\x1b[0m", ""), plain);
        let screen =
            Columns::new(true, None).entry(Actor::Bruno, CellKind::Screen, "Conectado a Camila");
        assert!(!screen.contains('\x1b'));
    }

    #[test]
    fn everything_fits_eighty_columns() {
        let columns = Columns::new(false, Some(80));
        let entry = columns.entry(Actor::Camila, CellKind::Protocol, &"palavra ".repeat(9));
        let text = columns.head(Language::Portuguese, "") + &columns.rule() + &entry;
        assert!(text.lines().all(|line| line.width() < 80), "{text}");
    }

    #[test]
    fn a_narrow_terminal_has_the_names_in_front() {
        for width in [24, 40, 79] {
            let columns = Columns::new(false, Some(width));
            let entries = [
                columns.entry(Actor::Camila, CellKind::Protocol, "ADDR 127.0.0.1:45000"),
                columns.entry(Actor::Server, CellKind::Action, "<cadastro usuário ativo>"),
            ];
            let text = columns.head(Language::Portuguese, "") + &columns.rule() + &entries.concat();
            assert!(text.lines().all(|line| line.width() < width), "{width}: {text}");
            assert!(entries[0].starts_with("Camila   * ADDR"), "{entries:?}");
        }
    }
}
