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

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::ops::Deref;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::log_setup::Log;
use crate::console::texts;
use crate::console::visible::visible;
use crate::console::words::Language;
use crate::machine::{Output, Terminal, WallTime, Wish};
use crate::peer::command::Command;
use crate::peer::notice::{Notice, Who};

/// Only for whom it belongs to: folders, and files.
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// The files of all conversations.
#[derive(Debug)]
pub struct TalkLog {
    folder: PathBuf,
    language: Language,
    me: String,
    now: Option<WallTime>,
    /// The file that was written last, kept open: who floods us is one.
    open: Option<(String, File)>,
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
        let (folder, me) = (folder.to_path_buf(), String::new());
        Ok(Self { folder, language, me, now: None, open: None, is_failing: false })
    }

    /// Takes note of a notice. Some: it could not be written, which was not so before.
    #[allow(clippy::wildcard_enum_match_arm, reason = "the others belong to no conversation")]
    fn hear(&mut self, notice: &Notice) -> Option<io::ErrorKind> {
        let (who, line) = match notice {
            Notice::Standing(standing) => {
                self.me = standing.me.as_ref().map(ToString::to_string).unwrap_or_default();
                return None;
            }
            Notice::Said { to, text } => (to, format!("{}: {}", self.me, visible(text))),
            Notice::Text { from, .. } => (from, texts::text(self.language, notice)),
            Notice::Connected { who }
            | Notice::NotVerified { who, .. }
            | Notice::Undelivered { who, .. }
            | Notice::Ended { who, .. } => {
                (who, format!("-- {}", texts::text(self.language, notice)))
            }
            _ => return None,
        };
        let result = self.write(who, &format!("{}{line}\n", self.stamp()));
        let was_failing = std::mem::replace(&mut self.is_failing, result.is_err());
        result.err().filter(|_| !was_failing).map(|error| error.kind())
    }

    fn write(&mut self, who: &Who, line: &str) -> io::Result<()> {
        let name = file_name(&who.label);
        let mut file = match self.open.take() {
            Some((open, file)) if open == name => file,
            _ => open_file(&self.folder.join(&name))?,
        };
        file.write_all(line.as_bytes())?;
        self.open = Some((name, file));
        Ok(())
    }

    /// Nothing where the zone of the time is not known.
    fn stamp(&self) -> String {
        self.now.map_or_else(String::new, |now| {
            let WallTime { year, month, day, hour, minute } = now;
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} ")
        })
    }
}

/// Follows no link, and does not wait for the reader of a FIFO: whatever lies in the folder.
fn open_file(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    OpenOptions::new().append(true).create(true).mode(FILE_MODE).custom_flags(flags).open(path)
}

/// A file for each name and a name for each file: what could lead out of the folder, or hide, is
/// written as in a URL (what cannot be seen is in no name). At most 252 bytes, of 255 that Linux
/// allows, for the longest of names.
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
    name + ".log"
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
            log.now = Some(now);
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
        let longest = format!("{}@2001:db8:1111:2222:3333:4444:5555:6666", "/".repeat(64));
        assert!(file_name(&longest).len() <= 255, "{}", file_name(&longest).len());
    }

    /// A disk that is full, as `/dev/full` plays it: told once, and again after it has worked.
    #[test]
    fn what_cannot_be_written_is_told_once() {
        let folder = std::env::temp_dir().join(format!("papo-talk-log-{}", std::process::id()));
        let mut log = TalkLog::begin(&folder, Language::English).expect("a folder");
        let who =
            Who { id: ConversationId(1), label: "Bruno".to_string(), trust: Trust::Confirmed };
        let said = Notice::Said { to: who, text: b"oi".to_vec() };
        let full = || OpenOptions::new().write(true).open("/dev/full").expect("a full disk");
        log.open = Some(("Bruno.log".to_string(), full()));
        assert_eq!(log.hear(&said), Some(io::ErrorKind::StorageFull));
        log.open = Some(("Bruno.log".to_string(), full()));
        assert_eq!(log.hear(&said), None, "it was told");
        assert_eq!(log.hear(&said), None, "it works again");
        log.open = Some(("Bruno.log".to_string(), full()));
        assert_eq!(log.hear(&said), Some(io::ErrorKind::StorageFull));
        let _ = std::fs::remove_dir_all(folder);
    }
}
