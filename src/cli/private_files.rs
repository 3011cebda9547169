//! Files and folders that only their person may read, on Unix.
//!
//! `private_files_windows.rs` has the same for Windows. Read next: `talk_files` and `recording`,
//! which write to them.

use std::fs::{DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::OFlags;
use rustix::io::Errno;

/// Only for the person: folders, and files.
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// Makes a folder, and those above it, unless it is there. With `is_new` it must not be there.
pub(super) fn make_folder(folder: &Path, is_new: bool) -> io::Result<()> {
    DirBuilder::new().recursive(!is_new).mode(FOLDER_MODE).create(folder)
}

/// Whether the open file still lies there.
pub(super) fn is_at(file: &File, path: &Path) -> bool {
    let place = |data: Metadata| (data.dev(), data.ino());
    let (ours, theirs) = (file.metadata().map(place), std::fs::symlink_metadata(path).map(place));
    matches!((ours, theirs), (Ok(ours), Ok(theirs)) if ours == theirs)
}

/// Follows no link, and does not wait for the reader of a FIFO: whatever lies in the folder.
pub(super) fn open_to_append(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    OpenOptions::new().append(true).create(true).mode(FILE_MODE).custom_flags(flags).open(path)
}

/// An old file may be readable by others: its mode is changed before the first byte.
pub(super) fn open_to_record(path: &Path) -> io::Result<File> {
    let mut how = OpenOptions::new();
    how.write(true).create(true).truncate(true).mode(FILE_MODE);
    how.custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits() as i32);
    let opened = how.open(path);
    let is_unread = |error: &io::Error| Errno::from_io_error(error) == Some(Errno::NXIO);
    match opened {
        Ok(file) if file.metadata()?.is_file() => {
            file.set_permissions(Permissions::from_mode(FILE_MODE))?;
            Ok(file)
        }
        // A FIFO that nobody reads yet opens for both directions only, and then takes what fits.
        Err(error) if is_unread(&error) => how.read(true).create(false).truncate(false).open(path),
        other => other,
    }
}
