//! A second description of stdout or stderr, on which a write never blocks.
//!
//! O_NONBLOCK lives in the open file description, which stdout shares with the shell that started
//! us: set there, it would make *its* writes fail. Read next: [`super::screen`].

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use rustix::fs::{Mode, OFlags};

/// Another description of what `shared` leads to, on which nothing blocks.
///
/// # Errors
///
/// For a regular file, which cannot be full in this sense; for a socket, which cannot be opened;
/// and where it belongs to somebody else.
pub fn open_again(shared: BorrowedFd<'_>) -> io::Result<File> {
    let is_file = rustix::fs::fstat(shared)
        .is_ok_and(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file());
    if is_file {
        return Err(io::ErrorKind::Unsupported.into());
    }
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let path = format!("/proc/self/fd/{}", shared.as_raw_fd());
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}
