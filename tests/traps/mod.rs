//! The traps of `docs/READING.md`: each row of the tables has one test, and a patch that fits the
//! current sources.
//!
//! `make traps` takes minutes, and checks that each test fails with its patch. The tests here take a
//! moment, and find a patch that no longer fits. Read next: `run.sh`, in this folder.

use std::collections::BTreeSet;
use std::fs;

use crate::pages::{read, root};

/// The rows that begin with a name: the name, and the last column.
pub(crate) fn traps(page: &str) -> Vec<(&str, &str)> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |"));
    rows.filter_map(|row| Some((row.split('`').next()?, row.rsplit("| ").next()?))).collect()
}

/// Whether the last column is one test, as `run.sh` needs it.
fn is_one_test(column: &str) -> bool {
    let inner = column.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let pair = inner.and_then(|inner| inner.split_once("::"));
    pair.is_some_and(|(target, test)| is_name(target) && is_name(test))
}

/// The file that a patch changes, and the old text of each of its hunks.
fn wanted(patch: &str) -> (&str, Vec<String>) {
    let mut file = "";
    let mut hunks: Vec<String> = Vec::new();
    for line in patch.lines() {
        if let Some(path) = line.strip_prefix("--- a/") {
            file = path;
        } else if line.starts_with("@@ ") {
            hunks.push(String::new());
        } else if let (Some(hunk), Some(old)) = (hunks.last_mut(), line.strip_prefix([' ', '-'])) {
            *hunk += old;
            *hunk += "\n";
        }
    }
    (file, hunks)
}

/// The numbers of old lines in the heads of the hunks: `@@ -START,COUNT +START,COUNT @@`.
fn old_line_counts(patch: &str) -> Vec<usize> {
    let heads = patch.lines().filter_map(|line| line.strip_prefix("@@ -"));
    let counts = heads.filter_map(|head| head.split_once(' ')?.0.split_once(',')?.1.parse().ok());
    counts.collect()
}

/// The reason why a hunk does not fit. Text that is there twice could be changed in the wrong place.
fn misfit(hunk: &str, source: &str) -> Option<String> {
    match source.matches(hunk).count() {
        1 => None,
        count => Some(format!("the source has this {count} times:\n{hunk}")),
    }
}

#[test]
fn every_trap_has_its_patch_and_every_patch_its_trap() {
    let page = read("docs/READING.md");
    let traps = traps(&page);
    let named: BTreeSet<_> = traps.iter().map(|(name, _)| format!("{name}.patch")).collect();
    assert!(named.len() > 40, "only {named:?}: is the page still read right?");
    assert_eq!(named.len(), traps.len(), "two rows have one name");
    let files = fs::read_dir(root().join("tests/traps")).expect("this folder");
    let files = files.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned());
    let patches: BTreeSet<_> = files.filter(|file| file.ends_with(".patch")).collect();
    assert_eq!(named, patches);
}

/// Whether each hunk has as many lines of context before its change as behind it.
fn has_even_context(patch: &str) -> bool {
    let is_context = |line: &&str| line.starts_with(' ');
    patch.split("\n@@ ").skip(1).all(|hunk| {
        let lines: Vec<_> = hunk.lines().skip(1).collect();
        let before = lines.iter().copied().take_while(is_context).count();
        before == lines.iter().rev().copied().take_while(is_context).count()
    })
}

#[test]
fn every_trap_names_one_test() {
    for (name, column) in traps(&read("docs/READING.md")) {
        assert!(is_one_test(column), "{name}: {column}");
    }
    assert!(!is_one_test("`wire::one`, `wire::two`") && !is_one_test("the simulator"));
}

#[test]
fn every_patch_fits_the_sources() {
    let page = read("docs/READING.md");
    for (name, _) in traps(&page) {
        let patch = read(format!("tests/traps/{name}.patch"));
        let (file, hunks) = wanted(&patch);
        assert!(!hunks.is_empty(), "{name}.patch changes nothing");
        let counts: Vec<_> = hunks.iter().map(|hunk| hunk.lines().count()).collect();
        assert_eq!(counts, old_line_counts(&patch), "{name}.patch: patch(1) counts the lines");
        assert!(has_even_context(&patch), "{name}.patch: patch(1) takes it for an end of the file");
        let source = read(file);
        for hunk in hunks {
            let misfit = misfit(&hunk, &source);
            assert!(misfit.is_none(), "{name}.patch, {file}: {}", misfit.unwrap_or_default());
        }
    }
}

#[test]
fn a_patch_that_does_not_fit_is_found() {
    let patch = "What it does.\n\n--- a/x.rs\n+++ b/x.rs\n@@ -1,2 +1,1 @@\n one\n-two\n";
    let (file, hunks) = wanted(patch);
    assert_eq!((file, hunks.as_slice()), ("x.rs", ["one\ntwo\n".to_string()].as_slice()));
    assert_eq!(old_line_counts(patch), [2]);
    assert!(misfit(&hunks[0], "one\ntwo\nthree\n").is_none());
    assert!(misfit(&hunks[0], "one\n2\n").is_some());
    assert!(misfit(&hunks[0], "one\ntwo\none\ntwo\n").is_some());
    assert!(!has_even_context(patch) && has_even_context(&format!("{patch} three\n")));
}
