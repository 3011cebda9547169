//! Man pages and completions are in step with the code: what `papo COMMAND --help` has stands in
//! the command's page and in the completions of all three shells, and nothing else does.
//!
//! The compared facts are read out of texts by small functions, and each of them has something
//! planted that it must find. A build may lack some commands (the features in Cargo.toml): pages
//! and completions of those are let be, but not of a command that has no source at all.
//!
//! | file | about |
//! | --- | --- |
//! | [`code`] | what the code has: commands, and their options |
//! | [`man`] | what the man pages have, and whether that is all |
//! | [`completions`] | the same of the shells' completions |
//! | [`commands`] | whether each command is everywhere |
//! | [`readmes`] | whether the readmes have what they should, and nothing invented |
//! | [`documents`] | whether what the documents name exists |
//! | [`architecture`] | whether the map of the sources is complete |
//! | [`limits`] | whether the table of limits has the values of the code |
//! | [`examples`] | whether the programs of `docs/examples` run |
//! | [`c`] | whether papo runs in a program of C |
//! | [`teaching`] | whether the pages that teach show the code and the functions that are there |
//! | [`tutorial`] | whether each step of the tutorial passes its test, and the one before fails |
//! | [`languages`] | whether the command line speaks both languages |
//! | [`tools`] | what the tools of pages and completions say to them |
//! | [`planted`] | the readers can fail |

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
use std::path::Path;

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
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
