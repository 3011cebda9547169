//! stdout and stderr as places that may be full: a terminal whose reader pressed Ctrl-S, a pipe
//! into `less`. They must never stop the loop, or KEEP stops with it and the server drops us.
//!
//! Text waits here until its [`Outlet`] takes it, and is skipped or held back beyond a bound. Read
//! next: [`super::outlet`], the place that it is written to.

use std::io;

use super::outlet::Outlet;
use crate::buffers::output::{OutBuffer, Spare};

/// Most text that waits for a terminal that does not take it, in bytes. Text beyond is
/// skipped, and counted.
pub const SCREEN_BYTES_MAX: usize = 1024 * 1024;

/// The same where a person sees the line being typed, in bytes: what a key does is drawn behind
/// what waits, and is to be seen at once. One text may be longer than this.
pub const DRAWN_BYTES_MAX: usize = 64 * 1024;

/// Text that waits for a pipe or a file, in bytes, from which on it counts as full. Nothing is
/// skipped there: whoever sends more is held back.
pub const PIPE_FULL_BYTES: usize = 64 * 1024;

/// Text that may still wait when a full pipe counts as free again, in bytes. Much lower than
/// [`PIPE_FULL_BYTES`], so that a slow reader does not switch it with each read.
pub const PIPE_FREE_BYTES: usize = 16 * 1024;

#[derive(Debug)]
pub(super) struct Screen {
    pub(super) outlet: Outlet,
    queue: OutBuffer,
    spare: Spare,
    /// A terminal shows what is new, and skips what it cannot show in time. A pipe or a file is to
    /// have all of it.
    is_terminal: bool,
    skipped_lines: usize,
    /// A person sees what is typed drawn here.
    pub(super) is_drawn: bool,
}

impl Screen {
    /// Nothing waits yet.
    pub(super) fn new(outlet: Outlet) -> Self {
        Self {
            is_terminal: outlet.is_terminal(),
            outlet,
            queue: OutBuffer::default(),
            spare: Spare::default(),
            skipped_lines: 0,
            is_drawn: false,
        }
    }

    /// Queues text, whole or, on a terminal, not at all.
    pub(super) fn push(&mut self, text: &[u8]) {
        let has_space = self.queue.len() + text.len() <= SCREEN_BYTES_MAX && self.has_room();
        if has_space || !self.is_terminal {
            self.queue.push(text, &mut self.spare);
        } else {
            self.skip(text.iter().filter(|&&byte| byte == b'\n').count());
        }
    }

    /// Whether a pipe or a file takes nothing more for now. `was_full` is the last answer.
    pub(super) fn is_full(&self, was_full: bool) -> bool {
        let bound = if was_full { PIPE_FREE_BYTES } else { PIPE_FULL_BYTES };
        !self.is_terminal && self.queue.len() > bound
    }

    /// Counts lines that do not get here at all.
    pub(super) fn skip(&mut self, lines: usize) {
        self.skipped_lines += lines;
    }

    /// Whether a row that is drawn would come out soon.
    pub(super) fn has_room(&self) -> bool {
        !self.is_drawn || self.queue.len() <= DRAWN_BYTES_MAX
    }

    /// Writes what the screen takes now.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if self.queue.is_empty() {
            return Ok(());
        }
        match self.queue.write_to(&mut self.outlet, &mut self.spare) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) => {
                self.queue.clear();
                Err(error)
            }
            Ok(()) => Ok(()),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// How many lines were skipped, once there is room to say so.
    pub(super) fn take_skipped(&mut self) -> Option<usize> {
        let skipped = self.skipped_lines;
        if skipped == 0 || !self.queue.is_empty() {
            return None;
        }
        self.skipped_lines = 0;
        Some(skipped)
    }
}
