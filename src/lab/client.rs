//! The client: keyboard to socket, and socket to screen, at the same time.
//!
//! The lecture's client needs two goroutines for that ("seu cliente deve ler e escrever ao mesmo
//! tempo"). Here both are inputs of one machine. After the last typed line it half-closes and still
//! reads, so no answer is cut off. UDP has no end of a stream, so there it waits for silence. Read
//! next: [`super::throughput`].

use std::io::ErrorKind;
use std::net::SocketAddr;

use super::{Notice, STALLED_MS};
use crate::machine::{
    Action, Actions, CloseReason, ConnId, DialId, Framing, GIVE_UP, Input, Machine, Millis, Typed,
};

/// How long the client waits for further answers after the last typed line, in milliseconds. The
/// other side may be slow, or stopped for a while. Most services end the wait, because they close.
pub const ANSWERS_WAIT_MS: u64 = 30_000;

/// The same over UDP, which has no end of a stream.
pub const DATAGRAMS_WAIT_MS: u64 = 1000;

/// With this many unsent bytes the client takes no further typed line.
pub const TYPED_AHEAD_BYTES_MAX: usize = 64 * 1024;

/// How the lines are sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Transport {
    /// All over one connection.
    Tcp,
    /// Each in a datagram.
    Udp,
}

/// A client for the services of lines.
#[derive(Debug)]
pub struct LabClient {
    to: SocketAddr,
    transport: Transport,
    exit_word: Vec<u8>,
    dialogue: Dialogue,
    unsent_bytes: usize,
    /// When the program ends, unless something comes before.
    leaves_at: Option<Millis>,
    /// The first bytes of a letter that is not complete.
    half_letter: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Dialogue {
    NotBegun,
    Dialing,
    /// Over this connection, or by datagrams.
    Talking(Option<ConnId>),
    /// The last line is sent, and answers may come.
    Listening,
}

impl Machine for LabClient {
    type Notice = Notice;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Notice>) {
        match input {
            Input::Tick => self.on_tick(actions),
            Input::Dialed { result: Ok(conn), .. } => self.dialogue = Dialogue::Talking(Some(conn)),
            Input::Dialed { result: Err(error), .. } => self.fail(error, actions),
            Input::Command(Typed::Line(line)) if *line == self.exit_word => {
                self.stop_sending(now, actions);
            }
            Input::Command(Typed::Line(line)) => self.say(line, actions),
            Input::Command(Typed::End) => self.stop_sending(now, actions),
            Input::Bytes { bytes, .. } => self.hear(now, bytes, actions),
            Input::Datagram { from, bytes } if from == self.to => {
                self.hear(now, &[bytes, b"\n"].concat(), actions);
            }
            Input::Backlog { bytes, .. } => self.on_backlog(now, bytes),
            Input::Closed { reason: CloseReason::Failed(error), .. } => self.fail(error, actions),
            Input::EndOfStream { .. } | Input::Closed { .. } | Input::Stop => {
                self.leave(0, actions);
            }
            _ => {}
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        if self.dialogue == Dialogue::NotBegun { Some(Millis(0)) } else { self.leaves_at }
    }

    fn accepts_command(&self) -> bool {
        matches!(self.dialogue, Dialogue::Talking(_)) && self.unsent_bytes < TYPED_AHEAD_BYTES_MAX
    }
}

impl LabClient {
    /// Sends lines to `to` until a line is the exit word.
    #[must_use]
    pub fn new(to: SocketAddr, transport: Transport, exit_word: &str) -> Self {
        Self {
            to,
            transport,
            exit_word: exit_word.as_bytes().to_vec(),
            dialogue: Dialogue::NotBegun,
            unsent_bytes: 0,
            leaves_at: None,
            half_letter: Vec::new(),
        }
    }

    fn on_tick(&mut self, actions: &mut Actions<Notice>) {
        match (self.dialogue, self.transport) {
            (Dialogue::NotBegun, Transport::Udp) => self.dialogue = Dialogue::Talking(None),
            (Dialogue::NotBegun, Transport::Tcp) => {
                self.dialogue = Dialogue::Dialing;
                let (dial, framing) = (DialId(0), Framing::Raw);
                actions.push(Action::Dial { dial, to: self.to, framing, give_up: GIVE_UP });
            }
            // The other side has stopped reading, so not every typed line has arrived.
            _ if self.unsent_bytes > 0 => self.fail(ErrorKind::TimedOut, actions),
            _ => self.leave(0, actions),
        }
    }

    fn say(&self, line: &[u8], actions: &mut Actions<Notice>) {
        match self.dialogue {
            Dialogue::Talking(Some(conn)) => {
                actions.send(conn, |out| out.extend([line, b"\n"].concat()));
            }
            Dialogue::Talking(None) => actions.send_to(self.to, |out| out.extend_from_slice(line)),
            Dialogue::NotBegun | Dialogue::Dialing | Dialogue::Listening => {}
        }
    }

    fn stop_sending(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        if let Dialogue::Talking(Some(conn)) = self.dialogue {
            actions.push(Action::HalfClose { conn });
        }
        self.dialogue = Dialogue::Listening;
        self.wait_for_more(now);
    }

    fn hear(&mut self, now: Millis, bytes: &[u8], actions: &mut Actions<Notice>) {
        let mut said = std::mem::take(&mut self.half_letter);
        said.extend_from_slice(bytes);
        self.half_letter = said.split_off(said.len() - half_letter_bytes(&said));
        if !said.is_empty() {
            actions.show(Notice::Said(said));
        }
        if self.dialogue == Dialogue::Listening {
            self.wait_for_more(now);
        }
    }

    /// Waits longer if the other side has read some of the typed bytes.
    fn on_backlog(&mut self, now: Millis, bytes: usize) {
        let is_progress = bytes < self.unsent_bytes || self.unsent_bytes == 0;
        self.unsent_bytes = bytes;
        if is_progress && self.dialogue == Dialogue::Listening {
            self.wait_for_more(now);
        }
    }

    fn wait_for_more(&mut self, now: Millis) {
        let wait_ms = match self.transport {
            Transport::Tcp if self.unsent_bytes > 0 => STALLED_MS,
            Transport::Tcp => ANSWERS_WAIT_MS,
            Transport::Udp => DATAGRAMS_WAIT_MS,
        };
        self.leaves_at = Some(now + wait_ms);
    }

    fn fail(&mut self, error: ErrorKind, actions: &mut Actions<Notice>) {
        actions.show(Notice::Failed(self.to, error));
        self.leave(1, actions);
    }

    /// Ends the program. The bytes of an incomplete letter are shown too.
    fn leave(&mut self, status: u8, actions: &mut Actions<Notice>) {
        if !self.half_letter.is_empty() {
            actions.show(Notice::Said(std::mem::take(&mut self.half_letter)));
        }
        actions.push(Action::Exit { status });
    }
}

/// How many bytes at the end are an incomplete letter of UTF-8. A read may end between the two
/// bytes of "á".
fn half_letter_bytes(bytes: &[u8]) -> usize {
    let is_half = |count: &usize| {
        let tail = bytes.len().checked_sub(*count).map(|start| &bytes[start..]);
        tail.is_some_and(|tail| match std::str::from_utf8(tail) {
            Ok(_) => false,
            Err(error) => error.valid_up_to() == 0 && error.error_len().is_none(),
        })
    };
    (1..=3).find(is_half).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_letter_is_found_at_the_end_only() {
        let cases: [(&[u8], usize); 9] = [
            (b"", 0),
            (b"ol", 0),
            (b"ol\xc3", 1),
            (b"ol\xc3\xa1", 0),
            (b"\xe2\x82", 2),
            (b"x\xf0\x9f\x98", 3),
            (b"\xf0\x9f\x98\x80", 0),
            (b"\xc3x", 0),
            (b"\xa1", 0),
        ];
        for (bytes, expected) in cases {
            assert_eq!(half_letter_bytes(bytes), expected, "{bytes:x?}");
        }
    }
}
