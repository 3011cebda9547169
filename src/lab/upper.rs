//! The lecture's first example: a text comes back in upper case. Port 12000.
//!
//! Over UDP a text is a datagram. Over TCP a text has no mark at its end, and the lecture has two
//! clients: Python's sends no line end and waits, and Java's sends a line end, but each letter in a
//! packet of its own. Both get their answer, because a text ends with a line feed, or with
//! [`REST_WAITS_MS`] of silence. Then the server answers and closes. Read next:
//! [`super::lingering_close`], which says why closing takes a file of its own.

use super::lingering_close::LingeringCloses;
use super::source_filter::SourceFilter;
use super::{Notice, change_case};
use crate::conn_map::ConnMap;
use crate::machine::{Action, Actions, ConnId, Input, Machine, Millis, Typed};
use crate::timer_wheel::TimerWheel;

/// A text is complete after this silence, in milliseconds. Java's client sends the second letter
/// when the first one is acknowledged, and that may take a trip around the world.
pub const REST_WAITS_MS: u64 = 300;

/// Longest text, in bytes. A longer one is cut, and its beginning is answered.
pub const TEXT_BYTES_MAX: usize = 16 * 1024;

/// Answers one text in upper case.
#[derive(Debug, Default)]
pub struct Upper {
    sources: SourceFilter,
    texts: ConnMap<UpperText>,
    /// A key for each text that has begun. The true deadline is in the text.
    wheel: TimerWheel<ConnId>,
    lingering: LingeringCloses,
}

/// The text of one client.
#[derive(Debug)]
enum UpperText {
    /// The part that has come, and when it is complete if nothing follows.
    Arriving(Vec<u8>, Millis),
    /// Further bytes are thrown away.
    Answered,
}

impl Machine for Upper {
    type Notice = Notice;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Notice>) {
        match input {
            Input::Bytes { conn, bytes } => self.on_bytes(now, conn, bytes, actions),
            // In some alphabets a capital letter is longer, up to three times. An answer that is
            // too long for a datagram is lost, as any datagram may be.
            Input::Datagram { from, bytes } if self.sources.may_answer(now, from) => {
                actions.send_to(from, |out| out.extend(change_case(bytes, str::to_uppercase)));
            }
            Input::Backlog { conn, bytes } => self.lingering.on_backlog(now, conn, bytes),
            Input::EndOfStream { conn } => {
                self.answer(now, conn, actions);
                actions.push(Action::Close { conn });
            }
            Input::Closed { conn, .. } => {
                self.texts.remove(conn);
                self.lingering.on_closed(conn);
            }
            Input::Tick => self.on_tick(now, actions),
            Input::Stop => actions.push(Action::Exit { status: 0 }),
            _ => {}
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        let deadlines = [self.wheel.next_deadline(), self.lingering.next_deadline()];
        deadlines.into_iter().flatten().min()
    }
}

impl Upper {
    /// Answers all connections, and the datagrams that `sources` lets through.
    #[must_use]
    pub fn new(sources: SourceFilter) -> Self {
        Self { sources, ..Self::default() }
    }

    fn on_bytes(&mut self, now: Millis, conn: ConnId, bytes: &[u8], actions: &mut Actions<Notice>) {
        let ends_at = now + REST_WAITS_MS;
        if self.texts.get(conn).is_none() {
            self.texts.insert(conn, UpperText::Arriving(Vec::new(), ends_at));
            self.wheel.arm(now, ends_at, conn);
        }
        let Some(UpperText::Arriving(text, at)) = self.texts.get_mut(conn) else { return };
        *at = ends_at;
        let room = TEXT_BYTES_MAX - text.len();
        text.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if text.ends_with(b"\n") || text.len() == TEXT_BYTES_MAX {
            self.answer(now, conn, actions);
        }
    }

    /// Answers the bytes that have come, and ends the connection.
    fn answer(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<Notice>) {
        let Some(text) = self.texts.get_mut(conn) else { return };
        if let UpperText::Arriving(bytes, _) = std::mem::replace(text, UpperText::Answered) {
            actions.send(conn, |out| out.extend(change_case(&bytes, str::to_uppercase)));
            self.lingering.begin(now, conn, actions);
        }
    }

    fn on_tick(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        while let Some(conn) = self.wheel.pop_expired(now, |conn| self.texts.get(*conn)?.ends_at())
        {
            self.answer(now, conn, actions);
        }
        self.lingering.tick(now, actions);
    }
}

impl UpperText {
    /// When the text is complete if nothing follows.
    fn ends_at(&self) -> Option<Millis> {
        match self {
            Self::Arriving(_, at) => Some(*at),
            Self::Answered => None,
        }
    }
}
