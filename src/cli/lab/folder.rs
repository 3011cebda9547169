//! The folder that `papo lab web` serves: opened once, and never left.
//!
//! Each name is opened in the folder before it, and no name may be a symbolic link: what is below
//! the root cannot lead out of it, whatever its name and whoever changes it meanwhile. (openat2
//! with RESOLVE_BENEATH would let links stay inside; not every kernel and every sandbox has it.)
//!
//! A confessed shortcut: reading a file may wait for the disk. Linux calls regular files always
//! ready, so no poller helps; what waits is short where the file is in the page cache.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, fstat, open, openat};
use rustix::io::Errno;

use crate::lab::web::{Files, Found, Missing};

/// Below this everything is served.
#[derive(Debug)]
pub(super) struct Folder {
    root: OwnedFd,
}

impl Folder {
    /// Opens the root, which may be a link itself.
    ///
    /// # Errors
    ///
    /// Where it is no folder.
    pub(super) fn open(root: &Path) -> io::Result<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self { root: open(root, flags, Mode::empty())? })
    }
}

impl Files for Folder {
    type File = File;

    fn open(&self, names: &[&str]) -> Result<Found<File>, Missing> {
        let Some((last, folders)) = names.split_last() else { return Ok(Found::Folder) };
        let mut folder: Option<OwnedFd> = None;
        for name in folders {
            let flags = OFlags::PATH | OFlags::DIRECTORY;
            folder =
                Some(open_in(folder.as_ref().map_or(self.root.as_fd(), AsFd::as_fd), name, flags)?);
        }
        let folder = folder.as_ref().map_or(self.root.as_fd(), AsFd::as_fd);
        // Without NONBLOCK a FIFO would stop everybody until somebody writes to it.
        found(open_in(folder, last, OFlags::RDONLY | OFlags::NONBLOCK)?)
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

fn open_in(folder: BorrowedFd<'_>, name: &str, flags: OFlags) -> Result<OwnedFd, Missing> {
    let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(folder, name, flags, Mode::empty()).map_err(|error| match error {
        Errno::MFILE | Errno::NFILE | Errno::NOMEM => Missing::Unavailable,
        // A link; a socket; not ours to read.
        Errno::LOOP | Errno::NXIO | Errno::ACCESS | Errno::PERM => Missing::Forbidden,
        _ => Missing::NotFound,
    })
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
    Ok(Found::File {
        file: File::from(opened),
        length: u64::try_from(stat.st_size).unwrap_or(0),
        modified_s: u64::try_from(stat.st_mtime).unwrap_or(0),
    })
}
