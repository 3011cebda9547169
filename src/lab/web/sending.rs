//! A file on its way: one piece of it is in memory, and the rest is on the disk.
//!
//! Read next: [`crate::lab::throughput`], which does the same without a disk.

use std::ops::Range;

use super::files::Files;

/// The bytes of a file that are still to be sent.
#[derive(Debug)]
pub(super) struct FileSending<F> {
    file: F,
    /// From the next byte to the end that was announced. The file may be shorter by now.
    left: Range<u64>,
    /// The connection ends behind it.
    pub(super) closes: bool,
}

impl<F> FileSending<F> {
    pub(super) fn new(file: F, bytes: Range<u64>, closes: bool) -> Self {
        Self { file, left: bytes, closes }
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
