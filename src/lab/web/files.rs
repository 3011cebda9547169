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

    /// Opens what is below the root under these names, which are neither `.` nor `..` and have no
    /// slash.
    ///
    /// # Errors
    ///
    /// Where there is no file that may be served.
    fn open(&self, names: &[Cow<'_, [u8]>]) -> Result<Found<Self::File>, Missing>;

    /// Appends what stands at `at`, at most `bytes_max` bytes, and says how many those are: 0
    /// behind the end, or where nothing can be read any more.
    fn read(&self, file: &Self::File, at: u64, bytes_max: usize, out: &mut Vec<u8>) -> usize;
}

/// The thing that has a name.
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
    /// In bytes.
    pub length: u64,
    /// When it was changed, in whole seconds since 1970.
    pub modified_s: u64,
    /// The rest of that time, in nanoseconds.
    pub modified_ns: u32,
}

/// Why there is nothing to serve.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Missing {
    /// Nothing has this name.
    NotFound,
    /// It exists, and it may not be read, or is no file, or leads out of the root.
    Forbidden,
    /// It cannot be opened now, because descriptors have run out.
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

/// The bytes of a file that are still to be sent: one piece is in memory, and the rest on the disk.
#[derive(Debug)]
pub(super) struct FileSending<F> {
    file: F,
    /// From the next byte to the end that was announced. The file may be shorter by now.
    left: Range<u64>,
}

impl<F> FileSending<F> {
    pub(super) fn new(file: F, bytes: Range<u64>) -> Self {
        Self { file, left: bytes }
    }

    pub(super) fn is_done(&self) -> bool {
        self.left.is_empty()
    }

    /// Appends the next piece, of `bytes_max` bytes at most. Says whether there was any of it.
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
