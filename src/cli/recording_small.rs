//! No recordings: `recording.rs` has those of a build with the feature `full`.

use std::net::SocketAddr;

use super::Failure;
use super::arguments::options::Choices;
use crate::console::language::Language;
use crate::event_loop::recorder::Unrecorded;

/// The recorder of a loop that may be recorded.
pub(crate) type MayRecord = Unrecorded;

/// Records nothing.
pub(crate) fn begin(
    _: &Choices,
    _: Option<Language>,
    _: &str,
    _: &[SocketAddr],
) -> Result<MayRecord, Failure> {
    Ok(Unrecorded)
}
