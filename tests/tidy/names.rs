//! What a file says of itself, and names that say nothing.

use super::code::{line_of, starts_word, word_at};
use super::sources::{Offence, Source, expect_clean, expect_offence};

/// Parts of names that say nothing: whatever it is, it could be called so.
const EMPTY_WORDS: [&str; 3] = ["manager", "helper", "util"];

fn check_opening(source: &Source) -> Vec<Offence> {
    if source.text.starts_with("//! ") {
        return Vec::new();
    }
    let what = "a file opens with `//!`: what lives here, what must not, where to read next";
    vec![source.offence(1, what)]
}

fn check_names(source: &Source) -> Vec<Offence> {
    let what = |name: &str| format!("{name}: the name would fit anything; say what it does");
    let of_file = source.path.split('/').any(|part| part == "data.rs" || is_empty_word(part));
    let of_file = of_file.then(|| source.offence(1, &what(&source.path)));
    let declared = declared_names(&source.code).into_iter();
    let empty = declared.filter(|(_, name)| name.starts_with("process_") || is_empty_word(name));
    let of_items = empty.map(|(line, name)| source.offence(line, &what(&name)));
    of_file.into_iter().chain(of_items).collect()
}

fn is_empty_word(name: &str) -> bool {
    EMPTY_WORDS.iter().any(|word| name.to_lowercase().contains(word))
}

fn declared_names(code: &str) -> Vec<(usize, String)> {
    let mut names = Vec::new();
    for keyword in ["fn ", "struct ", "enum ", "trait ", "mod ", "type "] {
        for (at, _) in code.match_indices(keyword).filter(|(at, _)| starts_word(code, *at)) {
            let name = word_at(&code[at + keyword.len()..]).to_string();
            names.push((line_of(code, at), name));
        }
    }
    names
}

#[test]
fn every_file_says_what_lives_in_it() {
    expect_clean(check_opening);
}

#[test]
fn a_file_that_says_nothing_is_found() {
    expect_offence(check_opening, "wire/name.rs", "use std::fmt;\n//! Late.", "opens with");
    assert_eq!(check_opening(&Source::new("wire/name.rs", "//! Names.\n")), []);
}

#[test]
fn names_say_something() {
    expect_clean(check_names);
}

#[test]
fn a_name_that_says_nothing_is_found() {
    expect_offence(check_names, "wire/utils.rs", "", "wire/utils.rs");
    expect_offence(check_names, "peer/data.rs", "", "peer/data.rs");
    expect_offence(check_names, "peer/mod.rs", "\nfn process_line() {}", "process_line");
    expect_offence(check_names, "peer/mod.rs", "struct LinkManager;", "LinkManager");
    let good = "fn f() { rustix::process_group(); }\n// a helper\nlet metadata = 1;";
    assert_eq!(check_names(&Source::new("peer/metadata.rs", good)), []);
}
