//! The queue of text for stdout or stderr, which may be full: a terminal after Ctrl-S, a pipe into
//! `less`. A full output must never stop the loop: KEEP would stop with it, and the server would
//! remove us.
//!
//! Text waits here until its [`Outlet`] takes it. The queue is bounded: a terminal skips further
//! text, a pipe or a file counts as full. Read next: [`super::outlet`].

use std::io;

use super::outlet::Outlet;
use crate::buffers::output::{OutBuffer, Spare};

/// Most text that waits for a terminal, in bytes. Further text is skipped, and its lines are
/// counted.
pub const SCREEN_BYTES_MAX: usize = 1024 * 1024;

/// The same if the line being typed is drawn there, in bytes. The drawn line comes after the text
/// that waits, and a person should see the effect of a key at once. One text may be longer than
/// this.
pub const DRAWN_BYTES_MAX: usize = 64 * 1024;

/// A pipe or a file counts as full if more text than this waits for it, in bytes. It skips nothing:
/// backpressure slows the senders down.
pub const PIPE_FULL_BYTES: usize = 64 * 1024;

/// A full pipe or file counts as free again if no more text than this waits, in bytes. The bound is
/// much lower than [`PIPE_FULL_BYTES`], so that not each read of a slow reader is a change.
pub const PIPE_FREE_BYTES: usize = 16 * 1024;

#[derive(Debug)]
pub(super) struct Screen {
    pub(super) outlet: Outlet,
    queue: OutBuffer,
    spare: Spare,
    /// A terminal skips text that it cannot show in time. A pipe or a file gets all text.
    is_terminal: bool,
    skipped_lines: usize,
    /// The line being typed is drawn here.
    pub(super) is_drawn: bool,
}

impl Screen {
    /// An empty queue.
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

    /// Queues text. A terminal without room skips all of it.
    pub(super) fn push(&mut self, text: &[u8]) {
        let has_space = self.queue.len() + text.len() <= SCREEN_BYTES_MAX && self.has_room();
        if has_space || !self.is_terminal {
            self.queue.push(text, &mut self.spare);
        } else {
            self.skip(text.iter().filter(|&&byte| byte == b'\n').count());
        }
    }

    /// Whether a pipe or a file is full. `was_full` is the last answer.
    pub(super) fn is_full(&self, was_full: bool) -> bool {
        let bound = if was_full { PIPE_FREE_BYTES } else { PIPE_FULL_BYTES };
        !self.is_terminal && self.queue.len() > bound
    }

    /// Counts lines that were left out before they came here.
    pub(super) fn skip(&mut self, lines: usize) {
        self.skipped_lines += lines;
    }

    /// Whether a drawn row would appear soon.
    pub(super) fn has_room(&self) -> bool {
        !self.is_drawn || self.queue.len() <= DRAWN_BYTES_MAX
    }

    /// Writes as much as the outlet takes now.
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

    /// The number of skipped lines, once there is room to report it.
    pub(super) fn take_skipped(&mut self) -> Option<usize> {
        let skipped = self.skipped_lines;
        if skipped == 0 || !self.queue.is_empty() {
            return None;
        }
        self.skipped_lines = 0;
        Some(skipped)
    }
}
