//! A machine that does what a line or a command says, and records its inputs. It decides nothing.
//!
//! Read next: [`super::World`], which runs it.

use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;

use papo::machine::{
    Action, Actions, CloseReason, ConnId, DialId, Framing, GIVE_UP, Input, LineEnd, LoopCounts,
    Machine, Millis, SharedText,
};

/// The orders that it takes, as lines: `send 100`, `pause`, `close` and so on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Do {
    /// Send so many bytes.
    Send(usize),
    /// The same as one text that connections share, as a LIST is.
    SendShared(usize),
    Pause,
    Resume,
    HalfClose,
    Close,
    Abort,
    Reset,
    AwaitDrain,
    /// Dial an address.
    Dial,
    /// Send a datagram to the same address.
    SendTo,
    /// Send so many bytes and abort.
    SendAndAbort(usize),
    /// Give that dial up.
    Abandon,
    /// Take no more commands.
    Refuse,
    /// End the program.
    Exit,
    /// Ask for a tick.
    WakeAt(Millis),
}

/// An input that it was given. These are its notices: the test is its host, and takes them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Heard {
    Accepted(ConnId),
    Dialed(Result<ConnId, std::io::ErrorKind>),
    Line(ConnId, String),
    /// The bytes of one read of a raw connection.
    Bytes(ConnId, String),
    /// The unfinished line at the end of a stream.
    Rest(ConnId, String),
    End(ConnId),
    Backlog(ConnId, usize),
    Drained(ConnId),
    Closed(ConnId, CloseReason),
    /// A tick, and its time.
    Tick(Millis),
    Datagram(String),
    OutputFull(bool),
    Stop,
    Report(LoopCounts),
}

#[derive(Debug, Default)]
pub(crate) struct Obedient {
    deadline: Option<Millis>,
    refuses: bool,
}

impl Obedient {
    fn obey(&mut self, conn: ConnId, what: Do, actions: &mut Actions<Heard>) {
        match what {
            Do::Send(bytes) => {
                actions.send(conn, |out| out.resize(out.len() + bytes, b'x'));
            }
            Do::SendShared(bytes) => {
                let bytes: Rc<[u8]> = vec![b'x'; bytes].into();
                actions.push(Action::SendShared { conn, shared: SharedText { bytes, skip: 0..0 } });
            }
            Do::Pause => actions.push(Action::Pause { conn }),
            Do::Resume => actions.push(Action::Resume { conn }),
            Do::HalfClose => actions.push(Action::HalfClose { conn }),
            Do::Close => actions.push(Action::Close { conn }),
            Do::Abort => actions.push(Action::Abort { conn }),
            Do::Reset => actions.push(Action::Reset { conn }),
            Do::AwaitDrain => actions.push(Action::AwaitDrain { conn }),
            Do::Dial => actions.push(Action::Dial {
                dial: DialId(1),
                to: SocketAddr::from((Ipv4Addr::LOCALHOST, 1)),
                framing: Framing::Lines(super::LIMIT),
                give_up: GIVE_UP,
            }),
            Do::SendTo => {
                let to = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
                actions.send_to(to, |out| out.extend(b"one"));
            }
            Do::SendAndAbort(bytes) => {
                self.obey(conn, Do::Send(bytes), actions);
                self.obey(conn, Do::Abort, actions);
            }
            Do::Abandon => actions.push(Action::Abandon { dial: DialId(1) }),
            Do::Refuse => self.refuses = true,
            Do::Exit => actions.push(Action::Exit { status: 0 }),
            Do::WakeAt(deadline) => self.deadline = Some(deadline),
        }
    }
}

impl Machine for Obedient {
    type Notice = Heard;
    type Command = (ConnId, Do);

    fn handle(
        &mut self,
        now: Millis,
        input: Input<'_, Self::Command>,
        actions: &mut Actions<Heard>,
    ) {
        if let Some(heard) = heard(now, &input) {
            actions.show(heard);
        }
        if let Input::Line { conn, line, .. } = input
            && let Some(what) = wish(line)
        {
            self.obey(conn, what, actions);
        }
        if let Input::Bytes { conn, bytes } = input
            && let Some(rest) = bytes.strip_prefix(b"lines:")
        {
            actions.cut_lines(conn, super::LIMIT, rest);
        }
        if let Input::Command(&(conn, what)) = input {
            self.obey(conn, what, actions);
        }
        if let Input::Tick = input {
            self.deadline = None;
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        self.deadline
    }

    fn accepts_command(&self) -> bool {
        !self.refuses
    }
}

fn heard(now: Millis, input: &Input<'_, (ConnId, Do)>) -> Option<Heard> {
    let text = |line: &[u8]| String::from_utf8_lossy(line).into_owned();
    Some(match *input {
        Input::Accepted { conn, .. } => Heard::Accepted(conn),
        Input::Dialed { result, .. } => Heard::Dialed(result),
        Input::Line { conn, line, end: LineEnd::Rest } => Heard::Rest(conn, text(line)),
        Input::Line { conn, line, .. } => Heard::Line(conn, text(line)),
        Input::Bytes { conn, bytes } => Heard::Bytes(conn, text(bytes)),
        Input::EndOfStream { conn } => Heard::End(conn),
        Input::Backlog { conn, bytes } => Heard::Backlog(conn, bytes),
        Input::Drained { conn } => Heard::Drained(conn),
        Input::Closed { conn, reason } => Heard::Closed(conn, reason),
        Input::Tick => Heard::Tick(now),
        Input::OutputFull(full) => Heard::OutputFull(full),
        Input::Stop => Heard::Stop,
        Input::Report(figures) => Heard::Report(figures),
        Input::Datagram { bytes, .. } => Heard::Datagram(text(bytes)),
        Input::Pending { .. } | Input::Command(_) => return None,
    })
}

fn wish(line: &[u8]) -> Option<Do> {
    let line = std::str::from_utf8(line).ok()?;
    match line.split_once(' ').unwrap_or((line, "")) {
        ("send", bytes) => Some(Do::Send(bytes.parse().ok()?)),
        ("pause", _) => Some(Do::Pause),
        ("half-close", _) => Some(Do::HalfClose),
        ("close", _) => Some(Do::Close),
        ("abort", _) => Some(Do::Abort),
        _ => None,
    }
}
