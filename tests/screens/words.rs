//! Both languages say everything, with the same things filled in.

use papo::console::command::ConsoleAnswer;
use papo::console::language::Language;
use papo::console::texts;
use papo::console::words::{ENGLISH, PORTUGUESE, Words};

/// On the usual screen a command and its purpose stand in one row, behind `12:34 -- `.
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

/// All sentences, in the order of their fields: what `Debug` puts between quotes.
fn sentences(words: &Words) -> Vec<String> {
    let text = format!("{words:?}").replace("\\\"", "'");
    text.split('"').skip(1).step_by(2).map(String::from).collect()
}

/// What is to be filled in: `{name}` and its like, sorted.
fn places(sentence: &str) -> Vec<&str> {
    let mut places: Vec<_> =
        sentence.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
    places.sort_unstable();
    places
}

#[test]
fn no_sentence_is_missing_in_either_language() {
    let (portuguese, english) = (sentences(&PORTUGUESE), sentences(&ENGLISH));
    assert!(portuguese.len() > 50, "only {} sentences: are they read right?", portuguese.len());
    assert_eq!(portuguese.len(), english.len());
    for (pt, en) in portuguese.iter().zip(&english) {
        assert!(!pt.trim().is_empty() && !en.trim().is_empty(), "{pt:?} {en:?}");
        assert_eq!(places(pt), places(en), "{pt:?} {en:?}");
    }
}

/// A sentence that nobody translated stands there twice. Few are the same in both.
#[test]
fn hardly_a_sentence_is_the_same_in_both() {
    let (portuguese, english) = (sentences(&PORTUGUESE), sentences(&ENGLISH));
    let same: Vec<_> = portuguese.iter().zip(&english).filter(|(pt, en)| pt == en).collect();
    let is_command = |text: &str| text.starts_with('/') || text.starts_with('{');
    assert!(same.iter().all(|(pt, _)| is_command(pt)), "{same:?}");
}
