//! `--record FOLDER` and `--page FILE`: where the processes of the demo are recorded, and the page
//! that plays them.
//!
//! Must never know what stands in a recording. Read next: [`crate::player`], which makes the page.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::cli::arguments::options::Choices;
use crate::cli::system::files::make_folder;
use crate::cli::{Failure, arguments};

/// The introduction of the demo's page.
const INTRODUCTION: &str = include_str!("introduction.json");

/// The recordings that are asked for. A folder that nobody asked for is removed with this.
#[derive(Debug, Default)]
pub(super) struct Recordings {
    folder: Option<PathBuf>,
    /// The folder is only for the page.
    is_temporary: bool,
    /// Where the page goes, opened before the demo begins: after a minute would be late to learn
    /// that it cannot be written.
    page: Option<Page>,
}

/// The file of the page, with what was in it before until the page is.
#[derive(Debug)]
struct Page {
    path: PathBuf,
    file: File,
    /// It was not there before the demo. A demo that does not come to its end leaves no empty file.
    is_new: bool,
    is_written: bool,
}

impl Recordings {
    /// As the options say, with a folder made where one is wanted and there is none.
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
        // One of our own has to be new: in a folder for everybody another person may have made it.
        let made = make_folder(folder, self.is_temporary);
        self.is_temporary &= made.is_ok();
        made.map_err(|error| Failure::record(folder, error))
    }

    /// Writes the page, if one is asked for, of the recordings with these names.
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

fn assemble(folder: &Path, files: &[&str]) -> std::io::Result<String> {
    use crate::player::{EmbeddedRecording, page};
    let read = |file: &&str| fs::read(folder.join(file));
    let read = files.iter().map(read).collect::<std::io::Result<Vec<_>>>()?;
    // A recording is UTF-8, but for a disk that lied.
    let texts: Vec<_> = read.iter().map(|bytes| String::from_utf8_lossy(bytes)).collect();
    let pairs = files.iter().zip(&texts);
    let recordings: Vec<_> = pairs.map(|(file, lines)| EmbeddedRecording { file, lines }).collect();
    Ok(page(&recordings, Some(INTRODUCTION)))
}
