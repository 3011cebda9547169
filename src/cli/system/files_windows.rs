//! Paths, and files and folders that only their person may read, on Windows: `files.rs` has the
//! same for Unix.
//!
//! A folder below the person's own inherits its rights, so nothing is set here. Read next:
//! `talk_files` and `recording`, which write such files.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Opens a symbolic link itself, and not the file it leads to (`CreateFileW`).
const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;

/// Names that are devices in every folder, whatever ending they have: a file `CON.log` is the
/// console.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// Names that are devices with one digit behind them.
const NUMBERED_DEVICES: [&str; 2] = ["COM", "LPT"];

/// A path, which is text. U+FFFD stands for what is no text, such as half of a UTF-16 pair.
pub(crate) fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// Whether a file of this name would be a device in each folder.
pub(crate) fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let is_numbered = NUMBERED_DEVICES.iter().any(|device| {
        let number = stem.strip_prefix(device).map(|number| number.chars().collect::<Vec<_>>());
        matches!(number.as_deref(), Some(['0'..='9' | '¹' | '²' | '³']))
    });
    is_numbered || DEVICES.contains(&stem.as_str())
}

/// Makes a folder. With `is_new` it must not exist; otherwise it may, and missing parents are made.
pub(crate) fn make_folder(folder: &Path, is_new: bool) -> io::Result<()> {
    if is_new { fs::create_dir(folder) } else { fs::create_dir_all(folder) }
}

/// Whether the open file is still the one at this path. std does not tell that here, so each line
/// opens its file again.
pub(crate) fn is_at(_: &File, _: &Path) -> bool {
    false
}

/// Opens a file to append to it. Follows no link.
pub(crate) fn open_to_append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true).custom_flags(FILE_FLAG_OPEN_REPARSE_POINT).open(path)
}

/// Opens a file for a recording, and empties it.
pub(crate) fn open_to_record(path: &Path) -> io::Result<File> {
    File::create(path)
}
