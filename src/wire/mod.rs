//! Parses lines to messages, and encodes messages to lines.
//!
//! Here are the handout's grammar and the limits of its lines. Must never know a socket, a clock,
//! or who is connected. `docs/PROTOCOL.md` describes the protocol in prose.
//!
//! | file | has |
//! | --- | --- |
//! | [`request`] | a line from a client ↔ a request |
//! | [`not_user`] | a first line that is no USER → the reason |
//! | [`reply`] | a line from the server ↔ a reply |
//! | [`speech`] | a line between two peers ↔ USER, DISC or text |
//! | [`name`] | a name that has been checked |
//! | `proxy_header` | the header of a load balancer → its client's address |
//! | [`address`] | the text of an IP address and port |
//! | [`escape`] | bytes of strangers → a line of a log or a report |

pub mod address;
pub mod escape;
pub mod name;
pub mod not_user;
#[cfg(feature = "full")]
pub mod proxy_header;
pub mod reply;
pub mod request;
pub mod speech;

use std::time::Duration;

use crate::buffers::lines::LineLimit;

/// The terminator of every line that we send (the handout: "acrescentar os caracteres especiais
/// `\r\n` ao final de cada instrução enviada").
pub const CRLF: &[u8] = b"\r\n";

/// How often a client sends KEEP, in milliseconds (the handout: "a cada 5 segundos").
pub const KEEP_INTERVAL_MS: u64 = 5_000;

/// How long bytes to the server may stay unacknowledged before the link counts as broken: a little
/// less than three KEEPs. If the network fails right after a KEEP, the next KEEP is sent five
/// seconds later. With this time and the kernel's rounding, the peer notices after 20 seconds at
/// most. The kernel of a stopped server still acknowledges.
pub const SERVER_GIVE_UP: Duration = Duration::from_secs(14);

/// How long a dial to a server may take if there is another address to try, in milliseconds. A lost
/// SYN is sent again after 1 s, so the dial survives one. A script waits 5 s in all, so it still
/// tries a third address.
pub const DIAL_BEFORE_NEXT_MS: u64 = 2_000;

/// Longest line from a client to the server, its CR LF included. The longest line of the grammar
/// has half as many bytes.
pub const REQUEST_BYTES_MAX: usize = 512;

/// Longest line between two peers that is shown whole, its CR LF included.
pub const SPEECH_BYTES_MAX: usize = 4096;

/// A longer line between two peers closes the connection: no person types so much.
pub const SPEECH_BYTES_CLOSE: usize = 64 * 1024;

/// Longest line from the server to a peer: a LIST of 16,000 of the longest names.
pub const REPLY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Longest excerpt of a server's line that is no reply, in bytes.
pub const NON_REPLY_BYTES_MAX: usize = 120;

/// The limit for connections from clients to the server.
pub const REQUEST_LIMIT: LineLimit =
    LineLimit { keep: REQUEST_BYTES_MAX - 1, close: REQUEST_BYTES_MAX - 1 };

/// The limit for connections between two peers.
pub const SPEECH_LIMIT: LineLimit = LineLimit { keep: SPEECH_BYTES_MAX, close: SPEECH_BYTES_CLOSE };

/// The limit for the peer's connection to the server.
pub const REPLY_LIMIT: LineLimit = LineLimit { keep: REPLY_BYTES_MAX, close: REPLY_BYTES_MAX };

/// Cuts the blanks off both ends.
fn trim(bytes: &[u8]) -> &[u8] {
    let bytes = trim_end(bytes);
    let start = bytes.iter().position(|&byte| !is_blank(byte)).unwrap_or(0);
    &bytes[start..]
}

/// Cuts the blanks off the end.
fn trim_end(bytes: &[u8]) -> &[u8] {
    let last = bytes.iter().rposition(|&byte| !is_blank(byte));
    &bytes[..last.map_or(0, |last| last + 1)]
}

/// The ASCII blanks that `str::trim` cuts, so that a name is trimmed in the same way in every line.
/// (`trim_ascii` does not cut the vertical tab.)
fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == b'\x0b'
}
