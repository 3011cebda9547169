//! The files of the log of conversations: their names, and their limits.
//!
//! A line is one small write to a file, which goes to the kernel's memory. It does not wait for a
//! slow disk, but may wait for a network file system. `system/files` opens the files. Must never
//! know what the lines say. Read next: [`super::talk_log`], which decides that.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::cli::system::files::{is_at, is_device, make_folder, open_to_append};

/// Most files of one run of the program. Further conversations are not logged.
const TALK_FILES_MAX: usize = 256;

/// Most bytes written to one file in a minute. The rest of the minute is left out.
const TALK_BYTES_PER_MINUTE: u64 = 1024 * 1024;

/// A file of so many bytes grows no more.
const TALK_FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Longest name of a file, in bytes: Linux allows 255.
const FILE_NAME_BYTES_MAX: usize = 240;

/// The files in one folder.
#[derive(Debug)]
pub(super) struct TalkFiles {
    folder: PathBuf,
    /// The line in place of lines that were left out.
    cut: &'static str,
    /// The last file, kept open: floods come from one conversation.
    open: Option<(String, File)>,
    /// The bytes written to each file in this minute. Names stay, because files are counted too.
    written: BTreeMap<String, u64>,
}

impl TalkFiles {
    /// Files in this folder, which is made if it does not exist.
    pub(super) fn begin(folder: &Path, cut: &'static str) -> io::Result<Self> {
        make_folder(folder, false)?;
        let (folder, written) = (folder.to_path_buf(), BTreeMap::new());
        Ok(Self { folder, cut, open: None, written })
    }

    /// Another minute has begun.
    pub(super) fn begin_minute(&mut self) {
        self.written.values_mut().for_each(|bytes| *bytes = 0);
    }

    /// Writes a line, its end included, to the file of a label.
    pub(super) fn write(&mut self, label: &str, line: &str) -> io::Result<()> {
        let name = file_name(label);
        if !self.written.contains_key(&name) && self.written.len() >= TALK_FILES_MAX {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        let bytes = self.written.entry(name.clone()).or_default();
        let before = std::mem::replace(bytes, *bytes + line.len() as u64);
        let is_last = before <= TALK_BYTES_PER_MINUTE && *bytes > TALK_BYTES_PER_MINUTE;
        if before > TALK_BYTES_PER_MINUTE {
            return Ok(());
        }
        let mut file = self.file(&name)?;
        if file.metadata()?.len() >= TALK_FILE_BYTES_MAX {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let cut = format!("{}\n", self.cut);
        file.write_all(if is_last { &cut } else { line }.as_bytes())?;
        self.open = Some((name, file));
        Ok(())
    }

    /// The file of that name. A new one is made if the old one was moved or removed, as programs
    /// that rotate logs do.
    fn file(&mut self, name: &str) -> io::Result<File> {
        let path = self.folder.join(name);
        match self.open.take() {
            Some((open, file)) if open == name && is_at(&file, &path) => Ok(file),
            _ => open_to_append(&path),
        }
    }
}

/// The file name of a label; different labels have different files. Characters that could lead out
/// of the folder, hide the file, or make it an option of `rm *`, are written as in a URL. (A label
/// has no invisible characters.) A name that is too long ends in a number made from all of it.
fn file_name(label: &str) -> String {
    let mut name = String::new();
    for (place, letter) in label.char_indices() {
        let is_plain = !letter.is_ascii() || letter.is_ascii_alphanumeric();
        let may_be_first = place > 0 || !is_device(label);
        let is_mark =
            matches!(letter, '_' | '@' | ' ') || (matches!(letter, '-' | '.') && place > 0);
        if (is_plain || is_mark) && may_be_first {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Files in a folder of their own.
    struct Temporary {
        folder: PathBuf,
        files: TalkFiles,
    }

    impl Temporary {
        fn new(test: &str) -> Self {
            let name = format!("papo-talk-files-{test}-{}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            let files = TalkFiles::begin(&folder, "[cut]").expect("a folder");
            Self { folder, files }
        }

        fn text(&self, file: &str) -> String {
            std::fs::read_to_string(self.folder.join(file)).unwrap_or_default()
        }

        fn says(&mut self, label: &str, text: &str) -> Option<io::ErrorKind> {
            let result = self.files.write(label, &format!("{label}: {text}\n"));
            result.err().map(|error| error.kind())
        }
    }

    impl Drop for Temporary {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let cases = [
            ("Bruno", "Bruno.log"),
            ("Ana Maria", "Ana Maria.log"),
            ("José@10.0.0.2", "José@10.0.0.2.log"),
            ("..", "%2E..log"),
            ("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd.log"),
            (".bashrc", "%2Ebashrc.log"),
            ("-rf", "%2Drf.log"),
            ("a-b", "a-b.log"),
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

    /// As programs that rotate logs expect.
    #[test]
    fn a_file_that_was_moved_or_removed_is_made_again() {
        let mut it = Temporary::new("moved");
        it.says("Bruno", "um");
        let (file, moved) = (it.folder.join("Bruno.log"), it.folder.join("Bruno.log.1"));
        std::fs::rename(&file, &moved).expect("it can be moved");
        it.says("Bruno", "dois");
        assert_eq!(it.text("Bruno.log.1"), "Bruno: um\n");
        assert_eq!(it.text("Bruno.log"), "Bruno: dois\n");
        std::fs::remove_file(&file).expect("it can be removed");
        it.says("Bruno", "três");
        assert_eq!(it.text("Bruno.log"), "Bruno: três\n");
    }

    /// A flood fills no disk.
    #[test]
    fn a_flood_is_cut_in_each_minute() {
        let mut it = Temporary::new("flood");
        let line = "x".repeat(4_000);
        for _ in 0..1_000 {
            it.says("Eva", &line);
        }
        let text = it.text("Eva.log");
        assert!(text.len() as u64 <= TALK_BYTES_PER_MINUTE + 100, "{} bytes", text.len());
        assert!(text.ends_with("x\n[cut]\n"), "it says so, once");
        it.files.begin_minute();
        it.says("Eva", "oi");
        assert!(it.text("Eva.log").ends_with("[cut]\nEva: oi\n"));
    }

    /// Nor do many callers make many files.
    #[test]
    fn the_number_of_files_is_bounded() {
        let mut it = Temporary::new("files");
        for number in 0..TALK_FILES_MAX {
            assert_eq!(it.says(&format!("Nome {number}"), "oi"), None);
        }
        assert_eq!(it.says("mais um", "oi"), Some(io::ErrorKind::QuotaExceeded));
        assert_eq!(it.says("Nome 0", "oi"), None, "those who have one go on");
        assert_eq!(std::fs::read_dir(&it.folder).expect("a folder").count(), TALK_FILES_MAX);
    }
}
