//! The page that plays recordings: its parts against the sources, its pages in `docs/pages`, and
//! all of it in a real browser.
//!
//! | file | has |
//! | --- | --- |
//! | [`parts`] | words in both languages, places that are there, digests, numbers |
//! | [`browser`] | a browser, driven over WebDriver; none: what needs it is not checked, and says so |
//! | [`shown`] | what a person does with a page |
//! | [`hostile`] | recordings that are cut, foreign, or made to do harm |
//! | [`lessons`] | the sessions of `docs/pages`, on real sockets |
//! | [`pages`] | the files in `docs/pages`: compared, or written by `make pages` |

mod browser;
mod hostile;
mod lessons;
mod pages;
mod parts;
mod shown;

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A folder of this test alone, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("papo-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).expect("is written");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
