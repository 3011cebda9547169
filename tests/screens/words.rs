//! The width of the help.

use papo::console::command::ConsoleAnswer;
use papo::console::language::Language;
use papo::console::texts;

/// On a screen of 80 columns a command and its purpose fit one row, after `12:34 -- `.
#[test]
fn a_row_of_help_is_a_row_of_the_screen() {
    for language in [Language::English, Language::Portuguese] {
        let help = texts::answer(language, &ConsoleAnswer::Help(None));
        let rows: Vec<_> = help.lines().filter(|line| line.starts_with('/')).collect();
        assert_eq!(rows.len(), 9, "{help}");
        for row in rows {
            let columns = "12:34 -- ".len() + row.chars().count();
            assert!(columns <= 80, "{columns} columns: {row}");
        }
    }
}
