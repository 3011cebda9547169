//! The pages that teach say what is true: the code that they show is that of the programs, the
//! functions that they name are there, both languages have the same, and links lead somewhere.

use std::fs;
use std::path::PathBuf;

use super::{read, root};

const TUTORIALS: [&str; 2] = ["docs/TUTORIAL.md", "docs/TUTORIAL.pt.md"];
const READINGS: [&str; 2] = ["docs/READING.md", "docs/READING.pt.md"];

/// The fenced blocks of a page: the language behind the fence, and the text.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let fenced = page.split("```").skip(1).step_by(2);
    fenced.filter_map(|block| block.split_once('\n')).collect()
}

/// The files in a folder that end so.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.to_string_lossy().ends_with(ending)).collect()
}

#[test]
fn the_code_of_the_tutorial_is_that_of_its_programs() {
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

/// The rows of a table of steps: a number, a file and a function in it.
fn road(page: &str) -> Vec<(&str, &str)> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| "));
    let numbered = rows.filter(|row| row.starts_with(|c: char| c.is_ascii_digit()));
    let quoted = numbered.map(|row| row.split('`').skip(1).step_by(2));
    quoted.filter_map(|mut quoted| Some((quoted.next()?, quoted.next()?))).collect()
}

#[test]
fn the_road_of_the_reading_tour_leads_through_functions_that_are_there() {
    for reading in READINGS {
        let page = read(reading);
        let road = road(&page);
        assert!(road.len() > 10, "{reading}: only {} steps found", road.len());
        for (file, function) in road {
            let source = read(format!("src/{file}"));
            let starts = [format!("fn {function}("), format!("fn {function}<")];
            let is_there = starts.iter().any(|start| source.contains(start));
            assert!(is_there, "{reading} names {function} of {file}, which is not there");
        }
    }
}

/// The rows of the trap tables: the name, and the last column.
fn traps(page: &str) -> Vec<(&str, &str)> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix("` |"));
    rows.filter_map(|row| Some((row.split('`').next()?, row.rsplit('`').next()?))).collect()
}

#[test]
fn both_languages_have_the_same_traps() {
    let [english, portuguese] = READINGS.map(read);
    assert_eq!(traps(&english), traps(&portuguese));
    assert!(traps(&english).len() > 40, "the traps are found");
}

/// Where the links of a page lead, without those to other hosts and without places in a page.
fn links(page: &str) -> Vec<&str> {
    let targets = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let targets = targets.map(|target| target.split('#').next().unwrap_or_default());
    targets.filter(|target| !target.is_empty() && !target.contains("://")).collect()
}

/// The page without its code: an index in brackets before an argument is no link.
fn without_code(page: &str) -> String {
    let prose = page.split("```").step_by(2).collect::<String>();
    prose.split('`').step_by(2).collect()
}

#[test]
fn every_link_of_a_document_leads_somewhere() {
    let pages = [files("", ".md"), files("docs", ".md"), files("docs/deploy", ".md")].concat();
    let mut count = 0;
    for page in pages {
        let folder = page.parent().expect("it is in a folder");
        let text = read(&page);
        for link in links(&without_code(&text)) {
            let is_there = folder.join(link).exists();
            assert!(is_there, "{} links to {link}, which is not there", page.display());
            count += 1;
        }
    }
    assert!(count > 50, "only {count} links found: are the documents still read right?");
    assert_eq!(links("a [b](c.md#d) [e](https://f) [g](#h) ![i](j.svg)"), ["c.md", "j.svg"]);
}

/// The targets of make that a text names: in code, the word behind `make`.
fn targets(page: &str) -> Vec<&str> {
    let behind = page.split("make ").skip(1).zip(page.split("make "));
    let commands = behind.filter(|(_, before)| before.ends_with(['`', '\n', '(']));
    let words = commands.filter_map(|(rest, _)| rest.split([' ', '`', '\n', ',']).next());
    words.filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase())).collect()
}

#[test]
fn every_target_of_make_that_a_document_names_is_there() {
    let makefile = read("Makefile");
    let pages = [files("", ".md"), files("docs", ".md")].concat();
    let mut count = 0;
    for page in pages.iter().filter(|page| !page.ends_with("CHANGELOG.md")) {
        let text = read(page);
        for target in targets(&text) {
            let is_there = makefile.contains(&format!("\n{target}:"));
            assert!(is_there, "{} names make {target}, which is not there", page.display());
            count += 1;
        }
    }
    assert!(count > 20, "only {count} targets found: are the documents still read right?");
    assert_eq!(targets("`make a-b X=1`, or\nmake c\nthey make it"), ["a-b", "c"]);
}
