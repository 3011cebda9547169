//! The folder that `papo lab web` serves, on Windows: `folder.rs` has the same for Unix.
//!
//! Windows has no safe call that opens a name in an open folder. So each name of the path is
//! examined, and none may be a link. A limit: a folder that is replaced by a link between this and
//! the opening is followed. Names that mean something else on Windows (`a:b`, `CON`, `a.` for `a`)
//! are not found. Read next: [`crate::lab::web`].

use std::borrow::Cow;
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::windows::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::cli::system::files::is_device;
use crate::lab::web::{Facts, Files, Found, Missing};

/// A link, a mount point, or a file that another program provides when it is read.
const FILE_ATTRIBUTE_REPARSE_POINT: u32 = 0x400;

/// Opens a link itself, and not the file it leads to (`CreateFileW`).
const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;

/// The folder at a path.
#[derive(Debug)]
pub(super) struct Folder {
    /// An absolute path: the current folder of the program may be removed.
    root: PathBuf,
}

impl Folder {
    /// The folder at `root`, which may be a link itself.
    pub(super) fn at(root: &Path) -> io::Result<Self> {
        let root = std::path::absolute(root)?;
        let is_folder = std::fs::metadata(&root)?.is_dir();
        if is_folder { Ok(Self { root }) } else { Err(io::ErrorKind::NotADirectory.into()) }
    }
}

impl Files for Folder {
    type File = File;

    fn open(&self, names: &[Cow<'_, [u8]>]) -> Result<Found<File>, Missing> {
        let mut path = self.root.clone();
        let mut is_folder = std::fs::metadata(&path).map_err(why_missing)?.is_dir();
        for name in names {
            path.push(plain_name(name).filter(|_| is_folder).ok_or(Missing::NotFound)?);
            let found = std::fs::symlink_metadata(&path).map_err(why_missing)?;
            if found.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT != 0 {
                return Err(Missing::Forbidden);
            }
            is_folder = found.is_dir();
        }
        if is_folder { Ok(Found::Folder) } else { open_file(&path) }
    }

    fn read(&self, file: &File, at: u64, bytes_max: usize, out: &mut Vec<u8>) -> usize {
        let start = out.len();
        out.resize(start + bytes_max, 0);
        let mut count = 0;
        while count < bytes_max {
            match file.seek_read(&mut out[start + count..], at + count as u64) {
                Ok(0) | Err(_) => break,
                Ok(more) => count += more,
            }
        }
        out.truncate(start + count);
        count
    }
}

fn open_file(path: &Path) -> Result<Found<File>, Missing> {
    let mut options = OpenOptions::new();
    let options = options.read(true).custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
    let file = options.open(path).map_err(why_missing)?;
    let found = file.metadata().map_err(why_missing)?;
    if found.is_file() { Ok(Found::File(file, facts(&found))) } else { Err(Missing::Forbidden) }
}

fn facts(found: &Metadata) -> Facts {
    let modified = found.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let modified = modified.unwrap_or_default();
    Facts {
        length: found.len(),
        modified_s: modified.as_secs(),
        modified_ns: modified.subsec_nanos(),
    }
}

/// The name, if on Windows it means only a file of this name.
fn plain_name(name: &[u8]) -> Option<&str> {
    let name = str::from_utf8(name).ok()?;
    let is_odd = |letter: char| letter.is_control() || r#"<>:"/\|?*"#.contains(letter);
    let means_another = name.contains(is_odd) || name.ends_with(['.', ' ']) || is_device(name);
    (!means_another).then_some(name)
}

fn why_missing(error: io::Error) -> Missing {
    let is_forbidden = error.kind() == io::ErrorKind::PermissionDenied;
    if is_forbidden { Missing::Forbidden } else { Missing::NotFound }
}
