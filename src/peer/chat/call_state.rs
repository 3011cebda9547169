//! Where a connection between two peers stands, and what is held of a caller until it is known who
//! it is.
//!
//! ```text
//! Unnamed ──USER──► Introduced ──checked──► Talking
//!
//! Talking ──we say goodbye────────────► Parting ──they close──► (gone)
//!    └──────DISC heard, stream ended──► Parted ───────────────► (gone)
//! ```
//!
//! Read next: [`super::link`], which has one of each.

use crate::machine::Millis;
use crate::peer::notice::{ConversationId, Partner};
use crate::wire::name::Name;

/// How long a conversation waits for the server's word about its caller, in milliseconds. A name
/// that nobody has takes 300 ms and the way to the server and back.
pub const CHECK_HOLD_MS: u64 = 1_000;

/// Most text that is held for a caller whose name is being checked, in bytes. With more, the
/// conversation opens without the server's word.
pub const EARLY_BYTES_MAX: usize = 8 * 1024;

/// Where a connection stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum CallState {
    /// Somebody called and has not said a name.
    Unnamed,
    /// The caller has said this name, and the server has not yet said whether it is true.
    Introduced(Name),
    /// Part of a conversation.
    Talking(ConversationId),
    /// We said goodbye, or are about to. Text that they had already sent is still shown.
    Parting(Partner),
    /// They said goodbye. Nothing more is heard here.
    Parted(Option<Partner>),
}

/// The text and times of an introduced caller.
#[derive(Debug, Default)]
pub(super) struct Early {
    /// The server is to be asked about the name.
    pub(super) wants_check: bool,
    /// When the caller said its name.
    since: Millis,
    /// The texts of the caller since, and whether each line was cut.
    texts: Vec<(Vec<u8>, bool)>,
    /// When the conversation opens at the latest.
    open_by: Option<Millis>,
}

impl Early {
    /// The caller has said its name.
    pub(super) fn begin(&mut self, now: Millis) {
        *self = Self {
            wants_check: true,
            since: now,
            texts: Vec::new(),
            open_by: Some(now + CHECK_HOLD_MS),
        };
    }

    /// When the caller said its name.
    pub(super) fn since(&self) -> Millis {
        self.since
    }

    /// When the conversation opens, checked or not.
    pub(super) fn open_by(&self) -> Option<Millis> {
        self.open_by
    }

    /// Holds what the caller says. False: there is no room.
    pub(super) fn hold(&mut self, text: &[u8], cut: bool) -> bool {
        let held: usize = self.texts.iter().map(|(text, _)| text.len() + 1).sum();
        let has_room = held + text.len() < EARLY_BYTES_MAX;
        if has_room {
            self.texts.push((text.to_vec(), cut));
        }
        has_room
    }

    /// It is over: gives what was held.
    pub(super) fn take(&mut self) -> Vec<(Vec<u8>, bool)> {
        std::mem::take(self).texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_than_eight_kib_are_held_and_a_line_without_text_takes_a_byte() {
        let mut early = Early::default();
        assert!(!early.hold(&[b'x'; EARLY_BYTES_MAX], false));
        assert!(early.hold(&[b'x'; EARLY_BYTES_MAX - 1], false));
        assert!(!early.hold(b"", false));
        assert_eq!(early.take().len(), 1);
        let held = (0..2 * EARLY_BYTES_MAX).take_while(|_| early.hold(b"", false)).count();
        assert_eq!(held, EARLY_BYTES_MAX);
    }
}
