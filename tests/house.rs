//! The rules of the sources and of the documents.
//!
//! | module | about |
//! | --- | --- |
//! | [`tidy`] | the rules of the house, in the sources |
//! | [`pages`] | documents, man pages, completions, help and examples agree with the code |
//! | [`traps`] | each mistake that `docs/READING.md` lists has a patch and a test |

mod pages;
mod support;
mod tidy;
mod traps;
