//! The pages that teach are true: they show the code of the programs, name existing functions, and
//! link to existing files, in both languages.

use std::fs;
use std::path::PathBuf;

use super::{expect_road, read, root};
use crate::traps::traps;

const TUTORIALS: [&str; 2] = ["docs/TUTORIAL.md", "docs/TUTORIAL.pt.md"];
const READINGS: [&str; 2] = ["docs/READING.md", "docs/READING.pt.md"];

/// The fenced blocks of a page: the language after the fence, and the text.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let fenced = page.split("```").skip(1).step_by(2);
    fenced.filter_map(|block| block.split_once('\n')).collect()
}

/// The files in a folder with this ending.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.to_string_lossy().ends_with(ending)).collect()
}

#[test]
fn the_tutorial_shows_the_code_of_its_programs() {
    let sources = [files("docs/tutorial", ".py"), files("docs/tutorial", ".rs")].concat();
    let sources: Vec<_> = sources.iter().map(read).collect();
    for tutorial in TUTORIALS {
        let page = read(tutorial);
        let code = blocks(&page).into_iter().filter(|(kind, _)| ["python", "rust"].contains(kind));
        let mut count = 0;
        for (_, block) in code {
            let is_there = sources.iter().any(|source| source.contains(block));
            assert!(is_there, "{tutorial} shows what no program has:\n{block}");
            count += 1;
        }
        assert!(count > 8, "{tutorial}: only {count} blocks of code found");
    }
}

#[test]
fn both_languages_show_the_same_commands_and_code() {
    for [english, portuguese] in [TUTORIALS, READINGS] {
        let (english, portuguese) = (read(english), read(portuguese));
        let code = |page| blocks(page).into_iter().filter(|(kind, _)| !kind.is_empty());
        assert!(code(&english).eq(code(&portuguese)));
        assert!(code(&english).count() > 2);
    }
}

#[test]
fn the_reading_tour_leads_through_existing_functions() {
    for reading in READINGS {
        expect_road(reading, "| ", 10);
    }
}
#[test]
fn both_languages_have_the_same_traps() {
    let [english, portuguese] = READINGS.map(read);
    assert_eq!(traps(&english), traps(&portuguese));
    assert!(traps(&english).len() > 40, "the traps are found");
}

/// The files that a page links to, without other hosts and without places in a page.
fn links(page: &str) -> Vec<&str> {
    let targets = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let targets = targets.map(|target| target.split('#').next().unwrap_or_default());
    targets.filter(|target| !target.is_empty() && !target.contains("://")).collect()
}

/// The page without its code, where `a[i](x)` is no link.
fn without_code(page: &str) -> String {
    let prose = page.split("```").step_by(2).collect::<String>();
    prose.split('`').step_by(2).collect()
}

#[test]
fn every_link_of_a_document_leads_to_a_file() {
    let pages = [files("", ".md"), files("docs", ".md"), files("docs/deploy", ".md")].concat();
    let mut count = 0;
    for page in pages {
        let folder = page.parent().expect("it is in a folder");
        let text = read(&page);
        for link in links(&without_code(&text)) {
            let is_there = folder.join(link).exists();
            assert!(is_there, "{} links to {link}, which does not exist", page.display());
            count += 1;
        }
    }
    assert!(count > 50, "only {count} links found: are the documents still read right?");
    assert_eq!(links("a [b](c.md#d) [e](https://f) [g](#h) ![i](j.svg)"), ["c.md", "j.svg"]);
}

/// The targets of make in the code of a text: the word after `make`.
fn targets(page: &str) -> Vec<&str> {
    let behind = page.split("make ").skip(1).zip(page.split("make "));
    let commands = behind.filter(|(_, before)| before.ends_with(['`', '\n', '(']));
    let words = commands.filter_map(|(rest, _)| rest.split([' ', '`', '\n', ',']).next());
    words.filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase())).collect()
}

#[test]
fn every_target_of_make_in_a_document_exists() {
    let makefile = read("Makefile");
    let pages = [files("", ".md"), files("docs", ".md")].concat();
    let mut count = 0;
    for page in pages.iter().filter(|page| !page.ends_with("CHANGELOG.md")) {
        let text = read(page);
        for target in targets(&text) {
            let is_there = makefile.contains(&format!("\n{target}:"));
            assert!(is_there, "{} names make {target}, which does not exist", page.display());
            count += 1;
        }
    }
    assert!(count > 20, "only {count} targets found: are the documents still read right?");
    assert_eq!(targets("`make a-b X=1`, or\nmake c\nthey make it"), ["a-b", "c"]);
}
