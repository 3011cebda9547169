//! A file on its way: one piece of it is in memory, the rest is on the disk.
//!
//! Read next: [`super::super::throughput`], the same with no disk.

use super::FILE_PIECE_BYTES;
use super::files::Files;
use super::response::Response;

#[derive(Debug)]
pub(super) struct Sending<F> {
    file: F,
    at: u64,
    /// As it was announced. The file may have another by now.
    length: u64,
    pub(super) closes: bool,
}

impl<F> Sending<F> {
    pub(super) fn new(file: F, response: &Response) -> Self {
        Self { file, at: 0, length: response.length, closes: response.closes }
    }

    pub(super) fn is_done(&self) -> bool {
        self.at == self.length
    }

    /// Appends the next piece. Says whether there was any of it.
    pub(super) fn read_piece<S: Files<File = F>>(&mut self, files: &S, out: &mut Vec<u8>) -> bool {
        let left = usize::try_from(self.length - self.at).unwrap_or(FILE_PIECE_BYTES);
        let count = files.read(&self.file, self.at, left.min(FILE_PIECE_BYTES), out);
        self.at += count as u64;
        count > 0
    }
}
