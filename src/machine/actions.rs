//! The actions of a machine on their way to the event loop: a queue, and one arena for the bytes
//! that they send.
//!
//! Nothing here performs an action. Read next: [`super::Machine`].

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::ops::Range;
use std::rc::Rc;

use super::{Action, ConnId, LineLimit, SharedText};

/// A place in the arena of [`Actions`].
///
/// Two 32-bit numbers, because each answer moves through the queue of actions. The arena has the
/// output of one input, which is far below 4 GiB.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Span {
    start: u32,
    end: u32,
    /// No trace and no recording may show these bytes.
    #[cfg(feature = "full")]
    is_secret: bool,
}

impl Span {
    /// The part of the arena from `start` to its end.
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

    /// Whether no trace and no recording may show these bytes.
    #[cfg(feature = "full")]
    pub(crate) fn is_secret(&self) -> bool {
        self.is_secret
    }

    #[cfg(not(feature = "full"))]
    pub(crate) fn is_secret(&self) -> bool {
        false
    }
}

/// The text that a trace and a recording show in place of a secret.
pub(crate) const HIDDEN: &[u8] = b"(a password)\r\n";

/// The actions of a machine, in order. The event loop has one such queue, and empties it after
/// every input.
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
    /// Adds an action.
    pub fn push(&mut self, action: Action<N>) {
        self.queue.push_back(action);
    }

    /// Sends the bytes that `encode` writes. Returns their number.
    pub fn send(&mut self, conn: ConnId, encode: impl FnOnce(&mut Vec<u8>)) -> usize {
        let start = self.arena.len();
        encode(&mut self.arena);
        let span = Span::from(start, &self.arena);
        self.push(Action::Send { conn, span });
        self.arena.len() - start
    }

    /// Sends the whole of a text that several sends share, without a copy.
    pub fn send_shared(&mut self, conn: ConnId, text: &Rc<[u8]>) {
        let shared = SharedText { bytes: Rc::clone(text), skip: 0..0 };
        self.push(Action::SendShared { conn, shared });
    }

    /// Sends the bytes that `encode` writes: a password, which no trace and no recording shows.
    #[cfg(feature = "full")]
    pub fn send_secret(&mut self, conn: ConnId, encode: impl FnOnce(&mut Vec<u8>)) {
        let start = self.arena.len();
        encode(&mut self.arena);
        let span = Span { is_secret: true, ..Span::from(start, &self.arena) };
        self.push(Action::Send { conn, span });
    }

    /// Sends the bytes that `encode` writes as one datagram.
    pub fn send_to(&mut self, to: SocketAddr, encode: impl FnOnce(&mut Vec<u8>)) {
        let start = self.arena.len();
        encode(&mut self.arena);
        let span = Span::from(start, &self.arena);
        self.push(Action::SendTo { to, span });
    }

    /// Changes a raw connection to lines. `rest` comes before the bytes that are read next: see
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

    /// The bytes of an action that was popped from here. They stay until the queue is empty.
    #[must_use]
    pub fn bytes(&self, span: &Span) -> &[u8] {
        &self.arena[span.range()]
    }

    /// The same for a trace or a recording: a secret is hidden.
    #[must_use]
    pub fn shown(&self, span: &Span) -> &[u8] {
        if span.is_secret() { HIDDEN } else { self.bytes(span) }
    }

    /// The oldest action. For the event loop, and for tests that drive a machine.
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
