//! No recordings: `recordings.rs` has those of a build with the feature `full`.

use std::path::Path;

use crate::cli::Failure;
use crate::cli::arguments::options::Choices;
use crate::console::language::Language;

/// No recordings.
pub(super) struct Recordings;

impl Recordings {
    pub(super) fn of(_: &Choices) -> Result<Self, Failure> {
        Ok(Self)
    }

    pub(super) fn folder(&self) -> Option<&Path> {
        None
    }

    pub(super) fn tell_unwritten(&self, _: Language) {}

    pub(super) fn write_page(&mut self, _: &[&str]) -> Result<(), Failure> {
        Ok(())
    }
}
