//! The directory's notices on their way to the log: as log lines or, for a person at a terminal,
//! as sentences.
//!
//! Read next: [`super::log_line`] and `log_sentence`.

use super::language::Language;
use super::log_line::LogLine;
#[cfg(feature = "tools")]
use super::{log_line::kind, log_sentence};
use crate::directory::notice::Notice;

/// The log target of each sentence begins with this. The kind of the notice follows, because the
/// sentence itself does not have it: `papo::spoken::join`.
pub const SPOKEN_TARGET: &str = "papo::spoken::";

/// Writes a directory's notices to the log, at level `info`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Journal {
    /// The language of the sentences for a person. `None`: `key=value` lines.
    pub language: Option<Language>,
}

impl Journal {
    /// Logs one notice.
    pub fn tell(self, notice: &Notice) {
        #[cfg(feature = "tools")]
        if let Some(language) = self.language {
            if log_sentence::is_end_of_query(notice) {
                return;
            }
            let target = format!("{SPOKEN_TARGET}{}", kind(notice));
            log::info!(target: &target, "{}", log_sentence::sentence(language, notice));
            return;
        }
        log::info!("{}", LogLine(notice));
    }
}
