//! What is said in each conversation, in a file of its own, for who asked for it.
//!
//! ```text
//! ~/.local/state/papo/Bruno.log
//! 2026-11-21 12:34 -- Connected to Bruno
//! 2026-11-21 12:34 Ana: Oi Bruno!
//! ```
//!
//! [`Logged`] stands before a terminal and hears what that is shown. On a terminal that is drawn
//! on it also shows the program's own log lines, each above what it came to. Read next:
//! [`super::talk_files`], which has the files.

use std::io;
use std::ops::Deref;
use std::path::Path;

use super::log_setup::Log;
use super::talk_files::TalkFiles;
use crate::console::texts;
use crate::console::visible::visible;
use crate::console::words::Language;
use crate::machine::{Output, Terminal, WallTime, Wish};
use crate::peer::command::Command;
use crate::peer::notice::{Ending, Notice, Standing, Who};

/// The files of all conversations with people whose names need no mark.
#[derive(Debug)]
pub struct TalkLog {
    files: TalkFiles,
    language: Language,
    me: String,
    now: Option<WallTime>,
    /// The conversations of which the log has no end yet.
    talks: Vec<Who>,
    /// The last line could not be written, and the person knows.
    is_failing: bool,
}

impl TalkLog {
    /// Logs into this folder, which is made if there is none.
    ///
    /// # Errors
    ///
    /// If it cannot be made.
    pub fn begin(folder: &Path, language: Language) -> io::Result<Self> {
        let files = TalkFiles::begin(folder, language.words().log_cut)?;
        let (me, talks) = (String::new(), Vec::new());
        Ok(Self { files, language, me, now: None, talks, is_failing: false })
    }

    /// Takes note of the time.
    fn tell_time(&mut self, now: WallTime) {
        if self.now != Some(now) {
            self.files.begin_minute();
        }
        self.now = Some(now);
    }

    /// Takes note of a notice. Some: it could not be written, which was not so before.
    #[allow(clippy::wildcard_enum_match_arm, reason = "the others belong to no conversation")]
    fn hear(&mut self, notice: &Notice) -> Option<io::ErrorKind> {
        let (who, line) = match notice {
            Notice::Standing(standing) => return self.stand(standing),
            Notice::Said { to, text } => (to, format!("{}: {}", self.me, visible(text))),
            Notice::Text { from, .. } => (from, texts::text(self.language, notice)),
            Notice::Connected { who }
            | Notice::Verified { who }
            | Notice::Undelivered { who, .. }
            | Notice::Ended { who, .. } => {
                (who, format!("-- {}", texts::text(self.language, notice)))
            }
            _ => return None,
        };
        if let Notice::Ended { .. } = notice {
            self.talks.retain(|talk| talk.id != who.id);
        }
        self.log(who, &line)
    }

    /// A conversation that is not open any more has ended, also where nothing was shown of that:
    /// the program is leaving.
    fn stand(&mut self, standing: &Standing) -> Option<io::ErrorKind> {
        let before = std::mem::replace(&mut self.talks, standing.open.clone());
        let is_open = |talk: &Who| standing.open.iter().any(|who| who.id == talk.id);
        let mut failed = None;
        for who in before.into_iter().filter(|talk| !is_open(talk)) {
            let ended = Notice::Ended { who: who.clone(), how: Ending::ByUs };
            let line = format!("-- {}", texts::text(self.language, &ended));
            failed = failed.or(self.log(&who, &line));
        }
        self.me = standing.me.as_ref().map(ToString::to_string).unwrap_or_default();
        failed
    }

    /// Nothing is written of people who may not be who they say: it would stand in the file of
    /// somebody else, or in thousands of files.
    fn log(&mut self, who: &Who, line: &str) -> Option<io::ErrorKind> {
        if !who.trust.is_plain() {
            return None;
        }
        let line = format!("{}{line}\n", self.stamp());
        let result = self.files.write(&who.label, &line);
        let was_failing = std::mem::replace(&mut self.is_failing, result.is_err());
        result.err().filter(|_| !was_failing).map(|error| error.kind())
    }

    /// Nothing where the zone of the time is not known.
    fn stamp(&self) -> String {
        self.now.map_or_else(String::new, |now| {
            let WallTime { year, month, day, hour, minute } = now;
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} ")
        })
    }
}

/// A terminal whose conversations are logged, or are not.
#[derive(Debug)]
pub struct Logged<T> {
    terminal: T,
    log: Option<TalkLog>,
    /// The program's own log, where it may hold lines that are to stand on this terminal.
    program_log: Option<Log>,
}

impl<T> Logged<T> {
    /// `terminal`, with a log of its conversations where there is one, and what the program itself
    /// logs where that goes to the same screen.
    pub fn new(terminal: T, log: Option<TalkLog>, program_log: Option<Log>) -> Self {
        Self { terminal, log, program_log }
    }
}

impl<T: Terminal<Command>> Logged<T> {
    /// What was logged before something is shown stands above it: the protocol's line, and then
    /// what that came to. The others follow at the end of the turn.
    fn show_held(&mut self, output: &mut Output) {
        if let Some((lines, dropped)) = self.program_log.as_ref().and_then(Log::take_held) {
            self.terminal.show_log(&lines, output);
            if dropped > 0 {
                self.terminal.show_skipped(dropped, output);
            }
        }
    }
}

/// To be asked as the terminal itself.
impl<T> Deref for Logged<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.terminal
    }
}

/// A terminal without a log.
impl<T> From<T> for Logged<T> {
    fn from(terminal: T) -> Self {
        Self::new(terminal, None, None)
    }
}

impl<T: Terminal<Command, Notice = Notice>> Terminal<Command> for Logged<T> {
    type Notice = Notice;

    const RESTORE: &str = T::RESTORE;

    fn show(&mut self, notice: Notice, output: &mut Output) {
        self.show_held(output);
        let failed = self.log.as_mut().and_then(|log| log.hear(&notice));
        self.terminal.show(notice, output);
        if let Some(error) = failed {
            self.terminal.show(Notice::NotLogged { error }, output);
        }
    }

    fn wants_time(&self) -> bool {
        self.log.is_some() || self.terminal.wants_time()
    }

    fn tell_time(&mut self, now: WallTime) {
        if let Some(log) = &mut self.log {
            log.tell_time(now);
        }
        self.terminal.tell_time(now);
    }

    // All else is the terminal's alone.

    fn type_bytes(&mut self, bytes: &[u8]) {
        self.terminal.type_bytes(bytes);
    }

    fn end_typing(&mut self) {
        self.terminal.end_typing();
    }

    fn next_typed(&mut self) -> Option<Command> {
        self.terminal.next_typed()
    }

    fn answer_typed(&mut self, output: &mut Output) {
        self.terminal.answer_typed(output);
    }

    fn show_skipped(&mut self, lines: usize, output: &mut Output) {
        self.terminal.show_skipped(lines, output);
    }

    fn take_screen(&mut self, output: &mut Output) {
        self.terminal.take_screen(output);
    }

    fn release_screen(&mut self, output: &mut Output) {
        self.terminal.release_screen(output);
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        self.terminal.resize(columns, rows);
    }

    fn show_log(&mut self, lines: &[u8], output: &mut Output) {
        self.terminal.show_log(lines, output);
    }

    fn draw(&mut self, output: &mut Output) {
        self.terminal.draw(output);
    }

    fn reads_ahead(&self) -> bool {
        self.terminal.reads_ahead()
    }

    fn next_wish(&mut self) -> Option<Wish> {
        self.terminal.next_wish()
    }

    fn typing_settles_in(&self) -> Option<u64> {
        self.terminal.typing_settles_in()
    }

    fn settle_typing(&mut self) {
        self.terminal.settle_typing();
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::peer::conversation::ConversationId;
    use crate::peer::notice::Trust;

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

    fn who(label: &str, trust: Trust) -> Who {
        Who { id: ConversationId(1), label: label.to_string(), trust }
    }

    /// F2: the program leaves, and shows nothing of the ends of its conversations.
    #[test]
    fn every_conversation_has_an_end_and_only_one() {
        let mut it = Temporary::new("ended");
        let bruno = who("Bruno", Trust::Confirmed);
        let camila = Who { id: ConversationId(2), ..who("Camila", Trust::Confirmed) };
        let open = vec![bruno.clone(), camila.clone()];
        it.log.hear(&Notice::Standing(Standing { open, ..Standing::default() }));
        it.log.hear(&Notice::Ended { who: camila, how: Ending::ByThem });
        it.log.hear(&Notice::Standing(Standing::default()));
        assert_eq!(it.text("Bruno.log"), "-- Conversation with Bruno ended\n");
        assert_eq!(it.text("Camila.log"), "-- Camila ended the conversation\n");
    }

    /// F3: an impostor writes into nobody's file.
    #[test]
    fn nothing_is_written_of_people_who_are_not_confirmed() {
        let mut it = Temporary::new("doubt");
        for trust in [Trust::Unchecked, Trust::Doubtful, Trust::OtherFamily] {
            let from = who("Bruno", trust);
            it.log.hear(&Notice::Text { from, text: b"oi".to_vec(), cut: false });
        }
        assert_eq!(std::fs::read_dir(&it.folder).expect("a folder").count(), 0);
    }

    /// Where a file cannot be had: told once, and again after it has worked.
    #[test]
    fn what_cannot_be_written_is_told_once() {
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
