//! Broadcast: the lecture's chat server. What one says, everybody reads. Port 8080.
//!
//! In the lecture one goroutine hands each message to a channel for each client, and waits until
//! the client's own goroutine has taken it: one client who does not read stops all the others.
//! Here a message is one piece of shared memory for everybody, what a client has not read yet is
//! counted, and with too much of it the client is dropped. Read next: [`super::dict`].

use std::net::SocketAddr;
use std::rc::Rc;

use super::Notice;
use crate::conn_map::ConnMap;
use crate::machine::{Action, Actions, CloseReason, ConnId, Input, Machine, Millis, Shared, Typed};

/// Most unread bytes of one client. The kernel holds a few ten thousand more.
pub const UNREAD_BYTES_MAX: usize = 64 * 1024;

/// Passes on to everybody what anybody says.
#[derive(Debug, Default)]
pub struct Broadcast {
    clients: ConnMap<SocketAddr>,
}

impl Machine for Broadcast {
    type Notice = Notice;
    type Command = Typed;

    fn handle(&mut self, _now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Notice>) {
        match input {
            Input::Accepted { conn, from, .. } => self.on_entered(conn, from, actions),
            Input::Line { conn, line, .. } => self.on_line(conn, line, actions),
            Input::Backlog { conn, bytes } if bytes > UNREAD_BYTES_MAX => {
                actions.push(Action::Abort { conn });
                self.on_left(conn, CloseReason::SlowReader, actions);
            }
            Input::EndOfStream { conn } => actions.push(Action::Close { conn }),
            Input::Closed { conn, reason } => self.on_left(conn, reason, actions),
            Input::Stop => actions.push(Action::Exit { status: 0 }),
            _ => {}
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        None
    }
}

impl Broadcast {
    fn on_entered(&mut self, conn: ConnId, who: SocketAddr, actions: &mut Actions<Notice>) {
        actions.send(conn, |out| out.extend_from_slice(format!("ID: {who}\n").as_bytes()));
        // In this order: the newcomer knows that it has come.
        self.tell_everybody(&format!("{who} entrou"), actions);
        self.clients.insert(conn, who);
        actions.show(Notice::Entered(who));
    }

    fn on_left(&mut self, conn: ConnId, reason: CloseReason, actions: &mut Actions<Notice>) {
        let Some(who) = self.clients.remove(conn) else { return };
        actions.show(Notice::Left(who, reason));
        self.tell_everybody(&format!("{who} saiu"), actions);
    }

    fn on_line(&self, conn: ConnId, line: &[u8], actions: &mut Actions<Notice>) {
        let Some(who) = self.clients.get(conn) else { return };
        // It goes to other people's terminals, and a terminal obeys control characters.
        let text = String::from_utf8_lossy(line);
        let harmless = text.replace(|character: char| character.is_control(), "?");
        self.tell_everybody(&format!("{who}: {harmless}"), actions);
    }

    fn tell_everybody(&self, text: &str, actions: &mut Actions<Notice>) {
        let bytes: Rc<[u8]> = [text.as_bytes(), b"\n"].concat().into();
        for (conn, _) in self.clients.iter() {
            let shared = Shared { bytes: Rc::clone(&bytes), skip: 0..0 };
            actions.push(Action::SendShared { conn, shared });
        }
    }
}
