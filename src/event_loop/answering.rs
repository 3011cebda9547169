//! The answers to the connection that is being read right now.
//!
//! A batch of requests is read with one call and should be answered with one. Most answers could
//! leave at once, so they gather here, in one buffer for the whole loop, and go to the socket when
//! the batch has been heard; only what the kernel does not take costs its connection a queue of
//! its own. Read next: `serve`, which begins and ends a batch, and `perform`, which fills it.

use crate::machine::ConnId;

/// Answers in bytes after which a batch is no longer gathered: the rest goes the long way.
const GATHER_BYTES_MAX: usize = 16 * 1024;

/// ```text
/// read       | ADDR Ana\r\n | ADDR Bruno\r\n | ADDR Camila\r\n |
/// gathered   | ADDR 10.0.0.7:20000\r\n | ADDR 10.0.0.2:21500\r\n | ...    → one write
/// ```
#[derive(Debug, Default)]
pub(super) struct Answering {
    /// Whose batch it is. `None` between batches.
    conn: Option<ConnId>,
    /// Empty between batches. It keeps its memory: at most one answer over [`GATHER_BYTES_MAX`].
    gathered: Vec<u8>,
}

impl Answering {
    /// From now on `conn` is heard.
    pub(super) fn begin(&mut self, conn: ConnId) {
        debug_assert!(self.gathered.is_empty(), "the last batch was sent off");
        self.conn = Some(conn);
    }

    /// Takes `bytes` for `conn`, unless it is not the one that is heard, or has enough.
    pub(super) fn take(&mut self, conn: ConnId, bytes: &[u8]) -> bool {
        let takes = self.conn == Some(conn) && self.gathered.len() < GATHER_BYTES_MAX;
        if takes {
            self.gathered.extend_from_slice(bytes);
        }
        takes
    }

    /// Whether there are answers for `conn` here.
    pub(super) fn has_any(&self, conn: ConnId) -> bool {
        self.conn == Some(conn) && !self.gathered.is_empty()
    }

    /// What was gathered.
    pub(super) fn gathered(&self) -> &[u8] {
        &self.gathered
    }

    /// The batch is over, or its answers have gone elsewhere.
    pub(super) fn end(&mut self) {
        self.conn = None;
        self.gathered.clear();
    }
}
