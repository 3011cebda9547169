//! The steps of a turn, in the words of docs/RECORDING.md.
//!
//! One function for each source of steps: the loop, the machine's inputs, its actions, the host.
//! Read next: [`super::json`].

use std::io;
use std::net::SocketAddr;

use super::json::{Object, RECORDED_BYTES_MAX};
use super::{Ends, Recording, Sink};
use crate::buffers::lines::LineEnd;
use crate::event_loop::recorder::{HostStep, LoopStep};
use crate::machine::{Action, Actions, CloseReason, ConnId, HIDDEN, Input, ListenerId, Millis};

impl<S: Sink> Recording<S> {
    pub(super) fn write_step(&mut self, step: LoopStep<'_>) {
        match step {
            LoopStep::Connected { conn, other, own } => {
                self.ends.insert(conn, Ends { other, own });
            }
            LoopStep::Read { conn, buffer, result } => self.write_read(conn, buffer, result),
            LoopStep::Line { conn, line, fresh, used } => {
                let end = match (line.end, line.has_cr()) {
                    (LineEnd::Terminator, true) => "crlf",
                    (LineEnd::Terminator, false) => "lf",
                    (LineEnd::Cut, _) => "cut",
                    (LineEnd::Rest, _) => "rest",
                };
                self.write_line(conn, line.bytes, end, &fresh[used..]);
            }
            LoopStep::LineRest { conn, bytes, end } => {
                let end = if end == LineEnd::Cut { "cut" } else { "rest" };
                self.write_line(conn, bytes, end, &[]);
            }
            LoopStep::PutBack { conn, bytes } => self.write_bytes("put back", conn, bytes),
            LoopStep::Offered { conn: _, output } => {
                self.offered = (output.beginning(RECORDED_BYTES_MAX), output.len());
            }
            LoopStep::Taken { conn, result } => self.write_taken(conn, result),
        }
    }

    fn write_read(&mut self, conn: ConnId, buffer: &[u8], result: &io::Result<usize>) {
        let Some(mut step) = self.begin_conn_step("read", conn) else { return };
        match result {
            Ok(0) => step.is_true("end"),
            Ok(count) => {
                step.bytes(&buffer[..*count]);
                step.number("room", buffer.len() as u64);
            }
            Err(error) => step.word("error", error.kind()),
        }
        step.end();
    }

    fn write_line(&mut self, conn: ConnId, line: &[u8], end: &str, left: &[u8]) {
        let Some(mut step) = self.begin_conn_step("line", conn) else { return };
        step.bytes(line);
        step.word("end", end);
        step.bytes_of("left", "left_count", left, left.len());
        step.end();
    }

    fn write_bytes(&mut self, what: &str, conn: ConnId, bytes: &[u8]) {
        if let Some(mut step) = self.begin_conn_step(what, conn) {
            step.bytes(bytes);
            step.end();
        }
    }

    /// Writes nothing if the connection offered no bytes, and only waited for its end.
    fn write_taken(&mut self, conn: ConnId, result: Result<usize, io::ErrorKind>) {
        let (bytes, count) = std::mem::take(&mut self.offered);
        if count == 0 {
            return;
        }
        let is_secret = self.secret.contains(&conn);
        let Some(mut step) = self.begin_conn_step("write", conn) else { return };
        let shown = if is_secret { HIDDEN } else { &bytes };
        step.bytes_of("bytes", "count", shown, count);
        match result {
            Ok(left) => {
                step.number("taken", (count - left) as u64);
                step.number("backlog", left as u64);
            }
            Err(kind) => step.word("error", kind),
        }
        step.end();
    }

    /// Writes an input. `Input::Line` has its own step already.
    pub(super) fn write_input<C>(&mut self, input: &Input<'_, C>) {
        match *input {
            Input::Accepted { listener, conn, from, .. } => {
                self.write_accepted(listener, conn, &from);
            }
            Input::Dialed { dial, result } => self.write_dialed(dial.0, result),
            Input::Line { .. } => {}
            Input::Pending { conn, line } => self.write_bytes("pending", conn, line),
            Input::Bytes { conn, bytes } => self.write_bytes("bytes", conn, bytes),
            Input::Datagram { from, bytes } => {
                if let Some(mut step) = self.begin_step("datagram") {
                    step.word("from", from);
                    step.bytes(bytes);
                    step.end();
                }
            }
            Input::EndOfStream { conn } => self.write_conn_input("end of stream", conn),
            Input::Drained { conn } => self.write_conn_input("drained", conn),
            Input::Backlog { conn, bytes } => {
                if let Some(mut step) = self.begin_conn_step("input", conn) {
                    step.word("input", "backlog");
                    step.number("backlog", bytes as u64);
                    step.end();
                }
            }
            Input::Closed { conn, reason } => self.write_closed(conn, reason),
            Input::Command(_) => self.write_plain_input("command", None),
            Input::Stop => self.write_plain_input("stop", None),
            Input::Report(_) => self.write_plain_input("report", None),
            Input::OutputFull(full) => self.write_plain_input("output full", Some(full)),
            Input::Tick => {
                let due = self.deadline;
                if let Some(mut step) = self.begin_step("tick") {
                    step.number_or_null("due", due.map(|at| at.0));
                    step.end();
                }
            }
        }
    }

    fn write_accepted(&mut self, listener: ListenerId, conn: ConnId, from: &SocketAddr) {
        if self.hidden_listener == Some(listener) {
            self.hidden.insert(conn);
            self.ends.remove(&conn);
            return;
        }
        let own = self.ends.get(&conn).and_then(|ends| ends.own);
        let Some(mut step) = self.begin_conn_step("accept", conn) else { return };
        step.number("listener", u64::from(listener.0));
        step.word("from", from);
        if let Some(own) = own {
            step.word("own", own);
        }
        step.end();
    }

    fn write_dialed(&mut self, dial: u32, result: Result<ConnId, io::ErrorKind>) {
        let ends = result.ok().and_then(|conn| self.ends.get(&conn).copied()).unwrap_or_default();
        let step = match result {
            Ok(conn) => self.begin_conn_step("dialed", conn),
            Err(_) => self.begin_step("dialed"),
        };
        let Some(mut step) = step else { return };
        step.number("dial", u64::from(dial));
        for (key, address) in [("other", ends.other), ("own", ends.own)] {
            if let Some(address) = address {
                step.word(key, address);
            }
        }
        if let Err(kind) = result {
            step.word("error", kind);
        }
        step.end();
    }

    fn write_closed(&mut self, conn: ConnId, reason: CloseReason) {
        if let Some(mut step) = self.begin_conn_step("closed", conn) {
            match reason {
                CloseReason::Asked => step.word("reason", "asked"),
                CloseReason::LineTooLong => step.word("reason", "line too long"),
                CloseReason::SlowReader => step.word("reason", "slow reader"),
                CloseReason::Failed(kind) => step.word("reason", kind),
            }
            step.end();
        }
        self.ends.remove(&conn);
        self.hidden.remove(&conn);
        self.secret.remove(&conn);
    }

    fn write_conn_input(&mut self, input: &str, conn: ConnId) {
        if let Some(mut step) = self.begin_conn_step("input", conn) {
            step.word("input", input);
            step.end();
        }
    }

    fn write_plain_input(&mut self, input: &str, full: Option<bool>) {
        if let Some(mut step) = self.begin_step("input") {
            step.word("input", input);
            if let Some(full) = full {
                step.key("full").push_str(if full { "true" } else { "false" });
            }
            step.end();
        }
    }

    /// Writes the deadline, if it has changed.
    pub(super) fn note_deadline(&mut self, is: Option<Millis>) {
        let was = std::mem::replace(&mut self.deadline, is);
        if was != is
            && let Some(mut step) = self.begin_step("deadline")
        {
            step.number_or_null("was", was.map(|at| at.0));
            step.number_or_null("is", is.map(|at| at.0));
            step.end();
        }
    }

    pub(super) fn write_action<N>(&mut self, action: &Action<N>, actions: &Actions<N>) {
        match action {
            Action::Send { conn, span } => {
                if span.is_secret() {
                    self.secret.insert(*conn);
                }
                let bytes = actions.shown(span);
                self.write_send("send", *conn, bytes, bytes.len());
            }
            Action::SendShared { conn, shared } => {
                let [before, after] = shared.parts();
                let beginning = before.iter().chain(after).take(RECORDED_BYTES_MAX);
                let bytes: Vec<_> = beginning.copied().collect();
                self.write_send("send shared", *conn, &bytes, before.len() + after.len());
            }
            Action::EndLine { conn } => self.write_conn_action("end line", *conn),
            Action::SendTo { to, span } => {
                let bytes = actions.bytes(span);
                self.write_plain_action("send to", |step| {
                    step.word("to", to);
                    step.bytes(bytes);
                });
            }
            Action::CutLines { conn, .. } => self.write_conn_action("cut lines", *conn),
            Action::AwaitDrain { conn } => self.write_conn_action("await drain", *conn),
            Action::Pause { conn } => self.write_conn_action("pause", *conn),
            Action::Resume { conn } => self.write_conn_action("resume", *conn),
            Action::HalfClose { conn } => self.write_conn_action("half close", *conn),
            Action::Close { conn } => self.write_conn_action("close", *conn),
            Action::Abort { conn } => self.write_conn_action("abort", *conn),
            Action::Reset { conn } => self.write_conn_action("reset", *conn),
            Action::Dial { dial, to, .. } => self.write_plain_action("dial", |step| {
                step.number("dial", u64::from(dial.0));
                step.word("to", to);
            }),
            Action::Abandon { dial } => {
                self.write_plain_action("abandon", |step| step.number("dial", u64::from(dial.0)));
            }
            Action::Show(_) => self.write_plain_action("show", |_| {}),
            Action::Exit { status } => {
                self.write_plain_action("exit", |step| step.number("status", u64::from(*status)));
            }
        }
    }

    fn write_send(&mut self, action: &str, conn: ConnId, bytes: &[u8], count: usize) {
        if let Some(mut step) = self.begin_conn_step("action", conn) {
            step.word("action", action);
            step.bytes_of("bytes", "count", bytes, count);
            step.end();
        }
    }

    fn write_conn_action(&mut self, action: &str, conn: ConnId) {
        if let Some(mut step) = self.begin_conn_step("action", conn) {
            step.word("action", action);
            step.end();
        }
    }

    fn write_plain_action(&mut self, action: &str, write: impl FnOnce(&mut Object<'_>)) {
        if let Some(mut step) = self.begin_step("action") {
            step.word("action", action);
            write(&mut step);
            step.end();
        }
    }

    pub(super) fn write_host_step(&mut self, step: HostStep<'_>) {
        if matches!(step, HostStep::Screen([])) {
            return;
        }
        let what = match step {
            HostStep::Key(_) => "key",
            HostStep::Typed(_) => "typed",
            HostStep::Notice(_) => "notice",
            HostStep::Screen(_) => "screen",
        };
        let Some(mut object) = self.begin_step(what) else { return };
        match step {
            HostStep::Key(bytes) => object.bytes(bytes),
            HostStep::Typed(line) => object.text("text", &String::from_utf8_lossy(line)),
            HostStep::Notice(text) => object.text("text", text),
            HostStep::Screen(text) => object.text("text", &without_escapes(text)),
        }
        object.end();
    }
}

/// The visible part of a terminal's text, without colors and cursor movements.
fn without_escapes(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.chars().filter(|&character| character != '\r');
    while let Some(character) = rest.next() {
        if character != '\x1b' {
            shown.push(character);
        } else if rest.next() == Some('[') {
            // Parameters, and the letter at the end.
            let _ = rest.find(|it| ('\x40'..='\x7e').contains(it));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_screen_has_no_colors() {
        let drawn = "\r\x1b[K\x1b[2m12:34 \x1b[0m\x1b[1;36mBruno:\x1b[0m Olá\r\n";
        assert_eq!(without_escapes(drawn.as_bytes()), "12:34 Bruno: Olá\n");
        assert_eq!(without_escapes(b"\x1b7x\x1b[?2004h\x1b["), "x");
    }
}
