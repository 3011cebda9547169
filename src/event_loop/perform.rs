//! Does what the machine wants, and what the end of a turn owes: the writing half of the loop.
//!
//! Must decide nothing: what is asked for is done at once. Read next: [`super::screen`].

use std::io;
use std::net::SocketAddr;

use log::Level::Trace;
use mio::net::TcpStream;

use super::connection::{Connection, Flushed, Phase};
use super::screen::Screen;
use super::socket;
use super::{EventLoop, TRACE_TARGET};
use crate::machine::{
    Action, CloseReason, ConnId, DialId, Framing, Input, Machine, Shared, Span, Terminal,
};

impl<M: Machine, T: Terminal<M::Command, Notice = M::Notice>> EventLoop<M, T> {
    /// Performs every action that is asked for, those that follow from it included.
    pub(super) fn perform(&mut self) {
        while let Some(action) = self.actions.pop() {
            match action {
                Action::Send { conn, span } => self.send(conn, &span),
                Action::SendShared { conn, shared } => self.send_shared(conn, &shared),
                Action::EndLine { conn } => {
                    if self.connections.get(conn).is_some() {
                        self.end_piece(conn.slot as usize);
                    }
                }
                Action::ReceiveAll { conn, length } if !M::LINES_ONLY => {
                    self.receive_all(conn, length);
                }
                Action::SendTo { to, span } if !M::LINES_ONLY => self.send_to(to, &span),
                Action::AwaitDrain { conn } if !M::LINES_ONLY => self.await_drain(conn),
                Action::HalfClose { conn } => {
                    if let Some(connection) = self.connections.get(conn) {
                        connection.half_close();
                        self.connections.mark_dirty(conn.slot as usize);
                    }
                }
                Action::Close { conn } => {
                    if let Some(connection) = self.connections.get(conn) {
                        connection.phase = Phase::Closing;
                        self.connections.mark_dirty(conn.slot as usize);
                    }
                }
                Action::Abort { conn } => self.connections.abort(conn),
                Action::Dial { dial, to, framing } if !M::LISTENS_ONLY => {
                    self.dial(dial, to, framing);
                }
                Action::Abandon { dial } if !M::LISTENS_ONLY => self.abandon(dial),
                Action::Show(notice) => self.show(notice),
                Action::Exit { status } => self.exit = self.exit.or(Some(status)),
                Action::ReceiveAll { .. }
                | Action::SendTo { .. }
                | Action::AwaitDrain { .. }
                | Action::Dial { .. }
                | Action::Abandon { .. } => {
                    debug_assert!(false, "a machine asks only for what it has said it may");
                }
            }
        }
    }

    /// The end of a turn: everything is written that can be, and everything removed that is to
    /// be. Removing may make the machine say more, so until nothing is left to do.
    pub(super) fn settle(&mut self) {
        loop {
            while let Some(slot) = self.connections.next_dirty() {
                self.settle_one(slot);
            }
            if !T::IS_SILENT {
                self.flush_screen();
            }
            if !self.connections.has_dirty() {
                break;
            }
        }
    }

    fn settle_one(&mut self, slot: usize) {
        let Some(connection) = self.connections.at(slot) else { return };
        let conn = connection.id;
        if connection.phase == Phase::Abandoned {
            self.connections.remove(slot);
            return;
        }
        if let Phase::Closed(reason) = connection.phase {
            self.connections.remove(slot);
            self.feed(Input::Closed { conn, reason });
            return;
        }
        self.flush(slot, conn);
    }

    /// Writes what the kernel takes, and goes on from there. Removes nobody.
    pub(super) fn flush(&mut self, slot: usize, conn: ConnId) {
        match self.connections.with_buffers(slot, Connection::flush) {
            None => return,
            Some(Flushed::All { tell }) => self.on_flushed(slot, conn, tell),
            Some(Flushed::Some { left }) => {
                self.connections.shed_held();
                self.feed(Input::Backlog { conn, bytes: left });
            }
            Some(Flushed::Failed(kind)) => {
                self.connections.close(slot, Phase::Closed(CloseReason::Failed(kind)));
                return;
            }
        }
        self.go_on_reading(slot);
    }

    fn on_flushed(&mut self, slot: usize, conn: ConnId, tell: bool) {
        let is_closing = self.connections.at(slot).is_some_and(|it| it.phase == Phase::Closing);
        if is_closing {
            self.connections.close(slot, Phase::Closed(CloseReason::Asked));
            return;
        }
        if tell {
            self.feed(Input::Backlog { conn, bytes: 0 });
        }
        if !M::LINES_ONLY {
            self.connections.note_drained(slot);
        }
    }

    /// What was not read while answers piled up is still in the kernel, and its edge is spent.
    fn go_on_reading(&mut self, slot: usize) {
        let Some(connection) = self.connections.at(slot) else { return };
        if connection.was_throttled && !connection.is_throttled() {
            connection.was_throttled = false;
            self.connections.leave_over(slot);
        }
    }

    fn send(&mut self, conn: ConnId, span: &Span) {
        let Some(connection) = self.connections.get(conn) else { return };
        let bytes = self.actions.bytes(span);
        trace_out(&connection.stream, bytes);
        // Who is behind gathers nothing: what waits for it must count at once.
        if connection.outbound.is_empty() && self.answering.take(conn, bytes) {
            return;
        }
        self.queue_gathered(conn);
        let bytes = self.actions.bytes(span);
        self.connections.with_buffers(conn.slot as usize, |it| it.outbound.push(bytes));
        self.after_push(conn);
    }

    fn send_shared(&mut self, conn: ConnId, shared: &Shared) {
        let Some(connection) = self.connections.get(conn) else { return };
        let parts = [&shared.bytes[..shared.skip.start], &shared.bytes[shared.skip.end..]];
        if log::log_enabled!(target: TRACE_TARGET, Trace) {
            trace_out(&connection.stream, &parts.concat());
        }
        self.queue_gathered(conn);
        let Some(connection) = self.connections.get(conn) else { return };
        connection.outbound.push_shared(shared);
        self.longest_answer = self.longest_answer.max(shared.bytes.len());
        self.after_push(conn);
    }

    /// What follows goes to the queue of `conn`: what was gathered for it must not come behind.
    fn queue_gathered(&mut self, conn: ConnId) {
        if !self.answering.has_any(conn) {
            return;
        }
        if self.connections.get(conn).is_some() {
            let bytes = self.answering.gathered();
            self.connections.with_buffers(conn.slot as usize, |it| it.outbound.push(bytes));
        }
        self.answering.end();
    }

    fn receive_all(&mut self, conn: ConnId, length: usize) {
        let slot = conn.slot as usize;
        if self.connections.get(conn).is_none() {
            return;
        }
        self.connections.with_buffers(slot, |it| it.inbound.receive_all(length));
        if self.connections.at(slot).is_some_and(|it| it.inbound.held_bytes() > 0) {
            self.connections.leave_over(slot);
        }
    }

    fn await_drain(&mut self, conn: ConnId) {
        if let Some(connection) = self.connections.get(conn) {
            connection.awaits_drain = true;
            self.connections.mark_dirty(conn.slot as usize);
        }
    }

    /// A batch has been heard: its answers go out now, so that nobody else's wait for them, and a
    /// LIST that the next one in the turn changes is not in memory twice.
    pub(super) fn send_answers(&mut self, conn: ConnId) {
        if self.answering.has_any(conn) {
            self.send_gathered(conn);
            self.answering.end();
            return;
        }
        self.answering.end();
        if self.connections.get(conn).is_some_and(|it| it.has_fresh_output()) {
            self.flush(conn.slot as usize, conn);
        }
    }

    fn send_gathered(&mut self, conn: ConnId) {
        let slot = conn.slot as usize;
        if self.connections.get(conn).is_none() {
            return;
        }
        let bytes = self.answering.gathered();
        let write = |it: &mut Connection| it.outbound.write_or_queue(&mut &it.stream, bytes);
        match self.connections.with_buffers(slot, write) {
            Some(Err(error)) => {
                let reason = CloseReason::Failed(error.kind());
                self.connections.close(slot, Phase::Closed(reason));
            }
            _ if self.connections.at(slot).is_some_and(|it| it.outbound.is_empty()) => {}
            _ => self.after_push(conn),
        }
    }

    fn after_push(&mut self, conn: ConnId) {
        let slot = conn.slot as usize;
        let longest_answer = self.longest_answer;
        let Some(connection) = self.connections.get(conn) else { return };
        connection.was_throttled |= connection.is_throttled();
        if connection.is_flooded(longest_answer) {
            self.connections.close(slot, Phase::Closed(CloseReason::SlowReader));
        } else {
            self.connections.mark_dirty(slot);
        }
    }

    fn dial(&mut self, dial: DialId, to: SocketAddr, framing: Framing) {
        self.grow_scratch(framing);
        let registry = self.poll.registry();
        let phase = Phase::Dialing(dial);
        let begun = socket::create_tcp_client_socket(to)
            .and_then(|stream| self.connections.insert(stream, framing, phase, registry));
        if let Err(error) = begun {
            self.hand(Input::Dialed { dial, result: Err(error.kind()) });
        }
    }

    fn abandon(&mut self, dial: DialId) {
        if let Some(slot) = self.connections.dialing(dial) {
            self.connections.close(slot, Phase::Abandoned);
            let result = Err(io::ErrorKind::TimedOut);
            self.hand(Input::Dialed { dial, result });
        }
    }

    /// As [`EventLoop::feed`], from within [`EventLoop::perform`]: what the machine wants now
    /// comes behind what it wanted before.
    fn hand(&mut self, input: Input<'_, M::Command>) {
        self.machine.handle(self.now, input, &mut self.actions);
    }

    fn show(&mut self, notice: M::Notice) {
        self.terminal.show(notice, &mut self.output);
        if !T::IS_SILENT {
            self.push_output();
        }
    }

    /// What a terminal has written goes on its way.
    pub(super) fn push_output(&mut self) {
        if let Some(screen) = &mut self.screen {
            screen.push(&self.output.screen);
        }
        if let Some(errors) = &mut self.errors {
            errors.push(&self.output.errors);
        }
        self.output.screen.clear();
        self.output.errors.clear();
    }

    pub(super) fn flush_screen(&mut self) {
        if let Some(errors) = &mut self.errors {
            // Where even that cannot be said there is nobody to say it to.
            let _ = errors.flush();
        }
        // Twice: what had no room the first time has it when the screen has taken the rest, and
        // no event will come to say so.
        for _ in 0..2 {
            self.show_skipped();
            self.draw();
            self.write_to_screen();
        }
    }

    fn show_skipped(&mut self) {
        let Some(lines) = self.screen.as_mut().and_then(Screen::take_skipped) else { return };
        self.terminal.show_skipped(lines, &mut self.output);
        self.push_output();
    }

    fn write_to_screen(&mut self) {
        let Some(screen) = &mut self.screen else { return };
        if screen.flush().is_err() && !self.screen_is_gone {
            // Nobody reads what is said here any more: leave quietly.
            self.screen_is_gone = true;
            self.feed(Input::Stop);
        }
    }
}

pub(super) fn trace_in(stream: &TcpStream, line: &[u8]) {
    if log::log_enabled!(target: TRACE_TARGET, Trace) {
        trace(stream, "<", line);
    }
}

fn trace_out(stream: &TcpStream, bytes: &[u8]) {
    if log::log_enabled!(target: TRACE_TARGET, Trace) {
        trace(stream, ">", bytes.strip_suffix(b"\r\n").unwrap_or(bytes));
    }
}

fn trace(stream: &TcpStream, direction: &str, line: &[u8]) {
    let other = stream.peer_addr().map_or_else(|_| "-".to_string(), |other| other.to_string());
    log::trace!(target: TRACE_TARGET, "{other} {direction} {}", readable(line));
}

/// Text as it is, and everything that could move a cursor as an escape.
fn readable(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let escape = |character: char| match character {
        shown if crate::wire::name::is_invisible(shown) => shown.escape_unicode().to_string(),
        shown => shown.to_string(),
    };
    text.chars().map(escape).collect()
}
