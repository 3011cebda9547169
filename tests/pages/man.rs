//! The man pages have every option, default, command and event of the code, and no other.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

#[cfg(feature = "peer")]
use papo::console::command::Topic;

use super::code::{Flag, Flags, commands, flags_of, names, papo};
use super::{expect_same, files_below, read, root};

/// The headings of a language that the tests look for, and where its pages are.
struct Language {
    folder: &'static str,
    synopsis: &'static str,
    options: &'static str,
    #[cfg(feature = "peer")]
    commands: &'static str,
}

const ENGLISH: Language = Language {
    folder: "docs/man",
    synopsis: "SYNOPSIS",
    options: "OPTIONS",
    #[cfg(feature = "peer")]
    commands: "COMMANDS",
};
const PORTUGUESE: Language = Language {
    folder: "docs/man/pt_BR",
    synopsis: "SINOPSE",
    options: "OPÇÕES",
    #[cfg(feature = "peer")]
    commands: "COMANDOS",
};
const LANGUAGES: [Language; 2] = [ENGLISH, PORTUGUESE];

impl Language {
    fn page(&self, command: &str) -> String {
        read(format!("{}/papo-{command}.1", self.folder))
    }
}

pub(super) fn page(command: &str) -> String {
    ENGLISH.page(command)
}

/// Every page in English.
pub(super) fn pages() -> Vec<PathBuf> {
    pages_in(&ENGLISH)
}

/// Every page in Portuguese.
pub(super) fn portuguese_pages() -> Vec<PathBuf> {
    pages_in(&PORTUGUESE)
}

fn pages_in(language: &Language) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(language.folder)).expect("a folder of pages");
    let pages = entries.map(|entry| entry.expect("an entry").path());
    let pages: Vec<_> = pages.filter(|page| page.is_file()).collect();
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
        let code = flags_of(&command);
        assert!(names(&code).contains("--help"), "the options of {command} are found: {code:?}");
        for language in LANGUAGES {
            let (page, place) =
                (language.page(&command), format!("{}, {command}", language.folder));
            expect_same(&place, &flags_in_section(&page, language.options, ".It"), &code);
            expect_same(&place, &flags_in_section(&page, language.synopsis, ".Op"), &code);
        }
    }
}

/// A page that only one language has, or a section that only one has.
#[test]
fn both_languages_have_the_same_pages_and_as_many_sections_and_items() {
    let names_of = |pages: Vec<PathBuf>| {
        let names = pages.into_iter().filter_map(|page| Some(page.file_name()?.to_owned()));
        names.collect::<BTreeSet<_>>()
    };
    assert_eq!(names_of(pages()), names_of(portuguese_pages()));
    for page in pages() {
        let name = page.file_name().expect("a file").to_string_lossy().into_owned();
        let [english, portuguese] =
            LANGUAGES.map(|language| outline(&read(format!("{}/{name}", language.folder))));
        assert_eq!(english, portuguese, "{name}");
    }
}

/// The macros that make the sections and lists of a page, without their arguments.
fn outline(page: &str) -> Vec<String> {
    let macros = page.lines().filter_map(|line| line.split(' ').next());
    let shapes = [".Sh", ".It", ".Bl", ".El", ".Dl", ".Bd", ".Op", ".Nd"];
    macros.filter(|name| shapes.contains(name)).map(str::to_string).collect()
}

/// The defaults of `--help` that are numbers or addresses.
#[test]
fn every_default_is_in_its_page() {
    let mut count = 0;
    for command in commands() {
        for (flag, default) in defaults(&papo(&[&command, "--help"])) {
            for language in LANGUAGES {
                let page = section(&language.page(&command), language.options).join("\n");
                let start = format!("Fl Fl {flag} ");
                let item = page.split(".It ").find(|item| item.starts_with(&start));
                let is_there = item.is_some_and(|item| has_word(item, &default));
                let place = format!("{}, {command}", language.folder);
                assert!(is_there, "{place}: the default of --{flag} is missing: {default}");
                count += 1;
            }
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
    for language in LANGUAGES {
        let page = language.page("peer");
        let items = section(&page, language.commands).into_iter();
        let items = items.filter_map(|line| line.strip_prefix(".It Ic "));
        let found = items.filter_map(|item| item.split(' ').next()).map(str::to_string).collect();
        expect_same(language.folder, &found, &commands);
    }
}

/// The events of the server's log, from all of the sources.
#[test]
fn the_page_of_the_server_has_every_event_of_its_log() {
    let sources = files_below(&root().join("src"));
    let code: BTreeSet<_> = sources.iter().flat_map(|path| events_in(&read(path))).collect();
    assert!(code.len() >= 5, "the events are found: {code:?}");
    for language in LANGUAGES {
        let page = language.page("server");
        let items = section(&page, "LOG").into_iter();
        let found = items.filter_map(|line| line.strip_prefix(".It Cm event="));
        let found: BTreeSet<_> = found.map(str::to_string).collect();
        expect_same(language.folder, &found, &code);
    }
}

/// A message begins with its event: `"event=join …`.
pub(super) fn events_in(source: &str) -> Vec<String> {
    let behind = source.split("\"event=").skip(1);
    let words = behind.map(|text| text.split(|c: char| !c.is_ascii_lowercase() && c != '_'));
    let names = words.filter_map(|mut words| words.next()).filter(|name| !name.is_empty());
    names.map(str::to_string).collect()
}
