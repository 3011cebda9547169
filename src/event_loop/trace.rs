//! `--trace`: each line of the protocol, with the address of the other side, the direction, and the
//! line end.
//!
//! ```text
//! 127.0.0.1:41210 < USER Ana:20000\r\n      received
//! 127.0.0.1:41210 > ADDR 10.0.0.2:21500\r\n    sent
//! 127.0.0.1:41214 < DISC                    received, and the stream ended without a line end
//! ```
//!
//! Without `--trace` a call costs one comparison. Read next: [`super`].

use std::fmt::Write;

use log::Level::Trace;

use super::os::Os;
use crate::buffers::lines::Line;
use crate::machine::SharedText;
use crate::wire::name::is_invisible;

/// The log target of `--trace`.
pub const TRACE_TARGET: &str = "papo::wire";

/// Most bytes of one traced line that are shown. For a longer line the trace adds the number of
/// bytes, so that a stream of zeros cannot fill a screen.
pub const TRACED_BYTES_MAX: usize = 1024;

fn is_on() -> bool {
    log::log_enabled!(target: TRACE_TARGET, Trace)
}

/// A received line.
pub(super) fn line<O: Os>(os: &O, stream: &O::Stream, line: &Line<'_>) {
    if is_on() {
        log_bytes(os, stream, "<", line.bytes, line.terminator());
    }
}

/// Received bytes without a line end: a raw read, or an unfinished line.
pub(super) fn received<O: Os>(os: &O, stream: &O::Stream, bytes: &[u8]) {
    if is_on() {
        log_bytes(os, stream, "<", bytes, "");
    }
}

/// Bytes that were queued to be sent.
pub(super) fn sent<O: Os>(os: &O, stream: &O::Stream, bytes: &[u8]) {
    if is_on() {
        log_bytes(os, stream, ">", bytes, "");
    }
}

/// The same, where the bytes are shared.
pub(super) fn sent_shared<O: Os>(os: &O, stream: &O::Stream, shared: &SharedText) {
    if is_on() {
        log_bytes(os, stream, ">", &shared.parts().concat(), "");
    }
}

fn log_bytes<O: Os>(os: &O, stream: &O::Stream, direction: &str, bytes: &[u8], terminator: &str) {
    let other = os.peer_address(stream).map_or_else(|_| "-".to_string(), |it| it.to_string());
    log::trace!(target: TRACE_TARGET, "{other} {direction} {}{terminator}", readable(bytes));
}

/// The text, with an escape for each character that could move the cursor.
fn readable(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(TRACED_BYTES_MAX)];
    let mut text = String::with_capacity(shown.len());
    for character in String::from_utf8_lossy(shown).chars() {
        match character {
            '\r' => text.push_str("\\r"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            hidden if is_invisible(hidden) => text.extend(hidden.escape_unicode()),
            visible => text.push(visible),
        }
    }
    if bytes.len() > shown.len() {
        let _ = write!(text, "... ({} bytes)", bytes.len());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traced_line_shows_what_was_there() {
        assert_eq!(readable(b"ADDR Ana\r\n"), "ADDR Ana\\r\\n");
        assert_eq!(readable("olá\x1b[2J".as_bytes()), "olá\\u{1b}[2J");
    }

    #[test]
    fn a_stream_of_zeros_is_cut_and_counted() {
        let text = readable(&[0; 65_536]);
        assert!(text.ends_with("\\u{0}... (65536 bytes)"), "{}", &text[text.len() - 40..]);
        assert_eq!(text.matches("\\u{0}").count(), TRACED_BYTES_MAX);
    }
}
