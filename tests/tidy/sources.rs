//! Reading the sources, and holding a check against them or against what is planted.

use std::fmt;
use std::fs;
use std::path::Path;

use super::code::without_quotes;

/// One file, as it is and without what is no code.
pub(super) struct Source {
    /// Below `src/`, with slashes.
    pub(super) path: String,
    pub(super) text: String,
    /// The text with comments and quoted text made blank, line by line as long as before.
    pub(super) code: String,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Offence {
    pub(super) path: String,
    pub(super) line: usize,
    what: String,
}

impl fmt::Display for Offence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "src/{}:{}: {}", self.path, self.line, self.what)
    }
}

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_string(), text: text.to_string(), code: without_quotes(text) }
    }

    /// The folder below `src/`, or the file without its ending where it stands right there.
    pub(super) fn module(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    pub(super) fn is_in(&self, place: &str) -> bool {
        self.path == place || (place.ends_with('/') && self.path.starts_with(place))
    }

    pub(super) fn offence(&self, line: usize, what: &str) -> Offence {
        Offence { path: self.path.clone(), line, what: what.to_string() }
    }
}

#[track_caller]
pub(super) fn expect_clean(check: fn(&Source) -> Vec<Offence>) {
    let sources = all_sources();
    assert!(sources.iter().any(|source| source.path == "machine.rs"), "the sources are found");
    let offences: Vec<_> = sources.iter().flat_map(check).map(|o| o.to_string()).collect();
    assert!(offences.is_empty(), "{} offences:\n{}\n", offences.len(), offences.join("\n"));
}

/// Plants an offence: the check must find this one and no other, and say so.
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

fn all_sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    read_folder(&root, &root, &mut sources);
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    sources
}

fn read_folder(root: &Path, folder: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry of it").path();
        if path.is_dir() {
            read_folder(root, &path, sources);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).expect("a source file in UTF-8");
            let below = path.strip_prefix(root).expect("found below the root");
            let below = below.to_string_lossy().replace('\\', "/");
            sources.push(Source::new(&below, &text));
        }
    }
}
