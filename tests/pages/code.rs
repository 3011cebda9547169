//! The facts of the code: the commands of `papo help`, and the options of each, by its `--help`.

use std::collections::BTreeSet;
use std::process::Command;

use super::root;

/// An option with its dashes, and whether a value follows it.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Flag {
    pub(super) name: String,
    pub(super) has_value: bool,
}

impl Flag {
    pub(super) fn new(name: &str, has_value: bool) -> Self {
        Self { name: name.to_string(), has_value }
    }
}

pub(super) type Flags = BTreeSet<Flag>;

pub(super) fn names(flags: &Flags) -> BTreeSet<String> {
    flags.iter().map(|flag| flag.name.clone()).collect()
}

pub(super) fn papo(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_papo"));
    // The pages are in English.
    command.args(arguments).env("LC_ALL", "C").env_remove("PAPO_LANG");
    let output = command.output().expect("papo can be started");
    assert!(output.status.success(), "papo {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("help is UTF-8")
}

/// The commands of `papo help`, without `help` itself, which has no page.
pub(super) fn commands() -> Vec<String> {
    let overview = papo(&["help"]);
    let rows = overview.lines().filter_map(|line| line.strip_prefix("    "));
    let words = rows.filter_map(|row| row.split_whitespace().next());
    let commands: Vec<_> = words.filter(|word| *word != "help").map(str::to_string).collect();
    assert!(!commands.is_empty(), "the commands are found in: {overview}");
    commands
}

pub(super) fn flags_of(command: &str) -> Flags {
    flags_in_help(&papo(&[command, "--help"]))
}

/// A row is `        --listen ADDR:PORT` or `    -h, --help          show this help`: there is one
/// blank before a value, and several before an explanation.
pub(super) fn flags_in_help(help: &str) -> Flags {
    let rows = help.lines().filter(|line| line.starts_with("    "));
    let rows = rows.map(str::trim_start).filter(|line| line.starts_with('-'));
    let mut flags = Flags::new();
    for row in rows {
        let row = row.replace(", ", ",");
        let (names, behind) = row.split_once(' ').unwrap_or((&row, ""));
        let value = behind.split(' ').next().unwrap_or_default();
        let is_value = value.contains('|') || !value.contains(|c: char| c.is_lowercase());
        let has_value = is_value && !value.is_empty();
        flags.extend(names.split(',').map(|name| Flag::new(name, has_value)));
    }
    flags
}

/// Whether the sources have this command, in this build or in another one.
pub(super) fn has_source(command: &str) -> bool {
    let place = root().join("src/cli");
    let is_file = |path: String| place.join(path).is_file();
    is_file(format!("{command}.rs")) || is_file(format!("{command}/mod.rs"))
}
