//! A directory alone: `full.rs` has the extras of a build with the feature `full`.

use super::host::Host;
use crate::cli::Failure;
use crate::cli::arguments::options::Choices;
use crate::cli::host::listening::Listener;
use crate::cli::host::service::Service;
use crate::console::language::Language;

/// There is no value of this type.
pub(super) enum Extras {}

/// The arguments as they are.
pub(super) fn with_watch_place(arguments: &[String]) -> &[String] {
    arguments
}

/// No extras.
pub(super) fn extras(_: &Choices, _: Option<Language>) -> Result<Option<Extras>, Failure> {
    Ok(None)
}

/// No browsers.
pub(super) fn viewers_max(_: &Choices) -> usize {
    0
}

pub(super) fn serve(_: &Host, _: Service, _: Listener, extras: Extras) -> Result<u8, Failure> {
    match extras {}
}
