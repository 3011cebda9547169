//! Tests, rulings, pictures and drills that the documents name exist.

use std::fs;
use std::path::{Path, PathBuf};

use super::{expect_road, files_below, read, root};

const DOCUMENTS: [&str; 19] = [
    "CONTRIBUTING.md",
    "README.md",
    "docs/ARCHITECTURE.md",
    "docs/AULA.md",
    "docs/BENCHMARKS.md",
    "docs/CHECAR.md",
    "docs/CHECK.md",
    "docs/CLASS.md",
    "docs/FUZZING.md",
    "docs/LAB.md",
    "docs/LEIAME.md",
    "docs/LIMITS.md",
    "docs/MUTANTS.md",
    "docs/PROTOCOL.md",
    "docs/READING.md",
    "docs/READING.pt.md",
    "docs/RELIABILITY.md",
    "docs/TUTORIAL.md",
    "docs/TUTORIAL.pt.md",
];

/// All Rust files at or below a path.
fn rust_files(path: &Path) -> Vec<PathBuf> {
    let is_rust = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rs");
    files_below(path).into_iter().filter(is_rust).collect()
}

/// The `target::function` in back quotes of a text: lower case, and no path of the library.
fn named_tests(text: &str) -> Vec<(&str, &str)> {
    let quoted = text.split('`').skip(1).step_by(2);
    let pairs = quoted.filter_map(|quoted| quoted.split_once("::"));
    let is_name =
        |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || "_0123456789".contains(c));
    pairs.filter(|(target, name)| is_name(target) && is_name(name)).collect()
}

/// Whether a folder of the tests, or a module of the library, has a test of that name.
fn exists(target: &str, name: &str) -> bool {
    let places = ["tests", "src"].map(|place| root().join(place).join(target));
    let files = places.iter().filter(|place| place.exists()).flat_map(|place| rust_files(place));
    let wanted = format!("fn {name}(");
    files.into_iter().any(|file| read(file).contains(&wanted))
}

#[test]
fn every_test_that_a_document_names_exists() {
    for document in DOCUMENTS {
        let text = read(document);
        for (target, name) in named_tests(&text) {
            assert!(
                exists(target, name),
                "{document} names {target}::{name}, which does not exist"
            );
        }
    }
    assert!(!exists("wire", "a_test_that_nobody_wrote"));
}

/// The rulings and cases in a text: `R1`, `S15`, `C4`, `P33`. (C0 is a set of controls.)
fn numbers(text: &str) -> Vec<&str> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let is_number = |word: &&str| {
        let number = word.strip_prefix(['R', 'S', 'C', 'P']).and_then(|digits| digits.parse().ok());
        number.is_some_and(|number: u32| number > 0)
    };
    words.filter(is_number).collect()
}

/// The numbers with a row in the tables of `docs/PROTOCOL.md`.
fn rows(text: &str) -> Vec<&str> {
    let cells = text.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" |"));
    cells.flat_map(|(first, _)| numbers(first)).collect()
}

/// The comments of the tests, which have the numbers of the rows.
fn test_comments() -> String {
    let places = ["tests", "src"].map(|place| rust_files(&root().join(place)));
    let files = places.concat().into_iter().filter(|file| !file.ends_with("pages/documents.rs"));
    let texts: Vec<_> = files.map(read).collect();
    let lines = texts.iter().flat_map(|text| text.lines());
    lines.filter(|line| line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_row_of_the_protocol_has_a_test_and_every_number_has_a_row() {
    let (protocol, comments) = (read("docs/PROTOCOL.md"), test_comments());
    let (rows, named) = (rows(&protocol), numbers(&comments));
    assert!(rows.len() > 130, "only {} rows: is PROTOCOL.md still read right?", rows.len());
    for row in &rows {
        assert!(named.contains(row), "no test names {row} of PROTOCOL.md in its comment");
    }
    for number in named {
        assert!(
            rows.contains(&number),
            "a comment names {number}, which PROTOCOL.md does not have"
        );
    }
}

#[test]
fn a_row_is_found_where_there_is_one() {
    assert_eq!(numbers("see S15, R1: P33 (SIGUSR2, P, S1x)"), ["S15", "R1", "P33"]);
    assert_eq!(rows("| S1 | as S2 |\n| --- |\n| R18 | x |"), ["S1", "R18"]);
}

/// The paths of the pictures of a document: `![text](path)`.
fn pictures(text: &str) -> Vec<&str> {
    let shown = text.split("![").skip(1).filter_map(|rest| rest.split_once("]("));
    shown.filter_map(|(_, rest)| rest.split(')').next()).collect()
}

#[test]
fn every_picture_of_a_document_exists_and_every_screen_is_shown() {
    let mut shown = Vec::new();
    for document in DOCUMENTS {
        let folder = root().join(document).parent().expect("it is in a folder").to_path_buf();
        for picture in pictures(&read(document)) {
            let file = folder.join(picture);
            assert!(file.is_file(), "{document} shows {picture}, which does not exist");
            shown.push(file);
        }
    }
    let screens = fs::read_dir(root().join("docs/screens")).expect("there are screens");
    let screens = screens.map(|entry| entry.expect("a file").path());
    let unseen: Vec<_> = screens.filter(|screen| !shown.contains(screen)).collect();
    assert!(unseen.is_empty(), "no document shows {unseen:?}");
    assert!(shown.len() > 4, "only {shown:?} found: are the documents still read right?");
}

#[test]
fn a_picture_is_found_where_there_is_one() {
    assert_eq!(pictures("![a (b)](c/d.svg) [e](f.svg) ![g](h.svg)\n"), ["c/d.svg", "h.svg"]);
}

#[test]
fn a_named_test_is_found_where_there_is_one() {
    assert_eq!(named_tests("see `wire::a_test` and `Link::part`"), [("wire", "a_test")]);
}

/// The numbers of the drills in the lists of `tests/drills`.
fn drills() -> Vec<String> {
    let lists = ["tests/drills/list.rs", "tests/drills/list_for_root.rs"].map(read);
    let lines = lists.iter().flat_map(|list| list.lines());
    let ids = lines.filter_map(|line| line.trim().strip_prefix("id: \"")?.strip_suffix("\","));
    ids.map(str::to_string).collect()
}

#[test]
fn every_drill_has_its_row_and_every_row_its_drill() {
    let (text, drills) = (read("docs/RELIABILITY.md"), drills());
    assert!(drills.len() > 30, "{drills:?}");
    let has_row =
        |drill: &&String| text.lines().any(|line| line.starts_with(&format!("| {drill} |")));
    let missing: Vec<_> = drills.iter().filter(|drill| !has_row(drill)).collect();
    assert!(missing.is_empty(), "no row in docs/RELIABILITY.md: {missing:?}");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next());
    let numbered =
        rows.filter(|id| id.starts_with(['J', 'D', 'K']) && id.ends_with(char::is_alphanumeric));
    let numbered = numbered.filter(|id| id.chars().any(|c| c.is_ascii_digit()));
    let strange: Vec<_> = numbered.filter(|id| !drills.iter().any(|drill| drill == id)).collect();
    assert!(strange.is_empty(), "rows without a drill: {strange:?}");
    let figures = read("docs/drills.jsonl");
    let is_held =
        |drill: &&String| figures.contains(&format!("{{\"drill\":\"{drill}\",\"result\":\"held\""));
    let held = drills.iter().filter(is_held).count();
    let said = format!("**{held} of {} drills held**", drills.len());
    assert!(text.contains(&said), "the page does not say: {said}");
}

#[test]
fn the_map_of_the_library_leads_through_existing_functions() {
    expect_road("src/lib.rs", "//! | ", 20);
}
