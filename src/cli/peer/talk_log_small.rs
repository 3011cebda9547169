//! No log of conversations: `talk_log.rs` has that of a build with the line editor.

use std::io;

use crate::cli::Failure;
use crate::cli::arguments::options::Choices;
use crate::console::language::Language;
use crate::peer::notice::Notice;

/// There is no value of this type.
pub(super) enum TalkLog {}

/// Logs nothing.
pub(super) fn begin(_: &Choices, _: Language) -> Result<Option<TalkLog>, Failure> {
    Ok(None)
}

impl TalkLog {
    pub(super) fn hear(&mut self, _: &Notice) -> Option<io::ErrorKind> {
        match *self {}
    }
}
