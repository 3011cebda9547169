//! Files and folders that only their person may read, on Windows: `private_files.rs` has the same
//! for Unix.
//!
//! A folder below that of the person is theirs alone there, by inheritance: nothing is set here.
//! Read next: `talk_files` and `recording`, which write to them.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::Path;

/// Opens a symbolic link itself, and not the file it leads to (`CreateFileW`).
const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;

/// Makes a folder, and those above it, unless it is there. With `is_new` it must not be there.
pub(super) fn make_folder(folder: &Path, is_new: bool) -> io::Result<()> {
    if is_new { fs::create_dir(folder) } else { fs::create_dir_all(folder) }
}

/// Whether the open file still lies there. It is not known, so each line opens it anew.
pub(super) fn is_at(_: &File, _: &Path) -> bool {
    false
}

/// Follows no link.
pub(super) fn open_to_append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true).custom_flags(FILE_FLAG_OPEN_REPARSE_POINT).open(path)
}

/// A new file, or an old one made empty.
pub(super) fn open_to_record(path: &Path) -> io::Result<File> {
    File::create(path)
}
