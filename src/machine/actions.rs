//! The wishes of a machine, on their way to the event loop: a queue of actions, and one arena for
//! the bytes that they send.
//!
//! Knows nothing of what is asked for. Read next: [`super::Machine`].

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::ops::Range;

use super::{Action, ConnId, LineLimit};

/// A place in the arena of [`Actions`].
///
/// In 32 bits: every answer is moved through the queue of actions, and the arena holds what one
/// input leads to, which is far from 4 GiB.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Span {
    start: u32,
    end: u32,
    /// Nothing may show these bytes.
    #[cfg(feature = "full")]
    is_secret: bool,
}

impl Span {
    /// All that the arena has from `start` on.
    ///
    /// # Panics
    ///
    /// If one input of a machine leads to 4 GiB of output.
    fn from(start: usize, arena: &[u8]) -> Self {
        let place = |at: usize| u32::try_from(at).expect("one input leads to less than 4 GiB");
        Self {
            start: place(start),
            end: place(arena.len()),
            #[cfg(feature = "full")]
            is_secret: false,
        }
    }

    fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether nothing may show these bytes.
    #[cfg(feature = "full")]
    pub(crate) fn is_secret(&self) -> bool {
        self.is_secret
    }

    #[cfg(not(feature = "full"))]
    pub(crate) fn is_secret(&self) -> bool {
        false
    }
}

/// The text that is shown in the place of a secret.
pub(crate) const HIDDEN: &[u8] = b"(a password)\r\n";

/// The wishes of a machine, in order. There is one, which the event loop empties after every
/// input.
///
/// Bytes to send are written into one arena, so that an answer costs no allocation:
///
/// ```text
/// arena  | ADDR 10.0.0.2:21500\r\n | ADDR 10.0.0.7:20000\r\n |
///          ^ span of the 1st Send    ^ span of the 2nd Send
/// ```
#[derive(Debug)]
pub struct Actions<N> {
    queue: VecDeque<Action<N>>,
    arena: Vec<u8>,
}

impl<N> Default for Actions<N> {
    fn default() -> Self {
        Self { queue: VecDeque::new(), arena: Vec::new() }
    }
}

impl<N> Actions<N> {
    /// Asks for `action`.
    pub fn push(&mut self, action: Action<N>) {
        self.queue.push_back(action);
    }

    /// Sends what `encode` writes, and says how many bytes that is.
    pub fn send(&mut self, conn: ConnId, encode: impl FnOnce(&mut Vec<u8>)) -> usize {
        let start = self.arena.len();
        encode(&mut self.arena);
        let span = Span::from(start, &self.arena);
        self.push(Action::Send { conn, span });
        self.arena.len() - start
    }

    /// Sends what `encode` writes, which neither a trace nor a recording may show: a password.
    #[cfg(feature = "full")]
    pub fn send_secret(&mut self, conn: ConnId, encode: impl FnOnce(&mut Vec<u8>)) {
        let start = self.arena.len();
        encode(&mut self.arena);
        let span = Span { is_secret: true, ..Span::from(start, &self.arena) };
        self.push(Action::Send { conn, span });
    }

    /// Sends what `encode` writes as one datagram.
    pub fn send_to(&mut self, to: SocketAddr, encode: impl FnOnce(&mut Vec<u8>)) {
        let start = self.arena.len();
        encode(&mut self.arena);
        let span = Span::from(start, &self.arena);
        self.push(Action::SendTo { to, span });
    }

    /// Cuts what a connection of raw bytes still brings into lines, and `rest` before it: see
    /// [`Action::CutLines`].
    pub fn cut_lines(&mut self, conn: ConnId, limit: LineLimit, rest: &[u8]) {
        let start = self.arena.len();
        self.arena.extend_from_slice(rest);
        let rest = Span::from(start, &self.arena);
        self.push(Action::CutLines { conn, limit, rest });
    }

    /// Shows `notice`.
    pub fn show(&mut self, notice: N) {
        self.push(Action::Show(notice));
    }

    /// The bytes of an action that was popped from here, until the
    /// queue is empty.
    #[must_use]
    pub fn bytes(&self, span: &Span) -> &[u8] {
        &self.arena[span.range()]
    }

    /// The same, for people who look on: a secret is not shown.
    #[must_use]
    pub fn shown(&self, span: &Span) -> &[u8] {
        if span.is_secret() { HIDDEN } else { self.bytes(span) }
    }

    /// The oldest action not performed yet. For drivers.
    pub fn pop(&mut self) -> Option<Action<N>> {
        let action = self.queue.pop_front();
        if action.is_none() {
            self.arena.clear();
        }
        action
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_name_their_own_bytes() {
        let conn = ConnId { slot: 0, generation: 0 };
        let mut actions = Actions::<()>::default();
        actions.send(conn, |out| out.extend(b"one"));
        actions.send(conn, |out| out.extend(b"two"));
        let mut sent = Vec::new();
        while let Some(action) = actions.pop() {
            if let Action::Send { span, .. } = action {
                sent.push(actions.bytes(&span).to_vec());
            }
        }
        assert_eq!(sent, [b"one", b"two"]);
    }
}
