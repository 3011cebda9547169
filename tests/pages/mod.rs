//! The documents agree with the code: the options of `papo COMMAND --help` are in the man page of the
//! command and in the completions of all three shells, and no other option is.
//!
//! Small functions read the compared facts out of texts. Each of them has a test with a planted
//! mistake. A build may lack some commands (the features in Cargo.toml). Their pages and completions
//! are not checked, but a page of a command without any source is a mistake.
//!
//! | file | about |
//! | --- | --- |
//! | [`code`] | the commands and options of the code |
//! | [`man`] | the man pages |
//! | [`completions`] | the completions of the shells |
//! | [`commands`] | each command is in all pages and completions |
//! | [`readmes`] | the readmes have the commands of the peer, and no unknown option |
//! | [`documents`] | tests, rulings, pictures and drills that documents name exist |
//! | [`architecture`] | the map of the sources is complete |
//! | [`limits`] | the table of limits has the values of the code |
//! | [`examples`] | the programs of `docs/examples` run |
//! | [`c`] | papo runs in a program of C |
//! | [`teaching`] | the pages that teach show existing code and functions |
//! | [`tutorial`] | each step of the tutorial passes its test, and the step before fails it |
//! | [`languages`] | the command line has both languages |
//! | [`tools`] | mandoc and the shells accept pages and completions |
//! | [`planted`] | the readers find planted mistakes |

mod architecture;
/// mio over poll(2) has no descriptor for a host to wait for.
#[cfg(all(feature = "peer", not(mio_unsupported_force_poll_poll)))]
mod c;
mod code;
mod commands;
mod completions;
mod documents;
#[cfg(feature = "peer")]
mod examples;
#[cfg(feature = "peer")]
mod languages;
mod limits;
mod man;
mod planted;
mod readmes;
mod teaching;
mod tools;
#[cfg(feature = "peer")]
mod tutorial;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files at or below a path.
pub(crate) fn files_below(path: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(path) else { return vec![path.to_path_buf()] };
    entries.flat_map(|entry| files_below(&entry.expect("an entry").path())).collect()
}

/// Asserts that a page leads only through functions that exist: the rows of its tables that begin with
/// a number have a file and a function in it.
#[track_caller]
pub(crate) fn expect_road(page: &str, prefix: &str, steps_min: usize) {
    let text = read(page);
    let rows = text.lines().filter_map(|line| line.strip_prefix(prefix));
    let numbered = rows.filter(|row| row.starts_with(|c: char| c.is_ascii_digit()));
    let mut steps = 0;
    for mut quoted in numbered.map(|row| row.split('`').skip(1).step_by(2)) {
        let (Some(file), Some(function)) = (quoted.next(), quoted.next()) else { continue };
        let source = read(format!("src/{file}"));
        let starts = [format!("fn {function}("), format!("fn {function}<")];
        let is_there = starts.iter().any(|start| source.contains(start));
        assert!(is_there, "{page} names {function} of {file}, which does not exist");
        steps += 1;
    }
    assert!(steps > steps_min, "{page}: only {steps} steps found");
}

#[track_caller]
pub(crate) fn expect_same<T: Ord + std::fmt::Debug>(
    place: &str,
    found: &BTreeSet<T>,
    code: &BTreeSet<T>,
) {
    let missing: Vec<_> = code.difference(found).collect();
    let invented: Vec<_> = found.difference(code).collect();
    let is_same = missing.is_empty() && invented.is_empty();
    assert!(is_same, "{place}: lacks {missing:?}, and has what the code has not: {invented:?}");
}
