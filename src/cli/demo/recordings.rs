//! `--record FOLDER` and `--page FILE`: the recordings of the demo's processes, and the page that
//! plays them.
//!
//! Must never know the content of a recording. Read next: [`crate::player`], which makes the page.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::cli::arguments::options::Choices;
use crate::cli::system::files::make_folder;
use crate::cli::{Failure, arguments};
use crate::console::language::{Language, Text, text};

/// The introduction of the demo's page.
const INTRODUCTION: &str = include_str!("introduction.json");

/// The folder of the recordings, and the page. A temporary folder is removed when this is dropped.
#[derive(Debug, Default)]
pub(super) struct Recordings {
    folder: Option<PathBuf>,
    /// The folder is only for the page.
    is_temporary: bool,
    /// Opened before the demo begins, so that a page that cannot be written is an error at once.
    page: Option<Page>,
}

/// The file of the page. Its old content stays until the page is written.
#[derive(Debug)]
struct Page {
    path: PathBuf,
    file: File,
    /// It did not exist before the demo. A demo that is stopped then removes it.
    is_new: bool,
    is_written: bool,
}

impl Recordings {
    /// The recordings that the options ask for. Makes the folder.
    pub(super) fn of(matches: &Choices) -> Result<Self, Failure> {
        let page = arguments::path(matches, "page").map(Page::create).transpose()?;
        let folder = arguments::path(matches, "record");
        let is_temporary = page.is_some() && folder.is_none();
        let ours = || std::env::temp_dir().join(format!("papo-demo-{}", std::process::id()));
        let folder = folder.or_else(|| is_temporary.then(ours));
        let mut wanted = Self { folder, is_temporary, page };
        wanted.make_folder()?;
        Ok(wanted)
    }

    /// The folder, where the processes are to be recorded.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    fn make_folder(&mut self) -> Result<(), Failure> {
        let Some(folder) = &self.folder else { return Ok(()) };
        // A temporary folder must be new: another person may have made one of that name.
        let made = make_folder(folder, self.is_temporary);
        self.is_temporary &= made.is_ok();
        made.map_err(|error| Failure::record(folder, error))
    }

    /// Says that the page is not written, where one was asked for.
    pub(super) fn tell_unwritten(&self, language: Language) {
        const UNWRITTEN: Text = text!(
            "papo: {file} is not written: the demo was stopped before its end",
            "papo: {file} não foi gravado: a demonstração parou antes do fim",
        );
        if let Some(page) = &self.page {
            let told = UNWRITTEN.fill(language, &[("file", &page.path.display())]);
            let _ = writeln!(io::stderr(), "{told}");
        }
    }

    /// Writes the page of these recordings, if one is asked for.
    pub(super) fn write_page(&mut self, files: &[&str]) -> Result<(), Failure> {
        let (Some(page), Some(folder)) = (&mut self.page, &self.folder) else { return Ok(()) };
        let written = assemble(folder, files).and_then(|text| {
            page.file.set_len(0)?;
            page.file.write_all(text.as_bytes())
        });
        page.is_written = written.is_ok();
        written.map_err(|error| Failure::write(&page.path, error))
    }
}

impl Drop for Recordings {
    fn drop(&mut self) {
        if let (true, Some(folder)) = (self.is_temporary, &self.folder) {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

impl Page {
    fn create(path: PathBuf) -> Result<Self, Failure> {
        const NO_FILE: Text = text!(
            "{file} is no regular file, so no page can be written there",
            "{file} não é um arquivo comum, e nenhuma página pode ser gravada ali",
        );
        if fs::metadata(&path).is_ok_and(|data| !data.is_file() && !data.is_dir()) {
            return Err(Failure::usage(NO_FILE, &[("file", &path.display())]));
        }
        let is_new = !path.exists();
        let opened = File::options().create(true).write(true).truncate(false).open(&path);
        let file = opened.map_err(|error| Failure::write(&path, error))?;
        Ok(Self { path, file, is_new, is_written: false })
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        if self.is_new && !self.is_written {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn assemble(folder: &Path, files: &[&str]) -> io::Result<String> {
    use crate::player::{EmbeddedRecording, page};
    let read = |file: &&str| fs::read(folder.join(file));
    let read = files.iter().map(read).collect::<io::Result<Vec<_>>>()?;
    // A recording is UTF-8, unless the disk has an error.
    let texts: Vec<_> = read.iter().map(|bytes| String::from_utf8_lossy(bytes)).collect();
    let pairs = files.iter().zip(&texts);
    let recordings: Vec<_> = pairs.map(|(file, lines)| EmbeddedRecording { file, lines }).collect();
    Ok(page(&recordings, Some(INTRODUCTION)))
}
