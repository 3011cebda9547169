//! Serves who has something to say: the reading half of the loop.
//!
//! What is read here becomes inputs. Read next: `perform`, the writing half.

use std::io;

use mio::Events;

use super::connection::{Connection, Phase};
use super::inbound::{Piece, Rest};
use super::listener::ACCEPTS_PER_TURN;
use super::perform;
use super::signals::Signals;
use super::token::Source;
use super::{EVENTS_PER_READING, EventLoop, RAW_READ_BYTES};
use crate::buffers::lines::LineTooLong;
use crate::machine::{CloseReason, DialId, Framing, Input, Machine, Terminal};

impl<M: Machine, T: Terminal<M::Command, Notice = M::Notice>> EventLoop<M, T> {
    pub(super) fn serve_left_over(&mut self) {
        // Only those that are on the list now: who stops at its budget again is served again
        // in the next turn.
        for _ in 0..self.connections.left_over_count() {
            let Some(slot) = self.connections.next_left_over() else { break };
            self.resume(slot);
            self.read(slot);
        }
    }

    /// Only those that were drained before: who has more to send is told again in the next turn.
    pub(super) fn tell_drained(&mut self) {
        for _ in 0..self.connections.drained_count() {
            let Some(conn) = self.connections.next_drained() else { break };
            if self.connections.get(conn).is_some() {
                self.feed(Input::Drained { conn });
            }
        }
    }

    pub(super) fn serve_events(&mut self) {
        let events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        for (count, event) in events.iter().enumerate() {
            if count > 0 && count % EVENTS_PER_READING == 0 {
                self.now = self.clock.now();
            }
            match Source::from(event.token()) {
                Source::Signals => self.on_signals(),
                Source::Listener => {
                    if let Some(listener) = &mut self.listener {
                        listener.on_event();
                    }
                }
                // Not watched, so the compiler may leave out what follows from them.
                Source::Keyboard | Source::Screen | Source::Window if T::IS_SILENT => {}
                Source::Keyboard => {
                    if let Some(keyboard) = &mut self.keyboard {
                        keyboard.on_event();
                    }
                }
                Source::Datagrams => {
                    if let Some(datagrams) = &mut self.datagrams {
                        datagrams.is_ready = true;
                    }
                }
                // Every turn tries to write to the screen; this event only ended the sleep.
                Source::Screen => {}
                Source::Window => self.on_window(),
                Source::Connection(slot) => {
                    if event.is_writable() || event.is_error() || event.is_write_closed() {
                        self.on_writable(slot);
                    }
                    let is_over = event.is_read_closed() || event.is_error();
                    if is_over {
                        self.connections.expect_end(slot);
                    }
                    if event.is_readable() || is_over {
                        self.read(slot);
                    }
                    // A read stops at an urgent byte (tcp(7)), though more may lie behind it.
                    if event.is_priority() {
                        self.connections.leave_over(slot);
                    }
                }
            }
        }
        self.events = events;
    }

    fn on_signals(&mut self) {
        let asked = self.signals.as_mut().map(Signals::take).unwrap_or_default();
        if asked.report {
            let figures = self.figures();
            self.feed(Input::Report(figures));
        }
        if let Some(signal) = asked.stop {
            // The status that a shell expects of who was ended by a signal.
            self.stop(u8::try_from(128 + signal).unwrap_or(u8::MAX));
        }
    }

    pub(super) fn accept(&mut self) -> io::Result<()> {
        for _ in 0..ACCEPTS_PER_TURN {
            let Some(listener) = &mut self.listener else { break };
            let framing = listener.framing;
            let Some(caller) = listener.accept(self.now)? else { break };
            self.now = self.clock.now();
            self.accepted += 1;
            let registry = self.poll.registry();
            match self.connections.insert(caller.stream, framing, Phase::Open, registry) {
                Ok(conn) => {
                    let (from, reached) = (caller.from, caller.reached);
                    self.feed(Input::Accepted { conn, from, reached });
                }
                // Dropping the stream closes it. The kernel has no memory to watch it with.
                Err(error) => log::warn!("event=register_failed error={:?}", error.kind()),
            }
        }
        Ok(())
    }

    /// The read buffer of a loop that knows only lines stays small.
    pub(super) fn grow_scratch(&mut self, framing: Framing) {
        if framing == Framing::Raw {
            self.scratch.resize(RAW_READ_BYTES, 0);
        }
    }

    /// A dial has ended, or output that waited may go on.
    fn on_writable(&mut self, slot: usize) {
        let Some(connection) = self.connections.at(slot) else { return };
        if let Phase::Dialing(dial) = connection.phase {
            if !M::LISTENS_ONLY {
                self.end_dial(slot, dial);
            }
        } else if !connection.outbound.is_empty() {
            self.connections.mark_dirty(slot);
        }
    }

    fn end_dial(&mut self, slot: usize, dial: DialId) {
        let Some(connection) = self.connections.at(slot) else { return };
        let conn = connection.id;
        match connection.dial_result() {
            None => {}
            Some(Ok(())) => {
                connection.phase = Phase::Open;
                self.feed(Input::Dialed { dial, result: Ok(conn) });
            }
            Some(Err(error)) => {
                self.connections.close(slot, Phase::Abandoned);
                self.feed(Input::Dialed { dial, result: Err(error) });
            }
        }
    }

    /// Reads once, and hands over every piece.
    ///
    /// A read that did not fill the buffer has emptied the socket (epoll(7)); one more, only to be
    /// told so, would be a third of all system calls. Unless an event has said that the other
    /// side is done: its edge comes once, so reading goes on until the end is seen.
    fn read(&mut self, slot: usize) {
        let Some(connection) = self.connections.at(slot) else { return };
        if !connection.is_heard() || connection.is_throttled() {
            return;
        }
        if connection.inbound.held_bytes() > 0 {
            // Its answers have just left, and what it said before goes first.
            self.connections.leave_over(slot);
            return;
        }
        let expects_more = connection.expects_end;
        let bytes_max = connection.inbound.read_bytes_max().min(self.scratch.len());
        let mut scratch = std::mem::take(&mut self.scratch);
        match connection.read(&mut scratch[..bytes_max]) {
            Ok(0) => self.on_end_of_stream(slot),
            Ok(count) => {
                self.hand_over(slot, &scratch[..count]);
                if expects_more || count == bytes_max {
                    self.connections.leave_over(slot);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                self.connections.leave_over(slot);
            }
            Err(error) => {
                let reason = CloseReason::Failed(error.kind());
                self.connections.close(slot, Phase::Closed(reason));
            }
        }
        self.scratch = scratch;
    }

    /// What was held, now that it no longer needs to be.
    fn resume(&mut self, slot: usize) {
        let Some(connection) = self.connections.at(slot) else { return };
        if connection.is_heard() && !connection.is_throttled() {
            let take_held = |it: &mut Connection| it.inbound.take_held();
            let held = self.connections.with_buffers(slot, take_held).unwrap_or_default();
            self.hand_over(slot, &held);
        }
    }

    /// Hands over every piece of a batch, and sends the answers off.
    fn hand_over(&mut self, slot: usize, fresh: &[u8]) {
        let Some(connection) = self.connections.at(slot) else { return };
        let conn = connection.id;
        self.answering.begin(conn);
        self.hand_over_pieces(slot, fresh);
        self.send_answers(conn);
    }

    fn hand_over_pieces(&mut self, slot: usize, mut fresh: &[u8]) {
        while !fresh.is_empty() {
            let Some(connection) = self.connections.at(slot) else { return };
            if !connection.is_heard() {
                return;
            }
            if connection.is_throttled() && connection.inbound.can_hold() {
                self.connections.with_buffers(slot, |it| it.inbound.put_back(fresh));
                return;
            }
            let conn = connection.id;
            let (used, piece) = match connection.inbound.next_piece(fresh) {
                Ok(found) => found,
                Err(LineTooLong) => {
                    self.connections.close(slot, Phase::Closed(CloseReason::LineTooLong));
                    return;
                }
            };
            let input = match piece {
                Piece::Line(line) => {
                    perform::trace_in(&connection.stream, line.bytes);
                    Input::Line { conn, line: line.bytes, end: line.end }
                }
                Piece::Bytes(bytes) => {
                    perform::trace_in(&connection.stream, bytes);
                    Input::Bytes { conn, bytes }
                }
                Piece::Received(ref bytes) => {
                    perform::trace_in(&connection.stream, bytes);
                    Input::Received { conn, bytes, missing: 0 }
                }
                Piece::Nothing => {
                    self.hand_over_pending(slot);
                    return;
                }
            };
            self.machine.handle(self.now, input, &mut self.actions);
            fresh = &fresh[used..];
            self.perform();
        }
    }

    fn hand_over_pending(&mut self, slot: usize) {
        let Some(connection) = self.connections.at(slot) else { return };
        let conn = connection.id;
        if let Some(line) = connection.inbound.first_pending() {
            self.machine.handle(self.now, Input::Pending { conn, line }, &mut self.actions);
            self.perform();
        }
    }

    fn on_end_of_stream(&mut self, slot: usize) {
        let Some(connection) = self.connections.at(slot) else { return };
        let conn = connection.id;
        self.end_piece(slot);
        self.perform();
        let Some(connection) = self.connections.at(slot).filter(|it| it.is_heard()) else { return };
        connection.phase = Phase::Ended;
        self.feed(Input::EndOfStream { conn });
    }

    /// Takes what is unfinished for finished. What the machine wants then is to be performed.
    pub(super) fn end_piece(&mut self, slot: usize) {
        let Some(connection) = self.connections.at(slot) else { return };
        let conn = connection.id;
        let Some(rest) = connection.inbound.take_rest() else { return };
        let input = match &rest {
            Rest::Line(line, end) => {
                perform::trace_in(&connection.stream, line);
                Input::Line { conn, line, end: *end }
            }
            Rest::Received { bytes, missing } => Input::Received { conn, bytes, missing: *missing },
        };
        self.machine.handle(self.now, input, &mut self.actions);
    }

    /// Reads typed bytes once, unless lines wait already that the machine does not want yet.
    pub(super) fn read_keyboard(&mut self) {
        self.hand_over_typed();
        let Some(keyboard) = &mut self.keyboard else { return };
        let is_wanted = self.machine.accepts_command() || self.terminal.reads_ahead();
        if !keyboard.is_ready() || !is_wanted {
            return;
        }
        match keyboard.read(&mut self.scratch, self.poll.registry()) {
            Some(0) => self.terminal.end_typing(),
            Some(count) => self.terminal.type_bytes(&self.scratch[..count]),
            None => {}
        }
    }

    /// Hands over typed lines for as long as the machine wants them: it may want one, and no
    /// second one before that has taken effect. Says whether there was any.
    pub(super) fn hand_over_typed(&mut self) -> bool {
        let mut any = false;
        while self.exit.is_none() && self.machine.accepts_command() {
            let typed = self.terminal.next_typed();
            self.terminal.answer_typed(&mut self.output);
            self.push_output();
            match typed {
                Some(typed) => self.feed(Input::Command(&typed)),
                None => break,
            }
            any = true;
        }
        any
    }
}
