//! Reads the sources, and runs a check on them or on a planted offence.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::code::without_quotes;

/// One file: its text, and its code alone.
pub(super) struct Source {
    /// `src` or `tests`.
    folder: &'static str,
    /// The path below that folder, with slashes.
    pub(super) path: String,
    pub(super) text: String,
    /// The text with blanks in place of comments and quoted text, line by line as long as before.
    pub(super) code: String,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Offence {
    /// With its folder.
    pub(super) path: String,
    pub(super) line: usize,
    what: String,
}

impl fmt::Display for Offence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.path, self.line, self.what)
    }
}

impl Source {
    /// A file of the program.
    pub(super) fn new(path: &str, text: &str) -> Self {
        Self::below("src", path, text)
    }

    pub(super) fn below(folder: &'static str, path: &str, text: &str) -> Self {
        let (path, text) = (path.to_string(), text.to_string());
        Self { folder, path, code: without_quotes(&text), text }
    }

    /// The first folder of the path, or the file without its ending if it is in no folder.
    pub(super) fn module(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    pub(super) fn is_in(&self, place: &str) -> bool {
        self.path == place || (place.ends_with('/') && self.path.starts_with(place))
    }

    pub(super) fn offence(&self, line: usize, what: &str) -> Offence {
        Offence { path: format!("{}/{}", self.folder, self.path), line, what: what.to_string() }
    }
}

/// Runs a check on the program.
#[track_caller]
pub(super) fn expect_clean(check: fn(&Source) -> Vec<Offence>) {
    expect_clean_below("src", "machine.rs", check);
}

/// The same in another folder, which has the file `known`.
#[track_caller]
pub(super) fn expect_clean_below(
    folder: &'static str,
    known: &str,
    check: fn(&Source) -> Vec<Offence>,
) {
    let sources = sources_below(folder);
    assert!(sources.iter().any(|source| source.path == known), "the sources are found");
    let offences: Vec<_> = sources.iter().flat_map(check).map(|o| o.to_string()).collect();
    assert!(offences.is_empty(), "{} offences:\n{}\n", offences.len(), offences.join("\n"));
}

/// Plants an offence. The check must find this one and no other.
#[track_caller]
pub(super) fn expect_offence(
    check: fn(&Source) -> Vec<Offence>,
    path: &str,
    text: &str,
    what: &str,
) {
    let offences = check(&Source::new(path, text));
    assert_eq!(offences.len(), 1, "in {path}: {text}: {offences:?}");
    let said = offences[0].to_string();
    assert!(said.starts_with(&format!("src/{path}:")) && said.contains(what), "{said}");
}

pub(super) fn sources_below(folder: &'static str) -> Vec<Source> {
    let mut sources = Vec::new();
    read_folder(folder, &root_of(folder), &mut sources);
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    sources
}

fn root_of(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

fn read_folder(folder: &'static str, within: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(within).expect("a folder of sources") {
        let path = entry.expect("an entry of it").path();
        // The fuzz targets are built within tests/, and the build generates sources.
        if path.ends_with("target") {
            continue;
        }
        if path.is_dir() {
            read_folder(folder, &path, sources);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).expect("a source file in UTF-8");
            let below = path.strip_prefix(root_of(folder)).expect("found below the folder");
            let below = below.to_string_lossy().replace('\\', "/");
            sources.push(Source::below(folder, &below, &text));
        }
    }
}
