//! One connection to the engine: its dial, its commands without replies, and its deadlines.
//!
//! Knows the order of the replies, and not their meaning. Read next: [`super::session`], which has
//! two of these.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use redis_protocol::resp2::types::OwnedFrame;

use super::engine::{Keys, Loaded, Operation, Script, ServerId};
use super::notice::{Trouble, WORDS_BYTES_MAX};
use super::resp::{Replies, Unreadable};
use crate::directory::notice::Excerpt;
use crate::machine::{Action, Actions, ConnId, DialId, Framing, Millis};
use crate::wire::name::Name;

/// How long a dial to the engine may take, in milliseconds.
pub(super) const DIAL_WITHIN_MS: u64 = 2_000;

/// How long the engine may take for a reply, in milliseconds. Then it counts as down.
pub(super) const REPLY_WITHIN_MS: u64 = 3_000;

/// How long the system may try to send our bytes. [`REPLY_WITHIN_MS`] is shorter, so it decides.
const GIVE_UP: Duration = Duration::from_secs(20);

/// The operation that a reply belongs to.
#[derive(Debug)]
pub(super) enum PendingReply {
    Login,
    Load(Script),
    Enter,
    /// The names, and the connection of each.
    Claim(Vec<(ConnId, Name)>),
    Release(ServerId, Vec<Name>),
    Read,
    Renew,
    Leases(Vec<ServerId>),
    Follow,
    Leave,
}

#[derive(Debug)]
pub(super) struct Link {
    dial: DialId,
    state: LinkState,
    replies: Replies,
    /// The commands without replies, in order, and when each reply is late.
    awaited: VecDeque<(PendingReply, Millis)>,
}

/// ```text
/// Closed ──► Dialing ──► Open ──► Closed
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum LinkState {
    Closed,
    Dialing { give_up_at: Millis },
    Open(ConnId),
}

impl Link {
    pub(super) fn new(dial: DialId) -> Self {
        Self {
            dial,
            state: LinkState::Closed,
            replies: Replies::default(),
            awaited: VecDeque::new(),
        }
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.state, LinkState::Open(_))
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state == LinkState::Closed
    }

    pub(super) fn owns(&self, conn: ConnId) -> bool {
        self.state == LinkState::Open(conn)
    }

    pub(super) fn is_waiting(&self) -> bool {
        !self.awaited.is_empty()
    }

    pub(super) fn dial<N>(&mut self, now: Millis, to: SocketAddr, actions: &mut Actions<N>) {
        let (dial, framing, give_up) = (self.dial, Framing::Raw, GIVE_UP);
        actions.push(Action::Dial { dial, to, framing, give_up });
        self.state = LinkState::Dialing { give_up_at: now + DIAL_WITHIN_MS };
    }

    /// Takes the result of a dial. The result of an abandoned dial changes nothing.
    pub(super) fn on_dialed<N>(
        &mut self,
        result: Result<ConnId, ErrorKind>,
        actions: &mut Actions<N>,
    ) -> Result<(), Trouble> {
        let is_wanted = matches!(self.state, LinkState::Dialing { .. });
        match result {
            Ok(conn) if is_wanted => self.state = LinkState::Open(conn),
            Ok(conn) => actions.push(Action::Abort { conn }),
            Err(error) if is_wanted => {
                self.state = LinkState::Closed;
                return Err(Trouble::Unreachable(error));
            }
            Err(_) => {}
        }
        Ok(())
    }

    /// Sends a command, whose reply is late after the deadline.
    pub(super) fn ask<N>(
        &mut self,
        deadline: Millis,
        operation: Operation<'_>,
        asked: PendingReply,
        (keys, loaded): (&Keys, &Loaded),
        actions: &mut Actions<N>,
    ) {
        let LinkState::Open(conn) = self.state else { return };
        let encode = |out: &mut Vec<u8>| operation.encode(keys, loaded, out);
        if matches!(operation, Operation::Authenticate { .. }) {
            actions.send_secret(conn, encode);
        } else {
            actions.send(conn, encode);
        }
        self.awaited.push_back((asked, deadline));
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.replies.push(bytes);
    }

    /// The next reply, and the command that it answers.
    pub(super) fn next(&mut self) -> Result<Option<(PendingReply, OwnedFrame)>, Trouble> {
        let frame = match self.replies.next() {
            Ok(Some(frame)) => frame,
            Ok(None) => return Ok(None),
            Err(Unreadable::TooLong) => return Err(Trouble::TooLong),
            Err(Unreadable::NotRedis) => {
                return Err(Trouble::NotRedis(Excerpt::of(self.replies.rest())));
            }
        };
        if let OwnedFrame::Error(words) = &frame {
            return Err(Trouble::Said(beginning(words)));
        }
        let Some((asked, _)) = self.awaited.pop_front() else { return Err(Trouble::Nonsense) };
        Ok(Some((asked, frame)))
    }

    /// Closes the connection, and returns the commands without replies.
    pub(super) fn close<N>(&mut self, actions: &mut Actions<N>) -> Vec<PendingReply> {
        match std::mem::replace(&mut self.state, LinkState::Closed) {
            LinkState::Closed => {}
            LinkState::Dialing { .. } => actions.push(Action::Abandon { dial: self.dial }),
            LinkState::Open(conn) => actions.push(Action::Abort { conn }),
        }
        self.replies = Replies::default();
        self.awaited.drain(..).map(|(asked, _)| asked).collect()
    }

    /// When the dial or the next reply is late.
    pub(super) fn deadline(&self) -> Option<Millis> {
        match self.state {
            LinkState::Closed => None,
            LinkState::Dialing { give_up_at } => Some(give_up_at),
            LinkState::Open(_) => self.awaited.front().map(|(_, deadline)| *deadline),
        }
    }

    /// Fails if the dial or a reply is late.
    pub(super) fn check(&self, now: Millis) -> Result<(), Trouble> {
        match (self.deadline(), self.state) {
            (Some(at), LinkState::Dialing { .. }) if at <= now => {
                Err(Trouble::Unreachable(ErrorKind::TimedOut))
            }
            (Some(at), _) if at <= now => Err(Trouble::Slow),
            _ => Ok(()),
        }
    }
}

/// The first [`WORDS_BYTES_MAX`] bytes of the engine's error text.
fn beginning(words: &str) -> Box<str> {
    let mut end = words.len().min(WORDS_BYTES_MAX);
    while !words.is_char_boundary(end) {
        end -= 1;
    }
    words[..end].into()
}
