//! The texts of one connection that the event loop has not been given yet, and the pauses between
//! them.
//!
//! Most other programs take what one `recv(1024)` returns for one message and decode it alone. So
//! text leaves in pieces that such a program takes whole, with a pause between two pieces. Must
//! never know a connection. Read next: [`super::delivery`], which counts what has left.

use crate::machine::Millis;
use crate::wire::SPEECH_BYTES_MAX;
use crate::wire::speech::Speech;

/// Longest piece, in bytes: other programs ask `recv` for so much at once.
pub const PIECE_BYTES_MAX: usize = 1024;

/// While more than this waits for the pace, in bytes, a person's next line waits as well: a paste
/// leaves at 50 KB a second.
pub(crate) const PACED_BYTES_MAX: usize = 64 * 1024;

/// The pause after USER and before DISC, in milliseconds: many programs take what one `recv`
/// returns for one message, and would read the text behind USER as part of the name.
pub(super) const COURTESY_MS: u64 = 50;

/// Lines of text that wait, oldest first.
///
/// ```text
/// waiting | Oi\r\n | Tudo bem?\r\n | a line of 3,000 bytes … \r\n | Tchau\r\n |
/// pieces  |<---- whole lines ---->|<-- 1024 -->|<-- 1024 -->|<-- the rest -->|
/// ```
#[derive(Debug)]
pub(super) struct Outgoing {
    /// 0: everything leaves at once.
    pace_ms: u64,
    /// Lines with their ends. A part of the first may have left.
    waiting: Vec<u8>,
    /// The next piece waits until then. `None`: nothing has been sent before it.
    free_at: Option<Millis>,
    /// When the last piece left.
    sent_at: Option<Millis>,
}

impl Outgoing {
    pub(super) fn new(pace_ms: u64) -> Self {
        Self { pace_ms, waiting: Vec::new(), free_at: None, sent_at: None }
    }

    /// USER was sent. The next text or DISC waits.
    pub(super) fn on_user(&mut self, now: Millis) {
        self.free_at = Some(now + COURTESY_MS);
    }

    /// Queues a text, as one line or, where it is too long for one, as several.
    pub(super) fn push(&mut self, text: &[u8]) {
        for line in lines(text) {
            Speech::Text(line).encode(&mut self.waiting);
        }
    }

    /// Takes the next piece, if it may leave now.
    pub(super) fn next_piece(&mut self, now: Millis) -> Vec<u8> {
        if self.free_at.is_some_and(|at| at > now) {
            return Vec::new();
        }
        if self.pace_ms == 0 {
            return self.take_all(now);
        }
        let end = piece_end(&self.waiting);
        if end > 0 {
            self.sent_at = Some(now);
            self.free_at = Some(now + self.pace_ms);
        }
        self.waiting.drain(..end).collect()
    }

    /// Takes everything that waits.
    pub(super) fn take_all(&mut self, now: Millis) -> Vec<u8> {
        if !self.waiting.is_empty() {
            self.sent_at = Some(now);
        }
        std::mem::take(&mut self.waiting)
    }

    /// How much waits, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.waiting.len()
    }

    /// How many lines of text have not left whole.
    pub(super) fn texts(&self) -> usize {
        memchr::memchr_iter(b'\n', &self.waiting).count()
    }

    /// Whether any text has left.
    pub(super) fn has_sent(&self) -> bool {
        self.sent_at.is_some()
    }

    /// When the next piece leaves. `None`: nothing waits.
    pub(super) fn next_deadline(&self) -> Option<Millis> {
        self.free_at.filter(|_| !self.waiting.is_empty())
    }

    /// Whether DISC may leave now: no text waits, and the pause before DISC is over.
    pub(super) fn may_end(&self, now: Millis) -> bool {
        self.waiting.is_empty() && self.end_pause_until().is_none_or(|at| at <= now)
    }

    /// When the pause before DISC is over. `None`: nothing was sent, or texts wait.
    pub(super) fn ends_at(&self) -> Option<Millis> {
        self.end_pause_until().filter(|_| self.waiting.is_empty())
    }

    fn end_pause_until(&self) -> Option<Millis> {
        self.free_at.max(self.sent_at.map(|at| at + COURTESY_MS))
    }
}

/// Where the next piece ends: behind its last whole line. A line that is too long for a piece is
/// cut between two characters, and so that the rest does not look like an instruction.
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

/// Whether a character begins with this byte. A line end is not cut off from its line.
fn starts_character(byte: u8) -> bool {
    byte & 0xC0 != 0x80 && byte != b'\r' && byte != b'\n'
}

/// Whether a message that begins so is no instruction.
fn is_plain(rest: &[u8]) -> bool {
    !rest.starts_with(b"DISC") && !rest.starts_with(b"USER ")
}

/// Cuts a text into lines that are not too long: between characters, and so that no line is an
/// instruction.
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
        let pieces = (0..)
            .map(|turn| outgoing.next_piece(Millis(turn * PACE_MS)))
            .take_while(|piece| !piece.is_empty());
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
    fn the_first_piece_leaves_at_once_and_the_next_after_a_pause() {
        let mut outgoing = Outgoing::new(20);
        outgoing.push(b"um");
        assert_eq!(outgoing.next_piece(Millis(5)), b"um\r\n");
        assert_eq!(outgoing.next_deadline(), None);
        outgoing.push(b"dois");
        outgoing.push(b"tres");
        assert_eq!((outgoing.next_piece(Millis(24)), outgoing.texts()), (Vec::new(), 2));
        assert_eq!(outgoing.next_deadline(), Some(Millis(25)));
        assert_eq!(outgoing.next_piece(Millis(25)), b"dois\r\ntres\r\n");
        assert_eq!(outgoing.bytes(), 0);
    }

    #[test]
    fn without_a_pace_everything_leaves_at_once() {
        let mut outgoing = Outgoing::new(0);
        outgoing.push(&[b'x'; 3_000]);
        outgoing.push(b"oi");
        assert_eq!(outgoing.next_piece(Millis(0)).len(), 3_006);
    }

    #[test]
    fn text_that_is_no_utf_8_is_cut_too() {
        let text = [b"x", &[0x80; 9_000][..]].concat();
        let cut: Vec<_> = lines(&text).map(<[u8]>::len).collect();
        assert_eq!(cut, [4_094, 4_094, 813]);
        let mut outgoing = Outgoing::new(PACE_MS);
        outgoing.push(&text[..3_000]);
        let pieces = (0..3).map(|turn| outgoing.next_piece(Millis(turn * PACE_MS)));
        assert_eq!(pieces.map(|piece| piece.len()).collect::<Vec<_>>(), [1_024, 1_024, 954]);
    }
}
