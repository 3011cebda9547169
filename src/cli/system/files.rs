//! Paths, and files and folders that only their person may read, on Unix.
//!
//! Read next: `talk_files` and `recording`, which write such files.

use std::ffi::OsStr;
use std::fs::{DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::io::Errno;

/// Rights for the owner only: folders, and files.
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// A path, which may be any bytes.
pub(crate) fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(bytes))
}

/// Whether a file of this name would be a device in each folder: no name is one on Unix.
pub(crate) fn is_device(_: &str) -> bool {
    false
}

/// Makes a folder. With `is_new` it must not exist; otherwise it may, and missing parents are made.
pub(crate) fn make_folder(folder: &Path, is_new: bool) -> io::Result<()> {
    let made = DirBuilder::new().recursive(!is_new).mode(FOLDER_MODE).create(folder);
    made.map_err(|error| {
        let is_no_folder = !is_new && error.kind() == io::ErrorKind::AlreadyExists;
        if is_no_folder { io::ErrorKind::NotADirectory.into() } else { error }
    })
}

/// Whether the open file is still the one at this path.
pub(crate) fn is_at(file: &File, path: &Path) -> bool {
    let place = |data: Metadata| (data.dev(), data.ino());
    let (ours, theirs) = (file.metadata().map(place), std::fs::symlink_metadata(path).map(place));
    matches!((ours, theirs), (Ok(ours), Ok(theirs)) if ours == theirs)
}

/// Opens a file to append to it. Follows no link, and does not wait for the reader of a FIFO.
pub(crate) fn open_to_append(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    OpenOptions::new().append(true).create(true).mode(FILE_MODE).custom_flags(flags).open(path)
}

/// Opens a file for a recording, and empties it. An old file may be readable by others, so its mode
/// is changed before the first byte.
pub(crate) fn open_to_record(path: &Path) -> io::Result<File> {
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
        // A FIFO without a reader opens only for both directions, and then takes what fits.
        Err(error) if is_unread(&error) => how.read(true).create(false).truncate(false).open(path),
        other => other,
    }
}
