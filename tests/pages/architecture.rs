//! `docs/ARCHITECTURE.md` is complete: each state of a connection, each place in `src/`, and each
//! crate that Cargo.toml names has its row.

use std::fs;

use super::{read, root};

/// The cells of the rows of all tables in a text.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    rows.map(|row| row.split(" | ").collect()).collect()
}

/// The texts in back quotes.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// The variants of an enum: the lines below its head that are indented once and begin with a
/// capital letter.
fn variants<'a>(source: &'a str, head: &str) -> Vec<&'a str> {
    let body = source.split_once(head).and_then(|(_, rest)| rest.split_once("\n}"));
    let (body, _) = body.expect("the enum");
    let lines = body.lines().filter_map(|line| line.strip_prefix("    "));
    let lines = lines.filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()));
    lines.filter_map(|line| line.split(['(', ',', ' ']).next()).collect()
}

/// The states that the table of transitions names, without a repetition.
fn named_states(page: &str) -> Vec<&str> {
    let (_, table) = page.split_once("| from | event | to |").expect("the table");
    let table = table.split("\n\n").next().unwrap_or_default();
    let cells = rows(table).into_iter().flat_map(|row| [row[0], row[2]]);
    let mut names: Vec<_> = cells.flat_map(quoted).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[test]
fn the_table_of_transitions_has_the_states_of_the_code() {
    let (page, source) = (read("docs/ARCHITECTURE.md"), read("src/event_loop/connection.rs"));
    let mut states = variants(&source, "pub(super) enum ConnectionState {");
    states.sort_unstable();
    assert!(states.len() > 5, "{states:?}");
    assert_eq!(named_states(&page), states);
}

#[test]
fn every_place_in_the_sources_is_on_the_map() {
    let page = read("docs/ARCHITECTURE.md");
    for entry in fs::read_dir(root().join("src")).expect("the sources") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        let slash = if entry.path().is_dir() { "/" } else { "" };
        let place = format!("`src/{name}{slash}`");
        let is_on_it = rows(&page).iter().any(|row| row[0].contains(&place));
        assert!(is_on_it, "the map in docs/ARCHITECTURE.md lacks {place}");
    }
}

/// The crates of all tables of dependencies in a Cargo.toml.
fn crates(manifest: &str) -> Vec<&str> {
    let tables = manifest
        .split("\n[")
        .filter(|table| table.split(']').next().is_some_and(|head| head.ends_with("dependencies")));
    let lines = tables.flat_map(|table| table.lines().skip(1));
    lines.filter_map(|line| Some(line.split_once(" = ")?.0)).collect()
}

#[test]
fn every_crate_has_a_line_of_reason() {
    let (page, manifest) = (read("docs/ARCHITECTURE.md"), read("Cargo.toml"));
    let (_, section) = page.split_once("## Dependencies").expect("the section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let words: Vec<_> = section.split([' ', ',', '*', '\n']).collect();
    let crates = crates(&manifest);
    assert!(crates.len() > 25, "{crates:?}");
    for name in crates {
        assert!(words.contains(&name), "docs/ARCHITECTURE.md has no reason for {name}");
    }
}
