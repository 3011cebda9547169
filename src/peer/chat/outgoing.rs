//! Texts for one connection that have not been handed to the event loop yet.
//!
//! Most other programs take what one `recv(1024)` brings for one message and decode it alone. So
//! text leaves in pieces that such a program takes whole, with a pause between two pieces. Knows
//! lengths and line ends; must never know a connection. Read next: [`super::unsent`], which
//! counts what was handed over and has not left this machine.

use crate::machine::Millis;
use crate::wire::SPEECH_BYTES_MAX;
use crate::wire::speech::Speech;

/// Longest piece, in bytes: other programs ask `recv` for so much at once.
pub const PIECE_BYTES_MAX: usize = 1024;

/// While more than this waits for the pace, in bytes, a person's next line waits as well: a paste
/// leaves at 50 KB a second.
pub(crate) const PACED_BYTES_MAX: usize = 64 * 1024;

/// Lines of text that wait, oldest first.
///
/// ```text
/// waiting | Oi\r\n | Tudo bem?\r\n | a line of 3,000 bytes … \r\n | Tchau\r\n |
/// pieces  |<---- whole lines ---->|<-- 1024 -->|<-- 1024 -->|<-- the rest -->|
/// ```
#[derive(Debug)]
pub(crate) struct Outgoing {
    /// 0: everything leaves at once.
    pace_ms: u64,
    /// Lines with their ends. A part of the first may have left.
    waiting: Vec<u8>,
    /// Nothing leaves before.
    free_at: Millis,
}

impl Outgoing {
    /// Nothing waits. The first piece leaves at once.
    pub(crate) fn new(pace_ms: u64) -> Self {
        Self { pace_ms, waiting: Vec::new(), free_at: Millis(0) }
    }

    /// Lets nothing leave before `until`.
    pub(crate) fn hold(&mut self, until: Millis) {
        self.free_at = self.free_at.max(until);
    }

    /// When the next piece may leave, whether there is one or not.
    pub(crate) fn free_at(&self) -> Millis {
        self.free_at
    }

    /// Queues a text, as one line or, where it is too long for one, as several.
    pub(crate) fn push(&mut self, text: &[u8]) {
        for line in lines(text) {
            Speech::Text(line).encode(&mut self.waiting);
        }
    }

    /// The next piece, if it may leave by now.
    pub(crate) fn next_piece(&mut self, now: Millis) -> Option<Vec<u8>> {
        if self.waiting.is_empty() || self.free_at > now {
            return None;
        }
        if self.pace_ms == 0 {
            return Some(self.take_all());
        }
        self.free_at = now + self.pace_ms;
        let end = piece_end(&self.waiting);
        Some(self.waiting.drain(..end).collect())
    }

    /// Everything that waits, at once.
    pub(crate) fn take_all(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.waiting)
    }

    /// How much waits, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.waiting.len()
    }

    /// How many lines of text have not left whole.
    pub(crate) fn texts(&self) -> usize {
        memchr::memchr_iter(b'\n', &self.waiting).count()
    }

    /// When to look again. `None`: nothing waits.
    pub(crate) fn next_deadline(&self) -> Option<Millis> {
        (!self.waiting.is_empty()).then_some(self.free_at)
    }
}

/// Where the next piece ends: behind the last line that is in it whole. A line that is too long
/// for a piece is cut between two characters, and so that the other side does not take its next
/// piece for a goodbye.
fn piece_end(waiting: &[u8]) -> usize {
    if waiting.len() <= PIECE_BYTES_MAX {
        return waiting.len();
    }
    let room = &waiting[..PIECE_BYTES_MAX];
    if let Some(line_feed) = memchr::memrchr(b'\n', room) {
        return line_feed + 1;
    }
    let may_cut = |at: &usize| starts_character(waiting[*at]) && is_plain(&waiting[*at..]);
    (PIECE_BYTES_MAX / 2..=PIECE_BYTES_MAX).rev().find(may_cut).unwrap_or(PIECE_BYTES_MAX)
}

/// Whether a character begins with this byte. The line end stays with what is before it.
fn starts_character(byte: u8) -> bool {
    byte & 0xC0 != 0x80 && byte != b'\r' && byte != b'\n'
}

/// Whether nobody takes a message that begins so for an instruction.
fn is_plain(rest: &[u8]) -> bool {
    !rest.starts_with(b"DISC") && !rest.starts_with(b"USER ")
}

/// Cuts a text into lines that every reader takes, between characters, and so that no line
/// happens to be an instruction of the protocol.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    const ROOM: usize = SPEECH_BYTES_MAX - 2;
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        if text.len() <= ROOM {
            return rest.take();
        }
        let may_cut = |at: &usize| starts_character(text[*at]) && is_plain(&text[*at..]);
        let cut = (ROOM / 2..=ROOM).rev().find(may_cut).unwrap_or(ROOM);
        rest = Some(&text[cut..]);
        Some(&text[..cut])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::PACE_MS;

    fn pieces(texts: &[&str]) -> Vec<String> {
        let mut outgoing = Outgoing::new(PACE_MS);
        for text in texts {
            outgoing.push(text.as_bytes());
        }
        let pieces = (0..).map_while(|turn| outgoing.next_piece(Millis(turn * PACE_MS)));
        pieces.map(|piece| String::from_utf8(piece).expect("no character is torn")).collect()
    }

    #[test]
    fn long_text_is_cut_between_characters_and_nothing_is_lost() {
        for text in ["ação ".repeat(3_000), format!("{}DISC", "x".repeat(4094))] {
            let lines: Vec<_> = lines(text.as_bytes()).collect();
            assert_eq!(lines.concat(), text.as_bytes());
            for line in lines {
                assert!(line.len() <= 4094 && std::str::from_utf8(line).is_ok());
                assert!(matches!(Speech::parse(line), Speech::Text(_)));
            }
        }
        assert_eq!(lines(b"").count(), 1);
    }

    #[test]
    fn a_piece_has_whole_lines_or_whole_characters_and_at_most_1024_bytes() {
        let long = "é".repeat(40);
        let short = [&long[..], "oi"].repeat(30);
        let found = pieces(&short);
        assert_eq!(found.concat(), short.iter().map(|it| format!("{it}\r\n")).collect::<String>());
        assert!(found.iter().all(|piece| piece.len() <= 1024 && piece.ends_with("\r\n")));
        for long in ["€".repeat(1_000), "x".repeat(1_022), "x".repeat(1_023), "x".repeat(1_024)] {
            let found = pieces(&[&long, "oi"]);
            assert_eq!(found.concat(), format!("{long}\r\noi\r\n"));
            assert!(found.iter().all(|piece| piece.len() <= 1024 && !piece.starts_with('\r')));
        }
        let found = pieces(&[&format!("{}DISC", "x".repeat(1_024))]);
        assert!(found[1].starts_with("xDISC"), "{found:?}");
    }

    #[test]
    fn the_first_piece_waits_for_nothing_and_the_next_for_the_pace() {
        let mut outgoing = Outgoing::new(20);
        outgoing.push(b"um");
        assert_eq!(outgoing.next_piece(Millis(5)).as_deref(), Some(&b"um\r\n"[..]));
        assert_eq!(outgoing.next_deadline(), None);
        outgoing.push(b"dois");
        outgoing.push(b"tres");
        assert_eq!((outgoing.next_piece(Millis(24)), outgoing.texts()), (None, 2));
        assert_eq!(outgoing.next_deadline(), Some(Millis(25)));
        assert_eq!(outgoing.next_piece(Millis(25)).as_deref(), Some(&b"dois\r\ntres\r\n"[..]));
        assert_eq!(outgoing.bytes(), 0);
    }

    #[test]
    fn without_a_pace_everything_leaves_at_once() {
        let mut outgoing = Outgoing::new(0);
        outgoing.push(&[b'x'; 3_000]);
        outgoing.push(b"oi");
        assert_eq!(outgoing.next_piece(Millis(0)).map(|piece| piece.len()), Some(3_006));
    }

    /// Not every text is UTF-8.
    #[test]
    fn text_without_characters_is_cut_all_the_same() {
        let text = [b"x", &[0x80; 9_000][..]].concat();
        let cut: Vec<_> = lines(&text).map(<[u8]>::len).collect();
        assert_eq!(cut, [4_094, 4_094, 813]);
        let mut outgoing = Outgoing::new(PACE_MS);
        outgoing.push(&text[..3_000]);
        let pieces = (0..3).filter_map(|turn| outgoing.next_piece(Millis(turn * PACE_MS)));
        assert_eq!(pieces.map(|piece| piece.len()).collect::<Vec<_>>(), [1_024, 1_024, 954]);
    }
}
