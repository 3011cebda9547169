//! Throughput: how fast bytes get from one program to another. Port 6789.
//!
//! There is a machine for each side, and a meter for both. Bytes that the kernel has taken from a
//! sender have not arrived yet. So the sender's measurement ends when the receiver has closed, and
//! both print the same sum. Read next: [`receiver`], the shorter one.

use std::net::SocketAddr;

use super::Notice;
use crate::machine::Millis;

pub mod receiver;
pub mod sender;

pub use receiver::Receiver;
pub use sender::Sender;

/// Most bytes queued at once, in whole buffers of the chosen size. A longer buffer is queued alone.
pub const BLOCK_BYTES: usize = 128 * 1024;

/// How often the speed is reported, in milliseconds.
const REPORT_MS: u64 = 1000;

/// The bytes that one connection has moved so far.
#[derive(Clone, Copy, Debug)]
struct Meter {
    who: SocketAddr,
    start: Millis,
    total: u64,
    reported: (Millis, u64),
}

impl Meter {
    fn new(who: SocketAddr, start: Millis) -> Self {
        Self { who, start, total: 0, reported: (start, 0) }
    }

    fn since_report(&mut self, now: Millis) -> Notice {
        let (at, bytes) = std::mem::replace(&mut self.reported, (now, self.total));
        let (bytes, elapsed_ms) = (self.total - bytes, now.since(at));
        Notice::Moved { who: self.who, bytes, elapsed_ms, is_total: false }
    }

    fn in_all(&self, now: Millis) -> Notice {
        let elapsed_ms = now.since(self.start);
        Notice::Moved { who: self.who, bytes: self.total, elapsed_ms, is_total: true }
    }
}
