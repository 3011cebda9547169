//! The folder that `papo lab web` serves, and what is below it.
//!
//! Each name is opened in the folder before it, and no name may be a symbolic link. So no request
//! leads out of the root, whatever its names are, and whatever changes below the root meanwhile.
//! (openat2 with RESOLVE_BENEATH would allow links that stay inside, but some kernels and some
//! sandboxes do not have it.) The root itself is opened for each request, so a root that was
//! replaced is served as it is now.
//!
//! Reading a file may wait for the disk: for a poller of Linux, regular files are always ready. The
//! wait is short if the file is in the page cache.

use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Mode, OFlags, fstat, open, openat};
use rustix::io::Errno;

use crate::lab::web::{Facts, Files, Found, Missing};

/// The flags with which a folder is opened. On Linux the right to search it is enough; on other
/// systems the right to list it is needed too.
#[cfg(target_os = "linux")]
const FOLDER: OFlags = OFlags::PATH.union(OFlags::DIRECTORY);
#[cfg(not(target_os = "linux"))]
const FOLDER: OFlags = OFlags::DIRECTORY;

/// The folder at a path.
#[derive(Debug)]
pub(super) struct Folder {
    /// An absolute path: the current folder of the program may be removed.
    root: PathBuf,
}

impl Folder {
    /// The folder at `root`, which may be a symbolic link itself.
    pub(super) fn at(root: &Path) -> io::Result<Self> {
        let root = std::path::absolute(root)?;
        open_root(&root)?;
        Ok(Self { root })
    }
}

impl Files for Folder {
    type File = File;

    fn open(&self, names: &[Cow<'_, [u8]>]) -> Result<Found<File>, Missing> {
        let mut folder = open_root(&self.root).map_err(why_missing)?;
        let Some((last, folders)) = names.split_last() else { return Ok(Found::Folder) };
        for name in folders {
            folder = open_in(&folder, name, FOLDER)?;
        }
        // Without NONBLOCK the open of a FIFO would block the loop until a writer comes.
        found(open_in(&folder, last, OFlags::RDONLY | OFlags::NONBLOCK)?)
    }

    fn read(&self, file: &File, at: u64, bytes_max: usize, out: &mut Vec<u8>) -> usize {
        let start = out.len();
        out.resize(start + bytes_max, 0);
        let mut count = 0;
        while count < bytes_max {
            match rustix::io::pread(file, &mut out[start + count..], at + count as u64) {
                Ok(0) => break,
                Ok(more) => count += more,
                Err(Errno::INTR) => {}
                Err(_) => break,
            }
        }
        out.truncate(start + count);
        count
    }
}

fn open_root(root: &Path) -> Result<OwnedFd, Errno> {
    open(root, FOLDER | OFlags::CLOEXEC, Mode::empty())
}

fn open_in(folder: &OwnedFd, name: &[u8], flags: OFlags) -> Result<OwnedFd, Missing> {
    let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(folder, name, flags, Mode::empty()).map_err(why_missing)
}

fn why_missing(error: Errno) -> Missing {
    match error {
        Errno::MFILE | Errno::NFILE | Errno::NOMEM => Missing::Unavailable,
        // It is a symbolic link or a socket, or it may not be read.
        Errno::LOOP | Errno::NXIO | Errno::ACCESS | Errno::PERM => Missing::Forbidden,
        _ => Missing::NotFound,
    }
}

fn found(opened: OwnedFd) -> Result<Found<File>, Missing> {
    let stat = fstat(&opened).map_err(|_| Missing::Forbidden)?;
    let kind = FileType::from_raw_mode(stat.st_mode);
    if kind.is_dir() {
        return Ok(Found::Folder);
    }
    if !kind.is_file() {
        return Err(Missing::Forbidden);
    }
    let facts = Facts {
        length: u64::try_from(stat.st_size).unwrap_or(0),
        modified_s: u64::try_from(stat.st_mtime).unwrap_or(0),
        modified_ns: u32::try_from(stat.st_mtime_nsec).unwrap_or(0),
    };
    Ok(Found::File(File::from(opened), facts))
}
