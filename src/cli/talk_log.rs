//! What is said in each conversation, in a file of its own, for who asked for it.
//!
//! ```text
//! ~/.local/state/papo/Bruno.log
//! 2026-11-21 12:34 -- Connected to Bruno
//! 2026-11-21 12:34 Ana: Oi Bruno!
//! ```
//!
//! [`Logged`] stands before a terminal and hears what that is shown. On a terminal that is drawn
//! on it also shows the program's own log lines, each above what it came to. It is here, and not in
//! `terminal`, because it opens files. A line is one small write to a file, which is the kernel's
//! memory: a disk that is slow is not waited for, but a network's file system could be.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::ops::Deref;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::log_setup::Log;
use crate::console::texts;
use crate::console::visible::visible;
use crate::console::words::Language;
use crate::machine::{Output, Terminal, WallTime, Wish};
use crate::peer::command::Command;
use crate::peer::notice::{Ending, Notice, Standing, Who};

/// Only for whom it belongs to: folders, and files.
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// Most files that one run of the program writes to. Conversations beyond them are not logged.
pub const TALK_FILES_MAX: usize = 256;

/// Most that is written to one file in a minute, in bytes. The rest of the minute is left out.
pub const TALK_BYTES_PER_MINUTE: u64 = 1024 * 1024;

/// A file that is as long as this grows no more, in bytes.
pub const TALK_FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Longest name of a file, in bytes: Linux allows 255.
const FILE_NAME_BYTES_MAX: usize = 240;

/// The files of all conversations with people whose names need no mark.
#[derive(Debug)]
pub struct TalkLog {
    folder: PathBuf,
    language: Language,
    me: String,
    now: Option<WallTime>,
    /// The file that was written last, kept open: floods come from one conversation.
    open: Option<(String, File)>,
    /// How many bytes went to each file in this minute. The names stay, to be counted.
    written: BTreeMap<String, u64>,
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
        DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(folder)?;
        Ok(Self {
            folder: folder.to_path_buf(),
            language,
            me: String::new(),
            now: None,
            open: None,
            written: BTreeMap::new(),
            talks: Vec::new(),
            is_failing: false,
        })
    }

    /// Takes note of the time.
    fn tell_time(&mut self, now: WallTime) {
        if self.now != Some(now) {
            self.written.values_mut().for_each(|bytes| *bytes = 0);
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
        let result = self.write(who, &format!("{}{line}\n", self.stamp()));
        let was_failing = std::mem::replace(&mut self.is_failing, result.is_err());
        result.err().filter(|_| !was_failing).map(|error| error.kind())
    }

    fn write(&mut self, who: &Who, line: &str) -> io::Result<()> {
        let name = file_name(&who.label);
        if !self.written.contains_key(&name) && self.written.len() >= TALK_FILES_MAX {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        let before = *self.written.entry(name.clone()).or_default();
        let after = before + line.len() as u64;
        self.written.insert(name.clone(), after);
        if before > TALK_BYTES_PER_MINUTE {
            return Ok(());
        }
        let is_too_much = after > TALK_BYTES_PER_MINUTE;
        let line = if is_too_much { self.language.words().log_cut } else { line };
        let mut file = self.file(&name)?;
        if file.metadata()?.len() >= TALK_FILE_BYTES_MAX {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        file.write_all(line.as_bytes())?;
        if is_too_much {
            file.write_all(b"\n")?;
        }
        self.open = Some((name, file));
        Ok(())
    }

    /// The file of that path: a new one where the old one was moved or removed, as programs that
    /// rotate logs do.
    fn file(&mut self, name: &str) -> io::Result<File> {
        let path = self.folder.join(name);
        match self.open.take() {
            Some((open, file)) if open == name && is_at(&file, &path) => Ok(file),
            _ => open_file(&path),
        }
    }

    /// Nothing where the zone of the time is not known.
    fn stamp(&self) -> String {
        self.now.map_or_else(String::new, |now| {
            let WallTime { year, month, day, hour, minute } = now;
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} ")
        })
    }
}

fn is_at(file: &File, path: &Path) -> bool {
    let place = |data: Metadata| (data.dev(), data.ino());
    let (ours, theirs) = (file.metadata().map(place), std::fs::symlink_metadata(path).map(place));
    matches!((ours, theirs), (Ok(ours), Ok(theirs)) if ours == theirs)
}

/// Follows no link, and does not wait for the reader of a FIFO: whatever lies in the folder.
fn open_file(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    OpenOptions::new().append(true).create(true).mode(FILE_MODE).custom_flags(flags).open(path)
}

/// A file for each name and a name for each file: what could lead out of the folder, or hide, is
/// written as in a URL (what cannot be seen is in no name). A name that is too long for a file
/// ends in a number made of all of it.
fn file_name(label: &str) -> String {
    let mut name = String::new();
    for (place, letter) in label.char_indices() {
        let is_plain = !letter.is_ascii() || letter.is_ascii_alphanumeric();
        if is_plain || matches!(letter, '-' | '_' | '@' | ' ') || (letter == '.' && place > 0) {
            name.push(letter);
        } else {
            let mut bytes = [0; 4];
            let bytes = letter.encode_utf8(&mut bytes).bytes();
            name.extend(bytes.map(|byte| format!("%{byte:02X}")));
        }
    }
    if name.len() + ".log".len() > FILE_NAME_BYTES_MAX {
        let end = format!("%{:016X}", number_of(label));
        while name.len() + end.len() + ".log".len() > FILE_NAME_BYTES_MAX {
            name.pop();
        }
        name.push_str(&end);
    }
    name + ".log"
}

/// FNV-1a: the same in every run, which std's hash is not.
fn number_of(label: &str) -> u64 {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    label.bytes().fold(0xCBF2_9CE4_8422_2325, mix)
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
    use super::*;
    use crate::peer::conversation::ConversationId;
    use crate::peer::notice::Trust;

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let cases = [
            ("Bruno", "Bruno.log"),
            ("Ana Maria", "Ana Maria.log"),
            ("José@10.0.0.2", "José@10.0.0.2.log"),
            ("..", "%2E..log"),
            ("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd.log"),
            (".bashrc", "%2Ebashrc.log"),
            ("%2E.", "%252E..log"),
            ("a\\b", "a%5Cb.log"),
        ];
        for (label, name) in cases {
            assert_eq!(file_name(label), name);
        }
        let (one, other) = ("/".repeat(255), format!("{}x", "/".repeat(254)));
        assert_ne!(file_name(&one), file_name(&other));
        for name in [one, other, "é".repeat(127)] {
            assert!(file_name(&name).len() <= FILE_NAME_BYTES_MAX, "{}", file_name(&name).len());
        }
    }

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

    /// F1: as programs that rotate logs expect.
    #[test]
    fn a_file_that_was_moved_or_removed_is_made_again() {
        let mut it = Temporary::new("moved");
        it.hears("Bruno", "um");
        let (file, moved) = (it.folder.join("Bruno.log"), it.folder.join("Bruno.log.1"));
        std::fs::rename(&file, &moved).expect("it can be moved");
        it.hears("Bruno", "dois");
        assert_eq!(it.text("Bruno.log.1"), "Bruno: um\n");
        assert_eq!(it.text("Bruno.log"), "Bruno: dois\n");
        std::fs::remove_file(&file).expect("it can be removed");
        it.hears("Bruno", "três");
        assert_eq!(it.text("Bruno.log"), "Bruno: três\n");
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

    /// F3: a flood fills no disk.
    #[test]
    fn a_flood_is_cut_in_each_minute() {
        let mut it = Temporary::new("flood");
        let line = "x".repeat(4_000);
        let minute = WallTime { year: 2026, month: 11, day: 21, hour: 12, minute: 34 };
        it.log.tell_time(minute);
        for _ in 0..1_000 {
            it.hears("Eva", &line);
        }
        let text = it.text("Eva.log");
        assert!(text.len() as u64 <= TALK_BYTES_PER_MINUTE + 100, "{} bytes", text.len());
        assert!(text.ends_with(&format!("{}\n", Language::English.words().log_cut)), "it says so");
        it.log.tell_time(WallTime { minute: 35, ..minute });
        it.hears("Eva", "oi");
        assert!(it.text("Eva.log").ends_with("12:35 Eva: oi\n"));
    }

    /// F3: nor do many callers make many files.
    #[test]
    fn the_number_of_files_is_bounded() {
        let mut it = Temporary::new("files");
        for number in 0..TALK_FILES_MAX {
            assert_eq!(it.hears(&format!("Nome {number}"), "oi"), None);
        }
        assert_eq!(it.hears("mais um", "oi"), Some(io::ErrorKind::QuotaExceeded));
        assert_eq!(it.hears("Nome 0", "oi"), None, "those who have one go on");
        assert_eq!(std::fs::read_dir(&it.folder).expect("a folder").count(), TALK_FILES_MAX);
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
