//! Broadcast: the lecture's chat server. Every client gets every message. Port 8080.
//!
//! In the lecture one goroutine hands each message to a channel for each client, and waits until
//! the client's own goroutine has taken it. One client that does not read stops all the others.
//! Here all clients share one piece of memory for a message, and the unread bytes of each client
//! are counted. While one client has too many, no client is read, so no client can send faster than
//! the others read. A client that does not catch up in time is dropped. Read next:
//! [`super::dict`].

use std::net::SocketAddr;
use std::rc::Rc;

use super::Notice;
use crate::conn_map::ConnMap;
use crate::machine::{Action, Actions, CloseReason, ConnId, Input, Machine, Millis, Typed};
use crate::timer_wheel::TimerWheel;

/// A client with more unread bytes is behind. The kernel holds tens of thousands more.
pub const UNREAD_BYTES_MAX: usize = 64 * 1024;

/// A client that was behind has caught up when it has no more unread bytes than this.
pub const CAUGHT_UP_BYTES: usize = UNREAD_BYTES_MAX / 2;

/// How long a client that is behind may take to catch up, in milliseconds. The others wait no
/// longer.
pub const CATCH_UP_MS: u64 = 3000;

/// Sends each line to all clients.
#[derive(Debug, Default)]
pub struct Broadcast {
    readers: ConnMap<Recipient>,
    /// How many clients are behind. While there is one, no client is read.
    behind: usize,
    /// A key for each reader that is behind.
    wheel: TimerWheel<ConnId>,
}

/// A client.
#[derive(Debug)]
struct Recipient {
    address: SocketAddr,
    /// The most bytes that the kernel may not have taken yet.
    unread: usize,
    /// It is behind, and is dropped at this time.
    dropped_at: Option<Millis>,
}

impl Machine for Broadcast {
    type Notice = Notice;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Notice>) {
        match input {
            Input::Accepted { conn, from, .. } => self.on_entered(now, conn, from, actions),
            Input::Line { conn, line, .. } => self.on_line(now, conn, line, actions),
            Input::Backlog { conn, bytes } => self.on_unread(conn, bytes, actions),
            Input::Drained { conn } => self.on_unread(conn, 0, actions),
            Input::EndOfStream { conn } => actions.push(Action::Close { conn }),
            Input::Closed { conn, reason } => self.on_left(now, conn, reason, actions),
            Input::Tick => self.on_tick(now, actions),
            Input::Stop => actions.push(Action::Exit { status: 0 }),
            _ => {}
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        self.wheel.next_deadline()
    }
}

impl Broadcast {
    fn on_entered(
        &mut self,
        now: Millis,
        conn: ConnId,
        address: SocketAddr,
        actions: &mut Actions<Notice>,
    ) {
        actions.send(conn, |out| out.extend_from_slice(format!("ID: {address}\n").as_bytes()));
        // The newcomer does not get its own "entrou".
        self.send_to_all(now, &format!("{address} entrou"), actions);
        self.readers.insert(conn, Recipient { address, unread: 0, dropped_at: None });
        if self.behind > 0 {
            actions.push(Action::Pause { conn });
        }
        actions.show(Notice::Entered(address));
    }

    fn on_left(
        &mut self,
        now: Millis,
        conn: ConnId,
        reason: CloseReason,
        actions: &mut Actions<Notice>,
    ) {
        let Some(reader) = self.readers.remove(conn) else { return };
        if reader.dropped_at.is_some() {
            self.one_less_behind(actions);
        }
        actions.show(Notice::Left(reader.address, reason));
        self.send_to_all(now, &format!("{} saiu", reader.address), actions);
    }

    fn on_line(&mut self, now: Millis, conn: ConnId, line: &[u8], actions: &mut Actions<Notice>) {
        let Some(speaker) = self.readers.get(conn) else { return };
        // The text goes to other people's terminals, which obey control characters.
        let text = String::from_utf8_lossy(line);
        let harmless = text.replace(|character: char| character.is_control(), "?");
        let text = format!("{}: {harmless}", speaker.address);
        self.send_to_all(now, &text, actions);
    }

    fn send_to_all(&mut self, now: Millis, text: &str, actions: &mut Actions<Notice>) {
        let bytes: Rc<[u8]> = [text.as_bytes(), b"\n"].concat().into();
        let conns: Vec<_> = self.readers.iter().map(|(conn, _)| conn).collect();
        for conn in conns {
            actions.send_shared(conn, &bytes);
            let Some(reader) = self.readers.get_mut(conn) else { continue };
            reader.unread += bytes.len();
            if reader.unread > UNREAD_BYTES_MAX && reader.dropped_at.is_none() {
                self.fall_behind(now, conn, actions);
            }
        }
    }

    /// Stops reading from all clients, until this one has caught up.
    fn fall_behind(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<Notice>) {
        let Some(reader) = self.readers.get_mut(conn) else { return };
        let dropped_at = now + CATCH_UP_MS;
        reader.dropped_at = Some(dropped_at);
        self.wheel.arm(now, dropped_at, conn);
        // The kernel may have taken everything already, and then no `Backlog` comes.
        actions.push(Action::AwaitDrain { conn });
        self.behind += 1;
        if self.behind == 1 {
            for (conn, _) in self.readers.iter() {
                actions.push(Action::Pause { conn });
            }
        }
    }

    /// Notes how many bytes the kernel has not taken yet.
    fn on_unread(&mut self, conn: ConnId, bytes: usize, actions: &mut Actions<Notice>) {
        let Some(reader) = self.readers.get_mut(conn) else { return };
        reader.unread = bytes;
        if bytes <= CAUGHT_UP_BYTES && reader.dropped_at.take().is_some() {
            self.one_less_behind(actions);
        }
    }

    fn one_less_behind(&mut self, actions: &mut Actions<Notice>) {
        self.behind -= 1;
        if self.behind == 0 {
            for (conn, _) in self.readers.iter() {
                actions.push(Action::Resume { conn });
            }
        }
    }

    fn on_tick(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        while let Some(conn) =
            self.wheel.pop_expired(now, |conn| self.readers.get(*conn)?.dropped_at)
        {
            actions.push(Action::Abort { conn });
            self.on_left(now, conn, CloseReason::SlowReader, actions);
        }
    }
}
