//! The text of each file: its first line, its width, and the first words of its comments.

use super::code::numbered;
use super::sources::{Offence, Source, expect_clean, expect_clean_below, expect_offence};

/// rustfmt does not wrap comments.
const COLUMNS_MAX: usize = 100;

fn check_opening(source: &Source) -> Vec<Offence> {
    if source.text.starts_with("//! ") {
        return Vec::new();
    }
    let what = "a file opens with `//!`: what lives here, what must not, where to read next";
    vec![source.offence(1, what)]
}

fn check_columns(source: &Source) -> Vec<Offence> {
    let wide = numbered(&source.text).filter(|(_, line)| line.chars().count() > COLUMNS_MAX);
    let what = format!("more than {COLUMNS_MAX} columns: two files should fit side by side");
    wide.map(|(number, _)| source.offence(number, &what)).collect()
}

/// Pronouns that would be the whole subject of a sentence, so that the reader has to guess the noun.
const PRONOUNS: [&str; 6] = ["Who", "Whoever", "Whom", "Whose", "What", "Whatever"];

fn check_first_words(source: &Source) -> Vec<Offence> {
    let comments = numbered(&source.text).filter_map(|(number, line)| {
        let comment = line.trim_start().strip_prefix("//")?.trim_start_matches(['/', '!']);
        Some((number, comment.trim_start().split(|c: char| !c.is_alphabetic()).next()?))
    });
    let vague = comments.filter(|(_, word)| PRONOUNS.contains(word));
    vague
        .map(|(number, word)| {
            source.offence(number, &format!("a comment begins with {word}: name the subject"))
        })
        .collect()
}

#[test]
fn every_file_opens_with_its_documentation() {
    expect_clean(check_opening);
}

#[test]
fn a_file_without_documentation_is_found() {
    expect_offence(check_opening, "wire/name.rs", "use std::fmt;\n//! Late.", "opens with");
    assert_eq!(check_opening(&Source::new("wire/name.rs", "//! Names.\n")), []);
}

#[test]
fn lines_fit_a_hundred_columns() {
    expect_clean(check_columns);
}

#[test]
fn a_line_that_is_too_wide_is_found() {
    let wide = "é".repeat(COLUMNS_MAX);
    assert_eq!(check_columns(&Source::new("wire/name.rs", &wide)), []);
    expect_offence(check_columns, "wire/name.rs", &format!("\n// {wide}"), "columns");
}

#[test]
fn comments_begin_with_their_subject() {
    expect_clean(check_first_words);
    expect_clean_below("tests", "machines.rs", check_first_words);
}

#[test]
fn a_comment_that_begins_with_a_pronoun_is_found() {
    let planted =
        ["    /// What is kept.", "// Whoever comes", "//! Who: a name", "\n//Whose it is"];
    for text in planted {
        expect_offence(check_first_words, "wire/name.rs", text, "name the subject");
    }
    let good = "/// Whatsoever\n// whatever\nlet what = 1; // What stands behind code";
    assert_eq!(check_first_words(&Source::new("wire/name.rs", good)), []);
}
