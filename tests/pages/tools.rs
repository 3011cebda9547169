//! Man pages and completions with their own tools: mandoc, and the shells.

use std::collections::BTreeSet;
use std::process::{Command, Output};

use super::code::{commands, flags_of, names};
use super::man::{pages, portuguese_pages};
use super::root;
use crate::support::tools;

/// `None`, and SKIPPED: there is no such tool.
fn run(tool: &str, arguments: &[&str]) -> Option<Output> {
    let mut command = Command::new(tools::wanted(&[tool])?);
    // A shell complains about a locale that is not installed.
    command.args(arguments).current_dir(root()).env("LC_ALL", "C");
    Some(command.output().expect("the tool runs"))
}

#[test]
fn mandoc_finds_nothing() {
    for page in pages() {
        let path = page.to_str().expect("a path in UTF-8");
        let Some(output) = run("mandoc", &["-Tlint", "-W", "warning", path]) else { return };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

/// mandoc knows the headings of a page in English only, and warns of all others.
#[test]
fn mandoc_finds_nothing_but_the_headings_in_portuguese_pages() {
    const HEADINGS: [&str; 2] = ["first section is not \"NAME\"", "description line outside NAME"];
    for page in portuguese_pages() {
        let path = page.to_str().expect("a path in UTF-8");
        let Some(output) = run("mandoc", &["-Tlint", "-W", "warning", path]) else { return };
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let others: Vec<_> =
            said.lines().filter(|line| !HEADINGS.iter().any(|it| line.contains(it))).collect();
        assert!(!said.is_empty() && others.is_empty(), "{others:?}");
    }
}

#[test]
fn the_shells_can_read_their_completions() {
    for (shell, file) in [("bash", "papo"), ("zsh", "_papo"), ("fish", "papo.fish")] {
        let path = format!("docs/completions/{file}");
        let Some(output) = run(shell, &["-n", &path]) else { continue };
        assert!(output.status.success() && output.stderr.is_empty(), "{shell}: {output:?}");
    }
}

/// The offers of bash for a command line whose last word is being typed.
fn offered(words: &[&str]) -> Option<BTreeSet<String>> {
    const SCRIPT: &str = "source docs/completions/papo; COMP_WORDS=(\"$@\")\n\
        COMP_CWORD=$(($# - 1)); _papo; printf '%s\\n' \"${COMPREPLY[@]}\"";
    let arguments = [&["--norc", "-c", SCRIPT, "bash"], words].concat();
    let output = run("bash", &arguments)?;
    assert!(output.stderr.is_empty(), "{words:?}: {output:?}");
    let text = String::from_utf8(output.stdout).expect("words in UTF-8");
    Some(text.lines().filter(|line| !line.is_empty()).map(str::to_string).collect())
}

#[test]
fn bash_offers_what_fits() {
    let cases: [(&[&str], &[&str]); 10] = [
        (&["papo", "se"], &["send", "server"]),
        (&["papo", "peer", "--l"], &["--lang", "--log", "--log-dir"]),
        (&["papo", "peer", "--lang", ""], &["pt", "en"]),
        (&["papo", "peer", "--lang", "="], &["pt", "en"]),
        (&["papo", "server", "--edition", "=", "2024"], &["2024"]),
        (&["papo", "server", "--edition", "2"], &["2024", "2026"]),
        (&["papo", "server", "--trace", "--per"], &["--per-address"]),
        (&["papo", "server", "--keepalive", ""], &[]),
        (&["papo", "help", "p"], &["peer"]),
        (&["papo", "no-such-command", ""], &[]),
    ];
    for (words, expected) in cases {
        let Some(offered) = offered(words) else { return };
        let expected: BTreeSet<_> = expected.iter().map(|word| (*word).to_string()).collect();
        assert_eq!(offered, expected, "{words:?}");
    }
    for command in commands() {
        let Some(offered) = offered(&["papo", &command, "-"]) else { return };
        assert_eq!(offered, names(&flags_of(&command)), "{command}");
    }
}

/// As `complete -C` prints it: a tab is before the explanation.
#[test]
fn fish_offers_what_fits() {
    for command in commands() {
        let script = format!("source docs/completions/papo.fish; complete -C 'papo {command} --'");
        let Some(output) = run("fish", &["--no-config", "-c", &script]) else { return };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let found = text.lines().filter_map(|line| line.split('\t').next()).map(str::to_string);
        let mut expected = names(&flags_of(&command));
        expected.retain(|name| name.starts_with("--"));
        assert_eq!(found.collect::<BTreeSet<_>>(), expected, "{command}: {output:?}");
    }
}
