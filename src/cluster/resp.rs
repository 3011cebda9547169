//! RESP2, the engine's protocol, as bytes: commands out, frames in.
//!
//! The codec is `redis-protocol`'s, and the bounds are ours: a frame is decoded only when all of it
//! has come, and never if it is too long or too deep, because the decoder calls itself for each
//! array in an array. Knows no command. Read next: [`super::engine`].

use memchr::memchr;
use redis_protocol::resp2::decode::decode;
use redis_protocol::resp2::encode::encode_borrowed;
use redis_protocol::resp2::types::{BorrowedFrame, OwnedFrame};

/// Most bytes of one reply. The longest valid one is 64 entries of the stream with 64 of the
/// longest names each: 1.4 MB.
pub(super) const REPLY_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Most bytes of a line in a reply: an error's text, a number, a length.
pub(super) const REPLY_LINE_BYTES_MAX: usize = 4096;

/// Most arrays within arrays. XREAD's reply has five: streams, a stream, entries, an entry, fields.
pub(super) const REPLY_DEPTH_MAX: usize = 6;

/// Why received bytes cannot be decoded: they are not RESP, or too long or too deep.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Unreadable {
    NotRedis,
    TooLong,
}

/// Received bytes that have not been decoded yet.
#[derive(Debug, Default)]
pub(super) struct Replies {
    received: Vec<u8>,
    /// The bytes before this index have been decoded.
    start: usize,
}

impl Replies {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.received.drain(..self.start);
        self.start = 0;
        self.received.extend_from_slice(bytes);
    }

    pub(super) fn next(&mut self) -> Result<Option<OwnedFrame>, Unreadable> {
        let rest = &self.received[self.start..];
        let Some(bytes) = frame_len(rest)? else {
            if rest.is_empty() {
                // A full read may have made the buffer large.
                self.received = Vec::new();
                self.start = 0;
            }
            return Ok(None);
        };
        let Ok(Some((frame, used))) = decode(&rest[..bytes]) else {
            return Err(Unreadable::NotRedis);
        };
        self.start += used;
        Ok(Some(frame))
    }

    /// The bytes that have not been decoded.
    pub(super) fn rest(&self) -> &[u8] {
        &self.received[self.start..]
    }
}

/// The length of the first frame. `None`: it is not complete.
fn frame_len(bytes: &[u8]) -> Result<Option<usize>, Unreadable> {
    // How many frames each open array still lacks.
    let mut open = [0; REPLY_DEPTH_MAX + 1];
    let (mut depth, mut at) = (0, 0);
    open[0] = 1;
    loop {
        while open[depth] == 0 {
            if depth == 0 {
                return Ok(Some(at));
            }
            depth -= 1;
        }
        open[depth] -= 1;
        let Some(Header { kind, line, end }) = header(bytes, at)? else { return Ok(None) };
        at = end;
        match kind {
            b'+' | b'-' | b':' => {}
            b'$' => {
                if let Some(count) = count(line)? {
                    at += count + 2;
                }
            }
            b'*' => {
                let count = count(line)?.unwrap_or(0);
                if depth == REPLY_DEPTH_MAX {
                    return Err(Unreadable::TooLong);
                }
                depth += 1;
                open[depth] = count;
            }
            _ => return Err(Unreadable::NotRedis),
        }
        if at > REPLY_BYTES_MAX {
            return Err(Unreadable::TooLong);
        }
        if at > bytes.len() {
            return Ok(None);
        }
    }
}

/// The first line of a frame: `$5`, `*3`, `:17`, `-ERR no`.
struct Header<'a> {
    kind: u8,
    line: &'a [u8],
    end: usize,
}

fn header(bytes: &[u8], at: usize) -> Result<Option<Header<'_>>, Unreadable> {
    let rest = &bytes[at.min(bytes.len())..];
    let Some(&kind) = rest.first() else { return Ok(None) };
    if !b"+-:$*".contains(&kind) {
        return Err(Unreadable::NotRedis);
    }
    match memchr(b'\n', &rest[..rest.len().min(REPLY_LINE_BYTES_MAX)]) {
        Some(end) if end > 1 && rest[end - 1] == b'\r' => {
            Ok(Some(Header { kind, line: &rest[1..end - 1], end: at + end + 1 }))
        }
        None if rest.len() < REPLY_LINE_BYTES_MAX => Ok(None),
        Some(_) | None => Err(Unreadable::NotRedis),
    }
}

/// A length or a number of frames. `None`: -1, which stands for null.
fn count(line: &[u8]) -> Result<Option<usize>, Unreadable> {
    if line == b"-1" {
        return Ok(None);
    }
    let text = std::str::from_utf8(line).map_err(|_| Unreadable::NotRedis)?;
    let count: u64 = text.parse().map_err(|_| Unreadable::NotRedis)?;
    match usize::try_from(count) {
        Ok(count) if count <= REPLY_BYTES_MAX => Ok(Some(count)),
        Ok(_) | Err(_) => Err(Unreadable::TooLong),
    }
}

/// Writes one command.
pub(super) fn encode_command(words: &[&[u8]], out: &mut Vec<u8>) {
    let words: Vec<_> = words.iter().map(|word| BorrowedFrame::BulkString(word)).collect();
    let command = BorrowedFrame::Array(&words);
    let start = out.len();
    out.resize(start + command.encode_len(false), 0);
    let written = encode_borrowed(&mut out[start..], &command, false);
    out.truncate(start + written.expect("the buffer has the length of the command"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Option<OwnedFrame>, Unreadable> {
        let mut replies = Replies::default();
        replies.push(bytes);
        replies.next()
    }

    #[test]
    fn replies_come_in_pieces() {
        let bytes = b"*2\r\n$3\r\na\r\n\r\n:7\r\n-ERR no\r\n$-1\r\n*0\r\n";
        let mut replies = Replies::default();
        let mut frames = Vec::new();
        for byte in bytes {
            replies.push(&[*byte]);
            frames.extend(replies.next().expect("RESP"));
        }
        let array = vec![OwnedFrame::BulkString(b"a\r\n".to_vec()), OwnedFrame::Integer(7)];
        let expected = [
            OwnedFrame::Array(array),
            OwnedFrame::Error("ERR no".to_string()),
            OwnedFrame::Null,
            OwnedFrame::Array(Vec::new()),
        ];
        assert_eq!(frames, expected);
    }

    #[test]
    fn text_that_is_no_reply_is_read_no_further() {
        let cases: [(&[u8], Unreadable); 8] = [
            (b"HTTP/1.1 400 Bad Request\r\n", Unreadable::NotRedis),
            (b"$x\r\n", Unreadable::NotRedis),
            (b"$-2\r\n", Unreadable::NotRedis),
            (b"$99999999999\r\n", Unreadable::TooLong),
            (b"*99999999999\r\n", Unreadable::TooLong),
            (b"$3000000\r\nabc", Unreadable::TooLong),
            (&[b'+'; REPLY_LINE_BYTES_MAX], Unreadable::NotRedis),
            (&b"*1\r\n".repeat(100_000), Unreadable::TooLong),
        ];
        for (bytes, error) in cases {
            assert_eq!(read(bytes), Err(error), "{}", bytes[..8.min(bytes.len())].escape_ascii());
        }
    }

    #[test]
    fn a_command_is_an_array_of_words() {
        let mut out = b"x".to_vec();
        encode_command(&[b"GET", b"a\r\n", b""], &mut out);
        assert_eq!(out, b"x*3\r\n$3\r\nGET\r\n$3\r\na\r\n\r\n$0\r\n\r\n");
    }
}
