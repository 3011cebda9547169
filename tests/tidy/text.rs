//! What each file is like as text: how it opens, and how wide it is.

use super::code::numbered;
use super::sources::{Offence, Source, expect_clean, expect_offence};

/// rustfmt leaves comments as wide as they are.
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
fn lines_fit_a_hundred_columns() {
    expect_clean(check_columns);
}

#[test]
fn a_line_that_is_too_wide_is_found() {
    let wide = "é".repeat(COLUMNS_MAX);
    assert_eq!(check_columns(&Source::new("wire/name.rs", &wide)), []);
    expect_offence(check_columns, "wire/name.rs", &format!("\n// {wide}"), "columns");
}
