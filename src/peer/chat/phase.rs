//! The phases of a connection between two peers, each with its deadlines.
//!
//! ```text
//! Unnamed ──USER──► Introduced ──checked──► Talking
//!
//! Talking ──we say goodbye────────────────► Parting ──they close──► (closed)
//!    └──────they say goodbye, or stop sending──► Parted ──────────► (closed)
//! ```
//!
//! Must never know how anything is sent. Read next: [`super::link`], which has a phase.

use crate::machine::Millis;
use crate::peer::notice::{ConversationId, Partner, Trust};
use crate::wire::name::Name;

/// How long a conversation waits for the server's answer about its caller, in milliseconds. A name
/// that nobody has takes 300 ms and a round trip to the server.
pub const CHECK_HOLD_MS: u64 = 1_000;

/// Most text that is held for a caller whose name is being checked, in bytes. With more, the
/// conversation opens without the server's answer.
pub const EARLY_BYTES_MAX: usize = 8 * 1024;

/// How long to wait for the other side to close after a goodbye, in milliseconds, once it has
/// taken all that we sent.
pub(super) const DRAIN_MS: u64 = 2_000;

/// Longest goodbye in all, in milliseconds, however slowly the other side reads.
pub const LINGER_MAX_MS: u64 = 600_000;

/// The phase of a connection.
#[derive(Debug)]
pub(super) enum Phase {
    /// Somebody called, and has to send a name before `name_by`.
    Unnamed { name_by: Millis },
    /// The caller has sent its name, and the server is asked whether it is true.
    Introduced(Introduced),
    /// Part of a conversation.
    Talking(ConversationId),
    /// We say goodbye: `None` until all texts and the pause behind them are over. Text that the
    /// other side had already sent is still shown.
    Parting { who: Partner, goodbye: Option<Goodbye> },
    /// They said goodbye. Further lines are ignored.
    Parted { who: Option<Partner>, goodbye: Goodbye },
}

/// A caller whose conversation is not open yet.
#[derive(Debug)]
pub(super) struct Introduced {
    pub(super) name: Name,
    /// When the caller sent its name.
    pub(super) since: Millis,
    /// The server has not been asked about the name yet.
    pub(super) wants_check: bool,
    /// The meaning of the server's answer. `None`: it is waited for.
    pub(super) trust: Option<Trust>,
    /// When the conversation opens, checked or not.
    pub(super) open_by: Millis,
    /// The texts of the caller since, and whether each line was cut.
    texts: Vec<(Vec<u8>, bool)>,
}

impl Introduced {
    pub(super) fn new(now: Millis, name: Name, trust: Option<Trust>) -> Self {
        let open_by = now + CHECK_HOLD_MS;
        Self { name, since: now, wants_check: true, trust, open_by, texts: Vec::new() }
    }

    /// Whether the caller has sent no text.
    pub(super) fn is_silent(&self) -> bool {
        self.texts.is_empty()
    }

    /// Holds a text of the caller. False: there is no room.
    pub(super) fn hold(&mut self, text: &[u8], cut: bool) -> bool {
        let held: usize = self.texts.iter().map(|(text, _)| text.len() + 1).sum();
        let has_room = held + text.len() < EARLY_BYTES_MAX;
        if has_room {
            self.texts.push((text.to_vec(), cut));
        }
        has_room
    }

    /// The texts that were held.
    pub(super) fn into_texts(self) -> Vec<(Vec<u8>, bool)> {
        self.texts
    }
}

/// A goodbye that one of both has said.
#[derive(Debug)]
pub(super) struct Goodbye {
    said_at: Millis,
    /// When the connection is closed, whether the other side has closed or not.
    pub(super) close_by: Millis,
}

impl Goodbye {
    pub(super) fn new(now: Millis) -> Self {
        Self { said_at: now, close_by: now + DRAIN_MS }
    }

    /// Closes this long after `since`, when our output last moved.
    pub(super) fn put_off(&mut self, since: Millis, within_ms: u64) {
        self.close_by = (since + within_ms).min(self.said_at + LINGER_MAX_MS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_than_eight_kib_are_held_and_a_line_without_text_takes_a_byte() {
        let caller = || Introduced::new(Millis(0), Name::parse(b"Ana").expect("a name"), None);
        let mut ana = caller();
        assert!(!ana.hold(&[b'x'; EARLY_BYTES_MAX], false));
        assert!(ana.hold(&[b'x'; EARLY_BYTES_MAX - 1], false));
        assert!(!ana.hold(b"", false));
        let mut ana = caller();
        let held = (0..2 * EARLY_BYTES_MAX).take_while(|_| ana.hold(b"", false)).count();
        assert_eq!((held, ana.into_texts().len()), (EARLY_BYTES_MAX, EARLY_BYTES_MAX));
    }
}
