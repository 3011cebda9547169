//! The files in `docs/pages`: each is the current page with a stored recording. `make pages` (this
//! program with `WRITE_PAGES=1`) records again. `make pages FRAME=1` keeps the recordings and renews
//! the page around them.

use std::fs;
use std::path::PathBuf;

use papo::player::{EmbeddedRecording, page};

use super::lessons::{LESSONS, Lesson};
use super::{read, root};
use crate::support::Folder;

/// A page of `docs/pages` is small enough for a mail.
const FILE_BYTES_MAX: usize = 400_000;

/// The documents that name a page.
const DOCUMENTS: [&str; 6] = [
    "README.md",
    "docs/LAB.md",
    "docs/LEIAME.md",
    "docs/READING.md",
    "docs/READING.pt.md",
    "docs/RECORDING.md",
];

pub(super) fn path_of(lesson: &Lesson) -> PathBuf {
    root().join(format!("docs/pages/{}.html", lesson.name))
}

/// The recordings in a page, by the names of their files.
fn recordings_in(page: &str) -> Vec<(&str, &str)> {
    let blocks = page.split("<script type=\"text/plain\" class=\"recording\" data-name=\"").skip(1);
    let pairs = blocks.filter_map(|block| block.split_once("\">"));
    pairs.map(|(name, rest)| (name, rest.split("</script>").next().unwrap_or_default())).collect()
}

fn with_frame(lesson: &Lesson, recordings: &[(&str, &str)]) -> String {
    let recordings: Vec<_> =
        recordings.iter().map(|&(file, lines)| EmbeddedRecording { file, lines }).collect();
    page(&recordings, Some(lesson.introduction))
}

fn record(lesson: &Lesson) -> String {
    let folder = Folder::new(lesson.name);
    (lesson.play)(&folder);
    let read = |name: &&str| fs::read_to_string(folder.join(name)).expect("a recording");
    let texts: Vec<_> = lesson.recordings.iter().map(read).collect();
    let pairs = lesson.recordings.iter().zip(&texts).map(|(name, text)| (*name, text.as_str()));
    with_frame(lesson, &pairs.collect::<Vec<_>>())
}

#[test]
fn pages_of_the_documents_are_the_current_page() {
    let wish = std::env::var("WRITE_PAGES").unwrap_or_default();
    let only = std::env::var("ONLY").unwrap_or_default();
    for lesson in LESSONS.iter().filter(|it| only.is_empty() || it.name == only) {
        let path = path_of(lesson);
        if wish == "1" {
            fs::create_dir_all(path.parent().expect("a folder")).expect("docs/pages");
            fs::write(&path, record(lesson)).expect("is written");
        }
        let there = fs::read_to_string(&path).expect("a page: `make pages` writes it");
        let expected = with_frame(lesson, &recordings_in(&there));
        if wish == "frame" {
            fs::write(&path, &expected).expect("is written");
            continue;
        }
        assert!(there == expected, "{}: `make pages FRAME=1` renews it", path.display());
        assert!(there.len() <= FILE_BYTES_MAX, "{}: {} bytes", path.display(), there.len());
        let names: Vec<_> = recordings_in(&there).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, lesson.recordings, "{}", path.display());
    }
}

#[test]
fn the_moments_that_documents_link_to_exist() {
    let mut named = 0;
    for document in DOCUMENTS {
        let text = read(document);
        for link in text.split("pages/").skip(1).filter_map(|rest| rest.split(')').next()) {
            let Some((name, hash)) = link.split_once(".html") else { continue };
            let lesson = LESSONS.iter().find(|it| it.name == name);
            let lesson = lesson.unwrap_or_else(|| panic!("{document} names a page {name}"));
            let Some(moment) = hash.strip_prefix("#moment=") else { continue };
            let moments = lesson.introduction.matches("\"do\":").count();
            let moment: usize = moment.parse().expect("a number");
            assert!((1..=moments).contains(&moment), "{document}: {link}");
            named += 1;
        }
    }
    assert!(named >= 10, "only {named} links found");
}

#[test]
fn every_page_has_its_lesson() {
    let files = fs::read_dir(root().join("docs/pages")).expect("a folder");
    let names = files.map(|entry| entry.expect("a file").path());
    let strangers: Vec<_> =
        names.filter(|path| !LESSONS.iter().any(|it| path_of(it) == *path)).collect();
    assert!(strangers.is_empty(), "no lesson writes {strangers:?}");
}
