//! The page that plays recordings: its parts against the sources, its pages in `docs/pages`, and
//! all of it in a real browser.
//!
//! | file | about |
//! | --- | --- |
//! | [`parts`] | words in both languages, places in the sources, digests, numbers |
//! | [`browser`] | a browser, driven over WebDriver; tests are SKIPPED without one |
//! | [`shown`] | the use of a page |
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
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
