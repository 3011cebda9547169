//! Translates lines to messages, and back.
//!
//! Knows the grammar of the handout and the lengths that it allows. Must never know a socket, a
//! clock, or who is connected. `docs/PROTOCOL.md` is the prose of this module.
//!
//! | file | between |
//! | --- | --- |
//! | [`request`] | a line from a client ↔ what it asks of the server |
//! | [`not_user`] | a first line that is no USER → the reason |
//! | [`reply`] | a line from the server ↔ what it answers |
//! | [`speech`] | a line between two peers ↔ what one says to the other |
//! | [`name`] | a nickname that has been checked |
//! | `proxy_header` | the header of a load balancer → where its client is |
//! | [`address`] | the text of an IP address and port |

pub mod address;
pub mod name;
pub mod not_user;
#[cfg(feature = "full")]
pub mod proxy_header;
pub mod reply;
pub mod request;
pub mod speech;

use std::time::Duration;

use crate::buffers::lines::LineLimit;

/// The end of every instruction that we send (the handout: "acrescentar os caracteres especiais
/// `\r\n` ao final de cada instrução enviada").
pub const CRLF: &[u8] = b"\r\n";

/// How often a client says KEEP, in milliseconds (the handout: "a cada 5 segundos").
pub const KEEP_INTERVAL_MS: u64 = 5_000;

/// How long bytes to the server may stay unacknowledged before the link counts as broken: a little
/// less than three KEEPs. A link that is cut right behind a KEEP is noticed by the next one, five
/// seconds later, and by this, and the kernel's rounding up: 20 seconds in all. A stopped server's
/// kernel still acknowledges.
pub const SERVER_GIVE_UP: Duration = Duration::from_secs(14);

/// How long a dial to a server may take where there is another address to try, in milliseconds. A
/// first segment that was lost is sent again after 1 s; and a script, which waits 5 s in all, still
/// comes to the third address.
pub const DIAL_BEFORE_NEXT_MS: u64 = 2_000;

/// Longest line from a client to the server, its CR LF included. The longest that the grammar
/// allows is half of it.
pub const REQUEST_BYTES_MAX: usize = 512;

/// Longest line between two peers that is shown whole, its CR LF included.
pub const SPEECH_BYTES_MAX: usize = 4096;

/// A line between two peers that grows past this closes the connection: nobody types that.
pub const SPEECH_BYTES_CLOSE: usize = 64 * 1024;

/// Longest line from the server to a peer: a LIST of 16,000 of the longest names.
pub const REPLY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// For connections from clients to the server.
pub const REQUEST_LIMIT: LineLimit =
    LineLimit { keep: REQUEST_BYTES_MAX - 1, close: REQUEST_BYTES_MAX - 1 };

/// For connections between two peers.
pub const SPEECH_LIMIT: LineLimit = LineLimit { keep: SPEECH_BYTES_MAX, close: SPEECH_BYTES_CLOSE };

/// For the peer's connection to the server.
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

/// The blanks of ASCII that `str::trim` cuts, so that a name is the same in every line:
/// `trim_ascii` leaves the vertical tab.
fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == b'\x0b'
}
