//! What the man pages have: every option, default, command and event of the code, and no other.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[cfg(feature = "peer")]
use papo::console::command::Topic;

use super::code::{Flag, Flags, commands, flags_of, names, papo};
use super::{expect_same, read, root};

pub(super) fn page(command: &str) -> String {
    read(format!("docs/man/papo-{command}.1"))
}

/// Every file in docs/man.
pub(super) fn pages() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("docs/man")).expect("docs/man");
    let pages: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    assert!(pages.len() >= 4, "the pages are found: {pages:?}");
    pages
}

/// The lines of a section of a page.
fn section<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let heading = format!(".Sh {name}");
    let behind = page.lines().skip_while(move |line| *line != heading).skip(1);
    behind.take_while(|line| !line.starts_with(".Sh ")).collect()
}

/// `.It Fl Fl listen Ar address` and `.It Fl h , Fl Fl help`, the same in `.Op`.
fn flags_in_macro(line: &str) -> Flags {
    let words: Vec<_> = line.split_whitespace().collect();
    let has_value = words.contains(&"Ar");
    let dashed = words.windows(2).filter(|pair| pair[0] == "Fl" && pair[1] != "Fl");
    let name = |word: &str| if word.len() == 1 { format!("-{word}") } else { format!("--{word}") };
    dashed.map(|pair| Flag { name: name(pair[1]), has_value }).collect()
}

pub(super) fn flags_in_section(page: &str, name: &str, start: &str) -> Flags {
    let lines = section(page, name).into_iter().filter(|line| line.starts_with(start));
    lines.flat_map(flags_in_macro).collect()
}

#[test]
fn every_option_is_in_its_page_and_every_option_of_a_page_is_in_the_code() {
    for command in commands() {
        let (page, code) = (page(&command), flags_of(&command));
        assert!(names(&code).contains("--help"), "the options of {command} are found: {code:?}");
        expect_same(&command, &flags_in_section(&page, "OPTIONS", ".It"), &code);
        expect_same(&command, &flags_in_section(&page, "SYNOPSIS", ".Op"), &code);
    }
}

/// The numbers and addresses that `--help` gives as defaults are those of the page.
#[test]
fn every_default_is_in_its_page() {
    let mut count = 0;
    for command in commands() {
        let page = section(&page(&command), "OPTIONS").join("\n");
        for (flag, default) in defaults(&papo(&[&command, "--help"])) {
            let item = page.split(".It ").find(|item| item.starts_with(&format!("Fl Fl {flag} ")));
            let is_there = item.is_some_and(|item| has_word(item, &default));
            assert!(is_there, "the page of {command} lacks the default of --{flag}, {default}");
            count += 1;
        }
    }
    assert!(count >= 4, "only {count} defaults found: is the help still read right?");
}

/// The options whose explanation ends in a number or an address in brackets.
pub(super) fn defaults(help: &str) -> Vec<(String, String)> {
    let words = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let items = words.split(" --").skip(1).filter_map(|item| {
        let (before, behind) = item.rsplit_once('(')?;
        let default = behind.split_once(')')?.0;
        let flag = before.split(' ').next()?;
        let is_number = default.starts_with(|c: char| c.is_ascii_digit());
        is_number.then(|| (flag.to_string(), default.to_string()))
    });
    items.collect()
}

pub(super) fn has_word(text: &str, word: &str) -> bool {
    text.split_whitespace().any(|other| other.trim_end_matches([',', '.', ':', ';']) == word)
}

#[cfg(feature = "peer")]
#[test]
fn the_page_of_the_peer_has_its_commands() {
    let commands: BTreeSet<_> =
        Topic::ALL.iter().map(|topic| format!("/{}", topic.word())).collect();
    let page = page("peer");
    let items = section(&page, "COMMANDS").into_iter();
    let items = items.filter_map(|line| line.strip_prefix(".It Ic "));
    let found = items.filter_map(|item| item.split(' ').next()).map(str::to_string).collect();
    expect_same("papo-peer.1", &found, &commands);
}

/// What the server writes into its log, whatever part of the program writes it.
#[test]
fn the_page_of_the_server_has_every_event_of_its_log() {
    let page = page("server");
    let items = section(&page, "LOG").into_iter();
    let found = items.filter_map(|line| line.strip_prefix(".It Cm event="));
    let found: BTreeSet<_> = found.map(str::to_string).collect();
    let mut code = BTreeSet::new();
    read_events(&root().join("src"), &mut code);
    assert!(code.len() >= 5, "the events are found: {code:?}");
    expect_same("papo-server.1", &found, &code);
}

fn read_events(folder: &Path, events: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read_events(&path, events);
        } else {
            events.extend(events_in(&read(path)));
        }
    }
}

/// A message begins with its event: `"event=join …`.
pub(super) fn events_in(source: &str) -> Vec<String> {
    let behind = source.split("\"event=").skip(1);
    let words = behind.map(|text| text.split(|c: char| !c.is_ascii_lowercase() && c != '_'));
    let names = words.filter_map(|mut words| words.next()).filter(|name| !name.is_empty());
    names.map(str::to_string).collect()
}
