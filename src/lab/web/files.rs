//! The folder that is served, as a machine sees it: names in, and open files out.
//!
//! A machine has no descriptor, so [`Files`] is implemented where files are opened. Read next:
//! [`mod@super::answer`], which asks for them.

use std::borrow::Cow;
use std::ops::Range;

use super::status::Status;

/// The folder that is served.
pub trait Files {
    /// A file that is open.
    type File;

    /// Opens the file or folder with these names below the root. No name is `.` or `..` or has a
    /// slash.
    ///
    /// # Errors
    ///
    /// If there is no file that may be served.
    fn open(&self, names: &[Cow<'_, [u8]>]) -> Result<Found<Self::File>, Missing>;

    /// Appends at most `bytes_max` bytes from the position `at`, and returns how many those are: 0
    /// after the end, or after an error.
    fn read(&self, file: &Self::File, at: u64, bytes_max: usize, out: &mut Vec<u8>) -> usize;
}

/// A file or a folder.
#[derive(Debug)]
pub enum Found<F> {
    /// A file that is open for reading.
    File(F, Facts),
    /// A folder.
    Folder,
}

/// The properties of a file that are known without reading it.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// The length in bytes.
    pub length: u64,
    /// The time of the last change, in whole seconds since 1970.
    pub modified_s: u64,
    /// The rest of that time, in nanoseconds.
    pub modified_ns: u32,
}

/// Why no file can be served.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Missing {
    /// Nothing has this name.
    NotFound,
    /// It may not be read, or is no regular file, or leads out of the root.
    Forbidden,
    /// The system has no descriptor left to open it.
    Unavailable,
}

impl From<Missing> for Status {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::NotFound => Self::NotFound,
            Missing::Forbidden => Self::Forbidden,
            Missing::Unavailable => Self::Unavailable,
        }
    }
}

/// The bytes of a file that have not been sent. Only one piece at a time is in memory.
#[derive(Debug)]
pub(super) struct FileSending<F> {
    file: F,
    /// From the next byte to the announced end. The file may have become shorter.
    left: Range<u64>,
}

impl<F> FileSending<F> {
    pub(super) fn new(file: F, bytes: Range<u64>) -> Self {
        Self { file, left: bytes }
    }

    pub(super) fn is_done(&self) -> bool {
        self.left.is_empty()
    }

    /// Appends the next piece, of `bytes_max` bytes at most. `false`: there are no more bytes.
    pub(super) fn read_piece<S: Files<File = F>>(
        &mut self,
        files: &S,
        bytes_max: usize,
        out: &mut Vec<u8>,
    ) -> bool {
        let left = usize::try_from(self.left.end - self.left.start).unwrap_or(bytes_max);
        let count = files.read(&self.file, self.left.start, left.min(bytes_max), out);
        self.left.start += count as u64;
        count > 0
    }
}
