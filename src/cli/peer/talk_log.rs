//! The texts of each conversation in a file of its own, with `--log`.
//!
//! ```text
//! ~/.local/state/papo/Bruno.log
//! 2026-11-21 12:34 -- Connected to Bruno
//! 2026-11-21 12:34 Ana: Oi Bruno!
//! ```
//!
//! It receives the notices that a person is shown. Read next: [`super::talk_files`], which has the
//! files.

use std::io;
use std::path::{Path, PathBuf};

use super::talk_files::TalkFiles;
use crate::cli::arguments::options::Choices;
use crate::cli::system::account;
use crate::cli::{Failure, arguments};
use crate::console::language::{Language, Text, text};
use crate::console::texts;
use crate::console::visible::visible;
use crate::console::wall_clock::WallTime;
use crate::peer::notice::{Ending, Notice, Partner, Standing};

/// The log that the options ask for: into `--log-dir`, or with `--log` into a folder of the user's
/// state directory (XDG).
pub(super) fn begin(matches: &Choices, language: Language) -> Result<Option<TalkLog>, Failure> {
    const CANNOT: Text =
        text!("cannot log into {folder}", "não é possível gravar as conversas em {folder}");
    let folder = match arguments::path(matches, "log-dir") {
        Some(folder) => folder,
        None if matches.is_on("log")? => state_folder()?,
        None => return Ok(None),
    };
    let name = folder.display().to_string();
    let cannot = |error| Failure::run(CANNOT, &[("folder", &name)]).because(error);
    TalkLog::begin(&folder, language).map(Some).map_err(cannot)
}

fn state_folder() -> Result<PathBuf, Failure> {
    const NO_HOME: Text = text!(
        "--log: there is no HOME. Say --log-dir DIR",
        "--log: não há HOME. Use --log-dir PASTA",
    );
    let state = account::state_folder().ok_or_else(|| Failure::usage(NO_HOME, &[]))?;
    Ok(state.join("papo"))
}

/// The line in place of lines that were left out.
const CUT: Text = text!(
    "[too much at once: the rest of this minute is not logged]",
    "[muito de uma vez: o resto deste minuto não é gravado]",
);

/// The files of the conversations with people whose names are shown without a mark.
#[derive(Debug)]
pub(super) struct TalkLog {
    files: TalkFiles,
    language: Language,
    me: String,
    now: Option<WallTime>,
    /// The conversations whose end is not logged yet.
    talks: Vec<Partner>,
    /// The last line could not be written, and the person was told.
    is_failing: bool,
}

impl TalkLog {
    /// Logs into this folder, which is made if there is none.
    fn begin(folder: &Path, language: Language) -> io::Result<Self> {
        let files = TalkFiles::begin(folder, CUT.of(language))?;
        let (me, talks) = (String::new(), Vec::new());
        Ok(Self { files, language, me, now: None, talks, is_failing: false })
    }

    /// Sets the local time.
    pub(super) fn tell_time(&mut self, now: WallTime) {
        if self.now != Some(now) {
            self.files.begin_minute();
        }
        self.now = Some(now);
    }

    /// Logs a notice. Returns the error of the first write that fails.
    #[allow(clippy::wildcard_enum_match_arm, reason = "the others belong to no conversation")]
    pub(super) fn hear(&mut self, notice: &Notice) -> Option<io::ErrorKind> {
        let (who, line) = match notice {
            Notice::Standing(standing) => return self.stand(standing),
            Notice::Said { to, text } => (to, format!("{}: {}", self.me, visible(text))),
            Notice::Text { from, .. } => (from, texts::sentence(self.language, notice)),
            Notice::Connected { who }
            | Notice::Verified { who }
            | Notice::Undelivered { who, .. }
            | Notice::Ended { who, .. } => {
                (who, format!("-- {}", texts::sentence(self.language, notice)))
            }
            _ => return None,
        };
        if let Notice::Ended { .. } = notice {
            self.talks.retain(|talk| talk.id != who.id);
        }
        self.log(who, &line)
    }

    /// Logs the end of each conversation that is no longer open: a program that exits shows no such
    /// notice.
    fn stand(&mut self, standing: &Standing) -> Option<io::ErrorKind> {
        let before = std::mem::replace(&mut self.talks, standing.open.clone());
        let is_open = |talk: &Partner| standing.open.iter().any(|who| who.id == talk.id);
        let mut failed = None;
        for who in before.into_iter().filter(|talk| !is_open(talk)) {
            let ended = Notice::Ended { who: who.clone(), how: Ending::ByUs };
            let line = format!("-- {}", texts::sentence(self.language, &ended));
            failed = failed.or(self.log(&who, &line));
        }
        self.me = standing.me.as_ref().map(ToString::to_string).unwrap_or_default();
        failed
    }

    /// Writes a line, unless the person may be an impostor: the line would be in the file of
    /// somebody else, or in thousands of files.
    fn log(&mut self, who: &Partner, line: &str) -> Option<io::ErrorKind> {
        if !who.trust.is_plain() {
            return None;
        }
        let line = format!("{}{line}\n", self.stamp());
        let result = self.files.write(&who.label, &line);
        let was_failing = std::mem::replace(&mut self.is_failing, result.is_err());
        result.err().filter(|_| !was_failing).map(|error| error.kind())
    }

    /// The date and time of a line. Empty: the zone is not known.
    fn stamp(&self) -> String {
        self.now.map_or_else(String::new, |now| {
            let WallTime { year, month, day, hour, minute } = now;
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} ")
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::peer::notice::{ConversationId, Trust};

    /// A log of its own, in a folder of its own.
    struct Temporary {
        folder: PathBuf,
        log: TalkLog,
    }

    impl Temporary {
        fn new(test: &str) -> Self {
            let name = format!("papo-talk-log-{test}-{}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            let log = TalkLog::begin(&folder, Language::English).expect("a folder");
            Self { folder, log }
        }

        fn text(&self, file: &str) -> String {
            std::fs::read_to_string(self.folder.join(file)).unwrap_or_default()
        }

        fn hears(&mut self, label: &str, text: &str) -> Option<io::ErrorKind> {
            let from = who(label, Trust::Confirmed);
            self.log.hear(&Notice::Text { from, text: text.as_bytes().to_vec(), cut: false })
        }
    }

    impl Drop for Temporary {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }

    fn who(label: &str, trust: Trust) -> Partner {
        Partner { id: ConversationId(1), label: label.to_string(), trust }
    }

    /// F2: a program that exits shows no end of its conversations.
    #[test]
    fn every_conversation_has_an_end_and_only_one() {
        let mut it = Temporary::new("ended");
        let bruno = who("Bruno", Trust::Confirmed);
        let camila = Partner { id: ConversationId(2), ..who("Camila", Trust::Confirmed) };
        let open = vec![bruno.clone(), camila.clone()];
        it.log.hear(&Notice::Standing(Standing { open, ..Standing::default() }));
        it.log.hear(&Notice::Ended { who: camila, how: Ending::ByThem });
        it.log.hear(&Notice::Standing(Standing::default()));
        assert_eq!(it.text("Bruno.log"), "-- Conversation with Bruno ended\n");
        assert_eq!(it.text("Camila.log"), "-- Camila ended the conversation\n");
    }

    /// F3: an impostor writes into no file of another person.
    #[test]
    fn nothing_is_written_of_people_who_are_not_confirmed() {
        let mut it = Temporary::new("doubt");
        for trust in [Trust::Unchecked, Trust::Doubtful, Trust::OtherFamily] {
            let from = who("Bruno", trust);
            it.log.hear(&Notice::Text { from, text: b"oi".to_vec(), cut: false });
        }
        assert_eq!(std::fs::read_dir(&it.folder).expect("a folder").count(), 0);
    }

    /// The error is told once, and again after a write that worked.
    #[test]
    fn a_failed_write_is_told_once() {
        let mut it = Temporary::new("full");
        let place = it.folder.join("Bruno.log");
        std::fs::create_dir(&place).expect("in its place");
        assert_eq!(it.hears("Bruno", "oi"), Some(io::ErrorKind::IsADirectory));
        assert_eq!(it.hears("Bruno", "oi"), None, "it was told");
        std::fs::remove_dir(&place).expect("out of its place");
        assert_eq!(it.hears("Bruno", "oi"), None, "it works again");
        std::fs::remove_file(&place).expect("the file");
        std::fs::create_dir(&place).expect("in its place");
        assert_eq!(it.hears("Bruno", "oi"), Some(io::ErrorKind::IsADirectory));
    }
}
