//! The services of the lectures, each a small machine in a file or a folder.
//!
//! They run on the same event loop as the chat, and they are examples: each shows one thing that a
//! program without blocking calls does differently. A service must never know a socket, a clock, or
//! the words for its notices. `docs/LAB.md` explains each, and the lectures' own dialogues are the
//! tests (`tests/lab`).
//!
//! | file | shows |
//! | --- | --- |
//! | [`echo`] | bytes are not messages, and a client that does not read is not read |
//! | [`upper`] | a text without an end, and a close that loses no answer ([`lingering_close`]) |
//! | [`daytime`] | clients that wait side by side |
//! | [`reverb`] | many deadlines, and no sleep |
//! | [`broadcast`] | one text for many readers, of which one may be slow |
//! | [`dict`] | where a message without an end mark ends |
//! | [`client`] | keyboard and socket at the same time |
//! | [`throughput`] | a stream without end in bounded memory |
//! | [`web`] | all of it |
//! | [`receive`] | a message whose length is known |
//! | [`source_filter`] | which datagrams are answered |
//!
//! Read next: [`echo`], the shortest.

#![allow(clippy::wildcard_enum_match_arm, reason = "a service needs only some of the inputs")]

pub mod broadcast;
pub mod client;
pub mod daytime;
pub mod dict;
pub mod echo;
pub mod lingering_close;
pub mod receive;
pub mod reverb;
pub mod source_filter;
pub mod throughput;
pub mod upper;
pub mod web;

use std::io;
use std::net::SocketAddr;

use crate::machine::{CloseReason, LineLimit};

/// Longest line that a service takes whole, in bytes. A longer one is cut.
pub const LAB_LINE_BYTES_MAX: usize = 4096;

/// A line that grows past this closes the connection.
pub const LAB_LINE_BYTES_CLOSE: usize = 64 * 1024;

/// The limits for services of lines.
pub const LAB_LINE_LIMIT: LineLimit =
    LineLimit { keep: LAB_LINE_BYTES_MAX, close: LAB_LINE_BYTES_CLOSE };

/// A client that reads none of the bytes that are sent to it for this time counts as gone, in
/// milliseconds. Every byte that it reads renews the time, so a slow client is served. The kernel
/// waits as long ([`crate::machine::GIVE_UP`]).
pub const STALLED_MS: u64 = 180_000;

/// The notices of all services.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Notice {
    /// A client has connected.
    Entered(SocketAddr),
    /// A client has disconnected, and why.
    Left(SocketAddr, CloseReason),
    /// The other side has sent these bytes.
    Said(Vec<u8>),
    /// Bytes have been sent or received.
    Moved {
        /// The other side.
        who: SocketAddr,
        /// How many bytes.
        bytes: u64,
        /// In how many milliseconds.
        elapsed_ms: u64,
        /// This is the sum, and not only the last second.
        is_total: bool,
    },
    /// The connection to this address failed, or could not be opened.
    Failed(SocketAddr, io::ErrorKind),
}

/// The clock that people use. A machine's own time only grows, but a person may set this clock. The
/// host of a service has one.
pub trait WallClock {
    /// Seconds since 1970-01-01 00:00 UTC.
    fn unix_seconds(&self) -> i64;
}

/// Changes the case of a text. Bytes that are not UTF-8 stay as they are.
fn change_case(bytes: &[u8], change: fn(&str) -> String) -> Vec<u8> {
    let mut changed = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        changed.extend_from_slice(change(chunk.valid()).as_bytes());
        changed.extend_from_slice(chunk.invalid());
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_case_of_letters_changes() {
        let mixed = "Olá, ß!".as_bytes();
        assert_eq!(change_case(mixed, str::to_uppercase), "OLÁ, SS!".as_bytes());
        assert_eq!(change_case(b"a\xffB\0", str::to_lowercase), b"a\xffb\0");
    }
}
